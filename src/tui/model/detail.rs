//! The detail of the selected exchange: its tabs, its documents, and what was asked for.

use std::sync::Arc;

use crate::domain::detail::Tab;
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::handshake::Visit;
use crate::domain::pretty::{BodyView, Document};
use crate::domain::search::Hit;
use crate::domain::signature::Profiles;

use crate::tui::effect::{Effect, RenderKey};

/// Exchanges that may be asked for between two ticks because rows arrive. Keys are never held back.
const ASKS_PER_TICK_MAX: u32 = 4;

/// Text that is being looked for in the open tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSearch {
    /// What.
    pub needle: String,
    /// Where the hits were found, or are being looked for.
    pub key: Option<RenderKey>,
    /// The hits, from the top; `None` while they are being looked for.
    pub hits: Option<Vec<Hit>>,
    /// The hit that the cursor is on.
    pub current: usize,
    /// Whether the next hits are gone to as they come.
    jump: bool,
}

/// The detail pane.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The exchange that all this is about.
    pub id: Option<ExchangeId>,
    /// The open tab.
    pub tab: Tab,
    /// How bodies are shown.
    pub view: BodyView,
    /// First line shown, for each tab.
    scroll: [usize; Tab::ALL.len()],
    /// The exchange, once it has come.
    pub exchange: Option<Box<Exchange>>,
    /// What its handshake wants fetched.
    pub visit: Option<Visit>,
    /// The exchange for which a digest was pasted, while it stands.
    pub computed: Option<ExchangeId>,
    /// The request that others are compared with.
    pub compared: Option<ExchangeId>,
    /// Why it cannot be read.
    pub error: Option<String>,
    /// The newest document that came.
    document: Option<(RenderKey, Arc<Document>)>,
    /// The newest document that was asked for.
    asked: Option<RenderKey>,
    revision: u64,
    asks_since_tick: u32,
    held: bool,
    /// Whether the overview, once it is there, is scrolled to what changed since the first try.
    seeks_changes: bool,
    /// Text that is being looked for.
    pub search: Option<TextSearch>,
}

impl Detail {
    /// The document of the open tab. One that was wrapped to another width stands in until its successor comes.
    pub fn document(&self) -> Option<&Arc<Document>> {
        let (key, document) = self.document.as_ref()?;
        let fits = Some(key.id) == self.id && key.tab == self.tab && key.view == self.view_in_force();
        fits.then_some(document)
    }

    /// Only the body has views; the documents of other tabs need not be made again for another one.
    fn view_in_force(&self) -> BodyView {
        if self.tab == Tab::Body { self.view } else { BodyView::default() }
    }

    /// Lines of the document of the open tab.
    pub fn lines_len(&self) -> usize {
        self.document().map_or(0, |document| document.lines.len())
    }

    /// First line shown of the open tab.
    pub fn scroll(&self) -> usize {
        self.scroll.get(self.tab as usize).copied().unwrap_or(0)
    }

    /// Scrolls the open tab; `height` is the number of rows drawn.
    pub fn scroll_to(&mut self, line: usize, height: usize) {
        let last = self.lines_len().saturating_sub(height.max(1));
        if let Some(slot) = self.scroll.get_mut(self.tab as usize) {
            *slot = line.min(last);
        }
    }

    /// Whether an exchange waits for the next tick to be asked for.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// The clock went on: what was held back may be asked for.
    pub fn tick(&mut self) {
        self.asks_since_tick = 0;
        self.held = false;
    }

    /// Asks for what is to be shown and has not been asked for. `width` is that of the text, `None` when the pane is not on
    /// screen. Not `eager`: rows arrive, and the next tick may do.
    pub fn settle(&mut self, selected: Option<ExchangeId>, width: Option<u16>, eager: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        if selected != self.id {
            if !eager && selected.is_some() && self.asks_since_tick >= ASKS_PER_TICK_MAX {
                self.held = true;
                return effects;
            }
            self.asks_since_tick += u32::from(!eager);
            self.held = false;
            self.change_to(selected);
            effects.extend(selected.map(|id| Effect::Load { id }));
        }
        if let (Some(id), Some(width)) = (self.id, width) {
            let (tab, view, revision) = (self.tab, self.view_in_force(), self.revision);
            let compared = self.compared.filter(|_| tab == Tab::Overview);
            let key = RenderKey { id, tab, view, width, compared, revision };
            if self.asked.as_ref() != Some(&key) {
                self.asked = Some(key.clone());
                effects.push(Effect::Render(key));
            }
        }
        effects.extend(self.settle_search());
        effects
    }

    /// The document on screen when it tells how long ago something was, so that it grows old while it is looked at. Made
    /// again under the same key it takes its own place: scroll and search stay.
    pub fn growing_old(&self) -> Option<&RenderKey> {
        let (key, _) = self.document.as_ref().filter(|(key, _)| self.asked.as_ref() == Some(key))?;
        matches!(key.tab, Tab::Overview | Tab::Answer | Tab::Attempts).then_some(key)
    }

    /// Everything of the former exchange goes; tab, view and search stay.
    fn change_to(&mut self, id: Option<ExchangeId>) {
        self.id = id;
        self.scroll = [0; Tab::ALL.len()];
        (self.exchange, self.error, self.document, self.asked) = (None, None, None, None);
        (self.visit, self.computed) = (None, None);
        self.seeks_changes = false;
        if let Some(search) = &mut self.search {
            (search.hits, search.key, search.current) = (None, None, 0);
        }
    }

    /// Looks for the text in a document that has not been searched.
    fn settle_search(&mut self) -> Option<Effect> {
        let (key, _) = self.document.as_ref().filter(|(key, _)| self.asked.as_ref() == Some(key))?;
        let search = self.search.as_mut().filter(|search| search.key.as_ref() != Some(key))?;
        search.key = Some(key.clone());
        Some(Effect::Search { key: key.clone(), needle: search.needle.clone() })
    }

    /// The exchange came. One that came again has changed, and its documents are made anew.
    pub fn loaded(&mut self, id: ExchangeId, result: Result<Box<Exchange>, String>) {
        if self.id != Some(id) {
            return;
        }
        if self.exchange.is_some() || self.error.is_some() {
            self.revision += 1;
        }
        (self.exchange, self.error) = match result {
            Ok(exchange) => (Some(exchange), None),
            Err(reason) => (None, Some(reason)),
        };
        self.visit = self.exchange.as_ref().and_then(|exchange| Visit::of(Profiles::builtin(), &exchange.request));
    }

    /// The row of the exchange changed: an answer, a verdict, an attempt.
    pub fn changed(&mut self) {
        self.revision += 1;
    }

    /// A document came; only the newest one that was asked for is taken.
    pub fn rendered(&mut self, key: RenderKey, document: Arc<Document>, height: usize) {
        if self.asked.as_ref() != Some(&key) {
            return;
        }
        let line = match &self.document {
            Some((old, before)) if (old.tab, old.view) == (key.tab, key.view) && old.width != key.width => {
                same_place(before, &document, self.scroll())
            }
            _ => self.scroll(),
        };
        self.document = Some((key, document));
        self.scroll_to(line, height);
        self.seek(height);
    }

    /// Opens the overview where it says what changed since the first try.
    pub fn show_changes(&mut self, height: usize) {
        (self.tab, self.seeks_changes) = (Tab::Overview, true);
        self.seek(height);
    }

    fn seek(&mut self, height: usize) {
        if !self.seeks_changes || self.tab != Tab::Overview {
            return;
        }
        let Some(document) = self.document() else { return };
        let line = document.lines.iter().position(|line| line.text().starts_with("changed"));
        self.seeks_changes = false;
        if let Some(line) = line {
            self.scroll_to(line, height);
        }
    }

    /// Looks for a text from now on, or (empty) no longer.
    pub fn start_search(&mut self, needle: String) {
        let search = TextSearch { needle, key: None, hits: None, current: 0, jump: true };
        self.search = (!search.needle.is_empty()).then_some(search);
    }

    /// Hits came.
    pub fn found(&mut self, key: &RenderKey, needle: &str, hits: Vec<Hit>, height: usize) {
        let from = self.scroll();
        let Some(search) = &mut self.search else { return };
        if search.key.as_ref() != Some(key) || search.needle != needle {
            return;
        }
        let ahead = hits.iter().position(|hit| hit.line >= from).unwrap_or(0);
        search.current = if search.jump { ahead } else { search.current.min(hits.len().saturating_sub(1)) };
        search.hits = Some(hits);
        if std::mem::take(&mut search.jump) {
            self.show_hit(height);
        }
    }

    /// To the next hit, or the one before; round at the ends. Whether it went round.
    pub fn next_hit(&mut self, forward: bool, height: usize) -> bool {
        let Some(search) = &mut self.search else { return false };
        let count = search.hits.as_ref().map_or(0, Vec::len);
        if count == 0 {
            return false;
        }
        let step = if forward { 1 } else { count - 1 };
        let next = (search.current + step) % count;
        let round = if forward { next <= search.current } else { next >= search.current };
        search.current = next;
        self.show_hit(height);
        round && count > 1
    }

    /// Scrolls so that the current hit is on screen, a third from the top.
    fn show_hit(&mut self, height: usize) {
        let hit = self.search.as_ref().and_then(|search| search.hits.as_ref()?.get(search.current).copied());
        if let Some(Hit { line, .. }) = hit {
            let top = self.scroll();
            if line < top || line >= top + height.max(1) {
                self.scroll_to(line.saturating_sub(height / 3), height);
            }
        }
    }
}

/// The line of `after` where the text of `line` in `before` begins: the same document, wrapped to another width.
fn same_place(before: &Document, after: &Document, line: usize) -> usize {
    let whole = before.lines.iter().take(line.saturating_add(1)).filter(|line| !line.continues).count();
    let starts = after.lines.iter().enumerate().filter(|(_, line)| !line.continues);
    starts.map(|(at, _)| at).nth(whole.saturating_sub(1)).unwrap_or(line)
}

#[cfg(test)]
mod tests;
