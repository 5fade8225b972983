//! Reading the files that settings name: whole, bounded, and only what is a file.
//!
//! A FIFO would make the reader wait for ever, and a device such as `/dev/zero` never ends: the watch of the configuration
//! reads all of them again whenever it changes.

use std::fs::{FileType, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::Errno;
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

/// All bytes of what the user names on the command line: a regular file, a pipe that somebody writes into (`<(command)`), or
/// `/dev/null`, which holds nothing.
///
/// # Errors
/// As [`read`]; and that nobody wrote into the pipe, or did not come to an end, within 10 s.
pub fn read_given(path: &Path, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>> {
    if path == Path::new("/dev/null") {
        return Ok(Zeroizing::default());
    }
    match std::fs::metadata(path)?.file_type().is_fifo() {
        true => read_pipe(path, bytes_max, PATIENCE),
        false => read(path, bytes_max),
    }
}

/// How long a pipe may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn read_pipe(path: &Path, bytes_max: u64, patience: Duration) -> Result<Zeroizing<Vec<u8>>> {
    // Opening does not wait for a writer, and reading is only tried when there is something: both would wait for ever.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.file_type().is_fifo() {
        return Err(Error::new(ErrorKind::InvalidInput, "it was a pipe and is another file now: try again"));
    }
    let until = Instant::now() + patience;
    let mut bytes = Zeroizing::new(Vec::new());
    let mut piece = Zeroizing::new([0; 4096]);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let wait = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        let mut ready = [PollFd::new(&file, PollFlags::IN)];
        match rustix::event::poll(&mut ready, Some(&wait)) {
            Ok(0) => {
                let said = "it is a pipe, and whoever writes into it did not come to an end within";
                return Err(Error::new(ErrorKind::TimedOut, format!("{said} {} s", patience.as_secs())));
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        match file.read(&mut piece[..]) {
            Ok(0) => return Ok(bytes),
            Ok(count) => {
                if (bytes.len() + count) as u64 > bytes_max {
                    return Err(too_long(bytes_max));
                }
                // Room for all of it: a vector that grows leaves its old bytes behind.
                if bytes.capacity() < bytes.len() + count {
                    let mut more = Zeroizing::new(Vec::with_capacity(2 * (bytes.len() + count)));
                    more.extend_from_slice(&bytes);
                    bytes = more;
                }
                bytes.extend_from_slice(&piece[..count]);
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
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
