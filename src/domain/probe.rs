//! Sending one delivery several times to see whether its receiver minds: in which order, and what the answers say.
//!
//! A provider delivers at least once, so that a receiver must take a delivery twice: one after the other, at the same time, and between
//! others that came before or after it.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use ring::digest;

use super::exchange::{Attempt, AttemptOutcome, ExchangeId};
use super::quantity::duration_us;

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

/// One answer of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// What was sent.
    pub id: ExchangeId,
    /// Its attempt.
    pub number: u32,
    /// The status; or why there was no answer. Not gated yet.
    pub status: Result<u16, String>,
    /// Of the answer's body.
    pub body_bytes: u64,
    /// A short digest of that body: equal bodies have equal ones.
    pub body_digest: String,
    /// From the first byte sent to the last one of the answer.
    pub total_us: u64,
}

impl Probed {
    /// From the attempt that was kept.
    pub fn of(attempt: &Attempt) -> Self {
        let (status, body) = match &attempt.outcome {
            AttemptOutcome::Answered { status, body, .. } => (Ok(*status), Some(body)),
            AttemptOutcome::Failed { message } => (Err(message.clone()), None),
        };
        let bytes = body.map(|body| &body.bytes[..]).unwrap_or_default();
        let digest = digest::digest(&digest::SHA256, bytes);
        Self {
            id: attempt.exchange,
            number: attempt.number,
            status,
            body_bytes: body.map_or(0, |body| body.length_bytes),
            body_digest: hex::encode(digest.as_ref().get(..4).unwrap_or_default()),
            total_us: attempt.timing.total_us,
        }
    }
}

/// What the answers to one delivery say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Whether status and body are the same each time, and there was an answer each time.
    pub is_same: bool,
    /// In words.
    pub words: String,
}

/// Compares the answers to `id`; those to its neighbours are no part of it. `None` while there are fewer than two.
pub fn compare(id: ExchangeId, all: &[Probed]) -> Option<Findings> {
    let own: Vec<&Probed> = all.iter().filter(|probed| probed.id == id).collect();
    let (fastest, slowest) =
        (own.iter().map(|probed| probed.total_us).min()?, own.iter().map(|probed| probed.total_us).max()?);
    if own.len() < 2 {
        return None;
    }
    let mut statuses: Vec<(String, usize)> = Vec::new();
    let mut bodies: Vec<&str> = Vec::new();
    for probed in &own {
        let status = probed.status.as_ref().map_or_else(|_| "no answer".to_owned(), u16::to_string);
        match statuses.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => statuses.push((status, 1)),
        }
        if probed.status.is_ok() && !bodies.contains(&probed.body_digest.as_str()) {
            bodies.push(&probed.body_digest);
        }
    }
    let time = format!("{} to {}", duration_us(fastest), duration_us(slowest));
    let is_answered = own.iter().all(|probed| probed.status.is_ok());
    let is_same = is_answered && statuses.len() == 1 && bodies.len() == 1;
    let counted: Vec<String> = statuses.iter().map(|(status, count)| format!("{status} x{count}")).collect();
    let body = match bodies.len() {
        0 => String::new(),
        1 => ", the same body".to_owned(),
        count => format!(", {count} different bodies"),
    };
    let begin = if is_same { "The answers are the same" } else { "The answers differ" };
    Some(Findings { is_same, words: format!("{begin}: {}{body}, {time}", counted.join(", ")) })
}
