//! Which endpoints a request's path may be the one of: as it is written, and as any server may read it.
//!
//! A framework may decode `%74`, merge slashes, resolve dots, drop a slash at the end, a `;parameter`, capitals, or what follows a `#`
//! before it routes, and a proxy in front of it may do some of it first. Which of these the user's does, and in which order, is not
//! known here. So whoever must not let anybody past (guards, the secrets of endpoints) goes by all readings; rules and replies go by
//! what is written, which is what came.

use std::collections::HashSet;

use super::pattern::form_decode_path;

/// Decodings of one path, at most: a proxy may decode before the framework does.
const DECODINGS_MAX: usize = 3;
/// Readings of one path, and all bytes of theirs. Honest ones have a handful; one with more may be anything.
const READINGS_MAX: usize = 256;
const READINGS_BYTES_MAX: usize = 128 << 10;

/// Whether a path is the endpoint's as it is written: exactly, or its beginning where the pattern ends in `*`.
pub fn is_written(pattern: &str, path: &[u8]) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start.as_bytes()),
        None => path == pattern.as_bytes(),
    }
}

/// The places of those patterns that a server may take a path for: the one that it is written like comes first, then in their
/// order the first one of each reading. A path that can be read in more ways than are looked at may be any of them.
pub fn lead_to<'a>(path: &[u8], patterns: impl Iterator<Item = &'a str> + Clone) -> Vec<usize> {
    let written = patterns.clone().position(|pattern| is_written(pattern, path));
    if is_plain(path) && patterns.clone().all(|pattern| is_plain(pattern.as_bytes())) {
        return written.into_iter().collect();
    }
    let endpoints: Vec<Endpoint> = patterns.map(Endpoint::of).collect();
    let mut places: Vec<usize> = match Readings::of(path) {
        None => (0..endpoints.len()).collect(),
        Some(readings) => {
            let place = |reading: &Vec<u8>| endpoints.iter().position(|endpoint| endpoint.takes(reading));
            readings.all.iter().filter_map(place).collect()
        }
    };
    places.sort_unstable();
    places.dedup();
    if let Some(written) = written {
        places.retain(|place| *place != written);
        places.insert(0, written);
    }
    places
}

/// Whether there is nothing to read another way: so it is with nearly all.
fn is_plain(path: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !b"%\\;#?".contains(byte);
    let is_odd = |pair: &[u8]| matches!(pair, [b'/', b'/' | b'.']);
    path.first() == Some(&b'/')
        && path.last() != Some(&b'/')
        && path.iter().all(is_plain)
        && !path.windows(2).any(is_odd)
}

/// A pattern, as it may be meant.
struct Endpoint {
    is_start: bool,
    /// In lower case, decoded or not.
    texts: Vec<Vec<u8>>,
}

impl Endpoint {
    fn of(pattern: &str) -> Self {
        let start = pattern.strip_suffix('*');
        let mut text = start.unwrap_or(pattern).as_bytes().to_ascii_lowercase();
        let mut texts = Vec::new();
        for _ in 0..=DECODINGS_MAX {
            let decoded = decode(&text);
            let is_last = decoded == text;
            texts.push(std::mem::replace(&mut text, decoded));
            if is_last {
                break;
            }
        }
        Self { is_start: start.is_some(), texts }
    }

    fn takes(&self, reading: &[u8]) -> bool {
        self.texts.iter().any(|text| match self.is_start {
            true => reading.starts_with(text),
            false => without_slash(reading) == without_slash(text),
        })
    }
}

fn without_slash(path: &[u8]) -> &[u8] {
    path.strip_suffix(b"/").unwrap_or(path)
}

/// All that a path may be read as, in lower case.
#[derive(Default)]
struct Readings {
    all: Vec<Vec<u8>>,
    seen: HashSet<Vec<u8>>,
    bytes: usize,
}

impl Readings {
    /// `None`: there are too many.
    fn of(path: &[u8]) -> Option<Self> {
        let mut readings = Self::default();
        readings.add(path.to_ascii_lowercase())?;
        let mut done = 0;
        for decodings in 0..=DECODINGS_MAX {
            let first = done;
            while let Some(reading) = readings.all.get(done).cloned() {
                done += 1;
                for step in STEPS {
                    readings.add(step(&reading))?;
                }
            }
            if decodings < DECODINGS_MAX {
                for at in first..done {
                    let decoded = readings.all.get(at).map(|reading| decode(reading));
                    readings.add(decoded.unwrap_or_default())?;
                }
            }
        }
        Some(readings)
    }

    fn add(&mut self, reading: Vec<u8>) -> Option<()> {
        if self.seen.contains(&reading) {
            return Some(());
        }
        self.bytes += reading.len();
        if self.all.len() >= READINGS_MAX || self.bytes > READINGS_BYTES_MAX {
            return None;
        }
        self.all.push(reading.clone());
        self.seen.insert(reading);
        Some(())
    }
}

/// A path as one more reading of it.
type Step = fn(&[u8]) -> Vec<u8>;

/// What a server may do to a path beside decoding it. Each may come after any other.
const STEPS: [Step; 12] = [
    rooted,
    |path| until(path, b'#'),
    |path| until(path, b'?'),
    // C strings end there.
    |path| until(path, 0),
    |path| until(path, b';'),
    |path| each(path, |name| name.split(|byte| *byte == b';').next().unwrap_or_default()),
    |path| each(path, <[u8]>::trim_ascii),
    |path| path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect(),
    merged,
    |path| {
        resolved(path, |name| match name {
            b"." => Dots::Here,
            b".." => Dots::Up,
            _ => Dots::None,
        })
    },
    // URL parsers read dots that are spelled, and leave `%2f` as it is (URL Standard, "double-dot URL path segment").
    |path| {
        resolved(path, |name| match name {
            b"." | b"%2e" => Dots::Here,
            b".." | b".%2e" | b"%2e." | b"%2e%2e" => Dots::Up,
            _ => Dots::None,
        })
    },
    without_host,
];

/// What a segment of dots asks for.
enum Dots {
    None,
    Here,
    Up,
}

fn decode(path: &[u8]) -> Vec<u8> {
    form_decode_path(path).to_ascii_lowercase()
}

fn rooted(path: &[u8]) -> Vec<u8> {
    match path.first() {
        Some(b'/') => path.to_vec(),
        _ => [b"/", path].concat(),
    }
}

fn until(path: &[u8], end: u8) -> Vec<u8> {
    path.split(|byte| *byte == end).next().unwrap_or_default().to_vec()
}

fn each(path: &[u8], name: fn(&[u8]) -> &[u8]) -> Vec<u8> {
    path.split(|byte| *byte == b'/').map(name).collect::<Vec<_>>().join(&b'/')
}

fn merged(path: &[u8]) -> Vec<u8> {
    let mut merged = path.to_vec();
    merged.dedup_by(|next, before| *next == b'/' && *before == b'/');
    merged
}

/// Without segments of dots (RFC 3986 section 5.2.4).
fn resolved(path: &[u8], dots: fn(&[u8]) -> Dots) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut is_open = false;
    for name in path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/') {
        let dots = dots(name);
        is_open = !matches!(dots, Dots::None);
        match dots {
            Dots::None => kept.push(name),
            Dots::Here => {}
            Dots::Up => {
                kept.pop();
            }
        }
    }
    let mut resolved = vec![b'/'];
    resolved.extend(kept.join(&b'/'));
    if is_open && resolved.len() > 1 {
        resolved.push(b'/');
    }
    resolved
}

/// What `//host/path` is to whoever takes it for a URL of the same scheme (RFC 3986 section 4.2), as `new URL(target, base)` does.
fn without_host(path: &[u8]) -> Vec<u8> {
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    match path {
        [first, second, rest @ ..] if is_slash(first) && is_slash(second) => {
            let at = rest.iter().position(|byte| is_slash(byte) || matches!(byte, b'?' | b'#')).unwrap_or(rest.len());
            rooted(rest.get(at..).unwrap_or_default())
        }
        _ => path.to_vec(),
    }
}

#[cfg(test)]
mod tests;
