//! Playbooks: lines of what happens in, the same lines with the wishes that come of them out.
//!
//! ```text
//! key j Enter          arrived 1 2 7..9        changed 3          tick 5          resize 80 24
//! loaded 3             rendered                filtered 1: 2 4    matched 1: 6    found 3
//! click 10 4           wheel 10 4 down         drag 60 4          up              paste text
//! ```

use std::fmt::Write as _;
use std::sync::Arc;

use super::{NOON_S, exchange, row, rows, sample};
use crate::domain::exchange::ExchangeId;
use crate::domain::search::Hit;
use crate::domain::time::Timestamp;
use crate::tui::effect::{Effect, RenderKey};
use crate::tui::key::{Mouse, MouseKind};
use crate::tui::keymap::parse_key;
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::update::update;

/// Plays the lines and writes each with its wishes under it.
pub fn play(model: &mut Model, script: &str) -> String {
    let mut out = String::new();
    let mut asked: Option<RenderKey> = None;
    let mut searched: Option<(RenderKey, String)> = None;
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let _ = writeln!(out, "{line}");
        for msg in messages(line, asked.as_ref(), searched.as_ref()) {
            for effect in update(model, msg) {
                match &effect {
                    Effect::Render(key) => asked = Some(key.clone()),
                    Effect::Search { key, needle } => searched = Some((key.clone(), needle.clone())),
                    _ => {}
                }
                let _ = writeln!(out, "    {}", shown(&effect));
            }
        }
    }
    out
}

fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Load { id } => format!("Load {id}"),
        Effect::Render(key) => {
            let RenderKey { id, tab, view, width, revision, .. } = key;
            format!("Render {id} {tab:?} {view:?} width {width} revision {revision}")
        }
        Effect::Search { key, needle } => {
            format!("Search {needle:?} in {} {:?} revision {}", key.id, key.tab, key.revision)
        }
        other => format!("{other:?}"),
    }
}

fn messages(line: &str, asked: Option<&RenderKey>, searched: Option<&(RenderKey, String)>) -> Vec<Msg> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let number = |at: usize| rest.split(' ').nth(at).and_then(|text| text.parse::<u64>().ok()).expect("a number");
    let id = || ExchangeId(number(0));
    let mouse = |kind| {
        let (column, row) = (number(0) as u16, number(1) as u16);
        vec![Msg::Mouse(Mouse { kind, column, row })]
    };
    match word {
        "key" => {
            rest.split(' ').map(|key| Msg::Key(parse_key(key).unwrap_or_else(|| panic!("no key: {key}")))).collect()
        }
        "arrived" => vec![Msg::Arrived { batch: rows(numbers(rest)), missed: 0 }],
        "changed" => vec![Msg::Changed { batch: rows(numbers(rest)) }],
        "tick" => vec![Msg::Tick(Timestamp::from_secs(NOON_S + number(0) as i64))],
        "resize" => vec![Msg::Resize { width: number(0) as u16, height: number(1) as u16 }],
        "loaded" => vec![Msg::Loaded { id: id(), result: Ok(Box::new(exchange(&row(number(0))))) }],
        "unreadable" => vec![Msg::Loaded { id: id(), result: Err("the file is gone".to_owned()) }],
        "rendered" => {
            let key = asked.cloned().expect("nothing was asked for");
            let document = Arc::new(sample(&key).wrap(key.width));
            vec![Msg::Rendered { key, document }]
        }
        "filtered" | "matched" => {
            let (version, ids) = rest.split_once(':').expect("version: ids");
            let version = version.parse().expect("a version");
            let ids = numbers(ids).into_iter().map(ExchangeId).collect();
            vec![if word == "filtered" { Msg::Filtered { version, ids } } else { Msg::FilterMatched { version, ids } }]
        }
        "found" => {
            let (key, needle) = searched.cloned().expect("nothing was searched");
            let hits = numbers(rest).into_iter().map(|line| Hit { line: line as usize, start: 0, end: 1 }).collect();
            vec![Msg::Found { key, needle, hits }]
        }
        "click" => mouse(MouseKind::Down),
        "drag" => mouse(MouseKind::Drag),
        "up" => vec![Msg::Mouse(Mouse { kind: MouseKind::Up, column: 0, row: 0 })],
        "wheel" => mouse(if rest.ends_with("up") { MouseKind::ScrollUp } else { MouseKind::ScrollDown }),
        "paste" => vec![Msg::Paste(rest.to_owned())],
        _ => panic!("no such line in a playbook: {line}"),
    }
}

/// `1 2 7..9`: the last one is in it.
fn numbers(text: &str) -> Vec<u64> {
    text.split_whitespace()
        .flat_map(|part| match part.split_once("..") {
            Some((from, upto)) => from.parse().expect("a number")..=upto.parse().expect("a number"),
            None => part.parse().map(|number| number..=number).expect("a number"),
        })
        .collect()
}
