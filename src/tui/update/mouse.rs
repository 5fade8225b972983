//! The mouse: click a row or a tab, turn the wheel over a pane, drag the line between list and detail.

use ratatui::layout::{Position, Rect};

use crate::tui::effect::Effect;
use crate::tui::key::{Mouse, MouseKind};
use crate::tui::layout::{Layout, Size, layout};
use crate::tui::model::{Focus, Model};
use crate::tui::panes::tabs;

use super::act::{obey, open_detail, scroll_text, show_tab};
use super::stack;

/// Rows that a notch of the wheel moves.
const WHEEL_ROWS: isize = 3;

/// Takes a mouse event. The top overlay has it first.
pub fn mouse(model: &mut Model, event: Mouse) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        let wanted = stack::mouse(model, event);
        return obey(model, wanted);
    }
    let layout = layout(model);
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseKind::Down => press(model, &layout, at),
        MouseKind::Drag if model.dragging => drag(model, &layout, at),
        MouseKind::Drag => {}
        MouseKind::Up => model.dragging = false,
        MouseKind::ScrollUp => wheel(model, &layout, at, -WHEEL_ROWS),
        MouseKind::ScrollDown => wheel(model, &layout, at, WHEEL_ROWS),
    }
    Vec::new()
}

fn press(model: &mut Model, layout: &Layout, at: Position) {
    model.dragging = layout.divider.is_some_and(|divider| divider.contains(at));
    if model.dragging {
        return;
    }
    if let Some(list) = layout.list.filter(|list| list.area.contains(at)) {
        model.focus = Focus::List;
        if list.rows.contains(at) {
            let index = model.list.top() + usize::from(at.y - list.rows.y);
            press_row(model, layout, index);
        }
    } else if let Some(detail) = layout.detail.filter(|detail| detail.area.contains(at)) {
        open_detail(model);
        if detail.tabs.contains(at) {
            let place = tabs::places(model, detail.tabs).into_iter().find(|place| place.area.contains(at));
            if let Some(place) = place {
                show_tab(model, place.tab);
            }
        }
    }
}

/// Selects a row; where only one pane fits, a second click opens it.
fn press_row(model: &mut Model, layout: &Layout, index: usize) {
    let Some(id) = model.list.id_at(index) else { return };
    let again = model.list.selected_line() == Some(id);
    model.list.follow = false;
    model.list.select_index(index);
    if again && layout.size == Size::Narrow {
        open_detail(model);
    }
}

/// The line between list and detail is where the mouse is.
fn drag(model: &mut Model, layout: &Layout, at: Position) {
    let Rect { x, y, width, height } = layout.main;
    let permille = |from: u16, all: u16| {
        let share = u32::from(from) * 1000 / u32::from(all.max(1));
        u16::try_from(share).unwrap_or(1000).clamp(50, 950)
    };
    match layout.size {
        Size::Wide => model.split.columns_permille = permille(at.x.saturating_sub(x), width),
        _ => model.split.rows_permille = permille(at.y.saturating_sub(y), height),
    }
}

fn wheel(model: &mut Model, layout: &Layout, at: Position, rows: isize) {
    if layout.list.is_some_and(|list| list.area.contains(at)) {
        // Looking elsewhere is moving: the next arrival must not snatch the view back.
        model.list.follow = false;
        model.list.scroll_by(rows, layout.list_rows());
    } else if layout.detail.is_some_and(|detail| detail.area.contains(at)) {
        scroll_text(model, rows);
    }
}
