use super::*;
use crate::tui::testing::row;

fn of(targets: &[&str]) -> Need {
    let rows: Vec<Summary> = targets.iter().map(|target| Summary { target: (*target).into(), ..row(1) }).collect();
    let mut need = Need::default();
    need.take(rows.iter().map(|row| Drawn { row, newest: row, below: None }));
    need
}

#[test]
fn one_long_path_is_not_most_of_them() {
    let mut targets = vec!["/stripe"; 40];
    targets.push("/a/path/that/is/far/longer/than/all/of/the/others");
    let need = of(&targets);
    assert_eq!(need.path_most, 7);
}

#[test]
fn of_one_path_most_is_the_longest() {
    let need = of(&["/a/b/c"]);
    assert_eq!(need.path_most, 6);
}

#[test]
fn what_was_needed_once_stays_and_nothing_needs_nothing() {
    let mut need = of(&["/a/long/one"]);
    let before = need;
    need.take(std::iter::empty());
    assert_eq!(need, before);
}
