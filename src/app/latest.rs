//! A place for the newest wish: who works off it never sees one that has been overtaken.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Wishes of one kind each, newest wins; `T` is a plain struct of options that [`Latest::put`] fills in.
pub struct Latest<T> {
    state: Mutex<State<T>>,
    wake: Condvar,
}

struct State<T> {
    wishes: Option<T>,
    closed: bool,
}

impl<T: Default> Latest<T> {
    /// Nothing wished.
    pub fn new() -> Self {
        Self { state: Mutex::new(State { wishes: None, closed: false }), wake: Condvar::new() }
    }

    /// Adds to what is wished. Never waits for the worker.
    pub fn put(&self, fill: impl FnOnce(&mut T)) {
        fill(self.lock().wishes.get_or_insert_with(T::default));
        self.wake.notify_one();
    }

    /// Waits for wishes and takes them all; `None` once closed.
    pub fn take(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(wishes) = state.wishes.take() {
                return Some(wishes);
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the worker at its next [`Self::take`].
    pub fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
    }

    // A poisoned lock still holds whole wishes: nothing in here can be left half-written.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Default> Default for Latest<T> {
    fn default() -> Self {
        Self::new()
    }
}
