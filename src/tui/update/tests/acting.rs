//! What keys do to requests, and what is said of it.

use std::path::PathBuf;
use std::sync::Arc;

use super::played;
use crate::domain::detail::Tab;
use crate::domain::exchange::ExchangeId;
use crate::domain::export::curl;
use crate::domain::summary::Summary;
use crate::tui::effect::{CopyWhat, Effect};
use crate::tui::model::{Focus, Options};
use crate::tui::msg::{CopiedTo, Identity, Msg, RecordingState, SavedAs};
use crate::tui::testing::{Stage, rows};

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
        Render 2 Overview Pretty width 97 revision 0
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
fn outcomes_are_said_and_forgotten_after_some_seconds() {
    let mut stage = Stage::showing(100, 30, rows(1..=3));
    let id = ExchangeId(3);
    let method = CopiedTo::Method("tmux buffer".to_owned());
    let file = CopiedTo::File(PathBuf::from("/tmp/x.sh"));
    stage.send(Msg::PublicUrl(Some("https://a.example".to_owned())));
    let said = [
        Msg::SecretSet { provider: "github".to_owned(), result: Ok((3, 4)) },
        Msg::SecretSet { provider: "github".to_owned(), result: Ok((0, 4)) },
        Msg::SecretSet { provider: "stripe".to_owned(), result: Err("no base64".to_owned()) },
        Msg::PublicUrlChecked { provider: "twilio".to_owned(), valid: 1, checked: 1 },
        Msg::PublicUrlChecked { provider: "twilio".to_owned(), valid: 0, checked: 2 },
        Msg::AttemptBegun { id, to: "http://localhost:3000".to_owned() },
        Msg::AttemptDone { id, result: Ok("200 OK in 12 ms".to_owned()) },
        Msg::AttemptDone { id, result: Err("refused".to_owned()) },
        Msg::NotSent { id, reason: "no such host".to_owned() },
        Msg::Copied { what: "curl command".to_owned(), result: Ok(method) },
        Msg::Copied { what: "curl command".to_owned(), result: Ok(file) },
        Msg::Edited { id, result: Err("vi left with 1".to_owned()) },
        Msg::Saved { result: Ok(SavedAs { path: PathBuf::from("/data/a.jsonl"), session: Some("a".to_owned()) }) },
        Msg::Saved { result: Ok(SavedAs { path: PathBuf::from("/data/b.jsonl"), session: None }) },
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
    Good twilio: the signature is valid with https://a.example
    Bad twilio: none of 2 requests is valid with https://a.example
    Info Sending request 3 to http://localhost:3000; Esc ends it
    Good Request 3 sent: 200 OK in 12 ms
    Bad Request 3 was not answered: refused; T changes the target
    Bad Request 3 was not sent: no such host; T changes the target
    Good Copied curl command: tmux buffer
    Info No clipboard took the curl command; it is in /tmp/x.sh
    Bad vi left with 1
    Good Saved as /data/a.jsonl
    Good Copied to /data/b.jsonl; what comes from now on is in a alone
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
    assert_eq!(stage.wishes, [Effect::Copy { id: ExchangeId(2), what: CopyWhat::Shape(&curl::SHAPE) }]);
    assert_eq!(stage.model.focus, Focus::Detail);
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
    assert!(stage.text().contains("For request 2: "), "{}", stage.text());
    let mut stage = start();
    stage.keys("I");
    assert_eq!(stage.wishes.last(), Some(&Effect::ReleaseAll));
    assert!(stage.text().contains("2 held requests go with what the rules say"), "{}", stage.text());
}

#[test]
fn requests_are_compared_with_the_marked_one_else_with_the_one_before_of_its_kind() {
    let compared = |stage: &Stage| (stage.model.detail.id, stage.model.detail.tab, stage.model.detail.compared);
    let showing = |id, tab, other: Option<u64>| (Some(ExchangeId(id)), tab, other.map(ExchangeId));
    let kinds = [(1, "/a"), (2, "/b"), (3, "/a"), (4, "/c")];
    let batch: Vec<_> = kinds
        .into_iter()
        .map(|(id, path)| {
            let row = rows(id..=id).remove(0);
            Arc::new(Summary { target: path.into(), provider: None, event_type: None, ..(*row).clone() })
        })
        .collect();
    let mut stage = Stage::showing(140, 40, batch);
    // Nothing of its kind, and none is marked.
    stage.keys("G 2 =");
    assert!(stage.text().contains("Nothing to compare it with"), "{}", stage.text());
    // The one before of its path; it stays so while one goes on.
    stage.keys("k =");
    assert_eq!(compared(&stage), showing(3, Tab::Overview, Some(1)));
    stage.keys("k");
    assert_eq!(compared(&stage), showing(2, Tab::Overview, Some(1)));
    stage.keys("=");
    assert_eq!(compared(&stage), showing(2, Tab::Overview, None), "again: no more");
    // A marked one goes first.
    stage.keys("G m k =");
    assert_eq!(compared(&stage), showing(3, Tab::Overview, Some(4)));
}

#[test]
fn a_try_with_another_body_opens_where_that_is_told() {
    let tab_after = |keys: &str| {
        let mut stage = Stage::showing(140, 40, crate::tui::testing::deliveries());
        stage.keys(&format!("2 l g Space {keys} Enter"));
        (stage.model.detail.tab, stage.model.detail.id)
    };
    // The tries of the first delivery are 1, 3 with the same body, 6 with another one.
    assert_eq!(tab_after("j"), (Tab::Body, Some(ExchangeId(3))));
    assert_eq!(tab_after("j j"), (Tab::Overview, Some(ExchangeId(6))));
}

#[test]
fn the_way_to_the_signature_is_said_where_it_is_not_open() {
    let said = |width: u16, keys: &str| {
        let mut stage = Stage::showing(width, 30, rows(1..=3));
        stage.keys(keys);
        stage.send(Msg::SecretSet { provider: "stripe".to_owned(), result: Ok((0, 1)) });
        stage.model.notices.current().expect("a notice").text.clone()
    };
    assert_eq!(said(100, ""), "stripe: invalid with this secret; 4 Signature says why");
    assert_eq!(said(100, "4"), "stripe: invalid with this secret");
    assert_eq!(said(40, "4 Esc"), "stripe: invalid with this secret; 4 Signature says why", "it is not on screen");
}
