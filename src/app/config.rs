//! The configuration file: `hooksight.ron` in the working directory, else `config.ron` in the user's configuration folder.
//!
//! Its fields and their defaults are documented in `docs/configuration.md`, which a test holds to this file.

pub mod file;
pub mod forward;
pub mod rules;
#[cfg(test)]
mod tests;
mod understand;
mod values;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::mistakes::with_others;
use super::plain_file;
use super::privacy;
use super::reload::seen::Look;
use super::secrets::SecretSource;
use crate::domain::ron_text::{self, Mistake, Place};
use crate::domain::signature::Secret;
pub use file::Config;
use understand::{Understood, understood};
pub use values::{ActionName, BindAddress, EndpointPath, KeyText, OneOrMore, Parsed};

/// The file in the working directory.
const NAME: &str = "hooksight.ron";

/// A file larger than this is not a configuration.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Why there is no configuration. What it prints names file, line, column, field and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The one in the working folder belongs to somebody else: it could have the user's files answered to whoever asks.
    #[error(
        "{} belongs to another user (uid {owner}), and could have any of your files answered: name it with --config, if you trust it",
        path.display()
    )]
    Strangers {
        /// The file.
        path: PathBuf,
        /// The number of its user.
        owner: u32,
    },
    /// A mistake in it, or several.
    #[error("{}", with_others(place_words(path, first), others.len()))]
    Mistake {
        /// The file.
        path: PathBuf,
        /// The first one.
        first: Mistake,
        /// Those behind it.
        others: Vec<Mistake>,
        /// What the file says beside what is wrong: what else is wrong with that can be looked for.
        rest: Box<LoadedConfig>,
    },
}

impl ConfigError {
    /// All that is wrong, in the order of the file: file, line, column, field, words.
    pub fn all(&self) -> Vec<String> {
        match self {
            Self::Unreadable { source, .. } => vec![format!("{self}: {source}")],
            Self::Strangers { .. } => vec![self.to_string()],
            Self::Mistake { path, first, others, .. } => {
                std::iter::once(first).chain(others).map(|mistake| place_words(path, mistake)).collect()
            }
        }
    }
}

/// `hooksight.ron:3:14: limits.body: words`
fn place_words(path: &Path, mistake: &Mistake) -> String {
    let Mistake { place: (line, column), field, message } = mistake;
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    format!("{}:{line}:{column}: {field}{message}", path.display())
}

/// A configuration and where it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadedConfig {
    /// What it says.
    pub config: Config,
    /// The file; `None` when there is none, which is fine.
    pub path: Option<PathBuf>,
    /// How the file looked before it was read.
    pub look: Option<Look>,
    text: Text,
    /// The text as it stands in the file, where `text` lacks what is wrong with it.
    whole: Option<Text>,
    /// Where things stand in both; made when something is wrong.
    places: OnceLock<Box<Places>>,
}

/// Where each field stands: a file with a thousand mistakes is gone through once for all of them.
#[derive(Clone, Debug, PartialEq)]
struct Places {
    /// In the text that is understood.
    of_fields: HashMap<String, Place>,
    /// In the whole one.
    fields_at: HashMap<Place, String>,
}

/// The text of the file: where a mistake stands that only shows when the whole is put together. Secrets may stand in it, so
/// it is never printed, and zeroed when it goes.
#[derive(Clone, Default, PartialEq)]
struct Text(Zeroizing<String>);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Text(..)")
    }
}

impl LoadedConfig {
    /// Reads `wanted`, else `hooksight.ron` in the working directory, else `config.ron` in `folder`, else nothing.
    pub fn find(wanted: Option<&Path>, folder: Option<&Path>) -> Result<Self, ConfigError> {
        let candidates = match wanted {
            Some(path) => vec![path.to_owned()],
            None => {
                std::iter::once(PathBuf::from(NAME)).chain(folder.map(|folder| folder.join("config.ron"))).collect()
            }
        };
        for path in candidates {
            if wanted.is_none()
                && path == Path::new(NAME)
                && let Some(owner) = privacy::stranger_owning(&path)
            {
                return Err(ConfigError::Strangers { path, owner });
            }
            let look = Look::at(&path);
            match read(&path) {
                Ok(text) => return Self::understood(&path, text, look),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && wanted.is_none() => {}
                Err(source) => return Err(ConfigError::Unreadable { path, source }),
            }
        }
        Ok(Self::default())
    }
}

impl LoadedConfig {
    /// A text as if it stood in a file of that name.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn of_text(path: &Path, text: &str) -> Result<Self, ConfigError> {
        Self::understood(path, Zeroizing::new(text.to_owned()), None)
    }

    fn understood(path: &Path, text: Zeroizing<String>, look: Option<Look>) -> Result<Self, ConfigError> {
        let Understood { config, text: healed, mistakes } = understood(&text);
        let (path_of, text) = (Some(path.to_owned()), Text(text));
        let loaded = Self { config, path: path_of, look, text, whole: None, places: OnceLock::new() };
        let mut mistakes = mistakes.into_iter();
        let Some(first) = mistakes.next() else { return Ok(loaded) };
        let whole = Some(loaded.text);
        let rest = Box::new(Self { text: Text(healed), whole, ..loaded });
        Err(ConfigError::Mistake { path: path.to_owned(), first, others: mistakes.collect(), rest })
    }

    /// A path of the file: relative ones begin at its folder.
    pub fn beside(&self, path: &Path) -> PathBuf {
        match self.path.as_deref().and_then(Path::parent) {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        }
    }

    /// `hooksight.ron:3:14: field`, for a mistake that only shows when the whole is put together. A field that does not
    /// stand in the text gives the place of what it would stand in.
    pub fn place(&self, field: &str) -> String {
        let Some(path) = &self.path else { return field.to_owned() };
        let places = self.places.get_or_init(|| Box::new(self.places()));
        let outer = ron_text::parent(field);
        let own = places.of_fields.get(field);
        let Some(place) = own.or_else(|| places.of_fields.get(&outer)) else {
            return format!("{}: {field}", path.display());
        };
        // What is wrong before it in the file is counted as it stands there.
        let field = match &self.whole {
            Some(_) => {
                let last = field.strip_prefix(&outer).filter(|_| own.is_none()).unwrap_or_default();
                format!("{}{last}", places.fields_at.get(place).map_or("", String::as_str))
            }
            None => field.to_owned(),
        };
        format!("{}:{}:{}: {field}", path.display(), place.0, place.1)
    }

    /// Fetches secrets that the file names: relative paths are beside it.
    ///
    /// # Errors
    /// As [`SecretSource::fetch`]; and nobody is asked for one.
    pub fn fetch(&self, sources: &[SecretSource], warn: &mut dyn FnMut(&str)) -> anyhow::Result<Vec<Secret>> {
        sources
            .iter()
            .map(|source| match source {
                SecretSource::File(path) => SecretSource::File(self.beside(path)).fetch(warn),
                SecretSource::Prompt => {
                    anyhow::bail!("`-` is for the command line: a configuration names env:NAME or file:PATH")
                }
                source => source.fetch(warn),
            })
            .collect()
    }

    fn places(&self) -> Places {
        let mut places = Places { of_fields: HashMap::new(), fields_at: HashMap::new() };
        ron_text::fields(&self.text.0, |field, place| {
            places.of_fields.entry(field).or_insert(place);
        });
        if let Some(whole) = &self.whole {
            ron_text::fields(&whole.0, |field, place| {
                places.fields_at.entry(place).or_insert(field);
            });
        }
        places
    }

    /// The file that was found in the working directory without being named: `./hooksight.ron`.
    pub fn path_in_working_folder(&self) -> Option<String> {
        self.path.as_deref().filter(|path| *path == Path::new(NAME)).map(|_| format!("./{NAME}"))
    }
}
fn read(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let mut bytes = plain_file::read(path, FILE_BYTES_MAX)?;
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            drop(Zeroizing::new(error.into_bytes()));
            Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                format!("byte {at} (from 0) is not UTF-8: save it as UTF-8"),
            ))
        }
    }
}
