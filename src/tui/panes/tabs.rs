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
    /// Its cells, blanks included.
    pub area: Rect,
    /// Whether there is a blank of its own on either side, and not only one in front.
    pub is_padded: bool,
}

/// The tabs from left to right. With less room they stand closer, then only the open one has words, then it stands alone.
pub fn places(model: &Model, area: Rect) -> Vec<Place> {
    let long = || Tab::ALL.iter().map(|tab| (*tab, words(model, *tab)));
    let plain = || Tab::ALL.iter().map(|tab| (*tab, tab.title().to_owned()));
    let open = model.detail.tab;
    let numbers = || long().map(|(tab, words)| (tab, if tab == open { words } else { String::new() }));
    let alone = || long().filter(|(tab, _)| *tab == open);
    let candidates = [
        place(long(), 2, area),
        place(long(), 1, area),
        place(plain(), 1, area),
        place(numbers(), 2, area),
        place(numbers(), 1, area),
        place(alone(), 2, area),
    ];
    let fits = |places: &Vec<Place>| places.last().is_none_or(|last| last.area.right() <= area.right());
    candidates.into_iter().find(fits).unwrap_or_else(|| {
        let cut = |place: Place| {
            let area = place.area.intersection(area);
            Place { area, ..place }
        };
        place(alone(), 2, area).into_iter().map(cut).collect()
    })
}

/// One after the other, each with blanks round it: `pad` columns of them.
fn place(tabs: impl Iterator<Item = (Tab, String)>, pad: u16, area: Rect) -> Vec<Place> {
    let mut x = area.x;
    let mut places = Vec::new();
    for (tab, words) in tabs {
        let number = (tab as usize + 1).to_string();
        let gap = u16::from(!words.is_empty());
        let columns = width(&number) + gap + width(&words) + pad;
        places.push(Place { tab, number, words, area: Rect { x, width: columns, ..area }, is_padded: pad > 1 });
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
