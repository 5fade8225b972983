//! The session file in the file system: opening, locking, writing whole, finding out that it went away.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::io::store_error::StoreError;

/// A session file, open for appending and locked against a second writer.
#[derive(Debug)]
pub struct Opened {
    pub file: File,
    pub path: PathBuf,
    /// Bytes in it.
    pub length: u64,
    /// Folders in which an entry is new: the file's, and those above folders that were made.
    pub folders: Vec<PathBuf>,
}

fn failed(what: &str, path: &Path, why: impl std::fmt::Display, remedy: &str) -> StoreError {
    StoreError::File(format!(
        "cannot {what} {}: {why}{}{remedy}",
        path.display(),
        if remedy.is_empty() { "" } else { "; " }
    ))
}

fn options() -> OpenOptions {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(0o600).custom_flags(flags.bits() as i32);
    options
}

/// A new file in `folder`, named by the local date and time; the folder is made when it is not there.
pub fn create_in(folder: &Path) -> Result<Opened, StoreError> {
    let remedy = "choose a session file with -s FILE, or --no-session";
    let folders = make_folder(folder).map_err(|error| failed("make the folder", folder, error, remedy))?;
    let stem = crate::io::clock::local().format("%Y-%m-%d_%H-%M-%S").to_string();
    for number in 1..1000 {
        let name = if number == 1 { format!("{stem}.jsonl") } else { format!("{stem}-{number}.jsonl") };
        let path = folder.join(name);
        match options().create_new(true).open(&path) {
            Ok(file) => {
                lock(&file, &path)?;
                return Ok(Opened { file, path, length: 0, folders });
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("make the session file", &path, error, remedy)),
        }
    }
    Err(failed("make a session file in", folder, "a thousand names of this second are taken", remedy))
}

/// Makes the folder and what is missing above it. Gives the folders that are to be synced for a file in it to be found after
/// a crash: itself, and those that got a new folder.
fn make_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let missing = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let folders = std::iter::once(folder.to_owned()).chain(missing.map(folder_of)).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    Ok(folders)
}

/// The folder in which `path` is an entry.
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The file at `path`, made when it is not there. Locked. What it holds is not looked at here.
pub fn open_to_append(path: &Path) -> Result<Opened, StoreError> {
    let remedy = "choose another file with -s FILE";
    match fs::symlink_metadata(path) {
        Ok(metadata) => {
            let kind = metadata.file_type();
            let what = if kind.is_symlink() {
                "it is a symbolic link"
            } else if kind.is_dir() {
                "it is a folder"
            } else if kind.is_fifo() {
                "it is a FIFO"
            } else if !kind.is_file() {
                "it is no regular file"
            } else {
                ""
            };
            if !what.is_empty() {
                return Err(failed("write a session to", path, what, remedy));
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed("look at", path, error, remedy)),
    }
    let file =
        options().create(true).open(path).map_err(|error| failed("open the session file", path, error, remedy))?;
    let metadata = file.metadata().map_err(|error| failed("look at", path, error, remedy))?;
    if !metadata.is_file() {
        return Err(failed("write a session to", path, "it is no regular file", remedy));
    }
    lock(&file, path)?;
    Ok(Opened { file, path: path.to_owned(), length: metadata.len(), folders: vec![folder_of(path)] })
}

/// How often the lock is tried again, and after how long.
const LOOKS_MAX: u32 = 5;
const LOOK_WITHIN: Duration = Duration::from_millis(5);

/// Whether somebody else writes the session file. For one that is open for reading.
pub fn is_locked(file: &File) -> bool {
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => false,
        Ok(()) => {
            // It goes with the descriptor otherwise.
            let _ = file.unlock();
            false
        }
    }
}

/// The lock goes with the descriptor: a killed writer leaves none behind.
fn lock(file: &File, path: &Path) -> Result<(), StoreError> {
    let mut locked = file.try_lock();
    for _ in 0..LOOKS_MAX {
        if !matches!(locked, Err(TryLockError::WouldBlock)) {
            break;
        }
        // A reader may be looking whether it is locked, which takes it microseconds.
        std::thread::sleep(LOOK_WITHIN);
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(failed(
            "write the session file",
            path,
            "another hooksight writes it",
            "close that one, or choose another file with -s FILE",
        )),
        // A file system without locks: better recorded without one than not at all.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => Err(failed("lock the session file", path, error, "")),
    }
}

/// Both pieces behind each other, in one `writev(2)` unless the system takes only a part.
pub fn write_all(mut file: &File, first: &[u8], second: &[u8]) -> io::Result<()> {
    let mut slices = [IoSlice::new(first), IoSlice::new(second)];
    let mut left = &mut slices[..];
    let mut bytes = first.len() + second.len();
    while bytes > 0 {
        match file.write_vectored(left) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes -= count;
                IoSlice::advance_slices(&mut left, count);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Cuts the file to `length` when it is longer.
pub fn cut_to(file: &File, length: u64) -> io::Result<()> {
    if file.metadata()?.len() > length { file.set_len(length) } else { Ok(()) }
}

/// Whether what is appended to a file of `length` bytes begins a line of its own. What cannot be read counts as yes: a
/// blank line more would not mend it.
pub fn ends_a_line(file: &File, length: u64) -> bool {
    let mut last = [0];
    match length.checked_sub(1).map(|at| file.read_at(&mut last, at)) {
        Some(Ok(1)) => last == *b"\n",
        _ => true,
    }
}

/// Where an open file is now.
pub enum Whereabouts {
    /// At its path.
    There {
        /// Bytes in it.
        length: u64,
    },
    /// Nothing is at its path.
    Gone,
    /// Another file is.
    Replaced,
}

/// Compares the open file with what is at its path. When that cannot be found out the file counts as there: the next
/// write will tell.
pub fn state_of(file: &File, path: &Path) -> Whereabouts {
    let Ok(open) = file.metadata() else { return Whereabouts::Gone };
    match fs::symlink_metadata(path) {
        Ok(there) if there.dev() == open.dev() && there.ino() == open.ino() => {
            Whereabouts::There { length: open.len() }
        }
        Ok(_) => Whereabouts::Replaced,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Whereabouts::Gone,
        Err(_) => Whereabouts::There { length: open.len() },
    }
}

/// `name-2.jsonl`, or the next number that is free.
pub fn free_name_beside(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    (2..10_000)
        .map(|number| path.with_file_name(format!("{stem}-{number}{extension}")))
        .find(|candidate| fs::symlink_metadata(candidate).is_err())
        .unwrap_or_else(|| path.with_file_name(format!("{stem}-more{extension}")))
}

/// A new file at `path` with the first `length` bytes of `from`, locked; and the folders to sync for it.
pub fn copy_whole_lines(from: &File, length: u64, path: &Path) -> io::Result<(File, Vec<PathBuf>)> {
    let folders = make_folder(&folder_of(path))?;
    let mut copy = options().create_new(true).open(path)?;
    let copied = copy_bytes(from, length, &mut copy)
        .and_then(|()| lock(&copy, path).map_err(|error| io::Error::other(error.to_string())));
    if let Err(error) = copied {
        // A half copy must not be taken for the session.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    Ok((copy, folders))
}

/// The bytes from `start` to `end`.
pub fn read_range(file: &File, start: u64, end: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(end.saturating_sub(start)).map_err(|_| ErrorKind::OutOfMemory)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}

fn copy_bytes(from: &File, length: u64, to: &mut File) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    let mut at = 0;
    while at < length {
        let want = usize::try_from(length - at).unwrap_or(usize::MAX).min(buffer.len());
        let count = from.read_at(&mut buffer[..want], at)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        to.write_all(&buffer[..count])?;
        at += count as u64;
    }
    Ok(())
}

/// Renames without ever replacing a file: the new name is a second link first.
pub fn rename_exclusively(from: &Path, to: &Path) -> Result<(), StoreError> {
    let linked =
        match rustix::fs::renameat_with(rustix::fs::CWD, from, rustix::fs::CWD, to, rustix::fs::RenameFlags::NOREPLACE)
        {
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
                fs::hard_link(from, to).and_then(|()| fs::remove_file(from))
            }
            result => result.map_err(io::Error::from),
        };
    linked.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            failed("save the session as", to, "a file of that name exists", "choose another name")
        }
        ErrorKind::CrossesDevices => {
            failed("save the session as", to, "it is on another file system", "choose a name in the same folder")
        }
        _ => failed("save the session as", to, error, ""),
    })
}
