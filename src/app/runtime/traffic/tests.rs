use futures_util::FutureExt as _;

use super::*;
use crate::domain::exchange::ExchangeId;
use crate::tui::msg::{Level, Notice};
use crate::tui::testing::rows;

fn arrived(ids: impl IntoIterator<Item = u64>) -> Msg {
    Msg::Arrived { batch: rows(ids), missed: 1 }
}

fn changed(ids: impl IntoIterator<Item = u64>) -> Msg {
    Msg::Changed { batch: rows(ids) }
}

fn matched(version: u64, ids: impl IntoIterator<Item = u64>) -> Msg {
    Msg::FilterMatched { version, ids: ids.into_iter().map(ExchangeId).collect() }
}

fn said() -> Msg {
    Msg::Notice(Notice { level: Level::Info, text: "said".to_owned() })
}

#[test]
fn batches_of_a_frame_come_as_one_of_each_kind() {
    let traffic = Traffic::default();
    for at in [1, 11, 21] {
        traffic.push(arrived(at..at + 10));
        traffic.push(changed([at]));
        traffic.push(matched(1, [at]));
        traffic.push(Msg::Answered(vec![("default".to_owned(), 10)]));
    }
    let load = traffic.take();
    let whole = Msg::Arrived { batch: rows(1..31), missed: 3 };
    let answered = Msg::Answered(vec![("default".to_owned(), 30)]);
    assert_eq!(load.messages, [whole, changed([1, 11, 21]), matched(1, [1, 11, 21]), answered]);
    assert_eq!(load.rows, 36);
    assert!(traffic.take().messages.is_empty());
}

#[test]
fn a_change_never_comes_before_its_row_nor_round_another_message() {
    let traffic = Traffic::default();
    // Of a row told long ago.
    traffic.push(changed([1]));
    traffic.push(arrived([5]));
    traffic.push(changed([5]));
    traffic.push(said());
    traffic.push(changed([6]));
    traffic.push(arrived([7]));
    let seen = traffic.take().messages;
    assert_eq!(seen, [arrived([5]), changed([1, 5]), said(), arrived([7]), changed([6])]);
}

#[test]
fn who_brings_too_much_waits_until_it_is_taken_or_nobody_takes() {
    let traffic = Traffic::default();
    traffic.push(arrived(1..=ROWS_MAX as u64));
    let (other, closed) = (traffic.clone(), traffic.clone());
    let pushing = std::thread::spawn(move || other.push(arrived([1_000_000])));
    let mut taken = 0;
    while taken <= ROWS_MAX {
        taken += traffic.take().rows;
    }
    pushing.join().unwrap();
    traffic.push(arrived(1..=ROWS_MAX as u64));
    let pushing = std::thread::spawn(move || closed.push(arrived([1_000_000])));
    traffic.close();
    pushing.join().unwrap();
    assert_eq!(traffic.take().rows, ROWS_MAX);
}

#[test]
fn who_waits_for_what_the_user_asked_does_not_hear_of_rows() {
    let traffic = Traffic::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let is_ready = |for_any| traffic.ready(for_any).now_or_never();
        assert!(is_ready(true).is_none());
        traffic.push(arrived([1]));
        assert!(is_ready(true).is_some() && is_ready(false).is_none());
        traffic.push(Msg::Filtered { version: 1, ids: Vec::new() });
        assert!(is_ready(false).is_some());
        traffic.take();
        assert!(is_ready(false).is_none() && is_ready(true).is_none());
    });
}
