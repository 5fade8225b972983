//! A reply made ready for one request: its delay drawn, its body made.

use std::borrow::Cow;

use bytes::Bytes;

use super::{Make, Reply, Spread, delay};
use crate::domain::exchange::Request;
use crate::domain::template::{self, Given};

impl Reply {
    /// The reply for this request, ready to be sent but for the body of an echo: see [`Self::echo`]. A reply that is the same for
    /// every request stays as it is. Scripts are not looked into.
    ///
    /// # Errors
    /// What its template says is wrong, in words.
    pub fn ready<'a>(reply: Cow<'a, Self>, request: &Request, given: &Given) -> Result<Cow<'a, Self>, String> {
        if reply.is_ready() {
            return Ok(reply);
        }
        let mut ready = reply.into_owned();
        ready.delay_ms = delay::draw(ready.delay_ms, ready.spread, given.seed);
        ready.spread = Spread::None;
        match std::mem::take(&mut ready.make) {
            Make::Exact => {}
            Make::Echo => {
                ready.make = Make::Echo;
                if ready.headers.get("content-type").is_none()
                    && let Some(kind) = request.headers.get("content-type")
                {
                    ready.headers.push("Content-Type", Bytes::copy_from_slice(kind));
                }
            }
            Make::Template => (ready.body, ready.headers) = template::render(&ready, request, given)?,
            // Whoever sends it on makes it.
            Make::Forward => ready.make = Make::Forward,
        }
        Ok(Cow::Owned(ready))
    }

    /// Puts the request's body in, if the reply is an echo. Not before it leaves: one that waits for hours would hold the body in
    /// memory for as long.
    pub fn echo(&mut self, request: &Request) {
        if self.make == Make::Echo {
            self.make = Make::Exact;
            self.body = request.body.bytes.clone();
        }
    }
}
