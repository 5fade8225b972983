use std::time::Duration;

use super::*;

/// A machine whose clock was never set would not start.
#[test]
fn nobody_asks_a_clock_that_panics() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let asks = ["Local", "Utc"].iter().any(|clock| text.contains(&format!("{clock}::now()")));
                assert!(!asks, "{}: crate::io::clock::local() knows any clock", path.display());
            }
        }
    }
}

#[test]
fn any_clock_gives_a_time_that_can_be_written_and_read_again() {
    let seconds = |seconds: u64| Duration::from_secs(seconds);
    for (time, micros) in [
        (UNIX_EPOCH - seconds(1), 0),
        (UNIX_EPOCH - seconds(1 << 60), 0),
        (UNIX_EPOCH, 0),
        (UNIX_EPOCH + Duration::from_nanos(1_999), 1),
        (UNIX_EPOCH + seconds(253_402_300_800), LAST_MICROS),
        (UNIX_EPOCH + seconds(1 << 62), LAST_MICROS),
    ] {
        let read = reading(time);
        assert_eq!(read.micros(), micros, "{time:?}");
        assert_eq!(Timestamp::parse_rfc3339(&read.to_rfc3339()), Some(read), "{time:?}");
    }
}
