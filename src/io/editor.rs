//! Text in the user's own editor.

use std::io::{self, Write};
use std::process::Command;
use std::{env, fs};

use crate::domain::printable::visible_str;

/// Why no edited text came back. The text begun with is untouched.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// `$VISUAL` or `$EDITOR` cannot be understood as a command.
    #[error("${variable} is no command: {value}: {reason}")]
    BadCommand {
        /// `VISUAL` or `EDITOR`.
        variable: &'static str,
        /// Its value, visible text.
        value: String,
        /// What is wrong.
        reason: String,
    },
    /// The editor could not be started.
    #[error("could not start the editor {command}: {source}; set $VISUAL or $EDITOR")]
    Start {
        /// The program.
        command: String,
        /// What happened.
        source: io::Error,
    },
    /// It ended with a failure, so nothing was changed.
    #[error("the editor {command} ended with {status}: nothing was changed")]
    Cancelled {
        /// The program.
        command: String,
        /// How it ended, in words.
        status: String,
    },
    /// The file that it edits could not be written or read back.
    #[error("could not {action} the file for the editor: {source}")]
    File {
        /// `write` or `read`.
        action: &'static str,
        /// What happened.
        source: io::Error,
    },
    /// What it saved is not UTF-8.
    #[error("the edited text is not UTF-8 (byte {at}): nothing was changed")]
    NotText {
        /// Offset of the first bad byte.
        at: usize,
    },
}

/// An editor's command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    program: String,
    args: Vec<String>,
}

impl Editor {
    /// `$VISUAL`, else `$EDITOR`, else the first of `vi` and `nano` that is on the path.
    ///
    /// # Errors
    /// [`EditorError::BadCommand`].
    pub fn from_env() -> Result<Self, EditorError> {
        for variable in ["VISUAL", "EDITOR"] {
            if let Some(value) = env::var_os(variable).filter(|value| !value.is_empty()) {
                return Self::parse(variable, &value.to_string_lossy());
            }
        }
        let is_there = |program: &&str| {
            let path = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&path).any(|dir| dir.join(program).is_file())
        };
        let program = ["vi", "nano"].into_iter().find(is_there).unwrap_or("vi");
        Ok(Self { program: program.to_owned(), args: Vec::new() })
    }

    /// From a command line with arguments, quoted as in a shell: `code --wait`. `variable` is where it came from.
    ///
    /// # Errors
    /// [`EditorError::BadCommand`].
    pub fn parse(variable: &'static str, value: &str) -> Result<Self, EditorError> {
        let bad = |reason: String| EditorError::BadCommand { variable, value: visible_str(value).into_owned(), reason };
        let mut words = shell_words::split(value).map_err(|error| bad(error.to_string()))?.into_iter();
        let program = words.next().ok_or_else(|| bad("it is empty".to_owned()))?;
        Ok(Self { program, args: words.collect() })
    }

    /// Lets the user edit `text` in a file of mode 0600 whose name ends in `suffix` (`.http`), and waits until the editor
    /// ends. The caller has given the terminal away before, and takes it back after. An editor with a window of its own must be told to
    /// wait (`code --wait`).
    ///
    /// # Errors
    /// [`EditorError`]; the edited text is lost then, the original is not.
    pub fn edit(&self, text: &str, suffix: &str) -> Result<String, EditorError> {
        let writing = |source| EditorError::File { action: "write", source };
        let mut file = tempfile::Builder::new().prefix("hooksight-").suffix(suffix).tempfile().map_err(writing)?;
        file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(writing)?;
        // Closed while it is edited: some systems do not let two have it open. The file goes when `path` does.
        let path = file.into_temp_path();
        let command = visible_str(&self.program).into_owned();
        let status = Command::new(&self.program)
            .args(&self.args)
            .arg(&path)
            .status()
            .map_err(|source| EditorError::Start { command: command.clone(), source })?;
        if !status.success() {
            let status = status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"));
            return Err(EditorError::Cancelled { command, status });
        }
        // By name, not by the old handle: editors save by putting a new file in its place.
        let edited = fs::read(&path).map_err(|source| EditorError::File { action: "read", source })?;
        String::from_utf8(edited).map_err(|error| EditorError::NotText { at: error.utf8_error().valid_up_to() })
    }
}

#[cfg(test)]
mod tests;
