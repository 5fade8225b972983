use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::domain::body::Body;
use crate::domain::testing;

fn request(id: u64, body_bytes: usize) -> Arc<Request> {
    Arc::new(Request { id: ExchangeId(id), body: Body::whole(vec![0; body_bytes]), ..testing::request() })
}

fn answer(id: u64) -> Arc<Answer> {
    Arc::new(Answer { ..testing::answer(ExchangeId(id)) })
}

#[test]
fn the_newest_stays_even_when_it_alone_is_too_large() {
    let mut ring = Ring::new(RingLimits { count: 10, bytes: 100 });
    ring.push(request(1, 10));
    ring.push(request(2, 5000));
    assert_eq!(ring.len(), 1);
    assert_eq!(ring.get(ExchangeId(2)).map(|request| request.body.bytes.len()), Some(5000));
    assert_eq!(ring.get(ExchangeId(1)), None);
}

#[test]
fn answers_are_found_by_id_and_leave_with_their_request() {
    let mut ring = Ring::new(RingLimits { count: 2, bytes: 1 << 20 });
    ring.push(request(5, 0));
    ring.push(request(7, 0));
    ring.answer(answer(5));
    ring.answer(answer(6));
    assert!(ring.get_answer(ExchangeId(5)).is_some());
    assert!(ring.get_answer(ExchangeId(6)).is_none());
    ring.push(request(8, 0));
    assert!(ring.get_answer(ExchangeId(5)).is_none());
}

proptest! {
    #[test]
    fn bounds_hold_whatever_comes(
        sizes in proptest::collection::vec(0usize..4000, 1..80), count in 1usize..20, bytes in 1usize..20_000,
    ) {
        let mut ring = Ring::new(RingLimits { count, bytes });
        for (index, size) in sizes.iter().enumerate() {
            let id = index as u64 + 1;
            ring.push(request(id, *size));
            ring.answer(answer(id));
            prop_assert!(ring.len() <= count);
            prop_assert!(ring.bytes() <= bytes || ring.len() == 1);
            prop_assert!(ring.get(ExchangeId(id)).is_some());
        }
        let kept: usize = (1..=sizes.len() as u64)
            .filter_map(|id| ring.get(ExchangeId(id)))
            .map(|request| request.kept_bytes() + 207)
            .sum();
        prop_assert_eq!(kept, ring.bytes());
    }
}

#[test]
fn a_body_that_answers_share_counts_once_and_one_of_its_own_by_itself() {
    const BODY_BYTES: usize = 10_000;
    let answering =
        |id, body: &Bytes| Arc::new(Answer { body: Body::whole(body.clone()), ..Answer::clone(&answer(id)) });
    let mut ring = Ring::new(RingLimits { count: 100, bytes: 5 * BODY_BYTES });
    let shared = Bytes::from(vec![1; BODY_BYTES]);
    for id in 1..=20 {
        ring.push(request(id, 0));
        ring.answer(answering(id, &shared));
    }
    assert_eq!(ring.len(), 20);
    assert!((BODY_BYTES..2 * BODY_BYTES + 10_000).contains(&ring.bytes()), "{}", ring.bytes());
    for id in 21..=60 {
        ring.push(request(id, 0));
        ring.answer(answering(id, &Bytes::from(vec![1; BODY_BYTES])));
        assert!(ring.bytes() <= 5 * BODY_BYTES, "{}", ring.bytes());
    }
    assert!((2..=4).contains(&ring.len()), "{}", ring.len());
    // All of it is given back.
    ring.push(request(61, 5 * BODY_BYTES));
    assert_eq!((ring.len(), ring.bytes()), (1, request(61, 5 * BODY_BYTES).kept_bytes()));
}
