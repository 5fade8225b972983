//! The thread behind the detail pane: it reads the selected exchange, checks its signature with the autopsy, and makes,
//! wraps, colours and searches the documents of its tabs. Newest wish wins; whatever was overtaken is never made.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::mpsc::Sender;

use crate::domain::detail::{DetailContext, Reader, Tab, document};
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::pretty::{Document, Limits};
use crate::domain::reply::Waiting;
use crate::domain::search;
use crate::domain::signature::Explanation;
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;
use crate::io::highlighter::Highlighter;
use crate::io::provoke::provoke;
use crate::io::store::Store;
use crate::tui::effect::RenderKey;
use crate::tui::msg::Msg;

use super::index::{IndexCommand, IndexHandle};
use super::judge::{Judge, Look, provider_words};
use super::latest::Latest;
use super::loop_input::Input;
use super::panics::survive;

/// Hits that are counted in one document; more are not told apart by anybody.
const HITS_MAX: usize = 10_000;
/// Documents kept for searching: the tabs that the user goes back and forth between.
const DOCUMENTS_MAX: usize = 8;
/// Memory for them, all together; the newest is kept whatever it takes.
const DOCUMENTS_BYTES_MAX: usize = 32 << 20;

/// Documents kept for searching, the newest first.
#[derive(Default)]
struct Documents(VecDeque<(RenderKey, Arc<Document>, usize)>);

impl Documents {
    fn keep(&mut self, key: RenderKey, document: Arc<Document>) {
        let bytes = document.held_bytes();
        self.0.retain(|(known, ..)| *known != key);
        self.0.push_front((key, document, bytes));
        let mut sum = 0;
        let within = |(_, _, bytes): &&(RenderKey, Arc<Document>, usize)| {
            sum += bytes;
            sum <= DOCUMENTS_BYTES_MAX
        };
        let count = self.0.iter().take_while(within).count();
        self.0.truncate(count.clamp(1, DOCUMENTS_MAX));
    }

    fn get(&self, key: &RenderKey) -> Option<&Arc<Document>> {
        self.0.iter().find(|(known, ..)| known == key).map(|(_, document, _)| document)
    }
}

/// Rows that a document is made with.
#[derive(Default)]
struct Rows {
    /// That of the exchange.
    row: Option<Arc<Summary>>,
    /// Those of its delivery.
    tries: Vec<Arc<Summary>>,
}

/// What is wished, each newest only.
#[derive(Default)]
struct Wishes {
    load: Option<ExchangeId>,
    /// This exchange changed: send it again if it is the loaded one.
    changed: Vec<ExchangeId>,
    /// A secret came: verdicts are out of date.
    judge_again: bool,
    /// A digest was pasted for this exchange: say where it comes from. `None`: no more.
    computed: Option<(ExchangeId, Option<String>)>,
    render: Option<(RenderKey, Rows, Timestamp)>,
    search: Option<(RenderKey, String)>,
}

/// The running thread.
pub struct DetailWorker {
    handle: DetailHandle,
    thread: Option<JoinHandle<()>>,
}

/// A way to wish something of it; clones share it.
#[derive(Clone)]
pub struct DetailHandle {
    wishes: Arc<Latest<Wishes>>,
}

impl DetailWorker {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        store: Store,
        judge: Arc<Judge>,
        index: IndexHandle,
        base_url: String,
        waiting: impl Fn(ExchangeId) -> Option<Waiting> + Send + 'static,
        out: Sender<Input>,
    ) -> std::io::Result<Self> {
        let wishes = Arc::new(Latest::new());
        let worker = Worker {
            wishes: Arc::clone(&wishes),
            highlighter: Highlighter::start()?,
            store,
            judge,
            index,
            base_url,
            waiting: Box::new(waiting),
            out,
            loaded: None,
            documents: Documents::default(),
        };
        let thread = std::thread::Builder::new().name("detail".into()).spawn(move || worker.run())?;
        Ok(Self { handle: DetailHandle { wishes }, thread: Some(thread) })
    }

    /// A way to wish something from elsewhere.
    pub fn handle(&self) -> DetailHandle {
        self.handle.clone()
    }
}

impl std::ops::Deref for DetailWorker {
    type Target = DetailHandle;

    fn deref(&self) -> &DetailHandle {
        &self.handle
    }
}

impl DetailHandle {
    /// Bring an exchange.
    pub fn load(&self, id: ExchangeId) {
        self.wishes.put(|wishes| wishes.load = Some(id));
    }

    /// These exchanges changed: an answer or an attempt.
    pub fn changed(&self, ids: impl IntoIterator<Item = ExchangeId>) {
        self.wishes.put(|wishes| {
            wishes.changed.extend(ids);
            // Only the loaded one matters, and loads are cheap: the list need not grow with a flood.
            let surplus = wishes.changed.len().saturating_sub(4096);
            wishes.changed.drain(..surplus);
        });
    }

    /// A secret came.
    pub fn judge_again(&self) {
        self.wishes.put(|wishes| wishes.judge_again = true);
    }

    /// Say where this digest comes from that the user's code computed; `None`: no more.
    pub fn computed(&self, id: ExchangeId, value: Option<String>) {
        self.wishes.put(|wishes| wishes.computed = Some((id, value)));
    }

    /// Make a document.
    pub fn render(&self, key: RenderKey, row: Option<Arc<Summary>>, tries: Vec<Arc<Summary>>, now: Timestamp) {
        self.wishes.put(|wishes| wishes.render = Some((key, Rows { row, tries }, now)));
    }

    /// Search a document.
    pub fn search(&self, key: RenderKey, needle: String) {
        self.wishes.put(|wishes| wishes.search = Some((key, needle)));
    }
}

impl Drop for DetailWorker {
    fn drop(&mut self) {
        self.handle.wishes.close();
        // Not joined: it may be in the middle of a large body, and the way out does not wait for that.
        drop(self.thread.take());
    }
}

struct Loaded {
    exchange: Exchange,
    explanation: Option<Explanation>,
    /// The digest that the user pasted for it.
    computed: Option<String>,
}

struct Worker {
    wishes: Arc<Latest<Wishes>>,
    highlighter: Highlighter,
    store: Store,
    judge: Arc<Judge>,
    index: IndexHandle,
    base_url: String,
    /// What an answer that has not gone waits for.
    waiting: Box<dyn Fn(ExchangeId) -> Option<Waiting> + Send>,
    out: Sender<Input>,
    loaded: Option<Loaded>,
    documents: Documents,
}

impl Worker {
    fn run(mut self) {
        while let Some(wishes) = self.wishes.take() {
            let id = wishes.render.as_ref().map(|(key, ..)| key.id).or(wishes.load);
            if survive(|| self.grant(wishes)).is_none() {
                // It has been told. The pane says so too, and the next request is made as ever.
                (self.loaded, self.documents) = (None, Documents::default());
                if let Some(id) = id {
                    self.send(Msg::Loaded {
                        id,
                        result: Err("an internal error while it was made ready; the session file holds it".to_owned()),
                    });
                }
            }
        }
    }

    fn grant(&mut self, wishes: Wishes) {
        self.note_changes(&wishes);
        if let Some(id) = wishes.load {
            self.load(id);
        }
        if let Some((id, value)) = wishes.computed {
            self.compare(id, value);
        }
        if let Some((key, row, now)) = wishes.render {
            self.render(key, &row, now);
        }
        if let Some((key, needle)) = wishes.search {
            self.search(key, needle);
        }
    }

    fn note_changes(&mut self, wishes: &Wishes) {
        let Some(loaded) = &mut self.loaded else { return };
        let id = loaded.exchange.request.id;
        if wishes.judge_again {
            loaded.explanation = None;
        }
        if (wishes.judge_again || wishes.changed.contains(&id)) && wishes.load.is_none_or(|load| load == id) {
            self.load(id);
        }
    }

    fn load(&mut self, id: ExchangeId) {
        let result = match self.store.exchange_in_brief(id) {
            Ok(exchange) => {
                let kept = self.loaded.take().filter(|loaded| loaded.exchange.request.id == id);
                let (explanation, computed) =
                    kept.map(|loaded| (loaded.explanation, loaded.computed)).unwrap_or_default();
                self.loaded = Some(Loaded { exchange: exchange.clone(), explanation, computed });
                Ok(Box::new(exchange))
            }
            Err(error) => {
                self.loaded = None;
                Err(error.to_string())
            }
        };
        self.send(Msg::Loaded { id, result });
    }

    /// The pasted digest is part of what is said; the interface asks for it anew when it is told that the exchange changed.
    fn compare(&mut self, id: ExchangeId, value: Option<String>) {
        if self.loaded.as_ref().is_none_or(|loaded| loaded.exchange.request.id != id) {
            self.load(id);
        }
        if let Some(loaded) = &mut self.loaded {
            (loaded.explanation, loaded.computed) = (None, value);
            self.load(id);
        }
    }

    fn render(&mut self, key: RenderKey, rows: &Rows, now: Timestamp) {
        if self.loaded.as_ref().is_none_or(|loaded| loaded.exchange.request.id != key.id) {
            match self.store.exchange_in_brief(key.id) {
                Ok(exchange) => self.loaded = Some(Loaded { exchange, explanation: None, computed: None }),
                // The interface has been told by the load.
                Err(_) => return,
            }
        }
        let Some(Loaded { exchange, explanation, computed }) = &mut self.loaded else { return };
        provoke("detail", &exchange.request.target);
        let judge = &self.judge;
        let explanation =
            &*explanation.get_or_insert_with(|| judge.explain(&exchange.request, computed.as_deref(), &self.store));
        // Where the list waits for that, has not asked, or asked before the request came that explains it.
        let look = Look::of(&explanation.verdict);
        let is_news = |row: &Arc<Summary>| row.is_first_look || row.verdict != Some(look.brief);
        if rows.row.as_ref().is_some_and(is_news) && !judge.is_stopped() {
            self.index.tell(IndexCommand::Examined(key.id, look));
        }
        let profile = judge.sender(&exchange.request);
        // Only the overview shows what became of a delivery.
        let first =
            rows.tries.first().filter(|_| key.tab == Tab::Overview).and_then(|first| self.store.request(first.id).ok());
        let compared = key.compared.and_then(|id| self.store.request(id).ok());
        let waiting = exchange.answer.is_none().then(|| (self.waiting)(key.id)).flatten();
        let context = DetailContext {
            waiting: waiting.as_ref(),
            verdict: Some(&explanation.verdict),
            explanation: Some(explanation),
            summary: rows.row.as_deref(),
            tries: &rows.tries,
            first_try: first.as_deref(),
            compared: compared.as_deref(),
            provider: profile.as_deref().map(provider_words),
            view: key.view,
            base_url: &self.base_url,
            now,
            reader: Reader::Screen,
            limits: Limits { width: key.width, ..Limits::default() },
        };
        let document = document(key.tab, exchange, &context);
        let uncoloured = document.syntax.is_some().then(|| document.clone());
        let wrapped = Arc::new(document.wrap(key.width));
        self.documents.keep(key.clone(), Arc::clone(&wrapped));
        self.send(Msg::Rendered { key: key.clone(), document: wrapped });
        if let Some(document) = uncoloured {
            self.colour(key, document);
        }
    }

    fn colour(&self, key: RenderKey, document: Document) {
        let out = self.out.clone();
        let done = move |coloured: Document| {
            let document = Arc::new(coloured.wrap(key.width));
            let _ = out.blocking_send(Input::Msg(Msg::Rendered { key: key.clone(), document }));
        };
        self.highlighter.colour(document, Box::new(done));
    }

    fn search(&mut self, key: RenderKey, needle: String) {
        let Some(document) = self.documents.get(&key) else {
            return self.send(Msg::Found { key, needle, hits: Vec::new() });
        };
        let hits = search::find(document, &needle, HITS_MAX);
        self.send(Msg::Found { key, needle, hits });
    }

    fn send(&self, msg: Msg) {
        // Fails only when the interface has gone: then nobody waits for it.
        let _ = self.out.blocking_send(Input::Msg(msg));
    }
}

#[cfg(test)]
mod tests;
