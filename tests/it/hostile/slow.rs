//! Senders that take their time.

use std::io::Write;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::AnswerOutcome;
use hooksight::domain::reply::Reply;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{house_with, replying, until};

#[test]
fn a_sender_that_does_not_read_its_answer_is_let_go_and_its_row_says_so() {
    let limits = ListenerLimits { write_timeout: Duration::from_millis(300), ..ListenerLimits::default() };
    // More than the system's buffers take.
    let reply = Reply { body: vec![b'x'; 32 * 1024 * 1024].into(), ..Reply::default() };
    let house = house_with(limits, replying(reply), StoreLimits::default());
    let mut stream = house.connect();
    let begun = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    house.request(1);
    let answer = house.answer(1);
    assert_eq!((answer.outcome, answer.status), (AnswerOutcome::Unread, Some(200)));
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
    let listener = house.listener.as_ref().unwrap();
    until("the connection is closed", || (listener.connections() == 0).then_some(()));
}
