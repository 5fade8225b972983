//! Which signature a resend carries: what is signed, whether it changed, and how to break it on purpose.

use crate::domain::exchange::Request;
use crate::domain::headers::Headers;
use crate::domain::signature::profile::Profile;
use crate::domain::signature::template::Source;

/// What differs between the captured request and what goes out.
#[derive(Clone, Copy, Debug)]
pub struct Changed<'a> {
    /// The body.
    pub body: bool,
    /// Path and query, or scheme and host of the URL.
    pub url: bool,
    /// The method.
    pub method: bool,
    /// Header lines now, when they were edited.
    pub headers: Option<&'a Headers>,
}

/// Whether something changed that the profile's schemes sign, so that the captured signature cannot hold any more.
pub fn is_signed_part_changed(profile: &Profile, request: &Request, changed: &Changed<'_>) -> bool {
    let header_changed =
        |name: &str| changed.headers.is_some_and(|headers| !headers.get_all(name).eq(request.headers.get_all(name)));
    profile.schemes.iter().any(|scheme| {
        let named = scheme.message.iter().flat_map(|message| message.sources());
        let clock = scheme.timestamp.iter().map(|clock| &clock.from.0);
        let id = scheme.id.iter().map(|id| &id.0);
        named.chain(clock).chain(id).any(|source| match source {
            Source::Body | Source::Form(_) | Source::Json(_) => changed.body,
            Source::Params | Source::ParamsAll | Source::Fields => changed.body || changed.url,
            Source::Url | Source::Path | Source::Query(_) => changed.url,
            Source::Method => changed.method,
            Source::Header(name) => header_changed(name),
            Source::List(_)
            | Source::Claim(_)
            | Source::Timestamp
            | Source::Id
            | Source::Secret
            | Source::SecretPart(_)
            | Source::Signature => false,
        })
    })
}

/// The headers of this request that carry its signature, lower case: those that the profile names, else those whose name
/// says so.
pub fn signature_headers(profile: Option<&Profile>, headers: &Headers) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let name = name.to_ascii_lowercase();
        if headers.get(&name).is_some() && !names.contains(&name) {
            names.push(name);
        }
    };
    for source in profile.iter().flat_map(|profile| &profile.schemes).flat_map(|scheme| &scheme.signature) {
        if let Source::Header(name) = &source.0 {
            add(name);
        }
    }
    if profile.is_none() {
        for header in headers {
            let name = String::from_utf8_lossy(&header.name).to_ascii_lowercase();
            let says_so = ["signature", "hmac", "digest", "token"].iter().any(|word| name.contains(word));
            if says_so && !name.contains("timestamp") && !name.contains("input") {
                add(&name);
            }
        }
    }
    names
}

/// Whether the profile signs the URL.
pub fn signs_url(profile: &Profile) -> bool {
    let mut sources =
        profile.schemes.iter().filter_map(|scheme| scheme.message.as_ref()).flat_map(|message| message.sources());
    sources.any(|source| *source == Source::Url)
}

/// The longest age in seconds that a receiver who follows the provider's rule lets pass.
pub fn age_max_s(profile: &Profile) -> Option<u64> {
    profile.schemes.iter().filter_map(|scheme| scheme.timestamp.as_ref()?.past_s).min()
}

/// The value with one character changed in the middle of each signature in it: of every run of 16 or more characters that
/// hex and base64 are made of, or of the last run when none is that long. Length and alphabet stay, so that a receiver fails at
/// the comparison and not before. The middle, because the last character of base64 may hold bits that count for nothing;
/// every one, because a receiver takes any that fits.
pub fn broken(value: &[u8]) -> Vec<u8> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-');
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, byte) in value.iter().enumerate().filter(|(_, byte)| is_part(**byte)) {
        let _ = byte;
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    let mut long: Vec<_> = runs.iter().filter(|run| run.len() >= 16).cloned().collect();
    if long.is_empty() {
        long.extend(runs.last().cloned());
    }
    let mut broken = value.to_vec();
    for run in long {
        if let Some(byte) = broken.get_mut(run.start + run.len() / 2) {
            *byte = match *byte {
                b'0'..=b'8' => *byte + 1,
                b'9' => b'0',
                b'a' => b'b',
                b'b'..=b'z' => b'a',
                b'A' => b'B',
                b'B'..=b'Z' => b'A',
                _ => b'0',
            };
        }
    }
    if broken == value {
        // Nothing that looks like a signature at all: it must still differ.
        broken.push(b'0');
    }
    broken
}
