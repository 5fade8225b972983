//! A delivery id in few columns: of the parts that ids of one sender have in common, none.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

use super::text::{clip, width};

/// The id whole where there is room, else its end behind `…`: what numbers and prefixes begin with is alike. Of a UUID that begins with
/// its time (version 1, RFC 9562 section 5.1) the beginning: its end is the machine's.
pub fn short(id: &str, columns: u16) -> Cow<'_, str> {
    if columns == 0 || width(id) <= columns || begins_with_time(id) {
        return clip(id, columns);
    }
    let mut used = 0;
    let tail = id.grapheme_indices(true).rev().take_while(|(_, grapheme)| {
        used += width(grapheme);
        used < columns
    });
    let from = tail.last().map_or(id.len(), |(at, _)| at);
    Cow::Owned(format!("…{}", id.get(from..).unwrap_or_default()))
}

fn begins_with_time(id: &str) -> bool {
    let bytes = id.as_bytes();
    let is_uuid = bytes.len() == 36 && [8, 13, 18, 23].iter().all(|at| bytes.get(*at) == Some(&b'-'));
    is_uuid && bytes.get(14) == Some(&b'1')
}

#[cfg(test)]
mod tests;
