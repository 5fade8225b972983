use super::*;
use crate::tui::testing::{Stage, morning};

fn at(columns: u16, open: Tab) -> Vec<Place> {
    let mut stage = Stage::showing(140, 40, morning());
    stage.model.detail.tab = open;
    places(&stage.model, Rect::new(0, 0, columns, 1))
}

fn line(columns: u16, open: Tab) -> String {
    let parts = at(columns, open);
    parts.iter().map(|place| format!("{} {}", place.number, place.words.trim_end())).collect::<Vec<_>>().join("|")
}

#[test]
fn names_are_as_long_as_there_is_room() {
    assert_eq!(line(100, Tab::Body), "1 Overview|2 Body|3 Headers|4 Signature ?|5 Answer|6 Attempts 2|7 Raw");
    assert_eq!(line(71, Tab::Body), "1 Overview|2 Body|3 Headers|4 Sig ?|5 Answer|6 Attempts 2|7 Raw");
    assert_eq!(line(60, Tab::Body), "1 Overview|2 Body|3 Headers|4 Sig ?|5 Answer|6 Atts 2|7 Raw");
    assert_eq!(line(58, Tab::Body), "1 Overview|2 Body|3 Head|4 Sig ?|5 Answer|6 Atts 2|7 Raw");
    assert_eq!(line(40, Tab::Body), "1 Over|2 Body|3 Head|4 Sig ?|5 Ans|6 |7 ");
    assert_eq!(line(40, Tab::Headers), "1 |2 Body|3 Headers|4 Sig ?|5 Ans|6 |7 ");
}

#[test]
fn the_open_tab_is_named_at_any_width_and_nothing_stands_outside() {
    for columns in 10..=120 {
        for open in Tab::ALL {
            let parts = at(columns, open);
            let named = parts.iter().find(|place| place.tab == open).expect("it is there");
            assert!(!named.words.is_empty(), "{columns} {open:?}");
            assert!(parts.iter().all(|place| place.area.right() <= columns), "{columns} {open:?}");
        }
    }
}

#[test]
fn tabs_stay_where_they_are_whichever_is_open() {
    for columns in 60..=120 {
        let areas = |open| at(columns, open).into_iter().map(|place| place.area).collect::<Vec<_>>();
        assert!(Tab::ALL.into_iter().all(|open| areas(open) == areas(Tab::Raw)), "{columns}");
    }
}
