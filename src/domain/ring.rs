//! The newest exchanges in memory, bounded by count and by bytes; everything by id.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::exchange::{Answer, ExchangeId, Request};

/// Bounds of a [`Ring`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingLimits {
    /// Requests at most.
    pub count: usize,
    /// Bytes at most, by [`Request::kept_bytes`] and what their answers add.
    pub bytes: usize,
}

impl Default for RingLimits {
    /// 10,000 requests, 64 MiB.
    fn default() -> Self {
        Self { count: 10_000, bytes: 64 * 1024 * 1024 }
    }
}

#[derive(Debug)]
struct Slot {
    request: Arc<Request>,
    answer: Option<Arc<Answer>>,
    bytes: usize,
}

/// What was evicted.
#[derive(Debug)]
pub struct Evicted(#[expect(dead_code, reason = "dropping it is all")] Slot);

/// The newest requests with their answers. The newest one always stays, whatever its size.
#[derive(Debug, Default)]
pub struct Ring {
    limits: RingLimits,
    slots: VecDeque<Slot>,
    bytes: usize,
    /// The bodies of answers, by where they stand in memory: how many answers share each. One that all share counts once.
    bodies: HashMap<(usize, usize), usize>,
}

impl Ring {
    /// An empty one.
    pub fn new(limits: RingLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Adds a request; its id must be above all before. Evicts the oldest ones that no longer fit; the last of them is given
    /// out, so that its memory can be given back where nobody waits for that.
    pub fn push(&mut self, request: Arc<Request>) -> Option<Evicted> {
        let bytes = request.kept_bytes();
        self.bytes += bytes;
        self.slots.push_back(Slot { request, answer: None, bytes });
        self.evict()
    }

    /// Adds the answer of a request that is still kept. Its body counts once with all other answers that share it: most are
    /// those of a reply, but some are made for one request, or come from an app.
    pub fn answer(&mut self, answer: Arc<Answer>) {
        let Some(at) = self.position(answer.exchange) else { return };
        let Some(slot) = self.slots.get_mut(at) else { return };
        let bytes = 200 + answer.headers.size_bytes() + answer.headers.len() * 80 + answer.rule.len();
        slot.bytes += bytes;
        self.bytes += bytes;
        let body = place_of(&answer);
        let before = slot.answer.replace(answer);
        if let Some((_, length)) = body.filter(|body| count(&mut self.bodies, *body) == 1) {
            self.bytes += length;
        }
        self.let_go(before.as_deref());
        drop(self.evict());
    }

    /// The request of that id while it is kept.
    pub fn get(&self, id: ExchangeId) -> Option<&Arc<Request>> {
        self.slots.get(self.position(id)?).map(|slot| &slot.request)
    }

    /// The answer to that request while it is kept.
    pub fn get_answer(&self, id: ExchangeId) -> Option<&Arc<Answer>> {
        self.slots.get(self.position(id)?)?.answer.as_ref()
    }

    /// How many requests are kept.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn evict(&mut self) -> Option<Evicted> {
        let mut last = None;
        while self.slots.len() > 1 && (self.slots.len() > self.limits.count || self.bytes > self.limits.bytes) {
            let slot = self.slots.pop_front()?;
            self.bytes -= slot.bytes;
            self.let_go(slot.answer.as_deref());
            last = Some(Evicted(slot));
        }
        last
    }

    /// An answer is kept no more.
    fn let_go(&mut self, answer: Option<&Answer>) {
        let Some(body) = answer.and_then(place_of) else { return };
        let Some(shared) = self.bodies.get_mut(&body) else { return };
        *shared -= 1;
        if *shared == 0 {
            self.bodies.remove(&body);
            self.bytes -= body.1;
        }
    }

    fn position(&self, id: ExchangeId) -> Option<usize> {
        // Ids go up by one: the first guess fits.
        let guess = usize::try_from(id.0.checked_sub(self.slots.front()?.request.id.0)?).unwrap_or(usize::MAX);
        if self.slots.get(guess).is_some_and(|slot| slot.request.id == id) {
            return Some(guess);
        }
        self.slots.binary_search_by_key(&id, |slot| slot.request.id).ok()
    }
}

/// Where an answer's body stands in memory, and how many bytes it takes there; two that are kept never stand in the same place.
fn place_of(answer: &Answer) -> Option<(usize, usize)> {
    let body = &answer.body.bytes;
    (!body.is_empty()).then(|| (body.as_ptr() as usize, body.len()))
}

/// One more that shares this body; how many there are.
fn count(bodies: &mut HashMap<(usize, usize), usize>, body: (usize, usize)) -> usize {
    let shared = bodies.entry(body).or_default();
    *shared += 1;
    *shared
}

#[cfg(test)]
mod tests;
