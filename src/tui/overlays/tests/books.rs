//! Keys in, steps out.

use super::*;

pub(super) fn first_effect(step: Step) -> Effect {
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
fn copy_has_a_letter_for_each_part_and_a_list_of_values() {
    let world = World::new();
    let copied = |keys: &str| {
        let mut overlay = world.open(Action::Copy);
        match first_effect(world.press(&mut overlay, keys)) {
            Effect::Copy { id: ExchangeId(7), what } => what,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(copied("Enter"), CopyWhat::Shape(&curl::SHAPE));
    assert_eq!(copied("y"), CopyWhat::Shape(&curl::SHAPE));
    assert_eq!(copied("r"), CopyWhat::Shape(&raw::SHAPE));
    assert_eq!(copied("h"), CopyWhat::Headers);
    assert_eq!(copied("j j j Enter"), CopyWhat::Body);
    assert_eq!(copied("u"), CopyWhat::Url);
    assert_eq!(copied("v j j Enter"), CopyWhat::HeaderValue(2));
    assert_eq!(copied("v Esc j Enter"), CopyWhat::Url, "Esc goes back to the row that opened the list");
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
fn a_public_url_is_taken_with_or_without_its_scheme_and_given_up_again() {
    let mut world = World::new();
    let wanted = |url: Option<&str>| Effect::SetPublicUrl { url: url.map(str::to_owned), id: ExchangeId(7) };
    let mut overlay = world.open(Action::PublicUrl);
    world.press(&mut overlay, "'ftp://x'");
    assert!(matches!(world.press(&mut overlay, "Enter"), Step::Stay));
    assert!(world.shown(&overlay).contains("ftp:// is not HTTP"), "{}", world.shown(&overlay));
    overlay.paste(" https://hooks.example/in\n", &world.context());
    assert!(
        world.shown(&overlay).contains("checked with https://hooks.example/in?live=1"),
        "{}",
        world.shown(&overlay)
    );
    assert_eq!(first_effect(world.press(&mut overlay, "Enter")), wanted(Some("https://hooks.example/in")));
    let typed = world.press(&mut world.open(Action::PublicUrl), "'hooks.example' Enter");
    assert_eq!(first_effect(typed), wanted(Some("https://hooks.example")), "providers call https");
    let typed = world.press(&mut world.open(Action::Palette), "'public-url␣http://a.example' Enter");
    assert_eq!(first_effect(typed), wanted(Some("http://a.example")));
    // What is in force can be kept and given up.
    world.identity.public_url = Some("https://old.example".into());
    assert!(matches!(world.press(&mut world.open(Action::PublicUrl), "Enter"), Step::Close));
    assert_eq!(first_effect(world.press(&mut world.open(Action::PublicUrl), "^u Enter")), wanted(None));
}

#[test]
fn what_a_tunnel_wrote_is_offered_until_something_is_typed() {
    let mut world = World::new();
    let offered = |world: &mut World, pairs: &[(&str, &str)], keys: &str| {
        world.exchange = Some(exchange(Headers::from_pairs(pairs.iter().copied()), b"{}"));
        world.press(&mut world.open(Action::PublicUrl), keys)
    };
    let both = [("X-Forwarded-Host", "abc.ngrok.app, inner"), ("X-Forwarded-Proto", "https")];
    let wanted = |url: &str| Effect::SetPublicUrl { url: Some(url.to_owned()), id: ExchangeId(7) };
    assert_eq!(first_effect(offered(&mut world, &both, "Enter")), wanted("https://abc.ngrok.app"));
    assert_eq!(first_effect(offered(&mut world, &both, "'b.example' Enter")), wanted("https://b.example"));
    for odd in ["a b", "x@evil.example", "\u{202e}", &"a".repeat(5_000)] {
        let step = offered(&mut world, &[("X-Forwarded-Host", odd)], "Enter");
        assert!(matches!(step, Step::Close), "{odd:?}: {step:?}");
    }
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
fn a_filter_says_how_many_it_lets_through_while_it_is_typed() {
    let mut world = World::new();
    world.newest = (1..=3u64).map(|id| Arc::new(Summary { id: ExchangeId(id), ..row() })).collect();
    let shown = |world: &World, keys: &str| {
        let mut overlay = world.open(Action::Filter);
        world.press(&mut overlay, keys);
        let shown = world.shown(&overlay);
        shown.split(['│', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    assert!(shown(&world, "'id:<3'").contains("lets 2 of 3 requests through"), "{}", shown(&world, "'id:<3'"));
    let none = shown(&world, "'type:inv'");
    assert!(
        none.contains("lets none of 3 requests through; a value is compared whole: event:inv* lets 3 through"),
        "{none}"
    );
    let inside = shown(&world, "'body:x'");
    assert!(inside.contains("lets 0 to 3 of 3 requests through; it looks into headers and bodies"), "{inside}");
    assert!(!shown(&world, "").contains("through"));
    // What comes while it is open counts.
    let mut overlay = world.open(Action::Filter);
    world.press(&mut overlay, "'id:<9'");
    world.newest.push(Arc::new(Summary { id: ExchangeId(4), ..row() }));
    overlay.tell(&Msg::Tick(Timestamp::from_secs(1_700_000_000)), &world.context());
    assert!(world.shown(&overlay).contains("lets 4 of 4 requests through"), "{}", world.shown(&overlay));
    world.newest.remove(0);
    assert!(shown(&world, "'id:<3'").contains("lets 1 of the newest 3 requests through"));
    world.newest.clear();
    assert!(shown(&world, "'id:<3'").contains("no request is there yet"));
}

#[test]
fn tab_goes_through_what_a_filter_can_ask_for() {
    let world = World::new();
    let mut overlay = world.open(Action::Filter);
    let text = |overlay: &Overlay, keys: &str| {
        let mut overlay = overlay.clone();
        match world.press(&mut overlay, &format!("{keys} Enter")) {
            Step::Filter { text, .. } => text,
            other => panic!("{keys}: {other:?} {}", world.shown(&overlay)),
        }
    };
    // A field, and its values one by one, there and back.
    assert_eq!(text(&overlay, "'!ver' Tab Tab"), "!verdict:valid");
    assert_eq!(text(&overlay, "'ver' Tab Tab Tab BackTab"), "verdict:valid");
    assert_eq!(text(&overlay, "'ver' Tab Tab BackTab BackTab"), "verdict:unknown");
    // What requests have had. Alone, it is chosen, and the next term can be typed.
    assert_eq!(text(&overlay, "'type:inv' Tab 'is:m' Tab"), "type:invoice.paid is:marked");
    // They are shown before anybody asks, also below a mistake.
    world.press(&mut overlay, "'judged:'");
    let shown = world.shown(&overlay);
    for part in ["expected a value behind judged:", "Tab  accepted  depends  too-late", "Tab complete"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    world.press(&mut overlay, "'zzz'");
    assert!(!world.shown(&overlay).contains("Tab complete"), "{}", world.shown(&overlay));
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
fn a_question_comes_to_its_step_on_yes_alone() {
    let world = World::new();
    let ask = || Overlay::of(Confirm::quit("Leave all the same?"));
    assert_eq!(effects(world.press(&mut ask(), "y")), [Effect::Quit]);
    assert!(matches!(world.press(&mut ask(), "x"), Step::Stay));
    assert!(matches!(world.press(&mut ask(), "n"), Step::Close));
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

/// A request that nobody recognises: whose it is can be mistyped, or be somebody of whom there is no profile.
#[test]
fn a_provider_that_is_mistyped_is_guessed_and_one_that_is_unknown_is_said() {
    let mut world = World::new();
    world.row.as_mut().expect("a row").provider = None;
    for (typed, shown) in [
        ("'strpe'", "▸ stripe"),
        ("'␣GitHub␣'", "▸ github"),
        ("'qqqq'", "No provider is called qqqq. Backspace shows all"),
    ] {
        let mut overlay = world.open(Action::Secret);
        world.press(&mut overlay, typed);
        assert!(world.shown(&overlay).contains(shown), "{typed}: {}", world.shown(&overlay));
    }
    let mut overlay = world.open(Action::Secret);
    assert!(matches!(world.press(&mut overlay, "'qqqq' Enter"), Step::Stay));
    world.press(&mut overlay, "Backspace Backspace Backspace Backspace");
    assert!(world.shown(&overlay).contains("slack"));
}
