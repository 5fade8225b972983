//! A reply text cut into words: blanks part them, quotes hold them together, escapes name bytes.

use std::fmt::Write as _;

use super::error::ReplyError;

/// One word of a reply text.
#[derive(Debug)]
pub(super) struct Word {
    /// Column of its first character, from 1.
    pub column: usize,
    /// Its bytes without quotes and escapes.
    pub bytes: Vec<u8>,
    /// Where its first unquoted `=` (or `:`) stands in `bytes`, if any: it parts name and value.
    pub parting: Option<usize>,
    /// Column of the character after the parting.
    pub value_column: usize,
}

struct Cutter<'a> {
    chars: std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'a>>>,
}

/// Cuts a text into words.
pub(super) fn cut(text: &str) -> Result<Vec<Word>, ReplyError> {
    let mut cutter = Cutter { chars: text.chars().enumerate().peekable() };
    let mut words = Vec::new();
    while let Some((at, char)) = cutter.chars.peek().copied() {
        if char.is_whitespace() {
            cutter.chars.next();
        } else {
            words.push(cutter.word(at + 1)?);
        }
    }
    Ok(words)
}

impl Cutter<'_> {
    fn word(&mut self, column: usize) -> Result<Word, ReplyError> {
        let mut word = Word { column, bytes: Vec::new(), parting: None, value_column: column };
        while let Some((at, char)) = self.chars.peek().copied() {
            match char {
                _ if char.is_whitespace() => break,
                '\'' | '"' => {
                    self.chars.next();
                    self.quoted(char, at + 1, &mut word.bytes)?;
                    continue;
                }
                '=' | ':' if word.parting.is_none() => {
                    word.parting = Some(word.bytes.len());
                    word.value_column = at + 2;
                }
                _ => {}
            }
            self.chars.next();
            push(&mut word.bytes, char);
        }
        Ok(word)
    }

    /// Up to the closing quote. Only double quotes know escapes, as in a shell.
    fn quoted(&mut self, quote: char, column: usize, bytes: &mut Vec<u8>) -> Result<(), ReplyError> {
        while let Some((at, char)) = self.chars.next() {
            if char == quote {
                return Ok(());
            }
            if quote == '"' && char == '\\' {
                self.escape(at + 1, bytes)?;
            } else {
                push(bytes, char);
            }
        }
        Err(ReplyError { column, message: format!("this quote is not closed: expected another {quote} at the end") })
    }

    fn escape(&mut self, column: usize, bytes: &mut Vec<u8>) -> Result<(), ReplyError> {
        let unknown = || ReplyError {
            column,
            message: r#"expected one of \n \r \t \\ \" \' \xHH after the backslash"#.to_owned(),
        };
        let (_, char) = self.chars.next().ok_or_else(unknown)?;
        let byte = match char {
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            '\\' => b'\\',
            '"' => b'"',
            '\'' => b'\'',
            'x' => self.hex_digit().zip(self.hex_digit()).map(|(high, low)| high * 16 + low).ok_or_else(unknown)?,
            _ => return Err(unknown()),
        };
        bytes.push(byte);
        Ok(())
    }

    fn hex_digit(&mut self) -> Option<u8> {
        self.chars.next().and_then(|(_, char)| char.to_digit(16)).and_then(|digit| u8::try_from(digit).ok())
    }
}

fn push(bytes: &mut Vec<u8>, char: char) {
    bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Writes bytes so that [`cut`] reads the same bytes, with nothing in them that a terminal would obey.
pub(super) fn quote(bytes: &[u8]) -> String {
    let plain_word =
        !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_./@".contains(byte));
    let text = std::str::from_utf8(bytes);
    match text {
        Ok(text) if plain_word => text.to_owned(),
        Ok(text) if text.chars().all(|char| char != '\'' && is_seen(char)) => format!("'{text}'"),
        _ => escaped(bytes),
    }
}

fn is_seen(char: char) -> bool {
    char == ' ' || char.is_ascii_graphic() || (!char.is_ascii() && char.is_alphanumeric())
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '"' | '\\' => out.extend(['\\', char]),
                _ if is_seen(char) => out.push(char),
                _ => push_hex(&mut out, char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        push_hex(&mut out, chunk.invalid());
    }
    out.push('"');
    out
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(out, "\\x{byte:02x}");
    }
}
