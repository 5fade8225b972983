//! Whether a request's path is the one of an endpoint: as it is written, and as a server may read it.
//!
//! A framework may decode `%74`, merge slashes, resolve dots, drop a slash at the end, a `;parameter`, or capitals before it routes. Which
//! of these the user's does is not known here. So whoever must not let anybody past (guards, the secrets of endpoints) asks for
//! both; rules and replies go by what is written, which is what came.

use std::cell::OnceCell;

use super::pattern::form_decode_path;

/// Decodings of one path, at most: a proxy may decode before the framework does.
const DECODINGS_MAX: usize = 3;

/// Whether a path is the endpoint's as it is written: exactly, or its beginning where the pattern ends in `*`.
pub fn is_written(pattern: &str, path: &[u8]) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start.as_bytes()),
        None => path == pattern.as_bytes(),
    }
}

/// Whether a server may take a path for the endpoint's, however it is spelled.
pub fn may_be(pattern: &str, path: &[u8]) -> bool {
    Spelled::new(path).may_be(pattern)
}

/// A path that is held against many endpoints: it is read once.
#[derive(Debug)]
pub struct Spelled<'a> {
    path: &'a [u8],
    is_plain: bool,
    plain: OnceCell<Vec<u8>>,
}

impl<'a> Spelled<'a> {
    /// Of a path as it came.
    pub fn new(path: &'a [u8]) -> Self {
        Self { path, is_plain: is_plain(path), plain: OnceCell::new() }
    }

    /// As [`may_be`].
    pub fn may_be(&self, pattern: &str) -> bool {
        if self.is_plain && is_plain(pattern.as_bytes()) {
            return is_written(pattern, self.path);
        }
        let path = self.plain.get_or_init(|| plain(self.path));
        match pattern.strip_suffix('*') {
            Some(start) => path.starts_with(&plain(start.as_bytes())),
            None => without_slash(path) == without_slash(&plain(pattern.as_bytes())),
        }
    }
}

/// Whether there is nothing to read another way: so it is with nearly all.
fn is_plain(path: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !b"%\\;#".contains(byte);
    let is_odd = |pair: &[u8]| matches!(pair, [b'/', b'/' | b'.']);
    path.first() == Some(&b'/')
        && path.last() != Some(&b'/')
        && path.iter().all(is_plain)
        && !path.windows(2).any(is_odd)
}

fn without_slash(path: &[u8]) -> &[u8] {
    path.strip_suffix(b"/").unwrap_or(path)
}

/// Decoded, in lower case, without doubled slashes, dots and parameters. A slash at the end stays.
fn plain(path: &[u8]) -> Vec<u8> {
    let mut path = path.to_vec();
    for _ in 0..DECODINGS_MAX {
        if !path.contains(&b'%') {
            break;
        }
        path = form_decode_path(&path);
    }
    // Some read a backslash as a slash, some end at a NUL, and most at a fragment, which has no place in a request.
    let path = path.split(|byte| matches!(byte, 0 | b'#')).next().unwrap_or_default();
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut is_open = true;
    for segment in path.split(|byte| matches!(byte, b'/' | b'\\')) {
        let name = segment.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        is_open = true;
        match name {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            name => {
                kept.push(name);
                is_open = false;
            }
        }
    }
    let mut plain = vec![b'/'];
    plain.extend(kept.join(&b'/').to_ascii_lowercase());
    if is_open && plain.len() > 1 {
        plain.push(b'/');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_leads_past_an_endpoint() {
        for path in [
            "/tok",
            "/%74ok",
            "//tok",
            "/./tok",
            "/x/../tok",
            "/tok/",
            "/TOK",
            "/%2574ok",
            "/tok;a=1",
            "/x/%2e%2e/tok",
            "/tok%00",
            "\\tok",
            "/%5ctok",
            "/../tok",
            "/tok%20",
            "/tok#",
            "/tok#x/y",
            "/%74ok%23",
        ] {
            assert!(may_be("/tok", path.as_bytes()), "{path}");
        }
        for path in ["/tokens", "/to", "/tok/x", "/x/tok", "/", ""] {
            assert!(!may_be("/tok", path.as_bytes()), "{path}");
        }
        for path in ["/in/x", "//in/x", "/%69n/", "/a/../in/x", "/In/x"] {
            assert!(may_be("/in/*", path.as_bytes()), "{path}");
        }
        assert!(!may_be("/in/*", b"/inner") && may_be("/in*", b"/%69nner"));
        assert!(is_written("/in*", b"/inner") && !is_written("/in*", b"/%69nner") && is_written("/a", b"/a"));
    }
}
