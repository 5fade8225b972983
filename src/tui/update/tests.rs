use std::path::PathBuf;

use super::update;
use crate::domain::detail::Tab;
use crate::domain::exchange::ExchangeId;
use crate::tui::effect::{CopyWhat, Effect};
use crate::tui::model::{Focus, Model, Options};
use crate::tui::msg::{CopiedTo, Identity, Level, Msg, RecordingState};
use crate::tui::testing::playbook::play;
use crate::tui::testing::{Stage, rows};

mod property;

fn played(script: &str) -> String {
    let mut stage = Stage::new(100, 30);
    play(&mut stage.model, script)
}

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
        Render 2 Overview Pretty width 98 revision 0
    loaded 2
    rendered
    key k
        Load 1
        Render 1 Overview Pretty width 98 revision 0
    loaded 2
    key 2
        Render 1 Body Pretty width 98 revision 0
    key v
        Render 1 Body Raw width 98 revision 0
    key 3
        Render 1 Headers Pretty width 98 revision 0
    resize 100 40
    resize 140 40
        Render 1 Headers Pretty width 61 revision 0
    changed 2
    changed 1
        Render 1 Headers Pretty width 61 revision 1
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
        Render 1 Overview Pretty width 98 revision 0
    arrived 2
        Load 2
        Render 2 Overview Pretty width 98 revision 0
    arrived 3
        Load 3
        Render 3 Overview Pretty width 98 revision 0
    arrived 4
        Load 4
        Render 4 Overview Pretty width 98 revision 0
    arrived 5
    arrived 6
    tick 200
        Load 6
        Render 6 Overview Pretty width 98 revision 0
    arrived 7
        Load 7
        Render 7 Overview Pretty width 98 revision 0
    key k
        Load 6
        Render 6 Overview Pretty width 98 revision 0
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
        Render 1 Overview Pretty width 38 revision 0
    key Esc
    key ]
        Render 1 Body Pretty width 38 revision 0
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
        Render 2 Overview Pretty width 98 revision 0
    loaded 2
    rendered
    key / m o r e Enter
        Search "more" in 2 Overview revision 0
    found 3 20 39
    key n n
    key 3
        Render 2 Headers Pretty width 98 revision 0
    rendered
        Search "more" in 2 Headers revision 0
    key Esc
    key Esc
    key k
        Load 1
        Render 1 Headers Pretty width 98 revision 0
    rendered
    key n
        Search "more" in 1 Headers revision 0
    "#);
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
        Render 40 Overview Pretty width 98 revision 0
    click 10 4
        Load 32
        Render 32 Overview Pretty width 98 revision 0
    click 20 14
        Render 32 Headers Pretty width 98 revision 0
    wheel 10 5 up
    click 10 3
        Load 28
        Render 28 Headers Pretty width 98 revision 0
    click 30 13
    drag 30 20
    up
    drag 30 5
    resize 140 30
        Render 28 Headers Pretty width 61 revision 0
    click 76 10
    drag 60 10
        Render 28 Headers Pretty width 77 revision 0
    up
    ");
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
        Render 6 Overview Pretty width 98 revision 0
    key k k f m a r k e d Enter
        Load 5
        Render 5 Overview Pretty width 98 revision 0
        Load 4
        Render 4 Overview Pretty width 98 revision 0
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
fn marks_leaving_and_the_like_are_wishes() {
    insta::assert_snapshot!(played("
        key y
        arrived 1 2
        key m m
        key E
        key ^l ^z
        key Enter q
        key q
        key ^c
    "), @r#"
    key y
        CopyText { what: "curl command", text: b"curl -d hello=world http://127.0.0.1:7070/webhook" }
    arrived 1 2
        Load 2
        Render 2 Overview Pretty width 98 revision 0
    key m m
        SetMark { id: ExchangeId(2), marked: true }
        SetMark { id: ExchangeId(2), marked: false }
    key E
        OpenEditor { id: ExchangeId(2), text: None }
    key ^l ^z
        Redraw
        Suspend
    key Enter q
    key q
        Quit
    key ^c
        Quit
    "#);
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
fn outcomes_are_said_and_forgotten_after_some_seconds() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    let id = ExchangeId(3);
    let method = CopiedTo::Method("tmux buffer".to_owned());
    let file = CopiedTo::File(PathBuf::from("/tmp/x.sh"));
    let said = [
        Msg::SecretSet { provider: "github".to_owned(), result: Ok((3, 4)) },
        Msg::SecretSet { provider: "github".to_owned(), result: Ok((0, 4)) },
        Msg::SecretSet { provider: "stripe".to_owned(), result: Err("no base64".to_owned()) },
        Msg::AttemptBegun { id, to: "http://localhost:3000".to_owned() },
        Msg::AttemptDone { id, result: Ok("200 OK in 12 ms".to_owned()) },
        Msg::AttemptDone { id, result: Err("refused".to_owned()) },
        Msg::NotSent { id, reason: "no such host".to_owned() },
        Msg::Copied { what: "curl command".to_owned(), result: Ok(method) },
        Msg::Copied { what: "curl command".to_owned(), result: Ok(file) },
        Msg::Edited { id, result: Err("vi left with 1".to_owned()) },
        Msg::Saved { result: Ok(PathBuf::from("/data/a.jsonl")) },
        Msg::Saved { result: Err("it exists".to_owned()) },
    ]
    .map(|msg| {
        stage.send(msg);
        let notice = stage.model.notices.current().expect("a notice");
        format!("{:?} {}", notice.level, notice.text)
    });
    insta::assert_snapshot!(said.join("\n"), @r"
    Good github: 3 of 4 requests are valid
    Bad github: none of 4 requests is valid with this secret
    Bad The secret for stripe was not taken: no base64
    Info Sending request 3 to http://localhost:3000; Esc ends it
    Good Request 3 sent: 200 OK in 12 ms
    Bad Request 3 was not answered: refused; T changes the target
    Bad Request 3 was not sent: no such host; T changes the target
    Good Copied curl command: tmux buffer
    Info No clipboard took the curl command; it is in /tmp/x.sh
    Bad vi left with 1
    Good Saved as /data/a.jsonl
    Bad Not saved: it exists
    ");
    assert!(stage.wishes.contains(&Effect::ListSecrets), "{:?}", stage.wishes);
    assert_eq!(stage.model.detail.tab, Tab::Attempts, "what was sent is shown");
    // The clock may have stood still for an hour: a notice is shown for some seconds from the next tick on.
    let hour = stage.model.now.plus_micros(3_600_000_000);
    stage.send(Msg::Tick(hour));
    assert!(!stage.model.notices.is_empty() && stage.model.wants_ticks());
    stage.send(Msg::Tick(hour.plus_micros(20_000_000)));
    assert!(stage.model.notices.is_empty() && !stage.model.wants_ticks());
}

#[test]
fn esc_ends_what_is_being_sent_before_it_goes_back() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    let id = ExchangeId(3);
    let ended = |result: &str| Msg::AttemptDone { id, result: Err(result.to_owned()) };
    let stops = |stage: &mut Stage| {
        stage.wishes.clear();
        stage.keys("Esc");
        stage.wishes.iter().filter(|wish| matches!(wish, Effect::StopSending { id: ExchangeId(3) })).count()
    };
    stage.keys("Enter");
    for _ in 0..2 {
        stage.send(Msg::AttemptBegun { id, to: "http://localhost:3000".to_owned() });
    }
    assert_eq!(stops(&mut stage), 1);
    stage.send(ended("by hand"));
    assert_eq!((stops(&mut stage), stage.model.focus), (1, Focus::Detail));
    stage.send(ended("by hand"));
    assert_eq!((stops(&mut stage), stage.model.focus), (0, Focus::List));
    // That of another request is not ended by it.
    stage.send(Msg::AttemptBegun { id: ExchangeId(1), to: "http://localhost:3000".to_owned() });
    stage.keys("Esc");
    assert!(!stage.wishes.iter().any(|wish| matches!(wish, Effect::StopSending { .. })));
}

#[test]
fn what_needs_a_request_says_so_without_one() {
    let mut stage = Stage::new(100, 30);
    for key in ["r", "e", "s", "/"] {
        stage.keys(key);
        assert_eq!(stage.model.notices.current().map(|notice| notice.text.as_str()), Some("No request is selected"));
    }
    stage.keys("m E Enter 3 v n N Tab z j G ^d");
    assert_eq!(stage.wishes, []);
    assert_eq!(stage.model.focus, Focus::List);
}

#[test]
fn a_saved_session_does_not_answer_and_selects_its_first_request() {
    let identity = Identity { session: "monday".to_owned(), ..Identity::default() };
    let mut stage = Stage::with(Options { identity, ..Options::default() });
    stage.send(Msg::Arrived { batch: rows(1..=5), missed: 0 });
    assert_eq!(stage.model.list.selected(), Some(ExchangeId(1)));
    stage.keys("R");
    assert!(stage.model.overlays.is_empty() && !stage.model.notices.is_empty());
    assert_eq!(stage.model.rate.last(60).count(), 0);
}

#[test]
fn actions_without_a_key_work_by_binding_one() {
    let keymap = crate::tui::keymap::Keymap::with([("copy-curl", vec!["C"]), ("next-request", vec!["J"])]);
    let mut stage = Stage::showing(100, 30, rows(1..=5));
    stage.model.keymap = keymap.expect("no conflict");
    stage.keys("g Enter J C");
    assert_eq!(stage.wishes, [Effect::Copy { id: ExchangeId(2), what: CopyWhat::Curl }]);
    assert_eq!(stage.model.focus, Focus::Detail);
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
fn recording_again_is_said_with_what_it_cost() {
    let mut stage = Stage::new(100, 30);
    let reason = "no space left on device".to_owned();
    stage.send(Msg::Recording(RecordingState::NotRecording { reason, unrecorded: 12 }));
    stage.send(Msg::Recording(RecordingState::Recording));
    let said = stage.model.notices.current().map(|notice| notice.text.as_str());
    assert_eq!(said, Some("Recording again; 12 requests are in memory only"));
}

#[test]
fn a_notice_goes_when_a_dialog_opens_or_a_key_comes_after_it_was_seen() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    let now = stage.model.now;
    stage.send(Msg::Saved { result: Err("it exists".to_owned()) });
    stage.send(Msg::Tick(now));
    stage.keys("k");
    assert!(!stage.model.notices.is_empty(), "that key was on its way already");
    stage.send(Msg::Tick(now.plus_micros(2_500_000)));
    stage.keys("k");
    assert!(stage.model.notices.is_empty());
    stage.send(Msg::Saved { result: Err("it exists".to_owned()) });
    stage.keys("?");
    assert!(stage.model.notices.is_empty());
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

#[test]
fn what_the_app_has_not_taken_goes_on_in_order_after_a_yes() {
    use crate::domain::forward::{Onward, Route, Routes, Target};
    use crate::tui::msg::Forwarding;
    let mut batch = rows(1..=4);
    for (row, onward) in batch.iter_mut().zip([Onward::Failed, Onward::Answered(200), Onward::Answered(404)]) {
        std::sync::Arc::make_mut(row).onward = Some(onward);
    }
    let mut stage = Stage::showing(140, 40, batch);
    // Nothing is forwarded: there is nothing to ask.
    assert!(stage.keys("A").model.overlays.is_empty());
    let route = Route::to(Target::parse("http://app").expect("a target"));
    let routes = Routes { all: Some(std::sync::Arc::new(route)), ..Routes::default() };
    stage.send(Msg::Forwarding(Forwarding { app: Some("http://app".to_owned()), routes, ..Forwarding::default() }));
    stage.keys("A");
    assert!(stage.text().contains("2 requests were not taken by your app"), "{}", stage.text());
    assert!(!stage.wishes.iter().any(|wish| matches!(wish, Effect::Forward { .. })));
    stage.keys("y");
    let ids = vec![ExchangeId(1), ExchangeId(3)];
    assert!(stage.wishes.contains(&Effect::Forward { ids }), "{:?}", stage.wishes);
}

#[test]
fn keys_for_held_requests_mean_the_selected_one_or_say_which() {
    use crate::domain::time::Timestamp;
    use crate::tui::effect::HandDecision;
    use crate::tui::msg::HeldRow;
    let at = Timestamp::from_secs(1_700_000_000);
    let row = |id| HeldRow { id: ExchangeId(id), since: at, until: at.plus_micros(10_000_000), default: "200".into() };
    let start = || {
        let mut stage = Stage::showing(140, 40, rows(1..=6));
        assert!(stage.keys("I").text().contains("No request is held"));
        stage.send(Msg::Held { holding: true, held: vec![row(2), row(4)] });
        stage
    };
    let killed =
        |stage: &Stage, id| stage.wishes.contains(&Effect::Decide { id: ExchangeId(id), decision: HandDecision::Kill });
    // The selected one is held: it is meant, though another one waits longer.
    let mut stage = start();
    stage.keys("g j j j X");
    assert!(killed(&stage, 4) && stage.model.overlays.is_empty());
    stage.keys("a");
    assert!(stage.text().contains("For request 4"), "{}", stage.text());
    // The selected one is not: the connection of another one is not reset without a word.
    let mut stage = start();
    stage.keys("g X");
    assert!(stage.text().contains("The selected request is not held"), "{}", stage.text());
    assert!(!killed(&stage, 2) && stage.text().contains("request 2"));
    stage.keys("y");
    assert!(killed(&stage, 2));
    // And what is answered is what is selected then.
    let mut stage = start();
    stage.keys("g a");
    assert_eq!(stage.model.list.selected(), Some(ExchangeId(2)));
    assert!(stage.text().contains("For request 2 ("), "{}", stage.text());
    let mut stage = start();
    stage.keys("I");
    assert_eq!(stage.wishes.last(), Some(&Effect::ReleaseAll));
    assert!(stage.text().contains("2 held requests go with what the rules say"), "{}", stage.text());
}
