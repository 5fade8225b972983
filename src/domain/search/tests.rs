use super::*;
use crate::domain::pretty::Role;

fn document(lines: &[&str]) -> Document {
    Document { lines: lines.iter().map(|line| Line::of(Role::Plain, line)).collect(), ..Document::new() }
}

fn ranges(document: &Document, needle: &str) -> Vec<(usize, usize, usize)> {
    find(document, needle, 100).iter().map(|hit| (hit.line, hit.start, hit.end)).collect()
}

#[test]
fn a_needle_without_capitals_finds_both() {
    let document = document(&["Push push", "PUSHED", "pull"]);
    assert_eq!(ranges(&document, "push"), [(0, 0, 4), (0, 5, 9), (1, 0, 4)]);
    assert_eq!(ranges(&document, "Push"), [(0, 0, 4)]);
    assert_eq!(ranges(&document, ""), []);
}

#[test]
fn other_scripts_have_cases_too() {
    let document = document(&["Grüße GRÜSSE", "Привет ПРИВЕТ", "日本語 と 日本"]);
    assert_eq!(ranges(&document, "grü"), [(0, 0, 4), (0, 8, 12)]);
    assert_eq!(ranges(&document, "привет"), [(1, 0, 12), (1, 13, 25)]);
    assert_eq!(ranges(&document, "日本"), [(2, 0, 6), (2, 14, 20)]);
    assert_eq!(ranges(&document, "Привет").len(), 1);
}

#[test]
fn letters_that_change_their_length_are_found_whole_or_not_at_all() {
    // U+0130 becomes two characters, U+212A (the Kelvin sign) one byte, U+1E9E two.
    let document = document(&["a\u{130}\u{130}b \u{212a}\u{e9} STRA\u{1e9e}E"]);
    assert_eq!(ranges(&document, "i\u{307}"), [(0, 1, 3), (0, 3, 5)]);
    assert_eq!(ranges(&document, "\u{307}"), []);
    assert_eq!(ranges(&document, "a\u{e9}"), []);
    assert_eq!(ranges(&document, "k\u{e9}"), [(0, 7, 12)]);
    assert_eq!(ranges(&document, "stra\u{df}e"), [(0, 13, 21)]);
    assert_eq!(ranges(&document, "i\u{307}b"), [(0, 3, 6)]);
}

#[test]
fn hits_do_not_overlap_and_are_bounded() {
    let document = document(&["aaaaa", "aaa"]);
    assert_eq!(ranges(&document, "aa"), [(0, 0, 2), (0, 2, 4), (1, 0, 2)]);
    assert_eq!(find(&document, "aa", 2).len(), 2);
    assert_eq!(find(&document, "aa", 0).len(), 0);
}

#[test]
fn a_hit_goes_on_over_the_break_of_a_wrapped_line() {
    let wrapped = document(&["  abcdefghij needle klmno", "needle"]).wrap(8);
    let texts: Vec<&str> = wrapped.lines.iter().map(Line::text).collect();
    assert_eq!(texts, ["  abcdef", "  ghij n", "  eedle ", "  klmno", "needle"]);
    assert_eq!(ranges(&wrapped, "needle"), [(1, 7, 8), (2, 2, 7), (4, 0, 6)]);
    assert_eq!(ranges(&wrapped, "fgh"), [(0, 7, 8), (1, 2, 4)]);
    for hit in find(&wrapped, "e", 100) {
        assert_eq!(&wrapped.lines[hit.line].text()[hit.start..hit.end], "e");
    }
}

#[test]
fn ten_megabytes_are_searched_to_the_end() {
    let mut lines: Vec<Line> = (0..100_000).map(|_| Line::of(Role::Plain, "nearly a needl, ".repeat(6))).collect();
    lines.push(Line::of(Role::Plain, "a NEEDLE"));
    let document = Document { lines, ..Document::new() };
    assert_eq!(ranges(&document, "needle"), [(100_000, 2, 8)]);
}
