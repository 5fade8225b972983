//! The folders that are ours, and saved sessions by name.
//!
//! `XDG_*` variables are respected on every Unix, macOS included; without them the platform's own places are used.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

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
}
