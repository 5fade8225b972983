use crate::domain::exchange::ExchangeId;
use crate::tui::effect::Effect;
use crate::tui::model::{Focus, Model};
use crate::tui::msg::{Level, Msg};
use crate::tui::testing::playbook::play;
use crate::tui::testing::{Stage, rows};

mod acting;
mod asking;
mod property;

fn played(script: &str) -> String {
    let mut stage = Stage::new(100, 30);
    play(&mut stage.model, script)
}

#[test]
fn the_mouse_selects_opens_scrolls_and_drags() {
    insta::assert_snapshot!(played("
        arrived 1..40
        click 10 4
        click 20 14
        wheel 10 5 up
        click 10 3
        click 30 13
        drag 30 20
        up
        drag 30 5
        resize 140 30
        click 76 10
        drag 60 10
        up
    "), @r"
    arrived 1..40
        Load 40
        Render 40 Overview Pretty width 97 revision 0
    click 10 4
        Load 32
        Render 32 Overview Pretty width 97 revision 0
    click 20 14
        Render 32 Headers Pretty width 97 revision 0
    wheel 10 5 up
    click 10 3
        Load 28
        Render 28 Headers Pretty width 97 revision 0
    click 30 13
    drag 30 20
    up
    drag 30 5
    resize 140 30
        Render 28 Headers Pretty width 60 revision 0
    click 76 10
    drag 60 10
        Render 28 Headers Pretty width 76 revision 0
    up
    ");
}

#[test]
fn follow_stops_when_one_moves_reads_or_acts_and_goes_on_with_its_key() {
    for keys in ["k", "g", "Enter", "Tab", "y", "e", "s", "r"] {
        let mut stage = Stage::showing(100, 30, rows(1..=5));
        stage.keys(keys);
        let selected = stage.model.list.selected();
        stage.send(Msg::Arrived { batch: rows([6]), missed: 0 });
        assert_eq!(stage.model.list.selected(), selected, "{keys}");
        stage.model.overlays.clear();
        stage.keys("Esc F");
        stage.send(Msg::Arrived { batch: rows([7]), missed: 0 });
        assert_eq!(stage.model.list.selected(), Some(ExchangeId(7)), "{keys}");
    }
}

#[test]
fn a_row_that_arrives_below_an_open_overlay_changes_nothing_that_it_is_about() {
    let mut stage = Stage::showing(100, 30, rows(1..=5));
    stage.keys("?");
    stage.send(Msg::Arrived { batch: rows([6]), missed: 2 });
    assert_eq!(stage.model.list.selected(), Some(ExchangeId(5)));
    stage.keys("Esc");
    assert_eq!(stage.model.list.selected(), Some(ExchangeId(6)));
    assert_eq!(stage.model.missed, 2);
}

#[test]
fn back_takes_one_step_at_a_time() {
    let mut stage = Stage::showing(100, 30, rows(1..=9));
    stage.keys("f 'marked' Enter M M Enter / 'more' Enter z");
    let mut steps = Vec::new();
    for _ in 0..5 {
        let Model { zoom, focus, ref detail, ref list, .. } = stage.model;
        steps.push((zoom, detail.search.is_some(), focus, list.filter().is_some()));
        stage.keys("Esc");
    }
    assert_eq!(
        steps,
        [
            (true, true, Focus::Detail, true),
            (false, true, Focus::Detail, true),
            (false, false, Focus::Detail, true),
            (false, false, Focus::List, true),
            (false, false, Focus::List, false),
        ]
    );
}

#[test]
fn scroll_is_kept_for_each_tab_and_begins_anew_with_another_request() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    stage.keys("Enter j j 2 G 1");
    assert_eq!(stage.model.detail.scroll(), 2);
    stage.keys("2");
    let end = stage.model.detail.scroll();
    assert_eq!(end + stage_rows(&stage), stage.model.detail.lines_len());
    stage.keys("Esc k");
    assert_eq!(stage.model.detail.scroll(), 0);
}

fn stage_rows(stage: &Stage) -> usize {
    crate::tui::layout::layout(&stage.model).text_rows()
}

#[test]
fn the_next_hit_is_gone_to_and_the_ends_are_joined() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    stage.keys("/ 'more' Enter");
    let search = |stage: &Stage| stage.model.detail.search.as_ref().map(|search| search.current);
    let count = stage.model.detail.search.as_ref().and_then(|search| search.hits.as_ref()).map_or(0, Vec::len);
    assert_eq!((search(&stage), count), (Some(0), 32));
    stage.keys("N");
    assert_eq!(search(&stage), Some(31));
    assert!(stage.model.detail.scroll() > 0, "the hit is scrolled to");
    assert_eq!(stage.model.notices.current().map(|notice| notice.level), Some(Level::Info));
    stage.keys("n");
    let hit =
        stage.model.detail.search.as_ref().and_then(|search| search.hits.as_ref()?.first().copied()).expect("a hit");
    let top = stage.model.detail.scroll();
    assert!(search(&stage) == Some(0) && (top..top + stage_rows(&stage)).contains(&hit.line), "{top}");
}

#[test]
fn a_resize_keeps_the_text_that_is_read() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    stage.keys("Enter j j j j j j j j j j j");
    let first = |stage: &Stage| {
        let document = stage.model.detail.document().expect("a document");
        document.lines[stage.model.detail.scroll()].text().to_owned()
    };
    let read = first(&stage);
    assert!(read.ends_with("more text"), "{read}");
    stage.send(Msg::Resize { width: 44, height: 14 });
    assert_eq!(first(&stage), read);
}

#[test]
fn following_again_ends_the_pause_and_a_search_leaves_the_keys_with_the_list() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    stage.keys("p F");
    assert!(!stage.model.list.is_paused() && stage.model.list.follow);
    stage.keys("/ 'zzzz' Enter");
    assert!(stage.text().contains("/zzzz not found in Overview of #3"), "{}", stage.text());
    stage.keys("Esc q");
    assert_eq!(stage.wishes.last(), Some(&Effect::Quit));
}
