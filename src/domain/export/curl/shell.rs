//! Bytes as words that sh, bash, zsh and fish read alike, typed, pasted or in a script.
//!
//! Inside single quotes fish reads `\\` and `\'`, the others read no escape: so quotes and backslashes stand outside.
//!
//! Nothing but printing ASCII stands in a command. On control bytes a terminal acts when it is pasted. On bytes above them
//! a line editor in the C locale may act: readline's `convert-meta` makes keys with Meta of them, which move the cursor out
//! of the quotes. All those are written as octal by `printf`, which all four have built in and read alike.
//!
//! No line is long: a terminal hands a shell without a line editor (dash) 4095 bytes of one and drops the rest, the closing
//! quote with it, and then the next line would be read as commands.

use std::fmt::Write;

/// Bytes of one word in a line. Three long ones may meet in a line: method, target and URL.
const LINE_BYTES_MAX: usize = 1000;

/// One word. Bytes that cannot stand in it as they are come from `"$(printf '...')"`.
///
/// # Errors
/// In words: an argument cannot hold a NUL, and command substitution loses a newline at the end.
pub fn word(bytes: &[u8]) -> Result<String, String> {
    if bytes.contains(&0) || bytes.last() == Some(&b'\n') {
        return Err("a byte in it cannot be given to a command: copy the raw bytes".to_owned());
    }
    if (1..LINE_BYTES_MAX).contains(&bytes.len())
        && bytes.iter().all(|byte| is_bare(*byte))
        && bytes.first() != Some(&b'-')
    {
        return Ok(String::from_utf8_lossy(bytes).into_owned());
    }
    Ok(match bytes.iter().all(|byte| is_printing(*byte)) {
        true => quoted(bytes),
        false => format!("\"$(printf {})\"", escaped(bytes, is_plain_in_substitution)),
    })
}

/// The word of a text that may have several lines; `None` when it must be written by `printf`.
///
/// A line that begins inside quotes is history expansion's in some shells: with `!` or `^` in it there are no lines.
pub fn text(bytes: &[u8]) -> Option<String> {
    let has_lines = bytes.contains(&b'\n');
    let fits = |byte: u8| byte == b'\n' || is_printing(byte) && !(has_lines && matches!(byte, b'!' | b'^'));
    bytes.iter().all(|byte| fits(*byte)).then(|| quoted(bytes))
}

/// The quoted format that makes `printf` write these bytes.
pub fn printf_format(bytes: &[u8]) -> String {
    escaped(bytes, |byte| is_printing(byte) && !matches!(byte, b'\'' | b'\\' | b'%'))
}

/// Needs no quotes anywhere.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte)
}

/// Seen as itself, on every terminal.
fn is_printing(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Single quotes round everything but quotes and backslashes, which a backslash goes before. Printing ASCII and newlines.
fn quoted(bytes: &[u8]) -> String {
    let mut word = Line::new(bytes.len());
    let mut open = false;
    for byte in bytes {
        if word.is_full() {
            word.push_str(if open { "'" } else { "" });
            open = false;
            word.go_on();
        }
        let outside = matches!(byte, b'\'' | b'\\');
        if outside == open {
            word.push('\'');
            open = !open;
        }
        if outside {
            word.push('\\');
        }
        word.push(char::from(*byte));
    }
    if open || bytes.is_empty() {
        word.push_str(if open { "'" } else { "''" });
    }
    word.text
}

/// What stays itself inside `"$(...)"`, where bash's and zsh's history expansion and every nesting rule still reads.
fn is_plain_in_substitution(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" -_./:=,+@;".contains(&byte)
}

/// A `printf` format in single quotes. A digit after an escape is one too: zsh would read it as a fourth.
fn escaped(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> String {
    let mut format = Line::new(bytes.len());
    format.push('\'');
    let mut after_escape = false;
    for (at, byte) in bytes.iter().enumerate() {
        if format.is_full() {
            format.push('\'');
            format.go_on();
            format.push('\'');
        }
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
                // Writing to a String cannot fail.
                let _ = write!(format.text, "\\{byte:03o}");
            }
        }
    }
    format.push('\'');
    format.text
}

/// A word that is made, over as many lines as it needs.
struct Line {
    text: String,
    /// Where its last line begins.
    start: usize,
}

impl Line {
    fn new(length_bytes: usize) -> Self {
        Self { text: String::with_capacity(length_bytes + length_bytes / 8 + 16), start: 0 }
    }

    fn is_full(&self) -> bool {
        self.text.len() - self.start >= LINE_BYTES_MAX
    }

    /// The same word goes on in the next line. Outside of quotes only.
    fn go_on(&mut self) {
        self.text.push_str("\\\n");
        self.start = self.text.len();
    }

    fn push(&mut self, char: char) {
        self.text.push(char);
        if char == '\n' {
            self.start = self.text.len();
        }
    }

    fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

#[cfg(test)]
mod tests;
