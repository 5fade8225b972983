//! The patterns of rules: values, paths with captures, dotted event names, which time.

use std::str::FromStr;

use crate::domain::form::form_decode;
use crate::domain::printable::visible_within;

/// A pattern for a value: `*` stands for anything, `!` in front turns it round. `*` alone asks that the value is there, `!*`
/// that it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuePattern {
    glob: String,
    negated: bool,
}

impl FromStr for ValuePattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix('!') {
            Some(glob) => Ok(Self { glob: glob.to_owned(), negated: true }),
            None => Ok(Self { glob: text.to_owned(), negated: false }),
        }
    }
}

impl ValuePattern {
    /// Whether one of the values fits, or none does where it is turned round.
    pub fn fits<'a>(&self, values: impl IntoIterator<Item = &'a [u8]>) -> bool {
        values.into_iter().any(|value| self.is_like(value)) != self.negated
    }

    /// Whether a value is like the pattern without its `!`.
    pub fn is_like(&self, value: &[u8]) -> bool {
        glob(self.glob.as_bytes(), value)
    }

    /// Whether it only asks if there is a value.
    pub fn takes_all(&self) -> bool {
        !self.glob.is_empty() && self.glob.bytes().all(|byte| byte == b'*')
    }

    /// Whether it is turned round.
    pub const fn is_negated(&self) -> bool {
        self.negated
    }

    /// As it was written.
    pub fn text(&self) -> String {
        format!("{}{}", if self.negated { "!" } else { "" }, self.glob)
    }
}

/// Whether all of a text fits a pattern in which `*` stands for any bytes. The text is gone through once: what stands between two
/// `*` is taken where it comes first.
pub fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let mut literals = pattern.split(|byte| *byte == b'*');
    let Some(rest) = literals.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = literals.next_back() else { return rest.is_empty() };
    let Some(mut rest) = rest.strip_suffix(last) else { return false };
    for literal in literals.filter(|literal| !literal.is_empty()) {
        let Some(at) = memchr::memmem::find(rest, literal) else { return false };
        rest = rest.get(at + literal.len()..).unwrap_or_default();
    }
    true
}

/// Whether parts fit a pattern in which [`is_any`] parts stand for one part or more, and `all_fit` says whether a group of others fits
/// the parts from a place on. Between two of those stand groups that are looked for from left to right, where they come first; the
/// group before the first and that behind the last have one place only. So parts are gone through once, whatever a stranger
/// puts in them.
fn groups_fit<'p, T>(
    pattern: &'p [T],
    parts: usize,
    is_any: impl Fn(&T) -> bool,
    mut all_fit: impl FnMut(&'p [T], usize) -> bool,
) -> bool {
    let mut groups = pattern.split(is_any);
    let Some(first) = groups.next() else { return false };
    let Some(last) = groups.next_back() else { return parts == first.len() && all_fit(first, 0) };
    if !all_fit(first, 0) {
        return false;
    }
    let mut at = first.len();
    for group in groups {
        // One part at least.
        let mut places = at + 1..=parts.saturating_sub(group.len());
        let Some(place) = places.find(|place| all_fit(group, *place)) else { return false };
        at = place + group.len();
    }
    parts.checked_sub(last.len()).is_some_and(|place| place > at && all_fit(last, place))
}

/// `**` in one pattern, at most: each multiplies the work.
const PARTS_MAX: usize = 3;

/// A pattern for event types: `invoice.*`, `billing.**`, `push`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPattern(String);

impl FromStr for EventPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split('.').filter(|part| *part == "**").count() {
            _ if text.is_empty() => Err("expected an event type, such as \"push\" or \"billing.**\"".to_owned()),
            0..=PARTS_MAX => Ok(Self(text.to_owned())),
            _ => Err(format!("expected ** at most {PARTS_MAX} times")),
        }
    }
}

impl EventPattern {
    /// Whether an event type fits.
    pub fn fits(&self, event_type: &str) -> bool {
        let pattern: Vec<&str> = self.0.split('.').collect();
        // No provider's names have so many parts; a stranger's may.
        let parts: Vec<&[u8]> = event_type.split('.').take(64).map(str::as_bytes).collect();
        groups_fit(
            &pattern,
            parts.len(),
            |part| *part == "**",
            |group, place| {
                let parts = parts.get(place..place + group.len());
                parts.is_some_and(|parts| group.iter().zip(parts).all(|(one, part)| glob(one.as_bytes(), part)))
            },
        )
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A pattern for paths: `/hooks/{tenant}/*`. `*` stands for a part of a segment, `**` for one segment or more, and `{name}` for a
/// part of a segment that is captured, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    segments: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Vec<u8>),
    Any,
    /// The whole segment, and more of them.
    Segments,
    Capture(String),
}

/// What a path captured.
pub type Captures = Vec<(String, String)>;

/// Bytes of one captured value, at most.
const CAPTURE_BYTES_MAX: usize = 1024;

impl FromStr for PathPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err("expected a path that begins with a slash, such as \"/hooks/{tenant}/*\"".to_owned());
        };
        let segments: Vec<Vec<Piece>> = rest.split('/').map(segment).collect::<Result<_, _>>()?;
        let names: Vec<&String> = segments.iter().flatten().filter_map(Piece::name).collect();
        if let Some(twice) = names.iter().find(|name| names.iter().filter(|other| other == name).count() > 1) {
            return Err(format!("the capture {{{twice}}} is there twice"));
        }
        if segments.iter().flatten().filter(|piece| **piece == Piece::Segments).count() > PARTS_MAX {
            return Err(format!("expected ** at most {PARTS_MAX} times"));
        }
        Ok(Self { text: text.to_owned(), segments })
    }
}

impl Piece {
    fn name(&self) -> Option<&String> {
        match self {
            Self::Capture(name) => Some(name),
            _ => None,
        }
    }
}

fn segment(text: &str) -> Result<Vec<Piece>, String> {
    if text == "**" {
        return Ok(vec![Piece::Segments]);
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let literal_end = rest.find(['*', '{', '}']).unwrap_or(rest.len());
        let (literal, behind) = rest.split_at(literal_end);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.as_bytes().to_vec()));
        }
        if let Some(inner) = behind.strip_prefix('{') {
            let Some((name, behind)) = inner.split_once('}') else {
                return Err(format!("`{text}`: expected a closing }}"));
            };
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_name {
                return Err(format!("`{{{name}}}`: a capture's name is letters, digits and _"));
            }
            pieces.push(Piece::Capture(name.to_owned()));
            rest = behind;
        } else if behind.starts_with('}') {
            return Err(format!("`{text}`: there is no opening {{ for this }}"));
        } else {
            if !behind.is_empty() {
                pieces.push(Piece::Any);
            }
            rest = behind.strip_prefix('*').unwrap_or_default();
        }
    }
    if pieces.windows(2).any(|pair| matches!(pair, [Piece::Any | Piece::Capture(_), Piece::Any | Piece::Capture(_)])) {
        return Err(format!("`{text}`: something must stand between two of * and {{name}}"));
    }
    Ok(pieces)
}

impl PathPattern {
    /// What the path captures, when it fits.
    pub fn captures(&self, path: &[u8]) -> Option<Captures> {
        self.captures_of(&segments(path)?)
    }

    /// The same of [`segments`].
    pub fn captures_of(&self, segments: &[&[u8]]) -> Option<Captures> {
        let mut found = Vec::new();
        let fits = groups_fit(
            &self.segments,
            segments.len(),
            |segment| segment.first() == Some(&Piece::Segments),
            |group, place| all_fit(group, segments, place, &mut found),
        );
        fits.then(|| {
            let text = |value: &[u8]| {
                let decoded = form_decode_path(value);
                String::from_utf8_lossy(decoded.get(..CAPTURE_BYTES_MAX).unwrap_or(&decoded)).into_owned()
            };
            found.into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether more than the segments in its own places is looked at.
    pub fn searches(&self) -> bool {
        self.segments.iter().any(|segment| segment.first() == Some(&Piece::Segments))
    }
}

/// `%XX` read into bytes; a plus is a plus in a path.
pub(super) fn form_decode_path(value: &[u8]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = value.split(|byte| *byte == b'+').map(form_decode).collect();
    parts.join(&b'+')
}

/// The segments of a path; `None`: it does not begin with a slash.
pub fn segments(path: &[u8]) -> Option<Vec<&[u8]>> {
    Some(path.strip_prefix(b"/")?.split(|byte| *byte == b'/').collect())
}

/// Whether the segments from a place on fit these one by one.
fn all_fit<'p, 't>(
    pattern: &'p [Vec<Piece>],
    segments: &[&'t [u8]],
    place: usize,
    found: &mut Vec<(&'p str, &'t [u8])>,
) -> bool {
    let before = found.len();
    let Some(segments) = segments.get(place..place + pattern.len()) else { return false };
    let fit = pattern.iter().zip(segments).all(|(pieces, text)| in_segment(pieces, text, found));
    if !fit {
        found.truncate(before);
    }
    fit
}

/// A literal stands between any two wildcards: each of them ends where the literal behind it comes first, the last one where the
/// segment does.
fn in_segment<'p, 't>(pieces: &'p [Piece], text: &'t [u8], found: &mut Vec<(&'p str, &'t [u8])>) -> bool {
    let mut text = text;
    let mut rest = pieces;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if let Piece::Literal(literal) = first {
            let Some(after) = text.strip_prefix(literal.as_slice()) else { return false };
            text = after;
            continue;
        }
        let least = usize::from(matches!(first, Piece::Capture(_)));
        let end = match behind {
            [] => Some(text.len()),
            [Piece::Literal(literal)] => {
                text.len().checked_sub(literal.len()).filter(|at| text.get(*at..) == Some(literal.as_slice()))
            }
            [Piece::Literal(literal), ..] => {
                memchr::memmem::find(text.get(least..).unwrap_or_default(), literal).map(|at| at + least)
            }
            _ => None,
        };
        let Some((value, after)) = end.filter(|end| *end >= least).and_then(|end| text.split_at_checked(end)) else {
            return false;
        };
        if let Piece::Capture(name) = first {
            found.push((name, value));
        }
        text = after;
    }
    text.is_empty()
}

/// Which time something is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nth {
    /// From this time to that one, from 1, both included.
    Between(u32, u32),
    /// Every so many times.
    Every(u32),
}

impl FromStr for Nth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let shown = visible_within(text.as_bytes(), 40);
            format!("expected which time, such as \"1\", \"2..4\", \"3..\" or \"every 3\", found `{shown}`")
        };
        let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0).ok_or_else(wrong);
        if let Some(every) = text.trim().strip_prefix("every ") {
            return number(every).map(Self::Every);
        }
        let (from, to) = match text.split_once("..") {
            None => (number(text)?, number(text)?),
            Some((from, to)) => (
                if from.trim().is_empty() { 1 } else { number(from)? },
                if to.trim().is_empty() { u32::MAX } else { number(to)? },
            ),
        };
        if from > to { Err(wrong()) } else { Ok(Self::Between(from, to)) }
    }
}

impl std::fmt::Display for Nth {
    /// The reverse of parsing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Every(every) => write!(f, "every {every}"),
            Self::Between(from, to) if from == to => write!(f, "{from}"),
            Self::Between(from, u32::MAX) => write!(f, "{from}.."),
            Self::Between(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl Nth {
    /// Whether this time, from 1, is one of them.
    pub const fn holds(self, time: u32) -> bool {
        match self {
            Self::Between(from, to) => from <= time && time <= to,
            Self::Every(every) => time.is_multiple_of(every),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_globs() {
        let fits = |pattern: &str, value: &[u8]| pattern.parse::<ValuePattern>().unwrap().fits([value]);
        assert!(fits("*", b"") && fits("a*c", b"abbc") && fits("a*b*c", b"aXbYbZc") && fits("", b""));
        assert!(!fits("a*c", b"abb") && !fits("a", b"A") && !fits("a*b*c", b"acb"));
        assert!(fits("*a*", b"xax") && fits("a**b", b"ab") && fits("**", b"") && fits("*ab*ab*", b"abab"));
        assert!(!fits("ab*ba", b"aba") && !fits("*ab*ab*", b"aab") && !fits("a*a", b"a") && !fits("", b"x"));
        assert!(!fits("!a*", b"abc") && fits("!a*", b"b"));
        let none = |pattern: &str| pattern.parse::<ValuePattern>().unwrap().fits(std::iter::empty());
        assert!(!none("*") && none("!*"));
    }

    #[test]
    fn event_types_have_parts() {
        let fits = |pattern: &str, name: &str| pattern.parse::<EventPattern>().unwrap().fits(name);
        assert!(fits("billing.**", "billing.a") && fits("billing.**", "billing.a.b") && fits("push", "push"));
        assert!(!fits("billing.**", "billing") && !fits("billing.**", "billings.a"));
        assert!(fits("invoice.*", "invoice.paid") && !fits("invoice.*", "invoice.paid.now"));
        assert!(fits("**.failed", "a.b.failed") && fits("in*.paid", "invoice.paid"));
        assert!(fits("a.**.c.*", "a.b.c.c.d") && !fits("a.**.c.*", "a.c.d") && fits("**", "a") && !fits("**.**", "a"));
        assert!("a.**.b.**.c.**.d.**".parse::<EventPattern>().is_err());
    }

    #[test]
    fn paths_capture_segments() {
        let captures = |pattern: &str, path: &str| {
            let captures = pattern.parse::<PathPattern>().unwrap().captures(path.as_bytes())?;
            Some(captures.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(captures("/hooks/{tenant}/*", "/hooks/acme/x"), some("tenant=acme"));
        assert_eq!(captures("/{a}/{b}.json", "/x%20y/1.json"), some("a=x y b=1"));
        assert_eq!(captures("/v{n}-*", "/v2-a"), some("n=2"));
        assert_eq!(captures("/a/**", "/a/b/c"), some(""));
        assert_eq!(captures("/**/{last}", "/a/b/c+d"), some("last=c+d"));
        assert_eq!(captures("/", "/"), some(""));
        for (pattern, path) in [("/a/**", "/a"), ("/{a}", "/"), ("/a", "/a/"), ("/a/*", "/a/b/c"), ("/a", "*")] {
            assert_eq!(captures(pattern, path), None, "{pattern} {path}");
        }
        for wrong in ["a", "/{", "/}", "/{a b}", "/{a}{b}", "/{a}/{a}", "/**/**/**/**"] {
            assert!(wrong.parse::<PathPattern>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_counted() {
        let holds = |text: &str| -> Vec<u32> {
            let nth = text.parse::<Nth>().unwrap();
            (1..=6).filter(|time| nth.holds(*time)).collect()
        };
        assert_eq!(
            (holds("1"), holds("2..4"), holds("5.."), holds("..2")),
            (vec![1], vec![2, 3, 4], vec![5, 6], vec![1, 2])
        );
        assert_eq!(holds("every 3"), [3, 6]);
        assert!(["0", "", "x", "3..2", "every 0"].iter().all(|text| text.parse::<Nth>().is_err()));
    }
}
