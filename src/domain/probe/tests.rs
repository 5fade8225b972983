use super::*;

fn probed(id: u64, status: Result<u16, &str>, body: &str, total_us: u64) -> Probed {
    Probed {
        id: ExchangeId(id),
        number: 1,
        came: Came {
            status: status.map_err(str::to_owned),
            body_bytes: body.len() as u64,
            body_digest: body.to_owned(),
            total_us,
        },
    }
}

#[test]
fn a_plan_has_each_as_often_as_it_was_wished() {
    let ids = [ExchangeId(1), ExchangeId(2), ExchangeId(3)];
    assert_eq!(plan(Order::InTurn, 3, ids[0], &ids, 1), [ids[0]; 3]);
    assert_eq!(plan(Order::AtOnce, 99, ids[0], &ids, 1).len(), TIMES_MAX as usize);
    let shuffled = plan(Order::Shuffled, 4, ids[0], &ids, 7);
    let count = |id| shuffled.iter().filter(|sent| **sent == id).count();
    assert_eq!((count(ids[0]), count(ids[1]), count(ids[2])), (4, 1, 1));
    assert_eq!(shuffled, plan(Order::Shuffled, 4, ids[0], &ids, 7));
    assert!((0..20).any(|seed| plan(Order::Shuffled, 4, ids[0], &ids, seed) != shuffled));
}

#[test]
fn answers_are_compared_by_status_body_and_whether_they_came() {
    let words = |all: &[Probed]| compare(ExchangeId(1), None, all).map(|found| (found.is_same, found.words));
    let (one, other) = (probed(1, Ok(200), "a", 1_000), probed(1, Ok(200), "a", 3_000));
    assert_eq!(words(std::slice::from_ref(&one)), None);
    let same = words(&[one.clone(), other.clone(), probed(2, Ok(500), "x", 9)]).unwrap();
    assert!(same.0 && same.1.starts_with("The answers are the same: 200 x2, the same body, 1"), "{same:?}");
    let differ = words(&[one.clone(), probed(1, Ok(409), "b", 5), other]).unwrap();
    assert!(!differ.0 && differ.1.starts_with("The answers differ: 200 x2, 409 x1, 2 different bodies"), "{differ:?}");
    let none = words(&[one, probed(1, Err("refused"), "", 5)]).unwrap();
    assert!(!none.0 && none.1.contains("200 x1, no answer x1, the same body"), "{none:?}");
}

#[test]
fn answers_are_held_to_the_recorded_one_of_the_app_and_to_none_of_ours() {
    let recorded = |whose, status, body| Recorded { whose, came: probed(1, status, body, 9).came };
    let twice = |status, body| vec![probed(1, status, body, 1_000), probed(1, status, body, 2_000)];
    let found = |recorded: &Recorded, all: &[Probed]| {
        compare(ExchangeId(1), Some(recorded), all).map(|found| (found.is_same, found.words)).unwrap()
    };
    let created = recorded(Whose::App, Ok(201), "a");
    let (same, words) = found(&created, &twice(Ok(201), "a"));
    assert!(same && words.ends_with("; the recorded one too"), "{words}");
    let (same, words) = found(&created, &twice(Ok(409), "b"));
    assert!(!same && words.starts_with("The answers are the same: 409 x2"), "{words}");
    assert!(words.ends_with("; the recorded one was 201 with another body"), "{words}");
    let (same, words) = found(&created, &twice(Ok(200), "a"));
    assert!(!same && words.ends_with("; the recorded one was 201"), "{words}");
    let mixed = [probed(1, Ok(201), "a", 5), probed(1, Ok(409), "b", 5), probed(1, Err("refused"), "", 5)];
    let (same, words) = found(&created, &mixed);
    assert!(!same && words.ends_with("; the recorded one was 201: 1 of 3 are like it"), "{words}");
    let (same, words) = found(&recorded(Whose::Ours, Ok(200), ""), &twice(Ok(409), "b"));
    assert!(same && !words.contains("recorded"), "{words}");
}
