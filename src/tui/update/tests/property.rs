//! Whatever happens in whatever order at whatever size: nothing panics and what must hold, holds.

use std::sync::Arc;

use proptest::prelude::*;

use crate::domain::exchange::{AnswerOutcome, ExchangeId};
use crate::domain::search::Hit;
use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::{AnswerBrief, Summary};
use crate::domain::time::Timestamp;
use crate::tui::effect::{Effect, RenderKey};
use crate::tui::key::{Key, KeyCode, Mouse, MouseKind};
use crate::tui::layout::layout;
use crate::tui::model::{Focus, Model};
use crate::tui::msg::{Level, Msg, Notice, RecordingState};
use crate::tui::testing::{NOON_S, Stage, exchange, row, sample};
use crate::tui::update::update;

/// Something that happens; what answers a wish takes the newest one.
#[derive(Clone, Debug)]
enum Event {
    Msg(Msg),
    Load(bool),
    Render,
    Found(Vec<usize>),
    Filtered(Vec<u64>, bool),
}

fn any_row() -> impl Strategy<Value = Summary> {
    let verdict = prop_oneof![
        Just(None),
        Just(Some((Outcome::Valid, None))),
        Just(Some((Outcome::Invalid, Some(Cause::TimestampStale)))),
        Just(Some((Outcome::Unknown, Some(Cause::NoSecret)))),
    ];
    let answer = prop_oneof![
        Just(None),
        (proptest::option::of(200u16..600), 0u64..1 << 40).prop_map(|(status, answer_us)| {
            Some(AnswerBrief {
                status,
                outcome: AnswerOutcome::Sent,
                answer_us,
                by: Default::default(),
                step: None,
                would_refuse: None,
                wrong: None,
            })
        })
    ];
    (0u64..40, "[ -~漢é]{0,60}", proptest::option::of("[a-z.漢]{0,40}"), verdict, answer, any::<(bool, bool, u32)>())
        .prop_map(|(id, target, event_type, verdict, answer, (marked, refused, count))| Summary {
            target: target.into(),
            event_type: event_type.map(Into::into),
            verdict,
            is_first_look: false,
            answer,
            marked,
            refused,
            delivery_count: count,
            size_bytes: u64::from(count) << 20,
            ..row(id)
        })
}

fn any_key() -> impl Strategy<Value = Key> {
    let codes = prop_oneof![
        10 => prop::char::range(' ', '~').prop_map(KeyCode::Char),
        4 => prop::sample::select("jkgGfFpmMnN/:?vzyreEsRw1234567[]q".chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        1 => prop::sample::select(vec!['漢', 'é', '\u{301}', '\u{200b}']).prop_map(KeyCode::Char),
        6 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace, KeyCode::Delete,
            KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::Home, KeyCode::End, KeyCode::PageUp,
            KeyCode::PageDown, KeyCode::F(1), KeyCode::Insert,
        ]),
    ];
    (codes, prop::bool::weighted(0.15), prop::bool::weighted(0.05)).prop_map(|(code, ctrl, alt)| Key {
        code,
        ctrl,
        alt,
        shift: false,
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    let kinds = vec![MouseKind::Down, MouseKind::Drag, MouseKind::Up, MouseKind::ScrollUp, MouseKind::ScrollDown];
    let mouse = (prop::sample::select(kinds), 0u16..180, 0u16..60)
        .prop_map(|(kind, column, row)| Msg::Mouse(Mouse { kind, column, row }));
    let batch = || prop::collection::vec(any_row().prop_map(Arc::new), 0..8);
    let msg = prop_oneof![
        12 => any_key().prop_map(Msg::Key),
        4 => mouse,
        4 => batch().prop_map(|mut batch| {
            batch.sort_by_key(|row| row.id);
            Msg::Arrived { batch, missed: 1 }
        }),
        2 => batch().prop_map(|batch| Msg::Changed { batch }),
        2 => (0u16..180, 0u16..60).prop_map(|(width, height)| Msg::Resize { width, height }),
        2 => (0i64..600).prop_map(|second| Msg::Tick(Timestamp::from_secs(NOON_S + second))),
        1 => "[ -~漢\n]{0,30}".prop_map(Msg::Paste),
        1 => "[ -~漢]{0,300}".prop_map(|text| Msg::Notice(Notice { level: Level::Bad, text })),
        1 => any::<u64>().prop_map(|unrecorded| {
            Msg::Recording(RecordingState::NotRecording { reason: "no space left on device".to_owned(), unrecorded })
        }),
        1 => "[ -~\n]{0,60}".prop_map(|text| Msg::Edited { id: ExchangeId(1), result: Ok(text) }),
        1 => ("[0-9a-z ]{0,20}", 0usize..3).prop_map(|(all, paths)| {
            let paths = (0..paths).map(|at| (format!("/webhooks/{at}"), Default::default())).collect();
            Msg::ReplyInForce { all, text: String::new(), paths }
        }),
    ];
    prop_oneof![
        20 => msg.prop_map(Event::Msg),
        3 => prop::bool::weighted(0.9).prop_map(Event::Load),
        3 => Just(Event::Render),
        1 => prop::collection::vec(0usize..60, 0..5).prop_map(|mut lines| {
            lines.sort_unstable();
            Event::Found(lines)
        }),
        2 => (prop::collection::vec(0u64..40, 0..20), any::<bool>()).prop_map(|(ids, more)| Event::Filtered(ids, more)),
    ]
}

/// The newest wishes, to be answered late, twice or never.
#[derive(Default)]
struct World {
    load: Option<ExchangeId>,
    render: Option<RenderKey>,
    search: Option<(RenderKey, String)>,
    filter: u64,
}

impl World {
    fn message(&self, event: Event) -> Option<Msg> {
        match event {
            Event::Msg(msg) => Some(msg),
            Event::Load(is_readable) => self.load.map(|id| {
                let result = if is_readable { Ok(Box::new(exchange(&row(id.0)))) } else { Err("gone".to_owned()) };
                Msg::Loaded { id, result }
            }),
            Event::Render => self.render.clone().map(|key| {
                let document = Arc::new(sample(&key).wrap(key.width));
                Msg::Rendered { key, document }
            }),
            Event::Found(lines) => self.search.clone().map(|(key, needle)| {
                let hits = lines.into_iter().map(|line| Hit { line, start: 0, end: 2 }).collect();
                Msg::Found { key, needle, hits }
            }),
            Event::Filtered(ids, more) => {
                let ids = ids.into_iter().map(ExchangeId).collect();
                let version = self.filter;
                Some(if more { Msg::FilterMatched { version, ids } } else { Msg::Filtered { version, ids } })
            }
        }
    }

    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Load { id } => self.load = Some(*id),
                Effect::Render(key) => self.render = Some(key.clone()),
                Effect::Search { key, needle } => self.search = Some((key.clone(), needle.clone())),
                Effect::Filter { version, .. } => self.filter = *version,
                _ => {}
            }
        }
    }
}

/// What holds after every message.
fn check(model: &Model, stage: &Stage) -> Result<(), TestCaseError> {
    let list = &model.list;
    if let Some(id) = list.selected() {
        let is_waiting = list.filter().is_some_and(|filter| !filter.ready);
        prop_assert!(is_waiting || list.selected_index().is_some(), "selected {id} is not shown");
    } else {
        prop_assert!(list.is_empty() || list.filter().is_some(), "rows are shown and none is selected");
        prop_assert_eq!(model.focus, Focus::List);
    }
    let rows = layout(model).list_rows();
    prop_assert!(list.top() == 0 || list.top() + rows <= list.len(), "room is left at the end");
    prop_assert!(model.overlays.len() <= 8);
    if let Some(document) = model.detail.document() {
        prop_assert!(model.detail.scroll() < document.lines.len().max(1));
    }
    let buffer = stage.buffer();
    let has_control = |symbol: &str| symbol.chars().any(char::is_control);
    prop_assert!(!buffer.content().iter().any(|cell| has_control(cell.symbol())), "a control character is on screen");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_messages_at_any_size_keep_what_must_hold(
        width in 0u16..180,
        height in 0u16..60,
        events in prop::collection::vec(any_event(), 1..80),
    ) {
        let mut stage = Stage::new(width, height);
        let mut world = World::default();
        for event in events {
            let Some(msg) = world.message(event) else { continue };
            let effects = update(&mut stage.model, msg);
            world.note(&effects);
            for effect in &effects {
                if let Effect::Load { id } = effect {
                    prop_assert_eq!(stage.model.list.selected(), Some(*id));
                }
            }
            check(&stage.model, &stage)?;
        }
    }

    #[test]
    fn the_selected_id_stays_whatever_arrives(
        batches in prop::collection::vec(prop::collection::vec(any_row().prop_map(Arc::new), 1..9), 1..9),
        (width, height) in (24u16..180, 6u16..60),
    ) {
        let mut stage = Stage::showing(width, height, crate::tui::testing::rows(10..=20));
        stage.keys("k k k");
        let selected = stage.model.list.selected();
        prop_assert_eq!(selected, Some(ExchangeId(17)));
        for batch in batches {
            stage.send(Msg::Arrived { batch, missed: 0 });
            prop_assert_eq!(stage.model.list.selected(), selected);
        }
    }
}
