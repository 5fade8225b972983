//! What looking at one request may cost all rules together: a stranger chooses how long its head and its body are, and the user how
//! many rules look at them.
//!
//! The cost is counted in steps, about a nanosecond each, so that the same request always comes to the same end: with a clock it would
//! depend on what else the machine does.

use std::cell::Cell;

/// Steps for one request. 10,000 rules that look at heads as providers send them take a hundredth of it. What JSON paths look at
/// is counted by itself ([`super::body_path::STEPS_MAX`]).
const STEPS_MAX: usize = 250_000_000;

/// For a rule, whatever it asks.
pub(super) const RULE_STEPS: usize = 50;
/// For a header, a field or a segment whose name is looked at.
pub(super) const NAME_STEPS: usize = 16;

/// What is left.
#[derive(Debug)]
pub(super) struct Work {
    left: Cell<usize>,
    is_spent: Cell<bool>,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: Cell::new(STEPS_MAX), is_spent: Cell::new(false) }
    }
}

impl Work {
    /// Takes some.
    ///
    /// # Errors
    /// In words: there is not so much left, and nothing more is to be done.
    pub(super) fn pay(&self, steps: usize) -> Result<(), String> {
        match self.left.get().checked_sub(steps) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                self.is_spent.set(true);
                Err("it would take too long".to_owned())
            }
        }
    }

    /// Whether it was too little.
    pub(super) fn is_spent(&self) -> bool {
        self.is_spent.get()
    }
}
