use std::io::Write;

use super::*;

const LIMIT: usize = 64 << 10;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn br(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 9, 22).write_all(bytes).unwrap();
    out
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn codings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn each_coding_is_undone() {
    let text = b"{\"hello\": \"world\"}".repeat(20);
    for (name, bytes) in [
        ("gzip", gzip(&text)),
        ("x-gzip", gzip(&text)),
        ("deflate", zlib(&text)),
        ("deflate", raw_deflate(&text)),
        ("br", br(&text)),
        ("zstd", zstd(&text)),
        ("zstd", [zstd(&text[..100]), zstd(&text[100..])].concat()),
    ] {
        let decoded = decode(&bytes, &codings(&[name]), LIMIT);
        assert_eq!(decoded.bytes, text, "{name}");
        assert!(decoded.is_whole, "{name}");
        assert_eq!(decoded.note, Some(format!("{name}, decoded ({} -> 360 B)", size(bytes.len() as u64))));
    }
}

#[test]
fn codings_are_undone_from_the_last_to_the_first() {
    let bytes = gzip(&br(b"text"));
    let decoded = decode(&bytes, &codings(&["br", "gzip"]), LIMIT);
    assert_eq!((decoded.bytes.as_ref(), decoded.is_whole), (b"text".as_slice(), true));
    assert!(!decode(&bytes, &codings(&["gzip", "br"]), LIMIT).is_whole);
}

#[test]
fn bombs_stop_at_the_bound() {
    let zeros = vec![0; 50 << 20];
    for (name, bytes) in [("gzip", gzip(&zeros)), ("deflate", zlib(&zeros)), ("br", br(&zeros))] {
        let decoded = decode(&bytes, &codings(&[name]), LIMIT);
        assert_eq!(decoded.bytes.len(), LIMIT, "{name}");
        assert!(!decoded.is_whole);
        assert!(decoded.note.unwrap().ends_with(": stopped at 64 KiB"));
    }
    let twice = gzip(&gzip(&zeros));
    assert_eq!(decode(&twice, &codings(&["gzip", "gzip"]), LIMIT).bytes.len(), LIMIT);
}

#[test]
fn what_came_before_a_fault_is_shown() {
    let text: Vec<u8> = (0..20_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let whole = gzip(&text);
    let decoded = decode(&whole[..whole.len() / 2], &codings(&["gzip"]), 1 << 20);
    assert!(!decoded.is_whole);
    assert!(!decoded.bytes.is_empty() && text.starts_with(&decoded.bytes));
    assert!(decoded.note.unwrap().starts_with("gzip, decoded in part ("));
}

#[test]
fn what_cannot_be_decoded_stays_as_it_came() {
    for (name, words) in [
        ("gzip", "gzip: not decoded, "),
        ("br", "br: not decoded, "),
        ("zstd", "zstd: not decoded, "),
        ("utf-8", "utf-8: not decoded, utf-8 is not a coding that is known here"),
        ("\u{1b}[31m", "␛[31m: not decoded, "),
    ] {
        let decoded = decode(b"{\"plain\": true}", &codings(&[name]), LIMIT);
        assert_eq!(decoded.bytes.as_ref(), b"{\"plain\": true}", "{name}");
        let note = decoded.note.unwrap();
        assert!(note.starts_with(words), "{note}");
    }
    assert!(decode(b"x", &codings(&["gzip"; 40]), LIMIT).note.unwrap().contains("40 codings"));
}

#[test]
fn windows_that_a_coding_does_not_have_are_refused() {
    let decoded = decode(&[0x11, 0x1e, 0, 0], &codings(&["br"]), LIMIT);
    assert_eq!(decoded.note.as_deref(), Some("br: not decoded, a window that br does not have"));
    // A zstd frame header that asks for a window of 1 GiB (RFC 8878 section 3.1.1.1.2).
    let decoded = decode(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0, 0], &codings(&["zstd"]), LIMIT);
    assert!(decoded.note.unwrap().contains("window"));
}

#[test]
fn nothing_to_decode_says_nothing() {
    assert_eq!(decode(b"", &codings(&["gzip"]), LIMIT).note, None);
    assert_eq!(decode(b"x", &[], LIMIT).note, None);
}
