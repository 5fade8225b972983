//! Whatever is pressed, at whatever size, nothing panics and nothing is drawn that a terminal would obey.

use proptest::prelude::*;

use super::*;
use crate::tui::key::{Mouse, MouseKind};

#[derive(Clone, Debug)]
enum Input {
    Key(Key),
    Paste(String),
    Mouse(Mouse),
    Size(u16, u16),
    Secret(Result<(u64, u64), String>),
    Edited(String),
}

fn any_input() -> impl Strategy<Value = Input> {
    let code = prop_oneof![
        6 => any::<char>().prop_map(KeyCode::Char),
        6 => (0x20_u8..0x7f).prop_map(|byte| KeyCode::Char(char::from(byte))),
        8 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace, KeyCode::Delete, KeyCode::Up, KeyCode::Down,
            KeyCode::Left, KeyCode::Right, KeyCode::Home, KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::F(1),
        ]),
    ];
    let key = (code, proptest::bool::weighted(0.2), proptest::bool::weighted(0.1), proptest::bool::weighted(0.1))
        .prop_map(|(code, ctrl, alt, shift)| Input::Key(Key { code, ctrl, alt, shift }));
    let kind =
        proptest::sample::select(vec![MouseKind::Down, MouseKind::Drag, MouseKind::ScrollUp, MouseKind::ScrollDown]);
    prop_oneof![
        12 => key,
        2 => "(a|\n|\r\n|\t|\u{1b}\\[31m|\u{202e}|日本|\u{301}|e|👩‍👩‍👧|\\*|:|\\(|\"|/| ){0,20}".prop_map(Input::Paste),
        1 => (kind, 0_u16..150, 0_u16..50).prop_map(|(kind, column, row)| Input::Mouse(Mouse { kind, column, row })),
        1 => (0_u16..150, 0_u16..50).prop_map(|(width, height)| Input::Size(width, height)),
        1 => any::<Result<(u64, u64), String>>().prop_map(Input::Secret),
        1 => any::<String>().prop_map(Input::Edited),
    ]
}

fn any_world() -> impl Strategy<Value = World> {
    let body = prop_oneof![proptest::collection::vec(any::<u8>(), 0..60), Just(vec![b'x'; 700]), Just(Vec::new())];
    (0_u16..150, 0_u16..50, any::<Vec<u8>>(), body, any::<bool>(), any::<bool>()).prop_map(
        |(width, height, value, body, selected, known)| {
            let mut world = World::new();
            world.size = (width, height);
            let mut headers = Headers::new();
            headers.push("X-Any", value);
            world.exchange = Some(exchange(headers, &body));
            if !selected {
                world.row = None;
            }
            if known {
                world.secrets.push(known_secret(1, "stripe", 2));
                world.target = Some("http://127.0.0.1:1".into());
            }
            world
        },
    )
}

fn check_drawn(world: &World, overlay: &Overlay) {
    let buffer = world.drawn(overlay);
    for cell in buffer.content() {
        let symbol = cell.symbol();
        assert!(symbol.chars().all(|char| !char.is_control() && char != '\u{202e}'), "{symbol:?} was drawn");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        mut world in any_world(),
        action in proptest::sample::select(vec![
            Action::Help, Action::Palette, Action::Search, Action::Filter, Action::Save, Action::Reply, Action::Rules, Action::Probe, Action::Secret,
            Action::Copy, Action::Edit, Action::Resend,
        ]),
        inputs in proptest::collection::vec(any_input(), 0..40),
    ) {
        let Some(Step::Open(mut overlay)) = Overlay::open(action, &world.context()) else { return Ok(()) };
        for input in inputs {
            let step = match input {
                Input::Key(key) => overlay.update(key, &world.context()),
                Input::Paste(text) => overlay.paste(&text, &world.context()),
                Input::Mouse(mouse) => overlay.mouse(mouse, &world.context()),
                Input::Size(width, height) => {
                    world.size = (width, height);
                    Step::Stay
                }
                Input::Secret(result) => {
                    overlay.tell(&Msg::SecretSet { provider: "stripe".into(), result }, &world.context())
                }
                Input::Edited(text) => {
                    overlay.tell(&Msg::Edited { id: ExchangeId(7), result: Ok(text) }, &world.context())
                }
            };
            let step = match step {
                Step::Act(action) => Overlay::open(action, &world.context()).unwrap_or(Step::Stay),
                step => step,
            };
            if let Step::Open(next) = step {
                overlay = next;
            }
            check_drawn(&world, &overlay);
        }
        for size in [(0, 0), (1, 1), (2, 3), (4, 3), (3, 40), (200, 1)] {
            world.size = size;
            check_drawn(&world, &overlay);
        }
    }
}
