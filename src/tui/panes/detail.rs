//! The detail of the selected request: tabs, notes, and the visible part of the document.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::detail::Tab;
use crate::domain::pretty::{Document, Line};
use crate::domain::quantity::duration_us;
use crate::domain::search::Hit;
use crate::tui::action::Action;
use crate::tui::layout::DetailArea;
use crate::tui::model::{Focus, Model};
use crate::tui::theme::{Theme, Ui};
use crate::tui::widgets::text::{Pen, width, wrap};
use crate::tui::widgets::{numbers, scroll};

use super::tabs;

/// Draws it.
pub fn view(model: &Model, area: &DetailArea, buffer: &mut Buffer) {
    rule(model, area, buffer);
    if model.selected().is_none() {
        let line = Rect { x: area.text.x, width: area.text.width, ..area.notes };
        Pen::new(buffer, line).put("No request is selected.", model.theme.ui(Ui::Muted));
        return;
    }
    draw_tabs(model, area.tabs, buffer);
    notes(model, area, buffer);
    match (model.detail.document(), &model.detail.error) {
        (_, Some(reason)) => unreadable(model, area.text, reason, buffer),
        (Some(document), None) => text(model, document, area, buffer),
        (None, None) => {}
    }
}

/// The rule above: which request, and which part of it is seen.
fn rule(model: &Model, area: &DetailArea, buffer: &mut Buffer) {
    let theme = &model.theme;
    let (line, title) = match model.focus {
        Focus::Detail => (theme.ui(Ui::BorderFocused), theme.ui(Ui::Accent)),
        Focus::List => (theme.ui(Ui::Border), theme.ui(Ui::Title)),
    };
    let position = position(model, usize::from(area.text.height));
    let columns = if position.is_empty() { 0 } else { width(&position) + 3 };
    let columns = if columns + 20 > area.rule.width { 0 } else { columns };
    let mut pen = Pen::new(buffer, Rect { width: area.rule.width - columns, ..area.rule });
    pen.put("─", line);
    if let Some(row) = model.selected() {
        let name = match (row.refused, row.target.is_empty()) {
            (true, true) => "not a request".to_owned(),
            _ => format!("{} {}", row.method, row.target),
        };
        pen.put(&format!(" #{} ", row.id), line.patch(theme.ui(Ui::Muted))).put(name.trim(), title);
        pen.put(" ", line);
    }
    pen.fill("─", 0, line);
    if columns > 0 {
        let right = Rect { x: area.rule.right() - columns, width: columns, ..area.rule };
        Pen::new(buffer, right).put(" ", line).put(&position, theme.ui(Ui::Muted)).put(" ─", line);
    }
}

/// Which lines of how many are seen; empty when all are.
fn position(model: &Model, height: usize) -> String {
    let (total, top) = (model.detail.lines_len(), model.detail.scroll());
    if total <= height {
        return String::new();
    }
    let count = |number: usize| numbers::count(number as u64);
    format!("{}–{} of {}", count(top + 1), count((top + height).min(total)), count(total))
}

fn draw_tabs(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    for place in tabs::places(model, area) {
        let open = place.tab == model.detail.tab;
        let ground = match (open, model.focus) {
            (false, _) => Style::new(),
            (true, Focus::Detail) => theme.ui(Ui::Selected),
            (true, Focus::List) => theme.ui(Ui::SelectedUnfocused),
        };
        let (number, words) = if open {
            (ground, ground)
        } else {
            (theme.ui(Ui::KeyHint).remove_modifier(ratatui::style::Modifier::BOLD), theme.ui(Ui::Muted))
        };
        let mut pen = Pen::new(buffer, place.area.intersection(area));
        pen.put(" ", if place.is_padded { ground } else { Style::new() }).put(&place.number, number);
        if !place.words.is_empty() {
            pen.put(" ", ground).put(&place.words, words);
        }
        if place.is_padded {
            pen.put(" ", ground);
        }
    }
}

/// The quiet line under the tabs: what the document says of itself, the view of the body, the search.
fn notes(model: &Model, area: &DetailArea, buffer: &mut Buffer) {
    let theme = &model.theme;
    let line = Rect { x: area.text.x, width: area.notes.width.saturating_sub(2), ..area.notes };
    let (right, style) = match &model.detail.search {
        Some(search) => match &search.hits {
            None => (format!("/{} …", search.needle), Ui::Muted),
            Some(hits) if hits.is_empty() => {
                let of = model.selected().map(|row| format!(" of #{}", row.id)).unwrap_or_default();
                (format!("/{} not found in {}{of}", search.needle, model.detail.tab.title()), Ui::Warn)
            }
            Some(hits) => (format!("/{} {} of {}", search.needle, search.current + 1, hits.len()), Ui::Accent),
        },
        None if model.detail.tab == Tab::Body => (view_words(model), Ui::Muted),
        None => (String::new(), Ui::Muted),
    };
    // What was searched may have been pasted from anywhere.
    let right = crate::domain::printable::visible_str(&right);
    let columns = width(&right).min(line.width / 2);
    let mut pen = Pen::new(buffer, Rect { width: line.width.saturating_sub(columns + 1), ..line });
    if let Some(words) = held_words(model) {
        pen.put(&words, theme.ui(Ui::Warn));
    } else if let Some(document) = model.detail.document().filter(|document| !document.notes.is_empty()) {
        pen.put(&document.notes.join(" · "), theme.role(crate::domain::pretty::Role::Note));
    }
    let end = Rect { x: line.right().saturating_sub(columns), width: columns, ..line };
    Pen::new(buffer, end).put(&right, theme.ui(style));
}

/// That it waits for the user, until when, and what goes then: where one looks for its answer.
fn held_words(model: &Model) -> Option<String> {
    let held = model.held.iter().find(|held| Some(held.id) == model.detail.id)?;
    if !matches!(model.detail.tab, Tab::Overview | Tab::Answer) {
        return None;
    }
    let left_us = held.until.micros_since(model.now);
    let (until, left) =
        (numbers::clock(held.until, model.utc_offset_s), duration_us(left_us.div_ceil(1_000_000) * 1_000_000));
    let answers = match model.keymap.hint(Action::Decide) {
        key if key.is_empty() => String::new(),
        key => format!("; {key} answers it now"),
    };
    Some(format!("held until {until} (in {left}), then {}{answers}", held.default))
}

fn view_words(model: &Model) -> String {
    let word = model.detail.view.as_str();
    match model.keymap.hint(Action::BodyView) {
        key if key.is_empty() => word.to_owned(),
        key => format!("{word}  {key} changes"),
    }
}

/// The visible lines.
fn text(model: &Model, document: &Document, area: &DetailArea, buffer: &mut Buffer) {
    let top = model.detail.scroll();
    let search = model.detail.search.as_ref();
    let hits: &[Hit] = search.and_then(|search| search.hits.as_deref()).unwrap_or_default();
    let current = search.and_then(|search| hits.get(search.current).copied());
    let lines = document.lines.iter().enumerate().skip(top);
    for (row, (number, line)) in (0..area.text.height).zip(lines) {
        let from = hits.partition_point(|hit| hit.line < number);
        let upto = hits.partition_point(|hit| hit.line <= number);
        let marks = hits.get(from..upto).unwrap_or_default();
        let place = Rect { y: area.text.y + row, height: 1, ..area.text };
        draw_line(&model.theme, line, marks, current, place, buffer);
    }
    let total = document.lines.len();
    scroll::draw(buffer, area.bar, total, top, model.theme.ui(Ui::BorderFocused));
}

fn draw_line(theme: &Theme, line: &Line, hits: &[Hit], current: Option<Hit>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    if hits.is_empty() && width(line.text()) <= area.width {
        for span in line.spans() {
            pen.put(span.text, theme.role(span.role));
        }
        return;
    }
    // One character at a time: hits begin and end inside spans, and what is cut must say so.
    let mut at = 0;
    for span in line.spans() {
        for grapheme in span.text.graphemes(true) {
            let mut style = theme.role(span.role);
            if let Some(hit) = hits.iter().find(|hit| (hit.start..hit.end).contains(&at)) {
                style = style.patch(theme.ui(if Some(*hit) == current { Ui::HitCurrent } else { Ui::Hit }));
            }
            at += grapheme.len();
            let columns = width(grapheme);
            let is_last = at >= line.text().len();
            if columns > pen.left() || (columns == pen.left() && !is_last) {
                pen.put("…", theme.ui(Ui::Muted));
                return;
            }
            pen.put(grapheme, style);
        }
    }
}

fn unreadable(model: &Model, area: Rect, reason: &str, buffer: &mut Buffer) {
    for (at, row) in (0..area.height).zip(wrap(&format!("This request cannot be read: {reason}"), area.width)) {
        Pen::new(buffer, Rect { y: area.y + at, height: 1, ..area }).put(&row, model.theme.ui(Ui::Bad));
    }
}
