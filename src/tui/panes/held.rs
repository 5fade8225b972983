//! Requests that wait for the user, above the list: each with a bar that runs down to its deadline.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::domain::time::Timestamp;
use crate::tui::model::Model;
use crate::tui::msg::HeldRow;
use crate::tui::theme::Ui;
use crate::tui::widgets::text::{Pen, clear};

/// Cells of the bar.
const BAR_COLUMNS: u16 = 10;
/// Columns of the method and the path.
const TARGET_COLUMNS: u16 = 26;

/// Draws as many as there are lines; the last line says how many more there are.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    let base = model.theme.ui(Ui::Base);
    let part = |part| base.patch(model.theme.ui(part));
    let lines = usize::from(area.height);
    for (at, held) in (0u16..area.height).zip(&model.held) {
        let line = Rect { y: area.y + at, height: 1, ..area };
        clear(buffer, line, base);
        let mut pen = Pen::new(buffer, line);
        if usize::from(at) + 1 == lines && model.held.len() > lines {
            let more = model.held.len() + 1 - lines;
            pen.put(&format!("  and {more} more are held"), part(Ui::Warn));
            return;
        }
        let is_next = model.held_for_action().is_some_and(|next| next.id == held.id);
        pen.put(if is_next { "▶" } else { " " }, part(Ui::Accent));
        pen.put(&format!("#{} ", held.id), part(Ui::Warn).add_modifier(Modifier::BOLD));
        let row = model.list.row(held.id);
        let target = row.map_or_else(String::new, |row| format!("{} {}", row.method, row.target));
        let room = pen.left().saturating_sub(BAR_COLUMNS + 20).min(TARGET_COLUMNS);
        pen.cell(&target, room, base);
        let (full, seconds) = left(held, model.now);
        let urgent = if full <= BAR_COLUMNS / 4 { Ui::Bad } else { Ui::Accent };
        let bar = |symbol: &str, count: u16| symbol.repeat(usize::from(count));
        pen.put(" ", base).put(&bar("█", full), part(urgent)).put(&bar("░", BAR_COLUMNS - full), part(Ui::Muted));
        pen.put(&format!(" {seconds} s"), base).put(&format!(", then {}", held.default), part(Ui::Muted));
    }
}

/// Cells of the bar that are left, and whole seconds, rounded up.
fn left(held: &HeldRow, now: Timestamp) -> (u16, u64) {
    let all = held.until.micros_since(held.since).max(1);
    let left = held.until.micros_since(now.max(held.since)).min(all);
    let cells = (u128::from(left) * u128::from(BAR_COLUMNS)).div_ceil(u128::from(all));
    (u16::try_from(cells).unwrap_or(BAR_COLUMNS).min(BAR_COLUMNS), left.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exchange::ExchangeId;

    #[test]
    fn the_bar_runs_down_to_the_deadline() {
        let at = |seconds: i64| Timestamp::from_secs(1_700_000_000 + seconds);
        let held = HeldRow { id: ExchangeId(1), since: at(0), until: at(10), default: "200".into() };
        let seen: Vec<(u16, u64)> = [-5, 0, 5, 9, 10, 11].into_iter().map(|now| left(&held, at(now))).collect();
        assert_eq!(seen, [(10, 10), (10, 10), (5, 5), (1, 1), (0, 0), (0, 0)]);
    }

    #[test]
    fn while_a_sender_waits_its_keys_stand_first() {
        use crate::tui::testing::{Stage, morning};
        for (width, height) in [(140, 40), (80, 24), (40, 12)] {
            let mut stage = Stage::showing(width, height, morning());
            let last_line = |stage: &mut Stage| stage.text().lines().last().unwrap_or_default().to_owned();
            assert!(!last_line(&mut stage).contains("a answer"));
            let at = Timestamp::from_secs(1_700_000_000);
            let held =
                HeldRow { id: ExchangeId(1), since: at, until: at.plus_micros(10_000_000), default: "200".into() };
            stage.model.held = vec![held];
            let line = last_line(&mut stage);
            assert!(line.trim_start().starts_with("a answer  X kill"), "{line}");
        }
    }
}
