//! What a panic comes to: a report in visible text, the terminal whole, and a word to whoever runs the loop.
//!
//! A panic of the thread that draws ends the interface, in order. One of any other thread ends only what that thread was
//! doing: the interface stays, and says it.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use crate::domain::printable::visible_within;
pub use crate::io::survive::survive;
use crate::io::terminal;

/// Words of a panic that are shown.
const WORDS_MAX: usize = 300;

type Tell = Box<dyn Fn(String) + Send>;

/// Who is told, beside the log.
static LISTENER: Mutex<Option<Tell>> = Mutex::new(None);

/// Takes the reports over. Rust's own go raw to stderr, and may quote a stranger's text.
pub fn install() {
    std::panic::set_hook(Box::new(report));
}

/// From now on panics are told here too, on the thread where they happen: it must not wait.
pub fn tell_to(tell: impl Fn(String) + Send + 'static) {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(tell));
}

/// Nobody is told any more.
pub fn tell_nobody() {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

fn report(info: &PanicHookInfo<'_>) {
    let words = words(info);
    let (is_taken, is_owner) = terminal::is_taken();
    if is_owner {
        terminal::give_back();
    }
    if is_owner || !is_taken {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "hooksight: {words}");
    }
    tracing::error!(backtrace = %Backtrace::capture(), "{words}");
    // In the middle of a panic: not even for a lock is waited.
    if let Ok(listener) = LISTENER.try_lock()
        && let Some(tell) = &*listener
    {
        tell(words);
    }
}

fn words(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message =
        payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = visible_within(message.unwrap_or("no words").as_bytes(), WORDS_MAX);
    let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    format!("internal error in thread {thread}{place}: {message} (a mistake in hooksight: please report it)")
}
