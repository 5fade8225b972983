//! Helpers for tests: rows and exchanges to show, a stage that plays keys and answers wishes as the program would, and
//! screens as text with their styles.

pub mod playbook;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::domain::body::Body;
use crate::domain::detail::{DetailContext, Tab, document};
use crate::domain::exchange::{Answer, AnswerOutcome, Exchange, ExchangeId, Request};
use crate::domain::headers::Headers;
use crate::domain::judgement::{Judgement, Says, Then};
use crate::domain::pretty::{Document, Limits, Line, Role};
use crate::domain::search::Hit;
use crate::domain::signature::{Cause, Outcome};
use crate::domain::summary::{AnswerBrief, Summary};
use crate::domain::testing;
use crate::domain::time::Timestamp;

use super::effect::{Effect, RenderKey};
use super::keymap::parse_key;
use super::model::{Model, Options};
use super::msg::{Identity, Msg};
use super::theme::Theme;
use super::{update, view};

/// 2026-11-22 14:02:00 UTC.
pub const NOON_S: i64 = 1_795_356_120;

/// A row of that number: a POST to `/webhooks/N`, received N seconds after [`NOON_S`].
pub fn row(id: u64) -> Summary {
    Summary {
        id: ExchangeId(id),
        at: Timestamp::from_secs(NOON_S + id as i64),
        method: "POST".into(),
        target: format!("/webhooks/{id}").into(),
        peer: "127.0.0.1".into(),
        size_bytes: 100 + id,
        refused: false,
        cut: false,
        provider: None,
        event_type: None,
        delivery: None,
        complete_us: 0,
        delivery_count: 1,
        delivery_number: 1,
        delivery_first: ExchangeId(id),
        same_body: None,
        body_change: None,
        judgement: None,
        verdict: None,
        is_first_look: false,
        answer: None,
        is_answer_lost: false,
        may_be_handshake: false,
        onward: None,
        attempts: 0,
        marked: false,
    }
}

/// Rows of these numbers.
pub fn rows(ids: impl IntoIterator<Item = u64>) -> Vec<Arc<Summary>> {
    ids.into_iter().map(|id| Arc::new(row(id))).collect()
}

/// The exchange that a row stands for, with a body of JSON.
pub fn exchange(row: &Summary) -> Exchange {
    let body = r#"{"action":"opened","number":7,"draft":false,"pull_request":{"url":"https://api.github.com/repos/octo/hello/pulls/7","id":1,"title":"Änderung am \u001b[31mLeser","user":{"login":"octocat","id":583231,"site_admin":false},"labels":[],"additions":12,"deletions":3,"changed_files":2},"repository":{"full_name":"octo/hello","private":false,"stargazers_count":1204,"topics":["webhooks","terminal"],"default_branch":"main"},"sender":{"login":"octocat","type":"User"}}"#;
    let headers = [
        ("Host", "127.0.0.1:7070"),
        ("User-Agent", "GitHub-Hookshot/044aadd"),
        ("Content-Type", "application/json"),
        ("Content-Length", "498"),
        ("X-GitHub-Event", "pull_request"),
        ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
    ];
    let answer = row.answer.map(|brief| {
        Arc::new(Answer {
            begun: Some(row.at.plus_micros(brief.answer_us as i64)),
            done: row.at.plus_micros(brief.answer_us as i64),
            outcome: brief.outcome,
            status: brief.status,
            ..testing::answer(row.id)
        })
    });
    let request = Request {
        id: row.id,
        peer: Some(SocketAddr::from(([127, 0, 0, 1], 50_000))),
        first_byte: row.at,
        body_complete_us: 812,
        method: Bytes::from(row.method.to_string()),
        target: Bytes::from(row.target.to_string()),
        headers: Headers::from_pairs(headers),
        body: Body::whole(Bytes::from_static(body.as_bytes())),
        ..testing::request()
    };
    Exchange { request: Arc::new(request), answer, attempts: Vec::new(), unread: Vec::new() }
}

/// A morning of deliveries from several providers, with every verdict and outcome.
pub fn morning() -> Vec<Arc<Summary>> {
    let kinds = [
        ("POST", "/webhooks/github", "pull_request.opened", 7_412, Some((Outcome::Valid, None)), Some(200)),
        (
            "POST",
            "/webhooks/stripe",
            "payment_intent.succeeded",
            2_281,
            Some((Outcome::Invalid, Some(Cause::TimestampStale))),
            Some(200),
        ),
        (
            "POST",
            "/webhooks/shopify?shop=tea",
            "orders/create",
            11_804,
            Some((Outcome::Unknown, Some(Cause::NoSecret))),
            Some(200),
        ),
        ("POST", "/slack/events", "app_mention", 641, Some((Outcome::Valid, None)), Some(200)),
        ("GET", "/health", "", 0, Some((Outcome::Unknown, Some(Cause::NoProvider))), Some(404)),
        (
            "POST",
            "/webhooks/github",
            "push",
            9_120,
            Some((Outcome::Invalid, Some(Cause::BodyJsonRewritten))),
            Some(500),
        ),
        ("POST", "/twilio/sms", "", 412, Some((Outcome::Unsigned, None)), Some(302)),
        (
            "POST",
            "/webhooks/github",
            "check_run.completed",
            14_205_331,
            Some((Outcome::Unknown, Some(Cause::BodyIncomplete))),
            Some(413),
        ),
        ("DELETE", "/webhooks/gitlab/very/long/path/that/goes/on/and/on?token=abc", "Push Hook", 88, None, None),
    ];
    let mut rows = Vec::new();
    for id in 1..=42u64 {
        let (method, target, event, size, verdict, status) = kinds[(id as usize * 5 + id as usize / 9) % kinds.len()];
        let mut row = row(id);
        row.at = Timestamp::from_micros((NOON_S + id as i64 * 3) * 1_000_000 + 123_456);
        (row.method, row.target, row.size_bytes) = (method.into(), target.into(), size);
        row.event_type = (!event.is_empty()).then(|| event.into());
        (row.verdict, row.delivery_count) = (verdict, if id % 7 == 0 { 3 } else { 1 });
        row.cut = status == Some(413);
        row.answer = status.map(|status| AnswerBrief {
            status: Some(status),
            outcome: AnswerOutcome::Sent,
            answer_us: id * id * 711 + 240,
            by: Default::default(),
            step: None,
            would_refuse: None,
            wrong: None,
        });
        (row.marked, row.attempts) = (id == 38, u32::from(id == 42) * 2);
        rows.push(Arc::new(row));
    }
    if let Some(last) = rows.get_mut(36) {
        let row = Arc::make_mut(last);
        (row.refused, row.method, row.target) = (true, "".into(), "".into());
        (row.event_type, row.verdict) = (None, None);
    }
    rows
}

/// Deliveries of Stripe, some of which came several times: one with another body, one still being tried.
pub fn deliveries() -> Vec<Arc<Summary>> {
    let tries: [(u64, u64, &str, u16, Option<bool>); 9] = [
        (1, 1, "payment_intent.succeeded", 500, None),
        (2, 2, "invoice.paid", 200, None),
        (3, 1, "payment_intent.succeeded", 500, Some(true)),
        (4, 4, "customer.created", 200, None),
        (5, 5, "charge.refunded", 503, None),
        (6, 1, "payment_intent.succeeded", 200, Some(false)),
        (7, 7, "invoice.paid", 200, None),
        (8, 5, "charge.refunded", 503, Some(true)),
        (9, 9, "customer.deleted", 410, None),
    ];
    let at = |id: u64| Timestamp::from_secs(NOON_S + (id * id) as i64);
    let made = |(id, first, event, status, same_body): (u64, u64, &str, u16, Option<bool>)| {
        let of_delivery = |upto: u64| tries.iter().filter(|one| one.1 == first && one.0 <= upto).count() as u32;
        let (says, then) = match status {
            200 => (Says::Accepted, Then::Done),
            410 => (Says::Disables, Then::GivesUp),
            _ => (Says::Failed, Then::Retries(Some(at(id).plus_micros(60_000_000)))),
        };
        Arc::new(Summary {
            at: at(id),
            target: "/webhooks/stripe".into(),
            provider: Some("stripe".into()),
            event_type: Some(event.into()),
            delivery: Some(format!("evt_{first}").into()),
            delivery_count: of_delivery(u64::MAX),
            delivery_number: of_delivery(id),
            delivery_first: ExchangeId(first),
            same_body,
            verdict: Some((Outcome::Valid, None)),
            is_first_look: false,
            answer: Some(AnswerBrief {
                status: Some(status),
                outcome: AnswerOutcome::Sent,
                answer_us: 900,
                by: Default::default(),
                step: None,
                would_refuse: None,
                wrong: None,
            }),
            judgement: Some(Judgement { says, then }),
            ..row(id)
        })
    };
    tries.into_iter().map(made).collect()
}

/// A document that stays the same, with every role, more lines than a screen, and lines that are wider than one.
pub fn sample(key: &RenderKey) -> Document {
    let mut document = Document::default();
    if key.tab == Tab::Body {
        document.note("gzip, decoded");
        document.note("first 1 MiB of 8 MiB");
    }
    document.push(Line::of(Role::Heading, format!("{} of {}", key.tab.title(), key.id)));
    document.push(
        Line::of(Role::Label, "label  ").with(Role::Plain, "plain ").with(Role::Dim, "dim ").with(Role::Link, "link"),
    );
    let json = Line::of(Role::Key, "\"key\"").with(Role::Punctuation, ": ").with(Role::Text, "\"text\"");
    document.push(json.with(Role::Punctuation, ", ").with(Role::Number, "1e3").with(Role::Literal, " true"));
    document
        .push(Line::of(Role::Good, "good ").with(Role::Bad, "bad ").with(Role::Warn, "warn ").with(Role::Note, "note"));
    document
        .push(Line::of(Role::Keyword, "keyword ").with(Role::Comment, "comment ").with(Role::Control, "\u{241b}[31m"));
    document.push(Line::of(Role::Offset, "00000000  ").with(Role::Plain, "7b 22 61 63"));
    document.push(Line::of(Role::Text, "wide 漢字 and combined e\u{301}"));
    document.push(Line::of(Role::Plain, "long line ".repeat(20)));
    for number in 9..=40 {
        document.push(Line::of(Role::Offset, format!("{number:>3}  ")).with(Role::Plain, "more text"));
    }
    document
}

/// Every place of the needle.
fn search(document: &Document, needle: &str) -> Vec<Hit> {
    let in_line = |(line, text): (usize, &Line)| {
        let starts = text.text().match_indices(needle).map(|(start, _)| start).collect::<Vec<_>>();
        starts.into_iter().map(move |start| Hit { line, start, end: start + needle.len() }).collect::<Vec<_>>()
    };
    document.lines.iter().enumerate().flat_map(in_line).collect()
}

/// A model with what it wished for, that answers wishes for exchanges, documents and searches at once and with real parts.
pub struct Stage {
    /// The interface.
    pub model: Model,
    /// Wishes that the stage does not grant itself, in order.
    pub wishes: Vec<Effect>,
    filtered: fn(&Summary) -> bool,
    is_real: bool,
}

impl Stage {
    /// A listener's interface of that size, in the dark theme, before anything came.
    pub fn new(width: u16, height: u16) -> Self {
        let identity = Identity {
            url: "http://127.0.0.1:7070".to_owned(),
            session: "2026-11-22-1402".to_owned(),
            ..Identity::default()
        };
        Self::with(Options {
            size: (width, height),
            now: Timestamp::from_secs(NOON_S + 130),
            themes: Theme::builtin_names().filter_map(Theme::builtin).collect(),
            identity,
            ..Options::default()
        })
    }

    /// From options.
    pub fn with(options: Options) -> Self {
        let mut stage =
            Self { model: Model::new(options), wishes: Vec::new(), filtered: |row| row.id.0 % 3 == 0, is_real: false };
        stage.send(Msg::Tick(stage.model.now));
        stage
    }

    /// The interface of a listener to which these rows came.
    pub fn showing(width: u16, height: u16, rows: Vec<Arc<Summary>>) -> Self {
        let mut stage = Self::new(width, height);
        stage.send(Msg::Arrived { batch: rows, missed: 0 });
        stage
    }

    /// Another theme.
    pub fn theme(mut self, name: &str) -> Self {
        self.model.theme = Theme::builtin(name).expect("theme");
        self
    }

    /// With the documents that the program shows, in place of ones that stay the same for snapshots.
    pub fn real(mut self) -> Self {
        self.is_real = true;
        self
    }

    /// A message, and all that comes of it.
    pub fn send(&mut self, msg: Msg) -> &mut Self {
        let mut effects = update::update(&mut self.model, msg);
        // An answer may bring new wishes; this many rounds are more than any real chain has.
        for _ in 0..8 {
            let mut next = Vec::new();
            for effect in std::mem::take(&mut effects) {
                match self.grant(&effect) {
                    Some(msg) => next.extend(update::update(&mut self.model, msg)),
                    None => self.wishes.push(effect),
                }
            }
            effects = next;
        }
        assert!(effects.is_empty(), "wishes without end: {effects:?}");
        self
    }

    fn grant(&self, effect: &Effect) -> Option<Msg> {
        match effect {
            Effect::Load { id } => {
                let result = self.model.list.row(*id).map(|row| Box::new(exchange(row))).ok_or("gone".to_owned());
                Some(Msg::Loaded { id: *id, result })
            }
            Effect::Render(key) => {
                let row = self.model.list.row(key.id)?;
                if !self.is_real {
                    let document = Arc::new(sample(key).wrap(key.width));
                    return Some(Msg::Rendered { key: key.clone(), document });
                }
                let context = DetailContext {
                    compared: None,
                    verdict: None,
                    explanation: None,
                    summary: Some(row),
                    tries: &self.model.list.tries(row, 64),
                    first_try: None,
                    provider: None,
                    waiting: None,
                    view: key.view,
                    base_url: "http://127.0.0.1:7070",
                    now: self.model.now,
                    reader: Default::default(),
                    limits: Limits::default(),
                };
                let document = Arc::new(document(key.tab, &exchange(row), &context).wrap(key.width));
                Some(Msg::Rendered { key: key.clone(), document })
            }
            Effect::Search { key, needle } => {
                let hits = search(self.model.detail.document()?, needle);
                Some(Msg::Found { key: key.clone(), needle: needle.clone(), hits })
            }
            Effect::Filter { version, filter: Some(_) } => {
                let ids = (0..).map_while(|at| self.model.list.row_at(at));
                let ids = ids.filter(|row| (self.filtered)(row)).map(|row| row.id).collect();
                Some(Msg::Filtered { version: *version, ids })
            }
            _ => None,
        }
    }

    /// Keys one after the other, with a blank between: `j j Enter ^d`. A word in quotes is typed.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for word in keys.split(' ').filter(|word| !word.is_empty()) {
            match word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
                Some(typed) => {
                    for one in typed.chars() {
                        let key = if one == '_' { parse_key("Space") } else { parse_key(&one.to_string()) };
                        self.send(Msg::Key(key.expect("a key")));
                    }
                }
                None => {
                    let key = parse_key(word).unwrap_or_else(|| panic!("no key: {word}"));
                    self.send(Msg::Key(key));
                }
            }
        }
        self
    }

    /// The screen.
    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.model.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        view::draw(&self.model, &mut buffer);
        buffer
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        text(&self.buffer())
    }

    /// The screen as text, then where which style is.
    pub fn styled(&self) -> String {
        let buffer = self.buffer();
        format!("{}\n{}", text(&buffer), styles(&buffer, &self.model.theme))
    }
}

/// The rows of a buffer, without the blanks at their ends.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut covered = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if covered == 0 {
                row.push_str(symbol);
                covered = super::widgets::text::width(symbol).max(1);
            }
            covered -= 1;
        }
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out
}

/// A letter for each cell that is not plain, and what the letters stand for.
fn styles(buffer: &Buffer, theme: &Theme) -> String {
    let plain = Style::reset().patch(theme.ui(super::theme::Ui::Base));
    let mut known: Vec<Style> = Vec::new();
    let mut map = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        for x in 0..buffer.area.width {
            let style = buffer[(x, y)].style();
            if shown(style) == shown(plain) {
                row.push('.');
                continue;
            }
            let at = known.iter().position(|one| shown(*one) == shown(style)).unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            row.push(char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[at.min(51)]));
        }
        let _ = writeln!(map, "{}", row.trim_end_matches('.'));
    }
    for (at, style) in known.iter().enumerate() {
        let _ = writeln!(
            map,
            "{} {}",
            char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[at.min(51)]),
            shown(*style)
        );
    }
    map
}

/// A style in words.
fn shown(style: Style) -> String {
    let color = |color: Option<Color>| color.filter(|color| *color != Color::Reset).map(|color| color.to_string());
    let mut words = Vec::new();
    words.extend(color(style.fg));
    words.extend(color(style.bg).map(|color| format!("on {color}")));
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if style.add_modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}
