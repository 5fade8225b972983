//! The probe of one delivery: how often and in which order it is sent, and a table of what came back.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::list::{Cursor, Letters, Row};
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::exchange::ExchangeId;
use crate::domain::printable::{visible, visible_within};
use crate::domain::probe::{Came, Order, Probed, Recorded, TIMES_MAX, Whose, compare};
use crate::domain::quantity::duration_us;
use crate::tui::effect::{Effect, ProbeWish};
use crate::tui::key::{Key, KeyCode};
use crate::tui::msg::Msg;
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 78;

/// How often, unless the user says otherwise.
const TIMES: u32 = 5;

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// What is to be sent.
    Choose,
    /// So many are to be answered.
    Running(usize),
    /// All are, or it was ended; why, when it was not begun.
    Done(Option<String>),
}

/// Asks, sends, shows.
#[derive(Clone, Debug)]
pub struct Probe {
    id: ExchangeId,
    target: String,
    neighbours: Vec<ExchangeId>,
    times: u32,
    order: Cursor,
    stage: Stage,
    recorded: Option<Recorded>,
    rows: Vec<Probed>,
    scrolled: Cursor,
}

impl Probe {
    /// # Errors
    /// In words, when there is nothing to send or nowhere to send it to.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        let Some(selected) = context.selected else { return Err("no request is selected".to_owned()) };
        if selected.refused {
            return Err("this never became a request: there is nothing to send".to_owned());
        }
        let Some(target) = context.resend_target() else {
            return Err("no target to send to: T chooses one".to_owned());
        };
        Ok(Self {
            id: selected.id,
            target: target.to_owned(),
            neighbours: context.neighbours.to_vec(),
            times: TIMES,
            order: Cursor::default(),
            stage: Stage::Choose,
            recorded: None,
            rows: Vec::new(),
            scrolled: Cursor::default(),
        })
    }

    fn orders(&self) -> &'static [Order] {
        let all = &Order::ALL;
        // Without neighbours there is nothing to shuffle it with.
        if self.neighbours.is_empty() { all.get(..2).unwrap_or(all) } else { all }
    }

    fn order(&self) -> Order {
        let orders = self.orders();
        orders.get(self.order.at(orders.len())).copied().unwrap_or(Order::InTurn)
    }

    fn choosing(&mut self, key: Key) -> Step {
        match key.code {
            _ if is_close(key) => return Step::Close,
            KeyCode::Enter => {
                let neighbours = if self.order() == Order::Shuffled { self.neighbours.clone() } else { Vec::new() };
                self.stage = Stage::Running(self.times as usize + neighbours.len());
                let wish = ProbeWish {
                    id: self.id,
                    target: self.target.clone(),
                    times: self.times,
                    order: self.order(),
                    neighbours,
                };
                return Step::Do { effects: vec![Effect::Probe(wish)], close: false };
            }
            KeyCode::Right | KeyCode::Char('+' | 'l') => self.times = (self.times + 1).min(TIMES_MAX),
            KeyCode::Left | KeyCode::Char('-' | 'h') => self.times = self.times.saturating_sub(1).max(2),
            _ => {
                self.order.update(key, self.orders().len(), Letters::Move);
            }
        }
        Step::Stay
    }

    fn frame(&self, area: Rect) -> Rect {
        let rows = match self.stage {
            Stage::Choose => 12,
            _ => {
                let rows = self.rows.len() + usize::from(self.recorded.is_some());
                u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(6).max(11)
            }
        };
        frame::place(area, WIDTH, rows.min(area.height.saturating_sub(2).max(6)))
    }

    fn view_choice(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        let to = visible_within(self.target.as_bytes(), 60);
        frame::line(buffer, room, 0, theme, Ui::Base, &format!("Request {} goes to {to}", self.id));
        frame::line(buffer, room, 1, theme, Ui::Accent, &format!("◂ {} times ▸", self.times));
        let list = Rect { y: room.y + 3.min(room.height), height: room.height.saturating_sub(3), ..room };
        let orders = self.orders();
        self.order.view(list, buffer, theme, orders.len(), |at, draw| {
            let Some(order) = orders.get(at) else { return };
            let more = match order {
                Order::Shuffled => match self.neighbours.len() {
                    1 => "1 other to the same path, once".to_owned(),
                    more => format!("{more} others to the same path, once each"),
                },
                _ => String::new(),
            };
            draw(&Row { cells: &[(order.words(), 30, Ui::Base), (&more, 0, Ui::Muted)], right: "" });
        });
        if self.neighbours.is_empty() {
            let words = "shuffled with its neighbours: not here, no other request came to its path";
            for (row, line) in (3 + orders.len() as u16..).zip(frame::wrap(words, room.width)) {
                frame::line(buffer, room, row, theme, Ui::Muted, &line);
            }
        }
        let last = room.height.saturating_sub(1);
        frame::line(
            buffer,
            room,
            last,
            theme,
            Ui::Muted,
            "Each is kept as an attempt. Does the app mind what it gets twice?",
        );
    }

    fn view_rows(&self, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        let found = compare(self.id, self.recorded.as_ref(), &self.rows);
        let (part, words) = match (&self.stage, found) {
            (Stage::Running(of), _) => (Ui::Info, format!("{} of {of} answered...", self.rows.len())),
            (Stage::Done(Some(why)), _) => (Ui::Bad, why.clone()),
            (_, Some(found)) => (if found.is_same { Ui::Good } else { Ui::Warn }, found.words),
            (_, None) => (Ui::Muted, "too few answers to compare".to_owned()),
        };
        let lines = frame::wrap(&words, room.width);
        for (row, line) in (0..).zip(&lines) {
            frame::line(buffer, room, row, theme, part, line);
        }
        let top = u16::try_from(lines.len()).unwrap_or(1).min(room.height);
        let list = Rect { y: room.y + top, height: room.height - top, ..room };
        let first = self.rows.iter().find(|row| row.id == self.id).map(|row| &row.came);
        // What they are compared with: what the app said when it came; else the first of them.
        let of_app =
            self.recorded.as_ref().filter(|recorded| recorded.whose == Whose::App).map(|recorded| &recorded.came);
        let with = of_app.or(first);
        let is_wide = room.width >= 60;
        let begin = usize::from(self.recorded.is_some());
        self.scrolled.view(list, buffer, theme, self.rows.len() + begin, |at, draw| {
            let (name, came, is_own) = match (at.checked_sub(begin).map(|at| self.rows.get(at)), &self.recorded) {
                (None, Some(Recorded { whose: Whose::App, came })) => ("recorded, app".to_owned(), came, true),
                (None, Some(Recorded { whose: Whose::Ours, came })) => ("recorded, ours".to_owned(), came, false),
                (Some(Some(row)), _) if row.id == self.id => (format!("attempt {}", row.number), &row.came, true),
                (Some(Some(row)), _) => (format!("request {}", row.id), &row.came, false),
                (None, None) | (Some(None), _) => return,
            };
            let (status, part) = match &came.status {
                Ok(status) => (status.to_string(), if *status < 400 { Ui::Good } else { Ui::Bad }),
                Err(_) => ("none".to_owned(), Ui::Bad),
            };
            let body = body_words(came, with.filter(|_| is_own));
            let time = duration_us(came.total_us);
            let cells: &[(&str, u16, Ui)] = match is_wide {
                true => &[(&name, 14, Ui::Base), (&status, 5, part), (&time, 10, Ui::Muted), (&body, 0, Ui::Base)],
                false => &[(&status, 5, part), (&time, 8, Ui::Muted), (&body, 0, Ui::Base)],
            };
            draw(&Row { cells, right: "" });
        });
    }
}

/// What the body is beside the one that it is compared with; by itself where it is compared with none.
fn body_words(came: &Came, with: Option<&Came>) -> String {
    match (&came.status, with) {
        (Err(why), _) => visible(why.as_bytes()),
        (Ok(_), None) => format!("{} B", came.body_bytes),
        (Ok(_), Some(with)) if std::ptr::eq(with, came) => format!("{} B, {}", came.body_bytes, came.body_digest),
        (Ok(_), Some(with)) if came.has_body_of(with) => "same body".to_owned(),
        (Ok(_), Some(_)) => format!("{} B, {}: another body", came.body_bytes, came.body_digest),
    }
}

impl Window for Probe {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        if self.stage == Stage::Choose {
            return self.choosing(key);
        }
        if is_close(key) || (key.code == KeyCode::Enter && self.stage != Stage::Running(0)) {
            return match self.stage {
                // What is under way ends; what came until then is kept.
                Stage::Running(_) if is_close(key) => Step::done([Effect::StopSending { id: self.id }]),
                Stage::Running(_) => Step::Stay,
                _ => Step::Close,
            };
        }
        self.scrolled.update(key, self.rows.len(), Letters::Move);
        Step::Stay
    }

    fn tell(&mut self, msg: &Msg, _context: &OverlayContext<'_>) -> Step {
        match msg {
            Msg::ProbeBegun { id, recorded } if *id == self.id => self.recorded.clone_from(recorded),
            Msg::Probed { id, row } if *id == self.id && self.stage != Stage::Choose => self.rows.push(row.clone()),
            Msg::ProbeDone { id, refused } if *id == self.id => self.stage = Stage::Done(refused.clone()),
            _ => {}
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let title = match self.stage {
            Stage::Choose => "Send it several times and compare the answers",
            _ => "What came back",
        };
        let room = frame::draw(self.frame(area), buffer, theme, title, &self.hints());
        match self.stage {
            Stage::Choose => self.view_choice(room, buffer, theme),
            _ => self.view_rows(room, buffer, theme),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        match self.stage {
            Stage::Choose => vec![("Enter", "send"), ("+ -", "how often"), ("Up Down", "order"), ("Esc", "close")],
            Stage::Running(_) => vec![("Esc", "stop")],
            Stage::Done(_) => vec![("Up Down", "move"), ("Esc", "close")],
        }
    }
}
