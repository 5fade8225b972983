//! A curl command that sends the identical request from sh, bash, zsh and fish alike.
//!
//! What curl would add is taken out (`-H 'Accept:'`), what it would rewrite is given apart (`--request-target`), and what
//! a stranger wrote is data in every one of the four shells (`shell`).

mod shell;

use std::borrow::Cow;

use super::super::exchange::{HttpVersion, Request};
use super::super::headers::{Header, Headers};
use super::raw;
use super::shape::Shape;

/// As a command for sh, bash, zsh and fish alike that sends the identical request.
pub static SHAPE: Shape = Shape {
    name: "curl",
    help: "A command that sends the identical request from sh, bash, zsh and fish",
    words: "curl command",
    about: "sends the identical request",
    key: 'c',
    is_command: true,
    make: |request, origin| command(request, origin).map(String::into_bytes),
    print: |request, origin| script_command(request, origin).map(String::into_bytes),
    caveats,
};

/// Bodies up to so many bytes stand in the command itself. Linux takes 128 KiB for one argument; a line that long is of no use
/// to a reader long before.
const BODY_ARGUMENT_BYTES_MAX: usize = 32 << 10;

/// From so many bytes on some version of curl asks with `Expect: 100-continue` first (1024 before 7.84, then 1 MiB).
const EXPECT_BYTES_MIN: usize = 1024;

/// The command, without a newline at its end. `origin` (`http://host:port`) is where it sends the request; `None`: where
/// the request says that it was sent. What it cannot do alike is in [`caveats`].
///
/// # Errors
/// In words, when curl cannot send this request.
pub fn command(request: &Request, origin: Option<&str>) -> Result<String, String> {
    build(request, origin, &[])
}

/// [`command`] for a script: without curl's meter, which nobody watches there, but with its errors.
///
/// # Errors
/// As [`command`].
pub fn script_command(request: &Request, origin: Option<&str>) -> Result<String, String> {
    build(request, origin, &["-sS"])
}

fn build(request: &Request, origin: Option<&str>, options: &[&str]) -> Result<String, String> {
    if let Some(reason) = request.refused() {
        return Err(format!("it never became a request ({reason}): copy its raw bytes"));
    }
    request.is_one()?;
    let (_, headers) = raw::head(request);
    let body = request.body.bytes.as_ref();
    let sends_body = !body.is_empty() || raw::is_chunked(&headers);
    let mut first = vec!["curl".to_owned()];
    first.extend(options.iter().map(|option| (*option).to_owned()));
    first.extend(version(request, origin));
    first.extend(method(&request.method, sends_body)?);
    first.extend(place(request, origin)?);
    let mut words = vec![first.join(" ")];
    for line in suppressed(&headers, body.len(), sends_body) {
        words.push(format!("-H '{line}:'"));
    }
    // A cut body must not leave the target waiting for the rest.
    let cut = (!request.is_whole()).then_some(body.len());
    let last = headers.len().saturating_sub(1);
    for (index, header) in headers.iter().enumerate() {
        // curl writes the same line itself, last: left to it, the body can be edited in the command.
        if index == last && *header.name == *b"Content-Length" && !body.is_empty() && !raw::is_chunked(&headers) {
            continue;
        }
        words.push(format!("-H {}", header_word(header, cut)?));
    }
    let mut command = String::new();
    if sends_body {
        match shell::text(body).filter(|_| body.len() <= BODY_ARGUMENT_BYTES_MAX) {
            Some(text) => words.push(format!("--data-raw {text}")),
            None => {
                command = format!("printf {} | ", shell::printf_format(body));
                words.push("--data-binary @-".to_owned());
            }
        }
    }
    command.push_str(&words.join(" \\\n  "));
    Ok(command)
}

/// What the command does not do as the captured request did, one sentence each; empty for most requests.
pub fn caveats(request: &Request) -> Vec<String> {
    let mut caveats = Vec::new();
    if request.version == HttpVersion::Http2 {
        caveats.push("captured over HTTP/2, sent as HTTP/1.1".to_owned());
    }
    if !request.trailers.is_empty() {
        caveats.push("curl sends no trailers: they are left out".to_owned());
    }
    if !request.is_whole() {
        caveats.push(format!(
            "the captured body is cut: {} of {} bytes are sent",
            request.body.bytes.len(),
            request.body.length_bytes
        ));
    }
    if *request.method == *b"HEAD" && !request.body.is_empty() {
        caveats.push("curl waits for a body after HEAD with a body, for 10 s at most".to_owned());
    }
    caveats
}

/// The URL, and the target apart from it where curl would write it in another way.
fn place(request: &Request, origin: Option<&str>) -> Result<Vec<String>, String> {
    let target: &[u8] = &request.target;
    let is_plain = target.first() == Some(&b'/') && target.iter().all(|byte| is_plain_in_url(*byte));
    let url = super::url::url(request, origin);
    let url = if is_plain { url } else { origin_of(&url) };
    let mut words = Vec::new();
    if url.contains(['[', ']', '{', '}']) {
        words.push("--globoff".to_owned());
    }
    if is_plain && target.windows(2).any(|pair| pair == b"/.") {
        words.push("--path-as-is".to_owned());
    }
    if !is_plain {
        words.push(format!("--request-target {}", shell::word(target)?));
    }
    words.push(shell::word(url.as_bytes())?);
    Ok(words)
}

/// Bytes that every version of curl leaves alone in path and query.
fn is_plain_in_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~/%:@!$&()*+,;=?".contains(&byte)
}

/// The URL up to its path, with `/`.
fn origin_of(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| start + at);
    format!("{}/", url.get(..end).unwrap_or(url))
}

fn method(method: &[u8], sends_body: bool) -> Result<Vec<String>, String> {
    Ok(match method {
        b"GET" if !sends_body => Vec::new(),
        b"HEAD" if !sends_body => vec!["--head".to_owned()],
        b"HEAD" => vec!["-X HEAD".to_owned(), "--max-time 10".to_owned()],
        _ => vec![format!("-X {}", shell::word(method)?)],
    })
}

/// curl speaks HTTP/1.1 to `http` of itself, and asks for HTTP/2 over TLS.
fn version(request: &Request, origin: Option<&str>) -> Option<String> {
    let tls = super::url::url(request, origin).starts_with("https:");
    match request.version {
        HttpVersion::Http10 => Some("--http1.0".to_owned()),
        HttpVersion::Http11 | HttpVersion::Http2 => tls.then(|| "--http1.1".to_owned()),
    }
}

/// Headers that curl must be told not to add.
fn suppressed(headers: &Headers, body_bytes: usize, sends_body: bool) -> Vec<&'static str> {
    let mut names = Vec::new();
    // curl writes its own Host line, in its own case and first. When it is told to write none, it takes ours as it takes
    // any other.
    let first = headers.iter().next();
    let is_first = first.is_some_and(|header| *header.name == *b"Host" && !header.value.is_empty());
    if !is_first || headers.get_all("host").count() > 1 {
        names.push("Host");
    }
    let mut add = |name: &'static str, wanted: bool| {
        if wanted && headers.get(name).is_none() {
            names.push(name);
        }
    };
    add("User-Agent", true);
    add("Accept", true);
    add("Content-Type", sends_body);
    add("Expect", body_bytes >= EXPECT_BYTES_MIN);
    names
}

/// `'Name: value'`, or `'Name;'`, which is how curl is told of an empty value. `length` replaces that of `Content-Length`.
fn header_word(header: &Header, length: Option<usize>) -> Result<String, String> {
    // A name that is a token cannot be taken for `@file`, and holds no colon and no semicolon.
    if header.name.is_empty() || !header.name.iter().all(|byte| is_token(*byte)) {
        return Err("a header's name is no token, so curl cannot send it: copy the raw bytes".to_owned());
    }
    let value: Cow<'_, [u8]> = match length.filter(|_| header.name.eq_ignore_ascii_case(b"content-length")) {
        Some(length) => length.to_string().into_bytes().into(),
        None => (&*header.value).into(),
    };
    let between: &[u8] = if value.is_empty() { b";" } else { b": " };
    shell::word(&[&header.name, between, &value].concat())
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
