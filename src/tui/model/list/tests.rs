use super::*;
use crate::tui::testing::{row, rows};

fn ids(list: &List) -> Vec<u64> {
    (0..list.len()).filter_map(|at| list.id_at(at)).map(|id| id.0).collect()
}

fn listed(ids: impl IntoIterator<Item = u64>) -> List {
    let mut list = List::new(false);
    list.add(rows(ids));
    list
}

fn filtered(list: &mut List, ids: &[u64]) -> u64 {
    let version = list.set_filter(Some(("status:5xx".to_owned(), Filter::parse("status:500").expect("filter"))));
    list.filtered(version, ids.iter().copied().map(ExchangeId).collect(), false);
    version
}

#[test]
fn rows_stand_in_order_of_id_however_they_come() {
    let mut list = listed([5, 6, 9]);
    list.add(rows([7, 3, 12]));
    assert_eq!(ids(&list), [3, 5, 6, 7, 9, 12]);
    let mut newer = row(7);
    newer.attempts = 2;
    list.add(vec![Arc::new(newer)]);
    assert_eq!(ids(&list), [3, 5, 6, 7, 9, 12]);
    assert_eq!(list.row(ExchangeId(7)).map(|row| row.attempts), Some(2));
    assert_eq!(list.row(ExchangeId(8)), None);
}

#[test]
fn the_selection_stays_on_its_id_when_rows_arrive_around_it() {
    let mut list = listed([10, 11, 12]);
    list.select(ExchangeId(11));
    list.add(rows([13, 14]));
    list.add(rows([1, 2, 3]));
    assert_eq!(list.selected(), Some(ExchangeId(11)));
    assert_eq!(list.selected_index(), Some(4));
}

#[test]
fn the_row_drawn_first_stays_when_rows_arrive_above_it() {
    let mut list = listed(10..40);
    list.scroll_by(5, 10);
    assert_eq!(list.visible(1).next().map(|row| row.id.0), Some(15));
    list.add(rows([1, 2, 3]));
    assert_eq!(list.visible(1).next().map(|row| row.id.0), Some(15));
}

#[test]
fn follow_selects_what_arrives_and_a_held_list_waits() {
    let mut list = List::new(true);
    list.add(rows([1, 2]));
    assert_eq!(list.selected(), Some(ExchangeId(2)));
    list.set_held(true);
    list.add(rows([3]));
    assert_eq!(list.selected(), Some(ExchangeId(2)));
    list.set_held(false);
    assert_eq!(list.selected(), Some(ExchangeId(3)));
    list.set_follow(false);
    list.add(rows([4]));
    assert_eq!(list.selected(), Some(ExchangeId(3)));
}

#[test]
fn a_paused_list_stands_still_and_counts_what_waits() {
    let mut list = listed([1, 2]);
    list.set_follow(true);
    list.set_paused(true);
    list.add(rows([3, 4, 5]));
    assert_eq!((ids(&list), list.pending()), (vec![1, 2], Some(3)));
    assert_eq!(list.selected(), Some(ExchangeId(2)));
    list.set_paused(false);
    assert_eq!((ids(&list), list.pending()), (vec![1, 2, 3, 4, 5], None));
    assert_eq!(list.selected(), Some(ExchangeId(5)));
}

#[test]
fn a_filter_moves_the_selection_only_when_its_row_goes() {
    let mut list = listed(1..=9);
    list.select(ExchangeId(4));
    let version = filtered(&mut list, &[2, 4, 8]);
    assert_eq!((ids(&list), list.selected()), (vec![2, 4, 8], Some(ExchangeId(4))));
    list.filtered(version - 1, vec![ExchangeId(1)], true);
    assert_eq!(ids(&list), [2, 4, 8], "an answer for an older filter is dropped");
    list.filtered(version, vec![ExchangeId(6), ExchangeId(5)], true);
    assert_eq!(ids(&list), [2, 4, 5, 6, 8], "late matches find their place");
    list.select(ExchangeId(5));
    filtered(&mut list, &[2, 8]);
    assert_eq!(list.selected(), Some(ExchangeId(8)));
    filtered(&mut list, &[]);
    assert_eq!(list.selected(), None);
    list.set_filter(None);
    assert_eq!((list.len(), list.selected()), (9, Some(ExchangeId(1))));
}

#[test]
fn only_marked_rows_are_those_marked_now_and_let_through_by_the_filter() {
    let mut list = listed(1..=6);
    for id in [2, 3, 5] {
        assert_eq!(list.toggle_mark(ExchangeId(id)), Some(true));
    }
    list.set_only_marked(true);
    assert_eq!(ids(&list), [2, 3, 5]);
    list.toggle_mark(ExchangeId(3));
    assert_eq!(ids(&list), [2, 5]);
    filtered(&mut list, &[1, 5, 6]);
    assert_eq!(ids(&list), [5]);
    list.set_only_marked(false);
    assert_eq!(ids(&list), [1, 5, 6]);
    assert_eq!(list.toggle_mark(ExchangeId(99)), None);
}

#[test]
fn the_selected_row_is_scrolled_to_and_no_room_is_left_at_the_end() {
    let mut list = listed(0..100);
    list.select_index(50);
    list.show_selected(10);
    assert_eq!(list.top(), 41);
    list.move_by(-20);
    list.show_selected(10);
    assert_eq!(list.top(), 30);
    list.move_by(isize::MAX);
    list.show_selected(10);
    assert_eq!((list.top(), list.selected()), (90, Some(ExchangeId(99))));
    list.clamp_top(60);
    assert_eq!(list.top(), 40);
    list.show_selected(0);
    list.move_by(isize::MIN);
    assert_eq!(list.selected(), Some(ExchangeId(0)));
}

fn shown(list: &List) -> Vec<u64> {
    ids(list)
}

#[test]
fn the_ledger_follows_filter_pause_marks_and_what_arrives() {
    use crate::tui::testing::deliveries;
    let all = deliveries();
    let mut list = List::new(false);
    list.add(all[..6].to_vec());
    list.select(ExchangeId(3));
    list.set_ledger(true);
    assert_eq!(shown(&list), [1, 2, 4, 5]);
    assert_eq!(list.selected_line(), Some(ExchangeId(1)), "a try that has no line gives way to its delivery");
    assert!(list.turn_delivery());
    list.add(all[6..8].to_vec());
    assert_eq!(shown(&list), [1, 3, 6, 2, 4, 5, 7], "8 is a try of 5");
    assert_eq!((list.rows_len(), list.deliveries_len()), (8, Some(5)));
    // Paused: nothing moves; then all is there.
    list.set_paused(true);
    list.add(all[8..].to_vec());
    assert_eq!((shown(&list).len(), list.pending()), (7, Some(1)));
    list.set_paused(false);
    assert_eq!(shown(&list), [1, 3, 6, 2, 4, 5, 7, 9]);
    // A filter that lets the first try out: the next one stands for the delivery.
    let version = filtered(&mut list, &[3, 5, 6]);
    assert_eq!(shown(&list), [3, 5]);
    list.filtered(version, vec![ExchangeId(8)], true);
    assert_eq!(shown(&list), [3, 5]);
    assert_eq!(list.ledger_line(1), Some(Line::Delivery { tries: 2, is_open: false, newest: ExchangeId(8) }));
    list.set_filter(None);
    list.toggle_mark(ExchangeId(6));
    list.set_only_marked(true);
    assert_eq!(shown(&list), [6]);
    list.set_only_marked(false);
    list.set_ledger(false);
    assert_eq!(shown(&list), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn the_tries_of_a_row_are_the_first_and_the_newest() {
    let mut list = List::new(false);
    list.add(crate::tui::testing::deliveries());
    let tries = |id: u64, most| {
        let row = list.row(ExchangeId(id)).expect("a row");
        list.tries(row, most).iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!(tries(3, 64), [1, 3, 6]);
    assert_eq!(tries(1, 2), [1, 6]);
    assert_eq!(tries(2, 64), [0; 0], "it came once");
}

#[test]
fn a_closed_delivery_stands_for_its_newest_try_and_one_that_is_read_stays() {
    let mut all = crate::tui::testing::deliveries();
    let last = all.split_off(5);
    let mut list = List::new(false);
    list.add(all);
    list.set_ledger(true);
    list.select_index(0);
    // 1 and 3 are its tries: the line shows what came of 3.
    assert_eq!((list.selected_line(), list.selected()), (Some(ExchangeId(1)), Some(ExchangeId(3))));
    list.set_read(true);
    list.add(last);
    assert_eq!(list.selected(), Some(ExchangeId(3)), "6 came while 3 was read");
    list.set_read(false);
    assert_eq!(list.selected(), Some(ExchangeId(6)));
    // In lines of their own each stands for itself.
    assert!(list.turn_delivery());
    assert_eq!(list.selected(), Some(ExchangeId(1)));
    assert!(list.turn_delivery());
    list.select(ExchangeId(3));
    assert_eq!((list.selected_line(), list.selected()), (Some(ExchangeId(1)), Some(ExchangeId(3))));
    list.select_index(1);
    assert_eq!(list.selected(), Some(ExchangeId(2)));
}
