//! Keys in, steps out.

use super::*;

fn first_effect(step: Step) -> Effect {
    effects(step).remove(0)
}

#[test]
fn escape_and_control_c_close_every_overlay() {
    let world = World::new();
    for action in [
        Action::Help,
        Action::Palette,
        Action::Search,
        Action::Filter,
        Action::Save,
        Action::Reply,
        Action::Secret,
        Action::Copy,
        Action::Edit,
        Action::Resend,
    ] {
        for key in ["Esc", "^c"] {
            let mut overlay = world.open(action);
            assert!(matches!(world.press(&mut overlay, key), Step::Close), "{action:?} {key}");
        }
        assert!(!world.open(action).hints().is_empty());
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    let mut world = World::new();
    world.row = None;
    world.identity.url.clear();
    for action in [Action::Reply, Action::Secret, Action::Copy, Action::Edit, Action::Resend] {
        assert!(matches!(Overlay::open(action, &world.context()), Some(Step::Refuse(_))), "{action:?}");
    }
    let mut world = World::new();
    world.exchange = None;
    assert!(matches!(Overlay::open(Action::Edit, &world.context()), Some(Step::Refuse(_))));
    world.exchange = Some(exchange(Headers::new(), &vec![b'x'; 300_000]));
    let Some(Step::Refuse(words)) = Overlay::open(Action::Edit, &world.context()) else { panic!("opened") };
    assert!(words.contains("press E"), "{words}");
    assert!(Overlay::open(Action::Down, &world.context()).is_none());
}

#[test]
fn a_resend_asks_for_its_target_once() {
    let mut world = World::new();
    let wish = |target: &str| SendWish { id: ExchangeId(7), target: target.into(), ..SendWish::default() };
    let mut overlay = world.open(Action::Resend);
    let step = world.press(&mut overlay, "^u 'localhost:8080/x' Enter");
    assert_eq!(effects(step), [Effect::Send(wish("http://localhost:8080/x"))]);
    for bad in ["'ftp://x'", "'http://'", "'a␣b'"] {
        let mut overlay = world.open(Action::Resend);
        assert!(matches!(world.press(&mut overlay, &format!("^u {bad} Enter")), Step::Stay), "{bad}");
    }
    world.identity.forward = Some("http://app:3000".into());
    let at_once = Overlay::open(Action::Resend, &world.context()).expect("an answer");
    assert_eq!(effects(at_once), [Effect::Send(wish("http://app:3000"))]);
    world.target = Some("http://other".into());
    let at_once = Overlay::open(Action::Resend, &world.context()).expect("an answer");
    assert_eq!(effects(at_once), [Effect::Send(wish("http://other"))]);
}

#[test]
fn a_target_is_changed_without_sending_and_what_is_typed_takes_the_place_of_the_offer() {
    let mut world = World::new();
    world.target = Some("http://dead:1".into());
    let chosen = |world: &World, keys: &str| {
        let mut overlay = world.open(Action::Target);
        match world.press(&mut overlay, keys) {
            Step::Target(url) => url,
            other => panic!("{keys}: {other:?}"),
        }
    };
    assert_eq!(chosen(&world, "'localhost:4000' Enter"), "http://localhost:4000");
    assert_eq!(chosen(&world, "Backspace '2' Enter"), "http://dead:2", "what edits it keeps it");
    let mut overlay = world.open(Action::Target);
    overlay.paste("http://other", &world.context());
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Target(url) if url == "http://other"));
    let mut overlay = world.open(Action::Target);
    world.press(&mut overlay, "'http://a:99999'");
    assert!(world.shown(&overlay).contains("this is no URL"), "before Enter too");
    world.row = None;
    assert_eq!(chosen(&world, "'3000' Enter"), "http://127.0.0.1:3000");
}

#[test]
fn copy_has_a_letter_for_each_part_and_a_list_of_values() {
    let world = World::new();
    let copied = |keys: &str| {
        let mut overlay = world.open(Action::Copy);
        match first_effect(world.press(&mut overlay, keys)) {
            Effect::Copy { id: ExchangeId(7), what } => what,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(copied("Enter"), CopyWhat::Curl);
    assert_eq!(copied("y"), CopyWhat::Curl);
    assert_eq!(copied("r"), CopyWhat::Raw);
    assert_eq!(copied("h"), CopyWhat::Headers);
    assert_eq!(copied("j j j Enter"), CopyWhat::Body);
    assert_eq!(copied("u"), CopyWhat::Url);
    assert_eq!(copied("v j j Enter"), CopyWhat::HeaderValue(2));
    assert_eq!(copied("v Esc j Enter"), CopyWhat::Url, "Esc goes back to the row that opened the list");
}

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
fn a_delivery_is_probed_and_its_answers_stand_in_a_table() {
    let mut world = World::new();
    assert!(
        matches!(Overlay::open(Action::Probe, &world.context()), Some(Step::Refuse(why)) if why.contains("T chooses"))
    );
    world.target = Some("http://127.0.0.1:3000".into());
    let wished = |keys: &str| match effects(world.press(&mut world.open(Action::Probe), keys)).remove(0) {
        Effect::Probe(ProbeWish { id: ExchangeId(7), target, times, order, neighbours })
            if target.ends_with(":3000") =>
        {
            (times, order, neighbours.len())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(wished("Enter"), (5, Order::InTurn, 0));
    assert_eq!(wished("+ + - j Enter"), (6, Order::AtOnce, 0));
    assert_eq!(wished("Left Left Left Left j j Enter"), (2, Order::Shuffled, 3));
    let mut overlay = world.open(Action::Probe);
    world.press(&mut overlay, "Enter");
    let recorded = Some(Recorded { whose: Whose::App, came: probed_rows().remove(2).came });
    overlay.tell(&Msg::ProbeBegun { id: ExchangeId(7), recorded }, &world.context());
    for row in probed_rows() {
        overlay.tell(&Msg::Probed { id: ExchangeId(7), row }, &world.context());
    }
    assert!(world.shown(&overlay).contains("4 of 5 answered"), "{}", world.shown(&overlay));
    let Step::Do { effects, close: true } = world.press(&mut overlay.clone(), "Esc") else { panic!("it goes on") };
    assert_eq!(effects, [Effect::StopSending { id: ExchangeId(7) }]);
    overlay.tell(&Msg::ProbeDone { id: ExchangeId(7), refused: None }, &world.context());
    let shown = world.shown(&overlay);
    for part in [
        "The answers differ: 200 x2, 409 x1, 2 different bodies",
        "the recorded one was 409: 1 of 3 are like it",
        "recorded, app",
        "same body",
        "another body",
        "request 5",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(matches!(world.press(&mut overlay, "Esc"), Step::Close));
}

pub(super) fn probed_rows() -> Vec<Probed> {
    let row = |id, number, status, body: &str, total_us| Probed {
        id: ExchangeId(id),
        number,
        came: Came { status: Ok(status), body_bytes: 11, body_digest: body.into(), total_us },
    };
    vec![
        row(7, 1, 200, "aaaaaaaa", 2_000),
        row(5, 1, 200, "cccccccc", 900),
        row(7, 2, 409, "bbbbbbbb", 700),
        row(7, 3, 200, "aaaaaaaa", 1_500),
    ]
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
    for part in ["For request 7 (POST /stripe/hook?live=1, held); without you: 202", "rule busy", "path /own", "418"] {
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
    assert!(shown.contains("For request 3 (runs out first, not selected); without you: 202"), "{shown}");
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

fn rule(number: u32, name: &str, when: &str, origin: Origin) -> RuleRow {
    let written = Written { name: name.into(), when: when.into(), reply: "status=503".into(), ..Written::default() };
    RuleRow { number, name: name.into(), written, reply: "503".into(), is_off: false, origin }
}

pub(super) fn world_with_rules() -> World {
    let mut world = World::new();
    world.rules = vec![
        rule(7, "mine", r#"path: "/stripe/hook""#, Origin::Here),
        rule(1, "first try fails", r#"path: "/hooks/{tenant}/*", nth: "1..2""#, Origin::File),
        RuleRow {
            is_off: true,
            ..rule(2, "refuse what is not signed", r#"verdict: ["invalid", "unsigned"]"#, Origin::File)
        },
    ];
    world.replies = vec![("/other".into(), Reply { status: 404, ..Reply::default() })];
    world
}

#[test]
fn rules_are_switched_moved_taken_out_and_copied() {
    let world = world_with_rules();
    let wish = |keys: &str| {
        let mut overlay = world.open(Action::Rules);
        world.press(&mut overlay, keys)
    };
    let change = |number, change| vec![Effect::ChangeRule { number, change }];
    assert_eq!(effects(wish("Space")), change(7, RuleChange::Switch));
    assert_eq!(effects(wish("j J")), change(1, RuleChange::Down));
    assert_eq!(effects(wish("j j K")), change(2, RuleChange::Up));
    // What is made here and what the file says are two groups.
    assert!(matches!(wish("J"), Step::Stay) && matches!(wish("j K"), Step::Stay) && matches!(wish("K"), Step::Stay));
    let Step::Open(mut asked) = wish("j d") else { panic!("nobody asked") };
    assert!(world.shown(&asked).contains("it still stands there"));
    assert_eq!(effects(world.press(&mut asked, "y")), change(1, RuleChange::Delete));
    assert_eq!(effects(wish("j j j d")), [Effect::ClearReply { path: "/other".into() }]);
    let copied = |keys: &str| match effects(wish(keys)).remove(0) {
        Effect::CopyText { text, .. } => String::from_utf8(text.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(copied("y"), "(name: \"mine\", when: (path: \"/stripe/hook\"), reply: \"status=503\"),\n");
    let all = copied("Y");
    assert!(all.starts_with("    rules: [\n        (name: \"mine\"") && !all.contains("not signed"), "{all}");
    let Step::Open(chooser) = wish("G Enter") else { panic!("no chooser") };
    assert!(world.shown(&chooser).contains("(•) all requests"));
    let mut chooser = world.open(Action::Reply);
    assert!(world.shown(&chooser).contains("2 rules in force may reply before this: ^r lists them"));
    assert!(matches!(world.press(&mut chooser, "^r"), Step::Replace(_)));
}

#[test]
fn a_rule_is_made_and_changed_and_a_mistake_keeps_the_form_open() {
    let world = world_with_rules();
    let mut overlay = world.open(Action::Rules);
    // The path of the selected request is where a new rule begins.
    let put = effects(world.press(&mut overlay, "a '503␣retry-after=5s' BackTab BackTab 'mine␣2' ^s"));
    let written = Written {
        name: "mine 2".into(),
        when: r#"path: "/stripe/hook""#.into(),
        reply: "503 retry-after=5s".into(),
        ..Written::default()
    };
    assert_eq!(put, [Effect::PutRule { number: None, written }]);
    overlay.tell(&Msg::RulePut { result: Err("when.path: expected a path".into()) }, &world.context());
    let shown = world.shown(&overlay);
    assert!(shown.contains("when.path: expected a path") && shown.contains("▸When"), "{shown}");
    overlay.tell(&Msg::RulePut { result: Ok(()) }, &world.context());
    assert!(world.shown(&overlay).contains("one more rule"));
    let mut overlay = world.open(Action::Rules);
    let put = effects(world.press(&mut overlay, "Enter Enter"));
    assert!(matches!(&put[..], [Effect::PutRule { number: Some(7), written }] if written.reply == "503"), "{put:?}");
    // A reply that is none goes nowhere.
    assert!(matches!(world.press(&mut overlay, "Backspace ^s"), Step::Stay));
    assert!(world.shown(&overlay).contains("reply: expected a status"), "{}", world.shown(&overlay));
    let mut overlay = world.open(Action::Rules);
    for _ in 0..EXAMPLES.len() {
        assert!(matches!(world.press(&mut overlay, "a ^x Esc"), Step::Stay));
    }
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
fn a_secret_goes_out_once_and_its_result_comes_back() {
    let world = World::new();
    let mut overlay = world.open(Action::Secret);
    overlay.paste("whsec_abc\r\n", &world.context());
    assert!(!world.shown(&overlay).contains("whsec_abc"), "it is masked");
    assert!(world.shown(&overlay).contains("a line end behind the pasted text was left out"));
    assert!(!format!("{overlay:?}").contains("whsec_abc"));
    let wish = first_effect(world.press(&mut overlay, "Enter"));
    let secret = Secret::new(&b"whsec_abc"[..]);
    assert_eq!(wish, Effect::SetSecret { provider: "stripe".into(), id: ExchangeId(7), secret, replaces: None });
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Stay), "it is not sent twice");
    let told = |result| Msg::SecretSet { provider: "stripe".into(), result };
    assert!(matches!(overlay.tell(&told(Err("not base64".into())), &world.context()), Step::Stay));
    assert!(world.shown(&overlay).contains("not base64"), "what was refused can be mended");
    for counts in [(0, 3), (2, 3), (0, 0)] {
        let mut overlay = overlay.clone();
        world.press(&mut overlay, "Backspace Enter");
        let other = Msg::SecretSet { provider: "github".into(), result: Ok(counts) };
        assert!(matches!(overlay.tell(&other, &world.context()), Step::Stay));
        assert!(matches!(overlay.tell(&told(Ok(counts)), &world.context()), Step::Close), "{counts:?}");
    }
}

#[test]
fn known_secrets_are_listed_replaced_forgotten_and_joined_by_one_more() {
    let mut world = World::new();
    world.secrets = vec![known_secret(3, "github", 1), known_secret(4, "stripe", 1200)];
    let mut overlay = world.open(Action::Secret);
    let shown = world.shown(&overlay);
    let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text}: {shown}"));
    assert!(at("stripe             typed here") < at("github             typed here"), "its own come first: {shown}");
    assert!(shown.contains("fitted 1,200") && shown.contains("fitted 1\u{20}"), "{shown}");
    // One more.
    let wish = first_effect(world.press(&mut overlay.clone(), "a 'x' Enter"));
    assert!(matches!(wish, Effect::SetSecret { provider, replaces: None, .. } if provider == "stripe"));
    // In the place of that of another provider.
    let wish = first_effect(world.press(&mut overlay.clone(), "j j Enter 'x' Enter"));
    assert!(matches!(wish, Effect::SetSecret { provider, replaces: Some(3), .. } if provider == "github"));
    // Forgotten only after a yes.
    let Step::Open(mut question) = world.press(&mut overlay, "j d") else { panic!("no question") };
    assert!(world.shown(&question).contains("typed here), which fitted 1,200"), "{}", world.shown(&question));
    let wish = first_effect(world.press(&mut question, "y"));
    assert_eq!(wish, Effect::ForgetSecret { number: 4, id: ExchangeId(7) });
    overlay.tell(&Msg::Secrets(vec![known_secret(3, "github", 1)]), &world.context());
    assert_eq!(world.shown(&overlay).matches("typed here").count(), 1, "{}", world.shown(&overlay));
    // Back is one page at a time.
    world.press(&mut overlay, "a Esc");
    assert!(world.shown(&overlay).contains("fitted 1"));
    assert!(matches!(world.press(&mut overlay, "Esc"), Step::Close));
}

#[test]
fn a_pasted_digest_is_asked_about_and_nothing_forgets_it() {
    let world = World::new();
    let mut overlay = world.open(Action::Computed);
    overlay.paste(" sha256=5257a869\n", &world.context());
    let wish = first_effect(world.press(&mut overlay, "Enter"));
    assert_eq!(wish, Effect::Computed { id: ExchangeId(7), value: Some("sha256=5257a869".into()) });
    let wish = first_effect(world.press(&mut world.open(Action::Computed), "Enter"));
    assert_eq!(wish, Effect::Computed { id: ExchangeId(7), value: None });
    assert!(matches!(world.press(&mut world.open(Action::Computed), "Esc"), Step::Close));
}

#[test]
fn a_secret_is_shown_only_when_asked() {
    let world = World::new();
    let mut overlay = world.open(Action::Secret);
    world.press(&mut overlay, "'sk_x␣' ^r");
    let shown = world.shown(&overlay);
    assert!(shown.contains("sk_x"), "{shown}");
    assert!(shown.contains("begins or ends with a blank"), "{shown}");
    world.press(&mut overlay, "^r");
    assert!(!world.shown(&overlay).contains("sk_x"));
}

#[test]
fn the_provider_is_chosen_when_none_is_recognised() {
    let mut world = World::new();
    world.row.as_mut().expect("a row").provider = None;
    let mut overlay = world.open(Action::Secret);
    let wish = first_effect(world.press(&mut overlay, "'s' Down Enter 'abc' Enter"));
    assert!(matches!(wish, Effect::SetSecret { provider, .. } if provider == "slack"));
}

#[test]
fn a_filter_is_used_only_when_it_is_understood() {
    let world = World::new();
    let mut overlay = world.open(Action::Filter);
    assert!(matches!(world.press(&mut overlay, "'status:x' Enter"), Step::Stay));
    let Step::Filter { text, filter } = world.press(&mut overlay, "Backspace '5xx' Enter") else { panic!("no filter") };
    assert_eq!((text.as_str(), filter), ("status:5xx", Filter::parse("status:5xx").ok()));
    let mut overlay = world.open(Action::Filter);
    let Step::Filter { text, .. } = world.press(&mut overlay, "'mine' Up Up Down Enter") else { panic!("no filter") };
    assert_eq!(text, "status:5xx", "the newest of the history");
    let mut overlay = world.open(Action::Filter);
    let Step::Filter { text, .. } = world.press(&mut overlay, "'mine' Up Down Enter") else { panic!("no filter") };
    assert_eq!(text, "mine", "what was typed comes back");
    let mut overlay = world.open(Action::Filter);
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Filter { filter: None, .. }));
}

#[test]
fn search_repeats_the_last_one() {
    let mut world = World::new();
    let mut overlay = world.open(Action::Search);
    assert!(matches!(world.press(&mut overlay, "'abc' Enter"), Step::Search(text) if text == "abc"));
    world.search = "before".into();
    let mut overlay = world.open(Action::Search);
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Search(text) if text == "before"));
    let mut overlay = world.open(Action::Search);
    overlay.paste("\nfirst\nsecond", &world.context());
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Search(text) if text == "first"));
}

#[test]
fn a_session_name_can_be_a_file_name() {
    let world = World::new();
    for bad in ["", "'a/b'", "'..'", "'-x'", "'a:b'"] {
        let mut overlay = world.open(Action::Save);
        assert!(matches!(world.press(&mut overlay, &format!("{bad} Enter")), Step::Stay), "{bad}");
    }
    let mut overlay = world.open(Action::Save);
    let step = world.press(&mut overlay, "'␣Größe-1␣' Enter");
    assert_eq!(effects(step), [Effect::SaveSession { name: "Größe-1".into() }]);
}

#[test]
fn the_palette_finds_actions_and_takes_arguments() {
    let mut world = World::new();
    let run = |world: &World, keys: &str| {
        let mut overlay = world.open(Action::Palette);
        world.press(&mut overlay, keys)
    };
    assert!(matches!(run(&world, "'resnd' Enter"), Step::Act(Action::Resend)));
    assert!(matches!(run(&world, "'follow' Enter"), Step::Act(Action::Follow)));
    assert!(matches!(run(&world, "'theme␣li' Enter"), Step::Theme(name) if name == "light"));
    assert!(matches!(run(&world, "'theme␣dark' Enter"), Step::Theme(name) if name == "dark"));
    assert!(matches!(run(&world, "'zzzzqq' Enter"), Step::Stay));
    assert!(matches!(run(&world, "Backspace"), Step::Close));
    assert!(matches!(run(&world, "'search␣a␣b' Enter"), Step::Search(text) if text == "a b"));
    assert!(matches!(run(&world, "'filter␣status:' Enter"), Step::Stay));
    assert!(matches!(run(&world, "'filter␣marked' Enter"), Step::Filter { filter: Some(_), .. }));
    let save = effects(run(&world, "'save␣day␣one' Enter"));
    assert_eq!(save, [Effect::SaveSession { name: "day one".into() }]);
    let reply = Reply { status: 503, delay_ms: 2_000, ..Reply::default() };
    let respond = effects(run(&world, "'respond␣503␣delay=2s' Enter"));
    assert_eq!(respond, [Effect::SetReply { scope: Scope::All, reply }]);
    let resend = effects(run(&world, "'resend␣:3000' Backspace Backspace Backspace Backspace Backspace '3000' Enter"));
    assert!(matches!(&resend[..], [Effect::Send(wish)] if wish.target == "http://127.0.0.1:3000"));
    world.row = None;
    assert!(matches!(run(&world, "'resend' Enter"), Step::Stay), "it says why instead");
}

#[test]
fn help_shows_the_keys_that_are_bound() {
    let mut world = World::new();
    world.keymap = Keymap::with([("resend", vec!["F5"]), ("pause", vec![])]).expect("a keymap");
    world.size = (80, 200);
    let shown = world.shown(&world.open(Action::Help));
    assert!(shown.contains("F5 "), "{shown}");
    assert!(shown.contains(":pause"), "{shown}");
}

#[test]
fn an_unchanged_draft_is_sent_as_it_came() {
    let mut world = World::new();
    world.target = Some("http://127.0.0.1:3000".into());
    let mut overlay = world.open(Action::Edit);
    let sent = effects(world.press(&mut overlay, "^s"));
    let wish = SendWish { id: ExchangeId(7), target: "http://127.0.0.1:3000".into(), ..SendWish::default() };
    assert_eq!(sent, [Effect::Send(wish)]);
}

#[test]
fn a_changed_draft_says_which_signature_goes_out() {
    let mut world = World::new();
    world.target = Some("http://127.0.0.1:3000".into());
    let mut overlay = world.open(Action::Edit);
    world.press(&mut overlay, "^End Backspace ',␣1}'");
    assert!(world.shown(&overlay).contains("it will not hold, and the secret of stripe is not known"));
    assert!(world.shown(&overlay).contains("Changed    body"));

    world.secrets.push(known_secret(1, "stripe", 0));
    let mut overlay = world.open(Action::Edit);
    world.press(&mut overlay, "^End Backspace ',␣1}'");
    assert!(world.shown(&overlay).contains("re-signed now with the secret of stripe"));
    let Effect::Send(wish) = first_effect(world.press(&mut overlay, "^s")) else { panic!("not sent") };
    assert_eq!(wish.signature, None, "the fitting one");
    let text = wish.draft.expect("a draft");
    let request = &world.exchange.as_ref().expect("loaded").request;
    let draft = crate::domain::draft::Draft::from_text(&text, request).expect("a draft");
    assert!(draft.body.ends_with(b", 1}"));
    assert_eq!(draft.headers.get("content-length"), Some(draft.body.len().to_string().as_bytes()));

    world.press(&mut overlay, "^g");
    assert!(world.shown(&overlay).contains("broken on purpose"));
    let Effect::Send(wish) = first_effect(world.press(&mut overlay, "^s")) else { panic!("not sent") };
    assert_eq!(wish.signature, Some(SignatureChoice::Broken));
    world.press(&mut overlay, "^g");
    assert!(world.shown(&overlay).contains("kept by your choice"));
}

#[test]
fn a_signature_is_made_anew_only_where_it_cannot_hold() {
    let mut world = World::new();
    world.target = Some("http://127.0.0.1:3000".into());
    let said = |world: &World, keys: &str| {
        let mut overlay = world.open(Action::Edit);
        world.press(&mut overlay, keys);
        let shown = world.shown(&overlay);
        shown.lines().find(|line| line.contains("Signature  ")).unwrap_or_default().to_owned()
    };
    world.secrets = ["stripe", "telegram", "discord"].map(|name| known_secret(1, name, 0)).to_vec();
    assert!(said(&world, "End '&a=b'").contains("kept: what it signs was not changed"));
    for (provider, words) in [
        ("telegram", "kept: what it signs was not changed"),
        ("discord", "only discord can sign it"),
        ("own", "re-signed"),
    ] {
        if provider == "own" {
            world.secrets.push(known_secret(4, "own", 0));
        }
        world.row.as_mut().expect("a row").provider = Some(provider.into());
        let line = said(&world, "^End ',' ");
        assert!(line.contains(words), "{provider}: {line}");
    }
    world.row.as_mut().expect("a row").provider = None;
    assert!(said(&world, "^End ','").contains("none: "));
}

#[test]
fn a_draft_that_cannot_be_read_is_not_sent_and_not_lost() {
    let mut world = World::new();
    let mut overlay = world.open(Action::Edit);
    assert!(matches!(world.press(&mut overlay, "^s"), Step::Stay), "there is no target");
    let step = world.press(&mut overlay, "'localhost:1' Enter");
    assert!(matches!(first_effect(step), Effect::Send(wish) if wish.target == "http://localhost:1"));

    world.target = Some("http://127.0.0.1:3000".into());
    let mut overlay = world.open(Action::Edit);
    assert!(matches!(world.press(&mut overlay, "Down 'x' Enter ^s"), Step::Stay));
    assert!(world.shown(&overlay).contains("line 2:"), "{}", world.shown(&overlay));
    assert!(matches!(world.press(&mut overlay, "Esc"), Step::Stay), "asks first");
    assert!(matches!(world.press(&mut overlay, "Left Esc"), Step::Stay), "any other key goes on");
    assert!(matches!(world.press(&mut overlay, "Esc"), Step::Close));
}

#[test]
fn the_draft_goes_to_the_editor_and_comes_back() {
    let mut world = World::new();
    world.target = Some("http://127.0.0.1:3000".into());
    let mut overlay = world.open(Action::Edit);
    let Effect::OpenEditor { id, text: Some(text) } = first_effect(world.press(&mut overlay, "^o")) else {
        panic!("no editor")
    };
    let changed = text.replace("1200", "9");
    overlay.tell(&Msg::Edited { id, result: Ok(changed.clone()) }, &world.context());
    let Effect::Send(wish) = first_effect(world.press(&mut overlay, "^s")) else { panic!("not sent") };
    assert_eq!(wish.draft.as_deref(), Some(changed.as_str()));

    let Step::Open(mut overlay) = Overlay::edited(ExchangeId(7), &changed, &world.context()) else {
        panic!("no editor")
    };
    assert!(matches!(first_effect(world.press(&mut overlay, "^s")), Effect::Send(wish) if wish.draft.is_some()));
    assert!(matches!(Overlay::edited(ExchangeId(8), &changed, &world.context()), Step::Refuse(_)));
    let large = format!("{changed}{}", "x".repeat(300_000));
    let Step::Open(mut overlay) = Overlay::edited(ExchangeId(7), &large, &world.context()) else { panic!("no editor") };
    assert!(world.shown(&overlay).contains("too much to edit here"));
    assert!(matches!(first_effect(world.press(&mut overlay, "^s")), Effect::Send(wish) if wish.draft == Some(large)));
}

#[test]
fn a_question_comes_to_its_step_on_yes_alone() {
    let world = World::new();
    let ask = || Overlay::Confirm(Confirm::quit("Leave all the same?"));
    assert_eq!(effects(world.press(&mut ask(), "y")), [Effect::Quit]);
    assert!(matches!(world.press(&mut ask(), "x"), Step::Stay));
    assert!(matches!(world.press(&mut ask(), "n"), Step::Close));
}

#[test]
fn leaving_this_machine_needs_a_letter_of_its_own() {
    let world = World::new();
    let wish = SendWish { id: ExchangeId(7), target: "http://app.example".into(), ..SendWish::default() };
    let ask = || {
        Overlay::Elsewhere(ElsewherePrompt::new(Elsewhere {
            wish: wish.clone(),
            origin: "http://app.example:80".into(),
            host: "app.example".into(),
            addresses: vec!["203.0.113.7".parse().unwrap()],
            zone: "the internet",
            credentials: vec!["Authorization", "Cookie"],
        }))
    };
    let approved = |remember, sends_credentials| {
        let addresses = vec!["203.0.113.7".parse().unwrap()];
        let approval = Some(Approval { host: "app.example".into(), addresses, remember });
        Effect::Send(SendWish { approval, sends_credentials, ..wish.clone() })
    };
    assert_eq!(effects(world.press(&mut ask(), "y")), [approved(false, false)]);
    assert_eq!(effects(world.press(&mut ask(), "s")), [approved(true, false)]);
    assert_eq!(effects(world.press(&mut ask(), "c y")), [approved(false, true)]);
    assert_eq!(effects(world.press(&mut ask(), "c c s")), [approved(true, false)]);
    for key in ["Enter", "x", "Space", "^y"] {
        assert!(matches!(world.press(&mut ask(), key), Step::Stay), "{key}");
    }
    for key in ["n", "q", "Esc", "^c"] {
        assert!(matches!(world.press(&mut ask(), key), Step::Close), "{key}");
    }
    let mut asked = ask();
    assert!(
        world.shown(&asked).contains("203.0.113.7") && world.shown(&asked).contains("Authorization, Cookie stay here")
    );
    world.press(&mut asked, "c");
    assert!(world.shown(&asked).contains("Authorization, Cookie go with it"));
}

#[test]
fn logins_of_a_draft_go_along_on_demand() {
    let mut world = World::new();
    let exchange = world.exchange.as_mut().unwrap();
    let mut request = Request::clone(&exchange.request);
    request.headers.push("Authorization", "Bearer x");
    exchange.request = Arc::new(request);
    world.target = Some("http://app.example".into());
    let mut editor = world.open(Action::Edit);
    assert!(world.shown(&editor).contains("Authorization go to this machine and"), "{}", world.shown(&editor));
    world.press(&mut editor, "^t");
    assert!(world.shown(&editor).contains("Authorization go to whatever host it is"));
    let sent = effects(world.press(&mut editor, "^s"));
    assert!(matches!(&sent[..], [Effect::Send(SendWish { sends_credentials: true, .. })]), "{sent:?}");
}

#[test]
fn after_a_guess_that_fitted_nothing_the_next_is_typed_at_once() {
    let mut world = World::new();
    world.secrets = vec![known_secret(1, "stripe", 0), known_secret(2, "github", 9)];
    let mut overlay = world.open(Action::Secret);
    assert!(!world.shown(&overlay).contains("stays beside it"), "{}", world.shown(&overlay));
    let wish = first_effect(world.press(&mut overlay.clone(), "'x' Enter"));
    assert!(matches!(wish, Effect::SetSecret { replaces: None, .. }));
    world.press(&mut overlay, "Up");
    assert!(world.shown(&overlay).contains("fitted 9"), "{}", world.shown(&overlay));
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
    assert!(shown.contains("For request 7 (POST /stripe/hook?live=1, held)"), "{shown}");
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

#[test]
fn a_probe_says_why_it_cannot_be_shuffled() {
    let mut world = World::new();
    world.target = Some("http://127.0.0.1:3000".into());
    let context = OverlayContext { neighbours: &[], ..world.context() };
    let overlay = match Overlay::open(Action::Probe, &context) {
        Some(Step::Open(overlay)) => *overlay,
        other => panic!("{other:?}"),
    };
    let shown = world.shown(&overlay);
    assert!(shown.contains("shuffled with its neighbours: not here, no other request came to its path"), "{shown}");
}

#[test]
fn the_list_of_rules_says_what_is_wrong_with_their_file_until_it_is_mended() {
    let mut world = world_with_rules();
    world.broken = Some("hooksight.ron:7:5: rules[0].reply: no such kind".to_owned());
    for size in [(140, 40), (80, 24), (40, 12)] {
        world.size = size;
        let mut overlay = world.open(Action::Rules);
        let said = |overlay: &Overlay| world.shown(overlay).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said(&overlay).contains("The file is broken"), "{}", world.shown(&overlay));
        overlay.tell(&Msg::Configuration(None), &world.context());
        assert!(!said(&overlay).contains("broken"), "{}", world.shown(&overlay));
    }
}
