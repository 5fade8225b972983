//! Text -> Filter -> text; which exchanges a filter lets through.
//!
//! A filter is terms: `field:value`, flags such as `marked`, and free words. Terms side by side must all hold; `or` and
//! parentheses group them; `!` or `-` in front of a term turns it round. `*` in a value stands for anything, quotes take
//! everything literally, case never matters. A path, header or body is searched; every other field is compared whole, and so
//! is a path when there is a `*` in the pattern.

use super::exchange::Request;
use super::summary::Summary;

mod complete;
mod eval;
mod node;
mod parse;
mod pattern;
mod print;
mod term;
mod wider;

#[cfg(test)]
mod tests;

pub use complete::{Completion, Seen, complete};
pub use node::{DEPTH_MAX, FilterError, TEXT_CHARS_MAX};
pub use term::{FIELDS, SYNTAX};
pub use wider::Fits;

use node::Node;

/// Columns of the longest line of [`help`], and of its terms with their blanks.
const HELP_COLUMNS: usize = 78;
const TERM_COLUMNS: usize = 13;

/// The whole language as lines for a terminal: what a command's help says of it.
pub fn help() -> String {
    let rows = FIELDS.iter().map(|(name, words)| (format!("{name}:"), about_field(name, words)));
    let rows = rows.chain(SYNTAX.iter().map(|(term, words)| ((*term).to_owned(), *words)));
    let lines = rows.map(|(term, words)| format!("\n  {term:<10} {}", hanging(words)));
    format!("Filters:{}", lines.collect::<String>())
}

/// ASCII words in lines that begin below each other.
fn hanging(words: &str) -> String {
    let mut text = String::new();
    let mut columns = TERM_COLUMNS;
    for word in words.split(' ') {
        if !text.is_empty() && columns + 1 + word.len() > HELP_COLUMNS {
            text.push('\n');
            text.push_str(&" ".repeat(TERM_COLUMNS));
            columns = TERM_COLUMNS;
        } else if !text.is_empty() {
            text.push(' ');
            columns += 1;
        }
        text.push_str(word);
        columns += word.len();
    }
    text
}

/// What a field looks at, without its name in front.
pub fn about_field<'a>(name: &str, words: &'a str) -> &'a str {
    words.strip_prefix(name).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(words)
}

/// A filter that has been understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    root: Node,
}

impl Filter {
    /// Understands a text; an empty one lets everything through.
    ///
    /// # Errors
    /// The first mistake, with its column and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text).map(|root| Self { root })
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        matches!(&self.root, Node::All(nodes) if nodes.is_empty())
    }

    /// Whether a term looks into headers or the body, so that [`Self::matches`] may need the request.
    pub fn needs_request(&self) -> bool {
        self.root.needs_request()
    }

    /// Whether this row is let through, when that can be told without its request; `None`: bring the request.
    pub fn decide(&self, summary: &Summary) -> Option<bool> {
        self.root.eval(summary, None)
    }

    /// Whether this row (and its request, when given) is let through. What cannot be told without the request does not match.
    pub fn matches(&self, summary: &Summary, request: Option<&Request>) -> bool {
        self.root.eval(summary, request).unwrap_or(false)
    }

    /// Whether a term looks at what went back: of a request without an answer it says nothing yet.
    pub fn looks_at_answer(&self) -> bool {
        self.root.looks_at_answer()
    }

    /// The terms that keep this row out, each as it would be written; none: it is let through. Of alternatives there is one, as a whole.
    pub fn unmet(&self, summary: &Summary, request: Option<&Request>) -> Vec<String> {
        let terms = match &self.root {
            Node::All(nodes) => nodes.as_slice(),
            node => std::slice::from_ref(node),
        };
        let unmet = terms.iter().filter(|node| !node.eval(summary, request).unwrap_or(false));
        unmet.map(|node| Self { root: node.clone() }.to_string()).collect()
    }
}
