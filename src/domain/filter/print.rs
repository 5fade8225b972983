//! From a tree of terms back to text.

use std::fmt;

use super::Filter;
use super::node::Node;
use super::pattern::{Pattern, Piece};
use super::term::{Flag, NumberField, Range, StatusTest, Term};

impl fmt::Display for Filter {
    /// The filter in its own language: parsing it gives the same filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        node(f, &self.root, Around::Nothing)
    }
}

/// What a node stands in: it decides about parentheses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    Any,
    All,
    Not,
}

fn node(f: &mut fmt::Formatter<'_>, shown: &Node, around: Around) -> fmt::Result {
    match shown {
        Node::All(nodes) => group(f, nodes, " ", Around::All, around == Around::Not),
        Node::Any(nodes) => group(f, nodes, " or ", Around::Any, matches!(around, Around::All | Around::Not)),
        Node::Not(inner) => {
            f.write_str("!")?;
            node(f, inner, Around::Not)
        }
        Node::Term(shown) => term(f, shown),
    }
}

fn group(f: &mut fmt::Formatter<'_>, nodes: &[Node], between: &str, kind: Around, parted: bool) -> fmt::Result {
    if parted {
        f.write_str("(")?;
    }
    for (at, shown) in nodes.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        node(f, shown, kind)?;
    }
    if parted { f.write_str(")") } else { Ok(()) }
}

fn term(f: &mut fmt::Formatter<'_>, shown: &Term) -> fmt::Result {
    match shown {
        Term::Text(field, value) => {
            write!(f, "{}:", field.name())?;
            pattern(f, value)
        }
        Term::Path(value) => {
            f.write_str("path:")?;
            pattern(f, value)
        }
        Term::Header(value) => {
            f.write_str("header:")?;
            pattern(f, value)
        }
        Term::Body(value) => {
            f.write_str("body:")?;
            pattern(f, value)
        }
        Term::Free(value) => pattern(f, value),
        Term::Status(StatusTest::None) => f.write_str("status:none"),
        Term::Status(StatusTest::Range(Range { from, to })) if from % 100 == 0 && *to == from + 99 => {
            write!(f, "status:{}xx", from / 100)
        }
        Term::Status(StatusTest::Range(shown)) => {
            write!(f, "status:{}", range(*shown, 999, |number| number.to_string()))
        }
        Term::Number(field, shown) => {
            let write_number = match field {
                NumberField::Id => |number: u64| number.to_string(),
                NumberField::Size => size,
            };
            write!(f, "{}:{}", field.name(), range(*shown, u64::MAX, write_number))
        }
        Term::Is(Flag::Marked) => f.write_str("marked"),
        Term::Is(flag) => write!(f, "is:{}", flag.name()),
    }
}

fn range(Range { from, to }: Range, max: u64, write: fn(u64) -> String) -> String {
    match (from, to) {
        (from, to) if from == to => write(from),
        // `>10kb` rather than `>=10241`, whichever is shorter.
        (from, to) if to == max => shorter(">=", from, ">", from.checked_sub(1), write),
        (0, to) => shorter("<=", to, "<", to.checked_add(1), write),
        (from, to) => format!("{}-{}", write(from), write(to)),
    }
}

fn shorter(sign: &str, number: u64, other_sign: &str, other: Option<u64>, write: fn(u64) -> String) -> String {
    let first = format!("{sign}{}", write(number));
    let second = other.map(|other| format!("{other_sign}{}", write(other)));
    match second {
        Some(second) if second.len() + 1 < first.len() => second,
        _ => first,
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes > 0 && bytes % (1 << 20) == 0 => format!("{}mb", bytes >> 20),
        bytes if bytes > 0 && bytes % (1 << 10) == 0 => format!("{}kb", bytes >> 10),
        bytes => bytes.to_string(),
    }
}

fn pattern(f: &mut fmt::Formatter<'_>, shown: &Pattern) -> fmt::Result {
    let alone = shown.pieces().len() == 1;
    for (at, piece) in shown.pieces().iter().enumerate() {
        match piece {
            Piece::Any => f.write_str("*")?,
            Piece::Literal(literal) if is_bare(&literal.shown, at == 0, alone) => f.write_str(&literal.shown)?,
            Piece::Literal(literal) => {
                f.write_str("\"")?;
                f.write_str(&literal.shown.replace('\\', "\\\\").replace('"', "\\\""))?;
                f.write_str("\"")?;
            }
        }
    }
    Ok(())
}

/// Whether the text means itself without quotes.
fn is_bare(text: &str, first: bool, alone: bool) -> bool {
    const KEYWORDS: [&str; 3] = ["or", "and", "marked"];
    if alone && KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(text)) {
        return false;
    }
    !(first && text.starts_with(['-', '!']))
        && text.chars().all(|char| char.is_alphanumeric() || "-_./@+%=?&#,;<>'!$~^|{}[]".contains(char))
}
