use proptest::prelude::*;

use super::*;

fn ledger(exchanges: &[(u64, u64)]) -> Ledger {
    Ledger::of(exchanges.iter().map(|(id, key)| (ExchangeId(*id), ExchangeId(*key))), None)
}

fn ids(ledger: &Ledger) -> Vec<u64> {
    (0..ledger.len()).map(|at| ledger.line(at).expect("a line").0.0).collect()
}

#[test]
fn deliveries_stand_where_they_came_first_and_open_in_place() {
    let mut book = ledger(&[(1, 1), (2, 2), (3, 1), (4, 4), (5, 2), (6, 1)]);
    assert_eq!(ids(&book), [1, 2, 4]);
    let first = Line::Delivery { tries: 3, is_open: false, newest: ExchangeId(6) };
    assert_eq!(book.line(0), Some((ExchangeId(1), first)));
    assert!(book.turn(0) && book.turn(3));
    assert_eq!(ids(&book), [1, 3, 6, 2, 5, 4]);
    assert_eq!(book.line(2), Some((ExchangeId(6), Line::Try { before: ExchangeId(3) })));
    assert_eq!(book.line(1), Some((ExchangeId(3), Line::Try { before: ExchangeId(1) })));
    assert!(!book.turn(5), "one try is no reason to open");
    // A new try of an open delivery stands below it; from any of its lines it closes.
    book.add(ExchangeId(7), ExchangeId(1));
    assert_eq!(ids(&book), [1, 3, 6, 7, 2, 5, 4]);
    assert!(book.turn(2));
    assert_eq!(ids(&book), [1, 2, 5, 4]);
    assert_eq!(book.place_of(ExchangeId(6), ExchangeId(1)), 0, "it is in its closed delivery");
    assert_eq!(book.place_of(ExchangeId(5), ExchangeId(2)), 2);
}

#[test]
fn a_delivery_whose_first_try_is_not_shown_is_one_all_the_same() {
    let mut book = ledger(&[(2, 1), (3, 3), (4, 1)]);
    assert_eq!(ids(&book), [2, 3]);
    assert_eq!(book.place_of(ExchangeId(4), ExchangeId(1)), 0);
    book.turn(0);
    assert_eq!(ids(&book), [2, 4, 3]);
    assert_eq!(book.place_of(ExchangeId(4), ExchangeId(1)), 1);
}

proptest! {
    /// Whatever comes and is opened: every line is found where it stands, and what grew is what would have been made anew.
    #[test]
    fn lines_and_places_agree(keys in prop::collection::vec(0usize..6, 0..40), turns in prop::collection::vec(0usize..40, 0..8)) {
        let mut firsts: HashMap<usize, u64> = HashMap::new();
        let mut exchanges = Vec::new();
        let mut grown = Ledger::default();
        for (id, key) in (1..).zip(keys) {
            let first = *firsts.entry(key).or_insert(id);
            // Some are filtered out.
            if id % 5 == 2 {
                continue;
            }
            exchanges.push((id, first));
            grown.add(ExchangeId(id), ExchangeId(first));
        }
        for at in turns {
            grown.turn(at);
        }
        let anew = Ledger::of(exchanges.iter().map(|(id, key)| (ExchangeId(*id), ExchangeId(*key))), Some(grown.clone()));
        prop_assert_eq!(&anew, &grown);
        for at in 0..grown.len() {
            let (id, _) = grown.line(at).expect("a line");
            let (_, key) = exchanges.iter().find(|(known, _)| *known == id.0).expect("known");
            prop_assert_eq!(grown.place_of(id, ExchangeId(*key)), at);
        }
        prop_assert_eq!(grown.line(grown.len()), None);
    }
}
