use std::time::Duration;

use super::*;

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
