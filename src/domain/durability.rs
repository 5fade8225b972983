//! How firmly a request is kept before it is answered.

use std::fmt;
use std::str::FromStr;

/// What must have happened to a request's line before the first byte of its answer leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Its `write(2)` has returned: the line survives the end of the program, however it ends (`kill -9`).
    #[default]
    Process,
    /// `fdatasync(2)` has returned too: the line survives the end of the system. Requests that wait share one sync.
    Disk,
    /// Nothing: lines are written together, some milliseconds later.
    None,
}

impl Durability {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Process, Self::Disk, Self::None];

    /// As it is written in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Disk => "disk",
            Self::None => "none",
        }
    }

    /// What it promises, for people.
    pub fn promise(self) -> &'static str {
        match self {
            Self::Process => "what was answered survives a kill of the program",
            Self::Disk => "what was answered survives a crash of the system",
            Self::None => "a kill of the program loses the last milliseconds",
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Durability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|durability| durability.as_str() == text)
            .ok_or_else(|| "expected one of process, disk, none".to_owned())
    }
}
