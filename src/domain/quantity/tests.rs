use super::*;

#[test]
fn a_size_has_one_value_in_words_and_in_a_column() {
    for (bytes, words, narrow) in [
        (0, "0 B", "0"),
        (842, "842 B", "842"),
        (1023, "1.0 KiB", "1.0K"),
        (1024, "1.0 KiB", "1.0K"),
        (7_400, "7.2 KiB", "7.2K"),
        (128 << 10, "128 KiB", "128K"),
        (1_023_999, "1.0 MiB", "1.0M"),
        (10 << 20, "10 MiB", "10M"),
        (u64::MAX, "16 EiB", "16E"),
    ] {
        assert_eq!((size(bytes).as_str(), size_narrow(bytes).as_str()), (words, narrow));
    }
    for bytes in (0..64).flat_map(|bits| [1 << bits, (1 << bits) - 1, (1 << bits) / 3]) {
        let (words, narrow) = (size(bytes), size_narrow(bytes));
        let digits = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned();
        assert_eq!(digits(&words), digits(&narrow));
        assert!(narrow.len() <= 5, "{narrow}");
    }
}

#[test]
fn a_duration_has_one_value_in_words_and_in_a_column() {
    for (us, words, narrow) in [
        (0, "0 µs", "0µs"),
        (192, "192 µs", "192µs"),
        (1_000, "1.0 ms", "1.0ms"),
        (87_654, "87 ms", "87ms"),
        (3_450_000, "3.4 s", "3.4s"),
        (119_000_000, "119 s", "119s"),
        (180_000_000, "3 min", "3m"),
        (7_200_000_000, "2 h", "2h"),
    ] {
        assert_eq!((duration_us(us).as_str(), duration_us_narrow(us).as_str()), (words, narrow));
    }
}
