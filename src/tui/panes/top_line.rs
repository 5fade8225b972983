//! The top line: who we are, what is answered, how much comes, and in red what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::durability::Durability;
use crate::domain::quantity::counted;
use crate::tui::model::Model;
use crate::tui::msg::{Forwarding, RecordingState};
use crate::tui::theme::Ui;
use crate::tui::widgets::text::{Pen, clear, width};
use crate::tui::widgets::{numbers, spark};

/// Seconds in the sparkline.
const SPARK_SECONDS: usize = 20;
/// Columns of the rate: `999/s`.
const RATE_COLUMNS: usize = 5;

/// A piece of the line. The one with the lowest weight goes first when there is no room for all.
struct Piece {
    text: String,
    style: Style,
    weight: u8,
    is_right: bool,
}

/// Draws it.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    let base = model.theme.ui(Ui::TopLine);
    clear(buffer, area, base);
    let mut pieces = left(model, base, area.width);
    pieces.extend(alarms(model, base));
    pieces.extend(right(model, base));
    // One blank at either end, two between pieces.
    let taken = |pieces: &[Piece]| pieces.iter().map(|piece| u32::from(width(&piece.text)) + 2).sum::<u32>();
    while pieces.len() > 1 && taken(&pieces) > u32::from(area.width) {
        let lightest = pieces.iter().enumerate().min_by_key(|(_, piece)| piece.weight).map(|(at, _)| at);
        pieces.remove(lightest.unwrap_or(0));
    }
    let right_columns: u16 =
        pieces.iter().filter(|piece| piece.is_right).map(|piece| width(&piece.text).saturating_add(2)).sum();
    let split = area.width.saturating_sub(right_columns);
    let mut pen = Pen::new(buffer, Rect { width: split, ..area });
    for piece in pieces.iter().filter(|piece| !piece.is_right) {
        pen.put(if pen.x() == area.x { " " } else { "  " }, base).put(&piece.text, piece.style);
    }
    let mut pen = Pen::new(buffer, Rect { x: area.x + split, width: area.width - split, ..area });
    for (at, piece) in pieces.iter().filter(|piece| piece.is_right).enumerate() {
        pen.put(if at == 0 { " " } else { "  " }, base).put(&piece.text, piece.style);
    }
}

fn left(model: &Model, base: Style, columns: u16) -> Vec<Piece> {
    let part = |part| base.patch(model.theme.ui(part));
    let piece = |text: String, style, weight| Piece { text, style, weight, is_right: false };
    let identity = &model.identity;
    let mut pieces = vec![piece("hooksight".to_owned(), part(Ui::Accent), 40)];
    if identity.url.is_empty() {
        pieces.push(piece("saved session".to_owned(), part(Ui::Muted), 20));
    } else {
        pieces.push(piece(identity.url.clone(), base.add_modifier(Modifier::BOLD), 90));
    }
    if identity.exposed {
        // Above everything but what is lost: nobody may be surprised by it.
        let words = if columns < 56 { "on the network" } else { "open to the network" };
        pieces.push(piece(words.to_owned(), part(Ui::Warn).add_modifier(Modifier::BOLD), 98));
    }
    if !identity.session.is_empty() {
        pieces.push(piece(identity.session.clone(), part(Ui::Muted), 30));
        match identity.durability {
            Durability::Process => {}
            Durability::Disk => pieces.push(piece("durability disk".to_owned(), part(Ui::Muted), 15)),
            Durability::None => pieces.push(piece("durability none".to_owned(), part(Ui::Warn), 35)),
        }
    }
    let is_forwarding = model.forwarding.is_on();
    if let Some(target) = model.target.as_ref().or(identity.forward.as_ref().filter(|_| !is_forwarding)) {
        pieces.push(piece(format!("resend to {target}"), part(Ui::Muted), 10));
    }
    let app_answers = is_forwarding && model.reply.as_ref().is_some_and(|reply| reply.all.starts_with("forward"));
    if is_forwarding {
        let is_well = model.forwarding.down.is_empty() || !app_is_down(&model.forwarding);
        let style = if is_well { part(Ui::Good) } else { part(Ui::Bad) };
        let verb = if app_answers { "forwards to" } else { "then forwards to" };
        let (app, others) = (model.forwarding.app.as_deref(), model.forwarding.others);
        let words = match (app, others) {
            (Some(app), 0) => format!("{verb} {app}"),
            (Some(app), others) => format!("{verb} {app} +{others}"),
            (None, others) => format!("forwards to {}", counted(others, "app")),
        };
        pieces.push(piece(words, style, 80));
    }
    if let Some(reply) = model.reply.as_ref().filter(|reply| !app_answers || !reply.paths.is_empty()) {
        let more = match reply.paths.len() {
            0 => String::new(),
            1 => " +1 path".to_owned(),
            paths => format!(" +{paths} paths"),
        };
        let is_default = reply.all == "200" && reply.paths.is_empty();
        let (style, weight) = if is_default { (part(Ui::Muted), 25) } else { (part(Ui::Warn), 70) };
        let words = if app_answers { more.trim_start().to_owned() } else { format!("{}{more}", says(&reply.all)) };
        pieces.push(piece(words, style, if app_answers { 25 } else { weight }));
    }
    pieces
}

/// What is done, as a verb: not every reply is an answer.
fn says(reply: &str) -> String {
    match (reply, reply.strip_prefix("reset")) {
        ("never answer", _) => "never answers".to_owned(),
        (_, Some(rest)) => format!("resets{rest}"),
        ("forward", _) => "forwards".to_owned(),
        _ => format!("answers {reply}"),
    }
}

/// What is wrong.
fn alarms(model: &Model, base: Style) -> Vec<Piece> {
    let bad = base.patch(model.theme.ui(Ui::Bad)).add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let piece = |text: String, style, weight| Piece { text, style, weight, is_right: true };
    let mut pieces = Vec::new();
    if model.missed > 0 {
        pieces.push(piece(format!(" {} missed ", numbers::count(model.missed)), bad, 95));
    }
    if model.holding || !model.held.is_empty() {
        let words = match (model.holding, model.held.len()) {
            (true, 0) => " HOLDING ".to_owned(),
            (true, count) => format!(" HOLDING {count} "),
            (false, count) => format!(" {count} HELD "),
        };
        let warn = base.patch(model.theme.ui(Ui::Warn)).add_modifier(Modifier::BOLD | Modifier::REVERSED);
        pieces.push(piece(words, warn, 97));
    }
    pieces.extend(forwarding(model, base, bad));
    match &model.recording {
        RecordingState::Recording => {}
        RecordingState::Off => pieces.push(piece("not recorded".to_owned(), base.patch(model.theme.ui(Ui::Muted)), 60)),
        RecordingState::NotRecording { reason, unrecorded } => {
            pieces.push(piece(" NOT RECORDING ".to_owned(), bad, 100));
            let more = match unrecorded {
                0 => reason.clone(),
                count => format!("{reason}; {} in memory only", numbers::count(*count)),
            };
            pieces.push(piece(more, base.patch(model.theme.ui(Ui::Bad)), 65));
        }
    }
    pieces
}

/// Whether the app that gives the answers is among those that do not answer.
fn app_is_down(now: &Forwarding) -> bool {
    now.app.as_deref().is_none_or(|app| now.down.iter().any(|(origin, _)| is_at(app, origin)))
}

/// Whether a URL is one of this origin.
fn is_at(url: &str, origin: &str) -> bool {
    url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// An app that does not answer, what waits for it, what it has not taken.
fn forwarding(model: &Model, base: Style, bad: Style) -> Vec<Piece> {
    let piece = |text: String, style, weight| Piece { text, style, weight, is_right: true };
    let now = &model.forwarding;
    let warn = base.patch(model.theme.ui(Ui::Warn));
    let mut pieces = Vec::new();
    if let Some((url, why)) = now.down.first() {
        let words = match (now.down.len(), app_is_down(now)) {
            (1, true) => " APP DOWN ".to_owned(),
            (count, true) => format!(" {count} APPS DOWN "),
            // What senders hear from is well.
            (1, false) => " 1 OTHER DOWN ".to_owned(),
            (count, false) => format!(" {count} OTHERS DOWN "),
        };
        pieces.push(piece(words, bad, 96));
        // The app itself stands on the left.
        let is_told = now.app.as_deref().is_some_and(|app| is_at(app, url));
        let words = if is_told { why.clone() } else { format!("{url}: {why}") };
        pieces.push(piece(words, base.patch(model.theme.ui(Ui::Bad)), 8));
    }
    if let (Some((url, why)), true) = (now.slow.first(), now.down.is_empty()) {
        let is_app = now.app.as_deref().is_none_or(|app| is_at(app, url));
        pieces.push(piece(
            if is_app { " APP SLOW " } else { " OTHER SLOW " }.to_owned(),
            warn.add_modifier(Modifier::BOLD),
            96,
        ));
        pieces.push(piece(if is_app { why.clone() } else { format!("{url}: {why}") }, warn, 8));
    }
    if let Some(course) = now.course {
        pieces.push(piece(format!("forwarding {} of {}", course.done + 1, course.of), warn, 85));
    } else if !model.untaken.is_empty() && now.is_on() {
        let count = numbers::count(model.untaken.len() as u64);
        pieces.push(piece(format!("{count} not taken"), warn, 75));
    }
    if now.waiting > 0 {
        pieces.push(piece(format!("{} waiting", numbers::count(now.waiting as u64)), warn, 55));
    }
    pieces
}

fn right(model: &Model, base: Style) -> Vec<Piece> {
    let part = |part| base.patch(model.theme.ui(part));
    let piece = |text: String, style, weight| Piece { text, style, weight, is_right: true };
    let mut pieces = Vec::new();
    let total = model.list.total() as u64;
    // Its room is kept while nothing comes: nothing else in the line jumps when something does.
    if model.is_listening() {
        let is_moving = model.rate.is_moving();
        let bars = if is_moving { spark::bars(model.rate.last(SPARK_SECONDS)) } else { String::new() };
        let rate = if is_moving { numbers::count(u64::from(model.rate.per_second())) + "/s" } else { String::new() };
        pieces.push(piece(format!("{bars:>SPARK_SECONDS$}"), part(Ui::Accent), 6));
        pieces.push(piece(format!("{rate:>RATE_COLUMNS$}"), part(Ui::Muted), 5));
    }
    if total > 0 || model.is_listening() {
        let noun = if total == 1 { "request" } else { "requests" };
        pieces.push(piece(format!("{} {noun}", numbers::count(total)), base, 50));
    }
    pieces
}
