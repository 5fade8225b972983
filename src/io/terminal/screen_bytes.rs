//! The bytes of a frame on their way to the terminal.

use std::io::{self, Write};
use std::sync::atomic::Ordering;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::state::{TAKEN, WRITES};

/// Room for a whole frame of a large terminal, so that it leaves in one write.
const FRAME_BUFFER_BYTES: usize = 256 * 1024;

/// How a synchronised update begins and ends: private mode 2026, as [`crossterm::terminal::BeginSynchronizedUpdate`] writes it.
const SYNCHRONISED: &[u8] = b"\x1b[?2026h";
const SYNCHRONISED_END: &[u8] = b"\x1b[?2026l";

/// Gathers a frame and writes it when it is flushed.
///
/// No `BufWriter`: that writes what it holds when it is dropped, and half a frame of a draw that panicked must not reach a
/// terminal that was given back.
#[derive(Debug)]
pub struct ScreenBytes(Vec<u8>);

impl Default for ScreenBytes {
    fn default() -> Self {
        Self(Vec::with_capacity(FRAME_BUFFER_BYTES))
    }
}

impl Write for ScreenBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Writes the frame; forgets it when the terminal is not ours at the moment. A synchronised update leaves once it is whole: the
    /// libraries that draw flush before it is, and a terminal that got its end by itself would work twice.
    fn flush(&mut self) -> io::Result<()> {
        if self.0.starts_with(SYNCHRONISED) && !self.0.ends_with(SYNCHRONISED_END) {
            return Ok(());
        }
        let written = write_counted(&self.0, || TAKEN.load(Ordering::SeqCst));
        self.0.clear();
        written.map(drop)
    }
}

/// Writes all of it if that is allowed, counted as on its way meanwhile; whether it was.
pub fn write_counted(bytes: &[u8], is_allowed: impl FnOnce() -> bool) -> io::Result<bool> {
    WRITES.fetch_add(1, Ordering::SeqCst);
    let written = if is_allowed() { write_out(bytes).map(|()| true) } else { Ok(false) };
    WRITES.fetch_sub(1, Ordering::SeqCst);
    written
}

/// Writes all of it to the terminal on stdout. Past `std`'s lock and buffer: whoever gives the terminal back from another
/// thread must not wait for a draw that hangs.
fn write_out(mut bytes: &[u8]) -> io::Result<()> {
    let stdout = rustix::stdio::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(stdout, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Another program made the terminal non-blocking for all that have it open.
            Err(Errno::AGAIN) => {
                let mut fds = [PollFd::new(&stdout, PollFlags::OUT)];
                poll(&mut fds, None).or_else(|error| if error == Errno::INTR { Ok(0) } else { Err(error) })?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
