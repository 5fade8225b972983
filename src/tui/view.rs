//! The screen: a function of the model. Nothing is decided here, and nothing changes.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::{Layout, Size, layout};
use super::model::{Focus, Model};
use super::panes::{bottom_line, detail, empty, list, top_line};
use super::theme::Ui;
use super::widgets::text::{Pen, clear, wrap};

/// Draws the model into a frame of the terminal.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    draw(model, frame.buffer_mut());
}

/// Draws the model into a buffer. What does not fit into it is left out: for one draw the terminal may have another size
/// than the model knows.
pub fn draw(model: &Model, buffer: &mut Buffer) {
    let layout = layout(model);
    clear(buffer, buffer.area, model.theme.ui(Ui::Base));
    if layout.size == Size::TooSmall {
        too_small(model, layout.screen, buffer);
        return;
    }
    top_line::view(model, layout.top, buffer);
    if model.list.total() == 0 {
        empty::view(model, layout.main, buffer);
    }
    if let Some(area) = &layout.list {
        list::view(model, area, buffer);
    }
    if let Some(area) = &layout.detail {
        detail::view(model, area, buffer);
    }
    divider(model, &layout, buffer);
    bottom_line::view(model, layout.bottom, buffer);
    for overlay in &model.overlays {
        overlay.view(layout.screen, buffer, &model.theme);
    }
    bottom_line::notice(model, &layout, buffer);
}

/// The line between list and detail when they are side by side.
fn divider(model: &Model, layout: &Layout, buffer: &mut Buffer) {
    let Some(area) = layout.divider.filter(|area| area.width == 1) else { return };
    let style = model.theme.ui(if model.dragging { Ui::BorderFocused } else { Ui::Border });
    for row in 0..area.height {
        let symbol = if row == 0 { "┬" } else { "│" };
        let style = if row == 0 && model.focus == Focus::List { model.theme.ui(Ui::BorderFocused) } else { style };
        Pen::new(buffer, Rect { y: area.y + row, height: 1, ..area }).put(symbol, style);
    }
}

fn too_small(model: &Model, area: Rect, buffer: &mut Buffer) {
    let style = model.theme.ui(Ui::Base);
    for (at, row) in (0..area.height).zip(wrap("too small: make the terminal larger", area.width)) {
        Pen::new(buffer, Rect { y: area.y + at, height: 1, ..area }).put(&row, style);
    }
}

#[cfg(test)]
mod tests;
