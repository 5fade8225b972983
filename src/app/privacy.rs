//! Who else on this machine can read what is ours: folders are closed, files are told of.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use crate::domain::printable;

/// The bits of the group and of all others.
const OTHERS: u32 = 0o077;

/// Closes a folder of ours that others can look into: an old one, or one that was made by hand. Words for the user when
/// something was done or could not be. Nothing is done to a folder that is not there yet, or that somebody else owns.
pub fn close_folder(folder: &Path) -> Option<String> {
    let metadata = fs::metadata(folder).ok()?;
    let shown = printable::visible_str(&folder.display().to_string()).into_owned();
    if is_stranger(metadata.uid()) {
        let owner = metadata.uid();
        return Some(format!(
            "{shown} belongs to another user (uid {owner}), who can remove and replace what is in it"
        ));
    }
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    if !is_ours || metadata.mode() & OTHERS == 0 {
        return None;
    }
    Some(match fs::set_permissions(folder, Permissions::from_mode(0o700)) {
        Ok(()) => format!("{shown} was open to other users of this machine: closed (mode 0700)"),
        Err(error) => format!("{shown} is open to other users of this machine, and cannot be closed: {error}"),
    })
}

/// The user whom this file or link, or what the link leads to, belongs to, when that is neither us nor root.
pub fn stranger_owning(path: &Path) -> Option<u32> {
    let owners = [fs::symlink_metadata(path), fs::metadata(path)].into_iter().flatten().map(|metadata| metadata.uid());
    owners.into_iter().find(|owner| is_stranger(*owner))
}

fn is_stranger(owner: u32) -> bool {
    owner != 0 && owner != rustix::process::geteuid().as_raw()
}

/// Words for the user when others can read or write a file that the user named. It is the user's: only told.
pub fn told_of_file(path: &Path) -> Option<String> {
    let mode = fs::metadata(path).ok()?.mode() & 0o777;
    let shown = || printable::visible_str(&path.display().to_string()).into_owned();
    (mode & OTHERS != 0)
        .then(|| format!("others on this machine may open {} (mode {mode:04o}): chmod 600 closes it", shown()))
}

/// Makes a folder for us alone, with what is missing above it.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
