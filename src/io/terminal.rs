//! The terminal: taken and given back whole, on every way out.
//!
//! `ratatui::init` is not enough here: its panic hook leaves mouse reports and bracketed paste on, and it panics where
//! there is no terminal. [`TerminalGuard`] owns all modes that we set; [`give_back`] undoes them from anywhere, once.

mod screen_bytes;
mod state;

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use screen_bytes::{ScreenBytes, write_counted};
use state::{TAKEN, WRITES};

/// What ratatui draws to: one buffer a frame, one write a frame.
pub type Screen = Terminal<CrosstermBackend<ScreenBytes>>;

/// Whether the process ends, and the terminal is not to be taken again.
static ENDING: AtomicBool = AtomicBool::new(false);
/// The thread that draws.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// The terminal while it is ours.
pub struct TerminalGuard {
    screen: Screen,
    mouse: bool,
}

impl TerminalGuard {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste and, if wished, mouse reports.
    ///
    /// # Errors
    /// When stdout is no terminal or refuses a mode; all modes set so far are undone.
    pub fn take(mouse: bool) -> io::Result<Self> {
        // Colours are decided by our own themes: NO_COLOR in crossterm would wipe reverse and bold with them.
        crossterm::style::force_color_output(true);
        let screen = Terminal::new(CrosstermBackend::new(ScreenBytes::default()))?;
        *OWNER.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        let mut guard = Self { screen, mouse };
        guard.enter()?;
        Ok(guard)
    }

    /// Takes the terminal again after [`Self::release`].
    ///
    /// # Errors
    /// As [`Self::take`]. While the process ends it is not taken, and that is no error: whoever still draws draws to nowhere.
    pub fn enter(&mut self) -> io::Result<()> {
        if ENDING.load(Ordering::SeqCst) {
            return Ok(());
        }
        TAKEN.store(true, Ordering::SeqCst);
        let mut modes = Vec::new();
        let entered = enable_raw_mode()
            .and_then(|()| queue!(modes, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide))
            .and_then(|()| if self.mouse { queue!(modes, EnableMouseCapture) } else { Ok(()) })
            .and_then(|()| write_counted(&modes, || !ENDING.load(Ordering::SeqCst)));
        match entered {
            Ok(true) => self.clear(),
            // It began to end meanwhile.
            Ok(false) => {
                TAKEN.store(false, Ordering::SeqCst);
                let _ = disable_raw_mode();
                Ok(())
            }
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Gives the terminal back for a while: for an editor, or for Ctrl-Z.
    pub fn release(&mut self) {
        give_back();
    }

    /// Whether the terminal was given back behind our back: by the report of a panic that went no further than its task.
    pub fn is_lost(&self) -> bool {
        !TAKEN.load(Ordering::SeqCst)
    }

    /// Draws one frame as one synchronised update.
    ///
    /// # Errors
    /// When the terminal takes no more bytes.
    pub fn draw(&mut self, view: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        self.screen.draw(view)?;
        queue!(self.screen.backend_mut(), EndSynchronizedUpdate)?;
        io::Write::flush(self.screen.backend_mut())
    }

    /// Forgets what is on screen, so that the next frame paints every cell.
    ///
    /// Not `Terminal::clear`: that asks the terminal where the cursor is and waits two seconds for an answer, which does
    /// not come over slow lines, and never while the event stream reads the input.
    ///
    /// # Errors
    /// When the terminal takes no more bytes.
    pub fn clear(&mut self) -> io::Result<()> {
        let size = self.screen.size()?;
        self.screen.resize(size.into())
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.screen.size().map(|size| (size.width, size.height)).unwrap_or((80, 24))
    }

    /// Writes bytes that are ours to the terminal between two frames: an OSC 52 sequence.
    ///
    /// # Errors
    /// When the terminal takes no more bytes.
    pub fn write_sequence(&mut self, bytes: &[u8]) -> io::Result<()> {
        let writer = self.screen.backend_mut();
        writer.write_all(bytes)?;
        io::Write::flush(writer)
    }
}

/// The modes of stdout's terminal at some moment.
#[derive(Clone, Debug)]
pub struct Modes(rustix::termios::Termios);

impl Modes {
    /// Those of now; `None` when stdout is no terminal any more.
    pub fn now() -> Option<Self> {
        rustix::termios::tcgetattr(rustix::stdio::stdout()).ok().map(Self)
    }

    /// Sets them again: a program that had the terminal may have died in its own. Nobody hears of a terminal that refuses.
    pub fn put_back(&self) {
        let action = rustix::termios::OptionalActions::Drain;
        let _ = rustix::termios::tcsetattr(rustix::stdio::stdout(), action, &self.0);
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Undoes every mode that we set. Does nothing when none is set; errors are ignored, since there is nothing left to try.
///
/// The colours first, and the raw mode last: what the mouse reports until then must not be echoed.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    undo_modes();
    let _ = disable_raw_mode();
}

fn undo_modes() {
    let mut modes = Vec::new();
    let _ = queue!(
        modes,
        EndSynchronizedUpdate,
        SetAttribute(Attribute::Reset),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = write_counted(&modes, || true);
}

/// As [`give_back`], for a terminal that takes no bytes (stopped by Ctrl-S, or read by nobody any more), and for good: what waits
/// to be shown is thrown away first, so that what undoes our modes finds room, and the raw mode ends whether it does or not.
///
/// A draw that hangs in write(2) has the terminal to itself until its last byte is taken, and fills again what was thrown
/// away. So that goes on until its write has returned, for `patience` at most.
pub fn give_back_by_force(patience: Duration) {
    ENDING.store(true, Ordering::SeqCst);
    // Somebody else may hang in giving it back.
    if !TAKEN.swap(false, Ordering::SeqCst) && !is_writing() {
        return;
    }
    let until = Instant::now() + patience;
    let _ = disable_raw_mode();
    make_room();
    while is_writing() && Instant::now() < until {
        thread::sleep(Duration::from_millis(1));
        make_room();
    }
    undo_modes();
    // Again, for one that was taking it when this began.
    let _ = disable_raw_mode();
}

fn is_writing() -> bool {
    WRITES.load(Ordering::SeqCst) > 0
}

/// Throws away what the terminal has not taken. A pseudoterminal does not wake its writer for that, but it does when output
/// goes on after a stop; a Ctrl-S of the user ends with it too.
fn make_room() {
    use rustix::termios::{Action, QueueSelector, tcflow, tcflush};
    let stdout = rustix::stdio::stdout();
    let _ = tcflush(stdout, QueueSelector::OFlush);
    let _ = tcflow(stdout, Action::OOff);
    let _ = tcflow(stdout, Action::OOn);
}

/// Whether our modes are set on the terminal, and whether this thread is the one that draws.
pub fn is_taken() -> (bool, bool) {
    let owner = *OWNER.lock().unwrap_or_else(PoisonError::into_inner);
    (TAKEN.load(Ordering::SeqCst), owner == Some(thread::current().id()))
}

/// Whether keys wait that were typed before we began. Only the raw mode counts those of a line that has no end yet.
fn is_typed_ahead() -> bool {
    let is_raw = enable_raw_mode().is_ok();
    let waiting = rustix::io::ioctl_fionread(rustix::stdio::stdin()).unwrap_or(0);
    if is_raw {
        let _ = disable_raw_mode();
    }
    waiting > 0
}

/// Whether the terminal's ground is light. `None` when it does not say within `timeout`, and when it is not asked: whoever
/// reads its answer reads the keys that stand before it too, and they would be lost.
pub fn ground_is_light(timeout: Duration) -> Option<bool> {
    if is_typed_ahead() {
        return None;
    }
    let mut options = terminal_colorsaurus::QueryOptions::default();
    options.timeout = timeout;
    match terminal_colorsaurus::theme_mode(options) {
        Ok(terminal_colorsaurus::ThemeMode::Light) => Some(true),
        Ok(terminal_colorsaurus::ThemeMode::Dark) => Some(false),
        Err(_) => None,
    }
}

/// Columns of stdout's terminal; `None` when it is none, or does not say.
pub fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// How many colours stdout's terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalColors {
    /// None, or the user wishes none (`NO_COLOR`, <https://no-color.org>).
    None,
    /// Sixteen.
    Sixteen,
    /// 256.
    TwoFiftySix,
    /// 24 bits.
    True,
}

/// Asks the environment how many colours stdout's terminal shows.
pub fn colors() -> TerminalColors {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return TerminalColors::None;
    }
    match supports_color::on_cached(supports_color::Stream::Stdout) {
        Some(level) if level.has_16m => TerminalColors::True,
        Some(level) if level.has_256 => TerminalColors::TwoFiftySix,
        Some(_) => TerminalColors::Sixteen,
        None => TerminalColors::None,
    }
}

/// Calls `on_gone` once when the terminal on stdout hangs up, or the reader of a pipe there goes. Its own thread, because
/// crossterm's `poll` spins without returning on a dead terminal (crossterm issue 793). Stdout, because stdin may be
/// something else: keys come from `/dev/tty` then.
///
/// # Errors
/// When the system gives no thread.
pub fn watch_for_hangup(on_gone: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name("terminal-watch".into()).spawn(move || {
        use rustix::event::{PollFd, PollFlags, poll};
        let stdout = rustix::stdio::stdout();
        loop {
            let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
            match poll(&mut fds, None) {
                Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => break,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => break,
            }
        }
        on_gone();
    })?;
    Ok(())
}

/// Whether stdout is a pipe or a socket: something whose reader can go away.
pub fn stdout_has_reader() -> bool {
    use rustix::fs::FileType;
    rustix::fs::fstat(rustix::stdio::stdout())
        .is_ok_and(|stat| matches!(FileType::from_raw_mode(stat.st_mode), FileType::Fifo | FileType::Socket))
}
