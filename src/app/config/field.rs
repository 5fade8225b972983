//! Which field of a RON text a position is in, for messages (`limits.body`, `endpoints[1].secret`), and where a field stands.

use std::iter::Peekable;
use std::str::Chars;

/// What is open at a point of the text.
enum Level {
    /// `(` or `{`, with the name in front of the last colon.
    Named(String),
    /// `[`, with the index of the current item.
    Listed(usize),
}

/// A place in the text: line and column, both from 1, in characters.
pub(super) type Place = (usize, usize);

/// The path of the field at a place; empty outside of any.
pub(super) fn at(text: &str, (line, column): Place) -> String {
    path(&walk(&before(text, line, column), &mut |_, _| false))
}

/// Where the value of a field begins, by its path.
pub(super) fn find(text: &str, wanted: &str) -> Option<Place> {
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

/// Characters, and where they stand.
struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    /// Of the next character.
    place: Place,
}

impl Iterator for Reader<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.place = if c == '\n' { (self.place.0 + 1, 1) } else { (self.place.0, self.place.1 + 1) };
        Some(c)
    }
}

/// Goes through the text, tells where each value begins until it is told to end, and gives what is open there.
fn walk(text: &str, begins: &mut dyn FnMut(&[Level], Place) -> bool) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut word = String::new();
    let mut rest = Reader { rest: text.chars().peekable(), place: (1, 1) };
    let mut is_value_next = false;
    loop {
        let place = rest.place;
        let Some(c) = rest.next() else { break };
        if c == '/' && rest.rest.peek() == Some(&'/') {
            while rest.next().is_some_and(|c| c != '\n') {}
            continue;
        }
        if is_value_next && !c.is_whitespace() {
            is_value_next = false;
            if c != ']' && begins(&levels, place) {
                break;
            }
        }
        match c {
            '"' => word = string(&mut rest),
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
pub(super) struct Unclosed {
    /// The bracket.
    pub open: char,
    /// Where it stands.
    pub place: Place,
    /// The other kind of closing bracket that came in place of its own; `None`: the text ended.
    pub before: Option<(char, Place)>,
}

/// The bracket that closes another.
pub(super) const fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// The first bracket of the text that nothing closes.
pub(super) fn unclosed(text: &str) -> Option<Unclosed> {
    let mut open: Vec<(char, Place)> = Vec::new();
    let mut rest = Reader { rest: text.chars().peekable(), place: (1, 1) };
    loop {
        let place = rest.place;
        let Some(c) = rest.next() else { break };
        match c {
            '/' if rest.rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            '"' => drop(string(&mut rest)),
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

/// The path without its last field: `endpoints[0]` of `endpoints[0].provider`.
pub(super) fn parent(path: &str) -> String {
    path.rsplit_once('.').map(|(parent, _)| parent.to_owned()).unwrap_or_default()
}

/// The place behind the blanks that stand at a place, in its line: some mistakes are told from there.
pub(super) fn without_blanks(text: &str, (line, column): Place) -> Place {
    let line_text = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let rest = line_text.chars().skip(column.saturating_sub(1));
    let blanks = rest.clone().take_while(|c| c.is_whitespace()).count();
    if blanks == rest.count() { (line, column) } else { (line, column + blanks) }
}

/// What stands at a place, to its line's end or the next punctuation: what a message says was found.
pub(super) fn value_at(text: &str, (line, column): Place) -> &str {
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

/// The rest of a string behind its opening quote.
fn string(rest: &mut Reader<'_>) -> String {
    let mut content = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => content.extend(rest.next()),
            c => content.push(c),
        }
    }
    content
}
