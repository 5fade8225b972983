//! One exchange of a saved session among the other tries of its delivery: numbered and judged as the list and the interface do.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Judged, Saved};
use crate::domain::exchange::{Exchange, ExchangeId, Request};
use crate::domain::judgement::Rules;
use crate::domain::summary::{AnswerBrief, Summary};

/// Tries that are shown of one delivery: the last of them up to the one in question, and some behind it.
const TRIES_MAX: usize = 64;

/// An exchange with the rows of its delivery's tries.
pub struct Tried {
    /// It.
    pub judged: Judged,
    /// All of them in order, itself among them, as far as there is room; empty when it is the only one.
    pub tries: Vec<Arc<Summary>>,
    /// The request of the first.
    pub first: Option<Arc<Request>>,
}

impl Saved {
    /// The exchange of that number with its row, and those of its delivery's other tries.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub fn tried(&self, id: ExchangeId) -> anyhow::Result<Tried> {
        let mut judged = self.judge_exchange(id, self.exchange(id)?, |_| None, None);
        let ids = self.delivery(&judged);
        let Some(place) = ids.iter().position(|other| *other == id) else {
            return Ok(Tried { judged, tries: Vec::new(), first: None });
        };
        let first = ids.first().and_then(|first| self.store.request(*first).ok());
        let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let begin = place.saturating_sub(TRIES_MAX / 2);
        let shown = ids.iter().enumerate().skip(begin).take(TRIES_MAX);
        let tries: Vec<Arc<Summary>> = shown
            .filter_map(|(at, other)| {
                let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
                let (exchange, row) = match *other == id {
                    true => (judged.exchange.clone(), judged.summary.clone()),
                    false => {
                        let exchange = self.store.exchange(*other).ok()?;
                        let row = self.row(&exchange);
                        (exchange, row)
                    }
                };
                let row = Summary { delivery_number: number, delivery_count: count, ..row };
                Some(Arc::new(self.among(row, &exchange, first.as_deref())))
            })
            .collect();
        if let Some(own) = tries.iter().find(|row| row.id == id) {
            judged.number = Some(own.delivery_number);
            judged.summary = Summary::clone(own);
        }
        let tries = if tries.len() > 1 { tries } else { Vec::new() };
        Ok(Tried { judged, tries, first })
    }

    /// The exchanges of one delivery, in order; empty when it has no id.
    fn delivery(&self, judged: &Judged) -> Vec<ExchangeId> {
        let Some(delivery) = &judged.recognised.delivery else { return Vec::new() };
        let needle = delivery.as_bytes();
        // An id that stands in one of its requests as it is does so in all: the others are passed over with a glance.
        let is_plain = stands_in(&judged.exchange.request, needle);
        let is_its = |id: &ExchangeId| {
            if *id == judged.summary.id {
                return true;
            }
            let Ok(request) = self.store.request(*id) else { return false };
            if is_plain && !stands_in(&request, needle) {
                return false;
            }
            let other = self.judge.recognised(&request);
            other.provider == judged.recognised.provider && other.delivery.as_ref() == Some(delivery)
        };
        (1..=self.store.last_id().0).map(ExchangeId).filter(is_its).collect()
    }

    /// Its row without the check of its signature.
    fn row(&self, exchange: &Exchange) -> Summary {
        let request = &exchange.request;
        let mut row = Summary::of(request, &self.judge.recognised(request));
        row.answer = exchange.answer.as_deref().map(|answer| AnswerBrief::of(answer, request));
        row
    }

    /// The row with what its number among the tries says.
    fn among(&self, mut row: Summary, exchange: &Exchange, first: Option<&Request>) -> Summary {
        if let (Some(answer), Some(brief), Some(provider)) = (&exchange.answer, row.answer, row.provider.as_deref())
            && let Some(given) = brief.given(answer, Some(row.delivery_number))
        {
            row.judgement = self.judge.judgement(provider, &given, || Some(Arc::clone(&exchange.request)));
        }
        if let Some(first) = first {
            row.delivery_first = first.id;
            let is_told = first.id != row.id && first.is_whole() && exchange.request.is_whole();
            row.same_body = is_told.then(|| first.body.bytes == exchange.request.body.bytes);
        }
        row
    }
}

/// Whether these bytes stand anywhere in a request.
fn stands_in(request: &Request, needle: &[u8]) -> bool {
    let holds = |text: &[u8]| memchr::memmem::find(text, needle).is_some();
    holds(&request.body.bytes) || holds(&request.target) || request.headers.iter().any(|header| holds(&header.value))
}

/// The tries as JSON: when each came, how long after the one before, what is documented of that, what went back.
pub fn tries_json(tried: &Tried, rules: &Rules) -> Value {
    let before = |at: usize| at.checked_sub(1).and_then(|at| tried.tries.get(at));
    let one = |(at, row): (usize, &Arc<Summary>)| {
        let last = before(at);
        json!({
            "id": row.id.0,
            "number": row.delivery_number,
            "at": row.at.to_rfc3339(),
            "gap_us": last.map(|last| row.at.micros_since(last.at)),
            "documented_gap_ms": last.and_then(|last| rules.schedule().gap_ms(last.delivery_number)),
            "status": row.answer.and_then(|answer| answer.status),
            "answer": row.answer.map(|answer| answer.outcome.as_str()),
            "judgement": row.judgement.map(|judgement| judgement.says.as_str()),
            "same_body": row.same_body,
        })
    };
    Value::Array(tried.tries.iter().enumerate().map(one).collect())
}
