//! The clipboard by whichever way this terminal has, or a file when it has none.

use std::path::PathBuf;

use bytes::Bytes;

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
    /// Every method, `auto` first.
    pub const ALL: [Self; 5] = [Self::Auto, Self::System, Self::Tmux, Self::Osc52, Self::File];

    /// The word in the configuration: `auto`, `system`, `tmux`, `osc52`, `file`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::System => "system",
            Self::Tmux => "tmux",
            Self::Osc52 => "osc52",
            Self::File => "file",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// Where a copy went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// A method accepted it; its name: `clipboard`, `tmux buffer`.
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
    /// `TMUX` is set.
    pub tmux: bool,
    /// `DISPLAY` or `WAYLAND_DISPLAY` is set, or the system needs neither.
    pub desktop: bool,
}

impl Surroundings {
    /// From the environment of this process.
    pub fn from_env() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            ssh: set("SSH_TTY") || set("SSH_CONNECTION"),
            tmux: set("TMUX"),
            desktop: set("DISPLAY") || set("WAYLAND_DISPLAY") || cfg!(any(windows, target_os = "macos")),
        }
    }
}

/// The clipboard. Keep one for the life of the program: on Linux the data lives in its owner thread.
#[derive(Debug)]
pub struct Clipboard {
    method: Method,
    surroundings: Surroundings,
    files_dir: PathBuf,
}

impl Clipboard {
    /// A clipboard that falls back to files in `files_dir` (made when needed). Starts nothing yet.
    pub fn new(method: Method, surroundings: Surroundings, files_dir: PathBuf) -> Self {
        Self { method, surroundings, files_dir }
    }

    /// Copies. `what` names it for the file: `curl command`. Takes seconds at most; call it off the interface's thread.
    ///
    /// # Errors
    /// In words, when not even a file could be written.
    pub fn copy(&self, what: &str, bytes: &Bytes) -> Result<Copied, String> {
        let _ = (what, bytes, self.method, &self.surroundings, &self.files_dir);
        Err("could not copy: no method".to_owned())
    }
}
