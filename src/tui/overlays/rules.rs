//! The rules in force, in their order, and behind them the replies by path and for all: added, changed, moved, switched off and on,
//! taken back, copied as the configuration writes them.

use std::collections::BTreeMap;

use bytes::Bytes;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::confirm::Confirm;
use super::frame;
use super::list::{Cursor, Letters, Row};
use super::reply::ReplyChooser;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::printable::{visible_str, visible_within};
use crate::domain::reply::Reply;
use crate::domain::rule::Origin;
use crate::tui::effect::{Effect, RuleChange};
use crate::tui::key::{Key, KeyCode, Mouse};
use crate::tui::msg::{Msg, RuleRow};
use crate::tui::theme::{Theme, Ui};

mod form;

use form::RuleForm;

const WIDTH: u16 = 110;
/// Rows more for what is wrong with the file.
const BROKEN_ROWS: u16 = 3;

/// What a row stands for.
#[derive(Clone, Debug)]
enum Place {
    /// One more rule.
    New,
    /// A rule.
    Rule(RuleRow),
    /// The reply of a path.
    Path(String, String),
    /// The reply for all others.
    All,
}

/// Which page is shown.
#[derive(Clone, Debug)]
enum Page {
    List,
    Form(Box<RuleForm>),
}

/// The list of rules, and the form of one.
#[derive(Clone, Debug)]
pub struct Rules {
    rules: Vec<RuleRow>,
    paths: Vec<(String, Reply)>,
    all: String,
    /// What is wrong with the file, so that its rules of before stay in force.
    broken: Option<String>,
    /// Since when each rule is in force that came or changed after the start, and how often each name answered.
    told: Told,
    cursor: Cursor,
    page: Page,
}

/// What is known of rules and replies beside what they say.
#[derive(Clone, Debug, Default)]
struct Told {
    since: BTreeMap<u32, String>,
    answered: BTreeMap<String, u64>,
}

impl Told {
    fn of(context: &OverlayContext<'_>) -> Self {
        let since = context.rules_since.iter().map(|(number, at)| (*number, context.clock(*at))).collect();
        Self { since, answered: context.answered.clone() }
    }

    /// `3x`, or nothing.
    fn count(&self, names: &[&str]) -> Option<String> {
        let count: u64 = names.iter().filter_map(|name| self.answered.get(*name)).sum();
        (count > 0).then(|| format!("{count}x"))
    }

    /// `3x, since 14:02:11, made here`
    fn rule_words(&self, rule: &RuleRow) -> String {
        let count = self.count(&[&format!("rule {}", rule.name), &rule.name]);
        let since = self.since.get(&rule.number).map(|at| format!("since {at}"));
        let origin = origin_words(rule);
        count.into_iter().chain(since).chain([origin.to_owned()]).collect::<Vec<_>>().join(", ")
    }
}

impl Rules {
    /// # Errors
    /// In words, when nothing can arrive.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        if !context.is_listening() {
            return Err("this is a saved session: nothing arrives that could be answered".to_owned());
        }
        Ok(Self {
            rules: context.rules.to_vec(),
            paths: context.path_replies.to_vec(),
            all: context.reply_words().to_owned(),
            broken: context.configuration.map(str::to_owned),
            told: Told::of(context),
            cursor: Cursor::new(usize::from(!context.rules.is_empty())),
            page: Page::List,
        })
    }

    fn count(&self) -> usize {
        self.rules.len() + self.paths.len() + 2
    }

    fn place(&self, row: usize) -> Place {
        let Some(at) = row.checked_sub(1) else { return Place::New };
        if let Some(rule) = self.rules.get(at) {
            return Place::Rule(rule.clone());
        }
        match self.paths.get(at - self.rules.len()) {
            Some((path, reply)) => Place::Path(path.clone(), reply.describe()),
            None => Place::All,
        }
    }

    fn chosen(&self) -> Place {
        self.place(self.cursor.at(self.count()))
    }

    /// The chosen rule goes one place up or down, and stays the chosen one.
    fn shift(&mut self, number: u32, up: bool) -> Step {
        let at = self.rules.iter().position(|rule| rule.number == number).unwrap_or_default();
        let other = if up { at.checked_sub(1) } else { Some(at + 1) };
        let is_here = |at: usize| self.rules.get(at).map(|rule| rule.origin == Origin::Here);
        let Some(other) = other.filter(|other| is_here(*other).is_some() && is_here(*other) == is_here(at)) else {
            return Step::Stay;
        };
        // At once: the next key must not meet rows that are on their way.
        self.rules.swap(at, other);
        self.cursor = Cursor::new(other + 1);
        wish(Effect::ChangeRule { number, change: if up { RuleChange::Up } else { RuleChange::Down } })
    }

    fn listing(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        let plain = !key.ctrl && !key.alt;
        match (key.code, self.chosen()) {
            _ if is_close(key) => return Step::Close,
            (KeyCode::Char('a'), _) if plain => self.page = Page::Form(Box::new(RuleForm::new(context))),
            (KeyCode::Enter, place) | (KeyCode::Char('e'), place) if plain => return self.enter(place, context),
            (KeyCode::Char(' '), Place::Rule(rule)) => {
                if let Some(known) = self.rules.iter_mut().find(|known| known.number == rule.number) {
                    known.is_off = !known.is_off;
                }
                return wish(Effect::ChangeRule { number: rule.number, change: RuleChange::Switch });
            }
            (KeyCode::Char('K'), Place::Rule(rule)) => return self.shift(rule.number, true),
            (KeyCode::Char('J'), Place::Rule(rule)) => return self.shift(rule.number, false),
            (KeyCode::Char('d') | KeyCode::Delete, place) if plain => return delete(place),
            (KeyCode::Char('y'), Place::Rule(rule)) if plain => {
                let text = Bytes::from(format!("{},\n", rule.written.ron()));
                return wish(Effect::CopyText { what: "rule as the configuration writes it".to_owned(), text });
            }
            (KeyCode::Char('Y'), _) => return self.copy_all(),
            _ => {
                let count = self.count();
                self.cursor.update(key, count, Letters::Move);
            }
        }
        Step::Stay
    }

    fn enter(&mut self, place: Place, context: &OverlayContext<'_>) -> Step {
        match place {
            Place::New => self.page = Page::Form(Box::new(RuleForm::new(context))),
            Place::Rule(rule) => self.page = Page::Form(Box::new(RuleForm::of(&rule))),
            Place::Path(path, _) => return Step::open(ReplyChooser::open_for(context, Some(path))),
            Place::All => return Step::open(ReplyChooser::open_for(context, None)),
        }
        Step::Stay
    }

    /// All rules in force, to stand in the file.
    fn copy_all(&self) -> Step {
        let on = self.rules.iter().filter(|rule| !rule.is_off);
        let lines: Vec<String> = on.map(|rule| format!("        {},\n", rule.written.ron())).collect();
        if lines.is_empty() {
            return Step::Stay;
        }
        let text = Bytes::from(format!("    rules: [\n{}    ],\n", lines.concat()));
        wish(Effect::CopyText { what: "rules as the configuration writes them".to_owned(), text })
    }

    fn frame(&self, area: Rect) -> Rect {
        let rows = match &self.page {
            Page::List => {
                let broken = if self.broken.is_some() { BROKEN_ROWS } else { 0 };
                u16::try_from(self.count()).unwrap_or(u16::MAX).saturating_add(6 + broken).max(12)
            }
            Page::Form(form) => form.height(WIDTH.min(area.width).saturating_sub(4)),
        };
        frame::place(area, WIDTH, rows.min(area.height.saturating_sub(2).max(6)))
    }

    /// What is said above the list, what is wrong with the file first; less where there is no room.
    fn words(&self, room: Rect) -> Vec<(Ui, String)> {
        let lines = |part, words: &str| frame::wrap(words, room.width).into_iter().map(move |line| (part, line));
        let broken =
            self.broken.as_ref().map(|why| format!("The file is broken, and the old rules stay in force: {why}"));
        let broken: Vec<_> = broken.iter().flat_map(|words| lines(Ui::Bad, words)).collect();
        let full = "Tried from the top: the first that fits replies, then a path's reply, then the one for all. Rules made here stand before the \
             file's; y copies one for the file.";
        let full: Vec<_> = lines(Ui::Muted, full).collect();
        let all = u16::try_from(broken.len() + full.len() + self.count()).unwrap_or(u16::MAX);
        let told = if all <= room.height { full } else { lines(Ui::Muted, "The first that fits replies.").collect() };
        broken.into_iter().chain(told).collect()
    }

    fn list_area(&self, room: Rect) -> Rect {
        // A row of the list stays, however much is wrong.
        let top = u16::try_from(self.words(room).len()).unwrap_or(0).min(room.height.saturating_sub(1));
        Rect { y: room.y + top, height: room.height - top, ..room }
    }

    fn view_list(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        for (row, (part, line)) in (0..self.list_area(room).y.saturating_sub(room.y)).zip(self.words(room)) {
            frame::line(buffer, room, row, theme, part, &line);
        }
        let is_wide = room.width >= 60;
        let name_columns = if is_wide { 24 } else { 18 };
        let reply_columns = if room.width < 90 { 12 } else { 20 };
        self.cursor.view(self.list_area(room), buffer, theme, self.count(), |at, draw| match self.place(at) {
            Place::New => draw(&Row { cells: &[("+", 1, Ui::Accent), ("one more rule", 0, Ui::Base)], right: "" }),
            Place::Rule(rule) => {
                let (mark, part) = if rule.is_off { ("○", Ui::Muted) } else { ("●", Ui::Good) };
                let text = if rule.is_off { Ui::Muted } else { Ui::Base };
                let reply = visible_str(&rule.reply);
                let when =
                    if rule.written.when.is_empty() { "any request".into() } else { visible_str(&rule.written.when) };
                let origin = if is_wide { self.told.rule_words(&rule) } else { String::new() };
                let name = visible_within(rule.name.as_bytes(), 40);
                let cells: &[_] = match is_wide {
                    true => &[
                        (mark, 1, part),
                        (&name, name_columns, text),
                        (&reply, reply_columns, Ui::Accent),
                        (&when, 0, Ui::Muted),
                    ],
                    false => &[(mark, 1, part), (&name, name_columns, text), (&reply, 0, Ui::Accent)],
                };
                draw(&Row { cells, right: &origin });
            }
            Place::Path(path, reply) => {
                let count = self.told.count(&[&format!("path {path}"), &format!("endpoint {path}")]);
                let right = count.into_iter().chain(["d takes it back".to_owned()]).collect::<Vec<_>>().join(", ");
                let path = format!("path {}", visible_within(path.as_bytes(), 40));
                draw(&Row {
                    cells: &[("·", 1, Ui::Muted), (&path, name_columns, Ui::Base), (&reply, 0, Ui::Accent)],
                    right: if is_wide { &right } else { "" },
                });
            }
            Place::All => draw(&Row {
                cells: &[("·", 1, Ui::Muted), ("all others", name_columns, Ui::Base), (&self.all, 0, Ui::Accent)],
                right: &self.told.count(&["default", "all requests", "forward"]).unwrap_or_default(),
            }),
        });
    }
}

const fn origin_words(rule: &RuleRow) -> &'static str {
    match (rule.is_off, rule.origin) {
        (true, Origin::Here) => "off, made here",
        (true, _) => "off",
        (_, Origin::Here) => "made here",
        (_, Origin::Edited) => "changed here",
        (_, Origin::File) => "file",
    }
}

/// A wish; the list stays open.
fn wish(effect: Effect) -> Step {
    Step::Do { effects: vec![effect], close: false }
}

fn delete(place: Place) -> Step {
    match place {
        Place::Rule(rule) => {
            let name = visible_within(rule.name.as_bytes(), 60);
            let words = match rule.origin {
                Origin::Here => format!("{name} was made here and stands in no file: its text is lost."),
                _ => format!(
                    "{name} goes until the next start, or until the rules of the file change: it still stands there."
                ),
            };
            let yes = Step::done([Effect::ChangeRule { number: rule.number, change: RuleChange::Delete }]);
            Step::open(Ok(Confirm::new("Take this rule out?", words, yes)))
        }
        Place::Path(path, _) => wish(Effect::ClearReply { path }),
        Place::New | Place::All => Step::Stay,
    }
}

impl Window for Rules {
    fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        let hints = self.hints();
        let frame = self.frame(Rect::new(0, 0, context.size.0, context.size.1));
        let Page::Form(form) = &mut self.page else { return self.listing(key, context) };
        let size = frame::room(frame, &hints);
        match form.update(key, (size.width, size.height)) {
            form::Outcome::Stay => Step::Stay,
            form::Outcome::Back => {
                self.page = Page::List;
                Step::Stay
            }
            form::Outcome::Put(number, written) => wish(Effect::PutRule { number, written }),
        }
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        if let Page::Form(form) = &mut self.page {
            form.paste(text);
        }
        Step::Stay
    }

    fn mouse(&mut self, mouse: Mouse, context: &OverlayContext<'_>) -> Step {
        if let Page::List = self.page {
            let count = self.count();
            let room = frame::room(self.frame(Rect::new(0, 0, context.size.0, context.size.1)), &self.hints());
            if self.cursor.click(mouse, self.list_area(room), count) {
                let place = self.chosen();
                return self.enter(place, context);
            }
            self.cursor.mouse(mouse, count);
        }
        Step::Stay
    }

    fn tell(&mut self, msg: &Msg, context: &OverlayContext<'_>) -> Step {
        if matches!(msg, Msg::Rules(_) | Msg::Answered(_) | Msg::Tick(_)) {
            self.told = Told::of(context);
        }
        match msg {
            Msg::Rules(rules) => self.rules.clone_from(rules),
            Msg::Configuration(broken) => self.broken.clone_from(broken),
            Msg::ReplyInForce { all, paths, .. } => {
                self.all.clone_from(all);
                self.paths.clone_from(paths);
            }
            Msg::RulePut { result } => {
                if let Page::Form(form) = &mut self.page {
                    match result {
                        Ok(()) => {
                            if form.is_new() {
                                self.cursor = Cursor::new(1);
                            }
                            self.page = Page::List;
                        }
                        Err(why) => form.refuse(why),
                    }
                }
            }
            _ => {}
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let title = match &self.page {
            Page::List => "Rules",
            Page::Form(form) if form.is_new() => "A new rule",
            Page::Form(_) => "Change a rule",
        };
        let room = frame::draw(self.frame(area), buffer, theme, title, &self.hints());
        match &self.page {
            Page::List => self.view_list(room, buffer, theme),
            Page::Form(form) => form.view(room, buffer, theme),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        if let Page::Form(_) = self.page {
            return vec![("^s", "in force"), ("Tab", "next field"), ("^x", "example"), ("Esc", "back")];
        }
        match self.chosen() {
            Place::Rule(_) => vec![
                ("Enter", "change"),
                ("a", "add"),
                ("Space", "off/on"),
                ("K J", "move"),
                ("d", "take out"),
                ("y", "copy"),
                ("Y", "copy all"),
                ("Esc", "close"),
            ],
            Place::Path(..) => vec![("Enter", "change"), ("d", "take back"), ("a", "add a rule"), ("Esc", "close")],
            Place::All => vec![("Enter", "change"), ("a", "add a rule"), ("Esc", "close")],
            Place::New => vec![("Enter", "add"), ("Up Down", "move"), ("Esc", "close")],
        }
    }
}
