//! Playbooks: keys in, steps out; and how each overlay looks at three sizes.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::domain::body::Body;
use crate::domain::exchange::{AnswerOutcome, Exchange, Request, SignatureChoice};
use crate::domain::export::{curl, raw};
use crate::domain::filter::{Filter, Seen};
use crate::domain::headers::Headers;
use crate::domain::probe::{Came, Order, Probed, Recorded, Whose};
use crate::domain::reply::{EXAMPLES, Fault, Reply, Scope};
use crate::domain::rule::{Origin, Written};
use crate::domain::signature::{Cause, Outcome, Secret};
use crate::domain::summary::{AnswerBrief, Summary};
use crate::domain::target_rules::Approval;
use crate::domain::testing;
use crate::domain::time::Timestamp;
use crate::tui::effect::{CopyWhat, Effect, ProbeWish, RuleChange, SendWish};
use crate::tui::key::{Key, KeyCode};
use crate::tui::keymap::{Keymap, parse_key};
use crate::tui::model::in_force::ReplyInForce;
use crate::tui::msg::{Elsewhere, HeldRow, Identity, KnownSecret, Msg, RuleRow};
use crate::tui::theme::Theme;

mod any_keys;
mod books;
mod looks;
mod reply_books;
mod rule_books;
mod send_books;

/// What a context borrows from.
#[derive(Debug)]
struct World {
    size: (u16, u16),
    keymap: Keymap,
    identity: Identity,
    row: Option<Summary>,
    exchange: Option<Exchange>,
    target: Option<String>,
    filter: String,
    rules: Vec<RuleRow>,
    /// What is wrong with the configuration's file.
    broken: Option<String>,
    since: BTreeMap<u32, Timestamp>,
    answered: BTreeMap<String, u64>,
    in_force: Option<ReplyInForce>,
    held: Option<HeldRow>,
    replies: Vec<(String, Reply)>,
    seen: Seen,
    newest: Vec<Arc<Summary>>,
    history: Vec<String>,
    search: String,
    secrets: Vec<KnownSecret>,
    themes: Vec<String>,
}

impl World {
    /// A listener with one Stripe delivery selected and loaded.
    fn new() -> Self {
        let body = r#"{"id":"evt_1","type":"invoice.paid","data":{"amount":1200}}"#;
        let headers = [
            ("Host", "127.0.0.1:7070"),
            ("Content-Type", "application/json"),
            ("Stripe-Signature", "t=1763778600,v1=5257a869"),
            ("X-Odd", "caf\u{202e}e"),
            ("Content-Length", "59"),
        ];
        Self {
            size: (80, 24),
            keymap: Keymap::default(),
            identity: Identity {
                url: "http://127.0.0.1:7070".into(),
                session: "2026-11-22T02-30-00".into(),
                providers: ["github", "shopify", "slack", "stripe", "twilio"].map(str::to_owned).to_vec(),
                ..Identity::default()
            },
            row: Some(row()),
            exchange: Some(exchange(Headers::from_pairs(headers), body.as_bytes())),
            target: None,
            filter: String::new(),
            rules: Vec::new(),
            broken: None,
            since: BTreeMap::new(),
            answered: BTreeMap::new(),
            in_force: Some(ReplyInForce {
                all: "200".into(),
                text: "status=200".into(),
                paths: Vec::new(),
                since: None,
            }),
            held: None,
            replies: Vec::new(),
            seen: Seen::of([&row()].into_iter()),
            newest: vec![Arc::new(row())],
            history: vec!["status:5xx".into(), "type:invoice.*".into()],
            search: String::new(),
            secrets: Vec::new(),
            themes: vec!["dark".into(), "light".into()],
        }
    }

    fn context(&self) -> OverlayContext<'_> {
        OverlayContext {
            size: self.size,
            keymap: &self.keymap,
            identity: &self.identity,
            selected: self.row.as_ref(),
            loaded: self.exchange.as_ref(),
            target: self.target.as_deref(),
            filter: &self.filter,
            is_ledger: false,
            neighbours: &[ExchangeId(5), ExchangeId(6), ExchangeId(8)],
            rules: &self.rules,
            configuration: self.broken.as_deref(),
            rules_since: &self.since,
            answered: &self.answered,
            utc_offset_s: 3_600,
            reply_all: self.in_force.as_ref(),
            path_replies: &self.replies,
            now: Timestamp::from_secs(1_700_000_000),
            held: self.held.as_ref(),
            seen: &self.seen,
            newest: &self.newest,
            filter_history: &self.history,
            search: &self.search,
            secrets: &self.secrets,
            computed: Some(ExchangeId(7)),
            themes: &self.themes,
        }
    }

    fn open(&self, action: Action) -> Overlay {
        match Overlay::open(action, &self.context()) {
            Some(Step::Open(overlay)) => overlay,
            other => panic!("{action:?} gave {other:?}"),
        }
    }

    /// Keys parted by blanks; `'text'` is typed letter by letter, `␣` in it is a blank. The last step.
    fn press(&self, overlay: &mut Overlay, keys: &str) -> Step {
        let mut last = Step::Stay;
        for word in keys.split(' ').filter(|word| !word.is_empty()) {
            match word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
                Some(text) => {
                    for char in text.chars() {
                        let code = KeyCode::Char(if char == '␣' { ' ' } else { char });
                        last = overlay.update(Key { code, ctrl: false, alt: false, shift: false }, &self.context());
                    }
                }
                None => last = overlay.update(parse_key(word).expect(word), &self.context()),
            }
        }
        last
    }

    fn shown(&self, overlay: &Overlay) -> String {
        let buffer = self.drawn(overlay);
        text_of(&buffer)
    }

    fn drawn(&self, overlay: &Overlay) -> Buffer {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buffer = Buffer::empty(area);
        overlay.view(area, &mut buffer, &Theme::builtin("monochrome").expect("compiled in"));
        buffer
    }
}

/// A secret that was typed.
fn known_secret(number: u32, provider: &str, fitted: u64) -> KnownSecret {
    KnownSecret { number, provider: Some(provider.to_owned()), origin: "typed here".to_owned(), fitted, is_typed: true }
}

fn row() -> Summary {
    Summary {
        id: ExchangeId(7),
        at: Timestamp::from_secs(1_763_778_600),
        method: "POST".into(),
        target: "/stripe/hook?live=1".into(),
        peer: "127.0.0.1".into(),
        size_bytes: 59,
        refused: false,
        cut: false,
        provider: Some("stripe".into()),
        event_type: Some("invoice.paid".into()),
        delivery: Some("evt_1".into()),
        complete_us: 0,
        delivery_count: 1,
        delivery_number: 1,
        delivery_first: ExchangeId(7),
        same_body: None,
        body_change: None,
        judgement: None,
        verdict: Some((Outcome::Unknown, Some(Cause::NoSecret))),
        is_first_look: false,
        is_answer_lost: false,
        may_be_handshake: false,
        answer: Some(AnswerBrief {
            status: Some(200),
            outcome: AnswerOutcome::Sent,
            answer_us: 900,
            by: Default::default(),
            step: None,
            would_refuse: None,
            wrong: None,
        }),
        onward: None,
        attempts: 0,
        marked: false,
    }
}

fn exchange(headers: Headers, body: &[u8]) -> Exchange {
    let request = Request {
        id: ExchangeId(7),
        first_byte: Timestamp::from_secs(1_763_778_600),
        target: "/stripe/hook?live=1".into(),
        headers,
        body: Body::whole(body.to_vec()),
        ..testing::request()
    };
    Exchange { request: Arc::new(request), answer: None, attempts: Vec::new(), unread: Vec::new() }
}

fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area;
    let rows = (area.top()..area.bottom()).map(|y| {
        let line: String = (area.left()..area.right()).map(|x| buffer[(x, y)].symbol()).collect();
        line.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn effects(step: Step) -> Vec<Effect> {
    match step {
        Step::Do { effects, .. } => effects,
        other => panic!("no wish: {other:?}"),
    }
}
