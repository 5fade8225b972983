//! A log of our own doings, only when `HOOKSIGHT_LOG` asks for one (`HOOKSIGHT_LOG=debug`), only in a file: stderr belongs
//! to the interface.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use super::folders::Folders;
use super::privacy;
use crate::domain::printable;

/// The log stops growing here; the one before is kept as `hooksight.log.1`.
const LOG_BYTES_MAX: u64 = 8 << 20;

/// Starts the log when it is wished.
///
/// # Errors
/// When the wish is not understood, or the file cannot be had. Then nothing is logged.
pub fn start() -> anyhow::Result<()> {
    let Some(wish) = std::env::var("HOOKSIGHT_LOG").ok().filter(|wish| !wish.is_empty()) else {
        return Ok(());
    };
    let filter =
        EnvFilter::try_new(&wish).context("HOOKSIGHT_LOG is no filter such as `debug` or `hooksight=trace`")?;
    let folder = Folders::find()?.state;
    privacy::make_folder(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let log = open(&folder.join("hooksight.log"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(log))
        .try_init()
        .map_err(|error| anyhow::anyhow!("cannot start the log: {error}"))
}

fn open(path: &Path) -> anyhow::Result<CappedLog> {
    if std::fs::metadata(path).is_ok_and(|metadata| metadata.len() >= LOG_BYTES_MAX / 2) {
        let before = path.with_extension("log.1");
        std::fs::rename(path, &before).with_context(|| format!("cannot move {}", path.display()))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path).with_context(|| format!("cannot write {}", path.display()))?;
    // One of an older run may be open to others.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
            .with_context(|| format!("cannot close {} to others", path.display()))?;
    }
    let written_bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    Ok(CappedLog { file, written_bytes })
}

/// A file that takes no more than its bound. What is written passes the gate: a log is read in terminals.
struct CappedLog {
    file: File,
    written_bytes: u64,
}

impl Write for CappedLog {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let visible: Vec<String> = event.split(|byte| *byte == b'\n').map(printable::visible).collect();
        let text = visible.join("\n");
        let bytes = text.len() as u64;
        if self.written_bytes + bytes <= LOG_BYTES_MAX {
            self.file.write_all(text.as_bytes())?;
            self.written_bytes += bytes;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
