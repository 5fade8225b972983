//! The screen before the first request: where to send one, and how.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::tui::action::Action;
use crate::tui::model::Model;
use crate::tui::theme::Ui;
use crate::tui::widgets::text::{Pen, width, wrap};

/// A command that sends a first request, for any shell. An address that stands for all of them is reached by loopback.
pub fn curl_line(url: &str) -> String {
    let url = url.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]");
    format!("curl -d hello=world {url}/webhook")
}

type Row = Vec<(String, Style)>;

/// Draws it.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    // The margin of the lines above and below it.
    let area = Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), ..area };
    let rows = if model.is_listening() { waiting(model, area) } else { nothing_saved(model) };
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let widest = rows.iter().map(|row| row.iter().map(|(text, _)| width(text)).sum::<u16>()).max().unwrap_or(0);
    let x = area.x + area.width.saturating_sub(widest) / 2;
    // A little above the middle looks like the middle.
    let y = area.y + area.height.saturating_sub(height) * 2 / 5;
    let place = Rect { x, y, width: area.right().saturating_sub(x), height: area.bottom().saturating_sub(y) };
    for (at, row) in (0..place.height).zip(rows) {
        let mut pen = Pen::new(buffer, Rect { y: place.y + at, height: 1, ..place });
        for (text, style) in row {
            pen.put(&text, style);
        }
    }
}

fn waiting(model: &Model, area: Rect) -> Vec<Row> {
    let theme = &model.theme;
    let (muted, base) = (theme.ui(Ui::Muted), theme.ui(Ui::Base));
    let mut rows: Vec<Row> = vec![
        vec![("Waiting for the first request".to_owned(), theme.ui(Ui::Accent))],
        vec![],
        vec![("Listening on  ".to_owned(), muted), (model.identity.url.clone(), base.add_modifier(Modifier::BOLD))],
    ];
    if model.identity.exposed {
        rows.push(vec![("              ".to_owned(), muted), ("open to the network".to_owned(), theme.ui(Ui::Warn))]);
    }
    if let Some(reply) = &model.reply {
        rows.push(vec![("Answers with  ".to_owned(), muted), (answers_with(model, &reply.all), base)]);
    }
    if !model.identity.session.is_empty() {
        rows.push(vec![("Kept in       ".to_owned(), muted), (model.identity.session.clone(), base)]);
    }
    rows.push(vec![]);
    let line = curl_line(&model.identity.url);
    if width(&line) + 14 <= area.width {
        rows.push(vec![("Try           ".to_owned(), muted), (line, theme.ui(Ui::Good))]);
    } else {
        rows.extend(wrap(&line, area.width).into_iter().map(|part| vec![(part, theme.ui(Ui::Good))]));
    }
    let keys =
        [(Action::Copy, "copy that line"), (Action::Reply, "choose what is answered"), (Action::Help, "all keys")];
    let keys = key_rows(model, &keys);
    // All of them or none: the bottom line has them too.
    if rows.len() + 1 + keys.len() <= usize::from(area.height) {
        rows.push(vec![]);
        rows.extend(keys);
    }
    rows
}

/// What goes back to a request that no rule is for; `all` is the reply as it is written.
fn answers_with(model: &Model, all: &str) -> String {
    match (all, model.forwarding.app.as_deref()) {
        ("forward", Some(app)) => format!("what {app} answers"),
        _ => all.to_owned(),
    }
}

fn nothing_saved(model: &Model) -> Vec<Row> {
    let keys = [(Action::Help, "all keys"), (Action::Quit, "leave")];
    let mut rows = vec![vec![("No requests from this session yet".to_owned(), model.theme.ui(Ui::Accent))], Row::new()];
    rows.extend(key_rows(model, &keys));
    rows
}

fn key_rows(model: &Model, keys: &[(Action, &str)]) -> Vec<Row> {
    let with_keys = keys.iter().map(|(action, words)| (model.keymap.hint(*action), *words));
    with_keys
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, words)| {
            vec![
                (format!("{key:<14}"), model.theme.ui(Ui::KeyHint)),
                (words.to_owned(), model.theme.ui(Ui::KeyHintText)),
            ]
        })
        .collect()
}
