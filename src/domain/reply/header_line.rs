//! A header line of a reply, `Name: value`: read, and held to what may go out.

use bytes::Bytes;

use super::error::visible;

/// Understands a header line of a reply: name and value.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse_header(line: &str) -> Result<(Bytes, Bytes), String> {
    let (name, value) = split_header(line.as_bytes())?;
    Ok((Bytes::copy_from_slice(name), Bytes::copy_from_slice(value)))
}

/// The same without a copy.
///
/// # Errors
/// As [`parse_header`].
pub(super) fn split_header(line: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let Some(at) = line.iter().position(|byte| *byte == b':') else {
        return Err("expected a header as `Name: value`, such as \"Retry-After: 5\"".to_owned());
    };
    let (name, value) = line.split_at(at);
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    check_header(name, value)?;
    Ok((name, value))
}

/// Whether a header line may go out. Nothing in it can begin another line.
///
/// # Errors
/// What is wrong with it, in words (RFC 9110 section 5).
pub(super) fn check_header(name: &[u8], value: &[u8]) -> Result<(), String> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    if name.is_empty() || !name.iter().all(is_token) {
        return Err(format!("`{}` is no header name: letters, digits and - only", visible(name)));
    }
    if let Some(byte) = value.iter().find(|byte| (**byte < b' ' && **byte != b'\t') || **byte == 0x7f) {
        return Err(format!("a header value cannot hold the control character \\x{byte:02x}"));
    }
    let ours = [&b"content-length"[..], b"transfer-encoding", b"connection"];
    if ours.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(format!("{} is written by the listener itself", visible(name)));
    }
    Ok(())
}
