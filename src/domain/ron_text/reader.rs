//! A RON text cut into comments, quoted text, and signs.

use std::iter::Peekable;
use std::str::Chars;

/// A place in the text: line and column, both from 1, in characters.
pub type Place = (usize, usize);

/// Characters, and where they stand.
pub(super) struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    /// Of the next character.
    pub place: Place,
    /// Of the next character, in bytes.
    pub at: usize,
}

/// What stands at a place.
pub(super) enum Piece {
    /// A comment: nothing.
    Comment,
    /// Text in quotes, raw or not, and what is between them; a character in single quotes.
    Text(String),
    /// Any other character.
    Sign(char),
}

impl Iterator for Reader<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.place = if c == '\n' { (self.place.0 + 1, 1) } else { (self.place.0, self.place.1 + 1) };
        self.at += c.len_utf8();
        Some(c)
    }
}

impl<'a> Reader<'a> {
    /// At the beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text.chars().peekable(), place: (1, 1), at: 0 }
    }

    /// The next piece. `in_word`: a letter stands in front of it, so that an `r` begins no raw text.
    pub fn piece(&mut self, in_word: bool) -> Option<Piece> {
        let c = self.next()?;
        Some(match (c, self.rest.peek()) {
            ('/', Some('/')) => {
                while self.next().is_some_and(|c| c != '\n') {}
                Piece::Comment
            }
            ('/', Some('*')) => {
                self.skip_comment();
                Piece::Comment
            }
            ('"', _) => Piece::Text(self.string()),
            ('r', Some('"' | '#')) if !in_word => match self.raw_string() {
                Some(text) => Piece::Text(text),
                None => Piece::Sign(c),
            },
            ('\'', _) => match self.quoted_char() {
                Some(text) => Piece::Text(text),
                None => Piece::Sign(c),
            },
            _ => Piece::Sign(c),
        })
    }

    /// The rest of a comment behind its opening slash; such comments stand in each other.
    fn skip_comment(&mut self) {
        let (mut depth, mut last) = (0_usize, '/');
        for c in self.by_ref() {
            match (last, c) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth = depth.saturating_sub(1),
                _ => {
                    last = c;
                    continue;
                }
            }
            // Neither sign is part of the next pair.
            last = ' ';
            if depth == 0 {
                return;
            }
        }
    }

    /// The rest of a string behind its opening quote.
    fn string(&mut self) -> String {
        let mut content = String::new();
        while let Some(c) = self.next() {
            match c {
                '"' => break,
                '\\' => content.extend(self.next()),
                c => content.push(c),
            }
        }
        content
    }

    /// The rest of a raw string behind its `r`; `None`, and nothing is read, where none begins.
    fn raw_string(&mut self) -> Option<String> {
        let hashes = self.rest.clone().take_while(|c| *c == '#').count();
        if self.rest.clone().nth(hashes) != Some('"') {
            return None;
        }
        self.by_ref().take(hashes + 1).for_each(drop);
        let mut content = String::new();
        while let Some(c) = self.next() {
            if c == '"' && self.rest.clone().take(hashes).filter(|c| *c == '#').count() == hashes {
                self.by_ref().take(hashes).for_each(drop);
                break;
            }
            content.push(c);
        }
        Some(content)
    }

    /// The rest of a character in quotes behind the first one; `None`, and nothing is read, where it is not closed.
    fn quoted_char(&mut self) -> Option<String> {
        /// Of `\u{10ffff}` and its closing quote.
        const CHARS_MAX: usize = 11;
        let mut ahead = self.rest.clone();
        // What is escaped closes nothing.
        let first = if ahead.next()? == '\\' { 2 } else { 1 };
        let length = self.rest.clone().take(CHARS_MAX).skip(first).position(|c| c == '\'')? + first;
        let content = self.by_ref().take(length).collect();
        self.next();
        Some(content)
    }
}
