//! The Signature tab: where a pasted digest comes from, else the outcome and its cause first, then what was found, what was
//! expected, how old it is, what to check next, what was signed, what a handler would see that writes the body again, the
//! verdict under each secret, what was tried, and what a valid signature does not cover.

mod lines;
mod more;

use lines::{TEXT_COLUMNS_MAX, labelled, point};

use crate::domain::pretty::{Document, Line, Role};
use crate::domain::printable::visible_within;
use crate::domain::quantity::counted;
use crate::domain::signature::verdict::{Age, Piece};
use crate::domain::signature::{Cause, Explanation, Outcome, Verdict, timestamp};
use crate::domain::time::Timestamp;

/// Lines of signed bytes that are shown.
const SIGNED_LINES_MAX: usize = 40;

/// The document of a verdict and what more can be said; without a verdict it says that the check has not run yet.
pub fn document(verdict: Option<&Verdict>, explanation: Option<&Explanation>) -> Document {
    let mut document = Document::new();
    let Some(verdict) = verdict else {
        document.lines.push(Line::of(Role::Dim, "not checked yet"));
        return document;
    };
    let lines = &mut document.lines;
    // What was asked last is answered first.
    if let Some(computed) = explanation.and_then(|one| one.computed.as_ref()) {
        more::computed(computed, lines);
        lines.push(Line::of(Role::Heading, "the request's own signature"));
    }
    head(verdict, lines);
    found(verdict, explanation, lines);
    if let Some(age) = &verdict.age {
        age_lines(age, lines);
    }
    more::check_next(verdict, lines);
    let from = lines.len();
    signed(verdict, lines);
    let bytes = from..lines.len();
    if let Some(explanation) = explanation {
        more::handlers(explanation, lines);
        more::under(explanation, lines);
    }
    tried(verdict, lines);
    if !verdict.remarks.is_empty() {
        lines.push(Line::new());
        for remark in &verdict.remarks {
            lines.push(Line::of(Role::Warn, "note ").with(Role::Plain, remark).prose());
        }
    }
    // Bytes are shown as they are; all else breaks at blanks.
    let made = std::mem::take(lines).into_iter().enumerate();
    *lines = made.map(|(at, line)| if bytes.contains(&at) { line } else { line.prose() }).collect();
    document
}

fn head(verdict: &Verdict, lines: &mut Vec<Line>) {
    let role = match verdict.outcome {
        Outcome::Valid => Role::Good,
        Outcome::Invalid => Role::Bad,
        Outcome::Unsigned | Outcome::Unknown => Role::Warn,
    };
    let mut first = Line::of(role, format!("{} {}", verdict.outcome.symbol(), verdict.outcome.as_str()));
    if let Some(cause) = verdict.cause {
        first.push(Role::Dim, "  ");
        first.push(Role::Heading, cause.as_str());
    }
    lines.push(first);
    // The detail says what the cause means for this request; its title alone would say it again.
    let title = verdict.cause.map(Cause::title).unwrap_or_default();
    let words = if verdict.detail.is_empty() { title } else { &verdict.detail };
    if !words.is_empty() {
        lines.push(Line::of(Role::Plain, words).prose());
    }
    lines.push(Line::new());
}

fn found(verdict: &Verdict, explanation: Option<&Explanation>, lines: &mut Vec<Line>) {
    if !verdict.scheme.is_empty() {
        lines.push(labelled("scheme").with(Role::Plain, visible_within(verdict.scheme.as_bytes(), TEXT_COLUMNS_MAX)));
    }
    if !verdict.rule.is_empty() {
        let rule = visible_within(verdict.rule.replace('\n', "\\n").as_bytes(), TEXT_COLUMNS_MAX);
        lines.push(labelled("rule").with(Role::Plain, rule));
    }
    if !verdict.place.is_empty() {
        lines.push(labelled("found in").with(Role::Key, visible_within(verdict.place.as_bytes(), TEXT_COLUMNS_MAX)));
    }
    compared(verdict, lines);
    if let Some(number) = verdict.secret_number {
        let words = match verdict.secret_name.as_str() {
            "" => format!("number {number} of those configured"),
            name => visible_within(name.as_bytes(), TEXT_COLUMNS_MAX),
        };
        lines.push(labelled("secret").with(Role::Plain, words));
    } else if let Some([only]) = explanation.map(|one| one.under.as_slice()) {
        lines.push(labelled("secret").with(Role::Plain, only.name.as_str()));
    }
}

/// What came and what was expected, one below the other, and from where on they differ.
fn compared(verdict: &Verdict, lines: &mut Vec<Line>) {
    if verdict.came.is_empty() && !verdict.place.is_empty() {
        lines.push(labelled("came").with(Role::Dim, "nothing"));
    }
    let expected = verdict.expected.as_ref().map(|expected| {
        let shown = visible_within(expected.reveal().as_bytes(), TEXT_COLUMNS_MAX);
        (shown, expected.is_shown())
    });
    for (at, text) in verdict.came.iter().enumerate() {
        let text = visible_within(text.as_bytes(), TEXT_COLUMNS_MAX);
        let line = labelled(if at == 0 { "came" } else { "" });
        lines.push(match &expected {
            _ if verdict.fitting == Some(at) => {
                let line = line.with(Role::Good, text);
                if verdict.came.len() > 1 { line.with(Role::Good, "  fits") } else { line }
            }
            Some((expected, true)) if verdict.fitting.is_none() => {
                let (same, other) = text.split_at(common_bytes(&text, expected));
                line.with(Role::Plain, same).with(Role::Bad, other)
            }
            _ => line.with(Role::Plain, text),
        });
    }
    if let Some((text, is_shown)) = expected {
        let role = if verdict.outcome == Outcome::Valid { Role::Good } else { Role::Plain };
        lines.push(labelled("expected").with(role, text.as_str()));
        if let (true, None, [came]) = (is_shown, verdict.fitting, verdict.came.as_slice()) {
            let came = visible_within(came.as_bytes(), TEXT_COLUMNS_MAX);
            let same = common_bytes(&came, &text);
            let at = text.get(..same).map_or(0, |same| same.chars().count()) + 1;
            let words = match came.contains(&text) {
                true => "the expected one stands in it, with other characters round it".to_owned(),
                false => format!("they differ from character {at} on"),
            };
            lines.push(labelled("").with(Role::Dim, words));
        }
    }
}

/// Length of what both begin with.
fn common_bytes(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// `2026-11-22 02:30:00 UTC`, with thousandths where there are any.
fn utc(at: Timestamp) -> String {
    let text = at.to_rfc3339();
    match (text.get(..10), text.get(11..19), text.get(19..23)) {
        (Some(date), Some(time), Some(".000")) => format!("{date} {time} UTC"),
        (Some(date), Some(time), Some(thousandths)) => format!("{date} {time}{thousandths} UTC"),
        _ => text,
    }
}

fn age_lines(age: &Age, lines: &mut Vec<Line>) {
    let text = visible_within(age.text.as_bytes(), 80);
    lines.push(labelled("timestamp").with(Role::Text, text).with(Role::Dim, format!("  {}", utc(age.at))));
    let words = timestamp::words(age.age_s.unsigned_abs());
    let words = if age.age_s < 0 { format!("{words} in the future") } else { format!("{words} old") };
    let role = if age.is_stale() || age.is_future() { Role::Bad } else { Role::Good };
    let limit = match (age.past_s, age.future_s) {
        (Some(past), Some(future)) if past == future => format!("allowed: {} either way", timestamp::words(past)),
        (Some(past), Some(future)) => {
            format!("allowed: {} old, {} ahead", timestamp::words(past), timestamp::words(future))
        }
        (Some(past), None) => format!("allowed: {} old", timestamp::words(past)),
        (None, Some(future)) => format!("allowed: {} ahead", timestamp::words(future)),
        (None, None) => "the provider names no limit".to_owned(),
    };
    lines.push(labelled("age").with(role, words).with(Role::Dim, format!("  {limit}")));
}

fn signed(verdict: &Verdict, lines: &mut Vec<Line>) {
    if verdict.signed.is_empty() {
        return;
    }
    lines.push(Line::new());
    let mut heading = Line::of(Role::Heading, "signed bytes");
    heading.push(Role::Dim, &format!("  {} in all: ", verdict.signed_bytes));
    let names: Vec<&str> =
        verdict.signed.iter().map(|piece| piece.from.as_str()).filter(|from| !from.is_empty()).collect();
    heading.push(Role::Dim, &names.join(", "));
    lines.push(heading);
    let from = lines.len();
    let mut line = Line::new();
    let mut shown = 0u64;
    for piece in &verdict.signed {
        shown += piece.bytes.len() as u64;
        if piece.bytes.is_empty() && piece.length_bytes > 0 {
            line.push(Role::Note, &format!("[{}, {} bytes]", piece.from, piece.length_bytes));
            continue;
        }
        for (at, part) in piece.bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            if at > 0 {
                lines.push(std::mem::take(&mut line));
            }
            // A line end that shows by itself; what stands before it, or is another one, is what may surprise.
            match part.strip_suffix(b"\n").filter(|rest| !rest.ends_with(b"\r")) {
                Some(rest) => {
                    line.push_bytes(role_of(piece), rest);
                    line.push(Role::Dim, "␊");
                }
                None => line.push_bytes(role_of(piece), part),
            }
        }
    }
    lines.push(line);
    let hidden: u64 =
        verdict.signed.iter().filter(|piece| piece.bytes.is_empty()).map(|piece| piece.length_bytes).sum();
    if lines.len() - from > SIGNED_LINES_MAX {
        lines.truncate(from + SIGNED_LINES_MAX);
        lines.push(Line::of(Role::Note, format!("… of {} bytes", verdict.signed_bytes)));
    } else if shown + hidden < verdict.signed_bytes {
        lines.push(Line::of(Role::Note, format!("… the first {shown} of {} bytes", verdict.signed_bytes)));
    }
}

fn role_of(piece: &Piece) -> Role {
    match piece.from.as_str() {
        "" => Role::Punctuation,
        "body" => Role::Text,
        _ => Role::Key,
    }
}

fn tried(verdict: &Verdict, lines: &mut Vec<Line>) {
    if verdict.tried.is_empty() {
        return;
    }
    lines.push(Line::new());
    let mut heading = Line::of(Role::Heading, "tried");
    let fits = if verdict.tried_fits { ", the last one fits" } else { ", none fits" };
    let cut = if verdict.tried_cut { "; the limit of the search ended it" } else { "" };
    let count = counted(usize::try_from(verdict.tried_count).unwrap_or(usize::MAX), "variant");
    if verdict.tried_count > 0 {
        heading.push(Role::Dim, &format!("  {count}{fits}{cut}"));
    }
    lines.push(heading);
    for tried in &verdict.tried {
        lines.push(point().with(Role::Plain, tried).prose());
    }
}

#[cfg(test)]
mod tests;
