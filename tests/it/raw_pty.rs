//! A terminal as bare bytes: for sizes that no terminal has, terminals that take nothing more, and every byte that was
//! written.

use std::io::{Read as _, Write};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, OutputModes, Termios, tcgetattr};

pub use crate::children::signal;
use crate::support::{DEADLINE, Home, PROGRAM};

/// How long leaving may take, with room for a machine under load: 2 s for answers in flight and half a second more.
pub const LEAVE_MAX: Duration = Duration::from_secs(4);

/// A program in a terminal whose bytes are read and kept.
pub struct RawPty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    read: Arc<Reading>,
}

#[derive(Default)]
struct Reading {
    state: Mutex<State>,
    changed: Condvar,
}

impl Reading {
    /// A test that failed may have held it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// Nobody reads: what is written fills the terminal's buffer.
    paused: bool,
    ended: bool,
}

impl RawPty {
    /// Hooksight with these arguments in a terminal of 100 columns and 30 rows.
    pub fn hooksight(home: &Home, args: &[&str]) -> Self {
        let mut command = vec![PROGRAM];
        command.extend(args);
        Self::start(home, &command, &[])
    }

    /// Any program in the home's environment.
    pub fn start(home: &Home, command: &[&str], more: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(size(100, 30)).expect("a pty");
        let mut builder = CommandBuilder::new(command[0]);
        builder.args(&command[1..]);
        builder.env_clear();
        for (name, value) in home.environment() {
            builder.env(name, value);
        }
        builder.env("TERM", "xterm-256color");
        for (name, value) in more {
            builder.env(name, value);
        }
        builder.cwd(home.path());
        let child = pair.slave.spawn_command(builder).expect("the program starts in a terminal");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let read = Arc::new(Reading::default());
        let kept = Arc::clone(&read);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            loop {
                drop(kept.changed.wait_while(kept.lock(), |state| state.paused));
                let count = reader.read(&mut buffer).unwrap_or(0);
                let mut state = kept.lock();
                state.bytes.extend_from_slice(&buffer[..count]);
                state.ended = count == 0;
                kept.changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        Self { master: pair.master, writer, child, read }
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Types.
    pub fn write(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).and_then(|()| self.writer.flush()).expect("typed");
    }

    /// Changes the size; the program gets SIGWINCH.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.master.resize(size(columns, rows)).expect("a size");
    }

    /// Everything that was written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.read.lock().bytes.clone()
    }

    /// Whether anything is read from the terminal.
    pub fn pause(&self, paused: bool) {
        self.read.lock().paused = paused;
        self.read.changed.notify_all();
    }

    /// Waits until this was written, behind the first `from` bytes.
    #[track_caller]
    pub fn wait_for(&self, from: usize, part: &str) {
        let until = Instant::now() + DEADLINE;
        let mut state = self.read.lock();
        loop {
            let behind = state.bytes.get(from..).unwrap_or_default();
            if behind.windows(part.len()).any(|window| window == part.as_bytes()) {
                return;
            }
            let left = until.saturating_duration_since(Instant::now());
            let text = String::from_utf8_lossy(behind);
            assert!(!left.is_zero() && !state.ended, "`{part}` does not come: {text:?}");
            state = self.read.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Where it listens, by the first line on its screen.
    #[track_caller]
    pub fn address(&self) -> std::net::SocketAddr {
        self.wait_for(0, "http://");
        let until = Instant::now() + DEADLINE;
        loop {
            let text = String::from_utf8_lossy(&self.bytes()).into_owned();
            let after = text.split_once("http://").expect("an address").1;
            let address: String = after.chars().take_while(|c| c.is_ascii_digit() || ".:[]".contains(*c)).collect();
            if let (Ok(address), true) = (address.parse(), after.len() > address.len()) {
                return address;
            }
            assert!(Instant::now() < until, "no address: {text:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the end; `None` when it does not come within this time.
    pub fn wait_exit(&mut self, within: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                return Some(status);
            }
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2)); // a poll under a deadline: std has no wait with one
        }
    }

    /// All bytes, once the terminal is closed.
    pub fn all_bytes(&self) -> Vec<u8> {
        self.pause(false);
        let state = self.read.lock();
        let state = self
            .read
            .changed
            .wait_timeout_while(state, DEADLINE, |state| !state.ended)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        state.bytes.clone()
    }

    /// The terminal's own modes.
    pub fn modes(&self) -> Termios {
        let name: PathBuf = self.master.tty_name().expect("a name");
        tcgetattr(std::fs::File::open(name).expect("the terminal")).expect("its modes")
    }

    /// Whether lines are edited, echoed and ended as a shell has it.
    pub fn is_cooked(&self) -> bool {
        let modes = self.modes();
        modes.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
            && modes.output_modes.contains(OutputModes::OPOST)
    }
}

impl Drop for RawPty {
    fn drop(&mut self) {
        self.pause(false);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// Modes of the terminal that are set at the end of these bytes (`?1049`, ...), and whether they end within a synchronised
/// update. Only what `CSI ? ... h` and `CSI ? ... l` say: that is all that we use.
pub fn modes_left(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut set: Vec<String> = Vec::new();
    for part in text.split("\x1b[?").skip(1) {
        let end = part.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(part.len());
        let (numbers, then) = part.split_at(end);
        for number in numbers.split(';') {
            match then.chars().next() {
                Some('h') => set.push(number.to_owned()),
                Some('l') => set.retain(|known| known != number),
                _ => {}
            }
        }
    }
    // A shown cursor is how a terminal begins.
    set.retain(|mode| mode != "25");
    if text.rfind("\x1b[?25l") > text.rfind("\x1b[?25h") {
        set.push("25l".to_owned());
    }
    // Flags of the kitty protocol are pushed with `CSI > ... u` and popped with `CSI < ... u`.
    let count = |start: &str| text.split(start).skip(1).filter(|part| is_keyboard(part)).count();
    if count("\x1b[>") > count("\x1b[<") {
        set.push("kitty keyboard".to_owned());
    }
    set.sort();
    set.dedup();
    set
}

fn is_keyboard(part: &str) -> bool {
    part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('u')
}

/// Ticks of processor time that a process used (proc(5), fields 14 and 15), in milliseconds; `None` when it is gone or only
/// waits to be collected.
pub fn cpu_ms(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    if fields.first() == Some(&"Z") {
        return None;
    }
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks * 10) // USER_HZ is 100 everywhere that counts
}

/// The state of a process: `T` when it is stopped.
fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}

/// Waits until a process is in this state of proc(5).
#[track_caller]
pub fn wait_for_state(pid: u32, wanted: char) {
    let until = Instant::now() + DEADLINE;
    while state(pid) != Some(wanted) {
        assert!(Instant::now() < until, "process {pid} is in state {:?}, not {wanted}", state(pid));
        std::thread::sleep(Duration::from_millis(2)); // a poll under a deadline
    }
}

/// The process id of the hooksight that another program started.
#[track_caller]
pub fn pid_of_child(parent: u32) -> u32 {
    let until = Instant::now() + DEADLINE;
    loop {
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
            let name = std::fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
            if name.trim() == "hooksight" {
                return child;
            }
        }
        assert!(Instant::now() < until, "{parent} started no hooksight");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The exit code, which must come within this time.
#[track_caller]
pub fn exit_code(screen: &mut RawPty, within: Duration) -> u32 {
    let begun = Instant::now();
    let status = screen.wait_exit(within);
    let status = status.unwrap_or_else(|| panic!("it did not end within {:?}", begun.elapsed()));
    assert_eq!(status.signal(), None, "killed");
    status.exit_code()
}

/// The terminal's own modes, and those that were set with escape sequences.
#[track_caller]
pub fn is_whole(screen: &RawPty) {
    let bytes = screen.all_bytes();
    assert_eq!(modes_left(&bytes), Vec::<String>::new(), "{:?}", String::from_utf8_lossy(&bytes));
    let text = String::from_utf8_lossy(&bytes);
    let left = text.rfind("\x1b[?1049l").expect("it left the alternate screen");
    assert!(text[..left].contains("\x1b[0m"), "colours are reset");
    assert!(!text[left..].contains("\x1b[48;") && !text[left..].contains("\x1b[38;"), "{:?}", &text[left..]);
}
