//! The clipboard by whichever way this terminal has, or a file when it has none.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

/// Which way to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// tmux inside tmux, OSC 52 over ssh, else the system's; a file when that fails.
    #[default]
    Auto,
    /// The desktop's clipboard.
    System,
    /// `tmux load-buffer -w -`.
    Tmux,
    /// The terminal's, by an escape sequence.
    Osc52,
    /// A file.
    File,
}

impl Method {
    /// The word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::System => "system",
            Self::Tmux => "tmux",
            Self::Osc52 => "osc52",
            Self::File => "file",
        }
    }
}

/// Where a copy went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// This method accepted it: `clipboard` or `tmux buffer`.
    Accepted(&'static str),
    /// The owner of the terminal must write these bytes now; then it is `terminal (OSC 52)`.
    WriteToTerminal(Vec<u8>),
    /// No method took it: it is in this file (mode 0600).
    File(PathBuf),
}

/// What is known of the surroundings. Read once at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `SSH_TTY` or `SSH_CONNECTION` is set.
    pub ssh: bool,
    /// `TMUX`, when it is set: it names the server.
    pub tmux: Option<OsString>,
    /// `DISPLAY` or `WAYLAND_DISPLAY` is set, or the system needs neither.
    pub desktop: bool,
}

impl Surroundings {
    /// From the environment of this process.
    pub fn from_env() -> Self {
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let set = |name: &str| value(name).is_some();
        Self {
            ssh: set("SSH_TTY") || set("SSH_CONNECTION"),
            tmux: value("TMUX"),
            desktop: set("DISPLAY") || set("WAYLAND_DISPLAY") || cfg!(any(windows, target_os = "macos")),
        }
    }
}

/// The most bytes that go out by OSC 52: base64 of them stays below the 100 000 bytes that terminals are known to take.
/// Longer ones some drop without a word.
pub const OSC52_BYTES_MAX: usize = 74_000;

/// How long a method may take. A desktop that hangs is not waited for.
const METHOD_TIME_MAX: Duration = Duration::from_secs(3);

/// The clipboard. Keep one for the life of the program: on Linux what was copied is served by its owner thread.
#[derive(Debug)]
pub struct Clipboard {
    method: Method,
    surroundings: Surroundings,
    files_dir: PathBuf,
    owner: Mutex<Option<Owner>>,
}

impl Clipboard {
    /// A clipboard that falls back to files in `files_dir` (made when needed). Starts nothing yet.
    pub fn new(method: Method, surroundings: Surroundings, files_dir: PathBuf) -> Self {
        Self { method, surroundings, files_dir, owner: Mutex::new(None) }
    }

    /// Copies. `what` names it for the file: `curl command`. Takes some seconds at most; call it off the interface's
    /// thread. What is no text (not UTF-8, or with a NUL)
    /// goes to a file at once: clipboards are for text.
    ///
    /// # Errors
    /// In words, when not even a file could be written.
    pub fn copy(&self, what: &str, bytes: &[u8]) -> Result<Copied, String> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        let accepted =
            text.and_then(|text| self.methods().into_iter().find_map(|method| self.try_method(method, text)));
        match accepted {
            Some(copied) => Ok(copied),
            None => {
                let suffix = if text.is_some() { ".txt" } else { ".bin" };
                write_file(&self.files_dir, what, suffix, bytes).map(Copied::File)
            }
        }
    }

    /// The methods to try in order; a file comes after all of them.
    fn methods(&self) -> Vec<Method> {
        if self.method != Method::Auto {
            return vec![self.method];
        }
        let Surroundings { ssh, tmux, desktop } = &self.surroundings;
        // tmux first, also over ssh: it swallows OSC 52 of programs in it by default, and passes its own on (`-w`).
        let all = [
            (Method::Tmux, tmux.is_some()),
            (Method::Osc52, *ssh && tmux.is_none()),
            (Method::System, *desktop && !ssh),
        ];
        all.into_iter().filter(|(_, there)| *there).map(|(method, _)| method).collect()
    }

    /// `None` when the method did not accept it. Why goes to the log: the user is told what worked instead.
    fn try_method(&self, method: Method, text: &str) -> Option<Copied> {
        let tried = match method {
            Method::Auto | Method::File => return None,
            Method::System => self.system(text).map(|()| Copied::Accepted("clipboard")),
            Method::Tmux => tmux(text, self.surroundings.tmux.as_ref()).map(|()| Copied::Accepted("tmux buffer")),
            Method::Osc52 => osc52(text).map(Copied::WriteToTerminal),
        };
        tried.inspect_err(|why| tracing::info!(method = method.as_str(), why, "did not copy")).ok()
    }

    fn system(&self, text: &str) -> Result<(), String> {
        let mut owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        if owner.is_none() {
            *owner = Some(Owner::start()?);
        }
        let result = match owner.as_ref() {
            Some(owner) => owner.set(text),
            None => Err("no owner".to_owned()),
        };
        if result.is_err() {
            // It hangs, or its connection is gone: the next copy begins anew.
            *owner = None;
        }
        result
    }
}

/// The escape sequence that asks the terminal to copy.
fn osc52(text: &str) -> Result<Vec<u8>, String> {
    if text.len() > OSC52_BYTES_MAX {
        return Err(format!("{} bytes are more than the {OSC52_BYTES_MAX} that a terminal takes", text.len()));
    }
    let mut sequence = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).map_err(|error| error.to_string())?;
    Ok(sequence.into_bytes())
}

/// Gives the text to tmux, and through it to the terminal (`-w`, tmux 3.2 and later; older ones keep it themselves).
fn tmux(text: &str, server: Option<&OsString>) -> Result<(), String> {
    let run = |args: &[&str]| {
        let mut command = Command::new("tmux");
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(server) = server {
            command.env("TMUX", server);
        }
        feed(command, text, METHOD_TIME_MAX)
    };
    run(&["load-buffer", "-w", "-"]).or_else(|_| run(&["load-buffer", "-"]))
}

/// Runs a command with the text as its input, for so long at most.
fn feed(mut command: Command, text: &str, time_max: Duration) -> Result<(), String> {
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        let text = text.as_bytes().to_vec();
        // On its own thread: a command that does not read would hold us for ever. Its end closes the pipe.
        thread::spawn(move || stdin.write_all(&text));
    }
    let deadline = Instant::now() + time_max;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(status.to_string()),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("it took too long".to_owned());
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

type Job = (String, mpsc::SyncSender<Result<(), String>>);

/// The thread that owns the desktop's clipboard: on X11 and Wayland the data dies with its owner.
#[derive(Debug)]
struct Owner {
    jobs: Option<mpsc::Sender<Job>>,
    ended: mpsc::Receiver<()>,
}

impl Owner {
    fn start() -> Result<Self, String> {
        let (jobs, work) = mpsc::channel::<Job>();
        let (end, ended) = mpsc::channel();
        let run = move || {
            let _end: mpsc::Sender<()> = end;
            let mut clipboard = None;
            for (text, reply) in work {
                let _ = reply.send(set(&mut clipboard, text));
            }
        };
        thread::Builder::new().name("clipboard".to_owned()).spawn(run).map_err(|error| error.to_string())?;
        Ok(Self { jobs: Some(jobs), ended })
    }

    fn set(&self, text: &str) -> Result<(), String> {
        let (reply, result) = mpsc::sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or("the clipboard is closed")?;
        jobs.send((text.to_owned(), reply)).map_err(|_| "the clipboard's thread is gone")?;
        result.recv_timeout(METHOD_TIME_MAX).unwrap_or_else(|_| Err("it took too long".to_owned()))
    }
}

fn set(clipboard: &mut Option<arboard::Clipboard>, text: String) -> Result<(), String> {
    let told = |error: arboard::Error| error.to_string();
    if clipboard.is_none() {
        *clipboard = Some(arboard::Clipboard::new().map_err(told)?);
    }
    clipboard.as_mut().map_or(Ok(()), |clipboard| clipboard.set_text(text).map_err(told))
}

impl Drop for Owner {
    /// Lets the thread hand over what was copied (X11: to a clipboard manager), for half a second at most.
    fn drop(&mut self) {
        self.jobs = None;
        let _ = self.ended.recv_timeout(Duration::from_millis(500));
    }
}

/// Writes a file of its own with mode 0600 in a folder with mode 0700.
fn write_file(dir: &Path, what: &str, suffix: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let told =
        |error: io::Error| format!("could not copy: no clipboard here, and no file in {}: {error}", dir.display());
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(told)?;
    let name: String = what.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    // Made with mode 0600 by tempfile.
    let mut file =
        tempfile::Builder::new().prefix(&format!("{name}-")).suffix(suffix).tempfile_in(dir).map_err(told)?;
    file.write_all(bytes).map_err(told)?;
    let (_, path) = file.keep().map_err(|error| told(error.error))?;
    Ok(path)
}

#[cfg(test)]
mod tests;
