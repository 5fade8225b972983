//! The few dozen bytes that the list needs of each exchange, and how they are made.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use super::body_change::BodyChange;
use super::exchange::{Answer, AnswerOutcome, ExchangeId, Request};
use super::forward::Onward;
use super::judgement::{Given, Judgement};
use super::printable::visible_within;
use super::reply::{Choice, ChosenBy, FaultKind, Step};
use super::signature::{Cause, Outcome, Profile};
use super::time::Timestamp;

/// One row of the list. All text has been through [`super::printable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its exchange.
    pub id: ExchangeId,
    /// When the first byte came.
    pub at: Timestamp,
    /// Microseconds from the first byte to the last.
    pub complete_us: u64,
    /// Method, visible form. Empty for a refused request that has none.
    pub method: Arc<str>,
    /// Target as sent (path and query), visible form.
    pub target: Arc<str>,
    /// Sender's address without port, visible form.
    pub peer: Arc<str>,
    /// Body length that the sender declared or sent.
    pub size_bytes: u64,
    /// Whether it never became a request.
    pub refused: bool,
    /// Whether the kept body is not all of it.
    pub cut: bool,
    /// Name of the provider profile that recognised it or that its endpoint names.
    pub provider: Option<Arc<str>>,
    /// Event type in the provider's words, visible form.
    pub event_type: Option<Arc<str>>,
    /// The provider's delivery id, visible form.
    pub delivery: Option<Arc<str>>,
    /// How many exchanges of this session carry the same delivery id, this one included; 1 without an id.
    pub delivery_count: u32,
    /// Which of them this one is, from 1.
    pub delivery_number: u32,
    /// The first of them; itself without an id.
    pub delivery_first: ExchangeId,
    /// Whether its body is that of the first, byte for byte; `None`: it is the first, or that could not be told.
    pub same_body: Option<bool>,
    /// What is different in it where it is not; `None`: nothing, or it was not looked into.
    pub body_change: Option<BodyChange>,
    /// What the signature check says; `None` until it has run.
    pub verdict: Option<(Outcome, Option<Cause>)>,
    /// Whether that is the exact rule's word alone: the search that may name another cause has not run.
    pub is_first_look: bool,
    /// What went back; `None` until it has.
    pub answer: Option<AnswerBrief>,
    /// Whether nobody will ever say what went back: there is no line of it, and whoever answered is gone (kill -9), or it was
    /// imported without one. Only of rows without an answer.
    pub is_answer_lost: bool,
    /// Whether its request could be a handshake at all: only then is it looked at again when its answer is judged.
    pub may_be_handshake: bool,
    /// What the provider thinks of that, by its documented facts; `None` where they do not say.
    pub judgement: Option<Judgement>,
    /// What the last try came to that brought it to the user's app; `None`: it was not forwarded.
    pub onward: Option<Onward>,
    /// How many times it was sent again.
    pub attempts: u32,
    /// Marked by the user.
    pub marked: bool,
}

/// The answer as the list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerBrief {
    /// Status sent.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: AnswerOutcome,
    /// Microseconds from the request's last byte to the answer's last byte.
    pub answer_us: u64,
    /// What chose it.
    pub by: ChosenBy,
    /// Where its script stands.
    pub step: Option<Step>,
    /// What a guard would have refused it with that turns nobody away.
    pub would_refuse: Option<u16>,
    /// What was wrong with it on purpose.
    pub wrong: Option<FaultKind>,
}

/// Who sent it and what it is, in the provider's words, as its profile reads them. Not gated yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognised {
    /// Profile name.
    pub provider: Option<Arc<str>>,
    /// Event type.
    pub event_type: Option<String>,
    /// Delivery id.
    pub delivery: Option<String>,
}

impl Recognised {
    /// What a profile reads in a request.
    pub fn by(profile: Option<&Profile>, request: &Request) -> Self {
        profile.map_or_else(Self::default, |profile| Self {
            provider: Some(Arc::clone(&profile.label)),
            event_type: profile.event_type(request),
            delivery: profile.delivery_id(request),
        })
    }
}

/// Columns that a row keeps of each text: more than any list shows, and a bound on what a stranger can make it hold.
const METHOD_COLUMNS_MAX: usize = 24;
const TARGET_COLUMNS_MAX: usize = 512;
const WORD_COLUMNS_MAX: usize = 120;

impl Summary {
    /// The row of a request as it stands when it has just arrived: no verdict, no answer, no attempt, not marked, the
    /// only one of its delivery. Text is gated and bounded.
    pub fn of(request: &Request, recognised: &Recognised) -> Self {
        Self::after(&mut Texts::default(), request, recognised)
    }

    /// The same, sharing the texts that it has in common with the row made before it: one sender's requests are alike.
    pub fn after(texts: &mut Texts, request: &Request, recognised: &Recognised) -> Self {
        fn word(text: &Option<String>) -> Option<&[u8]> {
            text.as_deref().filter(|text| !text.is_empty()).map(str::as_bytes)
        }
        Self {
            id: request.id,
            at: request.first_byte,
            complete_us: request.body_complete_us,
            method: shared(&mut texts.method, &request.method, METHOD_COLUMNS_MAX),
            target: shared(&mut texts.target, request.path_and_query(), TARGET_COLUMNS_MAX),
            peer: texts.peer(request.peer.map(|peer| peer.ip())),
            size_bytes: request.body.length_bytes,
            refused: request.refused().is_some(),
            cut: !request.is_whole(),
            provider: recognised.provider.clone(),
            event_type: word(&recognised.event_type).map(|text| shared(&mut texts.event_type, text, WORD_COLUMNS_MAX)),
            delivery: word(&recognised.delivery).map(|text| gated(text, WORD_COLUMNS_MAX)),
            delivery_count: 1,
            delivery_number: 1,
            delivery_first: request.id,
            same_body: None,
            body_change: None,
            verdict: None,
            is_first_look: false,
            answer: None,
            is_answer_lost: false,
            may_be_handshake: false,
            judgement: None,
            onward: None,
            attempts: 0,
            marked: false,
        }
    }
}

impl Summary {
    /// What the column of events says: that the answer was a provider's handshake, then the event type.
    pub fn event_words(&self) -> Cow<'_, str> {
        let event_type = self.event_type.as_deref().unwrap_or_default();
        let mark = match self.answer.map(|answer| answer.by) {
            Some(ChosenBy::Handshake) => "handshake",
            Some(ChosenBy::Unmet) => "handshake unanswered",
            _ => return Cow::Borrowed(event_type),
        };
        marked(mark, event_type)
    }

    /// The same for a narrow column: [`Self::is_unanswered`] is left out where the verdict beside it says it, and else comes first.
    pub fn event_words_beside_verdict(&self, verdict_says_it: bool) -> Cow<'_, str> {
        if !self.is_unanswered() {
            return self.event_words();
        }
        let mark = if verdict_says_it { "handshake" } else { "unanswered handshake" };
        marked(mark, self.event_type.as_deref().unwrap_or_default())
    }

    /// Whether it is a handshake that could not be answered: the provider will not send anything before it is. A signature that
    /// does not hold, and a provider that is not the one named, say more than that.
    pub fn is_unanswered(&self) -> bool {
        let is_open = match self.verdict {
            None | Some((Outcome::Unknown, _)) => true,
            Some((Outcome::Unsigned, cause)) => cause != Some(Cause::OtherProvider),
            Some((Outcome::Valid | Outcome::Invalid, _)) => false,
        };
        is_open && self.answer.is_some_and(|answer| answer.by == ChosenBy::Unmet)
    }
}

/// The event type behind what the answer was.
fn marked<'a>(mark: &'a str, event_type: &'a str) -> Cow<'a, str> {
    if event_type.is_empty() { Cow::Borrowed(mark) } else { Cow::Owned(format!("{mark}: {event_type}")) }
}

/// The texts of the last row, for the next one.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    method: Option<Arc<str>>,
    target: Option<Arc<str>>,
    event_type: Option<Arc<str>>,
    peer: Option<(IpAddr, Arc<str>)>,
}

impl Texts {
    fn peer(&mut self, address: Option<IpAddr>) -> Arc<str> {
        let Some(address) = address else { return Arc::from("") };
        match &self.peer {
            Some((last, text)) if *last == address => Arc::clone(text),
            _ => {
                let text: Arc<str> = Arc::from(address.to_string());
                self.peer = Some((address, Arc::clone(&text)));
                text
            }
        }
    }
}

/// The gated text, which is that of the last row when the bytes are: the visible form of visible text is that text.
fn shared(last: &mut Option<Arc<str>>, bytes: &[u8], columns_max: usize) -> Arc<str> {
    match last {
        Some(text) if text.as_bytes() == bytes => Arc::clone(text),
        _ => {
            let text = gated(bytes, columns_max);
            *last = Some(Arc::clone(&text));
            text
        }
    }
}

fn gated(bytes: &[u8], columns_max: usize) -> Arc<str> {
    Arc::from(visible_within(bytes, columns_max))
}

impl AnswerBrief {
    /// The answer as the list shows it.
    pub fn of(answer: &Answer, request: &Request) -> Self {
        Self::after(answer, request.first_byte, request.body_complete_us)
    }

    /// The same, for a request that is not at hand.
    pub fn of_unknown_time(answer: &Answer) -> Self {
        Self { answer_us: 0, ..Self::after(answer, answer.done, 0) }
    }

    /// The answer as a provider judges it. `number`: which try of its delivery it answered, when that is known. `None` for the answer
    /// to a handshake, which is no delivery: what counts there is not what counts for those.
    pub fn given(&self, answer: &Answer, number: Option<u32>) -> Option<Given> {
        (!matches!(self.by, ChosenBy::Handshake | ChosenBy::Unmet)).then(|| Given {
            status: self.status,
            outcome: self.outcome,
            body: Some(answer.body.bytes.clone()),
            headers: answer.headers.clone(),
            answer_us: self.answer_us,
            done: answer.done,
            number,
        })
    }

    /// The same, for a request of which only the times are at hand.
    pub fn after(answer: &Answer, first_byte: Timestamp, complete_us: u64) -> Self {
        let complete = first_byte.plus_micros(i64::try_from(complete_us).unwrap_or(i64::MAX));
        let choice = answer.choice.as_deref();
        Self {
            status: answer.status,
            outcome: answer.outcome,
            answer_us: answer.done.micros_since(complete),
            by: choice.map_or_else(Default::default, |choice| choice.by),
            step: choice.and_then(|choice| choice.step),
            would_refuse: choice.and_then(Choice::would_refuse),
            wrong: choice.and_then(|choice| choice.wrong).map(|wrong| wrong.fault.kind()),
        }
    }
}

/// A row is held for each request of a session: with its two counts it is just within one of the allocator's sizes, 256 bytes.
const _: () = assert!(size_of::<Summary>() + 2 * size_of::<usize>() <= 256);

#[cfg(test)]
mod tests;
