//! Where everything is, for drawing and for the mouse alike: a pure function of the model.
//!
//! ```text
//! wide                                   normal                    narrow
//! top line                               top line                  top line
//! - Requests ----------+- #7 ----------  - Requests -------------  - Requests -------
//! rows                 | tabs            rows                      rows, or the detail
//!                      | document        - #7 -------------------
//!                      |                 tabs
//!                      |                 document
//! bottom line                            bottom line               bottom line
//! ```

use ratatui::layout::Rect;

use super::model::{Focus, Model};
use super::widgets::text::{width, wrap};

/// From so many columns on the list is beside the detail.
pub const WIDE_COLUMNS_MIN: u16 = 120;
/// From so many columns on the list is above the detail, given the rows.
pub const NORMAL_COLUMNS_MIN: u16 = 60;
/// From so many rows on the list is above the detail, given the columns.
pub const NORMAL_ROWS_MIN: u16 = 18;
/// Below so many columns only words say that it is too small.
pub const COLUMNS_MIN: u16 = 24;
/// Below so many rows only words say that it is too small.
pub const ROWS_MIN: u16 = 6;

/// Columns of a notice that its words do not have: blanks and its sign.
const NOTICE_MARGIN: u16 = 4;
/// Rows that a notice may take, so that what to do can be read.
const NOTICE_ROWS_MAX: usize = 4;
/// The same on a small screen.
const NOTICE_ROWS_SMALL: usize = 2;

const LIST_COLUMNS_MIN: u16 = 36;
const DETAIL_COLUMNS_MIN: u16 = 40;
const LIST_ROWS_MIN: u16 = 4;
const DETAIL_ROWS_MIN: u16 = 6;
/// Rows that a list above the detail gets more while requests may wait for the user: as many whether one waits or twenty.
const HELD_ROWS_MORE: u16 = 5;
/// Rows of the list that requests which wait leave to it.
const ROWS_BESIDE_HELD_MIN: u16 = 4;

/// How the room is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// List beside detail.
    Wide,
    /// List above detail.
    Normal,
    /// One at a time.
    Narrow,
    /// No room for anything.
    TooSmall,
}

/// The list: a rule with its title, the names of the columns, the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListArea {
    /// All of it.
    pub area: Rect,
    /// The rule above it.
    pub rule: Rect,
    /// Requests that are held, above the others.
    pub held: Rect,
    /// Names of the columns.
    pub head: Rect,
    /// The rows.
    pub rows: Rect,
}

/// The detail: a rule with its title, the tabs, a line of notes, the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetailArea {
    /// All of it.
    pub area: Rect,
    /// The rule above it.
    pub rule: Rect,
    /// The tabs.
    pub tabs: Rect,
    /// Notes, view and search.
    pub notes: Rect,
    /// The text.
    pub text: Rect,
    /// The column of the scroll mark, to the right of the text.
    pub bar: Rect,
}

/// Where everything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// All of it.
    pub screen: Rect,
    /// How the room is used.
    pub size: Size,
    /// The top line.
    pub top: Rect,
    /// All between top and bottom line.
    pub main: Rect,
    /// The bottom line.
    pub bottom: Rect,
    /// The list, when it is on screen.
    pub list: Option<ListArea>,
    /// The detail, when it is on screen.
    pub detail: Option<DetailArea>,
    /// The line between list and detail that can be dragged.
    pub divider: Option<Rect>,
    /// The notice, while one is shown.
    pub notice: Option<Rect>,
}

/// Where everything is now.
pub fn layout(model: &Model) -> Layout {
    let (width, height) = model.size;
    let screen = Rect::new(0, 0, width, height);
    let size = size_of(width, height);
    let top = Rect { height: 1.min(height), ..screen };
    let bottom = Rect { y: height.saturating_sub(1), height: u16::from(height > 1), ..screen };
    let main = Rect { y: 1.min(height), height: height.saturating_sub(2), ..screen };
    let mut layout = Layout { screen, size, top, main, bottom, list: None, detail: None, divider: None, notice: None };
    if size == Size::TooSmall {
        return layout;
    }
    if !model.list.is_empty() || model.list.total() > 0 {
        divide(model, &mut layout);
    }
    layout.notice = notice_area(model, &layout);
    if let (Some(notice), Some(detail)) = (layout.notice, &mut layout.detail) {
        end_above(detail, notice);
    }
    layout
}

/// What stands between top and bottom line.
fn divide(model: &Model, layout: &mut Layout) {
    let (main, size) = (layout.main, layout.size);
    let alone = model.zoom || size == Size::Narrow;
    match (alone, model.focus, size) {
        (true, Focus::List, _) => layout.list = Some(list_area(main)),
        (true, Focus::Detail, _) => layout.detail = Some(detail_area(main)),
        (false, _, Size::Wide) => {
            let most = main.width.saturating_sub(DETAIL_COLUMNS_MIN + 1);
            let columns = share(main.width, model.split.columns_permille).clamp(LIST_COLUMNS_MIN.min(most), most);
            layout.list = Some(list_area(Rect { width: columns, ..main }));
            let x = main.x + columns;
            layout.divider = Some(Rect { x, width: 1, ..main });
            let width = main.width.saturating_sub(columns + 1);
            layout.detail = Some(detail_area(Rect { x: x + 1, width, ..main }));
        }
        (false, ..) => {
            let most = main.height.saturating_sub(DETAIL_ROWS_MIN);
            let more = if model.held_lines > 0 { HELD_ROWS_MORE } else { 0 };
            let rows = share(main.height, model.split.rows_permille) + more;
            let rows = rows.clamp(LIST_ROWS_MIN.min(most), most);
            layout.list = Some(list_area(Rect { height: rows, ..main }));
            let below = Rect { y: main.y + rows, height: main.height.saturating_sub(rows), ..main };
            let detail = detail_area(below);
            layout.divider = Some(detail.rule);
            layout.detail = Some(detail);
        }
    }
    if let Some(list) = &mut layout.list {
        make_room_for_held(list, model.held_lines);
    }
}

/// Ends the text of the detail above a notice, so that no line is hidden by it: what is left can be scrolled to.
fn end_above(detail: &mut DetailArea, notice: Rect) {
    if notice.intersects(detail.text) {
        detail.text.height = notice.y.saturating_sub(detail.text.y);
        detail.bar.height = detail.text.height;
    }
}

/// The words of a notice, in rows that fit into an area of so many columns.
pub fn notice_words(text: &str, columns: u16) -> Vec<String> {
    wrap(text, columns.saturating_sub(NOTICE_MARGIN))
}

/// Where the notice stands, when there is one: above the keys, and beside the list where there is room and no word (a path) would
/// break. Never over the selected row.
fn notice_area(model: &Model, layout: &Layout) -> Option<Rect> {
    let notice = model.notices.current()?;
    let word = notice.text.split_whitespace().map(width).max().unwrap_or(0);
    let beside = layout.detail.filter(|detail| {
        let is_beside = layout.size == Size::Wide && detail.area.width < layout.main.width;
        is_beside && word <= detail.area.width.saturating_sub(NOTICE_MARGIN)
    });
    let area = match (model.overlays.is_empty(), beside) {
        (true, Some(detail)) => {
            Rect { y: detail.area.y + 1, height: detail.area.height.saturating_sub(1), ..detail.area }
        }
        (true, None) => layout.main,
        (false, _) => layout.bottom,
    };
    let most = if layout.screen.height < NORMAL_ROWS_MIN { NOTICE_ROWS_SMALL } else { NOTICE_ROWS_MAX };
    let count = notice_words(&notice.text, area.width).len().min(most).min(usize::from(area.height)).max(1);
    let height = u16::try_from(count).unwrap_or(1);
    // Above the selected row where it would stand on it.
    let is_over = |row: &u16| (area.bottom().saturating_sub(height)..area.bottom()).contains(row);
    let shares_columns = layout.list.is_some_and(|list| list.area.x < area.right() && area.x < list.area.right());
    let bottom = match selected_row(model, layout).filter(|row| shares_columns && is_over(row)) {
        Some(row) if row >= area.y + height => row,
        _ => area.bottom(),
    };
    Some(Rect { y: bottom.saturating_sub(height), height, ..area })
}

/// The screen's row of the selected request, when it is in sight.
fn selected_row(model: &Model, layout: &Layout) -> Option<u16> {
    let list = layout.list?;
    let below = model.list.selected_index()?.checked_sub(model.list.top())?;
    let below = u16::try_from(below).ok().filter(|below| *below < list.rows.height)?;
    Some(list.rows.y + below)
}

/// Takes the first lines for requests that are held: all but some rows, which the list needs to be one.
fn make_room_for_held(list: &mut ListArea, held: u16) {
    let height = list.rows.height;
    let left = ROWS_BESIDE_HELD_MIN.max(height / 3).min(height.div_ceil(2));
    let count = held.min(height - left);
    list.held = Rect { height: count, ..rows(list.area, 1, count) };
    list.head = rows(list.area, 1 + count, 1);
    list.rows = rows(list.area, 2 + count, u16::MAX);
}

fn size_of(width: u16, height: u16) -> Size {
    if width < COLUMNS_MIN || height < ROWS_MIN {
        Size::TooSmall
    } else if width >= WIDE_COLUMNS_MIN {
        Size::Wide
    } else if width >= NORMAL_COLUMNS_MIN && height >= NORMAL_ROWS_MIN {
        Size::Normal
    } else {
        Size::Narrow
    }
}

fn share(all: u16, permille: u16) -> u16 {
    u16::try_from((u32::from(all) * u32::from(permille) + 500) / 1000).unwrap_or(all)
}

/// The rows of `area` from `from` on, at most `count`.
fn rows(area: Rect, from: u16, count: u16) -> Rect {
    let from = from.min(area.height);
    Rect { y: area.y + from, height: count.min(area.height - from), ..area }
}

fn list_area(area: Rect) -> ListArea {
    let (rule, held, head, rows) = (rows(area, 0, 1), rows(area, 1, 0), rows(area, 1, 1), rows(area, 2, u16::MAX));
    ListArea { area, rule, held, head, rows }
}

fn detail_area(area: Rect) -> DetailArea {
    let text = rows(area, 3, u16::MAX);
    let bar = Rect { x: text.right().saturating_sub(1), width: 1.min(text.width), ..text };
    // A blank on the left, and one between the longest line and the scroll mark.
    let text = Rect { x: text.x + 1.min(text.width), width: text.width.saturating_sub(3), ..text };
    DetailArea { area, rule: rows(area, 0, 1), tabs: rows(area, 1, 1), notes: rows(area, 2, 1), text, bar }
}

impl Layout {
    /// Rows of the list that are drawn; 0 when it is not on screen.
    pub fn list_rows(&self) -> usize {
        self.list.map_or(0, |list| usize::from(list.rows.height))
    }

    /// Lines of the document that are drawn; 0 when it is not on screen.
    pub fn text_rows(&self) -> usize {
        self.detail.map_or(0, |detail| usize::from(detail.text.height))
    }

    /// Columns of the document, at least 1; `None` when it is not on screen.
    pub fn text_columns(&self) -> Option<u16> {
        self.detail.map(|detail| detail.text.width.max(1))
    }
}

#[cfg(test)]
mod tests;
