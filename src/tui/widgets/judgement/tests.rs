use super::*;
use crate::domain::judgement::Judgement;
use crate::domain::time::Timestamp;
use crate::tui::testing::{NOON_S, row};

#[test]
fn the_word_says_what_comes_next_and_what_came_since() {
    let at = Then::Retries(Some(Timestamp::from_secs(NOON_S + 61)));
    let word = |says, then, count| {
        let row = Summary { judgement: Some(Judgement { says, then }), delivery_count: count, ..row(1) };
        judgement(&row, Timestamp::from_secs(NOON_S), 3600, 14).0
    };
    assert_eq!(word(Says::Accepted, Then::Done, 2), "accepted");
    assert_eq!(word(Says::Failed, at, 1), "again 15:03:01");
    assert_eq!(word(Says::Failed, at, 2), "came again");
    assert_eq!(word(Says::Failed, Then::Retries(None), 1), "comes again");
    assert_eq!(word(Says::Failed, Then::GivesUp, 1), "failed");
    assert_eq!(word(Says::TooLate, Then::Retries(None), 1), "too late");
    assert_eq!(word(Says::Redirect, Then::Unknown, 1), "redirect");
    assert_eq!(word(Says::Disables, Then::GivesUp, 2), "disables");
    assert_eq!(judgement(&row(1), Timestamp::from_secs(NOON_S), 0, 14).0, "");
    let row = Summary { judgement: Some(Judgement { says: Says::Failed, then: at }), ..row(1) };
    let shown = |after_s, columns| judgement(&row, Timestamp::from_secs(NOON_S + after_s), 3600, columns).0;
    assert_eq!(shown(0, 13), "again 15:03", "no half of the seconds");
    assert_eq!(
        (shown(61, 14), shown(62, 14), shown(62, 13)),
        ("again 15:03:01".into(), "was due 15:03".into(), "was due".into())
    );
}
