//! What is different between two requests: head lines and the lines of the bodies.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::domain::body::Body;
use crate::domain::headers::Headers;
use crate::domain::pretty::{self, BodyView, Limits, Line, Role};
use crate::domain::quantity::size;

/// Changed head lines, and changed body lines, that are shown.
const CHANGES_MAX: usize = 40;
/// Bytes of each body that are compared line by line: beyond, only that they differ is said.
const COMPARED_BYTES_MAX: usize = 64 << 10;
/// Lines of each body that are compared: comparing takes their product.
const COMPARED_LINES_MAX: usize = 800;

/// Head lines that one has and the other has not.
pub(super) fn heads(before: &[u8], after: &[u8], lines: &mut Vec<Line>) {
    let (before, after) = (head_lines(before), head_lines(after));
    for (sign, role, own, others) in [("- ", Role::Bad, &before, &after), ("+ ", Role::Good, &after, &before)] {
        for line in own.iter().filter(|line| !others.contains(line)).take(CHANGES_MAX) {
            lines.push(Line::of(role, format!("  {sign}")).with_bytes(role, line));
        }
    }
}

fn head_lines(head: &[u8]) -> Vec<&[u8]> {
    head.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .take(2000)
        .collect()
}

/// The lines of two bodies that differ, as they are shown pretty, each with the line before it; nothing when the bytes are
/// the same. `headers`: those of each, which say what it is.
pub(super) fn bodies(before: (&Body, &Headers), after: (&Body, &Headers), lines: &mut Vec<Line>) {
    let (old, new) = (&before.0.bytes, &after.0.bytes);
    if old == new {
        return;
    }
    let sizes = format!("  body: {} before, {} now", size(old.len() as u64), size(new.len() as u64));
    lines.push(Line::of(Role::Warn, sizes));
    if old.len().max(new.len()) > COMPARED_BYTES_MAX {
        return;
    }
    let (old, new) = (pretty_lines(before), pretty_lines(after));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    if ops.iter().all(|op| matches!(op, DiffOp::Equal { .. })) {
        lines.push(
            Line::of(Role::Dim, "  only in how it is spelled: blanks, escapes, order of bytes; the raw view shows it")
                .prose(),
        );
        return;
    }
    let mut room = CHANGES_MAX;
    for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let (was, is) = (op.old_range(), op.new_range());
        if let Some(context) = was.start.checked_sub(1).and_then(|at| old.get(at)) {
            lines.push(Line::of(Role::Dim, format!("    {context}")));
        }
        for (sign, role, all, range) in [("- ", Role::Bad, &old, was), ("+ ", Role::Good, &new, is)] {
            for text in all.get(range).unwrap_or_default() {
                if room == 0 {
                    lines.push(Line::of(Role::Dim, "  … and more"));
                    return;
                }
                room -= 1;
                lines.push(Line::of(role, format!("  {sign}{text}")));
            }
        }
    }
}

/// The lines of a body as they are shown, visible text.
fn pretty_lines((body, headers): (&Body, &Headers)) -> Vec<String> {
    let limits = Limits {
        shown_bytes_max: COMPARED_BYTES_MAX,
        decoded_bytes_max: COMPARED_BYTES_MAX,
        lines_max: COMPARED_LINES_MAX,
        ..Limits::default()
    };
    let document = pretty::body(body, headers, BodyView::Pretty, limits);
    document.lines.iter().map(|line| line.text().to_owned()).collect()
}
