//! The folders that are ours, and saved sessions by name.
//!
//! `XDG_*` variables are respected on every Unix, macOS included; without them the platform's own places are used.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, bail};

use crate::domain::printable;
use crate::io::session_file::SessionReader;

/// The folders that are ours. None of them need exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// `config.ron`, `themes/`, `providers/`.
    pub config: PathBuf,
    /// `sessions/`.
    pub data: PathBuf,
    /// The log.
    pub state: PathBuf,
}

impl Folders {
    /// From the environment.
    pub fn find() -> anyhow::Result<Self> {
        let own = directories::ProjectDirs::from("", "", "hooksight")
            .context("no home folder is known: set HOME, or XDG_DATA_HOME and XDG_CONFIG_HOME")?;
        let xdg = |variable: &str| {
            let path = PathBuf::from(std::env::var_os(variable)?);
            path.is_absolute().then(|| path.join("hooksight")) // the specification says: ignore relative ones
        };
        let data = xdg("XDG_DATA_HOME").unwrap_or_else(|| own.data_dir().to_owned());
        Ok(Self {
            config: xdg("XDG_CONFIG_HOME").unwrap_or_else(|| own.config_dir().to_owned()),
            state: xdg("XDG_STATE_HOME")
                .or_else(|| own.state_dir().map(Path::to_owned))
                .unwrap_or_else(|| data.clone()),
            data,
        })
    }

    /// Where saved sessions are.
    pub fn sessions(&self) -> PathBuf {
        self.data.join("sessions")
    }

    /// The file of a SESSION argument: a path, a saved session's name, or `latest`.
    ///
    /// What holds a path separator is a path. A bare word is first looked for among saved sessions, then in the working
    /// folder.
    pub fn find_session(&self, text: &str) -> anyhow::Result<PathBuf> {
        if text == "latest" {
            return self.latest_session();
        }
        let path = PathBuf::from(text);
        if text.contains(std::path::is_separator) {
            anyhow::ensure!(path.exists(), "there is no session file {}", shown(text));
            return Ok(path);
        }
        if session_name(text).is_ok() {
            let saved = self.sessions().join(file_name(text));
            if saved.exists() {
                return Ok(saved);
            }
        }
        if path.exists() {
            return Ok(path);
        }
        bail!("there is no saved session {0} and no file {0}: `hooksight sessions` lists the saved ones", shown(text))
    }

    /// The saved session that was written to last among those that hold a request; when none does, among all.
    fn latest_session(&self) -> anyhow::Result<PathBuf> {
        let mut sessions = self.saved_sessions()?;
        sessions.sort_by(|(a_path, a_time), (b_path, b_time)| (b_time, b_path).cmp(&(a_time, a_path)));
        let with_request = sessions.iter().position(|(path, _)| may_hold_request(path)).unwrap_or_default();
        sessions
            .into_iter()
            .nth(with_request)
            .map(|(path, _)| path)
            .with_context(|| format!("there is no saved session in {}", self.sessions().display()))
    }

    /// The files of the saved sessions, and when each was written to last.
    pub fn saved_sessions(&self) -> anyhow::Result<Vec<(PathBuf, SystemTime)>> {
        let folder = self.sessions();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(anyhow::anyhow!(error).context(format!("cannot read {}", folder.display()))),
        };
        let mut sessions = Vec::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            let path = entry.path();
            // Gone, or no plain file: not a saved session.
            let Some(metadata) = entry.metadata().ok().filter(std::fs::Metadata::is_file) else { continue };
            if path.extension().is_some_and(|extension| extension == EXTENSION) {
                sessions.push((path, metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH)));
            }
        }
        Ok(sessions)
    }
}

/// Whether a request stands in a session file. One that cannot be read may hold some: who opens it is told why.
fn may_hold_request(path: &Path) -> bool {
    let Ok(mut reader) = SessionReader::open(path) else { return true };
    loop {
        match reader.next_peek() {
            Ok(None) => return false,
            Ok(Some(line)) if line.peek.as_ref().is_ok_and(|peek| peek.event != "request") => {}
            Ok(Some(_)) | Err(_) => return true,
        }
    }
}

/// The end of a session file's name.
pub const EXTENSION: &str = "jsonl";

/// Longest name of a saved session, in bytes: file systems take 255 with the extension.
const NAME_BYTES_MAX: usize = 200;

/// Whether a text can name a saved session: nothing that leads out of the folder, hides the file or fools a terminal.
///
/// # Errors
/// In words, what is wrong with it.
pub fn session_name(text: &str) -> Result<&str, String> {
    let name = text.strip_suffix(".jsonl").unwrap_or(text);
    let wrong = if name.is_empty() {
        "it is empty"
    } else if name.len() > NAME_BYTES_MAX {
        "it is longer than 200 bytes"
    } else if name.starts_with(['.', '-']) {
        "it begins with a dot or a dash"
    } else if name.contains(['/', '\\', ':']) {
        "it holds a slash, a backslash or a colon"
    } else if matches!(printable::visible_str(name), std::borrow::Cow::Owned(shown) if shown != name) {
        "it holds a character that cannot be seen"
    } else if name == "latest" {
        "`latest` already stands for the newest session"
    } else {
        return Ok(name);
    };
    Err(format!("{} cannot name a session: {wrong}", shown(text)))
}

/// The file name of a saved session.
pub fn file_name(name: &str) -> String {
    format!("{}.{EXTENSION}", name.strip_suffix(".jsonl").unwrap_or(name))
}

/// How a session file is called on a command line: by its name where it is a saved one, else by its path; in quotes where a shell
/// would take it for something else.
pub fn session_argument(path: &Path, sessions: &Path) -> String {
    let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|name| session_name(name).is_ok());
    let is_saved = path.parent() == Some(sessions) && path.extension().is_some_and(|extension| extension == EXTENSION);
    match name.filter(|_| is_saved) {
        Some(name) => shell_words::quote(name).into_owned(),
        None => shell_words::quote(&path.to_string_lossy()).into_owned(),
    }
}

fn shown(text: &str) -> String {
    printable::visible_within(text.as_bytes(), 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_as_a_shell_takes_it() {
        let sessions = Path::new("/data/sessions");
        for (path, called) in [
            ("/data/sessions/monday.jsonl", "monday"),
            ("/data/sessions/my stripe day.jsonl", "'my stripe day'"),
            ("/data/sessions/it's.jsonl", "'it'\\''s'"),
            ("/data/sessions/other.txt", "/data/sessions/other.txt"),
            ("/elsewhere/monday.jsonl", "/elsewhere/monday.jsonl"),
            ("here/a b.jsonl", "'here/a b.jsonl'"),
        ] {
            assert_eq!(session_argument(Path::new(path), sessions), called, "{path}");
        }
    }
}
