//! Which requests a reply is for: all, or those of one path.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame;
use crate::domain::printable;
use crate::domain::reply::Scope;
use crate::tui::theme::{Theme, Ui};

/// Which requests it is for.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The path of the selected request, when there is one.
    pub(super) path: Option<String>,
    /// Whether it is for this path alone.
    pub(super) only_path: bool,
}

impl Target {
    pub(super) fn scope(&self) -> Scope {
        match &self.path {
            Some(path) if self.only_path => Scope::Path(path.clone()),
            _ => Scope::All,
        }
    }

    pub(super) fn turn(&mut self) {
        self.only_path = self.path.is_some() && !self.only_path;
    }

    /// One line: both choices, the one in force marked.
    pub(super) fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        if area.is_empty() {
            return;
        }
        let mut x = frame::put(buffer, area.x, area.y, area.width, "For ", frame::on_ground(theme, Ui::Title));
        let path = self.path.as_deref().map(|path| printable::visible_within(path.as_bytes(), 40));
        let choices = [(Some("all requests".to_owned()), !self.only_path), (path, self.only_path)];
        for (words, is_chosen) in choices.into_iter().filter_map(|(words, chosen)| Some((words?, chosen))) {
            let (mark, part) = if is_chosen { ("(•) ", Ui::Accent) } else { ("( ) ", Ui::Muted) };
            let text = format!("{mark}{words}  ");
            x = frame::put(buffer, x, area.y, area.right().saturating_sub(x), &text, frame::on_ground(theme, part));
        }
    }
}
