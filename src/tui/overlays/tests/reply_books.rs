//! Keys in, steps out: replies, for all, for a path, for a held request.

use super::books::first_effect;
use super::rule_books::rule;
use super::*;

#[test]
fn a_reply_is_chosen_typed_scoped_or_made() {
    let world = World::new();
    let set = |keys: &str| {
        let mut overlay = world.open(Action::Reply);
        match first_effect(world.press(&mut overlay, keys)) {
            Effect::SetReply { scope, reply } => (scope, reply),
            other => panic!("{other:?}"),
        }
    };
    let plain = |status| Reply { status, ..Reply::default() };
    assert_eq!(set("Enter"), (Scope::All, plain(200)));
    assert_eq!(set("'503' Enter"), (Scope::All, plain(503)));
    assert_eq!(set("'gone' Enter"), (Scope::All, plain(410)));
    assert_eq!(set("Tab '404' Enter"), (Scope::Path("/stripe/hook".into()), plain(404)));
    assert_eq!(set("Tab Tab '404' Enter").0, Scope::All);
    assert_eq!(set("'never' Enter").1.fault, Some(Fault::NeverAnswer));
    let own = set("'500' ^e Tab '1.5s' Tab 'X-A:␣b' Enter 'X-C:d' Tab '{}' ^t ^s");
    let reply = Reply::parse(r#"500 delay=1500ms header="X-A: b" header="X-C: d" body={}"#).expect("a reply");
    assert_eq!(own, (Scope::Path("/stripe/hook".into()), reply));
    assert_eq!(set("'418␣delay=2s' Enter").1, Reply { delay_ms: 2_000, ..plain(418) });
}

#[test]
fn the_reply_of_a_path_is_shown_when_it_is_opened_again_and_can_be_taken_back() {
    let mut world = World::new();
    let busy = Reply { status: 503, ..Reply::default() };
    world.replies = vec![("/stripe/hook".into(), busy.clone()), ("/other".into(), Reply::default())];
    let mut overlay = world.open(Action::Reply);
    let shown = world.shown(&overlay);
    assert!(
        shown.contains("(•) /stripe/hook") && shown.contains("Own replies: /stripe/hook 503, /other 200"),
        "{shown}"
    );
    let in_force = Effect::SetReply { scope: Scope::Path("/stripe/hook".into()), reply: busy };
    assert_eq!(first_effect(world.press(&mut overlay, "Enter")), in_force);
    let mut overlay = world.open(Action::Reply);
    let back = first_effect(world.press(&mut overlay, "PageUp PageUp PageUp PageUp Enter"));
    assert_eq!(back, Effect::ClearReply { path: "/stripe/hook".into() });
    world.replies[0].1 = Reply { status: 418, delay_ms: 2_000, ..Reply::default() };
    let mut overlay = world.open(Action::Reply);
    let wish = first_effect(world.press(&mut overlay, "Enter"));
    assert!(matches!(wish, Effect::SetReply { reply, .. } if reply == world.replies[0].1));
    world.replies.remove(0);
    assert!(!world.shown(&world.open(Action::Reply)).contains("as all"));
}

#[test]
fn every_kind_of_reply_is_one_line_and_one_enter_away() {
    let world = World::new();
    for example in EXAMPLES {
        let mut overlay = world.open(Action::Reply);
        overlay.paste(example.text, &world.context());
        match world.press(&mut overlay, "Enter") {
            Step::Do { effects, close: true } => match &effects[..] {
                [Effect::SetReply { reply, .. }] => assert_eq!(*reply, Reply::parse(example.text).unwrap()),
                [Effect::SetReplyText { text, .. }] => assert!(text.contains("=@FILE"), "{text}"),
                other => panic!("{}: {other:?}", example.text),
            },
            other => panic!("{}: {other:?}", example.text),
        }
    }
    // An example is typed by choosing it, and a mistake stands there until it is none.
    let mut overlay = world.open(Action::Reply);
    assert!(matches!(world.press(&mut overlay, "'lognormal' Down Enter"), Step::Stay));
    assert!(world.shown(&overlay).contains("200 delay=lognormal:300ms/0.8"));
    assert!(matches!(world.press(&mut overlay, "'␣header=x'"), Step::Stay));
    assert!(world.shown(&overlay).contains("expected a header as `Name: value`"), "{}", world.shown(&overlay));
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Stay));
}

#[test]
fn a_held_request_is_answered_by_any_kind_of_reply_with_the_checks_of_a_rule() {
    let mut world = World::new();
    let at = Timestamp::from_secs(1_700_000_000);
    let held = |id| HeldRow { id: ExchangeId(id), since: at, until: at.plus_micros(10_000_000), default: "202".into() };
    world.held = Some(held(7));
    world.rules = vec![rule(1, "busy", "", Origin::File)];
    world.replies = vec![("/own".into(), Reply { status: 418, ..Reply::default() })];
    let shown = world.shown(&world.open(Action::Decide));
    for part in ["For request 7: 10 s left, then 202 (POST /stripe/hook?live=1, held)", "rule busy", "path /own", "418"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let text_of = |keys: &str| match world.press(&mut world.open(Action::Decide), keys) {
        Step::Do { effects, close: false } => match effects.as_slice() {
            [Effect::DecideText { id: ExchangeId(7), text }] => text.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(text_of("'200␣body=@a.json' Enter"), "status=200 body=@a.json");
    assert_eq!(text_of("'500␣x2,␣200␣template=@b' Enter"), "script status=500 x2, status=200 template=@b");
    let given = |keys: &str| match world.press(&mut world.open(Action::Decide), keys) {
        Step::Do { effects, close: true } => format!("{effects:?}"),
        other => panic!("{other:?}"),
    };
    assert!(given("'rule␣busy' Enter").contains("status: 503"));
    assert!(given("'/own' Enter").contains("status: 418"));
    assert!(given("'fail␣500x2,␣200' Enter").contains("times: 2"));
    // What the files said is told where it was typed, whole, and the box stays.
    let mut overlay = world.open(Action::Decide);
    world.press(&mut overlay, "'200␣body=@none' Enter");
    let why =
        "cannot read the reply's body from /home/user/webhooks/answers/none: No such file or directory (os error 2)";
    let told = |result| Msg::Decided { id: ExchangeId(7), result };
    assert!(matches!(overlay.tell(&told(Err(why.to_owned())), &world.context()), Step::Stay));
    let shown = world.shown(&overlay);
    let flat: String = shown.split(['│', '\n', ' ']).filter(|part| !part.is_empty()).collect();
    assert!(flat.contains(&why.replace(' ', "")), "{shown}");
    assert!(matches!(overlay.tell(&told(Ok(())), &world.context()), Step::Close));
    // So is a mistake that is seen while it is typed.
    let mut overlay = world.open(Action::Decide);
    world.press(&mut overlay, "'200␣dealy=3s'");
    let shown = world.shown(&overlay);
    assert!(shown.contains("mean `delay`? (column 5)"), "{shown}");
    // Another one than the selected is named as such.
    world.held = Some(held(3));
    let shown = world.shown(&world.open(Action::Decide));
    assert!(shown.contains("For request 3: 10 s left, then 202 (runs out first, not selected)"), "{shown}");
}

#[test]
fn an_answer_by_hand_says_how_long_it_may_take_and_that_it_came_too_late() {
    let mut world = World::new();
    let at = Timestamp::from_secs(1_700_000_000);
    let held = HeldRow { id: ExchangeId(7), since: at, until: at.plus_micros(10_000_000), default: "202".into() };
    world.held = Some(held.clone());
    let mut overlay = world.open(Action::Decide);
    overlay.tell(&Msg::Tick(at.plus_micros(2_500_000)), &world.context());
    assert!(world.shown(&overlay).contains("8 s left, then 202"), "{}", world.shown(&overlay));
    let now_held = |held: &[HeldRow]| Msg::Held { holding: true, held: held.to_vec() };
    overlay.tell(&now_held(std::slice::from_ref(&held)), &world.context());
    overlay.tell(&Msg::Tick(at.plus_micros(2_500_000)), &world.context());
    assert!(world.shown(&overlay).contains("8 s left, then 202"));
    // It may wait longer, while the answer is typed too.
    for keys in ["^t", "^e ^t"] {
        match world.press(&mut overlay.clone(), keys) {
            Step::Do { effects, close: false } => assert_eq!(effects, [Effect::HoldLonger { id: ExchangeId(7) }]),
            other => panic!("{other:?}"),
        }
    }
    overlay.tell(&now_held(&[HeldRow { until: at.plus_micros(70_000_000), ..held }]), &world.context());
    overlay.tell(&Msg::Tick(at.plus_micros(2_500_000)), &world.context());
    assert!(world.shown(&overlay).contains("68 s left, then 202"), "{}", world.shown(&overlay));
    // What was typed stays, and is not taken for an answer that went out.
    world.press(&mut overlay, "'418'");
    overlay.tell(&now_held(&[]), &world.context());
    assert!(world.shown(&overlay).contains("Request 7 is held no more"), "{}", world.shown(&overlay));
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Stay));
    let shown = world.shown(&overlay);
    assert!(shown.contains("nothing was sent") && shown.contains("418"), "{shown}");
    assert!(matches!(world.press(&mut overlay, "Esc"), Step::Close));
}

#[test]
fn what_is_in_force_is_marked_and_how_often_it_answered() {
    let mut world = World::new();
    world.size = (140, 40);
    let at = Timestamp::from_secs(1_700_000_000);
    world.in_force =
        Some(ReplyInForce { all: "503".into(), text: "status=503".into(), paths: Vec::new(), since: Some(at) });
    world.answered =
        [("all requests", 3), ("rule busy", 12), ("path /own", 2)].map(|(name, count)| (name.into(), count)).into();
    world.replies = vec![("/own".into(), Reply::default())];
    let shown = world.shown(&world.open(Action::Reply));
    assert!(shown.contains("Answer with (now 503, since 23:13:20, 3 answered so"), "{shown}");
    let line = |shown: &str, part: &str| shown.lines().find(|line| line.contains(part)).unwrap_or_default().to_owned();
    assert!(line(&shown, "in force").contains("503"), "{shown}");
    world.rules = vec![rule(1, "busy", "", Origin::File), rule(2, "other", "", Origin::Here)];
    world.since = [(2, at)].into();
    let shown = world.shown(&world.open(Action::Rules));
    assert!(line(&shown, "busy").contains("12x, file"), "{shown}");
    assert!(line(&shown, "other").contains("since 23:13:20, made here"), "{shown}");
    assert!(line(&shown, "path /own").contains("2x"), "{shown}");
    assert!(line(&shown, "all others").contains("3x"), "{shown}");
}

#[test]
fn an_own_reply_with_a_mistake_is_not_set() {
    let world = World::new();
    for keys in ["'200' ^e Backspace", "'200' ^e Tab 'soon'", "'200' ^e Tab Tab 'no␣colon'", "'204' ^e Tab Tab Tab 'x'"]
    {
        let mut overlay = world.open(Action::Reply);
        assert!(matches!(world.press(&mut overlay, &format!("{keys} ^s")), Step::Stay), "{keys}");
    }
}

#[test]
fn the_form_for_a_held_request_names_it_and_not_all_requests() {
    let at = Timestamp::from_secs(1_700_000_000);
    let mut world = World::new();
    world.held =
        Some(HeldRow { id: ExchangeId(7), since: at, until: at.plus_micros(10_000_000), default: "202".into() });
    let mut overlay = world.open(Action::Decide);
    world.press(&mut overlay, "^e");
    let shown = world.shown(&overlay);
    assert!(shown.contains("For request 7: 10 s left, then 202 (POST /stripe/hook?live=1, held)"), "{shown}");
    assert!(!shown.contains("all requests"), "{shown}");
}

#[test]
fn what_was_typed_is_said_with_its_settings() {
    let world = World::new();
    let mut overlay = world.open(Action::Reply);
    world.press(&mut overlay, "'503␣retry-after=9'");
    let shown = world.shown(&overlay);
    assert!(shown.contains("what you typed: 503 (503 header='Retry-After: 9')"), "{shown}");
    let mut overlay = world.open(Action::Reply);
    world.press(&mut overlay, "'503'");
    assert!(!world.shown(&overlay).contains("503 (503"), "{}", world.shown(&overlay));
}
