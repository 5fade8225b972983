use std::io::Write;

use super::*;
use crate::domain::record::{Mode, encode};
use crate::domain::time::Timestamp;

fn mode(number: usize) -> Event {
    Event::Mode(Mode { at: Timestamp::from_secs(1), mode: "reply".to_owned(), detail: number.to_string() })
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

#[test]
fn an_unreadable_line_is_reported_with_its_number_and_skipped() {
    let mut bytes = encode(&mode(1));
    bytes.extend_from_slice(b"{\"v\":1,\"event\n");
    let third = bytes.len() as u64;
    bytes.extend_from_slice(&encode(&mode(3)));
    let file = file(&bytes);
    let mut reader = SessionReader::open(file.path()).unwrap();
    assert_eq!(reader.next_line().unwrap().unwrap().event, Ok(mode(1)));
    let second = reader.next_line().unwrap().unwrap();
    assert_eq!(second.number, 2);
    assert!(matches!(second.event, Err(RecordError::Malformed(_))), "{second:?}");
    assert_eq!(reader.next_line().unwrap().unwrap(), Line { offset: third, number: 3, event: Ok(mode(3)) });
    assert_eq!(reader.next_line().unwrap(), None);
    assert_eq!(reader.torn(), None);
    assert_eq!(read_at(&reader.file, third).unwrap(), mode(3));
}

#[test]
fn a_writer_is_followed_and_its_last_line_waits_for_the_newline() {
    let line = encode(&mode(1));
    let mut file = file(&line[..20]);
    let mut reader = SessionReader::open(file.path()).unwrap();
    assert_eq!(reader.next_line().unwrap(), None);
    assert_eq!(reader.torn().map(|line| (line.offset, line.number)), Some((0, 1)));
    file.write_all(&line[20..]).unwrap();
    file.write_all(&encode(&mode(2))).unwrap();
    assert_eq!(reader.next_line().unwrap().unwrap().event, Ok(mode(1)));
    assert_eq!(reader.next_line().unwrap().unwrap().event, Ok(mode(2)));
    assert_eq!(reader.next_line().unwrap(), None);
    assert_eq!(reader.torn(), None);
    assert_eq!(reader.offset(), std::fs::metadata(file.path()).unwrap().len());
}

#[test]
fn lines_larger_than_a_chunk_are_whole() {
    let long = Event::Mode(Mode {
        at: Timestamp::from_secs(1),
        mode: "reply".to_owned(),
        detail: "\u{1}x\"".repeat(CHUNK_BYTES),
    });
    let mut bytes = encode(&mode(1));
    let offset = bytes.len() as u64;
    bytes.extend_from_slice(&encode(&long));
    bytes.extend_from_slice(&encode(&mode(2)));
    let file = file(&bytes);
    let mut reader = SessionReader::open(file.path()).unwrap();
    let events: Vec<Event> =
        std::iter::from_fn(|| reader.next_line().unwrap()).map(|line| line.event.unwrap()).collect();
    assert_eq!(events, vec![mode(1), long.clone(), mode(2)]);
    assert_eq!(read_at(&reader.file, offset).unwrap(), long);
}

#[test]
fn folders_and_fifos_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let error = SessionReader::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("a folder"), "{error}");
    let fifo = folder.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let error = SessionReader::open(&fifo).unwrap_err().to_string();
    assert!(error.contains("a FIFO"), "{error}");
}

#[test]
fn a_long_line_takes_the_memory_of_its_bytes_and_no_more() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("a");
    for length in [0, 1, 8 * 1024 - 1, 8 * 1024, 300_000, 5_000_001] {
        let text = [b"first\n", "x".repeat(length).as_bytes(), b"\nlast"].concat();
        std::fs::write(&path, &text).unwrap();
        let file = File::open(&path).unwrap();
        let line = line_at(&file, 6).unwrap();
        assert_eq!(line.len(), length);
        assert!(line.capacity() <= length.max(8 * 1024), "{length}: {}", line.capacity());
        assert_eq!(line_at(&file, 6 + length as u64 + 1).unwrap(), b"last", "the end of the file ends it too");
    }
}

/// Half a gigabyte of zeros is no reason to take memory for them.
#[test]
fn a_line_without_end_that_does_not_begin_as_one_is_given_up_early() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros.jsonl");
    std::fs::File::create(&path).unwrap().set_len(LINE_BYTES_MAX as u64 / 2).unwrap();
    let mut reader = SessionReader::open(&path).unwrap();
    let error = reader.next_text().unwrap_err().to_string();
    assert!(error.contains("line 1 of ") && error.contains("longer than 64 MiB"), "{error}");
    assert!(reader.buffer.capacity() < 4 * NO_LINE_BYTES_MAX, "{} bytes", reader.buffer.capacity());
}
