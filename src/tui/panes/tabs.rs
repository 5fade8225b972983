//! The tabs of the detail: what stands on them and where, for drawing and for the mouse.

use ratatui::layout::Rect;

use crate::domain::detail::Tab;
use crate::tui::model::Model;
use crate::tui::widgets::text::width;
use crate::tui::widgets::verdict;

/// A tab on screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub tab: Tab,
    /// Its key.
    pub number: String,
    /// Its words; empty when there is room for the key alone.
    pub words: String,
    /// Its cells.
    pub area: Rect,
}

/// The tabs from left to right. With little room only the open one has words; those that do not fit are left out, the open
/// one never.
pub fn places(model: &Model, area: Rect) -> Vec<Place> {
    let long: Vec<(Tab, String)> = Tab::ALL.iter().map(|tab| (*tab, words(model, *tab))).collect();
    let open = model.detail.tab;
    let short = || long.iter().map(|(tab, words)| (*tab, if *tab == open { words.clone() } else { String::new() }));
    let only = || long.iter().filter(|(tab, _)| *tab == open).cloned();
    for candidate in [long.clone(), short().collect(), only().collect()] {
        let places = place(candidate, area);
        if places.last().is_none_or(|last| last.area.right() <= area.right()) {
            return places;
        }
    }
    place(only().collect(), area)
        .into_iter()
        .map(|place| Place { area: place.area.intersection(area), ..place })
        .collect()
}

fn place(tabs: Vec<(Tab, String)>, area: Rect) -> Vec<Place> {
    let mut x = area.x;
    let mut places = Vec::with_capacity(tabs.len());
    for (tab, words) in tabs {
        let number = (tab as usize + 1).to_string();
        let gap = u16::from(!words.is_empty());
        let columns = width(&number) + gap + width(&words) + 2;
        places.push(Place { tab, number, words, area: Rect { x, width: columns, ..area } });
        x = x.saturating_add(columns);
    }
    places
}

/// The title, and what one should know before opening it.
fn words(model: &Model, tab: Tab) -> String {
    let title = tab.title();
    let Some(row) = model.selected() else { return title.to_owned() };
    match tab {
        Tab::Signature => match verdict::sign(row).symbol {
            "·" => title.to_owned(),
            symbol => format!("{title} {symbol}"),
        },
        Tab::Attempts if row.attempts > 0 => format!("{title} {}", row.attempts),
        _ => title.to_owned(),
    }
}
