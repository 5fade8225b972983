//! Reading the files that settings name: whole, bounded, and only what is a file.
//!
//! A FIFO would make the reader wait for ever, and a device such as `/dev/zero` never ends: the watch of the configuration
//! reads all of them again whenever it changes.

use std::fs::{FileType, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

/// All bytes of a regular file, or of what a link to one leads to. They may be a secret: they are wiped when dropped.
///
/// # Errors
/// What the system says; that it is no regular file, and what it is; that it is longer than `bytes_max`.
pub fn read(path: &Path, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>> {
    // Opening a device can do things: so what is there is looked at first, and once more behind the open handle, because
    // another may have taken its place. The flag keeps the opening of a FIFO from waiting for a writer.
    regular(std::fs::metadata(path)?.file_type())?;
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    regular(metadata.file_type())?;
    if metadata.len() > bytes_max {
        return Err(too_long(bytes_max));
    }
    // Room for all of it: a vector that grows leaves its old bytes behind.
    let room = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room + 1));
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(too_long(bytes_max));
    }
    Ok(bytes)
}

fn too_long(bytes_max: u64) -> Error {
    Error::other(format!("it is larger than {bytes_max} bytes: name a smaller file"))
}

fn regular(found: FileType) -> Result<()> {
    let what = match found {
        _ if found.is_file() => return Ok(()),
        _ if found.is_dir() => "a directory",
        _ if found.is_fifo() => "a FIFO or pipe",
        _ if found.is_char_device() || found.is_block_device() => "a device",
        _ if found.is_socket() => "a socket",
        _ => "no regular file",
    };
    Err(Error::new(ErrorKind::InvalidInput, format!("it is {what}: put the content into a regular file and name that")))
}

#[cfg(test)]
mod tests;
