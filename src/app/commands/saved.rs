//! A saved session as the commands read it. A listener may be writing it meanwhile: what it holds now is what is read.

mod news;
mod tries;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

pub use news::News;
pub use tries::{Tried, tries_json};

use crate::app::args::{CheckingArgs, JudgingArgs};
use crate::app::console::Console;
use crate::app::folders::Folders;
use crate::app::judge::{Judge, Look, Typed};
use crate::app::secrets;
use crate::app::settings::merge;
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::filter::Filter;
use crate::domain::record::{self, Event, Mode};
use crate::domain::signature::{Cause, Profile, Secret, Verdict};
use crate::domain::summary::{AnswerBrief, Recognised, Summary};
use crate::domain::time::Timestamp;
use crate::io::session_file::{SessionReader, line_number};
use crate::io::store::{Store, StoreError};

/// A session that is read, and the means to say who sent what in it.
pub struct Saved {
    /// What it holds.
    pub store: Store,
    /// Profiles and secrets of the configuration.
    pub judge: Judge,
    past: Past,
    path: PathBuf,
    /// Whether somebody still answers what it holds.
    is_written: bool,
}

/// What stands in the lines beside the exchanges.
#[derive(Default)]
struct Past {
    /// The exchanges that the user marked.
    marked: HashSet<ExchangeId>,
    /// The last exchange before the newest start of a listener: what has no answer up to there gets none.
    left_behind: ExchangeId,
}

/// An exchange with its row.
pub struct Judged {
    /// All of it.
    pub exchange: Exchange,
    /// Its row, without the counts that need the whole session.
    pub summary: Summary,
    /// Who sent it, in the provider's own words: not gated, for JSON.
    pub recognised: Recognised,
    /// What the check says.
    pub verdict: Verdict,
    /// Which try of its delivery it is, from 1; `None`: not counted.
    pub number: Option<u32>,
}

/// What was typed to check with, secrets fetched.
pub struct Brought<'a> {
    args: &'a CheckingArgs,
    secrets: Vec<Secret>,
}

impl<'a> Brought<'a> {
    /// Asks for secrets before anything else is said.
    pub fn fetch(args: &'a CheckingArgs, console: &mut Console<'_>) -> anyhow::Result<Self> {
        Ok(Self { args, secrets: secrets::fetch_typed(&args.judging.secret, console.warn)? })
    }

    /// The scheme that was named.
    pub fn scheme(&self, saved: &Saved) -> anyhow::Result<Option<Arc<Profile>>> {
        let resolve = |spec| saved.judge.profiles().resolve(spec).map_err(|words| anyhow::anyhow!("--scheme: {words}"));
        self.args.judging.scheme.as_deref().map(resolve).transpose()
    }

    /// All of it, for the judge.
    pub fn typed<'b>(&'b self, scheme: Option<&'b Arc<Profile>>) -> Typed<'b> {
        Typed {
            scheme,
            secrets: &self.secrets,
            public_url: self.args.judging.public_url.as_deref(),
            trust_proxy: self.args.judging.trust_proxy,
            now: self.args.now.map(Timestamp::from_secs),
        }
    }
}

/// How often each delivery came, by provider and delivery id.
#[derive(Default)]
struct Tries(HashMap<(Option<Arc<str>>, String), u32>);

impl Tries {
    /// Counts one more; which one it is.
    fn count(&mut self, recognised: &Recognised) -> Option<u32> {
        let delivery = recognised.delivery.clone()?;
        let count = self.0.entry((recognised.provider.clone(), delivery)).or_default();
        *count = count.saturating_add(1);
        Some(*count)
    }
}

impl Saved {
    /// Opens a SESSION argument. Lines that had to be skipped are said.
    pub fn open(session: &str, config: Option<&Path>, console: &mut Console<'_>) -> anyhow::Result<Self> {
        Self::open_judging(session, &JudgingArgs::default(), config, console)
    }

    /// The same, judged with what was typed as a listener is started with it.
    pub fn open_judging(
        session: &str,
        judging: &JudgingArgs,
        config: Option<&Path>,
        console: &mut Console<'_>,
    ) -> anyhow::Result<Self> {
        let folders = Folders::find()?;
        Self::open_file(folders.find_session(session)?, judging, config, (&folders, console))
    }

    /// The same of a session file.
    pub fn open_file(
        path: PathBuf,
        judging: &JudgingArgs,
        config: Option<&Path>,
        (folders, console): (&Folders, &mut Console<'_>),
    ) -> anyhow::Result<Self> {
        let checks = merge::saved(judging, config, &mut console.surroundings(folders))?;
        let (store, report) = Store::open(&path)?;
        let is_written = store.is_written_elsewhere();
        for words in &report.said {
            (console.warn)(&crate::domain::printable::visible_str(words));
        }
        let past = Past::read(&path)?;
        Ok(Self { store, judge: Judge::new(checks), past, path, is_written })
    }

    /// The exchange of that number, which the user named.
    ///
    /// # Errors
    /// In words: a number that is not there with those that are.
    pub fn exchange(&self, id: ExchangeId) -> anyhow::Result<Exchange> {
        self.store.exchange(id).map_err(|error| match (error, self.store.last_id().0) {
            (StoreError::NoSuch(id), 0) => anyhow::anyhow!("no request {id}: this session has none"),
            (StoreError::NoSuch(id), 1) => anyhow::anyhow!("no request {id}: this session has only 1"),
            (StoreError::NoSuch(id), last) => anyhow::anyhow!("no request {id}: this session has 1 to {last}"),
            (error, _) => self.in_words(error),
        })
    }

    /// What cannot be read, by its line.
    fn in_words(&self, error: StoreError) -> anyhow::Error {
        match error {
            StoreError::Line(offset, why) => match line_number(&self.path, offset) {
                Ok(number) => anyhow::anyhow!("line {number} of {} cannot be read: {why}", self.path.display()),
                Err(error) => error.into(),
            },
            error => error.into(),
        }
    }

    /// The exchange of that number with its row.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub fn judged(&self, id: ExchangeId) -> anyhow::Result<Judged> {
        Ok(self.judge_exchange(id, self.exchange(id)?, |_| None, None))
    }

    /// `number`: which try of its delivery it is, where that is counted. `typed`: what was typed for these checks.
    fn judge_exchange(
        &self,
        id: ExchangeId,
        exchange: Exchange,
        number: impl FnOnce(&Recognised) -> Option<u32>,
        typed: Option<&Typed<'_>>,
    ) -> Judged {
        let request = Arc::clone(&exchange.request);
        let verdict = match typed {
            Some(typed) => self.judge.verdict_with(&request, typed, &self.store),
            None => self.judge.verdict(&request, &self.store),
        };
        let recognised = self.judge.recognised(&request);
        let mut summary = Summary::of(&request, &recognised);
        Look::of(&verdict).put(&mut summary);
        summary.answer = exchange.answer.as_deref().map(|answer| AnswerBrief::of(answer, &request));
        summary.is_answer_lost = exchange.answer.is_none() && (id <= self.past.left_behind || !self.is_written);
        let number = number(&recognised);
        if let Some(number) = number {
            summary.delivery_number = number;
        }
        if let (Some(answer), Some(brief), Some(provider)) = (&exchange.answer, summary.answer, &recognised.provider)
            && let Some(given) = brief.given(answer, number)
        {
            summary.judgement = self.judge.judgement(provider, &given, || Some(Arc::clone(&request)));
        }
        summary.onward = exchange.onward();
        summary.attempts = u32::try_from(exchange.attempts.len()).unwrap_or(u32::MAX);
        summary.marked = self.past.marked.contains(&id);
        Judged { exchange, summary, recognised, verdict, number }
    }

    /// Gives every exchange that the filter lets through to `take`, in order; numbers that are not there are passed over. How many
    /// were not checked for want of a secret, whether they were let through or not.
    ///
    /// # Errors
    /// Those of `take` at once. An exchange that cannot be read does not hide the ones behind it: the first such error
    /// comes at the end.
    pub fn each(&self, filter: Option<&Filter>, take: impl FnMut(Judged) -> anyhow::Result<()>) -> anyhow::Result<u64> {
        self.each_with(filter, None, take)
    }

    /// The same, judged with what was typed for these checks: by the filter too.
    ///
    /// # Errors
    /// As [`Self::each`].
    pub fn each_with(
        &self,
        filter: Option<&Filter>,
        typed: Option<&Typed<'_>>,
        mut take: impl FnMut(Judged) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64> {
        let mut tries = Tries::default();
        let mut unchecked = 0;
        let unreadable = self.each_exchange(|id, exchange| {
            let judged = self.judge_exchange(id, exchange, |recognised| tries.count(recognised), typed);
            unchecked += u64::from(judged.verdict.cause == Some(Cause::NoSecret));
            match filter.is_none_or(|filter| filter.matches(&judged.summary, Some(&judged.exchange.request))) {
                true => take(judged),
                false => Ok(()),
            }
        });
        unreadable.map(|()| unchecked)
    }

    /// Gives every exchange to `take`, in order; numbers that are not there are passed over.
    ///
    /// # Errors
    /// As [`Self::each`].
    pub fn each_exchange(
        &self,
        mut take: impl FnMut(ExchangeId, Exchange) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut unreadable = None;
        for id in (1..=self.store.last_id().0).map(ExchangeId) {
            match self.store.exchange(id) {
                Ok(exchange) => take(id, exchange)?,
                Err(StoreError::NoSuch(_) | StoreError::Gone(_)) => {}
                Err(error) => {
                    unreadable.get_or_insert(error);
                }
            }
        }
        unreadable.map_or(Ok(()), |error| Err(self.in_words(error)))
    }
}

impl Past {
    /// Goes through the file. Only the lines of marks and modes are decoded.
    fn read(path: &Path) -> Result<Self, StoreError> {
        let mut reader = SessionReader::open(path)?;
        let (mut past, mut last) = (Self::default(), ExchangeId::default());
        while let Some((_, _, text)) = reader.next_text()? {
            let Ok(peek) = record::peek(text) else { continue };
            match &*peek.event {
                "request" => last = peek.id.map_or(last, |id| last.max(id)),
                "mark" | "mode" => past.take(record::decode(text).ok(), last),
                _ => {}
            }
        }
        Ok(past)
    }

    /// `last`: the last exchange before it.
    fn take(&mut self, event: Option<Event>, last: ExchangeId) {
        match event {
            Some(Event::Mark(mark)) if mark.marked => {
                self.marked.insert(mark.exchange);
            }
            Some(Event::Mark(mark)) => {
                self.marked.remove(&mark.exchange);
            }
            Some(Event::Mode(mode)) if mode.mode == Mode::LISTENING => self.left_behind = last,
            _ => {}
        }
    }
}

/// Says once how many rows were not checked for want of a secret, and what that does to a filter by verdict.
pub fn say_unchecked(unchecked: u64, filter: Option<&str>, console: &mut Console<'_>) {
    if unchecked == 0 {
        return;
    }
    let by_verdict = filter.is_some_and(|text| text.contains("verdict:") || text.contains("cause:"));
    let (was, them) = if unchecked == 1 { ("row was", "it") } else { ("rows were", "them") };
    let then = if by_verdict { ", so that no filter by verdict can find them" } else { "" };
    (console.warn)(&format!(
        "{unchecked} {was} not checked{then}: no secret is known for {them}; give one with --secret (and --scheme, as the listener had it)"
    ));
}

/// A `--filter` argument.
pub fn filter(text: Option<&str>) -> anyhow::Result<Option<Filter>> {
    text.map(|text| Filter::parse(text).with_context(|| format!("--filter {text:?}"))).transpose()
}

/// A row as JSON, for `ls --json`: exact text, which [`crate::app::words::safe_json`] makes safe to print.
pub fn row_json(judged: &Judged) -> Value {
    let Judged { exchange, summary, recognised, .. } = judged;
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| {
        row.insert(name.to_owned(), value);
    };
    put("id", json!(summary.id.0));
    put("at", json!(summary.at.to_rfc3339()));
    put("method", json!(String::from_utf8_lossy(&exchange.request.method)));
    put("target", json!(String::from_utf8_lossy(&exchange.request.target)));
    put("peer", json!(exchange.request.peer.map(|peer| peer.to_string())));
    put("size", json!(summary.size_bytes));
    put("provider", json!(recognised.provider.as_deref()));
    put("type", json!(recognised.event_type));
    put("delivery", json!(recognised.delivery));
    put("delivery_number", json!(recognised.delivery.as_ref().and(judged.number)));
    put("verdict", json!(judged.verdict.outcome.as_str()));
    put("cause", json!(judged.verdict.cause.map(|cause| cause.as_str())));
    put("status", json!(summary.answer.and_then(|answer| answer.status)));
    let outcome = summary.answer.map(|answer| answer.outcome.as_str());
    put("answer", json!(outcome.or(summary.is_answer_lost.then_some("not-known"))));
    put("answer_us", json!(summary.answer.map(|answer| answer.answer_us)));
    // What the provider thinks of the answer, by its documented facts.
    put("judgement", json!(summary.judgement.map(|judgement| judgement.says.as_str())));
    put("retry", json!(summary.judgement.and_then(|judgement| judgement.then.as_str())));
    let next = summary.judgement.and_then(|judgement| judgement.then.next());
    put("next_try", json!(next.map(crate::domain::time::Timestamp::to_rfc3339)));
    put("by", json!(summary.answer.map(|answer| answer.by.as_str())));
    put("onward", summary.onward.map_or(Value::Null, |onward| crate::app::words::onward(onward).into()));
    put("attempts", json!(summary.attempts));
    put("marked", json!(summary.marked));
    Value::Object(row)
}
