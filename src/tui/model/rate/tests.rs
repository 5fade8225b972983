use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

#[test]
fn a_clock_that_is_set_back_or_forward_does_not_stop_the_count() {
    let mut rate = Rate::default();
    rate.arrived(at(1_000_000));
    for now in [2_000_000, 1_000_000, 1_000_030, 1_000_010, i64::MAX / 2_000_000, 1_000_000, 0] {
        rate.tick(at(now));
        rate.arrived(at(now));
        rate.arrived(at(now));
        rate.tick(at(now + 1));
        assert!(rate.is_moving(), "{now}");
        assert!(rate.last(SECONDS_MAX).count() <= SECONDS_MAX, "{now}");
    }
    assert_eq!(rate.per_second(), 2);
}
