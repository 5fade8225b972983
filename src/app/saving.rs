//! `:save NAME`: giving a session a name of its own.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::io::store::Store;

use super::{folders, privacy};

/// Names the session. One in `folder` is renamed, and capture goes on into it; one that the user keeps elsewhere stays
/// there, and a copy gets the name. Never over another session. The file that has the name, and whether capture goes on into it.
///
/// # Errors
/// In words: a name that is none or taken, nothing that is recorded, a file that cannot be moved.
pub fn save(store: &Store, folder: &Path, name: &str) -> anyhow::Result<(PathBuf, bool)> {
    let name = folders::session_name(name).map_err(anyhow::Error::msg)?;
    let Some(from) = store.path() else {
        bail!("there is nothing to save: this session is kept in memory only (--no-session)");
    };
    let to = folder.join(folders::file_name(name));
    if to == from {
        return Ok((to, true)); // it has that name: nothing is to be done, and nothing is wrong
    }
    if to.exists() {
        bail!("there is a session named {name} already: choose another name");
    }
    store.flush();
    if from.parent() == Some(folder) {
        return Ok((store.rename(&to)?, true));
    }
    copy(&from, &to).with_context(|| format!("could not copy {} to {}", from.display(), to.display()))?;
    Ok((to, false))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        privacy::make_folder(folder)?;
    }
    let mut source = File::open(from)?;
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}
