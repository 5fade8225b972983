//! Where two bodies part, in words that show what nobody would see.

use crate::domain::printable::{visible, visible_within};

/// Where two bodies part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Bytes that are the same before it.
    pub at_byte: usize,
    /// What came from there on, visible text, a few columns.
    pub came: String,
    /// What is written instead, visible text, a few columns.
    pub written: String,
}

/// What stands for the blank that begins a side of a difference, where nobody would see it.
const BLANK: &str = "␣";
/// Columns of either side of a difference.
const EXCERPT_COLUMNS: usize = 12;

impl Difference {
    /// The first difference; `None` when both are the same.
    pub fn between(came: &[u8], written: &[u8]) -> Option<Self> {
        if came == written {
            return None;
        }
        let at_byte = came.iter().zip(written).take_while(|(one, other)| one == other).count();
        // From the start of a character, so that an excerpt is readable.
        let start = character_start(came, at_byte);
        let excerpt = |bytes: &[u8]| {
            let rest = bytes.get(start..).unwrap_or_default();
            let part = rest.get(..EXCERPT_COLUMNS * 4).unwrap_or(rest);
            if part.is_empty() {
                return "(its end)".to_owned();
            }
            let mut shown = visible_within(part, EXCERPT_COLUMNS);
            // The first character is the one that differs.
            if shown.starts_with(' ') {
                shown.replace_range(..1, BLANK);
            }
            // A blank at the very end is not seen.
            let blanks = bytes.get(at_byte..).filter(|rest| !rest.is_empty() && rest.trim_ascii().is_empty());
            match blanks.and_then(|_| named(bytes, at_byte)) {
                Some(name) => format!("{shown} ({name} at its end)"),
                None => shown,
            }
        };
        Some(Self { at_byte, came: excerpt(came), written: excerpt(written) })
    }
}

/// Characters that are not seen, or look like others.
const INVISIBLE: &[(&[u8], &str)] = &[
    (b" ", "a space"),
    (b"\t", "a tab"),
    (b"\r\n", "a line end (CRLF)"),
    (b"\n", "a line end (LF)"),
    (b"\r", "a carriage return (CR)"),
    (b"\0", "a zero byte"),
    ("\u{a0}".as_bytes(), "a no-break space (U+00A0)"),
    ("\u{202f}".as_bytes(), "a narrow no-break space (U+202F)"),
    ("\u{200b}".as_bytes(), "a zero-width space (U+200B)"),
    ("\u{feff}".as_bytes(), "a byte order mark (U+FEFF)"),
];

fn invisible(bytes: &[u8], at_byte: usize) -> Option<&'static str> {
    let rest = bytes.get(character_start(bytes, at_byte)..)?;
    INVISIBLE.iter().find(|(text, _)| rest.starts_with(text)).map(|(_, name)| *name)
}

/// Where the character begins that this byte is of.
fn character_start(bytes: &[u8], at_byte: usize) -> usize {
    (at_byte.saturating_sub(3)..=at_byte)
        .rev()
        .find(|at| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80))
        .unwrap_or(at_byte)
}

/// Whether what stands at this byte is not seen.
pub fn is_invisible(bytes: &[u8], at_byte: usize) -> bool {
    invisible(bytes, at_byte).is_some()
}

/// What stands at this byte, in words: a name for what is not seen, else the character.
pub fn named(bytes: &[u8], at_byte: usize) -> Option<String> {
    if at_byte >= bytes.len() {
        return Some("nothing".to_owned());
    }
    let rest = bytes.get(character_start(bytes, at_byte)..)?;
    let character = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    let shown = match character {
        Some(one) => visible(one.encode_utf8(&mut [0; 4]).as_bytes()),
        None => visible(rest.get(..1)?),
    };
    Some(invisible(bytes, at_byte).map_or_else(|| format!("`{shown}`"), str::to_owned))
}
