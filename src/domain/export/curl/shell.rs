//! Bytes as words that sh, bash, zsh and fish read alike, typed, pasted or in a script.
//!
//! Inside single quotes fish reads `\\` and `\'`, the others read no escape: so quotes and backslashes stand outside.
//! Control bytes never stand in a command: a terminal would act on them when it is pasted. They, and what is no
//! text, are written as octal by `printf`, which all four have built in and read alike.

use std::fmt::Write;

use crate::domain::printable;

/// One word. Bytes that cannot stand in it as they are come from `"$(printf '...')"`.
///
/// # Errors
/// In words: an argument cannot hold a NUL, and command substitution loses a newline at the end.
pub fn word(bytes: &[u8]) -> Result<String, String> {
    if bytes.contains(&0) || bytes.last() == Some(&b'\n') {
        return Err("a byte in it cannot be given to a command: copy the raw bytes".to_owned());
    }
    if !bytes.is_empty() && bytes.iter().all(|byte| is_bare(*byte)) && bytes.first() != Some(&b'-') {
        return Ok(String::from_utf8_lossy(bytes).into_owned());
    }
    match std::str::from_utf8(bytes).ok().filter(|text| text.chars().all(is_visible)) {
        Some(text) => Ok(quoted(text)),
        None => Ok(format!("\"$(printf {})\"", escaped(bytes, is_plain_in_substitution))),
    }
}

/// The word of a text that may have several lines; `None` when it must be written by `printf`.
///
/// A line that begins inside quotes is history expansion's in some shells: with `!` or `^` in it there are no lines.
pub fn text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let has_lines = bytes.contains(&b'\n');
    let fits = |c: char| if c == '\n' { true } else { is_visible(c) && !(has_lines && matches!(c, '!' | '^')) };
    text.chars().all(fits).then(|| quoted(text))
}

/// The quoted format that makes `printf` write these bytes.
pub fn printf_format(bytes: &[u8]) -> String {
    escaped(bytes, |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\' | b'%'))
}

/// Needs no quotes anywhere.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte)
}

/// May stand in a command as it is: seen as itself, moves nothing, hides nothing, and sits on no other character.
fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Letters and digits, punctuation, signs of money, arrows, signs, boxes, CJK punctuation, full-width forms, pictures;
    // without the zero-width, line, direction and invisible characters from U+2000 on.
    let is_text = c.is_alphanumeric()
        || matches!(c,
            '\u{a1}'..='\u{ff}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20c0}'
            | '\u{2190}'..='\u{27bf}' | '\u{3001}'..='\u{303f}' | '\u{ff01}'..='\u{ffee}' | '\u{1f300}'..='\u{1faff}');
    // Marks are alphanumeric too, some of them: a thousand on one letter hide the line.
    is_text && printable::stands_alone(c)
}

/// Single quotes round everything but quotes and backslashes, which a backslash goes before.
fn quoted(text: &str) -> String {
    let mut word = String::with_capacity(text.len() + 2);
    let mut open = false;
    for c in text.chars() {
        let outside = matches!(c, '\'' | '\\');
        if outside == open {
            word.push('\'');
            open = !open;
        }
        if outside {
            word.push('\\');
        }
        word.push(c);
    }
    if open || text.is_empty() {
        word.push_str(if open { "'" } else { "''" });
    }
    word
}

/// What stays itself inside `"$(...)"`, where bash's and zsh's history expansion and every nesting rule still reads.
fn is_plain_in_substitution(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" -_./:=,+@;".contains(&byte)
}

/// A `printf` format in single quotes. A digit after an escape is one too: zsh would read it as a fourth.
fn escaped(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> String {
    let mut format = String::with_capacity(bytes.len() + 16);
    format.push('\'');
    let mut after_escape = false;
    for (at, byte) in bytes.iter().enumerate() {
        // A format that begins with a dash would be an option.
        let plain = is_plain(*byte) && !(after_escape && byte.is_ascii_digit()) && !(at == 0 && *byte == b'-');
        after_escape = !plain && *byte != b'%';
        match byte {
            b'%' => format.push_str("%%"),
            b'\n' => {
                format.push_str("\\n");
                after_escape = false;
            }
            byte if plain => format.push(char::from(*byte)),
            byte => {
                let _ = write!(format, "\\{byte:03o}");
            }
        }
    }
    format.push('\'');
    format
}

#[cfg(test)]
mod tests;
