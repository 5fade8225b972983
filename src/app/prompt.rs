//! Asking for a secret at the terminal, without echo.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Context as _;

use super::shutdown::EchoOff;

/// Longest secret that is read here.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Asks on stderr and reads one line of stdin with the echo off. Without a terminal the line is read as it comes, so
/// that a secret can be piped in. The line's end is left out.
pub fn ask(words: &str) -> anyhow::Result<Vec<u8>> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return read_line();
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "{words}").and_then(|()| stderr.flush()).context("cannot ask for the secret")?;
    let line = without_echo(read_line);
    let _ = writeln!(stderr);
    line
}

/// Reads one line, byte by byte so that nothing behind it is taken from stdin.
fn read_line() -> anyhow::Result<Vec<u8>> {
    use std::io::Read as _;
    // Room for any: a vector that grows leaves its old bytes behind.
    let mut line = Vec::with_capacity(LINE_BYTES_MAX);
    let mut byte = [0_u8];
    let mut stdin = std::io::stdin().lock();
    while stdin.read(&mut byte).context("cannot read the secret from stdin")? == 1 {
        let [read] = byte;
        if read == b'\n' {
            break;
        }
        anyhow::ensure!(line.len() < LINE_BYTES_MAX, "a secret of more than {LINE_BYTES_MAX} bytes: use file:PATH");
        line.push(read);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    anyhow::ensure!(!line.is_empty(), "no secret was given on stdin");
    Ok(line)
}

/// A signal meanwhile switches the echo on again before it ends the process.
fn without_echo<T>(read: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    use rustix::termios::{LocalModes, tcgetattr};
    let before = tcgetattr(rustix::stdio::stdin()).context("cannot read the terminal's mode")?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    let _echo_off = EchoOff::switch(before, &quiet)?;
    read()
}
