use super::*;
use crate::domain::signature::template::{Source, SourceField};

#[test]
fn units_are_read_and_written() {
    let at = Timestamp::from_secs(1_700_000_000);
    for (unit, text) in [
        (Unit::Seconds, "1700000000"),
        (Unit::Millis, "1700000000000"),
        (Unit::Rfc3339, "2023-11-14T22:13:20.000000Z"),
        (Unit::HttpDate, "Tue, 14 Nov 2023 22:13:20 GMT"),
    ] {
        assert_eq!(parse(unit, text.as_bytes()), Some(at), "{text}");
        assert_eq!(write(unit, at), text);
    }
    assert_eq!(parse(Unit::Rfc3339, b"2023-11-14T22:13:20"), Some(at));
    for bad in ["", "-1", "+1", "1.5", " 1", "Infinity", "99999999999999999999"] {
        assert_eq!(parse(Unit::Seconds, bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn the_limit_itself_is_allowed_and_no_part_of_a_second_more() {
    let clock = |unit| Clock {
        from: SourceField(Source::Timestamp),
        unit,
        past_s: Some(300),
        future_s: Some(300),
        ahead_disputed: false,
        optional: false,
    };
    let at = Timestamp::from_secs(1000);
    let judge = |unit, now| age(&clock(unit), b"", at, now);
    assert!(!judge(Unit::Seconds, Timestamp::from_secs(1300)).is_stale());
    assert!(judge(Unit::Seconds, Timestamp::from_secs(1301)).is_stale());
    assert!(!judge(Unit::Seconds, Timestamp::from_secs(700)).is_future());
    assert!(judge(Unit::Seconds, Timestamp::from_secs(699)).is_future());
    assert!(!judge(Unit::Millis, Timestamp::from_secs(1300)).is_stale());
    assert!(judge(Unit::Millis, Timestamp::from_secs(1300).plus_micros(1)).is_stale());
    assert!(judge(Unit::Millis, Timestamp::from_secs(700).plus_micros(-1)).is_future());
}
