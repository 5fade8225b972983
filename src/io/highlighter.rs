//! Colours for text that our own tokens do not colour (HTML, YAML, scripts, ...): syntect on a thread of its own.
//!
//! Grammars are slow (0.2 to 1 MB a second) and a stranger chooses the text, so everything here is bounded: long lines
//! stay plain, and after a number of bytes or a time the rest does. A newer job ends the one under way.

use std::io;
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::domain::pretty::{Document, Line, Role, Syntax};
use crate::io::survive::survive;

/// Takes a document whose [`Document::syntax`] is set and has not been wrapped; called once or twice, the visible part
/// first.
pub type Coloured = Box<dyn FnMut(Document) + Send>;

/// A line of more bytes stays plain.
const LINE_BYTES_MAX: usize = 4096;
/// After so many bytes the rest stays plain.
const TOTAL_BYTES_MAX: usize = 1 << 20;
/// After such a time the rest stays plain.
const TIME_MAX: Duration = Duration::from_secs(3);
/// Lines that are given out before the rest is coloured: more than any screen has.
const FIRST_LINES: usize = 200;

/// The thread. The grammars are loaded with the first job.
#[derive(Debug)]
pub struct Highlighter {
    desk: Arc<Desk>,
}

/// Where the newest job waits.
#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Waiting(Document, Coloured),
    Closed,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Idle => "Idle",
            Self::Waiting(..) => "Waiting",
            Self::Closed => "Closed",
        })
    }
}

impl Highlighter {
    /// Starts the thread, which sleeps until there is a job and ends when this is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let worker = Arc::clone(&desk);
        thread::Builder::new().name("highlighter".to_owned()).spawn(move || work(&worker))?;
        Ok(Self { desk })
    }

    /// Colours a document. Newest wins: a job that waits is replaced, the one under way is given up.
    pub fn colour(&self, document: Document, done: Coloured) {
        self.desk.put(State::Waiting(document, done));
    }
}

impl Drop for Highlighter {
    fn drop(&mut self) {
        self.desk.put(State::Closed);
    }
}

impl Desk {
    fn put(&self, new: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = new;
        self.changed.notify_one();
    }

    /// Waits for a job; `None` when there will be none.
    fn take(&self) -> Option<(Document, Coloured)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match std::mem::take(&mut *state) {
                State::Waiting(document, done) => return Some((document, done)),
                State::Closed => return None,
                State::Idle => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Whether the job under way is not wanted any more.
    fn is_stale(&self) -> bool {
        !matches!(*self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Idle)
    }
}

fn work(desk: &Desk) {
    while let Some((document, done)) = desk.take() {
        // The grammars' own code reads a stranger's text: this one stays plain then.
        survive(|| colour(desk, document, done));
    }
}

fn colour(desk: &Desk, mut document: Document, mut done: Coloured) {
    let Some(mut colouring) = Colouring::of(&document) else { return };
    let first_end = (colouring.next + FIRST_LINES).min(colouring.end);
    if !colouring.run(&mut document, first_end, || desk.is_stale()) {
        return;
    }
    if colouring.next < colouring.end {
        done(document.clone());
        if !colouring.run(&mut document, usize::MAX, || desk.is_stale()) {
            return;
        }
    }
    done(document);
}

/// Colours a document here and now, within the same bounds: for output that is not a screen. Takes up to three seconds.
pub fn colour_now(mut document: Document) -> Document {
    if let Some(mut colouring) = Colouring::of(&document) {
        colouring.run(&mut document, usize::MAX, || false);
    }
    document
}

/// The grammars: a few milliseconds to load.
static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// What scopes mean, the more special first.
static ROLES: LazyLock<Vec<(Scope, Role)>> = LazyLock::new(|| {
    [
        ("comment", Role::Comment),
        ("punctuation.definition.comment", Role::Comment),
        ("entity.name.tag", Role::Keyword),
        ("entity.other.attribute-name", Role::Key),
        ("meta.mapping.key", Role::Key),
        ("support.type.property-name", Role::Key),
        ("constant.numeric", Role::Number),
        ("constant.language", Role::Literal),
        ("constant.character", Role::Literal),
        ("constant", Role::Literal),
        ("string", Role::Text),
        ("markup.heading", Role::Heading),
        ("markup.underline.link", Role::Link),
        ("markup.inserted", Role::Good),
        ("markup.deleted", Role::Bad),
        ("keyword.operator", Role::Punctuation),
        ("keyword", Role::Keyword),
        ("storage", Role::Keyword),
        ("entity.name", Role::Key),
        ("support", Role::Key),
        ("punctuation", Role::Punctuation),
    ]
    .into_iter()
    .filter_map(|(scope, role)| Some((Scope::new(scope).ok()?, role)))
    .collect()
});

/// The role of the innermost scope that means something.
fn role(stack: &ScopeStack) -> Role {
    let meaning = |scope: &Scope| ROLES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, role)| *role);
    // A comment stays one, whatever its marks are called.
    let innermost = stack.as_slice().iter().rev().find_map(meaning);
    let is_comment = stack.as_slice().iter().any(|scope| meaning(scope) == Some(Role::Comment));
    if is_comment { Role::Comment } else { innermost.unwrap_or(Role::Plain) }
}

/// A job under way.
struct Colouring {
    parse: ParseState,
    stack: ScopeStack,
    next: usize,
    end: usize,
    bytes_left: usize,
    deadline: Instant,
}

impl Colouring {
    /// `None` when the document has nothing to colour, or no grammar is known for it.
    fn of(document: &Document) -> Option<Self> {
        let Syntax { language, lines } = document.syntax.as_ref()?;
        let grammar = GRAMMARS.find_syntax_by_token(language)?;
        Some(Self {
            parse: ParseState::new(grammar),
            stack: ScopeStack::new(),
            next: lines.start,
            end: lines.end.min(document.lines.len()),
            bytes_left: TOTAL_BYTES_MAX,
            deadline: Instant::now() + TIME_MAX,
        })
    }

    /// Colours lines up to `until`. False when it was given up.
    fn run(&mut self, document: &mut Document, until: usize, is_stale: impl Fn() -> bool) -> bool {
        while self.next < until.min(self.end) {
            if is_stale() {
                return false;
            }
            if self.bytes_left == 0 || Instant::now() > self.deadline {
                self.next = self.end;
                break;
            }
            if let Some(line) = document.lines.get_mut(self.next) {
                self.colour_line(line);
            }
            self.next += 1;
        }
        true
    }

    fn colour_line(&mut self, line: &mut Line) {
        let length = line.text().len();
        if length > LINE_BYTES_MAX {
            return;
        }
        self.bytes_left = self.bytes_left.saturating_sub(length + 1);
        let text = format!("{}\n", line.text());
        let Ok(changes) = self.parse.parse_line(&text, &GRAMMARS) else {
            // A pattern gave up: what follows cannot be told.
            self.bytes_left = 0;
            return;
        };
        let mut runs = Vec::with_capacity(changes.len() + 1);
        for (at, change) in &changes {
            runs.push(((*at).min(length), role(&self.stack)));
            if self.stack.apply(change).is_err() {
                self.bytes_left = 0;
                return;
            }
        }
        runs.push((length, role(&self.stack)));
        line.colour(&runs);
    }
}

#[cfg(test)]
mod tests;
