//! JSON as programs write it after parsing it: spacing, order of members, escapes, numbers.

use std::borrow::Cow;
use std::collections::HashMap;

use super::numbers::{self, Numbers};
use super::tree::Json;

/// How one program writes.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    /// What it is called.
    pub name: &'static str,
    between: (&'static str, &'static str),
    order: Order,
    escapes: Escapes,
    numbers: Numbers,
}

/// In which order members come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// As they came; of equal names the last value at the place of the first.
    Came,
    /// The same, but names that are array indexes first, by number (ECMA-262, OrdinaryOwnPropertyKeys).
    IndexesFirst,
    /// By the bytes of their names.
    Sorted,
}

/// Which characters are escaped beside quotes, backslashes and controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escapes {
    /// None.
    Few,
    /// All that are not printable ASCII.
    Ascii,
    /// Non-ASCII and the slash (PHP).
    AsciiSlash,
    /// `<`, `>`, `&`, U+2028, U+2029.
    Html,
    /// Non-ASCII and what HTML or scripts could take for their own, upper-case digits (.NET).
    DotNet,
}

const COMPACT: (&str, &str) = (",", ":");

const fn compact(name: &'static str, order: Order, escapes: Escapes, numbers: Numbers) -> Writer {
    Writer { name, between: COMPACT, order, escapes, numbers }
}

/// All of them, those met most often first.
pub const ALL: &[Writer] = &[
    compact("JSON.stringify (JavaScript)", Order::IndexesFirst, Escapes::Few, Numbers::JavaScript),
    Writer { between: (", ", ": "), ..compact("json.dumps (Python)", Order::Came, Escapes::Ascii, Numbers::Python) },
    compact("json.dumps compact (Python)", Order::Came, Escapes::Ascii, Numbers::Python),
    compact("json.Marshal (Go)", Order::Sorted, Escapes::Html, Numbers::Go),
    compact("to_json (Ruby)", Order::Came, Escapes::Few, Numbers::Ruby),
    compact("to_json (Rails)", Order::Came, Escapes::Html, Numbers::Ruby),
    compact("json_encode (PHP)", Order::Came, Escapes::AsciiSlash, Numbers::Php),
    compact("Jackson (Java)", Order::Came, Escapes::Few, Numbers::Java),
    compact("JsonSerializer (.NET)", Order::Came, Escapes::DotNet, Numbers::Kept),
];

/// Those that sort the members when they are told to.
pub const SORTED: &[Writer] = &[
    Writer {
        between: (", ", ": "),
        ..compact("json.dumps(sort_keys=True) (Python)", Order::Sorted, Escapes::Ascii, Numbers::Python)
    },
    compact("json.dumps(sort_keys=True) compact (Python)", Order::Sorted, Escapes::Ascii, Numbers::Python),
    Writer {
        between: (", ", ": "),
        ..compact(
            "json.dumps(sort_keys=True, ensure_ascii=False) (Python)",
            Order::Sorted,
            Escapes::Few,
            Numbers::Python,
        )
    },
    compact(
        "json.dumps(sort_keys=True, ensure_ascii=False) compact (Python)",
        Order::Sorted,
        Escapes::Few,
        Numbers::Python,
    ),
];

/// What is written may be so long, in bytes: escapes make much of little.
const WRITTEN_BYTES_MAX: usize = 8 << 20;

impl Writer {
    /// The value as it writes it; `None` when it could not.
    pub fn write(&self, value: &Json<'_>) -> Option<Vec<u8>> {
        let mut out = String::new();
        self.value(&mut out, value)?;
        Some(out.into_bytes())
    }

    fn value(&self, out: &mut String, value: &Json<'_>) -> Option<()> {
        if out.len() > WRITTEN_BYTES_MAX {
            return None;
        }
        match value {
            Json::Literal(word) => out.push_str(word),
            Json::Number(text) => match numbers::write(self.numbers, text) {
                Some(text) => out.push_str(&text),
                // JSON.stringify writes null for what is no number any more.
                None if self.numbers == Numbers::JavaScript => out.push_str("null"),
                None => return None,
            },
            Json::Text(text) => self.string(out, text),
            Json::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(self.between.0);
                    }
                    self.value(out, item)?;
                }
                out.push(']');
            }
            Json::Object(members) => {
                out.push('{');
                for (index, (name, value)) in self.ordered(members).into_iter().enumerate() {
                    if index > 0 {
                        out.push_str(self.between.0);
                    }
                    self.string(out, name);
                    out.push_str(self.between.1);
                    self.value(out, value)?;
                }
                out.push('}');
            }
        }
        Some(())
    }

    /// The members that are left, in the order of writing.
    fn ordered<'m, 'a>(&self, members: &'m [(Cow<'a, str>, Json<'a>)]) -> Vec<(&'m str, &'m Json<'a>)> {
        let mut places: HashMap<&str, usize> = HashMap::with_capacity(members.len());
        let mut all: Vec<(&str, &Json<'a>)> = Vec::with_capacity(members.len());
        for (name, value) in members {
            match places.get(name.as_ref()).and_then(|at| all.get_mut(*at)) {
                Some(member) => member.1 = value,
                None => {
                    places.insert(name, all.len());
                    all.push((name, value));
                }
            }
        }
        match self.order {
            Order::Came => {}
            Order::Sorted => all.sort_by_key(|(name, _)| *name),
            // A stable sort: indexes by number, then the others as they came.
            Order::IndexesFirst => all.sort_by_key(|(name, _)| array_index(name).unwrap_or(u32::MAX)),
        }
        all
    }

    fn string(&self, out: &mut String, text: &str) {
        out.push('"');
        let mut from = 0;
        for (at, char) in text.char_indices() {
            if !self.is_escaped(char) {
                continue;
            }
            out.push_str(text.get(from..at).unwrap_or_default());
            self.escape(out, char);
            from = at + char.len_utf8();
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out.push('"');
    }

    fn is_escaped(&self, char: char) -> bool {
        if matches!(char, '"' | '\\' | '\0'..='\x1f') {
            return true;
        }
        let separator = matches!(char, '\u{2028}' | '\u{2029}');
        match self.escapes {
            Escapes::Few => false,
            Escapes::Ascii => char >= '\x7f',
            Escapes::AsciiSlash => char > '\x7f' || char == '/',
            Escapes::Html => matches!(char, '<' | '>' | '&') || separator,
            Escapes::DotNet => char >= '\x7f' || matches!(char, '<' | '>' | '&' | '\'' | '+' | '`'),
        }
    }

    fn escape(&self, out: &mut String, char: char) {
        let short = match char {
            '"' if self.escapes != Escapes::DotNet => Some('"'),
            '\\' => Some('\\'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            '\x08' => Some('b'),
            '\x0c' => Some('f'),
            '/' => Some('/'),
            _ => None,
        };
        if let Some(letter) = short {
            out.push('\\');
            out.push(letter);
            return;
        }
        let mut units = [0; 2];
        for unit in char.encode_utf16(&mut units) {
            let digits = match self.escapes {
                Escapes::DotNet => format!("\\u{unit:04X}"),
                _ => format!("\\u{unit:04x}"),
            };
            out.push_str(&digits);
        }
    }
}

/// The number that a name is as an array index: no leading zeros, below 2^32 - 1.
fn array_index(name: &str) -> Option<u32> {
    let canonical = name == "0" || (!name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit()));
    name.parse::<u32>().ok().filter(|index| canonical && *index < u32::MAX)
}
