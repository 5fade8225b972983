//! Regular expressions of `match` and `search` (RFC 9535 sections 2.4.6 and 2.4.7, RFC 9485): compiled once, where the path is read, and
//! weighed, so that what one costs on a stranger's text is known before it is run.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 500;

/// Places of a pattern that a character can stand at: `a{3}` has three. A search keeps all that it could be at, so that this times the
/// length of the text bounds its work, whatever the text is.
const PLACES_MAX: usize = 400;

/// Bytes of a compiled pattern. One `\w` is 10 KB or more of them, because it holds all letters of Unicode.
const COMPILED_BYTES_MAX: usize = 4 << 20;

/// Parentheses in each other in a pattern. The parser and the compiler go down one call for each.
const NESTING_MAX: u32 = 30;

/// Places that are gone through in about the time in which one value is looked at.
const PLACES_A_STEP: usize = 4;

/// A pattern of the rule's, never of the body's: what a stranger sends is no program.
#[derive(Clone, Debug)]
pub(super) struct TextPattern {
    regex: Regex,
    places: usize,
}

impl TextPattern {
    /// For all of a text (`match`) or any part of it (`search`).
    ///
    /// # Errors
    /// In words: what is wrong with it, or which bound it passes.
    pub(super) fn new(pattern: &str, is_whole: bool) -> Result<Self, String> {
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!("a pattern of {} bytes is too long: {PATTERN_BYTES_MAX} at most", pattern.len()));
        }
        let wrong = |error: &dyn std::fmt::Display| {
            let last = error.to_string().lines().last().unwrap_or_default().to_owned();
            format!("the pattern `{pattern}` is no regular expression: {}", last.trim_start_matches("error: "))
        };
        // `.` is any character but the ends of lines, CR among them (RFC 9485 section 5.3).
        let source = if is_whole { format!("(?R)^(?:{pattern})$") } else { format!("(?R)(?:{pattern})") };
        let mut parser = regex_syntax::ParserBuilder::new().nest_limit(NESTING_MAX).build();
        let places = places(&parser.parse(&source).map_err(|error| wrong(&error))?);
        if places > PLACES_MAX {
            return Err(format!(
                "the pattern `{pattern}` stands for {places} characters in a row, {PLACES_MAX} at most: repeat less, or with `+` and `*`"
            ));
        }
        let built = RegexBuilder::new(&source).nest_limit(NESTING_MAX).size_limit(COMPILED_BYTES_MAX).build();
        let regex = built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => format!(
                "the pattern `{pattern}` takes more than {COMPILED_BYTES_MAX} bytes: repeat less, and write [A-Za-z0-9_] in place of \\w"
            ),
            error => wrong(&error),
        })?;
        Ok(Self { regex, places })
    }

    /// What it costs to look through a text, at most.
    pub(super) fn steps_over(&self, text: &str) -> usize {
        (text.len() + 1).saturating_mul(self.places / PLACES_A_STEP + 1)
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// As deep as the parser lets it be.
fn places(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1);
            places(&repetition.sub).saturating_mul(times as usize)
        }
        HirKind::Capture(capture) => places(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(places).fold(0, usize::saturating_add),
    }
}
