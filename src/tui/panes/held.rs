//! Requests that wait for the user, above the list: each with a bar that runs down to its deadline.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::domain::time::Timestamp;
use crate::tui::action::Action;
use crate::tui::model::Model;
use crate::tui::msg::HeldRow;
use crate::tui::theme::Ui;
use crate::tui::widgets::text::{Pen, clear, width};

/// Cells of the bar.
const BAR_COLUMNS: u16 = 10;
/// Columns of the seconds that are left: `1200 s` and a blank.
const SECONDS_COLUMNS: u16 = 7;
/// Columns of the method and the path.
const TARGET_COLUMNS: u16 = 26;

/// Draws as many as there are lines; the last line says how many more there are.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    let base = model.theme.ui(Ui::Base);
    let part = |part| base.patch(model.theme.ui(part));
    let lines = usize::from(area.height);
    (0..area.height).for_each(|at| clear(buffer, Rect { y: area.y + at, height: 1, ..area }, base));
    if model.held.is_empty() {
        let key = model.keymap.hint(Action::Hold);
        let ends = if key.is_empty() { String::new() } else { format!("; {key} ends it") };
        Pen::new(buffer, area).put(&format!("  Holding: the next request waits here{ends}"), part(Ui::Muted));
    }
    // Bars stand below each other.
    let id_columns = model.held.iter().map(|held| width(&held.id.to_string())).max().unwrap_or(0);
    for (at, held) in (0u16..area.height).zip(&model.held) {
        let line = Rect { y: area.y + at, height: 1, ..area };
        let mut pen = Pen::new(buffer, line);
        if usize::from(at) + 1 == lines && model.held.len() > lines {
            let more = model.held.len() + 1 - lines;
            pen.put(&format!("  and {more} more are held"), part(Ui::Warn));
            return;
        }
        let is_next = model.held_for_action().is_some_and(|next| next.id == held.id);
        pen.put(if is_next { "▶" } else { " " }, part(Ui::Accent));
        pen.cell(&format!("#{}", held.id), id_columns + 2, part(Ui::Warn).add_modifier(Modifier::BOLD));
        let row = model.list.row(held.id);
        let target = row.map_or_else(String::new, |row| format!("{} {}", row.method, row.target));
        let room = pen.left().saturating_sub(BAR_COLUMNS + SECONDS_COLUMNS + 15).min(TARGET_COLUMNS);
        pen.cell(&target, room, base);
        let (full, seconds) = left(held, model.now);
        let urgent = if full <= BAR_COLUMNS / 4 { Ui::Bad } else { Ui::Accent };
        let bar = |symbol: &str, count: u16| symbol.repeat(usize::from(count));
        pen.put(" ", base).put(&bar("█", full), part(urgent)).put(&bar("░", BAR_COLUMNS - full), part(Ui::Muted));
        pen.cell_right(&format!("{seconds} s"), SECONDS_COLUMNS, base)
            .put(&format!(", then {}", held.default), part(Ui::Muted));
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
    fn the_list_and_the_bars_stay_where_they_are_while_requests_come_and_go() {
        use crate::tui::layout::layout;
        use crate::tui::msg::Msg;
        use crate::tui::testing::{Stage, morning};
        let at = Timestamp::from_secs(1_700_000_000);
        let until = at.plus_micros(10_000_000);
        let held = |ids: &[u64]| {
            let held = |id: &u64| HeldRow { id: ExchangeId(*id), since: at, until, default: "200".into() };
            Msg::Held { holding: true, held: ids.iter().map(held).collect() }
        };
        let mut stage = Stage::showing(80, 40, morning());
        let mut head_after = |msg: Msg| {
            stage.send(msg);
            (layout(&stage.model).list.expect("a list").head.y, stage.text())
        };
        let (empty, text) = head_after(held(&[]));
        assert!(text.contains("Holding: the next request waits here; i ends it"), "{text}");
        assert_eq!(head_after(held(&[7])).0, empty);
        let (three, text) = head_after(held(&[7, 12, 30]));
        let bars: Vec<_> =
            text.lines().filter_map(|line| line.find(['█', '░']).map(|at| line[..at].chars().count())).collect();
        assert!(bars.len() == 3 && bars.iter().all(|bar| *bar == bars[0]), "{text}");
        assert_eq!(head_after(held(&[12])).0, three);
        assert_eq!(head_after(held(&[])).0, empty);
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
            stage.model.make_room_for_held();
            let line = last_line(&mut stage);
            assert!(line.trim_start().starts_with("a answer  X kill"), "{line}");
        }
    }

    #[test]
    fn who_has_the_least_time_left_stands_first_and_is_answered_first() {
        use crate::tui::msg::Msg;
        use crate::tui::testing::{Stage, morning};
        let at = Timestamp::from_secs(1_700_000_000);
        let held = |(id, seconds): (u64, i64)| HeldRow {
            id: ExchangeId(id),
            since: at,
            until: at.plus_micros(seconds * 1_000_000),
            default: "200".into(),
        };
        let mut stage = Stage::showing(80, 24, morning());
        stage.send(Msg::Tick(at));
        let mut all: Vec<(u64, i64)> = (1..=21).map(|id| (id, 10)).collect();
        all.push((22, 2));
        stage.send(Msg::Held { holding: true, held: all.into_iter().map(held).collect() });
        let text = stage.text();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(", then 200")).collect();
        assert!(lines.first().is_some_and(|line| line.contains("#22")), "{text}");
        assert!(lines.len() >= 7 && text.contains("more are held"), "{text}");
        assert_eq!(stage.model.held_for_action().map(|held| held.id), Some(ExchangeId(22)));
    }

    #[test]
    fn the_answer_of_a_held_request_says_until_when_it_waits_and_what_goes_then() {
        use crate::tui::msg::Msg;
        use crate::tui::testing::{Stage, morning};
        let at = Timestamp::from_secs(1_700_000_000);
        let mut stage = Stage::showing(140, 40, morning());
        stage.keys("5");
        let id = stage.model.list.selected().expect("a request");
        stage.send(Msg::Tick(at.plus_micros(3_000_000)));
        let held = HeldRow { id, since: at, until: at.plus_micros(10_000_000), default: "202 after 1 s".into() };
        stage.send(Msg::Held { holding: true, held: vec![held] });
        let text = stage.text();
        assert!(text.contains("held until 22:13:30 (in 7.0 s), then 202 after 1 s"), "{text}");
        stage.send(Msg::Held { holding: true, held: Vec::new() });
        assert!(!stage.text().contains("held until"), "{}", stage.text());
    }
}
