//! Sending one delivery several times to see whether its receiver minds: in which order, and what the answers say.
//!
//! A provider delivers at least once, so that a receiver must take a delivery twice: one after the other, at the same time, and between
//! others that came before or after it.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use ring::digest;

use super::body::Body;
use super::exchange::{Answer, Attempt, AttemptOutcome, Exchange, ExchangeId};
use super::forward::Onward;
use super::quantity::duration_us;
use super::summary::AnswerBrief;

#[cfg(test)]
mod tests;

/// How often one delivery is sent, at most.
pub const TIMES_MAX: u32 = 30;

/// Others that it is sent between, at most.
pub const NEIGHBOURS_MAX: usize = 6;

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each when the one before was answered.
    InTurn,
    /// All at the same time.
    AtOnce,
    /// Each when the one before was answered, with its neighbours, in an order that is drawn.
    Shuffled,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::InTurn, Self::AtOnce, Self::Shuffled];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::InTurn => "one after the other",
            Self::AtOnce => "all at once",
            Self::Shuffled => "shuffled with its neighbours",
        }
    }
}

/// What is sent, in order.
pub fn plan(order: Order, times: u32, id: ExchangeId, neighbours: &[ExchangeId], seed: u64) -> Vec<ExchangeId> {
    let mut plan = vec![id; times.clamp(1, TIMES_MAX) as usize];
    if order == Order::Shuffled {
        plan.extend(neighbours.iter().filter(|other| **other != id).take(NEIGHBOURS_MAX));
        plan.shuffle(&mut StdRng::seed_from_u64(seed));
    }
    plan
}

/// One answer, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// The status; or why there was no answer. Not gated yet.
    pub status: Result<u16, String>,
    /// Of the answer's body.
    pub body_bytes: u64,
    /// A short digest of that body: equal bodies have equal ones.
    pub body_digest: String,
    /// From the first byte sent to the last one of the answer; of an answer of ours: from the request's last byte to its own.
    pub total_us: u64,
}

impl Came {
    fn of(status: Result<u16, String>, body: Option<&Body>, total_us: u64) -> Self {
        let digest = digest::digest(&digest::SHA256, body.map(|body| &body.bytes[..]).unwrap_or_default());
        Self {
            status,
            body_bytes: body.map_or(0, |body| body.length_bytes),
            body_digest: hex::encode(digest.as_ref().get(..4).unwrap_or_default()),
            total_us,
        }
    }

    fn of_attempt(attempt: &Attempt) -> Self {
        let (status, body) = match &attempt.outcome {
            AttemptOutcome::Answered { status, body, .. } => (Ok(*status), Some(body)),
            AttemptOutcome::Failed { message } => (Err(message.clone()), None),
        };
        Self::of(status, body, attempt.timing.total_us)
    }

    fn of_answer(answer: &Answer, total_us: u64) -> Self {
        let status = answer.status.ok_or_else(|| "no answer went back".to_owned());
        Self::of(status, answer.status.map(|_| &answer.body), total_us)
    }

    /// Whether both have the same body.
    pub fn has_body_of(&self, other: &Self) -> bool {
        (self.body_bytes, &self.body_digest) == (other.body_bytes, &other.body_digest)
    }
}

/// Whose the answer is that was recorded before the probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The user's app: what it answers now can be held to it.
    App,
    /// Hooksight: it says nothing of the app.
    Ours,
}

/// The answer that was recorded when the delivery came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Whose it is.
    pub whose: Whose,
    /// What it was.
    pub came: Came,
}

impl Recorded {
    /// The app's first answer that took the delivery, else its first one, else ours. `None`: not answered yet.
    pub fn of(exchange: &Exchange) -> Option<Self> {
        let answer = exchange.answer.as_deref();
        let by_app = answer.filter(|answer| matches!(answer.onward(), Some(Onward::Answered(_)))).map(|answer| {
            let forwarded = answer.choice.as_ref().and_then(|choice| choice.forwarded.as_ref());
            let total_us = forwarded.map_or(0, |forwarded| forwarded.timing.total_us);
            (answer.onward(), Came::of_answer(answer, total_us))
        });
        let behind = exchange.attempts.iter().map(|attempt| (attempt.onward(), attempt));
        let behind = behind.filter(|(onward, _)| matches!(onward, Some(Onward::Answered(_))));
        let mut by_app = by_app.into_iter().chain(behind.map(|(onward, attempt)| (onward, Came::of_attempt(attempt))));
        let first = by_app.next();
        let is_taken = |(onward, _): &(Option<Onward>, Came)| onward.is_some_and(Onward::is_taken);
        let chosen = if first.as_ref().is_some_and(is_taken) { first } else { by_app.find(is_taken).or(first) };
        if let Some((_, came)) = chosen {
            return Some(Self { whose: Whose::App, came });
        }
        let answer = answer?;
        let took_us = AnswerBrief::of(answer, &exchange.request).answer_us;
        Some(Self { whose: Whose::Ours, came: Came::of_answer(answer, took_us) })
    }
}

/// One answer of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// What was sent.
    pub id: ExchangeId,
    /// Its attempt.
    pub number: u32,
    /// What came back.
    pub came: Came,
}

impl Probed {
    /// From the attempt that was kept.
    pub fn of(attempt: &Attempt) -> Self {
        Self { id: attempt.exchange, number: attempt.number, came: Came::of_attempt(attempt) }
    }
}

/// What the answers to one delivery say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Whether status and body are the same each time, there was an answer each time, and it is the app's recorded one, where
    /// that is known.
    pub is_same: bool,
    /// In words.
    pub words: String,
}

/// Compares the answers to `id` with each other and with the recorded one; those to its neighbours are no part of it. `None`
/// while there are fewer than two.
pub fn compare(id: ExchangeId, recorded: Option<&Recorded>, all: &[Probed]) -> Option<Findings> {
    let own: Vec<&Came> = all.iter().filter(|probed| probed.id == id).map(|probed| &probed.came).collect();
    let (fastest, slowest) = (own.iter().map(|came| came.total_us).min()?, own.iter().map(|came| came.total_us).max()?);
    if own.len() < 2 {
        return None;
    }
    let mut statuses: Vec<(String, usize)> = Vec::new();
    let mut bodies: Vec<&Came> = Vec::new();
    for came in &own {
        let status = status_words(came);
        match statuses.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => statuses.push((status, 1)),
        }
        if came.status.is_ok() && !bodies.iter().any(|known| known.has_body_of(came)) {
            bodies.push(came);
        }
    }
    let time = format!("{} to {}", duration_us(fastest), duration_us(slowest));
    let is_answered = own.iter().all(|came| came.status.is_ok());
    let is_alike = is_answered && statuses.len() == 1 && bodies.len() == 1;
    let counted: Vec<String> = statuses.iter().map(|(status, count)| format!("{status} x{count}")).collect();
    let body = match bodies.len() {
        0 => String::new(),
        1 => ", the same body".to_owned(),
        count => format!(", {count} different bodies"),
    };
    let begin = if is_alike { "The answers are the same" } else { "The answers differ" };
    let (is_first_too, first) = beside_recorded(&own, recorded, is_alike);
    let words = format!("{begin}: {}{body}, {time}{first}", counted.join(", "));
    Some(Findings { is_same: is_alike && is_first_too, words })
}

/// Whether nothing is said against it, and what is said of the app's recorded answer.
fn beside_recorded(own: &[&Came], recorded: Option<&Recorded>, is_alike: bool) -> (bool, String) {
    let Some(Recorded { whose: Whose::App, came: recorded }) = recorded else { return (true, String::new()) };
    let has_status = own.iter().all(|came| came.status.as_ref().ok() == recorded.status.as_ref().ok());
    let has_body = own.iter().all(|came| came.status.is_err() || came.has_body_of(recorded));
    let status = status_words(recorded);
    let words = match (is_alike, has_status, has_body) {
        (true, true, true) => return (true, "; the recorded one too".to_owned()),
        (_, _, true) => format!("; the recorded one was {status}"),
        (true, ..) => format!("; the recorded one was {status} with another body"),
        (false, ..) => {
            let count = own.iter().filter(|came| came.status == recorded.status && came.has_body_of(recorded)).count();
            format!("; the recorded one was {status}: {count} of {} are like it", own.len())
        }
    };
    (false, words)
}

fn status_words(came: &Came) -> String {
    came.status.as_ref().map_or_else(|_| "no answer".to_owned(), u16::to_string)
}
