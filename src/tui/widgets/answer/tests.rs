use super::*;
use crate::domain::judgement::{Judgement, Then};
use crate::tui::testing::row;

fn brief(status: u16) -> AnswerBrief {
    AnswerBrief {
        status: Some(status),
        outcome: AnswerOutcome::Sent,
        answer_us: 900,
        by: ChosenBy::default(),
        step: None,
        would_refuse: None,
        wrong: None,
    }
}

/// The word and colour for a status that a provider judges so.
fn shown(status: u16, says: Option<Says>) -> (String, Ui) {
    let judgement = says.map(|says| Judgement { says, then: Then::Unknown });
    answer(&Summary { answer: Some(brief(status)), judgement, ..row(1) })
}

#[test]
fn what_a_provider_does_not_accept_is_not_green() {
    assert_eq!(shown(200, None).1, Ui::Good);
    assert_eq!(shown(200, Some(Says::Accepted)).1, Ui::Good);
    assert_eq!(shown(200, Some(Says::TooLate)).1, Ui::Warn);
    assert_eq!(shown(201, Some(Says::Failed)).1, Ui::Warn);
    assert_eq!(shown(302, Some(Says::Redirect)).1, Ui::Warn);
    assert_eq!(shown(410, Some(Says::Disables)).1, Ui::Bad);
    assert_eq!(shown(500, Some(Says::Failed)).1, Ui::Bad);
}

#[test]
fn a_guard_that_only_says_who_would_be_refused_has_a_mark_in_the_row() {
    let answered = Some(AnswerBrief { would_refuse: Some(403), ..brief(200) });
    assert_eq!(answer(&Summary { answer: answered, ..row(1) }), ("200 (403)".to_owned(), Ui::Warn));
}
