//! The same JSON written the ways in which programs write it. Numbers and order stay as they came: what was lost on
//! the way cannot be brought back.

/// What stands between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// What came.
    Kept,
    /// Nothing.
    Compact,
    /// `, ` and `: `.
    Spaced,
    /// A line each, indented by this.
    Indented(&'static str),
}

/// How strings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// As they came.
    Kept,
    /// Only what must be escaped.
    Few,
    /// Non-ASCII as `\uxxxx`, lower-case digits.
    Ascii,
    /// Non-ASCII as `\uXXXX`, upper-case digits.
    AsciiUpper,
}

/// A way to write JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Between tokens.
    pub spacing: Spacing,
    /// In strings.
    pub escapes: Escapes,
    /// `\/` for a slash.
    pub slash: bool,
    /// `\u003c`, `\u003e` and `\u0026`.
    pub html: bool,
    /// Members by name.
    pub sorted: bool,
}

/// Bodies above this are not rewritten.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Nesting above this is not rewritten.
const DEPTH_MAX: usize = 256;
/// What is written may be so long: indents make much of little. It is also a bound on what is held on the way.
const WRITTEN_BYTES_MAX: usize = 4 << 20;

struct Frame {
    object: bool,
    members: Vec<(Vec<u8>, Vec<u8>)>,
    key: Option<(Vec<u8>, Vec<u8>)>,
}

/// The JSON in that style; `None` when it is none, or too deep or large for this. `work_bytes` is what all rewriting may
/// still cost: a value inside many others is written once a level.
pub fn rewrite(json: &[u8], style: Style, work_bytes: &mut usize) -> Option<Vec<u8>> {
    if json.len() > BODY_BYTES_MAX {
        return None;
    }
    *work_bytes = work_bytes.checked_sub(json.len())?;
    if style.spacing == Spacing::Kept {
        return rewrite_strings(json, style);
    }
    let mut frames: Vec<Frame> = Vec::new();
    // Bytes of all members in all frames.
    let mut held_bytes = 0usize;
    let mut at = 0;
    loop {
        while matches!(json.get(at), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            at += 1;
        }
        let value = match json.get(at)? {
            b'{' | b'[' => {
                if frames.len() == DEPTH_MAX {
                    return None;
                }
                frames.push(Frame { object: json.get(at) == Some(&b'{'), members: Vec::new(), key: None });
                at += 1;
                continue;
            }
            b'}' | b']' => {
                at += 1;
                let frame = frames.pop()?;
                let member_bytes: usize = frame.members.iter().map(|(_, member)| member.len()).sum();
                held_bytes = held_bytes.saturating_sub(member_bytes);
                let written = close(frame, frames.len(), style)?;
                *work_bytes = work_bytes.checked_sub(written.len())?;
                written
            }
            b'"' => {
                let end = string_end(json, at)?;
                let text = json.get(at..end)?;
                at = end;
                let written = string(text, style);
                if let Some(frame) = frames.last_mut()
                    && frame.object
                    && frame.key.is_none()
                {
                    let plain = super::super::json::unescape(text.get(1..text.len() - 1).unwrap_or_default());
                    frame.key = Some((plain, written));
                    continue;
                }
                written
            }
            _ => {
                let rest = json.get(at..)?;
                let end =
                    rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E'));
                let end = end.unwrap_or(rest.len());
                if end == 0 {
                    return None;
                }
                at += end;
                rest.get(..end)?.to_vec()
            }
        };
        let Some(frame) = frames.last_mut() else {
            let blank = json.get(at..)?.iter().all(u8::is_ascii_whitespace);
            return blank.then_some(value);
        };
        held_bytes += value.len();
        match (frame.object, frame.key.take()) {
            (true, Some((plain, mut written))) => {
                held_bytes += written.len() + 2;
                written.extend_from_slice(if style.spacing == Spacing::Compact { b":" } else { b": " });
                written.extend_from_slice(&value);
                frame.members.push((plain, written));
            }
            (true, None) => return None,
            (false, _) => frame.members.push((Vec::new(), value)),
        }
        if held_bytes > WRITTEN_BYTES_MAX {
            return None;
        }
    }
}

/// `None` when it would be too long.
fn close(mut frame: Frame, depth: usize, style: Style) -> Option<Vec<u8>> {
    let (open, shut) = if frame.object { (b'{', b'}') } else { (b'[', b']') };
    if style.sorted && frame.object {
        frame.members.sort_by(|one, other| one.0.cmp(&other.0));
    }
    let mut out = vec![open];
    let newline = |out: &mut Vec<u8>, depth: usize| {
        if let Spacing::Indented(indent) = style.spacing {
            out.push(b'\n');
            out.extend(std::iter::repeat_n(indent.as_bytes(), depth).flatten());
        }
    };
    for (index, (_, member)) in frame.members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
            if style.spacing == Spacing::Spaced {
                out.push(b' ');
            }
        }
        newline(&mut out, depth + 1);
        out.extend_from_slice(member);
        if out.len() > WRITTEN_BYTES_MAX {
            return None;
        }
    }
    if !frame.members.is_empty() {
        newline(&mut out, depth);
    }
    out.push(shut);
    Some(out)
}

/// Blanks as they came, strings in the style.
fn rewrite_strings(json: &[u8], style: Style) -> Option<Vec<u8>> {
    if !matches!(json.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')) {
        return None;
    }
    let mut out = Vec::with_capacity(json.len() + 64);
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        if *byte != b'"' {
            out.push(*byte);
            at += 1;
            continue;
        }
        let end = string_end(json, at)?;
        out.extend_from_slice(&string(json.get(at..end)?, style));
        at = end;
    }
    Some(out)
}

fn string_end(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A string with its quotes, written in the style.
fn string(quoted: &[u8], style: Style) -> Vec<u8> {
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if style.escapes == Escapes::Kept && !style.slash && !style.html {
        return quoted.to_vec();
    }
    let text = if style.escapes == Escapes::Kept {
        return kept(inside, style);
    } else {
        String::from_utf8_lossy(&super::super::json::unescape(inside)).into_owned()
    };
    let mut out = vec![b'"'];
    for char in text.chars() {
        write_char(&mut out, char, style);
    }
    out.push(b'"');
    out
}

/// Escapes as they came, with slashes and HTML characters escaped besides.
fn kept(inside: &[u8], style: Style) -> Vec<u8> {
    let mut out = vec![b'"'];
    let mut escaped = false;
    for byte in inside {
        match byte {
            b'/' if style.slash && !escaped => out.extend_from_slice(b"\\/"),
            b'<' | b'>' | b'&' if style.html => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
        escaped = *byte == b'\\' && !escaped;
    }
    out.push(b'"');
    out
}

fn write_char(out: &mut Vec<u8>, char: char, style: Style) {
    let short = match char {
        '"' => Some(b'"'),
        '\\' => Some(b'\\'),
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        '\u{8}' => Some(b'b'),
        '\u{c}' => Some(b'f'),
        '/' if style.slash => Some(b'/'),
        _ => None,
    };
    if let Some(letter) = short {
        out.extend_from_slice(&[b'\\', letter]);
        return;
    }
    let ascii_only = matches!(style.escapes, Escapes::Ascii | Escapes::AsciiUpper);
    let html = style.html && matches!(char, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    let mut buffer = [0; 4];
    if char >= ' ' && !html && (char.is_ascii() || !ascii_only) {
        out.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
        return;
    }
    let mut units = [0; 2];
    for unit in char.encode_utf16(&mut units) {
        let text = match style.escapes {
            Escapes::AsciiUpper => format!("\\u{unit:04X}"),
            _ => format!("\\u{unit:04x}"),
        };
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests;
