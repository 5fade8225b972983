//! Structured fields (RFC 9651, which replaced RFC 8941): enough to read Signature-Input, Signature and Content-Digest, and to write any of
//! their values back in the one canonical form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::crypto::BASE64_LOOSE;

/// A bare item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bare {
    /// An integer.
    Integer(i64),
    /// A decimal, as written canonically.
    Decimal(String),
    /// A string.
    Text(String),
    /// A token.
    Token(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// True or false.
    Boolean(bool),
    /// A date, in seconds since 1970.
    Date(i64),
}

/// Parameters in order; of equal names the last counts.
pub type Parameters = Vec<(String, Bare)>;

/// An item with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its value.
    pub bare: Bare,
    /// Its parameters.
    pub parameters: Parameters,
}

/// A member of a list or dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// One item.
    Item(Item),
    /// A list in brackets, with parameters of its own.
    Inner(Vec<Item>, Parameters),
}

/// Reads a dictionary; `None` when any of it is malformed, as the RFC demands.
pub fn dictionary(text: &str) -> Option<Vec<(String, Member)>> {
    let mut cursor = Cursor { rest: text.trim_matches(' ') };
    let mut members: Vec<(String, Member)> = Vec::new();
    while !cursor.rest.is_empty() {
        let key = cursor.key()?;
        let member = match cursor.eat('=') {
            true => cursor.member()?,
            false => Member::Item(Item { bare: Bare::Boolean(true), parameters: cursor.parameters()? }),
        };
        members.retain(|(known, _)| *known != key);
        members.push((key, member));
        cursor.comma()?;
    }
    Some(members)
}

/// Reads a list.
pub fn list(text: &str) -> Option<Vec<Member>> {
    let mut cursor = Cursor { rest: text.trim_matches(' ') };
    let mut members = Vec::new();
    while !cursor.rest.is_empty() {
        members.push(cursor.member()?);
        cursor.comma()?;
    }
    Some(members)
}

/// Reads one item.
pub fn item(text: &str) -> Option<Item> {
    let mut cursor = Cursor { rest: text.trim_matches(' ') };
    let item = cursor.item()?;
    cursor.rest.is_empty().then_some(item)
}

/// A field's value in canonical form, as the first of item, list and dictionary that it can be read as.
pub fn canonical(text: &str) -> Option<String> {
    if let Some(item) = item(text) {
        return Some(write_item(&item));
    }
    if let Some(list) = list(text) {
        return Some(list.iter().map(write_member).collect::<Vec<_>>().join(", "));
    }
    let members = dictionary(text)?;
    let members = members.iter().map(|(key, member)| match member {
        Member::Item(Item { bare: Bare::Boolean(true), parameters }) => {
            format!("{key}{}", write_parameters(parameters))
        }
        member => format!("{key}={}", write_member(member)),
    });
    Some(members.collect::<Vec<_>>().join(", "))
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn eat(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|char| !wanted(char)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Between members: a comma that something follows, or the end.
    fn comma(&mut self) -> Option<()> {
        self.take(|char| matches!(char, ' ' | '\t'));
        if self.rest.is_empty() {
            return Some(());
        }
        if !self.eat(',') {
            return None;
        }
        self.take(|char| matches!(char, ' ' | '\t'));
        (!self.rest.is_empty()).then_some(())
    }

    fn key(&mut self) -> Option<String> {
        let begins = self.rest.starts_with(|char: char| char.is_ascii_lowercase() || char == '*');
        let key = self
            .take(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || matches!(char, '_' | '-' | '.' | '*'));
        begins.then(|| key.to_owned())
    }

    fn member(&mut self) -> Option<Member> {
        if !self.eat('(') {
            return self.item().map(Member::Item);
        }
        let mut items = Vec::new();
        loop {
            self.take(|char| char == ' ');
            if self.eat(')') {
                return Some(Member::Inner(items, self.parameters()?));
            }
            items.push(self.item()?);
            if !self.rest.starts_with([' ', ')']) {
                return None;
            }
        }
    }

    fn item(&mut self) -> Option<Item> {
        Some(Item { bare: self.bare()?, parameters: self.parameters()? })
    }

    fn parameters(&mut self) -> Option<Parameters> {
        let mut parameters: Parameters = Vec::new();
        while self.eat(';') {
            self.take(|char| char == ' ');
            let key = self.key()?;
            let bare = if self.eat('=') { self.bare()? } else { Bare::Boolean(true) };
            match parameters.iter_mut().find(|(known, _)| *known == key) {
                Some((_, value)) => *value = bare,
                None => parameters.push((key, bare)),
            }
        }
        Some(parameters)
    }

    fn bare(&mut self) -> Option<Bare> {
        match self.rest.chars().next()? {
            '"' => self.text().map(Bare::Text),
            ':' => {
                self.eat(':');
                let packed = self.take(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '='));
                let bytes = BASE64_LOOSE.decode(packed).ok()?;
                self.eat(':').then_some(Bare::Bytes(bytes))
            }
            '?' => {
                self.eat('?');
                match (self.eat('1'), self.eat('0')) {
                    (true, false) => Some(Bare::Boolean(true)),
                    (false, true) => Some(Bare::Boolean(false)),
                    _ => None,
                }
            }
            '@' => {
                self.eat('@');
                match self.number()? {
                    Bare::Integer(seconds) => Some(Bare::Date(seconds)),
                    _ => None,
                }
            }
            '-' | '0'..='9' => self.number(),
            'a'..='z' | 'A'..='Z' | '*' => {
                let token = self.take(|char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(char));
                Some(Bare::Token(token.to_owned()))
            }
            _ => None,
        }
    }

    fn text(&mut self) -> Option<String> {
        self.eat('"');
        let mut text = String::new();
        loop {
            let char = self.rest.chars().next()?;
            self.rest = self.rest.get(char.len_utf8()..)?;
            match char {
                '"' => return Some(text),
                '\\' => {
                    let escaped = self.rest.chars().next().filter(|char| matches!(char, '"' | '\\'))?;
                    self.rest = self.rest.get(1..)?;
                    text.push(escaped);
                }
                ' '..='~' => text.push(char),
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<Bare> {
        let minus = if self.eat('-') { "-" } else { "" };
        let whole = self.take(|char| char.is_ascii_digit());
        if whole.is_empty() || whole.len() > 15 {
            return None;
        }
        let number: i64 = format!("{minus}{whole}").parse().ok()?;
        if !self.eat('.') {
            return Some(Bare::Integer(number));
        }
        let fraction = self.take(|char| char.is_ascii_digit());
        if whole.len() > 12 || fraction.is_empty() || fraction.len() > 3 {
            return None;
        }
        let fraction = match fraction.trim_end_matches('0') {
            "" => "0",
            kept => kept,
        };
        let sign = if number == 0 { minus } else { "" };
        Some(Bare::Decimal(format!("{sign}{number}.{fraction}")))
    }
}

/// A member in canonical form.
pub fn write_member(member: &Member) -> String {
    match member {
        Member::Item(item) => write_item(item),
        Member::Inner(items, parameters) => {
            let items: Vec<_> = items.iter().map(write_item).collect();
            format!("({}){}", items.join(" "), write_parameters(parameters))
        }
    }
}

/// An item in canonical form.
pub fn write_item(item: &Item) -> String {
    format!("{}{}", write_bare(&item.bare), write_parameters(&item.parameters))
}

/// Parameters in canonical form.
pub fn write_parameters(parameters: &Parameters) -> String {
    let each = parameters.iter().map(|(key, bare)| match bare {
        Bare::Boolean(true) => format!(";{key}"),
        bare => format!(";{key}={}", write_bare(bare)),
    });
    each.collect()
}

fn write_bare(bare: &Bare) -> String {
    match bare {
        Bare::Integer(number) => number.to_string(),
        Bare::Decimal(text) | Bare::Token(text) => text.clone(),
        Bare::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Bare::Bytes(bytes) => format!(":{}:", STANDARD.encode(bytes)),
        Bare::Boolean(flag) => if *flag { "?1" } else { "?0" }.to_owned(),
        Bare::Date(seconds) => format!("@{seconds}"),
    }
}

#[cfg(test)]
mod tests;
