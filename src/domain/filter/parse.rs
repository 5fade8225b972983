//! From text to a tree of terms.

use super::node::{DEPTH_MAX, FilterError, Node, TEXT_CHARS_MAX};
use super::pattern::{Pattern, Piece};
use super::term::{FIELDS, Flag, NumberField, Range, StatusTest, Term, TextField};
use crate::domain::judgement::Says;
use crate::domain::printable::visible_within;

type Result<T> = std::result::Result<T, FilterError>;

const STATUS_MAX: u64 = 999;

/// What `verdict:` is compared with.
pub(super) const VERDICTS: [&str; 5] = ["valid", "invalid", "unsigned", "unknown", "none"];

/// Understands a text.
pub(super) fn parse(text: &str) -> Result<Node> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > TEXT_CHARS_MAX {
        return Err(error(TEXT_CHARS_MAX, format!("a filter has at most {TEXT_CHARS_MAX} characters")));
    }
    let mut parser = Parser { chars, at: 0 };
    parser.blanks();
    if parser.peek().is_none() {
        return Ok(Node::All(Vec::new()));
    }
    let root = parser.any(0)?;
    match parser.peek() {
        None => Ok(root),
        Some(_) => Err(error(parser.at, "this parenthesis closes nothing: expected a term")),
    }
}

fn error(at: usize, message: impl Into<String>) -> FilterError {
    FilterError { column: at + 1, message: message.into() }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
}

/// A word of the text: bare characters, `*` and quoted parts without a blank between them.
struct Word {
    at: usize,
    /// The letters before a colon, in lower case.
    field: Option<String>,
    /// Where the value begins.
    value_at: usize,
    /// The value as written, for numbers; `None` when a part of it was quoted.
    bare: Option<String>,
    pattern: Pattern,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Whether this bare word stands here, parted from what follows; reads over it.
    fn keyword(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let here: String = self.chars.get(self.at..end).unwrap_or_default().iter().collect();
        let parted = self.chars.get(end).is_none_or(|char| char.is_whitespace() || matches!(char, '(' | ')'));
        if parted && here.eq_ignore_ascii_case(word) {
            self.at = end;
            self.blanks();
            return true;
        }
        false
    }

    fn any(&mut self, depth: usize) -> Result<Node> {
        let mut nodes = vec![self.all(depth)?];
        while self.keyword("or") {
            nodes.push(self.all(depth)?);
        }
        Ok(join(nodes, Node::Any, |node| match node {
            Node::Any(nodes) => Ok(nodes),
            node => Err(node),
        }))
    }

    fn all(&mut self, depth: usize) -> Result<Node> {
        let mut nodes = vec![self.unary(depth)?];
        loop {
            self.blanks();
            let start = self.at;
            match self.peek() {
                None | Some(')') => break,
                _ if self.keyword("or") => {
                    self.at = start;
                    break;
                }
                _ => {
                    self.keyword("and");
                    nodes.push(self.unary(depth)?);
                }
            }
        }
        Ok(join(nodes, Node::All, |node| match node {
            Node::All(nodes) => Ok(nodes),
            node => Err(node),
        }))
    }

    fn unary(&mut self, depth: usize) -> Result<Node> {
        let start = self.at;
        if depth > DEPTH_MAX {
            return Err(error(start, format!("nested deeper than {DEPTH_MAX}")));
        }
        match self.peek() {
            Some('!' | '-') => {
                self.at += 1;
                if self.peek().is_none_or(|char| char.is_whitespace() || char == ')') {
                    return Err(error(start, "expected a term right behind the negation; quote it to search for it"));
                }
                Ok(match self.unary(depth + 1)? {
                    Node::Not(node) => *node,
                    node => Node::Not(Box::new(node)),
                })
            }
            Some('(') => {
                self.at += 1;
                self.blanks();
                let node = self.any(depth + 1)?;
                self.blanks();
                if self.peek() != Some(')') {
                    return Err(error(start, "this parenthesis is not closed"));
                }
                self.at += 1;
                Ok(node)
            }
            None | Some(')') => Err(error(start, "expected a term here")),
            Some(_) if self.keyword("or") || self.keyword("and") => {
                Err(error(start, "expected a term before it; quote the word to search for it"))
            }
            Some(_) => self.word()?.term().map(Node::Term),
        }
    }

    fn word(&mut self) -> Result<Word> {
        let at = self.at;
        let field = self.field();
        let value_at = self.at;
        let mut pieces = Vec::new();
        let mut bare = Some(String::new());
        while let Some(char) = self.peek() {
            match char {
                '(' | ')' => break,
                _ if char.is_whitespace() => break,
                '"' => {
                    pieces.push(Piece::literal(self.quoted()?));
                    bare = None;
                    continue;
                }
                '*' => pieces.push(Piece::Any),
                _ => pieces.push(Piece::literal(char)),
            }
            if let Some(bare) = &mut bare {
                bare.push(char);
            }
            self.at += 1;
        }
        Ok(Word { at, field, value_at, bare, pattern: Pattern::new(pieces) })
    }

    /// Letters and a colon. A URL is no field.
    fn field(&mut self) -> Option<String> {
        let rest = self.chars.get(self.at..)?;
        let letters: String = rest.iter().take_while(|char| char.is_ascii_alphabetic()).collect();
        let is_url = rest.get(letters.len() + 1..).is_some_and(|after| after.starts_with(&['/', '/']));
        if letters.is_empty() || rest.get(letters.len()) != Some(&':') || is_url {
            return None;
        }
        self.at += letters.len() + 1;
        Some(letters.to_ascii_lowercase())
    }

    fn quoted(&mut self) -> Result<String> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(char) = self.peek() {
            self.at += 1;
            match char {
                '"' => return Ok(text),
                '\\' => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        self.at += 1;
                        text.push(escaped);
                    }
                    _ => text.push('\\'),
                },
                _ => text.push(char),
            }
        }
        Err(error(start, "this quote is not closed"))
    }
}

/// One node as it is, several in a group; groups of the same kind are taken up into it.
fn join(
    nodes: Vec<Node>,
    group: fn(Vec<Node>) -> Node,
    open: fn(Node) -> std::result::Result<Vec<Node>, Node>,
) -> Node {
    let mut flat = Vec::with_capacity(nodes.len());
    for node in nodes {
        match open(node) {
            Ok(inner) => flat.extend(inner),
            Err(node) => flat.push(node),
        }
    }
    match flat.len() {
        1 => flat.remove(0),
        _ => group(flat),
    }
}

impl Word {
    fn term(self) -> Result<Term> {
        // As the row calls it in JSON.
        let field = self.field.as_deref().map(|field| if field == "type" { "event" } else { field });
        let Some(field) = field else {
            if self.pattern.is_empty() {
                return Err(error(self.at, "expected something between the quotes"));
            }
            return Ok(match self.bare.as_deref() {
                Some(word) if word.eq_ignore_ascii_case("marked") => Term::Is(Flag::Marked),
                _ => Term::Free(self.pattern),
            });
        };
        let known = FIELDS.iter().find(|(name, _)| *name == field);
        if let (Some((name, words)), true) = (known, self.pattern.is_empty()) {
            return Err(error(self.value_at, format!("expected a value behind {name}: ({words})")));
        }
        if let Some((field, _)) = TextField::ALL.iter().find(|(_, name)| *name == field) {
            return self.text(*field);
        }
        match field {
            "path" => Ok(Term::Path(self.pattern)),
            "header" => Ok(Term::Header(self.pattern)),
            "body" => Ok(Term::Body(self.pattern)),
            "status" => self.status(),
            "id" => Ok(Term::Number(NumberField::Id, self.range(u64::MAX, "3, 3-9, >3, <=9", number)?)),
            "size" => Ok(Term::Number(NumberField::Size, self.range(u64::MAX, "0, >10kb, <=1mb, 1kb-1mb", size)?)),
            "is" => self.flag(),
            _ => Err(error(self.at, unknown_field(field))),
        }
    }

    fn text(self, field: TextField) -> Result<Term> {
        // What people read for it elsewhere.
        if field == TextField::Verdict
            && self.pattern.as_literal().is_some_and(|v| v.eq_ignore_ascii_case("unverified"))
        {
            return Ok(Term::Text(field, Pattern::new([Piece::literal("unknown")])));
        }
        if field == TextField::Judged
            && let Some(value) = self.pattern.as_literal()
            && value != "none"
            && !Says::ALL.iter().any(|known| known.as_str().eq_ignore_ascii_case(value))
        {
            let known: Vec<&str> = Says::ALL.iter().map(|known| known.as_str()).collect();
            return Err(self.expected(&format!("one of {}, none", known.join(", "))));
        }
        if field == TextField::Verdict
            && let Some(value) = self.pattern.as_literal()
            && !VERDICTS.iter().any(|known| known.eq_ignore_ascii_case(value))
        {
            return Err(self.expected(&format!("one of {}", VERDICTS.join(", "))));
        }
        Ok(Term::Text(field, self.pattern))
    }

    fn flag(self) -> Result<Term> {
        let value = self.pattern.as_literal().unwrap_or_default();
        match Flag::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(value)) {
            Some((flag, _)) => Ok(Term::Is(*flag)),
            None => {
                let known: Vec<&str> = Flag::ALL.iter().map(|(_, name)| *name).collect();
                Err(self.expected(&format!("one of {}", known.join(", "))))
            }
        }
    }

    fn status(self) -> Result<Term> {
        let value = self.bare.as_deref().unwrap_or_default().to_ascii_lowercase();
        if value == "none" {
            return Ok(Term::Status(StatusTest::None));
        }
        if let [class @ b'0'..=b'9', b'x', b'x'] = value.as_bytes() {
            let from = u64::from(class - b'0') * 100;
            return Ok(Term::Status(StatusTest::Range(Range { from, to: from + 99 })));
        }
        let range = self.range(STATUS_MAX, "a status: 404, 5xx, >=400, 400-499, none", number)?;
        Ok(Term::Status(StatusTest::Range(range)))
    }

    /// `N`, `N-M`, `>N`, `>=N`, `<N`, `<=N`.
    fn range(&self, max: u64, examples: &str, read: fn(&str) -> Option<u64>) -> Result<Range> {
        let value = self.bare.as_deref().unwrap_or_default().to_ascii_lowercase();
        let bounds = if let Some(rest) = value.strip_prefix(">=") {
            read(rest).map(|from| (Some(from), Some(max)))
        } else if let Some(rest) = value.strip_prefix("<=") {
            read(rest).map(|to| (Some(0), Some(to)))
        } else if let Some(rest) = value.strip_prefix('>') {
            read(rest).map(|below| (below.checked_add(1), Some(max)))
        } else if let Some(rest) = value.strip_prefix('<') {
            read(rest).map(|above| (Some(0), above.checked_sub(1)))
        } else if let Some((from, to)) = value.split_once('-') {
            read(from).zip(read(to)).map(|(from, to)| (Some(from), Some(to)))
        } else {
            read(&value).map(|only| (Some(only), Some(only)))
        };
        match bounds {
            None => Err(self.expected(examples)),
            Some((Some(from), Some(to))) if from <= to && to <= max => Ok(Range { from, to }),
            Some(_) => Err(error(self.value_at, "no number can be so")),
        }
    }

    fn expected(&self, what: &str) -> FilterError {
        let found = self.bare.as_deref().or(self.pattern.as_literal()).unwrap_or_default();
        error(self.value_at, format!("expected {what}; found `{}`", visible_within(found.as_bytes(), 40)))
    }
}

fn unknown_field(field: &str) -> String {
    let known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    let field = visible_within(field.as_bytes(), 40);
    format!("there is no field `{field}` (known: {}); quote it to search for the text", known.join(", "))
}

fn number(text: &str) -> Option<u64> {
    // `parse` would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Bytes, with `k`, `kb`, `m`, `mb`, `g`, `gb` (and `kib`...) as powers of 1024.
fn size(text: &str) -> Option<u64> {
    let digits_end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    let factor: u64 = match unit {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return None,
    };
    number(digits)?.checked_mul(factor)
}
