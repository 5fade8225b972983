//! How files looked before they were read, to notice when they change.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What is looked at: an editor may write into the file or put another one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    modified: Option<SystemTime>,
    length: u64,
    number: u64,
}

impl Look {
    /// Of a file; `None` when there is none.
    pub fn at(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), length: metadata.len(), number: metadata.ino() })
    }
}

/// Files, each as it looked before it was read: what changes between that and the first look of a watch is noticed too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(Vec<(PathBuf, Option<Look>)>);

impl Seen {
    /// Files as they look now.
    pub fn now(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(paths.into_iter().map(|path| (path.clone(), Look::at(&path))).collect())
    }

    /// With one more, as it looked before.
    #[must_use]
    pub fn with(mut self, path: PathBuf, look: Option<Look>) -> Self {
        self.0.insert(0, (path, look));
        self
    }

    /// The same files as they look now.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::now(self.0.iter().map(|(path, _)| path.clone()))
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files that changed. For a moment there is no file while an editor puts another one in its place: that is no change.
    pub fn changed(&self) -> Vec<&Path> {
        let is_changed = |(path, before): &&(PathBuf, Option<Look>)| {
            let now = Look::at(path);
            now.is_some() && now != *before
        };
        self.0.iter().filter(is_changed).map(|(path, _)| path.as_path()).collect()
    }
}
