//! How each overlay looks. The cursor cell and the chosen row are reversed on screen.

use super::*;

fn look(name: &str, action: Action, keys: &str, prepare: impl Fn(&mut World)) {
    for size in [(140, 40), (80, 24), (40, 12)] {
        let mut world = World::new();
        world.size = size;
        prepare(&mut world);
        let mut overlay = world.open(action);
        world.press(&mut overlay, keys);
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), world.shown(&overlay));
    }
}

#[test]
fn help() {
    look("help", Action::Help, "", |_| {});
}

#[test]
fn help_at_its_end() {
    look("help-end", Action::Help, "G", |_| {});
}

#[test]
fn palette() {
    look("palette", Action::Palette, "", |_| {});
    look("palette-typed", Action::Palette, "'cop'", |_| {});
    look("palette-command", Action::Palette, "'respond␣503␣delay=x'", |_| {});
}

#[test]
fn reply() {
    look("reply", Action::Reply, "Tab", |_| {});
    look("reply-typed", Action::Reply, "'5'", |_| {});
    look("reply-own", Action::Reply, "'200-j' ^e Tab '2s' Tab ^e Enter 'X-Mine:␣1' Tab ^e ',␣more'", |_| {});
    look("reply-own-mistake", Action::Reply, "'201' ^e Backspace '9' Backspace Backspace Backspace '99'", |_| {});
}

#[test]
fn rules() {
    let prepare = |world: &mut World| *world = World { size: world.size, ..super::rule_books::world_with_rules() };
    look("rules", Action::Rules, "j", prepare);
    look("rules-form", Action::Rules, "j Enter BackTab", prepare);
    look("rules-new", Action::Rules, "a 'fail␣500␣x2,␣200'", prepare);
    look("reply-beside-rules", Action::Reply, "'delay'", prepare);
}

#[test]
fn probe() {
    look("probe", Action::Probe, "j", |world| world.target = Some("http://127.0.0.1:3000".into()));
    for size in [(140, 40), (80, 24), (40, 12)] {
        let mut world = World::new();
        (world.size, world.target) = (size, Some("http://127.0.0.1:3000".into()));
        let mut overlay = world.open(Action::Probe);
        world.press(&mut overlay, "Enter");
        for row in super::send_books::probed_rows() {
            overlay.tell(&Msg::Probed { id: ExchangeId(7), row }, &world.context());
        }
        overlay.tell(&Msg::ProbeDone { id: ExchangeId(7), refused: None }, &world.context());
        insta::assert_snapshot!(format!("probe-done-{}x{}", size.0, size.1), world.shown(&overlay));
    }
}

#[test]
fn secret() {
    look("secret", Action::Secret, "'sk_live_12'", |_| {});
    look("secret-known", Action::Secret, "Down", |world| {
        world.secrets = vec![known_secret(1, "stripe", 1204), known_secret(2, "github", 0)];
    });
    look("secret-choose", Action::Secret, "", |world| world.row.as_mut().expect("a row").provider = None);
}

#[test]
fn computed() {
    look("computed", Action::Computed, "'sha256=5257a869e7ec'", |_| {});
}

#[test]
fn public_url() {
    look("public-url", Action::PublicUrl, "'hooks.example'", |world| {
        world.row.as_mut().expect("a row").provider = Some("twilio".into());
    });
    look("public-url-offered", Action::PublicUrl, "", |world| {
        let headers = Headers::from_pairs([("X-Forwarded-Host", "abc.ngrok.app"), ("X-Forwarded-Proto", "https")]);
        world.exchange = Some(exchange(headers, b"{}"));
    });
}

#[test]
fn copy() {
    look("copy", Action::Copy, "j", |_| {});
    look("copy-header", Action::Copy, "'v' j", |_| {});
    look("copy-nothing-yet", Action::Copy, "", |world| world.row = None);
}

#[test]
fn filter() {
    look("filter", Action::Filter, "", |_| {});
    look("filter-mistake", Action::Filter, "'method:post␣status:9x'", |_| {});
    look("filter-history", Action::Filter, "Up Up", |_| {});
}

#[test]
fn prompts() {
    look("search", Action::Search, "'evt_1'", |_| {});
    look("save", Action::Save, "'my/run'", |_| {});
    look("target", Action::Resend, "", |_| {});
}

#[test]
fn draft() {
    look("draft", Action::Edit, "", |world| world.target = Some("http://127.0.0.1:3000".into()));
    look("draft-changed", Action::Edit, "^End Backspace 'x'", |world| {
        world.secrets = vec![known_secret(1, "stripe", 0)]
    });
    look("draft-mistake", Action::Edit, "Down End Enter 'no␣colon'", |_| {});
}

/// Of ten rows the text has five: what a small screen is for is the text.
#[test]
fn a_small_screen_shows_the_text_of_an_edited_copy() {
    let mut world = World::new();
    world.size = (40, 12);
    let rows = |world: &World, keys: &str| {
        let mut overlay = world.open(Action::Edit);
        world.press(&mut overlay, keys);
        world.shown(&overlay)
    };
    let shown = rows(&world, "");
    for part in ["Host:", "Stripe-Signature:", "Signature  kept"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(rows(&world, "Tab 'http://a'").contains("Send to    http://a"), "{}", rows(&world, "Tab 'http://a'"));
    let mistake = rows(&world, "Down End Enter 'no␣colon'");
    assert!(mistake.contains("expected") || mistake.contains("colon"), "{mistake}");
}

#[test]
fn confirm() {
    let mut world = World::new();
    let overlay = Overlay::of(Confirm::quit("A request is still being answered. Leave all the same?"));
    for size in [(140, 40), (80, 24), (40, 12)] {
        world.size = size;
        insta::assert_snapshot!(format!("confirm-{}x{}", size.0, size.1), world.shown(&overlay));
    }
}
