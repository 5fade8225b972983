//! JSON indented from its tokens: duplicate keys, the spelling of numbers, escapes and any depth stay as they were sent.
//! A parser that builds values would lose them (and refuse some), and recursion would overflow on a body of brackets.

use hifijson::num::Lex as _;
use hifijson::str::Lex as _;
use hifijson::token::Lex as _;
use hifijson::{Read as _, SliceLexer};

use super::builder::Builder;
use super::document::Role;
use super::text;

/// Deeper lines keep the indent of this depth: at depth 100,000 the blanks alone would be gigabytes.
const INDENT_DEPTH_MAX: usize = 32;
/// Blanks a level.
const INDENT: usize = 2;
const BLANKS: &str = "                                                                ";

/// Lines of an array that must hold for it to be taken for JSON.
const SNIFFED_LINES: usize = 8;
/// Memory for them.
const SNIFFED_HELD_BYTES: usize = 64 << 10;

/// How JSON ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All of it was JSON: so many values one after the other.
    Whole {
        /// 1 for ordinary JSON, more for JSON Lines, 0 for nothing but blanks.
        values: usize,
    },
    /// From a byte on it is not.
    Fault(Fault),
}

/// Where and why it is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// First byte that does not fit.
    pub(super) offset: usize,
    /// What would have.
    pub(super) reason: String,
    /// Whether the bytes ended in the midst of it.
    pub(super) at_end: bool,
}

/// Adds the indented lines to `out`, up to its bounds, and says how it ended. What follows a fault is not added.
pub(super) fn lines(bytes: &[u8], out: &mut Builder, base_indent: usize) -> End {
    let mut printer =
        Printer { lexer: SliceLexer::new(bytes), bytes, out, stack: Vec::new(), base_indent, is_deep: false };
    let end = match printer.run() {
        Ok(values) => End::Whole { values },
        Err(fault) => End::Fault(fault),
    };
    if printer.is_deep {
        printer.out.document.note(format!("deeper than {INDENT_DEPTH_MAX} levels: the indent stops growing there"));
    }
    printer.out.end_line();
    end
}

/// A whole JSON document: the fault, if there is one, is said, and the rest shown as text.
pub(super) fn document(bytes: &[u8], is_cut: bool, out: &mut Builder) {
    let (bom, json) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (3, rest),
        None => (0, bytes),
    };
    if bom > 0 {
        out.document.note("begins with a byte order mark, which JSON does not allow (RFC 8259 section 8.1)");
    }
    match lines(json, out, 0) {
        End::Whole { values: 0 | 1 } => {}
        End::Whole { values } => out.document.note(format!("{values} JSON values, one after the other")),
        End::Fault(fault) if fault.at_end && is_cut => {
            // The cut is ours or the capture's and said elsewhere.
            text::lines(json.get(fault.offset..).unwrap_or_default(), text::LineEnds::Quiet, out);
        }
        End::Fault(fault) => {
            let (line, column) = text::position(json, fault.offset);
            let words = format!("not JSON from line {line}, column {column}: {}", fault.reason);
            if fault.offset > 0 || json.is_empty() {
                out.say(Role::Bad, &format!("── {words}"));
            }
            out.document.note(words);
            text::lines(json.get(fault.offset..).unwrap_or_default(), text::LineEnds::Quiet, out);
        }
    }
}

/// Whether it looks enough like JSON to be shown so without being declared.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lexer = SliceLexer::new(bytes);
    match lexer.ws_peek() {
        Some(b'{') => {
            lexer.take_next();
            match lexer.ws_peek() {
                Some(b'"') => lexer.discarded().str_ignore().is_ok() && lexer.ws_peek() == Some(b':'),
                Some(b'}') => true,
                _ => false,
            }
        }
        // Log lines begin with a bracket too: the first entries must hold.
        Some(b'[') => match lines(bytes, &mut Builder::new(SNIFFED_LINES, SNIFFED_HELD_BYTES), 0) {
            End::Whole { .. } => true,
            End::Fault(fault) => fault.at_end,
        },
        _ => false,
    }
}

/// What is open round the next token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Array,
    Object,
}

impl Open {
    const fn closing(self) -> u8 {
        match self {
            Self::Array => b']',
            Self::Object => b'}',
        }
    }
}

/// What must come next. A state instead of a call: nesting is on our own stack, whose entries are one byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Entry(Open),
    Separator(Open),
    Done,
}

struct Printer<'a, 'b> {
    lexer: SliceLexer<'a>,
    bytes: &'a [u8],
    out: &'b mut Builder,
    stack: Vec<Open>,
    base_indent: usize,
    is_deep: bool,
}

impl<'a> Printer<'a, '_> {
    fn offset(&self) -> usize {
        self.bytes.len() - self.lexer.as_slice().len()
    }

    fn fault_at<T>(&self, offset: usize, reason: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { offset, reason: reason.into(), at_end: self.lexer.as_slice().is_empty() })
    }

    fn fault<T>(&self, reason: impl Into<String>) -> Result<T, Fault> {
        self.fault_at(self.offset(), reason)
    }

    /// Ends the line and begins the next with its indent.
    fn new_line(&mut self) {
        self.out.end_line();
        let depth = self.stack.len();
        if depth > INDENT_DEPTH_MAX {
            self.is_deep = true;
        }
        let blanks = self.base_indent + depth.min(INDENT_DEPTH_MAX) * INDENT;
        self.out.push(Role::Plain, BLANKS.get(..blanks).unwrap_or(BLANKS));
    }

    /// All values from here to the end; how many.
    fn run(&mut self) -> Result<usize, Fault> {
        let mut values = 0;
        loop {
            let Some(next) = self.lexer.ws_peek() else { return Ok(values) };
            if values > 0 && !self.begins_another(next) {
                return self.fault("the value ends before this");
            }
            self.new_line();
            let mut step = self.value(next)?;
            while step != Step::Done {
                if self.out.is_full() {
                    return Ok(values);
                }
                step = match step {
                    Step::Entry(open) => self.entry(open)?,
                    Step::Separator(open) => self.separator(open)?,
                    Step::Done => Step::Done,
                };
            }
            values += 1;
            self.out.end_line();
            if self.out.is_full() {
                return Ok(values);
            }
        }
    }

    /// Values one after the other stand on lines of their own (JSON Lines); anything else is garbage.
    fn begins_another(&self, next: u8) -> bool {
        let before = self.bytes.get(self.offset().saturating_sub(1)).copied();
        matches!(before, Some(b'\n' | b'\r'))
            && matches!(next, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
    }

    /// What comes after a value.
    fn after_value(&self) -> Step {
        self.stack.last().map_or(Step::Done, |open| Step::Separator(*open))
    }

    /// A value, of a container that is not empty the bracket alone.
    fn value(&mut self, next: u8) -> Result<Step, Fault> {
        match next {
            b'{' | b'[' => return self.open(next),
            b'"' => self.string(Role::Text)?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => return self.fault("a value was expected"),
        }
        Ok(self.after_value())
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<(), Fault> {
        if !self.lexer.as_slice().starts_with(word) {
            return self.fault("a value was expected");
        }
        self.lexer.strip_prefix(word);
        self.out.push_bytes(Role::Literal, word);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.offset();
        let number = self.lexer.num_ignore();
        // `007` is three tokens to the lexer; JSON has no such number.
        let goes_on = self.lexer.peek_next().is_some_and(|next| next == b'.' || next.is_ascii_alphanumeric());
        if number.validate().is_err() || goes_on {
            return self.fault_at(start, "a number that JSON cannot write so");
        }
        let token = self.token(start);
        self.out.push_bytes(Role::Number, token);
        Ok(())
    }

    fn string(&mut self, role: Role) -> Result<(), Fault> {
        use hifijson::{escape, str::Error};
        let start = self.offset();
        match self.lexer.discarded().str_ignore() {
            Ok(()) => {
                let token = self.token(start);
                self.out.push_bytes(role, token);
                Ok(())
            }
            Err(Error::Eof | Error::Escape(escape::Error::Eof)) => self.fault_at(start, "a string that does not end"),
            Err(Error::Control) => self.fault_at(start, "a string with a bare control character in it"),
            Err(Error::Escape(_)) => self.fault_at(start, "a string with an escape that JSON does not have"),
            Err(Error::Utf8(_)) => self.fault_at(start, "a string that is not UTF-8"),
        }
    }

    fn token(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.offset()).unwrap_or_default()
    }

    fn open(&mut self, bracket: u8) -> Result<Step, Fault> {
        self.lexer.take_next();
        let (open, opening, empty) = match bracket {
            b'{' => (Open::Object, "{", "{}"),
            _ => (Open::Array, "[", "[]"),
        };
        if self.lexer.ws_peek() == Some(open.closing()) {
            self.lexer.take_next();
            self.out.push(Role::Punctuation, empty);
            return Ok(self.after_value());
        }
        self.out.push(Role::Punctuation, opening);
        self.stack.push(open);
        self.new_line();
        Ok(Step::Entry(open))
    }

    /// A value of an array; a key and its value of an object.
    fn entry(&mut self, open: Open) -> Result<Step, Fault> {
        if open == Open::Object {
            match self.lexer.ws_peek() {
                Some(b'"') => self.string(Role::Key)?,
                _ => return self.fault("a key in quotes was expected"),
            }
            if self.lexer.ws_peek() != Some(b':') {
                return self.fault("a colon was expected");
            }
            self.lexer.take_next();
            self.out.push(Role::Punctuation, ": ");
        }
        match self.lexer.ws_peek() {
            Some(next) => self.value(next),
            None => self.fault("a value was expected"),
        }
    }

    /// A comma and the next entry, or the end of the container.
    fn separator(&mut self, open: Open) -> Result<Step, Fault> {
        match self.lexer.ws_peek() {
            Some(b',') => {
                self.lexer.take_next();
                self.out.push(Role::Punctuation, ",");
                self.new_line();
                Ok(Step::Entry(open))
            }
            Some(next) if next == open.closing() => {
                self.lexer.take_next();
                self.stack.pop();
                self.new_line();
                self.out.push(Role::Punctuation, if open == Open::Object { "}" } else { "]" });
                Ok(self.after_value())
            }
            _ => self.fault("a comma or the end of the container was expected"),
        }
    }
}
