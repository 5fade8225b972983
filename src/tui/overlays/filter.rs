//! Which requests the list shows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::line::LineInput;
use super::{Hint, OverlayContext, Step, Window, frame};
use crate::domain::filter::{Filter, FilterError};
use crate::domain::printable;
use crate::tui::key::{Key, KeyCode};
use crate::tui::theme::{Theme, Ui};

const EXAMPLES: &str =
    "method:POST  path:/stripe*  status:5xx  verdict:invalid  type:invoice.*  body:text  marked  !  or  ( )";

const LOOKS_INSIDE: &str = "looks into headers and bodies: older requests are read from the session file";

/// Asks for a filter and says at every key whether it is understood.
#[derive(Clone, Debug)]
pub struct FilterPrompt {
    input: LineInput,
    history: Vec<String>,
    /// Which entry of the history is shown; `None`: what was typed.
    shown: Option<usize>,
    typed: String,
    parsed: Result<Filter, FilterError>,
}

impl FilterPrompt {
    /// With the filter in force.
    pub fn new(context: &OverlayContext<'_>) -> Self {
        Self {
            input: LineInput::new(context.filter),
            history: context.filter_history.iter().filter(|text| *text != context.filter).cloned().collect(),
            shown: None,
            typed: context.filter.to_owned(),
            parsed: Filter::parse(context.filter),
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

impl Window for FilterPrompt {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        match key.code {
            _ if super::is_close(key) => return Step::Close,
            KeyCode::Enter => {
                return match &self.parsed {
                    Ok(filter) => Step::Filter {
                        text: self.input.text().trim().to_owned(),
                        filter: Some(filter.clone()).filter(|filter| !filter.is_empty()),
                    },
                    Err(_) => Step::Stay,
                };
            }
            KeyCode::Up => self.recall(true),
            KeyCode::Down => self.recall(false),
            _ => {
                self.input.update(key);
            }
        }
        self.parsed = Filter::parse(self.input.text());
        Step::Stay
    }

    fn paste(&mut self, text: &str, _context: &OverlayContext<'_>) -> Step {
        self.input.paste(text);
        self.parsed = Filter::parse(self.input.text());
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        // A mistake is read whole: the frame grows with it.
        let mistake = self.parsed.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let lines = frame::wrap(&mistake, area.width.saturating_sub(4)).len().min(6);
        let height = u16::try_from(lines).map_or(5, |lines| (lines + 4).max(5));
        let room = frame::draw(frame::place_at_bottom(area, height), buffer, theme, "Filter", &self.hints());
        self.input.view(Rect { height: room.height.min(1), ..room }, buffer, theme, true);
        let (part, words) = match &self.parsed {
            Err(error) => {
                self.point_at(error, room, buffer, theme);
                (Ui::Bad, error.to_string())
            }
            Ok(filter) if filter.is_empty() => (Ui::Muted, EXAMPLES.to_owned()),
            Ok(filter) if filter.needs_request() => (Ui::Muted, LOOKS_INSIDE.to_owned()),
            Ok(_) => return,
        };
        let row = u16::from(part == Ui::Bad) + 1;
        for (row, line) in (row..).zip(frame::wrap(&words, room.width)) {
            frame::line(buffer, room, row, theme, part, &line);
        }
    }

    fn hints(&self) -> Vec<Hint> {
        let enter = match &self.parsed {
            Ok(filter) if filter.is_empty() => Some(("Enter", "show all")),
            Ok(_) => Some(("Enter", "filter")),
            Err(_) => None,
        };
        let history = (!self.history.is_empty()).then_some(("Up", "history"));
        enter.into_iter().chain(history).chain([("^u", "clear"), ("Esc", "close")]).collect()
    }
}
