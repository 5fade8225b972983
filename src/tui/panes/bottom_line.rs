//! The bottom line: the keys that work right now; and above it, for some seconds, what just happened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::detail::Tab;
use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::Summary;
use crate::tui::action::Action;
use crate::tui::layout::{Layout, notice_words};
use crate::tui::model::{Focus, Model};
use crate::tui::msg::Level;
use crate::tui::theme::Ui;
use crate::tui::widgets::text::{Pen, clear, width};

/// Draws the keys. An overlay says its own in its frame: the line is left to notices then.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    clear(buffer, area, model.theme.ui(Ui::Base));
    if model.overlays.is_empty() {
        draw_hints(model, area, buffer);
    }
}

/// Draws the notice in its place.
pub fn notice(model: &Model, layout: &Layout, buffer: &mut Buffer) {
    let (Some(notice), Some(area)) = (model.notices.current(), layout.notice) else { return };
    let (symbol, part) = match notice.level {
        Level::Good => ("✓", Ui::Good),
        Level::Info => ("·", Ui::Info),
        Level::Bad => ("✗", Ui::Bad),
    };
    let ground = model.theme.ui(Ui::Overlay);
    let rows = notice_words(&notice.text, area.width);
    clear(buffer, area, ground);
    for (at, row) in (0..area.height).zip(&rows) {
        let mut pen = Pen::new(buffer, Rect { y: area.y + at, height: 1, ..area });
        let sign = ground.patch(model.theme.ui(part));
        // A line under the words would hide the underscores of a path.
        let style = Style { add_modifier: sign.add_modifier - Modifier::UNDERLINED, ..sign };
        pen.put(if at == 0 { " " } else { "   " }, ground);
        if at == 0 {
            pen.put(symbol, sign).put(" ", ground);
        }
        // The last row that there is room for says that there is more.
        let is_cut = at + 1 == area.height && rows.len() > usize::from(area.height);
        if is_cut {
            pen.put(&format!("{row} …"), style);
        } else {
            pen.put(row, style);
        }
    }
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
        hints.push(missed(model));
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

/// What the app has not taken can be forwarded: said behind what every request needs.
fn missed(model: &Model) -> Option<(String, String)> {
    let has_missed = !model.untaken.is_empty() && model.forwarding.is_on();
    has_missed.then(|| hint(model, &[Action::ForwardMissed], Action::ForwardMissed.info().short)).flatten()
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
    hints.push(missed(model));
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
