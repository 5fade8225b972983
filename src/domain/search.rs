//! Finding text in a document.

use super::pretty::{Document, Line};

/// Where a needle stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Line, from 0.
    pub line: usize,
    /// First byte in [`super::pretty::Line::text`].
    pub start: usize,
    /// One past the last byte, in the same line: a hit that goes on in continuation lines is a hit in each of them.
    pub end: usize,
}

/// All hits from the top, at most `hits_max`. Smart case: a needle without capitals finds both. Hits do not overlap. A
/// needle is found across the breaks of a wrapped line too; each line that it touches then has its own hit.
pub fn find(document: &Document, needle: &str, hits_max: usize) -> Vec<Hit> {
    let mut hits = Vec::new();
    if needle.is_empty() || hits_max == 0 {
        return hits;
    }
    let needle = Needle::new(needle);
    let mut first = 0;
    let lines = &document.lines;
    while first < lines.len() && hits.len() < hits_max {
        let more = lines.iter().skip(first + 1).take_while(|line| line.continues).count();
        let group = lines.get(first..=first + more).unwrap_or_default();
        match group {
            [line] => needle.each(line.text(), |start, end| {
                hits.push(Hit { line: first, start, end });
                hits.len() < hits_max
            }),
            lines => find_wrapped(lines, first, &needle, hits_max, &mut hits),
        }
        first += more + 1;
    }
    hits
}

/// In a line that was broken into several: joined without the blanks that wrapping put in front.
fn find_wrapped(lines: &[Line], first: usize, needle: &Needle, hits_max: usize, hits: &mut Vec<Hit>) {
    let mut joined = String::new();
    // Where each line's own text begins in the joined one.
    let mut starts = Vec::with_capacity(lines.len());
    for line in lines {
        starts.push(joined.len());
        joined.push_str(line.text().get(line.hang()..).unwrap_or_default());
    }
    needle.each(&joined, |start, end| {
        let begins_in = starts.partition_point(|line_start| *line_start <= start).saturating_sub(1);
        for (index, line) in lines.iter().enumerate().skip(begins_in) {
            let line_start = starts.get(index).copied().unwrap_or_default();
            if line_start >= end || hits.len() >= hits_max {
                break;
            }
            let line_length = line.text().len() - line.hang();
            let from = start.saturating_sub(line_start);
            let to = (end - line_start).min(line_length);
            if from < to {
                hits.push(Hit { line: first + index, start: from + line.hang(), end: to + line.hang() });
            }
        }
        hits.len() < hits_max
    });
}

/// What is looked for, and how.
enum Needle {
    /// These bytes.
    Exact(Box<memchr::memmem::Finder<'static>>),
    /// These ASCII bytes, lower case, whatever the case of the text.
    AsciiAnyCase(Vec<u8>),
    /// These characters, folded, whatever the case of the text.
    AnyCase(Vec<char>),
}

impl Needle {
    fn new(needle: &str) -> Self {
        if needle.chars().any(char::is_uppercase) || !needle.chars().any(char::is_lowercase) {
            Self::Exact(Box::new(memchr::memmem::Finder::new(needle).into_owned()))
        } else if needle.is_ascii() {
            Self::AsciiAnyCase(needle.as_bytes().to_vec())
        } else {
            Self::AnyCase(needle.chars().flat_map(char::to_lowercase).collect())
        }
    }

    /// Calls `hit` with the byte range of each; `hit` says whether to go on.
    fn each(&self, text: &str, mut hit: impl FnMut(usize, usize) -> bool) {
        match self {
            Self::Exact(finder) => {
                for at in finder.find_iter(text.as_bytes()) {
                    if !hit(at, at + finder.needle().len()) {
                        return;
                    }
                }
            }
            Self::AsciiAnyCase(needle) => each_ascii(needle, text.as_bytes(), hit),
            Self::AnyCase(needle) => {
                let mut from = 0;
                for (at, _) in text.char_indices() {
                    if at < from {
                        continue;
                    }
                    let Some(length) = folded_prefix(text.get(at..).unwrap_or_default(), needle) else { continue };
                    from = at + length;
                    if !hit(at, from) {
                        return;
                    }
                }
            }
        }
    }
}

/// Jumps from one byte that may begin the needle to the next.
fn each_ascii(needle: &[u8], text: &[u8], mut hit: impl FnMut(usize, usize) -> bool) {
    let Some(first) = needle.first() else { return };
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let Some(at) = memchr::memchr2(*first, first.to_ascii_uppercase(), rest).map(|at| from + at) else { return };
        let end = at + needle.len();
        match text.get(at..end) {
            None => return,
            Some(found) if found.eq_ignore_ascii_case(needle) => {
                if !hit(at, end) {
                    return;
                }
                from = end;
            }
            Some(_) => from = at + 1,
        }
    }
}

/// Bytes of the text whose lower case begins with the needle, when it does at a character's end.
fn folded_prefix(text: &str, needle: &[char]) -> Option<usize> {
    let mut wanted = needle.iter();
    for (at, char) in text.char_indices() {
        if wanted.as_slice().is_empty() {
            return Some(at);
        }
        for lower in char.to_lowercase() {
            if wanted.next() != Some(&lower) {
                return None;
            }
        }
    }
    wanted.as_slice().is_empty().then_some(text.len())
}

#[cfg(test)]
mod tests;
