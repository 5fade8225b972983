//! Which requests the list shows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::line::LineInput;
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::exchange::ExchangeId;
use crate::domain::filter::{Completion, Filter, FilterError, Seen, complete};
use crate::domain::printable;
use crate::tui::key::{Key, KeyCode};
use crate::tui::msg::Msg;
use crate::tui::theme::{Theme, Ui};
use crate::tui::widgets::numbers;

const EXAMPLES: &str =
    "method:POST  path:/stripe*  status:5xx  verdict:invalid  type:invoice.*  body:text  marked  !  or  ( )";

const LOOKS_INSIDE: &str = "it looks into headers and bodies, older ones in the session file";

/// Asks for a filter and says at every key whether it is understood.
#[derive(Clone, Debug)]
pub struct FilterPrompt {
    input: LineInput,
    history: Vec<String>,
    /// Which entry of the history is shown; `None`: what was typed.
    shown: Option<usize>,
    typed: String,
    parsed: Result<Filter, FilterError>,
    /// What it would let through, in words.
    fits: String,
    /// What requests have had, for completion.
    seen: Seen,
    /// What the end of the text can become, and the one that stands there, while Tab goes through them.
    turning: Option<(Completion, usize)>,
}

impl FilterPrompt {
    /// With the filter in force.
    pub fn new(context: &OverlayContext<'_>) -> Self {
        let parsed = Filter::parse(context.filter);
        Self {
            fits: fits(&parsed, context),
            input: LineInput::new(context.filter),
            history: context.filter_history.iter().filter(|text| *text != context.filter).cloned().collect(),
            shown: None,
            typed: context.filter.to_owned(),
            parsed,
            seen: context.seen.clone(),
            turning: None,
        }
    }

    /// Understands what stands there now.
    fn parse(&mut self, context: &OverlayContext<'_>) {
        self.parsed = Filter::parse(self.input.text());
        self.fits = fits(&self.parsed, context);
    }

    /// Puts what the end of the text can become in its place: the next one with every key.
    fn turn(&mut self, forward: bool) {
        let next = match self.turning.take() {
            None => complete(self.input.text(), &self.seen).map(|found| (found, 0)),
            Some((found, at)) => {
                let count = found.words.len();
                Some((found, if forward { at + 1 } else { at + count - 1 } % count))
            }
        };
        let Some((found, at)) = next else { return };
        let kept = self.input.text().get(..found.start).unwrap_or_default();
        let word = found.words.get(at).map_or("", String::as_str);
        // Alone, it is chosen: what comes behind it is meant.
        let is_alone = found.words.len() == 1;
        let behind = if is_alone && !word.ends_with(':') { " " } else { "" };
        self.input.set(&format!("{kept}{word}{behind}"));
        self.turning = (!is_alone).then_some((found, at));
    }

    /// What Tab would put there, in one row: from the chosen one on where there is no room for all.
    fn view_words(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let found = match &self.turning {
            Some((found, at)) => Some((found.clone(), Some(*at))),
            None => complete(self.input.text(), &self.seen).map(|found| (found, None)),
        };
        let Some((found, chosen)) = found.filter(|_| area.height > 0) else { return };
        // The name of the field stands in front of each.
        let shown = |word: &String| match word.split_once(':') {
            Some((_, value)) if !value.is_empty() => printable::visible_str(value).into_owned(),
            _ => word.clone(),
        };
        let words: Vec<String> = found.words.iter().map(shown).collect();
        let room = usize::from(area.width).saturating_sub(6);
        let mut first = 0;
        let columns = |from: usize, to: usize| -> usize {
            words.get(from..=to).unwrap_or_default().iter().map(|word| printable::width(word) + 2).sum()
        };
        while chosen.is_some_and(|at| first < at && columns(first, at) > room) {
            first += 1;
        }
        let mut x = frame::put(buffer, area.x, area.y, area.width, "Tab  ", frame::on_ground(theme, Ui::KeyHint));
        for (at, word) in words.iter().enumerate().skip(first) {
            let left = area.right().saturating_sub(x);
            let is_last = at + 1 == words.len();
            // Room for the mark that there are more.
            if printable::width(word) + if is_last { 0 } else { 3 } > usize::from(left) {
                frame::put(buffer, x, area.y, left, "…", frame::on_ground(theme, Ui::Muted));
                break;
            }
            let part = if chosen == Some(at) { Ui::Accent } else { Ui::Muted };
            x = frame::put(buffer, x, area.y, left, word, frame::on_ground(theme, part));
            x = frame::put(buffer, x, area.y, area.right().saturating_sub(x), "  ", frame::on_ground(theme, part));
        }
    }

    /// Puts a mark below the mistake while the field shows it.
    fn point_at(&self, error: &FilterError, room: Rect, buffer: &mut Buffer, theme: &Theme) {
        let before: String = self.input.text().chars().take(error.column.saturating_sub(1)).collect();
        let column = printable::width(&printable::visible_str(&before));
        let whole = printable::width(&printable::visible_str(self.input.text()));
        if whole < usize::from(room.width) {
            frame::line(buffer, room, 1, theme, Ui::Bad, &format!("{}^", " ".repeat(column)));
        }
    }

    fn recall(&mut self, older: bool) {
        if self.shown.is_none() {
            self.typed = self.input.text().to_owned();
        }
        self.shown = match (self.shown, older) {
            (None, true) if self.history.is_empty() => None,
            (None, true) => Some(0),
            (Some(at), true) => Some((at + 1).min(self.history.len().saturating_sub(1))),
            (Some(at), false) => at.checked_sub(1),
            (None, false) => None,
        };
        let text = self.shown.and_then(|at| self.history.get(at)).unwrap_or(&self.typed).clone();
        self.input.set(&text);
    }
}

/// How many of the newest rows it would let through, and what would let through some where it is none; empty where there is nothing to say.
fn fits(parsed: &Result<Filter, FilterError>, context: &OverlayContext<'_>) -> String {
    let Some(filter) = parsed.as_ref().ok().filter(|filter| !filter.is_empty()) else { return String::new() };
    let rows = context.newest;
    let noun = if rows.len() == 1 { "request" } else { "requests" };
    let of = match (rows.len(), rows.first().is_some_and(|first| first.id > ExchangeId(1))) {
        (0, _) => "no request is there yet".to_owned(),
        (count, true) => format!("of the newest {} {noun}", count_of(count)),
        (count, false) => format!("of {} {noun}", count_of(count)),
    };
    if rows.is_empty() {
        return of;
    }
    let among = filter.among(rows);
    let how_many = match (among.sure, among.perhaps) {
        (0, 0) => "none".to_owned(),
        (sure, 0) => count_of(sure),
        (sure, perhaps) => format!("{} to {}", count_of(sure), count_of(sure + perhaps)),
    };
    let more = match filter.wider(rows) {
        Some((wider, fits)) => {
            format!(
                "; a value is compared whole: {} lets {} through",
                printable::visible_str(&wider.to_string()),
                count_of(fits)
            )
        }
        None if among.perhaps > 0 => format!("; {LOOKS_INSIDE}"),
        None => String::new(),
    };
    format!("lets {how_many} {of} through{more}")
}

fn count_of(count: usize) -> String {
    numbers::count(count as u64)
}

impl Window for FilterPrompt {
    fn update(&mut self, key: Key, context: &OverlayContext<'_>) -> Step {
        match key.code {
            _ if is_close(key) => return Step::Close,
            KeyCode::Enter => {
                return match &self.parsed {
                    Ok(filter) => Step::Filter {
                        text: self.input.text().trim().to_owned(),
                        filter: Some(filter.clone()).filter(|filter| !filter.is_empty()),
                    },
                    Err(_) => Step::Stay,
                };
            }
            KeyCode::Tab => self.turn(true),
            KeyCode::BackTab => self.turn(false),
            KeyCode::Up => self.recall(true),
            KeyCode::Down => self.recall(false),
            _ => {
                self.input.update(key);
            }
        }
        if !matches!(key.code, KeyCode::Tab | KeyCode::BackTab) {
            self.turning = None;
        }
        self.parse(context);
        Step::Stay
    }

    fn paste(&mut self, text: &str, context: &OverlayContext<'_>) -> Step {
        self.input.paste(text);
        self.turning = None;
        self.parse(context);
        Step::Stay
    }

    fn tell(&mut self, msg: &Msg, context: &OverlayContext<'_>) -> Step {
        // They come before the list has them: the tick that follows tells of the last ones too.
        if matches!(msg, Msg::Arrived { .. } | Msg::Changed { .. } | Msg::Tick(_)) {
            self.fits = fits(&self.parsed, context);
        }
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        // A mistake is read whole, and so is what would be let through: the frame grows with them.
        let mistake = self.parsed.as_ref().err().map(ToString::to_string);
        let words = mistake.as_ref().unwrap_or(&self.fits);
        let lines = frame::wrap(words, area.width.saturating_sub(4)).len().min(6) + usize::from(mistake.is_some());
        let height = u16::try_from(lines).map_or(5, |lines| (lines + 4).max(6));
        let room = frame::draw(frame::place_at_bottom(area, height), buffer, theme, "Filter", &self.hints());
        self.input.view(Rect { height: room.height.min(1), ..room }, buffer, theme, true);
        let (part, words) = match &self.parsed {
            Err(error) => {
                self.point_at(error, room, buffer, theme);
                (Ui::Bad, error.to_string())
            }
            Ok(filter) if filter.is_empty() => (Ui::Muted, EXAMPLES.to_owned()),
            Ok(_) => (Ui::Muted, self.fits.clone()),
        };
        let row = u16::from(part == Ui::Bad) + 1;
        for (row, line) in (row..).zip(frame::wrap(&words, room.width)) {
            frame::line(buffer, room, row, theme, part, &line);
        }
        // A mistake has its rows, and this the last one.
        let last = Rect { y: room.bottom().saturating_sub(1), height: u16::from(room.height > 2), ..room };
        self.view_words(last, buffer, theme);
    }

    fn hints(&self) -> Vec<Hint> {
        let enter = match &self.parsed {
            Ok(filter) if filter.is_empty() => Some(("Enter", "show all")),
            Ok(_) => Some(("Enter", "filter")),
            Err(_) => None,
        };
        let history = (!self.history.is_empty()).then_some(("Up", "history"));
        let tab = complete(self.input.text(), &self.seen).is_some() || self.turning.is_some();
        let tab = tab.then_some(("Tab", "complete"));
        enter.into_iter().chain(tab).chain(history).chain([("^u", "clear"), ("Esc", "close")]).collect()
    }
}
