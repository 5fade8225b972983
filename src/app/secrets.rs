//! Where a secret is found, and fetching it from there.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use zeroize::Zeroizing;

use super::plain_file;
use crate::domain::signature::Secret;

/// A file that is longer holds no secret.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// A secret as typed or configured: mostly the place where it is. Never prints a literal.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// `env:NAME`
    Env(String),
    /// `file:PATH`
    File(PathBuf),
    /// `-`: asked without echo.
    Prompt,
    /// The secret itself.
    Literal(Secret),
}

impl FromStr for SecretSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Prompt);
        }
        if let Some(name) = text.strip_prefix("env:") {
            return if name.is_empty() || name.contains(['=', '\0']) {
                Err("`env:` must be followed by the name of an environment variable".to_owned())
            } else {
                Ok(Self::Env(name.to_owned()))
            };
        }
        if let Some(path) = text.strip_prefix("file:") {
            return if path.is_empty() {
                Err("`file:` must be followed by a path".to_owned())
            } else {
                Ok(Self::File(PathBuf::from(path)))
            };
        }
        if text.is_empty() {
            return Err("a secret cannot be empty: give env:NAME, file:PATH, - or the secret itself".to_owned());
        }
        Ok(Self::Literal(Secret::new(text.as_bytes())))
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Prompt => f.write_str("-"),
            Self::Literal(_) => f.write_str("literal"),
        }
    }
}

impl SecretSource {
    /// Fetches the secret. `warn` is given words for stderr: what others can see, what was stripped.
    ///
    /// One final newline (`\n` or `\r\n`) of a file is stripped, and said once for each file: an editor puts it there, and a
    /// secret with it fails every check. Nothing else is changed.
    pub fn fetch(&self, warn: &mut dyn FnMut(&str)) -> anyhow::Result<Secret> {
        self.fetch_by(plain_file::read, warn)
    }

    fn fetch_by(&self, read: ReadFile, warn: &mut dyn FnMut(&str)) -> anyhow::Result<Secret> {
        match self {
            Self::Env(name) => from_env(name).map(|secret| secret.named(&format!("env:{name}"))),
            Self::File(path) => {
                let bytes = read(path, FILE_BYTES_MAX)
                    .with_context(|| format!("cannot read the secret from {}", path.display()))?;
                let kept = without_final_newline(&bytes);
                if kept.len() != bytes.len() && is_first_time(path) {
                    warn(&format!("the final newline of {} was left out of the secret", path.display()));
                }
                anyhow::ensure!(!kept.is_empty(), "the secret file {} is empty", path.display());
                Ok(Secret::new(kept).named(&format!("file:{}", path.display())))
            }
            Self::Prompt => super::prompt::ask("Secret: ").map(|text| Secret::new(text).named("asked for")),
            Self::Literal(secret) => Ok(secret.clone()),
        }
    }
}

/// Fetches secrets from the command line; a literal among them is warned of, because others can read it there.
pub fn fetch_typed(sources: &[SecretSource], warn: &mut dyn FnMut(&str)) -> anyhow::Result<Vec<Secret>> {
    if sources.iter().any(|source| matches!(source, SecretSource::Literal(_))) {
        warn("other users can read a secret on the command line in the process list: use env:NAME, file:PATH or -");
    }
    // A pipe is what `--secret file:<(command)` names; what the configuration names is read again and again.
    sources.iter().map(|source| source.fetch_by(plain_file::read_given, warn)).collect()
}

/// Digits in a variable's name; keys in hexadecimal have more.
const NAME_DIGITS_MAX: usize = 6;

/// How a file is read.
type ReadFile = fn(&Path, u64) -> std::io::Result<Zeroizing<Vec<u8>>>;

/// Whether nothing was said of this file yet: one secret may stand in several places, and is read again when they change.
fn is_first_time(path: &Path) -> bool {
    static SAID: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned())
}

/// `env:$SECRET` in a shell puts the secret where its variable's name should stand: what may be one is not quoted.
fn not_set(name: &str) -> String {
    let has = |is: fn(&char) -> bool| name.chars().any(|char| is(&char));
    let is_mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let is_name = name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    if is_name && !is_mixed && digits <= NAME_DIGITS_MAX {
        format!("the environment variable {name} is not set")
    } else {
        "the environment variable that env: names is not set (it is not quoted, because it looks like a secret: one that is \
         typed itself is given without env:)"
            .to_owned()
    }
}

#[cfg(unix)]
fn from_env(name: &str) -> anyhow::Result<Secret> {
    use std::os::unix::ffi::OsStringExt as _;
    let value = std::env::var_os(name).with_context(|| not_set(name))?;
    anyhow::ensure!(!value.is_empty(), "the environment variable {name} is empty");
    Ok(Secret::new(value.into_vec()))
}

#[cfg(not(unix))]
fn from_env(name: &str) -> anyhow::Result<Secret> {
    let value = std::env::var(name).with_context(|| format!("{}, or not UTF-8", not_set(name)))?;
    anyhow::ensure!(!value.is_empty(), "the environment variable {name} is empty");
    Ok(Secret::new(value.into_bytes()))
}

/// The bytes without one `\n` or `\r\n` at their end.
fn without_final_newline(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests;
