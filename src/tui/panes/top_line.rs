//! The top line: who we are, what is answered, how much comes, and in red what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::durability::Durability;
use crate::domain::printable::visible_str;
use crate::domain::quantity::{counted, duration_us};
use crate::domain::reply::Make;
use crate::tui::model::Model;
use crate::tui::msg::{Forwarding, RecordingState};
use crate::tui::theme::Ui;
use crate::tui::widgets::text::{Pen, clear, width};
use crate::tui::widgets::{numbers, spark};

/// Seconds in the sparkline.
const SPARK_SECONDS: usize = 20;
/// Columns of the rate: `999/s`.
const RATE_COLUMNS: usize = 5;
/// Apps that are named; of more it is said how many there are.
const NAMED_MAX: usize = 2;
/// Columns of what an answer took: `340 µs`.
const TOOK_COLUMNS: usize = 6;

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
    if let Some(url) = &identity.public_url {
        pieces.push(piece(format!("as {}", visible_str(url)), part(Ui::Muted), 28));
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
        pieces.push(piece(format!("resend to {}", visible_str(target)), part(Ui::Muted), 10));
    }
    let app_answers = is_forwarding && model.reply.as_ref().is_some_and(|reply| reply.all.starts_with("forward"));
    if is_forwarding {
        pieces.extend(target(model, base, app_answers));
    }
    if let Some(reply) = model.reply.as_ref() {
        // Those that forward are among the apps.
        let paths = reply.paths.iter().filter(|(_, reply)| !matches!(reply.make, Make::Forward)).count();
        let own = match paths {
            0 => String::new(),
            1 => "1 path otherwise".to_owned(),
            paths => format!("{paths} paths otherwise"),
        };
        let is_default = reply.all == "200" && paths == 0;
        let (style, weight) = if is_default { (part(Ui::Muted), 25) } else { (part(Ui::Warn), 70) };
        match (app_answers, paths) {
            (true, 0) => {}
            (true, _) => pieces.push(piece(own, style, 25)),
            (false, 0) => pieces.push(piece(says(&reply.all), style, weight)),
            (false, _) => pieces.push(piece(format!("{}, {own}", says(&reply.all)), style, weight)),
        }
    }
    pieces
}

/// Where requests go on to, and whether the app answers.
fn target(model: &Model, base: Style, app_answers: bool) -> Vec<Piece> {
    let part = |part| base.patch(model.theme.ui(part));
    let piece = |text: String, style, weight| Piece { text, style, weight, is_right: false };
    let now = &model.forwarding;
    let is_well = now.down.is_empty() || !app_is_down(now);
    let verb = if app_answers { "forwards to" } else { "then forwards to" };
    let words = match (now.app.as_deref(), now.others) {
        (Some(app), 0) => format!("{verb} {app}"),
        (Some(app), others) => format!("{verb} {app} and {}", counted(others, "other app")),
        (None, others) => format!("forwards to {}", counted(others, "app")),
    };
    let mut pieces = vec![piece(words, if is_well { base } else { part(Ui::Bad) }, 80)];
    let is_slow = now.app.as_deref().is_some_and(|app| now.slow.iter().any(|(origin, _)| is_at(app, origin)));
    if let (Some(_), true, false) = (&now.app, is_well, is_slow) {
        // As wide whatever it took: nothing behind it moves.
        let mark = match now.up_us {
            Some(up_us) => piece(format!("● up {:<TOOK_COLUMNS$}", duration_us(up_us)), part(Ui::Good), 45),
            None => piece("○ not asked yet".to_owned(), part(Ui::Muted), 7),
        };
        pieces.push(mark);
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
    if let Some(why) = &model.configuration {
        let line = line_of(why).map_or(String::new(), |line| format!(", line {line}"));
        pieces.push(piece(format!(" configuration: old rules{line} "), bad, 94));
        pieces.push(piece(why.clone(), base.patch(model.theme.ui(Ui::Bad)), 9));
    }
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

/// The line that words about a file name: `hooksight.ron:7:5: ...`.
fn line_of(words: &str) -> Option<u32> {
    let mut parts = words.split(':').skip(1);
    parts.find_map(|part| part.parse().ok())
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
    // The app itself stands on the left, others are named.
    let name = |url: &str| match now.app.as_deref() {
        Some(app) if is_at(app, url) => "APP".to_owned(),
        _ => url.split_once("://").map_or(url, |(_, host)| host).to_owned(),
    };
    // The app first, then as many as are understood at a look.
    let names = |list: &[(String, String)]| -> Option<(String, String)> {
        let is_app = |url: &str| now.app.as_deref().is_some_and(|app| is_at(app, url));
        let mut sorted: Vec<_> = list.iter().collect();
        sorted.sort_by_key(|(url, _)| !is_app(url));
        let named = sorted.iter().take(NAMED_MAX).map(|(url, _)| name(url)).collect::<Vec<_>>().join(", ");
        let more = match sorted.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" AND {more} MORE"),
        };
        sorted.first().map(|(_, why)| (format!("{named}{more}"), why.clone()))
    };
    if let Some((names, why)) = names(&now.down) {
        pieces.push(piece(format!(" {names} DOWN "), bad, 96));
        pieces.push(piece(why, base.patch(model.theme.ui(Ui::Bad)), 8));
    }
    if let (Some((names, why)), true) = (names(&now.slow), now.down.is_empty()) {
        pieces.push(piece(format!(" {names} SLOW "), warn.add_modifier(Modifier::BOLD), 96));
        pieces.push(piece(why, warn, 8));
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
