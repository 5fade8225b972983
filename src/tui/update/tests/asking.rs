//! What is asked for: exchanges, documents, hits of a search.

use super::super::update;
use super::played;
use crate::domain::exchange::ExchangeId;
use crate::tui::msg::Msg;
use crate::tui::testing::playbook::play;
use crate::tui::testing::{Stage, rows};

#[test]
fn what_is_selected_is_asked_for_once_and_only_what_is_newest() {
    insta::assert_snapshot!(played("
        arrived 1 2
        loaded 2
        rendered
        key k
        loaded 2
        key 2
        key v
        key 3
        resize 100 40
        resize 140 40
        changed 2
        changed 1
    "), @r"
    arrived 1 2
        Load 2
        Render 2 Overview Pretty width 97 revision 0
    loaded 2
    rendered
    key k
        Load 1
        Render 1 Overview Pretty width 97 revision 0
    loaded 2
    key 2
        Render 1 Body Pretty width 97 revision 0
    key v
        Render 1 Body Raw width 97 revision 0
    key 3
        Render 1 Headers Pretty width 97 revision 0
    resize 100 40
    resize 140 40
        Render 1 Headers Pretty width 60 revision 0
    changed 2
    changed 1
        Render 1 Headers Pretty width 60 revision 1
    ");
}

#[test]
fn rows_that_rush_in_are_asked_for_a_few_times_a_tick_and_keys_at_once() {
    insta::assert_snapshot!(played("
        arrived 1
        arrived 2
        arrived 3
        arrived 4
        arrived 5
        arrived 6
        tick 200
        arrived 7
        key k
    "), @r"
    arrived 1
        Load 1
        Render 1 Overview Pretty width 97 revision 0
    arrived 2
        Load 2
        Render 2 Overview Pretty width 97 revision 0
    arrived 3
        Load 3
        Render 3 Overview Pretty width 97 revision 0
    arrived 4
        Load 4
        Render 4 Overview Pretty width 97 revision 0
    arrived 5
    arrived 6
    tick 200
        Load 6
        Render 6 Overview Pretty width 97 revision 0
    arrived 7
        Load 7
        Render 7 Overview Pretty width 97 revision 0
    key k
        Load 6
        Render 6 Overview Pretty width 97 revision 0
    ");
}

#[test]
fn in_a_narrow_screen_a_document_is_asked_for_when_it_is_opened() {
    insta::assert_snapshot!(played("
        resize 40 12
        arrived 1 2
        key k
        key Enter
        key Esc
        key ]
    "), @r"
    resize 40 12
    arrived 1 2
        Load 2
    key k
        Load 1
    key Enter
        Render 1 Overview Pretty width 37 revision 0
    key Esc
    key ]
        Render 1 Body Pretty width 37 revision 0
    ");
}

#[test]
fn a_search_is_asked_again_for_each_document() {
    insta::assert_snapshot!(played("
        arrived 1 2
        loaded 2
        rendered
        key / m o r e Enter
        found 3 20 39
        key n n
        key 3
        rendered
        key Esc
        key Esc
        key k
        rendered
        key n
    "), @r#"
    arrived 1 2
        Load 2
        Render 2 Overview Pretty width 97 revision 0
    loaded 2
    rendered
    key / m o r e Enter
        Search "more" in 2 Overview revision 0
    found 3 20 39
    key n n
    key 3
        Render 2 Headers Pretty width 97 revision 0
    rendered
        Search "more" in 2 Headers revision 0
    key Esc
    key Esc
    key k
        Load 1
        Render 1 Headers Pretty width 97 revision 0
    rendered
    key n
        Search "more" in 1 Headers revision 0
    "#);
}

#[test]
fn a_filter_is_asked_for_with_a_version_that_counts_up() {
    let mut stage = Stage::new(100, 30);
    let script = "
        arrived 1..6
        key k k f m a r k e d Enter
        filtered 1: 2 4 5
        matched 1: 6
        key Esc
        filtered 1: 1
    ";
    insta::assert_snapshot!(play(&mut stage.model, script), @r"
    arrived 1..6
        Load 6
        Render 6 Overview Pretty width 97 revision 0
    key k k f m a r k e d Enter
        Load 5
        Render 5 Overview Pretty width 97 revision 0
        Load 4
        Render 4 Overview Pretty width 97 revision 0
        Filter { version: 1, filter: Some(Filter { root: Term(Is(Marked)) }) }
    filtered 1: 2 4 5
    matched 1: 6
    key Esc
        Filter { version: 2, filter: None }
    filtered 1: 1
    ");
    assert_eq!(stage.model.list.selected(), Some(ExchangeId(4)));
    assert_eq!(stage.model.filter_history, ["marked"]);
}

#[test]
fn an_unreadable_exchange_is_said_and_a_stale_answer_is_dropped() {
    let mut model = Stage::new(100, 30).model;
    play(&mut model, "arrived 1 2\nunreadable 1\nunreadable 2");
    assert_eq!(model.detail.error.as_deref(), Some("the file is gone"));
    play(&mut model, "key k\nunreadable 2\nloaded 1");
    assert_eq!((model.detail.error.as_deref(), model.detail.exchange.is_some()), (None, true));
    assert!(update(&mut model, Msg::Paste("qqq".to_owned())).is_empty(), "pasted text is not run as keys");
}

#[test]
fn a_document_that_tells_ages_is_made_again_in_its_place_and_a_body_is_not() {
    let mut stage = Stage::showing(140, 40, rows(1..=3)).real();
    stage.keys("j Enter 1");
    let key = stage.model.detail.growing_old().cloned().expect("the overview tells when it came");
    let document = std::sync::Arc::clone(stage.model.detail.document().expect("shown"));
    stage.send(Msg::Rendered { key: key.clone(), document });
    assert_eq!(stage.model.detail.growing_old(), Some(&key), "the same place");
    stage.keys("2");
    assert_eq!(stage.model.detail.growing_old(), None, "a body does not grow old");
}
