use super::*;

/// Rows as providers send them.
fn usual() -> Need {
    let mut need = Need::default();
    (need.method, need.path_most, need.event, need.answer) = (4, 16, 24, 3);
    need
}

/// One path of many is long, the events are not.
fn one_long() -> Need {
    Need { path_most: 8, event: 16, ..usual() }
}

fn width_of(column: Column, columns: u16, need: Need) -> u16 {
    fit(columns, need, false, false).into_iter().find(|(known, _)| *known == column).map_or(0, |(_, width)| width)
}

/// Half of a screen of 140 columns: the events are whole, though one path of many could fill the list alone.
#[test]
fn one_long_path_does_not_cut_the_events() {
    let need = one_long();
    assert_eq!(width_of(Column::Event, 67, need), 16);
    let mut all_long = need;
    all_long.path_most = 120;
    assert!(width_of(Column::Path, 67, all_long) > width_of(Column::Path, 67, need));
}

#[test]
fn what_is_left_goes_to_the_path() {
    for columns in [30, 60, 78, 138] {
        assert_eq!(taken(&fit(columns, one_long(), false, false)), columns);
    }
    assert!(width_of(Column::Path, 138, one_long()) > 60);
}

/// What is dearest has its room first: why a signature fails, then the event, then the path.
#[test]
fn room_goes_to_the_cause_then_to_the_event_then_to_the_path() {
    let need = Need { cause: 18, path_most: 40, ..usual() };
    let at = |columns, column| width_of(column, columns, need);
    let is_whole = |column, whole: u16| (40..200).find(|columns| at(*columns, column) >= whole).unwrap_or(u16::MAX);
    let (cause, event, path) = (is_whole(Column::Verdict, 20), is_whole(Column::Event, 24), is_whole(Column::Path, 32));
    assert!(cause < event && event < path, "{cause} {event} {path}");
    // Beside the detail on 140 columns.
    assert!(cause <= 74, "{cause}");
    assert!(is_whole(Column::Size, 5) > event);
}

/// Beside the detail on 140 columns, with tries and what comes then: a cause that is cut still says more than "invalid".
#[test]
fn the_seconds_of_the_next_try_wait_for_the_cause() {
    let need = Need { tries: true, then: true, cause: 18, path_most: 40, ..usual() };
    let at = |column| width_of(column, 75, need);
    assert!(at(Column::Verdict) >= 14, "{}", at(Column::Verdict));
    assert_eq!(at(Column::Then), THEN_COLUMNS_MIN);
    assert_eq!(width_of(Column::Then, 120, need), THEN_COLUMNS);
}

/// Beside the detail on 140 columns: a mark, or a script's step, takes no cause away.
#[test]
fn a_mark_leaves_the_cause_its_room() {
    let need = Need {
        tries: true,
        then: true,
        cause: 19,
        path_most: 8,
        event: 24,
        method: 6,
        answer: 7,
        delivery: 0,
        marks: true,
    };
    let at = |column| width_of(column, 75, need);
    assert!(at(Column::Verdict) >= verdict::CAUSE_CUT_COLUMNS, "{}", at(Column::Verdict));
}

#[test]
fn nothing_is_wider_for_rows_that_need_less() {
    for columns in 20..160 {
        let (empty, some) = (Need::default(), usual());
        assert!(fit(columns, empty, false, false).iter().all(|(column, _)| *column != Column::Event));
        assert!(taken(&fit(columns, some, true, true)) <= columns, "{columns}");
    }
}

/// What the session has, and what rows on screen need, in all combinations that matter.
fn needs() -> Vec<Need> {
    let mut needs = Vec::new();
    for (cause, path_most, answer, method) in [(0, 5, 3, 3), (18, 60, 3, 4), (9, 20, 9, 7)] {
        let need = Need { cause, path_most, answer, method, ..usual() };
        needs.push(need);
        needs.push(Need { tries: true, ..need });
        needs.push(Need { tries: true, then: true, delivery: 28, ..need });
    }
    needs
}

/// Rows that arrive may bring columns, and take none away.
#[test]
fn a_column_that_is_shown_stays_at_its_size_whatever_comes() {
    for is_ledger in [false, true] {
        for columns in 20..200 {
            let all: Vec<Vec<Column>> = needs()
                .into_iter()
                .map(|need| fit(columns, need, false, is_ledger).into_iter().map(|(column, _)| column).collect())
                .collect();
            let most = all.iter().max_by_key(|shown| shown.len()).expect("columns");
            for shown in &all {
                assert!(shown.iter().all(|column| most.contains(column)), "{columns}: {shown:?} and {most:?}");
            }
        }
    }
}

#[test]
fn what_went_back_and_what_comes_of_it_stands_before_size_time_and_method() {
    for is_ledger in [false, true] {
        for columns in 20..200 {
            for need in needs().into_iter().filter(|need| need.then) {
                let fitted = fit(columns, need, false, is_ledger);
                let has = |wanted| fitted.iter().any(|(column, _)| *column == wanted);
                let is_rich = has(Column::Size) || has(Column::Took) || has(Column::Method);
                let words = |wanted, least| fitted.iter().any(|(column, width)| *column == wanted && *width >= least);
                let is_judged = words(Column::Then, 11) && words(Column::Verdict, 10);
                assert!(!is_rich || is_judged, "{columns}: {fitted:?}");
            }
        }
    }
}

#[test]
fn the_ledger_says_how_many_tries_what_comes_next_and_which_delivery_it_is() {
    let need = Need { tries: true, then: true, delivery: 28, ..usual() };
    let has =
        |columns, is_ledger, wanted| fit(columns, need, false, is_ledger).iter().any(|(column, _)| *column == wanted);
    assert!(has(34, true, Column::Tries));
    // Beside the detail on 140 columns, and on 80 columns.
    for (columns, wanted) in
        [74, 78].into_iter().flat_map(|c| [Column::Then, Column::Delivery, Column::Event].map(|w| (c, w)))
    {
        assert!(has(columns, true, wanted), "{columns} {wanted:?}");
    }
    assert!(has(78, false, Column::Then) && !has(78, false, Column::Delivery));
    assert!(!has(78, true, Column::Took));
}

#[test]
fn an_unanswered_handshake_says_so_in_every_size() {
    use std::sync::Arc;

    use crate::domain::reply::ChosenBy;
    use crate::domain::signature::{Cause, Outcome};
    use crate::tui::testing::{Stage, morning};
    use crate::tui::theme::Ui;
    let word = "! unanswered";
    for (columns, lines, told) in [(140, 40, word), (100, 30, word), (80, 24, word), (60, 24, word), (50, 24, "!  ")] {
        let mut rows = morning();
        for row in rows.iter_mut().rev().take(2).map(Arc::make_mut) {
            (row.target, row.event_type) = ("/webhooks/zoom".into(), Some("endpoint.url_validation".into()));
            row.verdict = Some((Outcome::Unknown, Some(Cause::NoSecret)));
            row.answer = row.answer.map(|answer| crate::domain::summary::AnswerBrief { by: ChosenBy::Unmet, ..answer });
            (row.refused, row.method) = (false, "POST".into());
        }
        let stage = Stage::showing(columns, lines, rows);
        let (buffer, text) = (stage.buffer(), stage.text());
        let of_zoom = |(_, line): &(usize, &str)| line.contains("/webhooks/zoo") && line.contains(" 14:0");
        let (at, line) = text.lines().enumerate().find(of_zoom).unwrap_or_else(|| panic!("{text}"));
        // Where there is no room for the word, the event says it first.
        let event = if columns > 50 { "handshake" } else { "unanswer" };
        assert!(line.contains(told) && line.contains(event), "{text}");
        let x = u16::try_from(line.chars().take_while(|c| *c != '!').count()).expect("a column");
        let warn = stage.model.theme.ui(Ui::Warn).fg;
        assert_eq!(buffer[(x, u16::try_from(at).expect("a line"))].style().fg, warn, "{text}");
    }
}
