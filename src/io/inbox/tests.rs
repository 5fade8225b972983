use std::time::Instant;

use super::*;

const LONG: Duration = Duration::from_secs(20);

fn said(number: usize) -> Notice {
    Notice::Said(number.to_string())
}

#[test]
fn the_oldest_are_dropped_and_counted() {
    let inbox = Inbox::new(InboxLimits { count: 3, bytes: 1 << 20 });
    (0..5).for_each(|number| inbox.push(said(number)));
    assert_eq!(inbox.drain(), Batch { notices: vec![said(2), said(3), said(4)], missed: 2 });
    assert_eq!(inbox.drain(), Batch::default());
}

#[test]
fn bytes_are_bounded_and_the_newest_stays() {
    let inbox = Inbox::new(InboxLimits { count: 100, bytes: 450 });
    (0..5).for_each(|number| inbox.push(said(number)));
    assert_eq!(inbox.drain(), Batch { notices: vec![said(3), said(4)], missed: 3 });
}

#[test]
fn a_thread_that_waits_is_woken() {
    let inbox = Inbox::default();
    let consumer = {
        let inbox = inbox.clone();
        std::thread::spawn(move || {
            let begun = Instant::now();
            let mut seen = 0;
            while seen < 1000 && begun.elapsed() < LONG {
                seen += inbox.recv_batch(LONG, Duration::ZERO).notices.len();
            }
            (seen, begun.elapsed())
        })
    };
    (0..1000).for_each(|number| inbox.push(said(number)));
    let (seen, took) = consumer.join().unwrap();
    assert_eq!(seen, 1000);
    assert!(took < LONG);
}

#[test]
fn closing_wakes_and_lets_the_rest_be_drained() {
    let inbox = Inbox::default();
    let consumer = {
        let inbox = inbox.clone();
        std::thread::spawn(move || inbox.recv_batch(LONG, Duration::ZERO))
    };
    let begun = Instant::now();
    inbox.close();
    assert_eq!(consumer.join().unwrap(), Batch::default());
    assert!(begun.elapsed() < LONG);
    inbox.push(said(1));
    assert_eq!(inbox.recv_batch(LONG, LONG).notices, vec![said(1)]);
}

#[test]
fn a_task_that_waits_is_woken() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let inbox = Inbox::default();
    let sender = inbox.clone();
    runtime.block_on(async move {
        let waiting = tokio::spawn({
            let inbox = inbox.clone();
            async move { inbox.ready().await }
        });
        tokio::task::yield_now().await;
        std::thread::spawn(move || sender.push(said(1)));
        tokio::time::timeout(LONG, waiting).await.unwrap().unwrap();
        assert_eq!(inbox.drain().notices, vec![said(1)]);
    });
}
