//! The head that goes on: the captured one, line by line, but for what belongs to one connection and what names the target.
//!
//! Hop-by-hop lines go (RFC 9110 section 7.6.1), `Host` names the target, `X-Forwarded-For`, `-Host` and `-Proto` say what it was.
//! Everything else stays: order, case, blanks, duplicates.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;

use super::target::Target;
use crate::domain::credentials;
use crate::domain::exchange::{HttpVersion, Request};
use crate::domain::export::raw;
use crate::domain::headers::Headers;
use crate::domain::target_rules::host_of;

/// Lines that belong to one connection. `Transfer-Encoding` is one too: the body is framed anew as it says, so the line stays.
const HOP_BY_HOP: [&[u8]; 7] = [
    b"connection",
    b"keep-alive",
    b"proxy-connection",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"te",
    b"upgrade",
];

/// Lines that `Connection` cannot take away: without them the request would be another one.
const ALWAYS: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"host"];

/// Lines that we write ourselves.
const FORWARDED: [&[u8]; 3] = [b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"];

/// Other lines that say who sent it to which host: without a proxy that is trusted they are its sender's own word.
const SAYS_WHO: [&[u8]; 2] = [b"forwarded", b"x-real-ip"];

/// Lines that must not stand in trailers: they frame, route, authenticate or describe the message (RFC 9110 section 6.5.1).
const NO_TRAILERS: [&[u8]; 31] = [
    b"transfer-encoding",
    b"content-length",
    b"host",
    b"trailer",
    b"cache-control",
    b"expect",
    b"max-forwards",
    b"pragma",
    b"range",
    b"if-match",
    b"if-none-match",
    b"if-modified-since",
    b"if-unmodified-since",
    b"if-range",
    b"authorization",
    b"cookie",
    b"set-cookie",
    b"www-authenticate",
    b"authentication-info",
    b"proxy-authentication-info",
    b"age",
    b"expires",
    b"date",
    b"location",
    b"retry-after",
    b"vary",
    b"content-encoding",
    b"content-type",
    b"content-range",
    b"forwarded",
    b"x-real-ip",
];

/// Whether a line says who sent a request to which host, as an app may read it: many take `_` for `-` in a name (RFC 3875 section
/// 4.1.18 makes both one variable).
fn says_who(name: &[u8], trusts: bool) -> bool {
    let name: Vec<u8> = name.iter().map(|byte| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() }).collect();
    FORWARDED.contains(&&name[..]) || !trusts && (SAYS_WHO.contains(&&name[..]) || name.starts_with(b"x-forwarded-"))
}

/// What logs the sender in and goes on to this target only if it is this machine: names of headers, none of which is one of
/// those that are for one connection only. They were meant for the host that the sender named (docs/decisions/resend.md, "Logins").
pub fn logins(request: &Request, target: &Target) -> Vec<&'static str> {
    if target.takes_logins || credentials::host_named(request) == Some(host_of(&target.authority)) {
        return Vec::new();
    }
    let mut names = credentials::carried(&raw::head(request).1);
    names.retain(|name| !HOP_BY_HOP.iter().any(|known| name.as_bytes().eq_ignore_ascii_case(known)));
    names
}

/// The head for a target. `trusts_forwarded`: what came as `X-Forwarded-*` is added to, not replaced. `without`: names of lines that
/// stay here.
///
/// # Errors
/// In words, for what cannot be sent to an app.
pub fn onward(request: &Request, target: &Target, trusts_forwarded: bool, without: &[&str]) -> Result<Vec<u8>, String> {
    if request.method.eq_ignore_ascii_case(b"CONNECT") {
        return Err("CONNECT asks for a tunnel: it cannot be forwarded to an app".to_owned());
    }
    request.is_one()?;
    let (head, headers) = raw::head(request);
    let named = named_by_connection(&headers);
    let is_chunked = raw::is_chunked(&headers);
    let mut out = Vec::with_capacity(head.len() + target.authority.len() + 160);
    for part in [&request.method[..], b" ", &target.join(request.path_and_query()), b" HTTP/1.1\r\n"] {
        out.extend_from_slice(part);
    }
    let (mut is_left_out, mut has_host) = (false, false);
    for line in lines(&head) {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            // The rest of the line before.
            push(&mut out, if is_left_out { &[] } else { line });
            continue;
        }
        let name = name_of(line);
        let is = |known: &&[u8]| name.eq_ignore_ascii_case(known);
        let by_connection = !ALWAYS.iter().any(is) && named.iter().any(|named| name.eq_ignore_ascii_case(named));
        let is_ours = says_who(name, trusts_forwarded);
        let is_length = is_chunked && is(&&b"content-length"[..]);
        let stays_here = without.iter().any(|left| name.eq_ignore_ascii_case(left.as_bytes()));
        is_left_out = HOP_BY_HOP.iter().any(is) || by_connection || is_ours || is_length || stays_here;
        if is(&&b"host"[..]) {
            is_left_out = std::mem::replace(&mut has_host, true);
            if !is_left_out && !target.keeps_host {
                push(&mut out, &[name, b": ", target.authority.as_bytes()].concat());
                continue;
            }
        }
        if !is_left_out {
            push(&mut out, line);
        }
    }
    if !has_host {
        push(&mut out, &[b"Host: ", target.authority.as_bytes()].concat());
    }
    push_forwarded(request, &headers, trusts_forwarded, &mut out);
    out.extend_from_slice(b"\r\n");
    Ok(out)
}

/// The body as it follows [`onward`].
pub fn framed(request: &Request) -> Bytes {
    let headers = match request.version {
        HttpVersion::Http2 => raw::head(request).1,
        _ => Cow::Borrowed(&request.headers),
    };
    let may_trail = |name: &[u8]| {
        let is = |known: &&[u8]| name.eq_ignore_ascii_case(known);
        !NO_TRAILERS.iter().any(is) && !HOP_BY_HOP.iter().any(is) && !says_who(name, false)
    };
    let trailers: Headers = request.trailers.iter().filter(|line| may_trail(&line.name)).cloned().collect();
    raw::framed(&headers, &request.body.bytes, &trailers)
}

/// The lines of an answer that go back to the sender: without those of the app's connection, and without its framing, which is
/// ours.
pub fn back(headers: &Headers) -> Headers {
    let named = named_by_connection(headers);
    let is_left_out = |name: &[u8]| {
        let is = |known: &&[u8]| name.eq_ignore_ascii_case(known);
        HOP_BY_HOP.iter().any(is)
            || ALWAYS.iter().take(2).any(is)
            || name.eq_ignore_ascii_case(b"trailer")
            || named.iter().any(|named| name.eq_ignore_ascii_case(named))
    };
    headers.iter().filter(|header| !is_left_out(&header.name)).cloned().collect()
}

/// The one length that an answer says its body has, or would have if the request were another (RFC 9110 section 8.6).
pub fn content_length(headers: &Headers) -> Option<u64> {
    let mut said = headers.get_all("content-length");
    let length = said.next().and_then(|value| std::str::from_utf8(value).ok());
    let length = length.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    if said.next().is_some() { None } else { length.parse().ok() }
}

/// The lines behind the first one, without line ends and without the blank one. A head may begin with blank lines (RFC 9112
/// section 2.2).
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| !line.is_empty()).skip(1)
}

fn push(out: &mut Vec<u8>, line: &[u8]) {
    if !line.is_empty() {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
}

fn name_of(line: &[u8]) -> &[u8] {
    let colon = memchr::memchr(b':', line).unwrap_or(line.len());
    line.get(..colon).unwrap_or_default().trim_ascii_end()
}

/// What `Connection` names as belonging to the connection.
fn named_by_connection(headers: &Headers) -> Vec<Vec<u8>> {
    let all = headers.get_all("connection").flat_map(|value| value.split(|byte| *byte == b','));
    all.map(|name| name.trim_ascii().to_vec()).filter(|name| !name.is_empty()).collect()
}

/// Who sent it, to which host, and over what.
fn push_forwarded(request: &Request, headers: &Headers, trusts: bool, out: &mut Vec<u8>) {
    let mut line = |name: &str, value: &[u8]| push(out, &[name.as_bytes(), b": ", value].concat());
    let came = |name: &'static str| -> Option<Vec<u8>> {
        let values: Vec<_> = headers.get_all(name).filter(|value| !value.is_empty()).collect();
        (trusts && !values.is_empty()).then(|| values.join(b", ".as_slice()))
    };
    let peer = request.peer.map(|peer| match peer.ip() {
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4),
        address @ IpAddr::V4(_) => address,
    });
    let peer = peer.map(|address| address.to_string().into_bytes());
    match (came("x-forwarded-for"), peer) {
        (Some(before), Some(peer)) => line("X-Forwarded-For", &[&before[..], b", ", &peer].concat()),
        (Some(one), None) | (None, Some(one)) => line("X-Forwarded-For", &one),
        (None, None) => {}
    }
    match (came("x-forwarded-host"), headers.get("host")) {
        (Some(before), _) => line("X-Forwarded-Host", &before),
        (None, Some(host)) if !host.is_empty() => line("X-Forwarded-Host", host),
        _ => {}
    }
    line("X-Forwarded-Proto", &came("x-forwarded-proto").unwrap_or_else(|| b"http".to_vec()));
}
