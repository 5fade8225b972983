//! JSON paths as they are written (RFC 9535 section 2), read with bounds: every level is one call of this parser and of the search, and
//! nothing is read twice.

use serde_json::Value;

use super::query::{Comparison, Logic, Operand, Query, Segment, Selector};
use super::text_pattern::TextPattern;

/// Bytes of a path.
const PATH_BYTES_MAX: usize = 2_000;

/// Filters, parentheses and functions in each other.
const NESTING_MAX: usize = 16;

/// The numbers that JSON carries exactly everywhere (RFC 9535 section 2.1, RFC 7493 section 2.2).
const INDEX_MAX: i64 = (1 << 53) - 1;

/// What was read, and what of it makes it dear.
pub(super) struct Parsed {
    pub(super) query: Query,
    pub(super) descents: usize,
    pub(super) has_filter: bool,
    /// A `$` in a filter.
    pub(super) has_root: bool,
}

/// Reads a path.
///
/// # Errors
/// What is wrong, and where.
pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    if text.len() > PATH_BYTES_MAX {
        return Err(format!("a path of {} bytes is too long: {PATH_BYTES_MAX} at most", text.len()));
    }
    let mut parser = Parser { text, at: 0, nesting: 0, descents: 0, has_filter: false, has_root: false };
    parser.expect('$')?;
    let query = parser.segments()?;
    if parser.at < text.len() {
        return Err(parser.unexpected("`.`, `[` or the end of the path"));
    }
    Ok(Parsed { query, descents: parser.descents, has_filter: parser.has_filter, has_root: parser.has_root })
}

struct Parser<'a> {
    text: &'a str,
    /// Bytes that were read.
    at: usize,
    nesting: usize,
    descents: usize,
    has_filter: bool,
    has_root: bool,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.get(..rest.find(|c| !fits(c)).unwrap_or(rest.len())).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    fn blanks(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.take(wanted.encode_utf8(&mut [0; 4])) { Ok(()) } else { Err(self.unexpected(&format!("`{wanted}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> String {
        let column = self.text.get(..self.at).unwrap_or_default().chars().count() + 1;
        match self.peek() {
            Some(found) => format!("expected {wanted} in place of `{found}` at character {column}"),
            None => format!("expected {wanted} at its end"),
        }
    }

    /// One level more, for as long as `read` runs.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.nesting == NESTING_MAX {
            return Err(format!(
                "it has filters, parentheses and functions more than {NESTING_MAX} deep: write fewer of them in each other"
            ));
        }
        self.nesting += 1;
        let read = read(self);
        self.nesting -= 1;
        read
    }

    fn segments(&mut self) -> Result<Query, String> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.blanks();
            let is_descendant = self.take("..");
            self.descents += usize::from(is_descendant);
            let selectors = if self.peek() == Some('[') {
                self.brackets()?
            } else if is_descendant || self.take(".") {
                vec![self.shorthand()?]
            } else {
                // Blanks behind the path are not its own.
                self.at = before;
                return Ok(Query(segments));
            };
            segments.push(Segment { is_descendant, selectors });
        }
    }

    fn shorthand(&mut self) -> Result<Selector, String> {
        if self.take("*") {
            return Ok(Selector::Wildcard);
        }
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        if !self.peek().is_some_and(is_first) {
            return Err(self.unexpected("a name or `*`"));
        }
        Ok(Selector::Name(self.take_while(|c| is_first(c) || c.is_ascii_digit()).to_owned()))
    }

    fn brackets(&mut self) -> Result<Vec<Selector>, String> {
        self.expect('[')?;
        let mut selectors = Vec::new();
        loop {
            self.blanks();
            selectors.push(self.selector()?);
            self.blanks();
            if !self.take(",") {
                break;
            }
        }
        self.expect(']')?;
        Ok(selectors)
    }

    fn selector(&mut self) -> Result<Selector, String> {
        match self.peek() {
            Some('*') => {
                self.expect('*')?;
                Ok(Selector::Wildcard)
            }
            Some('"' | '\'') => Ok(Selector::Name(self.quoted()?)),
            Some('?') => {
                self.expect('?')?;
                self.has_filter = true;
                self.deeper(|parser| {
                    parser.blanks();
                    parser.any()
                })
                .map(Selector::Filter)
            }
            Some('-' | '0'..='9' | ':') => self.index_or_slice(),
            _ => Err(self.unexpected("a quoted name, a number, `*`, `:` or `?`")),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, String> {
        let start = self.integer()?;
        let before = self.at;
        self.blanks();
        if !self.take(":") {
            self.at = before;
            return start.map(Selector::Index).ok_or_else(|| self.unexpected("a number"));
        }
        self.blanks();
        let end = self.integer()?;
        let before = self.at;
        self.blanks();
        let step = if self.take(":") {
            self.blanks();
            self.integer()?
        } else {
            self.at = before;
            None
        };
        Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
    }

    fn integer(&mut self) -> Result<Option<i64>, String> {
        if !matches!(self.peek(), Some('-' | '0'..='9')) {
            return Ok(None);
        }
        let from = self.at;
        self.take("-");
        let digits = self.take_while(|c| c.is_ascii_digit());
        let written = self.text.get(from..self.at).unwrap_or_default();
        let is_plain = digits == "0" && digits == written || !digits.is_empty() && !digits.starts_with('0');
        match written.parse::<i64>() {
            Ok(number) if is_plain && number.abs() <= INDEX_MAX => Ok(Some(number)),
            _ => Err(format!("`{written}` is no index: a whole number without zeros before it, {INDEX_MAX} at most")),
        }
    }

    /// A text in quotes of either kind (RFC 9535 section 2.3.1.1).
    fn quoted(&mut self) -> Result<String, String> {
        let quote = self.peek().unwrap_or('"');
        self.expect(quote)?;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.unexpected(&format!("`{quote}`"))) };
            self.at += c.len_utf8();
            match c {
                '\\' => text.push(self.escaped(quote)?),
                _ if c == quote => return Ok(text),
                '\0'..='\u{1f}' => return Err("a control character in quotes is written \\uXXXX".to_owned()),
                _ => text.push(c),
            }
        }
    }

    fn escaped(&mut self, quote: char) -> Result<char, String> {
        let Some(c) = self.peek() else { return Err(self.unexpected("a character behind `\\`")) };
        if c != quote && !"bfnrt/\\u".contains(c) {
            return Err(self.unexpected("one of b f n r t / \\ u or the quote behind `\\`"));
        }
        self.at += c.len_utf8();
        Ok(match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.four_digits()?;
                let second = match first {
                    0xd800..0xdc00 if self.take("\\u") => Some(self.four_digits()?),
                    _ => None,
                };
                let mut characters = char::decode_utf16([first].into_iter().chain(second));
                match (characters.next(), characters.next()) {
                    (Some(Ok(c)), None) => c,
                    _ => return Err(format!("\\u{first:04x} is half of a character: its other half is missing")),
                }
            }
            c => c,
        })
    }

    fn four_digits(&mut self) -> Result<u16, String> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let number = number.ok_or_else(|| self.unexpected("four hexadecimal digits behind \\u"))?;
        self.at += 4;
        Ok(number)
    }

    fn any(&mut self) -> Result<Logic, String> {
        let mut parts = vec![self.all()?];
        while self.take_operator("||") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Logic::Any))
    }

    fn all(&mut self) -> Result<Logic, String> {
        let mut parts = vec![self.basic()?];
        while self.take_operator("&&") {
            parts.push(self.basic()?);
        }
        Ok(one_or(parts, Logic::All))
    }

    /// With the blanks around it, or nothing.
    fn take_operator(&mut self, operator: &str) -> bool {
        let before = self.at;
        self.blanks();
        let is_there = self.take(operator);
        if is_there {
            self.blanks()
        } else {
            self.at = before
        }
        is_there
    }

    fn basic(&mut self) -> Result<Logic, String> {
        if self.take("!") {
            self.blanks();
            let negated = match self.peek() {
                Some('(') => self.parentheses()?,
                _ => match self.test_or_operand()? {
                    Term::Test(logic) => logic,
                    Term::Nodes(query) => Logic::Exists(query),
                    Term::Value(_) => return Err(self.unexpected("a comparison in parentheses behind `!`")),
                },
            };
            return Ok(Logic::Not(Box::new(negated)));
        }
        if self.peek() == Some('(') {
            return self.parentheses();
        }
        let left = self.test_or_operand()?;
        let before = self.at;
        self.blanks();
        let Some(comparison) = self.comparison() else {
            self.at = before;
            return match left {
                Term::Test(logic) => Ok(logic),
                Term::Nodes(query) => Ok(Logic::Exists(query)),
                Term::Value(_) => Err(self.unexpected("a comparison such as `== 1`")),
            };
        };
        self.blanks();
        let right = self.test_or_operand()?;
        Ok(Logic::Compare(self.operand(left)?, comparison, self.operand(right)?))
    }

    fn parentheses(&mut self) -> Result<Logic, String> {
        self.expect('(')?;
        let logic = self.deeper(|parser| {
            parser.blanks();
            parser.any()
        })?;
        self.blanks();
        self.expect(')')?;
        Ok(logic)
    }

    fn comparison(&mut self) -> Option<Comparison> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let all =
            [("==", Equal), ("!=", NotEqual), ("<=", LessOrEqual), (">=", GreaterOrEqual), ("<", Less), (">", Greater)];
        all.into_iter().find(|(word, _)| self.take(word)).map(|(_, comparison)| comparison)
    }

    fn operand(&self, term: Term) -> Result<Operand, String> {
        match term {
            Term::Value(operand) => Ok(operand),
            Term::Nodes(query) if query.is_singular() => Ok(Operand::One(query)),
            Term::Nodes(_) => {
                Err("a path that is compared may lead to one value only: no `*`, `..`, `:` or `?` in it".to_owned())
            }
            Term::Test(_) => Err("`match` and `search` are compared with nothing: they hold or not".to_owned()),
        }
    }

    fn test_or_operand(&mut self) -> Result<Term, String> {
        match self.peek() {
            Some('@') => {
                self.expect('@')?;
                self.segments().map(Term::Nodes)
            }
            Some('$') => {
                self.expect('$')?;
                self.has_root = true;
                self.segments().map(Term::Nodes)
            }
            Some('"' | '\'') => Ok(Term::Value(Operand::Literal(self.quoted()?.into()))),
            Some('-' | '0'..='9') => self.number(),
            Some('a'..='z') => {
                let name = self.take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if self.peek() == Some('(') {
                    return self.deeper(|parser| parser.function(name));
                }
                match name {
                    "true" => Ok(Term::Value(Operand::Literal(true.into()))),
                    "false" => Ok(Term::Value(Operand::Literal(false.into()))),
                    "null" => Ok(Term::Value(Operand::Literal(Value::Null))),
                    _ => Err(format!("`{name}` is no value: a text stands in quotes")),
                }
            }
            _ => Err(self.unexpected("`@`, a value or a function")),
        }
    }

    fn number(&mut self) -> Result<Term, String> {
        let written = self.take_while(|c| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let number = serde_json::from_str::<serde_json::Number>(written);
        number
            .map(|number| Term::Value(Operand::Literal(number.into())))
            .map_err(|_| format!("`{written}` is no number"))
    }

    fn function(&mut self, name: &str) -> Result<Term, String> {
        self.expect('(')?;
        self.blanks();
        let term = match name {
            "length" => {
                let of = self.test_or_operand()?;
                Term::Value(Operand::Length(Box::new(self.operand(of)?)))
            }
            "count" => Term::Value(Operand::Count(self.nodes(name)?)),
            "value" => Term::Value(Operand::ValueOf(self.nodes(name)?)),
            "match" | "search" => {
                let text = self.test_or_operand()?;
                let text = self.operand(text)?;
                self.blanks();
                self.expect(',')?;
                self.blanks();
                if !matches!(self.peek(), Some('"' | '\'')) {
                    return Err(format!("the pattern of `{name}` must stand in quotes: a sender's is none to run"));
                }
                Term::Test(Logic::Like(text, TextPattern::new(&self.quoted()?, name == "match")?))
            }
            _ => return Err(format!("`{name}` is no function: expected length, count, value, match or search")),
        };
        self.blanks();
        self.expect(')')?;
        Ok(term)
    }

    fn nodes(&mut self, name: &str) -> Result<Query, String> {
        match self.test_or_operand()? {
            Term::Nodes(query) => Ok(query),
            _ => Err(format!("`{name}` takes a path such as `@.items[*]`")),
        }
    }
}

/// What can stand in a filter, until it is known how it is used.
enum Term {
    Test(Logic),
    Nodes(Query),
    Value(Operand),
}

fn one_or(mut parts: Vec<Logic>, many: impl FnOnce(Vec<Logic>) -> Logic) -> Logic {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => many(parts.into_iter().chain(last).collect()),
    }
}
