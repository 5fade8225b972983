//! What is wrong with a RON text, for the person who wrote it: place, field (`limits.body`, `endpoints[1].secret`), and what
//! was expected. The configuration and profiles share it.

use std::ops::Range;

use ron::error::SpannedError;

use super::nearest::did_you_mean;
use super::printable::visible_within;

mod reader;

pub use reader::Place;

use reader::{Piece, Reader};

/// A mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// Path of the field; empty outside of any.
    pub field: String,
    /// What was found and what was expected.
    pub message: String,
}

/// What a refusal of the reader means. Of unknown names the near ones are told, and all only when none is near.
pub fn mistake(text: &str, error: &SpannedError) -> Mistake {
    let mut field = at(text, (error.span.end.line, error.span.end.col));
    let place = without_blanks(text, (error.span.start.line, error.span.start.col));
    if let Some(Unclosed { open, place, before }) = unclosed(text) {
        let close = closing(open);
        let before = match before {
            None => "the end of the file".to_owned(),
            Some((other, (line, column))) => format!("the `{other}` at {line}:{column}"),
        };
        let message = format!("this `{open}` is not closed: expected a `{close}` before {before}");
        return Mistake { place, field: String::new(), message };
    }
    let found = found(text, place, &field);
    let message = match &error.code {
        ron::Error::IntegerOutOfBounds if field == "port" => "expected a port from 0 to 65535".to_owned(),
        ron::Error::MissingStructField { field: missing, .. } => {
            field = struct_at(text, (error.span.end.line, error.span.end.col));
            format!("the field `{missing}` is missing")
        }
        ron::Error::NoSuchStructField { expected, found, .. } => {
            format!("there is no field `{found}`{}", near_or_all(found, expected))
        }
        ron::Error::NoSuchEnumVariant { expected, found, .. } => {
            format!("there is no `{found}` here{}", near_or_all(found, expected))
        }
        ron::Error::DuplicateStructField { field, .. } => format!("the field `{field}` is there twice"),
        ron::Error::ExpectedNamedStructLike(_) | ron::Error::ExpectedDifferentStructName { .. } => {
            "expected the fields between ( and )".to_owned()
        }
        // The reader stands behind the sign.
        ron::Error::IntegerOutOfBounds
            if find(text, &field).is_some_and(|place| value_at(text, place).starts_with('-')) =>
        {
            format!("expected a whole number from 0 on{}", found.replace("found ", "found -").replace("--", "-"))
        }
        ron::Error::IntegerOutOfBounds => format!("expected a smaller whole number{found}"),
        ron::Error::ExpectedInteger => format!("expected a whole number{found}"),
        ron::Error::ExpectedBoolean => format!("expected true or false{found}"),
        ron::Error::ExpectedString => format!("expected text in quotes{found}"),
        ron::Error::ExpectedMap => format!("expected {{\"name\": ...}}{found}"),
        ron::Error::ExpectedArray => format!("expected a list in [ and ]{found}"),
        code => code.to_string(),
    };
    Mistake { place, field, message }
}

/// `; did you mean ...?`, else ` (known: ...)`.
fn near_or_all(written: &str, names: &[&str]) -> String {
    let near = did_you_mean(written, names.iter().copied());
    if near.is_empty() { format!(" (known: {})", names.join(", ")) } else { near }
}

/// `, found ...`: nothing where it may be a secret.
fn found(text: &str, place: Place, field: &str) -> String {
    let value = value_at(text, place);
    let is_secret = ["secret", "basic", "bearer"].iter().any(|name| field.contains(name));
    if value.is_empty() || is_secret {
        return String::new();
    }
    format!(", found {}", visible_within(value.as_bytes(), 40))
}

/// What is open at a point of the text.
enum Level {
    /// `(` or `{`, with the name in front of the last colon.
    Named(String),
    /// `[`, with the index of the current item.
    Listed(usize),
}

/// The path of the field at a place; empty outside of any.
fn at(text: &str, (line, column): Place) -> String {
    path(&walk(&before(text, line, column), &mut |_, _| false))
}

/// The path of what the innermost open bracket at a place holds the fields of.
fn struct_at(text: &str, (line, column): Place) -> String {
    let mut levels = walk(&before(text, line, column), &mut |_, _| false);
    levels.pop();
    path(&levels)
}

/// Where the value of a field begins, by its path.
pub fn find(text: &str, wanted: &str) -> Option<Place> {
    let mut found = None;
    walk(text, &mut |levels, place| {
        let is_it = path(levels) == wanted;
        if is_it {
            found = Some(place);
        }
        is_it
    });
    found
}

/// Goes through the text, tells where each value begins until it is told to end, and gives what is open there.
fn walk(text: &str, begins: &mut dyn FnMut(&[Level], Place) -> bool) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut word = String::new();
    let mut rest = Reader::new(text);
    let mut is_value_next = false;
    loop {
        let place = rest.place;
        let Some(piece) = rest.piece(!word.is_empty()) else { break };
        let is_nothing = match &piece {
            Piece::Comment => true,
            Piece::Sign(c) => c.is_whitespace(),
            Piece::Text(_) => false,
        };
        if is_value_next && !is_nothing {
            is_value_next = false;
            if !matches!(piece, Piece::Sign(']')) && begins(&levels, place) {
                break;
            }
        }
        let c = match piece {
            Piece::Comment => continue,
            Piece::Text(text) => {
                word = text;
                continue;
            }
            Piece::Sign(c) => c,
        };
        match c {
            '(' | '{' => levels.push(Level::Named(String::new())),
            '[' => {
                levels.push(Level::Listed(0));
                is_value_next = true;
            }
            ')' | ']' | '}' => {
                levels.pop();
            }
            ':' => {
                if let Some(Level::Named(name)) = levels.last_mut() {
                    *name = std::mem::take(&mut word);
                    is_value_next = true;
                }
            }
            ',' => match levels.last_mut() {
                Some(Level::Named(name)) => name.clear(),
                Some(Level::Listed(index)) => {
                    *index += 1;
                    is_value_next = true;
                }
                None => {}
            },
            c if c.is_whitespace() => {}
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            _ => word.clear(),
        }
        if matches!(c, '(' | '{' | '[' | ')' | ']' | '}' | ',') {
            word.clear();
        }
    }
    levels
}

/// A bracket that nothing closes.
struct Unclosed {
    /// The bracket.
    open: char,
    /// Where it stands.
    place: Place,
    /// The other kind of closing bracket that came in place of its own; `None`: the text ended.
    before: Option<(char, Place)>,
}

/// The bracket that closes another.
const fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// The first bracket of the text that nothing closes.
fn unclosed(text: &str) -> Option<Unclosed> {
    let mut open: Vec<(char, Place)> = Vec::new();
    let mut rest = Reader::new(text);
    let mut in_word = false;
    loop {
        let place = rest.place;
        let Some(piece) = rest.piece(in_word) else { break };
        let Piece::Sign(c) = piece else { continue };
        in_word = c.is_alphanumeric() || c == '_';
        match c {
            '(' | '[' | '{' => open.push((c, place)),
            ')' | ']' | '}' => match open.pop() {
                Some((own, _)) if closing(own) == c => {}
                Some((own, at)) => return Some(Unclosed { open: own, place: at, before: Some((c, place)) }),
                // Too many are told by the reader of the format.
                None => return None,
            },
            _ => {}
        }
    }
    open.first().map(|(own, at)| Unclosed { open: *own, place: *at, before: None })
}

fn path(levels: &[Level]) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Named(name) if name.is_empty() => break,
            Level::Named(name) if path.is_empty() => path.push_str(name),
            Level::Named(name) => {
                path.push('.');
                path.push_str(name);
            }
            Level::Listed(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// The smallest field, entry or item around a place, with the comma behind it, in bytes of the text. `None`: nothing is around
/// it but the whole.
pub fn element_at(text: &str, place: Place) -> Option<Range<usize>> {
    let at = offset(text, place);
    elements(text).into_iter().filter(|range| range.contains(&at)).min_by_key(Range::len)
}

/// The smallest field, entry or item that holds another one and is not it.
pub fn element_around(text: &str, inner: &Range<usize>) -> Option<Range<usize>> {
    let holds = |range: &Range<usize>| range.start <= inner.start && inner.end <= range.end && range != inner;
    elements(text).into_iter().filter(holds).min_by_key(Range::len)
}

/// Where a place is, in bytes.
fn offset(text: &str, (line, column): Place) -> usize {
    before(text, line, column).len()
}

/// Every field, entry and item of what is open in the outermost bracket, with the comma behind it.
fn elements(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Where the element under way begins, by bracket.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut rest = Reader::new(text);
    let mut in_word = false;
    loop {
        let at = rest.at;
        let Some(piece) = rest.piece(in_word) else { break };
        let sign = match piece {
            Piece::Comment => continue,
            Piece::Text(_) => None,
            Piece::Sign(c) => Some(c),
        };
        in_word = sign.is_some_and(|c| c.is_alphanumeric() || c == '_');
        match sign {
            Some(c) if c.is_whitespace() => {}
            Some(',') => found.extend(open.last_mut().and_then(Option::take).map(|start| start..at + 1)),
            Some(')' | ']' | '}') => found.extend(open.pop().flatten().map(|start| start..at)),
            sign => {
                if let Some(begin) = open.last_mut() {
                    begin.get_or_insert(at);
                }
                if matches!(sign, Some('(' | '[' | '{')) {
                    open.push(None);
                }
            }
        }
    }
    found
}

/// An item or entry of a list or map that a field of the outermost bracket holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The field.
    pub field: String,
    /// What holds it: `[` or `{`.
    pub open: char,
    /// Which one it is there, from 0.
    pub index: usize,
    /// Where it stands, with the comma behind it, in bytes of the text.
    pub range: Range<usize>,
    /// Where it begins.
    pub place: Place,
}

/// All of them, in the order of the text. None of a text whose brackets do not close each other.
pub fn items(text: &str) -> Vec<Item> {
    if unclosed(text).is_some() {
        return Vec::new();
    }
    let mut found: Vec<Item> = Vec::new();
    let mut open: Vec<char> = Vec::new();
    let (mut word, mut field, mut index) = (String::new(), String::new(), 0);
    // Where the item under way begins.
    let mut begun: Option<(usize, Place)> = None;
    let mut rest = Reader::new(text);
    loop {
        let (at, here) = (rest.at, rest.place);
        let Some(piece) = rest.piece(!word.is_empty()) else { break };
        let sign = match piece {
            Piece::Comment => continue,
            Piece::Text(_) => None,
            Piece::Sign(c) => Some(c),
        };
        let is_inside = matches!(open.as_slice(), ['(', '[' | '{', ..]);
        let ends = match (sign, open.len()) {
            (Some(','), 2) => Some(at + 1),
            (Some(')' | ']' | '}'), 2) => Some(at),
            _ => None,
        };
        if let (Some(end), Some(open)) = (ends, open.last()) {
            if let Some((start, place)) = begun.take() {
                found.push(Item { field: field.clone(), open: *open, index, range: start..end, place });
            }
            index += 1;
        } else if is_inside && !sign.is_some_and(char::is_whitespace) {
            begun.get_or_insert((at, here));
        }
        match sign {
            Some(c @ ('(' | '[' | '{')) => {
                if open.len() == 1 {
                    index = 0;
                }
                open.push(c);
            }
            Some(')' | ']' | '}') => drop(open.pop()),
            Some(':') if open.len() == 1 => field = std::mem::take(&mut word),
            Some(c) if c.is_alphanumeric() || c == '_' => {
                word.push(c);
                continue;
            }
            Some(c) if c.is_whitespace() => continue,
            _ => {}
        }
        word.clear();
    }
    found
}

/// Tells the path of each field and item, and where its value begins, in the order of the text.
pub fn fields(text: &str, mut tell: impl FnMut(String, Place)) {
    walk(text, &mut |levels, place| {
        tell(path(levels), place);
        false
    });
}

/// The text with blanks in place of what stands there; its lines, and what stands elsewhere, keep their places.
pub fn without(text: &str, range: &Range<usize>) -> String {
    let blank = |(at, c): (usize, char)| if range.contains(&at) && c != '\n' { ' ' } else { c };
    text.char_indices().map(blank).collect()
}

/// The path of the field or item that begins at a place.
pub fn field_at(text: &str, place: Place) -> String {
    let mut found = String::new();
    walk(text, &mut |levels, begins| {
        let is_it = begins == place;
        if is_it {
            found = path(levels);
        }
        is_it
    });
    found
}

/// The path without its last field: `endpoints[0]` of `endpoints[0].provider`.
pub fn parent(path: &str) -> String {
    path.rsplit_once('.').map(|(parent, _)| parent.to_owned()).unwrap_or_default()
}

/// The place behind the blanks that stand at a place, in its line: some mistakes are told from there.
fn without_blanks(text: &str, (line, column): Place) -> Place {
    let line_text = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let rest = line_text.chars().skip(column.saturating_sub(1));
    let blanks = rest.clone().take_while(|c| c.is_whitespace()).count();
    if blanks == rest.count() { (line, column) } else { (line, column + blanks) }
}

/// What stands at a place, to its line's end or the next punctuation: what a message says was found.
fn value_at(text: &str, (line, column): Place) -> &str {
    let line = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let start = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let rest = line.get(start..).unwrap_or_default();
    rest.split([',', ')', ']', '}']).next().unwrap_or_default().trim()
}

/// The text up to a line and column.
fn before(text: &str, line: usize, column: usize) -> String {
    let mut kept = String::new();
    for (number, content) in text.split('\n').enumerate() {
        if number + 1 == line {
            kept.extend(content.chars().take(column.saturating_sub(1)));
            break;
        }
        kept.push_str(content);
        kept.push('\n');
    }
    kept
}
