use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::domain::pretty::{Line, Role};

#[test]
fn controls_become_pictures() {
    assert_eq!(visible(b"a\x1b[31mred\x07\x00\x7f\r\n\tz"), "a␛[31mred␇␀␡␍␊→z");
}

#[test]
fn c1_controls_bidi_and_invisible_characters_are_named() {
    assert_eq!(visible("\u{9b}31m".as_bytes()), "⟨U+009B⟩31m");
    assert_eq!(visible("evil\u{202e}txt.exe".as_bytes()), "evil⟨U+202E⟩txt.exe");
    assert_eq!(visible("a\u{200b}b\u{2066}c\u{feff}".as_bytes()), "a⟨U+200B⟩b⟨U+2066⟩c⟨U+FEFF⟩");
    assert_eq!(visible("a\u{2028}b\u{2029}".as_bytes()), "a⟨U+2028⟩b⟨U+2029⟩");
    assert_eq!(visible("\u{a0}\u{ad}\u{115f}\u{3164}\u{2800}".as_bytes()), "⟨U+00A0⟩⟨U+00AD⟩⟨U+115F⟩⟨U+3164⟩⟨U+2800⟩");
    assert_eq!(visible("\u{e0041}\u{e000}\u{ffff}\u{e0100}".as_bytes()), "⟨U+E0041⟩⟨U+E000⟩⟨U+FFFF⟩⟨U+E0100⟩");
}

#[test]
fn bytes_that_are_not_utf8_are_shown_one_by_one() {
    assert_eq!(visible(b"caf\xe9 \xff\xc3"), "caf⟨E9⟩ ⟨FF⟩⟨C3⟩");
    // An escape sequence in 8-bit form, and an overlong ESC.
    assert_eq!(visible(b"\x9b31m\xc0\x9b"), "⟨9B⟩31m⟨C0⟩⟨9B⟩");
}

#[test]
fn ordinary_text_of_many_scripts_stays() {
    for text in ["Grüße, naïve", "Привет", "日本語　テスト", "한국어", "שלום", "हिन्दी", "ไทยที่", "é", "½ € → ✓"]
    {
        assert_eq!(visible(text.as_bytes()), text);
        assert_eq!(visible_str(text), text);
    }
}

#[test]
fn emoji_keep_their_width_by_losing_their_joiners() {
    assert_eq!(visible("❤\u{fe0f}".as_bytes()), "❤⟨U+FE0F⟩");
    assert_eq!(visible("👩\u{200d}💻".as_bytes()), "👩⟨U+200D⟩💻");
    assert_eq!(width("👍"), 2);
}

/// A terminal that adds up the columns of the characters, one by one, must come to those that we count: else the rest of the row
/// drifts, and goes on in the next one at the right edge.
#[test]
fn no_character_changes_the_columns_of_the_one_before_it() {
    assert_eq!(visible("👍🏽🏽".as_bytes()), "👍⟨U+1F3FD⟩🏽");
    assert_eq!(visible("☝🏽".as_bytes()), "☝⟨U+1F3FD⟩");
    assert_eq!(visible("🇩🇪".as_bytes()), "⟨U+1F1E9⟩⟨U+1F1EA⟩");
    assert_eq!(visible("\u{1780}\u{17d2}\u{1780}".as_bytes()), "\u{1780}\u{17d2}⟨U+1780⟩");
    for bases in ["a", "👍", "☝", "\u{1780}\u{17d2}", "\u{915}\u{94d}", "\u{1100}", "\u{16d63}"] {
        // No character beyond is anything but ideographs and what nobody sees.
        for char in '\u{80}'..'\u{20000}' {
            let shown = visible(format!("{bases}{char}").as_bytes());
            let one_by_one: usize = shown.chars().map(|char| char.width().unwrap_or(0)).sum();
            assert_eq!(width(&shown), one_by_one, "{shown:?}");
        }
    }
}

#[test]
fn what_joins_without_end_is_cut_down_and_then_stays_as_it_is() {
    for before in ["", "m", "é", "👍", "\u{1b}", "\u{202e}", "\u{301}", "m🏽🏽🏽🏽🏽🏽🏽🏽🏽🏽🏽🏽🏽🏽🏽🏽é"]
    {
        for joined in ["🏽", "\u{115f}", "\u{1100}", "🏽\u{301}", "é"] {
            for bytes in [
                format!("{before}{}", joined.repeat(70)).into_bytes(),
                [b"\xff", joined.repeat(40).as_bytes()].concat(),
            ] {
                let shown = visible(&bytes);
                assert_eq!(visible(shown.as_bytes()), shown);
                assert!(shown.graphemes(true).all(|cluster| cluster.len() <= 64), "{shown:?}");
            }
        }
    }
}

#[test]
fn towers_of_marks_are_cut_down() {
    let tower = format!("a{}b", "\u{301}".repeat(50));
    let shown = visible(tower.as_bytes());
    assert!(shown.starts_with("a\u{301}\u{301}\u{301}\u{301}⟨U+0301⟩"), "{shown}");
    assert_eq!(shown.matches("⟨U+0301⟩").count(), 46);
}

#[test]
fn a_mark_without_a_base_does_not_sit_on_our_text() {
    assert_eq!(visible("\u{301}x".as_bytes()), "⟨U+0301⟩x");
    assert_eq!(visible("\x1b\u{301}".as_bytes()), "␛⟨U+0301⟩");
}

#[test]
fn stand_ins_carry_their_role() {
    let line = Line::new().with_bytes(Role::Text, b"a\x1bb");
    let spans: Vec<_> = line.spans().map(|span| (span.role, span.text)).collect();
    assert_eq!(spans, [(Role::Text, "a"), (Role::Control, "␛"), (Role::Text, "b")]);
}

#[test]
fn clipping_never_splits_a_wide_glyph() {
    assert_eq!(clip("日本語", 6), "日本語");
    assert_eq!(clip("日本語", 5), "日本…");
    assert_eq!(clip("日本語", 4), "日…");
    assert_eq!(clip("abc", 0), "");
    assert_eq!(visible_within(&vec![b'x'; 1 << 20], 4), "xxx…");
}

proptest! {
    #[test]
    fn nothing_invisible_comes_out(bytes in hostile_bytes()) {
        let shown = visible(&bytes);
        for char in shown.chars() {
            prop_assert!(!char.is_control(), "{char:?}");
            prop_assert!(!is_default_ignorable(char), "{char:?}");
            prop_assert!(char.is_ascii() || is_printable(char), "{char:?}");
        }
        prop_assert_eq!(width(&shown), shown.chars().map(|char| char.width().unwrap_or(0)).sum::<usize>(), "{:?}", shown);
        // Each grapheme has columns of its own: nothing combines with the text in front of it.
        for grapheme in shown.graphemes(true) {
            prop_assert!(grapheme.width() > 0, "{grapheme:?}");
        }
        prop_assert_eq!(visible(shown.as_bytes()), shown, "the gate leaves what it made");
    }

    #[test]
    fn clipped_text_fits(bytes in hostile_bytes(), columns in 0_usize..40) {
        prop_assert!(width(&visible_within(&bytes, columns)) <= columns);
    }

    #[test]
    fn the_span_form_says_the_same(bytes in hostile_bytes()) {
        let line = Line::new().with_bytes(Role::Plain, &bytes);
        prop_assert_eq!(line.text(), visible(&bytes));
    }
}

/// Any bytes, and any characters with a leaning towards those that do harm.
fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop::sample::select(vec![
        '\u{1b}',
        '\u{9b}',
        '\u{202e}',
        '\u{200d}',
        '\u{fe0f}',
        '\u{301}',
        '\u{1160}',
        '\u{1100}',
        '\u{94d}',
        '\u{915}',
        '\u{ff9e}',
        '\u{e0001}',
        '\u{1f1e6}',
        '\u{1f3fd}',
        '\u{600}',
        '\u{644}',
        '\u{627}',
        '日',
        '\t',
        '\n',
        'a',
        '\u{20e3}',
        '\u{17d2}',
        '\u{1780}',
        '\u{a8fa}',
        '\u{2d7f}',
        '\u{d4e}',
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(any::<char>(), 0..100)
            .prop_map(|chars| chars.into_iter().collect::<String>().into_bytes()),
        prop::collection::vec(odd, 0..60).prop_map(|chars| chars.into_iter().collect::<String>().into_bytes()),
    ]
}
