use proptest::prelude::*;

use super::*;

fn all(text: &[u8], needle: &[u8]) -> Vec<usize> {
    let mut all = Vec::new();
    each(text, needle, |at| {
        all.push(at);
        true
    });
    all
}

/// Letter by letter.
fn slowly(text: &[u8], needle: &[u8]) -> Vec<usize> {
    let mut all = Vec::new();
    let mut at = 0;
    while at + needle.len() <= text.len() {
        if text[at..at + needle.len()].eq_ignore_ascii_case(needle) {
            all.push(at);
            at += needle.len();
        } else {
            at += 1;
        }
    }
    all
}

#[test]
fn long_needles_are_found_across_blocks() {
    let needle = "Needle-".repeat(10);
    for before in
        [0, 1, BLOCK_BYTES - 71, BLOCK_BYTES - 70, BLOCK_BYTES - 35, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES + 5]
    {
        let text = ["x".repeat(before), needle.to_uppercase(), needle.to_lowercase(), "y".repeat(9)].concat();
        assert_eq!(all(text.as_bytes(), needle.as_bytes()), [before, before + needle.len()], "behind {before}");
        assert_eq!(find(text.as_bytes(), needle.as_bytes()), Some(before));
    }
    assert_eq!(find(b"short", needle.as_bytes()), None);
    assert_eq!(find(b"", b""), Some(0));
}

proptest! {
    #[test]
    fn both_ways_find_what_comparing_finds(text in "[abAB\u{e9}]{0,300}", length in 1usize..60, at in 0usize..300) {
        let text = text.as_bytes();
        let needle = text.get(at..at + length).unwrap_or(b"ab");
        let expected = slowly(text, needle);
        prop_assert_eq!(all(text, needle), expected.clone());
        let mut searched = Vec::new();
        search_each(text, &needle.to_ascii_lowercase(), |at| { searched.push(at); true });
        prop_assert_eq!(searched, expected);
    }
}
