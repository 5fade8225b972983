use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::text::{Pen, clip, width, wrap};
use super::{numbers, scroll, spark};
use crate::domain::time::Timestamp;

#[test]
fn what_is_cut_says_so_and_fits() {
    assert_eq!(clip("hello", 5), "hello");
    assert_eq!(clip("hello!", 5), "hell…");
    assert_eq!(clip("漢字漢字", 5), "漢字…");
    assert_eq!(clip("漢字漢字", 4), "漢…");
    assert_eq!(clip("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    assert_eq!(clip("abc", 1), "…");
    assert_eq!(clip("abc", 0), "");
}

#[test]
fn a_pen_stays_in_its_area_even_outside_the_buffer() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 2));
    let style = Style::new();
    Pen::new(&mut buffer, Rect::new(1, 1, 4, 1)).put("ab", style).put("漢字", style).put("more", style);
    Pen::new(&mut buffer, Rect::new(4, 0, 40, 9)).cell_right("x", 2, style);
    Pen::new(&mut buffer, Rect::new(90, 90, 4, 1)).put("lost", style).cell("lost", 9, style).fill("-", 0, style);
    assert_eq!(buffer, Buffer::with_lines(["     x", " ab…  "]));
}

#[test]
fn a_pen_writes_the_visible_form_alone() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 2));
    let style = Style::new();
    Pen::new(&mut buffer, Rect::new(0, 0, 30, 1)).put("a\u{1b}]0;x\u{fffe}", style).put("|\u{202e}|", style);
    let mut pen = Pen::new(&mut buffer, Rect::new(0, 1, 30, 1));
    pen.cell("\u{9b}m", 12, style).cell_right("❤\u{fe0f}", 12, style).put("|", style);
    assert_eq!(buffer, Buffer::with_lines(["a␛]0;x⟨U+FFFE⟩|⟨U+202E⟩|      ", "⟨U+009B⟩m      ❤⟨U+FE0F⟩|     "]));
}

#[test]
fn words_are_wrapped_and_long_ones_broken() {
    assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
    assert_eq!(wrap("a https://example.org/long b", 10), ["a", "https://ex", "ample.org/", "long b"]);
    assert_eq!(wrap("漢字漢字", 3), ["漢", "字", "漢", "字"]);
    assert_eq!(wrap("", 3), [""]);
    for columns in 0..12 {
        let rows = wrap("éé 漢字 wörter und  mehr\tdavon", columns);
        assert!(rows.iter().all(|row| width(row) <= columns.max(2)), "{columns}: {rows:?}");
    }
}

#[test]
fn numbers_take_few_columns() {
    let sizes = [0, 842, 999, 1000, 1024, 7_412, 10_239, 118_000, 1_048_575, 1_572_864, u64::MAX];
    assert_eq!(sizes.map(numbers::size).join(" "), "0 842 999 1.0K 1.0K 7.2K 10K 115K 1.0M 1.5M 16E");
    let times = [0, 340, 999, 1_000, 1_290, 87_654, 999_999, 1_000_000, 12_300_000, 130_000_000, 7_200_000_000];
    assert_eq!(times.map(numbers::duration).join(" "), "0µs 340µs 999µs 1.0ms 1.2ms 87ms 999ms 1.0s 12s 2m 2h");
    assert_eq!([0, 999, 1_000, 1_234_567].map(numbers::count).join(" "), "0 999 1,000 1,234,567");
    assert!((0..64).all(|bits| numbers::size(1 << bits).len() <= 5 && numbers::size((1 << bits) - 1).len() <= 5));
}

#[test]
fn times_are_local() {
    let at = Timestamp::parse_rfc3339("2026-11-22T23:30:05Z").expect("time");
    assert_eq!(numbers::clock(at, 0), "23:30:05");
    assert_eq!(numbers::clock(at, 3600), "00:30:05");
    assert_eq!(numbers::day_and_clock(at, 3600), "11-23 00:30");
    assert_eq!(numbers::day(at, -3600), "2026-11-22");
}

#[test]
fn bars_stand_for_counts() {
    assert_eq!(spark::bars([0, 1, 4, 8].into_iter()), "▁▂▅█");
    assert_eq!(spark::bars([0, 0].into_iter()), "▁▁");
    assert_eq!(spark::bars([u32::MAX, 1].into_iter()), "█▂");
    assert_eq!(spark::bars(std::iter::empty()), "");
}

#[test]
fn the_scroll_mark_touches_an_end_only_when_it_is_reached() {
    assert_eq!(scroll::thumb(10, 10, 10, 0), None);
    assert_eq!(scroll::thumb(10, 100, 10, 0), Some((0, 1)));
    assert_eq!(scroll::thumb(10, 100, 10, 90), Some((9, 1)));
    assert_eq!(scroll::thumb(10, 100, 10, 89), Some((8, 1)));
    assert_eq!(scroll::thumb(10, 1_000_000, 10, 500_000), Some((4, 1)));
    assert_eq!(scroll::thumb(0, 5, 1, 0), None);
}
