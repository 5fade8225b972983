//! What commands are given to sign or send: `--body` and `--header`.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::app::plain_file;
use crate::domain::printable::visible_str;

/// More than any webhook's body.
const BODY_BYTES_MAX: u64 = 256 << 20;

/// The body that `--body` names: a file, a pipe, or `-` for stdin.
pub fn read_body(path: &str) -> anyhow::Result<Vec<u8>> {
    if path != "-" {
        let told = || format!("cannot read the body from {}", visible_str(path));
        let mut body = plain_file::read_given(Path::new(path), BODY_BYTES_MAX).with_context(told)?;
        return Ok(std::mem::take(&mut *body));
    }
    let mut body = Vec::new();
    let read = std::io::stdin().take(BODY_BYTES_MAX + 1).read_to_end(&mut body);
    read.context("cannot read the body from stdin")?;
    anyhow::ensure!(body.len() as u64 <= BODY_BYTES_MAX, "the body on stdin is larger than {BODY_BYTES_MAX} bytes");
    Ok(body)
}

/// Reads `Name: value`.
pub fn header(line: &str) -> anyhow::Result<(String, String)> {
    let shown = visible_str(line);
    let (name, value) = line.split_once(':').with_context(|| format!("--header {shown}: write `Name: value`"))?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) || value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        bail!("--header {shown}: this cannot stand in a head; write `Name: value`");
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}
