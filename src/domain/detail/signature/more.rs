//! The parts of the Signature tab that go beyond the verdict.

use super::lines::{TEXT_COLUMNS_MAX, labelled, point};
use crate::domain::pretty::{Line, Role};
use crate::domain::printable::{visible_within, width};
use crate::domain::signature::autopsy::computed::Computed;
use crate::domain::signature::handlers::Handler;
use crate::domain::signature::{Cause, Explanation, Outcome, Verdict};

/// Where the pasted digest comes from.
pub(super) fn computed(computed: &Computed, lines: &mut Vec<Line>) {
    lines.push(Line::of(Role::Heading, "the digest that your code computed"));
    let (role, sign) = match &computed.origin {
        None => (Role::Warn, "? "),
        Some(origin) if origin.remedies.is_empty() => (Role::Good, "✓ "),
        Some(_) => (Role::Bad, "✗ "),
    };
    lines.push(Line::of(role, sign).with(Role::Plain, computed.detail.as_str()).prose());
    lines.push(labelled("pasted").with(Role::Text, computed.value.as_str()));
    let Some(origin) = &computed.origin else {
        lines.push(Line::new());
        return;
    };
    let secret = if origin.secret.is_empty() { "none" } else { &origin.secret };
    lines.push(labelled("secret").with(Role::Plain, secret));
    lines.push(labelled("bytes").with(Role::Plain, origin.bytes.as_str()));
    lines.push(labelled("algorithm").with(Role::Plain, origin.algorithm));
    let cut = origin.cut.map(|(some, all)| format!(", the first {some} of {all} bytes")).unwrap_or_default();
    lines.push(labelled("written in").with(Role::Plain, format!("{}{cut}", origin.encoding)));
    for (at, remedy) in origin.remedies.iter().enumerate() {
        lines.push(
            labelled(if at == 0 { "to do" } else { "" }).with(Role::Warn, "→ ").with(Role::Plain, remedy).prose(),
        );
    }
    lines.push(Line::new());
}

/// What to look at when nothing fits.
pub(super) fn check_next(verdict: &Verdict, lines: &mut Vec<Line>) {
    if verdict.check_next.is_empty() {
        return;
    }
    lines.push(Line::new());
    lines.push(Line::of(Role::Heading, "check next"));
    for step in &verdict.check_next {
        lines.push(point().with(Role::Plain, step.as_str()).prose());
    }
}

/// What a handler would see that parses the body and writes it again.
pub(super) fn handlers(explanation: &Explanation, lines: &mut Vec<Line>) {
    let all = &explanation.handlers;
    if all.is_empty() {
        return;
    }
    lines.push(Line::new());
    let failing = all.iter().filter(|one| one.differs.is_some()).count();
    let words = match failing {
        0 => "  the same bytes from all".to_owned(),
        _ => format!("  {failing} of {} would fail: check the raw bytes", all.len()),
    };
    lines.push(Line::of(Role::Heading, "a handler that parses and rewrites it").with(Role::Dim, words).prose());
    let columns = all.iter().map(|one| width(one.by)).max().unwrap_or_default();
    for one in all {
        lines.push(handler(one, columns));
    }
}

fn handler(one: &Handler, columns: usize) -> Line {
    let mut line = Line::of(Role::Label, format!("{:<columns$}  ", one.by));
    line.hang_here();
    match &one.differs {
        None => line.with(Role::Good, "the same bytes"),
        Some(differs) => line
            .with(Role::Bad, "will fail")
            .with(Role::Plain, format!(": first difference at byte {}", differs.at_byte))
            .with(Role::Dim, format!("  {} → {}", differs.came, differs.written))
            .prose(),
    }
}

/// The verdict under each secret.
pub(super) fn under(explanation: &Explanation, lines: &mut Vec<Line>) {
    if explanation.under.len() < 2 {
        return;
    }
    lines.push(Line::new());
    lines.push(Line::of(Role::Heading, "under each secret"));
    for one in &explanation.under {
        let (role, sign) = match one.outcome {
            Outcome::Valid => (Role::Good, "✓"),
            Outcome::Invalid => (Role::Bad, "✗"),
            Outcome::Unsigned => (Role::Warn, "–"),
            Outcome::Unknown => (Role::Warn, "?"),
        };
        let mut line = Line::of(role, format!("{sign} {:<9}", one.outcome.as_str()));
        line.hang_here();
        line.push(Role::Plain, &visible_within(one.name.as_bytes(), TEXT_COLUMNS_MAX));
        if !one.counts {
            line.push(Role::Dim, "  does not count here");
        }
        if let Some(cause) = one.cause.filter(|cause| *cause != Cause::SignatureMismatch) {
            line.push(Role::Dim, &format!("  {}", cause.as_str()));
        }
        lines.push(line);
    }
}
