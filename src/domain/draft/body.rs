//! The body of a draft as text.
//!
//! Text is edited as text; the line ends that it came with (LF, CRLF, or both mixed as in multipart bodies) stay with the lines
//! that were left alone. Anything else stands as base64, or as one line that says it is kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::super::printable;

/// First line of a body that is written as base64.
const BASE64_MARK: &str = "base64:";

/// Beginning of the line that stands for a body that is kept as it is.
const KEPT_MARK: &str = "(binary body kept: ";

/// A larger body that is not text is not written out.
const BASE64_BODY_BYTES_MAX: usize = 24 * 1024;

const BASE64_LINE_CHARS: usize = 76;

/// How a body is edited.
#[derive(Debug, PartialEq, Eq)]
enum Form<'a> {
    /// As text.
    Text(&'a str),
    /// As base64.
    Base64,
    /// Not at all.
    Kept,
}

fn form(body: &[u8]) -> Form<'_> {
    match std::str::from_utf8(body) {
        Ok(text) if is_editable(text) => Form::Text(text),
        _ if body.len() <= BASE64_BODY_BYTES_MAX => Form::Base64,
        _ => Form::Kept,
    }
}

/// Whether a text survives an editor: no control characters but tab and line ends, and no marks of ours.
fn is_editable(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fits = |(at, byte): (usize, &u8)| match byte {
        b'\r' => bytes.get(at + 1) == Some(&b'\n'),
        b'\n' | b'\t' => true,
        0xc2 => !matches!(bytes.get(at + 1), Some(0x80..=0x9f)), // C1 in UTF-8
        byte => !byte.is_ascii_control(),
    };
    if !bytes.iter().enumerate().all(fits) {
        return false;
    }
    let first = text.lines().next().unwrap_or_default();
    first != BASE64_MARK && !first.starts_with(KEPT_MARK)
}

/// Lines with the line end of each (the last one has none).
fn lines(text: &str) -> Vec<(&str, &str)> {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            None => (line, ""),
            Some(rest) => match rest.strip_suffix('\r') {
                Some(bare) => (bare, "\r\n"),
                None => (rest, "\n"),
            },
        })
        .collect()
}

/// The text to edit.
pub(super) fn to_text(body: &[u8]) -> String {
    match form(body) {
        // A body of millions of lines is read here while somebody waits for the editor. No CR stands alone in it.
        Form::Text(text) => text.replace("\r\n", "\n"),
        Form::Base64 => {
            let encoded = STANDARD.encode(body);
            let mut text = String::from(BASE64_MARK);
            for line in encoded.as_bytes().chunks(BASE64_LINE_CHARS) {
                text.push('\n');
                text.push_str(&String::from_utf8_lossy(line));
            }
            text
        }
        Form::Kept => format!("{KEPT_MARK}{} bytes; another text here replaces it)", body.len()),
    }
}

/// The bytes of an edited text.
///
/// An editor that ends each file with a line end adds one to a body that had none: a single one behind the last line is
/// taken away again when the original had none.
///
/// # Errors
/// The line within the body, from 0, and what is wrong with it.
pub(super) fn from_text(text: &str, original: &Bytes) -> Result<Bytes, (usize, String)> {
    let before = to_text(original);
    let text = match text.strip_suffix('\n') {
        Some(shorter) if !before.ends_with('\n') => shorter.strip_suffix('\r').unwrap_or(shorter),
        _ => text,
    };
    if text == before {
        return Ok(original.clone());
    }
    let first = text.lines().next().unwrap_or_default().trim_end();
    if first == BASE64_MARK {
        return decode(text);
    }
    if first.starts_with(KEPT_MARK) {
        let message = "this line stands for the body as it came: leave it alone, or put another body in its place";
        return Err((0, message.to_owned()));
    }
    match form(original) {
        Form::Text(old) => Ok(with_line_ends(text, &lines(old))),
        Form::Base64 | Form::Kept => Ok(Bytes::copy_from_slice(text.as_bytes())),
    }
}

fn decode(text: &str) -> Result<Bytes, (usize, String)> {
    let mut encoded = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate().skip(1) {
        if let Some(char) = line.chars().find(|char| !char.is_ascii_alphanumeric() && !"+/= \t\r".contains(*char)) {
            let shown = printable::visible(char.to_string().as_bytes());
            return Err((number, format!("`{shown}` is not base64")));
        }
        encoded.extend(line.chars().filter(|char| !char.is_whitespace()));
    }
    match STANDARD.decode(&encoded) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err((0, format!("the base64 below is not whole: {error}"))),
    }
}

/// Gives edited lines their line ends: lines above and below the edited part keep theirs; new ones take that of the line
/// that stood in their place, or the one before.
fn with_line_ends(text: &str, old: &[(&str, &str)]) -> Bytes {
    let new = lines(text);
    let above = new.iter().zip(old).take_while(|((new, _), (old, _))| new == old).count();
    let below_max = new.len().min(old.len()) - above;
    let pairs_from_below = new.iter().rev().zip(old.iter().rev());
    let below = pairs_from_below.take(below_max).take_while(|((new, _), (old, _))| new == old).count();
    let mut bytes = Vec::with_capacity(text.len() + 64);
    let mut before = old.first().map_or("\n", |(_, end)| if end.is_empty() { "\n" } else { end });
    for (at, (line, end)) in new.iter().enumerate() {
        bytes.extend_from_slice(line.as_bytes());
        let from_end = new.len() - at;
        let twin = match at {
            at if at < above => old.get(at),
            _ if from_end <= below => old.len().checked_sub(from_end).and_then(|at| old.get(at)),
            at if at < old.len() - below => old.get(at),
            _ => None,
        };
        if end.is_empty() {
            continue;
        }
        before = twin.map(|(_, end)| *end).filter(|end| !end.is_empty()).unwrap_or(before);
        bytes.extend_from_slice(before.as_bytes());
    }
    bytes.into()
}
