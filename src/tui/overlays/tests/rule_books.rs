//! Keys in, steps out: rules.

use super::*;

pub(super) fn rule(number: u32, name: &str, when: &str, origin: Origin) -> RuleRow {
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
    assert!(matches!(world.press(&mut chooser, "^r"), Step::Act(Action::Rules)));
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

/// The terminal's own ground must not show through between the words of a row.
#[test]
fn a_row_of_a_list_has_the_ground_of_its_box_from_end_to_end() {
    let mut world = world_with_rules();
    world.size = (100, 30);
    let overlay = world.open(Action::Rules);
    for name in ["dark", "light"] {
        let theme = Theme::builtin(name).expect("compiled in");
        let mut buffer = Buffer::empty(Rect::new(0, 0, 100, 30));
        overlay.view(buffer.area, &mut buffer, &theme);
        let text = text_of(&buffer);
        let y = text.lines().position(|line| line.contains("all others")).expect("the last row");
        let line: Vec<&str> = text.lines().collect();
        let from = line[y].chars().position(|c| c == '│').expect("the left border") + 1;
        let grounds: std::collections::BTreeSet<String> =
            (from..98).map(|x| format!("{:?}", buffer[(x as u16, y as u16)].bg)).collect();
        assert_eq!(grounds.len(), 1, "{name}: {grounds:?} {text}");
    }
}
