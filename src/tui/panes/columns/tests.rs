use super::*;

/// One path of many is long, the events are not.
fn one_long() -> Need {
    let mut need = Need::default();
    (need.method, need.path, need.path_most, need.event, need.answer) = (4, 120, 8, 16, 3);
    need
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
    let need = one_long();
    let fitted = fit(138, need, false, false);
    assert_eq!(taken(&fitted), 138);
    assert!(width_of(Column::Path, 138, need) > 60);
}
