//! What a template's text may be, looked at token by token before it is parsed: the parser, the compiler and what drops their trees go down
//! one call for each operator that stands behind another, and the stack of a thread that answers is 2 MiB.

use minijinja::machinery::{Token, tokenize};

/// Words, signs and values in all braces together. Templates are read for each answer; this many take some milliseconds.
const TOKENS_MAX: usize = 20_000;

/// Operators, filters, names behind dots and (eightfold, they cost that much more) brackets in each other or behind each other, up
/// to a comma. This many take a tenth of the stack.
const CHAIN_MAX: usize = 200;

/// What a bracket counts for.
const BRACKET: usize = 8;

/// Blocks in each other, every `elif` one more.
const BLOCKS_MAX: usize = 60;

/// Looks a template over.
///
/// # Errors
/// Which bound it passes, on which line, and what to do.
pub(super) fn check(source: &str) -> Result<(), String> {
    let (mut chain, mut blocks) = (Chain::default(), Blocks::default());
    let mut is_block_start = false;
    let tokens = tokenize(source, false, Default::default());
    // What is no token is the parser's to tell.
    for (at, (token, span)) in tokens.map_while(Result::ok).enumerate() {
        let line = span.start_line;
        if at == TOKENS_MAX {
            return Err(format!(
                "line {line} of the template: more than {TOKENS_MAX} words and signs stand in its braces: write what never changes outside of them"
            ));
        }
        if is_block_start && let Token::Ident(word) = &token {
            blocks.take(word);
        }
        is_block_start = matches!(token, Token::BlockStart);
        if blocks.open() > BLOCKS_MAX {
            return Err(format!(
                "line {line} of the template: more than {BLOCKS_MAX} blocks stand in each other, `elif` among them: look the case up in a map, as in {{{{ {{'a': 1}}[event] }}}}"
            ));
        }
        chain.take(&token);
        if chain.length() > CHAIN_MAX {
            return Err(format!(
                "line {line} of the template: more than {CHAIN_MAX} operators stand behind or in each other (a bracket counts as {BRACKET}): cut the expression in two with {{% set %}}"
            ));
        }
    }
    Ok(())
}

/// How deep the tree of an expression can be here: one count for each bracket that is open.
#[derive(Default)]
struct Chain {
    counts: Vec<usize>,
    sum: usize,
}

impl Chain {
    fn length(&self) -> usize {
        self.sum
    }

    fn add(&mut self, count: usize) {
        if self.counts.is_empty() {
            self.counts.push(0);
        }
        if let Some(last) = self.counts.last_mut() {
            *last += count;
            self.sum += count;
        }
    }

    /// What stands behind a comma is no deeper for what stands before it.
    fn begin_anew(&mut self) {
        // The bracket itself stays.
        let kept = if self.counts.len() > 1 { BRACKET } else { 0 };
        if let Some(last) = self.counts.last_mut() {
            self.sum -= last.saturating_sub(kept);
            *last = (*last).min(kept);
        }
    }

    fn take(&mut self, token: &Token<'_>) {
        match token {
            Token::TemplateData(_)
            | Token::VariableStart
            | Token::VariableEnd
            | Token::BlockStart
            | Token::BlockEnd => {
                *self = Self::default();
            }
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => {
                self.add(0);
                self.counts.push(0);
                self.add(BRACKET);
            }
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                if self.counts.len() > 1 {
                    self.sum -= self.counts.pop().unwrap_or(0);
                }
                // `a(b)(c)` and `a[b][c]` are chains too.
                self.add(1);
            }
            Token::Comma | Token::Colon => self.begin_anew(),
            Token::Ident("not" | "and" | "or" | "if" | "else" | "is" | "in") => self.add(1),
            Token::Ident(_) | Token::Str(_) | Token::String(_) | Token::Int(_) | Token::Int128(_) | Token::Float(_) => {
            }
            _ => self.add(1),
        }
    }
}

/// The blocks that are open: for each how many branches it has.
#[derive(Default)]
struct Blocks {
    branches: Vec<usize>,
    sum: usize,
}

impl Blocks {
    fn open(&self) -> usize {
        self.sum
    }

    fn take(&mut self, word: &str) {
        match word {
            "if" | "for" | "macro" | "filter" | "with" | "autoescape" | "block" | "call" => {
                self.branches.push(1);
                self.sum += 1;
            }
            "elif" => {
                if let Some(last) = self.branches.last_mut() {
                    *last += 1;
                    self.sum += 1;
                }
            }
            // `set` may be a block or not; the parser bounds those in each other.
            "endset" => {}
            word if word.starts_with("end") => self.sum -= self.branches.pop().unwrap_or(0),
            _ => {}
        }
    }
}
