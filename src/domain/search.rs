//! Finding text in a document.

use super::caseless;
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
    /// This text, in lower case, whatever the case of the text.
    AnyCase(String),
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
            Self::AsciiAnyCase(needle) => caseless::each(text.as_bytes(), needle, |at| hit(at, at + needle.len())),
            Self::AnyCase(needle) => Folded::new(text).each(needle, hit),
        }
    }
}

/// A text in lower case that knows where each part of it stands in the original.
struct Folded {
    text: String,
    /// Where the distance between the two changes: pairs of places, in the folded and in the original text.
    steps: Vec<(usize, usize)>,
}

impl Folded {
    fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut steps = vec![(0, 0)];
        for (at, char) in original.char_indices() {
            let before = text.len();
            text.extend(char.to_lowercase());
            if text.len() - before != char.len_utf8() {
                // A letter that becomes longer or shorter has no inside: it is found whole or not at all.
                steps.push((before, at));
                steps.push((text.len(), at + char.len_utf8()));
            }
        }
        Self { text, steps }
    }

    /// The place in the original; `None` inside of a letter.
    fn original(&self, at: usize) -> Option<usize> {
        let step = self.steps.partition_point(|(folded, _)| *folded <= at).checked_sub(1)?;
        let (folded, original) = *self.steps.get(step)?;
        let place = original + (at - folded);
        let is_inside = self.steps.get(step + 1).is_some_and(|(next, after)| next - folded != after - original);
        (at == folded || !is_inside).then_some(place)
    }

    /// As [`Needle::each`].
    fn each(&self, needle: &str, mut hit: impl FnMut(usize, usize) -> bool) {
        let finder = memchr::memmem::Finder::new(needle);
        let mut from = 0;
        while let Some(at) = self.text.as_bytes().get(from..).and_then(|rest| finder.find(rest)).map(|at| from + at) {
            from = at + 1;
            if let (Some(start), Some(end)) = (self.original(at), self.original(at + needle.len())) {
                if !hit(start, end) {
                    return;
                }
                from = at + needle.len();
            }
        }
    }
}

#[cfg(test)]
mod tests;
