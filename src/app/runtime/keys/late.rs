//! Answers of the terminal that come too late to be taken for what they are, taken out of what its user typed.
//!
//! Over a slow line the terminal says its colours when nobody waits for it any more, and what an editor asked may be answered to us.
//! Such an answer is `ESC ] number ; text`, ended by `ESC \` or BEL (xterm's control sequences, "Operating System Commands"). The
//! terminal library knows no such thing and reads keys: `Alt+]`, `1`, `1`, `;`, `r`, `g`, `b`, ... of which `r` sends a request again.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// How long what may be such an answer is held back until it is known: its bytes come in one piece.
pub const UNSURE: Duration = Duration::from_millis(100);
/// How long the rest of one may take.
pub const SURE: Duration = Duration::from_secs(1);
/// Digits of its number, at most: xterm has none above four.
const DIGITS_MAX: usize = 4;
/// Characters of its text, at most. A colour has 18, a clipboard may have many.
const TEXT_MAX: usize = 16 << 10;

/// What stands between the events of the terminal and whoever takes them for keys.
#[derive(Debug, Default)]
pub struct Sieve {
    state: State,
    /// What is held back, in order.
    held: Vec<Event>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing of an answer came.
    #[default]
    Outside,
    /// ESC came alone, and was given out: the rest may be in the next piece.
    Escaped,
    /// Its beginning, and so many digits.
    Number(usize),
    /// It is one. So many characters came.
    Text(usize),
    /// The same, and ESC came alone: its end may be in the next piece.
    Ending(usize),
}

impl Sieve {
    /// Takes the next event in, and gives out what its user did.
    pub fn take(&mut self, event: Event) -> Vec<Event> {
        // Sizes, the mouse and releases of keys come at any time, and say nothing about it.
        let Event::Key(key @ KeyEvent { kind: KeyEventKind::Press, .. }) = event else { return vec![event] };
        let (was, is) = (self.state, self.state.after(key));
        self.state = is;
        match (was, is) {
            (_, State::Number(_)) => {
                self.held.push(event);
                Vec::new()
            }
            (_, State::Text(_) | State::Ending(_)) => {
                self.held.clear();
                Vec::new()
            }
            (State::Text(_) | State::Ending(_), _) if is_end(key) => Vec::new(),
            // Not one after all; or somebody types while one stops short.
            _ => {
                let mut given = std::mem::take(&mut self.held);
                given.push(event);
                given
            }
        }
    }

    /// How long to wait for the next event before [`Self::silence`].
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Outside => None,
            State::Escaped | State::Number(_) => Some(UNSURE),
            State::Text(_) | State::Ending(_) => Some(SURE),
        }
    }

    /// Nothing followed: gives out what was held back.
    pub fn silence(&mut self) -> Vec<Event> {
        self.state = State::Outside;
        std::mem::take(&mut self.held)
    }
}

impl State {
    fn after(self, key: KeyEvent) -> Self {
        let plain = match key.code {
            KeyCode::Char(c) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => Some(c),
            _ => None,
        };
        match (self, plain) {
            (Self::Ending(_), Some('\\')) => Self::Outside,
            (Self::Text(count) | Self::Ending(count), Some(_)) if count < TEXT_MAX => Self::Text(count + 1),
            (Self::Text(count), None) if key.code == KeyCode::Esc => Self::Ending(count),
            (Self::Number(1..), Some(';')) => Self::Text(0),
            (Self::Number(digits), Some('0'..='9')) if digits < DIGITS_MAX => Self::Number(digits + 1),
            (Self::Escaped, Some(']')) => Self::Number(0),
            _ if key.code == KeyCode::Char(']') && key.modifiers == KeyModifiers::ALT => Self::Number(0),
            _ if key.code == KeyCode::Esc && key.modifiers.is_empty() => Self::Escaped,
            _ => Self::Outside,
        }
    }
}

/// `ESC \`, as the library reads it whole or in two pieces, or BEL.
fn is_end(key: KeyEvent) -> bool {
    match key.code {
        KeyCode::Char('\\') => true,
        KeyCode::Char('g') => key.modifiers == KeyModifiers::CONTROL,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
