//! The list of requests. Only the rows on screen are looked at.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::ledger::Line;
use crate::domain::printable::visible_str;
use crate::domain::summary::Summary;
use crate::tui::action::Action;
use crate::tui::layout::ListArea;
use crate::tui::model::need::Drawn;
use crate::tui::model::{Focus, Model};
use crate::tui::theme::Ui;
use crate::tui::widgets::answer::answer;
use crate::tui::widgets::judgement::judgement;
use crate::tui::widgets::text::{Pen, clear, wrap};
use crate::tui::widgets::{delivery, numbers, scroll, tries, verdict};

use super::columns::{self, Column};
use super::held;

/// Draws it.
pub fn view(model: &Model, area: &ListArea, buffer: &mut Buffer) {
    let focused = model.focus == Focus::List;
    rule(model, area.rule, focused, buffer);
    held::view(model, area.held, buffer);
    if model.list.is_empty() {
        nothing_fits(model, area, buffer);
        return;
    }
    let height = usize::from(area.rows.height);
    let list = &model.list;
    let today = numbers::day(model.now, model.utc_offset_s);
    let is_today = |row: &Summary| numbers::day(row.at, model.utc_offset_s) == today;
    let dated = model.list.row_at(0).is_some_and(|row| !is_today(row));
    // A column for the sign of the selection on the left, one for the scroll mark on the right.
    let inner = Rect { x: area.rows.x + 1, width: area.rows.width.saturating_sub(2), ..area.rows };
    let columns = columns::fit(inner.width, list.need(), dated, list.is_ledger());
    head(model, Rect { x: inner.x, width: inner.width, ..area.head }, &columns, buffer);
    let lines = (list.top()..).take(height).map_while(|index| Some((list.drawn(index)?, list.ledger_line(index))));
    for (at, (drawn, line)) in (0u16..).zip(lines) {
        let time = if is_today(drawn.row) {
            numbers::clock(drawn.row.at, model.utc_offset_s)
        } else {
            numbers::day_and_clock(drawn.row.at, model.utc_offset_s)
        };
        let shown = Shown { drawn, line };
        draw_row(model, Rect { y: area.rows.y + at, height: 1, ..area.rows }, &shown, &time, &columns, buffer);
    }
    scroll::draw(buffer, area.rows, model.list.len(), model.list.top(), model.theme.ui(Ui::BorderFocused));
}

/// The style of the ground of a row.
fn ground(model: &Model, selected: bool) -> Style {
    match (selected, model.focus) {
        (false, _) => model.theme.ui(Ui::Base),
        (true, Focus::List) => model.theme.ui(Ui::Selected),
        // Its sign and its weight mark it: a line under the row would hide the underscores of events and paths.
        (true, Focus::Detail) => {
            let style = model.theme.ui(Ui::SelectedUnfocused);
            Style { add_modifier: style.add_modifier - Modifier::UNDERLINED, ..style }
        }
    }
}

/// A line as it is drawn.
struct Shown<'a> {
    drawn: Drawn<'a>,
    /// What it stands for in the ledger.
    line: Option<Line>,
}

fn draw_row(model: &Model, area: Rect, shown: &Shown<'_>, time: &str, columns: &[(Column, u16)], buffer: &mut Buffer) {
    let Shown { drawn: Drawn { row, newest, below }, line } = shown;
    let theme = &model.theme;
    let selected = model.list.selected_line() == Some(row.id);
    let base = ground(model, selected);
    clear(buffer, Rect { width: area.width.saturating_sub(1), ..area }, base);
    // Reversed colours would paint a patchwork; the bar is seen better, and words say what colours would.
    let is_bar = base.add_modifier.contains(Modifier::REVERSED);
    let part = |part: Ui| if is_bar { base } else { base.patch(theme.ui(part)) };
    let quiet = if selected { base } else { part(Ui::Muted) };
    let mut pen = Pen::new(buffer, Rect { width: area.width.saturating_sub(1), ..area });
    pen.put(if selected { "▌" } else { " " }, part(Ui::Accent));
    for (index, (column, width)) in columns.iter().enumerate() {
        pen.skip(u16::from(index > 0));
        match column {
            Column::Time => pen.cell(time, *width, quiet),
            Column::Method => pen.cell(&row.method, *width, base),
            Column::Path => match below {
                Some(before) => pen.cell(&tries::gap(row, before, *width), *width, part(Ui::Muted)),
                None if row.refused && row.target.is_empty() => pen.cell(tries::NO_REQUEST, *width, quiet),
                None => pen.cell(&row.target, *width, base),
            },
            Column::Event if below.is_some() => {
                let color = if row.same_body == Some(false) { Ui::Warn } else { Ui::Muted };
                pen.cell(&tries::body(row), *width, part(color))
            }
            Column::Event => {
                let says_it =
                    columns.iter().any(|(one, width)| *one == Column::Verdict && *width >= verdict::WORD_COLUMNS);
                pen.cell(&row.event_words_beside_verdict(says_it), *width, part(Ui::Info))
            }
            // Below its delivery it has the same.
            Column::Delivery if below.is_some() => pen.skip(*width),
            Column::Delivery => {
                pen.cell(&delivery::short(row.delivery.as_deref().unwrap_or_default(), *width), *width, quiet)
            }
            Column::Tries if line.is_some() => {
                let (sign, part_of) = match line {
                    Some(Line::Delivery { tries: 2.., is_open, .. }) => {
                        (if *is_open { "▾" } else { "▸" }, part(Ui::Warn))
                    }
                    _ => ("", part(Ui::Muted)),
                };
                let text = if sign.is_empty() { String::new() } else { format!("{sign}x{}", newest.delivery_count) };
                pen.cell(&text, *width, part_of)
            }
            Column::Tries if row.delivery_count > 1 => {
                pen.cell(&format!("x{}", row.delivery_count), *width, part(Ui::Warn))
            }
            Column::Tries => pen.skip(*width),
            Column::Size => {
                pen.cell_right(&numbers::size(row.size_bytes), *width, if row.cut { part(Ui::Warn) } else { quiet })
            }
            Column::Verdict => {
                let sign = verdict::sign(newest);
                pen.cell(&sign.within(*width, model.list.need().cause), *width, part(sign.part))
            }
            Column::Answer => {
                let (word, color) = answer(newest);
                pen.cell(&word, *width, part(color))
            }
            Column::Then => {
                let (word, color) = judgement(newest, model.now, model.utc_offset_s, *width);
                pen.cell(&word, *width, part(color))
            }
            Column::Took => pen.cell_right(&columns::took(newest), *width, quiet),
            Column::Mark => pen.cell(if row.marked || newest.marked { "*" } else { " " }, *width, part(Ui::Accent)),
        };
    }
}

fn head(model: &Model, area: Rect, columns: &[(Column, u16)], buffer: &mut Buffer) {
    let style = model.theme.ui(Ui::Muted);
    let mut pen = Pen::new(buffer, area);
    for (index, (column, width)) in columns.iter().enumerate() {
        pen.skip(u16::from(index > 0));
        let title = column.title_within(*width);
        if column.is_right() {
            pen.cell_right(title, *width, style);
        } else {
            pen.cell(title, *width, style);
        }
    }
}

/// The rule above the list: how many, which ones, and whether it moves.
fn rule(model: &Model, area: Rect, focused: bool, buffer: &mut Buffer) {
    let theme = &model.theme;
    let (line, title) = if focused { (Ui::BorderFocused, Ui::Accent) } else { (Ui::Border, Ui::Title) };
    let (line, title) = (theme.ui(line), theme.ui(title));
    let list = &model.list;
    let (shown, total) = (list.rows_len() as u64, list.total() as u64);
    let mut what = Vec::new();
    if let Some(filter) = list.filter() {
        what.push(format!("filter {}", visible_str(&filter.text)));
        if !filter.ready {
            what.push("filtering…".to_owned());
        }
    }
    if list.is_only_marked() {
        what.push("only marked".to_owned());
    }
    let (state, state_style) = match list.pending() {
        Some(waiting) => (format!("paused, {} waiting", numbers::count(waiting as u64)), theme.ui(Ui::Warn)),
        None if list.follow => ("following".to_owned(), theme.ui(Ui::Muted)),
        None => (String::new(), line),
    };
    let state_columns = if state.is_empty() { 0 } else { crate::tui::widgets::text::width(&state) + 3 };
    let state_columns = if state_columns + 16 > area.width { 0 } else { state_columns };
    let left = Rect { width: area.width - state_columns, ..area };
    let mut pen = Pen::new(buffer, left);
    pen.put("─ ", line).put(if list.is_ledger() { "Deliveries" } else { "Requests" }, title);
    if let Some(deliveries) = list.deliveries_len() {
        let of = format!(" {} of {} requests", numbers::count(deliveries as u64), numbers::count(shown));
        pen.put(&of, theme.ui(Ui::Base));
    }
    let narrowed = shown != total && (list.filter().is_some() || list.is_only_marked());
    if narrowed && !list.is_ledger() {
        pen.put(&format!(" {} of {}", numbers::count(shown), numbers::count(total)), theme.ui(Ui::Base));
    }
    for words in &what {
        pen.put(" · ", line).put(words, theme.ui(Ui::Info));
    }
    if pen.left() > 0 {
        pen.put(" ", line).fill("─", 0, line);
    }
    if state_columns > 0 {
        let right = Rect { x: left.right(), width: state_columns, ..area };
        Pen::new(buffer, right).put(" ", line).put(&state, state_style).put(" ─", line);
    }
}

/// Words in place of rows.
fn nothing_fits(model: &Model, area: &ListArea, buffer: &mut Buffer) {
    let key = |action| model.keymap.hint(action);
    let words = match (model.list.filter(), model.list.is_only_marked()) {
        (Some(filter), _) if !filter.ready => "Filtering…".to_owned(),
        (_, true) => {
            format!("Nothing is marked. {} marks a request, {} shows all.", key(Action::Mark), key(Action::OnlyMarked))
        }
        (Some(filter), false) => {
            let wider = match &filter.wider {
                Some((text, fits)) => {
                    format!(" A value is compared whole: {} would let {fits} through.", visible_str(text))
                }
                None => String::new(),
            };
            let (changes, drops) = (key(Action::Filter), key(Action::Back));
            format!("No request fits this filter.{wider} {changes} changes it, {drops} drops it.")
        }
        (None, false) => format!("Paused before the first request. {} goes on.", key(Action::Pause)),
    };
    let inner = Rect {
        x: area.head.x + 2,
        y: area.head.y,
        width: area.head.width.saturating_sub(4),
        height: area.area.height.saturating_sub(1),
    };
    for (at, row) in (0u16..inner.height.saturating_sub(1)).zip(wrap(&words, inner.width)) {
        let line = Rect { y: inner.y + 1 + at, height: 1, ..inner };
        Pen::new(buffer, line).put(&row, model.theme.ui(Ui::Muted));
    }
}
