use std::sync::Arc;

use super::*;
use crate::domain::exchange::{AttemptKind, ExchangeId};
use crate::domain::forward::{Route, Target};

fn jobs(urls: &[&str]) -> Vec<Job> {
    let job = |(at, url): (usize, &&str)| {
        let route = Arc::new(Route::to(Target::parse(url).expect("a target")));
        let to = Arc::clone(&route.first);
        Job { exchange: ExchangeId(at as u64 + 1), route, to, kind: AttemptKind::Forward }
    };
    urls.iter().enumerate().map(job).collect()
}

fn ids(jobs: &[Job]) -> Vec<u64> {
    jobs.iter().map(|job| job.exchange.0).collect()
}

const DEAD: &str = "http://127.0.0.1:1";
const LIVE: &str = "http://127.0.0.1:2";

#[test]
fn an_app_that_is_down_keeps_no_other_ones_from_going() {
    let mut order = InOrder::new(jobs(&[DEAD, LIVE, LIVE, DEAD, LIVE]));
    assert_eq!(ids(&order.next()), [1, 2]);
    assert!(order.next().is_empty());
    order.came(DEAD, Came::Nothing);
    assert!(order.next().is_empty() && !order.is_over());
    for next in [vec![3], vec![5], vec![]] {
        order.came(LIVE, Came::Answer(200));
        assert_eq!(ids(&order.next()), next);
    }
    assert!(order.is_over());
    assert_eq!(
        order.words(),
        "3 of 3 forwarded to http://127.0.0.1:2; http://127.0.0.1:1 does not answer: 0 of 2 forwarded, the others still wait for you"
    );
    assert_eq!(order.course(), Course { done: 3, of: 3 });
}

#[test]
fn one_app_is_named_only_when_it_does_not_answer() {
    let mut order = InOrder::new(jobs(&[LIVE, LIVE]));
    for status in [200, 500] {
        assert_eq!(order.next().len(), 1);
        order.came(LIVE, Came::Answer(status));
    }
    assert!(order.is_over());
    assert_eq!(order.words(), "2 requests forwarded in order, 1 of them answered with a failure");
    let mut order = InOrder::new(jobs(&[DEAD, DEAD]));
    order.next();
    order.came(DEAD, Came::Nothing);
    assert!(order.is_over());
    assert_eq!(order.words(), "http://127.0.0.1:1 does not answer: 0 of 2 forwarded, the others still wait for you");
}

#[test]
fn late_answers_of_one_app_end_its_own_course() {
    let mut order = InOrder::new(jobs(&[LIVE; 5]));
    for came in [Came::Late, Came::Late, Came::Answer(200), Came::Late] {
        assert_eq!(order.next().len(), 1);
        order.came(LIVE, came);
    }
    assert!(!order.is_over());
    let mut order = InOrder::new(jobs(&[LIVE; 5]));
    for _ in 0..3 {
        assert_eq!(order.next().len(), 1);
        order.came(LIVE, Came::Late);
    }
    assert!(order.is_over() && order.words().contains("answered none of the last 3 in time"), "{}", order.words());
}
