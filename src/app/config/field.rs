//! Which field of a RON text a position is in, for messages: `limits.body`, `endpoints[1].secret`.

/// What is open at a point of the text.
enum Level {
    /// `(` or `{`, with the name in front of the last colon.
    Named(String),
    /// `[`, with the index of the current item.
    Listed(usize),
}

/// The path of the field at a line and column (both from 1, in characters); empty outside of any.
pub(super) fn at(text: &str, line: usize, column: usize) -> String {
    let before = before(text, line, column);
    let mut levels: Vec<Level> = Vec::new();
    let mut word = String::new();
    let mut rest = before.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => word = string(&mut rest),
            '/' if rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            '(' | '{' => levels.push(Level::Named(String::new())),
            '[' => levels.push(Level::Listed(0)),
            ')' | ']' | '}' => {
                levels.pop();
            }
            ':' => {
                if let Some(Level::Named(name)) = levels.last_mut() {
                    *name = std::mem::take(&mut word);
                }
            }
            ',' => match levels.last_mut() {
                Some(Level::Named(name)) => name.clear(),
                Some(Level::Listed(index)) => *index += 1,
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
    path(&levels)
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
fn string(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
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
