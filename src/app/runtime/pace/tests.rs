use super::*;

/// Rows come in batches of 2 ms and a frame is drawn when it is due: how many frames a second has.
fn frames_in_a_second(rows_per_s: usize) -> u32 {
    let begun = Instant::now();
    let mut pace = Pace::new(begun);
    let (mut last, mut frames) = (begun, 0);
    // A second for it to find its pace, and one that counts.
    for ms in (0..2_000).step_by(2) {
        let now = begun + Duration::from_millis(ms);
        pace.came(rows_per_s / 500);
        if now >= last + pace.frame() {
            pace.drawn(now);
            last = now;
            frames += u32::from(ms >= 1_000);
        }
    }
    frames
}

#[test]
fn a_flood_is_drawn_less_often_than_what_can_be_read() {
    assert!((28..=30).contains(&frames_in_a_second(1_000)), "{}", frames_in_a_second(1_000));
    assert!((9..=11).contains(&frames_in_a_second(80_000)), "{}", frames_in_a_second(80_000));
}

#[test]
fn one_batch_between_two_frames_in_haste_is_no_flood() {
    let begun = Instant::now();
    let mut pace = Pace::new(begun);
    pace.came(170);
    pace.drawn(begun + Duration::from_millis(1));
    assert_eq!(pace.frame(), between(FRAMES_MAX));
    pace.drawn(begun + Duration::from_millis(50));
    assert_eq!(pace.frame(), between(FRAMES_MAX));
}

#[test]
fn what_comes_after_a_flood_is_drawn_at_once_again() {
    let begun = Instant::now();
    let mut pace = Pace::new(begun);
    pace.came(8_000);
    pace.drawn(begun + Duration::from_millis(100));
    assert_eq!(pace.frame(), between(FRAMES_FLOOD_MAX));
    pace.came(3);
    pace.drawn(begun + Duration::from_millis(200));
    assert_eq!(pace.frame(), between(FRAMES_MAX));
}
