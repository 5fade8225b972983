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

/// How much of its name a tab shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    None,
    Short,
    Long,
}

/// Tabs in the order in which they get their whole names: those first whose short ones say least.
const LONG_FIRST: [Tab; 7] =
    [Tab::Answer, Tab::Overview, Tab::Attempts, Tab::Headers, Tab::Signature, Tab::Body, Tab::Raw];
/// Tabs in the order in which they get a name at all, where not all of them can have one.
const NAMED_FIRST: [Tab; 7] =
    [Tab::Body, Tab::Signature, Tab::Answer, Tab::Overview, Tab::Headers, Tab::Raw, Tab::Attempts];

/// The tabs from left to right. All have names as long as there is room for; where there is none for all short ones, the
/// open one still has its own. Only then does it matter for the places which one is open.
pub fn places(model: &Model, area: Rect) -> Vec<Place> {
    let open = model.detail.tab;
    let mut names = [Name::Short; Tab::ALL.len()];
    // Blanks go before the ends of the names that say least without them.
    let mut wished = names;
    LONG_FIRST.into_iter().take(3).for_each(|tab| set(&mut wished, tab, Name::Long));
    let pad = if taken(model, &wished, 2) > area.width { 1 } else { 2 };
    if taken(model, &names, pad) > area.width {
        names = [Name::None; Tab::ALL.len()];
        set(&mut names, open, Name::Long);
        raise(model, &mut names, pad, area.width, NAMED_FIRST, Name::Short);
    }
    if names.iter().all(|name| *name != Name::None) {
        raise(model, &mut names, pad, area.width, LONG_FIRST, Name::Long);
    }
    let all = place(model, &names, pad, area);
    if all.last().is_none_or(|last| last.area.right() <= area.right()) {
        return all;
    }
    // Not even the keys: the open one alone, cut.
    let alone = all.into_iter().filter(|place| place.tab == open);
    alone.map(|place| Place { area: Rect { x: area.x, ..place.area }.intersection(area), ..place }).collect()
}

fn set(names: &mut [Name], tab: Tab, name: Name) {
    if let Some(slot) = names.get_mut(tab as usize) {
        *slot = name;
    }
}

/// Gives as many tabs as there is room for a longer name, in this order.
fn raise(model: &Model, names: &mut [Name; 7], pad: u16, columns: u16, order: [Tab; 7], name: Name) {
    for tab in order {
        let before = *names;
        if names.get(tab as usize).is_some_and(|now| *now != Name::Long) {
            set(names, tab, name);
        }
        if taken(model, names, pad) > columns {
            *names = before;
        }
    }
}

fn taken(model: &Model, names: &[Name], pad: u16) -> u16 {
    let needed = |tab: Tab, name: Name| match (tab, name) {
        // Room for a count, so that the first attempt makes no name shorter.
        (Tab::Attempts, Name::Short) => width(short(tab)) + 2,
        (Tab::Attempts, Name::Long) => width(tab.title()) + 2,
        _ => 0,
    };
    let columns =
        |(tab, name): (Tab, &Name)| 1 + pad + gap(*name) + width(&words(model, tab, *name)).max(needed(tab, *name));
    Tab::ALL.into_iter().zip(names).map(columns).sum()
}

/// The blank between key and name.
const fn gap(name: Name) -> u16 {
    match name {
        Name::None => 0,
        Name::Short | Name::Long => 1,
    }
}

/// One after the other, each with blanks round it: `pad` columns of them.
fn place(model: &Model, names: &[Name], pad: u16, area: Rect) -> Vec<Place> {
    let mut x = area.x;
    let mut places = Vec::new();
    for (tab, name) in Tab::ALL.into_iter().zip(names) {
        let number = (tab as usize + 1).to_string();
        let words = words(model, tab, *name);
        let columns = width(&number) + gap(*name) + width(&words) + pad;
        places.push(Place { tab, number, words, area: Rect { x, width: columns, ..area }, is_padded: pad > 1 });
        x = x.saturating_add(columns);
    }
    places
}

/// The name, and what one should know before opening it.
fn words(model: &Model, tab: Tab, name: Name) -> String {
    let title = match name {
        Name::None => return String::new(),
        Name::Short => short(tab),
        Name::Long => tab.title(),
    };
    let row = model.selected();
    match tab {
        // Its room is kept, so that the tabs behind it stay where they are.
        Tab::Signature => {
            let symbol = row.map(|row| verdict::sign(row).symbol).filter(|symbol| *symbol != "·").unwrap_or(" ");
            format!("{title} {symbol}")
        }
        Tab::Attempts => match row.map_or(0, |row| row.attempts) {
            0 => title.to_owned(),
            attempts => format!("{title} {attempts}"),
        },
        _ => title.to_owned(),
    }
}

const fn short(tab: Tab) -> &'static str {
    match tab {
        Tab::Overview => "Over",
        Tab::Body => "Body",
        Tab::Headers => "Head",
        Tab::Signature => "Sig",
        Tab::Answer => "Ans",
        Tab::Attempts => "Atts",
        Tab::Raw => "Raw",
    }
}

#[cfg(test)]
mod tests;
