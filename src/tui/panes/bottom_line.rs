//! The bottom line: the keys that work right now; and above it, for some seconds, what just happened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::detail::Tab;
use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::Summary;
use crate::tui::action::Action;
use crate::tui::layout::{Layout, NORMAL_ROWS_MIN, Size};
use crate::tui::model::{Focus, Model};
use crate::tui::msg::{Level, Notice};
use crate::tui::theme::Ui;
use crate::tui::widgets::text::{Pen, clear, width, wrap};

/// Columns of a notice that its words do not have: blanks and its sign.
const NOTICE_MARGIN: u16 = 4;
/// Rows that a notice may take, so that what to do can be read.
const NOTICE_ROWS_MAX: usize = 4;
/// The same on a small screen.
const NOTICE_ROWS_SMALL: usize = 2;

/// Draws the keys. An overlay says its own in its frame: the line is left to notices then.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    clear(buffer, area, model.theme.ui(Ui::Base));
    if model.overlays.is_empty() {
        draw_hints(model, area, buffer);
    }
}

/// Draws the notice over what is there: above the keys, and beside the list where there is room and no word (a path) would break.
/// Never over the selected row.
pub fn notice(model: &Model, layout: &Layout, buffer: &mut Buffer) {
    let Some(notice) = model.notices.current() else { return };
    let word = notice.text.split_whitespace().map(width).max().unwrap_or(0);
    let beside = layout.detail.filter(|detail| {
        let is_beside = layout.size == Size::Wide && detail.area.width < layout.main.width;
        is_beside && word <= detail.area.width.saturating_sub(NOTICE_MARGIN)
    });
    let over = match (model.overlays.is_empty(), beside) {
        (true, Some(detail)) => {
            Rect { y: detail.area.y + 1, height: detail.area.height.saturating_sub(1), ..detail.area }
        }
        (true, None) => layout.main,
        (false, _) => layout.bottom,
    };
    draw_notice(model, notice, layout, over, buffer);
}

fn draw_notice(model: &Model, notice: &Notice, layout: &Layout, area: Rect, buffer: &mut Buffer) {
    let (symbol, part) = match notice.level {
        Level::Good => ("✓", Ui::Good),
        Level::Info => ("·", Ui::Info),
        Level::Bad => ("✗", Ui::Bad),
    };
    let ground = model.theme.ui(Ui::Overlay);
    let rows = wrap(&notice.text, area.width.saturating_sub(NOTICE_MARGIN));
    let most = if layout.screen.height < NORMAL_ROWS_MIN { NOTICE_ROWS_SMALL } else { NOTICE_ROWS_MAX };
    let count = rows.len().min(most).min(usize::from(area.height)).max(1);
    let height = u16::try_from(count).unwrap_or(1);
    // Above the selected row where it would stand on it.
    let is_over = |row: &u16| (area.bottom().saturating_sub(height)..area.bottom()).contains(row);
    let shares_columns = layout.list.is_some_and(|list| list.area.x < area.right() && area.x < list.area.right());
    let bottom = match selected_row(model, layout).filter(|row| shares_columns && is_over(row)) {
        Some(row) if row >= area.y + height => row,
        _ => area.bottom(),
    };
    let top = bottom.saturating_sub(height);
    clear(buffer, Rect { y: top, height, ..area }, ground);
    for (at, row) in (0..height).zip(&rows) {
        let mut pen = Pen::new(buffer, Rect { y: top + at, height: 1, ..area });
        let style = ground.patch(model.theme.ui(part));
        pen.put(if at == 0 { " " } else { "   " }, ground);
        if at == 0 {
            pen.put(symbol, style).put(" ", ground);
        }
        // The last row that there is room for says that there is more.
        let is_cut = usize::from(at) + 1 == count && rows.len() > count;
        if is_cut {
            pen.put(&format!("{row} …"), style);
        } else {
            pen.put(row, style);
        }
    }
}

/// The screen's row of the selected request, when it is in sight.
fn selected_row(model: &Model, layout: &Layout) -> Option<u16> {
    let list = layout.list?;
    let below = model.list.selected_index()?.checked_sub(model.list.top())?;
    let below = u16::try_from(below).ok().filter(|below| *below < list.rows.height)?;
    Some(list.rows.y + below)
}

fn draw_hints(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let hints = hints(model);
    // Help is always the last one seen: it leads to all others.
    let help = hint(model, &[Action::Help], "keys");
    let help_columns = help.as_ref().map_or(0, |(keys, words)| width(keys) + width(words) + 3);
    let mut pen = Pen::new(buffer, Rect { width: area.width.saturating_sub(help_columns), ..area });
    pen.put(" ", theme.ui(Ui::KeyHintText));
    for (keys, words) in &hints {
        if width(keys) + width(words) + 3 > pen.left() {
            break;
        }
        pen.put(keys, theme.ui(Ui::KeyHint)).put(" ", theme.ui(Ui::KeyHintText));
        pen.put(words, theme.ui(Ui::KeyHintText)).put("  ", theme.ui(Ui::KeyHintText));
    }
    if let Some((keys, words)) = help {
        let right = Rect { x: area.right().saturating_sub(help_columns), width: help_columns.min(area.width), ..area };
        let mut pen = Pen::new(buffer, right);
        pen.put(" ", theme.ui(Ui::KeyHintText)).put(&keys, theme.ui(Ui::KeyHint));
        pen.put(" ", theme.ui(Ui::KeyHintText)).put(&words, theme.ui(Ui::KeyHintText));
    }
}

/// Keys and words; `None` when none of the actions has a key.
fn hint(model: &Model, actions: &[Action], words: &str) -> Option<(String, String)> {
    let keys: Vec<String> =
        actions.iter().map(|action| model.keymap.hint(*action)).filter(|key| !key.is_empty()).collect();
    (!keys.is_empty()).then(|| (keys.join(" "), words.to_owned()))
}

/// What works now, the most likely first.
pub fn hints(model: &Model) -> Vec<(String, String)> {
    let one = |action: Action| hint(model, &[action], action.info().short);
    let mut hints = Vec::new();
    if !model.held.is_empty() {
        // A sender waits: these have no time to be looked up.
        hints.extend([one(Action::Decide), one(Action::Kill), one(Action::HoldLonger)]);
        if model.held.len() > 1 {
            hints.push(one(Action::ReleaseAll));
        }
    }
    if !model.untaken.is_empty() && model.forwarding.is_on() {
        hints.push(one(Action::ForwardMissed));
    }
    if model.list.total() == 0 {
        if model.is_listening() {
            hints.extend([hint(model, &[Action::Copy], "copy the line"), one(Action::Reply)]);
        }
        hints.extend([one(Action::Palette), one(Action::Quit)]);
        return hints.into_iter().flatten().collect();
    }
    if model.list.is_paused() {
        hints.push(hint(model, &[Action::Pause], "go on"));
    }
    match model.focus {
        Focus::List => list_hints(model, &mut hints),
        Focus::Detail => detail_hints(model, &mut hints),
    }
    hints.into_iter().flatten().collect()
}

fn list_hints(model: &Model, hints: &mut Vec<Option<(String, String)>>) {
    let one = |action: Action| hint(model, &[action], action.info().short);
    if model.sends_selected().is_some() {
        hints.push(hint(model, &[Action::Back], "end sending"));
    }
    if model.detail.search.is_some() {
        hints.push(hint(model, &[Action::SearchNext, Action::SearchPrevious], "next, previous"));
        hints.push(hint(model, &[Action::Back], "end search"));
    }
    if let Some(row) = model.selected() {
        hints.push(one(Action::Open));
        if matches!(row.verdict, Some((Outcome::Unknown, Some(Cause::NoSecret)))) {
            hints.push(one(Action::Secret));
        }
        if is_about_the_url(row) {
            hints.push(one(Action::PublicUrl));
        }
        if model.detail.visit.is_some() && model.detail.id == Some(row.id) {
            hints.push(one(Action::Visit));
        }
        hints.extend([one(Action::Resend), one(Action::Edit), one(Action::Copy)]);
    }
    if model.is_listening() {
        hints.push(one(Action::Reply));
    }
    if model.list.filter().is_some() || model.list.is_only_marked() {
        hints.push(hint(model, &[Action::Back], "show all"));
    }
    if model.list.is_ledger() {
        hints.extend([one(Action::Expand), hint(model, &[Action::Ledger], "all requests")]);
    }
    hints.push(one(Action::Filter));
    if !model.list.follow && model.is_listening() {
        hints.push(one(Action::Follow));
    }
    if !model.list.is_paused() && model.is_listening() {
        hints.push(one(Action::Pause));
    }
    if !model.list.is_ledger() && model.list.has_tries() {
        hints.push(one(Action::Ledger));
    }
    hints.extend([one(Action::Search), one(Action::Mark), one(Action::Palette), one(Action::Quit)]);
}

/// Whether the signature may hold once the public URL is known.
fn is_about_the_url(row: &Summary) -> bool {
    matches!(row.verdict, Some((Outcome::Invalid, Some(cause))) if cause.as_str().starts_with("url-"))
}

fn detail_hints(model: &Model, hints: &mut Vec<Option<(String, String)>>) {
    let one = |action: Action| hint(model, &[action], action.info().short);
    let back = match model.detail.search {
        _ if model.sends_selected().is_some() => "end sending",
        Some(_) => "end search",
        None => "to the list",
    };
    hints.push(hint(model, &[Action::Back], back));
    if model.detail.search.is_some() {
        hints.push(hint(model, &[Action::SearchNext, Action::SearchPrevious], "next, previous"));
    }
    hints.push(hint(model, &[Action::PreviousTab, Action::NextTab], "tabs"));
    match model.detail.tab {
        Tab::Body => hints.push(one(Action::BodyView)),
        Tab::Signature => {
            if model.selected().is_some_and(is_about_the_url) {
                hints.push(one(Action::PublicUrl));
            }
            hints.extend([one(Action::Secret), one(Action::Computed)]);
        }
        Tab::Answer if model.is_listening() => hints.push(hint(model, &[Action::Reply], "next reply")),
        _ => {}
    }
    if model.detail.search.is_none() {
        hints.push(one(Action::Search));
    }
    hints.extend([one(Action::Resend), one(Action::Edit), one(Action::Copy)]);
    hints.extend([hint(model, &[Action::Zoom], if model.zoom { "unzoom" } else { "zoom" }), one(Action::Palette)]);
}
