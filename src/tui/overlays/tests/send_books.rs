//! Keys in, steps out: what is sent, where to, and how it is changed before.

use super::books::first_effect;
use super::*;

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
fn a_probe_says_why_it_cannot_be_shuffled() {
    let mut world = World::new();
    world.target = Some("http://127.0.0.1:3000".into());
    let context = OverlayContext { neighbours: &[], ..world.context() };
    let overlay = match Overlay::open(Action::Probe, &context) {
        Some(Step::Open(overlay)) => overlay,
        other => panic!("{other:?}"),
    };
    let shown = world.shown(&overlay);
    assert!(shown.contains("shuffled with its neighbours: not here, no other request came to its path"), "{shown}");
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
fn leaving_this_machine_needs_a_letter_of_its_own() {
    let world = World::new();
    let wish = SendWish { id: ExchangeId(7), target: "http://app.example".into(), ..SendWish::default() };
    let ask = || {
        Overlay::of(ElsewherePrompt::new(Elsewhere {
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
