//! Finding bytes whatever the case of their ASCII letters, in time that grows with the text alone: a needle of thousands
//! of characters that nearly fits everywhere is no reason to wait.

use memchr::memmem::Finder;

/// Longer needles are looked for in lower-case copies of the text, by an algorithm that never compares twice.
const COMPARED_BYTES_MAX: usize = 32;
/// Of the text, copied at a time.
const BLOCK_BYTES: usize = 64 << 10;

/// Where `needle` first stands.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let mut first = None;
    each(text, needle, |at| {
        first = Some(at);
        false
    });
    first
}

/// Calls `hit` with the place of each `needle` from left to right, none over another; `hit` says whether to go on. An
/// empty needle stands at the start, once.
pub fn each(text: &[u8], needle: &[u8], mut hit: impl FnMut(usize) -> bool) {
    match needle {
        [] => {
            let _ = hit(0);
        }
        [first, ..] if needle.len() <= COMPARED_BYTES_MAX => compare_each(text, needle, *first, hit),
        _ => search_each(text, &needle.to_ascii_lowercase(), hit),
    }
}

/// Jumps from one byte that may begin the needle to the next.
fn compare_each(text: &[u8], needle: &[u8], first: u8, mut hit: impl FnMut(usize) -> bool) {
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let next = memchr::memchr2(first.to_ascii_lowercase(), first.to_ascii_uppercase(), rest);
        let Some(at) = next.map(|at| from + at) else { return };
        match text.get(at..at + needle.len()) {
            None => return,
            Some(found) if found.eq_ignore_ascii_case(needle) => {
                if !hit(at) {
                    return;
                }
                from = at + needle.len();
            }
            Some(_) => from = at + 1,
        }
    }
}

fn search_each(text: &[u8], needle: &[u8], mut hit: impl FnMut(usize) -> bool) {
    let finder = Finder::new(needle);
    let mut block = Vec::new();
    let mut from = 0;
    // Blocks overlap by what a needle that begins in one may reach into the next.
    for start in (0..text.len()).step_by(BLOCK_BYTES) {
        let end = text.len().min(start + BLOCK_BYTES + needle.len() - 1);
        block.clear();
        block.extend_from_slice(text.get(start..end).unwrap_or_default());
        block.make_ascii_lowercase();
        while let Some(rest) = block.get(from.max(start) - start..) {
            let Some(at) = finder.find(rest).map(|at| from.max(start) + at) else { break };
            if !hit(at) {
                return;
            }
            from = at + needle.len();
        }
    }
}

#[cfg(test)]
mod tests;
