//! A request whose body is on its way: read within limits, and kept also when nobody reads on.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::body::Incoming;

use crate::domain::exchange::Mark;
use crate::io::tap::{Head, Wire};

use super::answer::Outstanding;
use super::body::{self, End, Read};
use super::budget::Free;
use super::capture::Capture;
use super::seal::seal;
use super::trouble::{Trouble, after_body, waits};

/// A request that is counted as in flight and not kept yet.
pub struct Arrival {
    /// Where it is kept.
    pub capture: Arc<Capture>,
    /// Its connection.
    pub wire: Arc<Wire>,
    /// Its head.
    pub head: Head,
    /// The length of its body in bytes, where the head says it.
    pub declared: Option<u64>,
    /// What came of it.
    pub read: Read,
}

impl Arrival {
    /// Reads the body. What went wrong meanwhile. `free`: HTTP/2, what its connection has without a share.
    pub async fn read_body(&mut self, body: Incoming, free: Option<&Free>) -> Option<Trouble> {
        let (limits, budget) = (self.capture.limits(), self.capture.budget());
        if free.is_some() && waits(&self.head) {
            // hyper says it in HTTP/1 only.
            self.wire.go_on(self.head.sequence);
        }
        body::read(body, (self.declared, free), limits, budget, &mut self.read).await;
        // hyper says of an HTTP/2 stream only that it is over. The wire knows why, and whether its body had come whole before.
        if matches!(self.read.end, End::Broken(_)) {
            match self.wire.body_end(self.head.sequence, self.read.length_bytes) {
                Some(Ok(())) => self.read.end = End::Whole,
                Some(Err(reason)) => self.read.end = End::Broken(reason),
                None => {}
            }
        }
        after_body(&self.read.end, limits)
    }
}

/// When the handler is dropped in the middle of a body, because an HTTP/2 stream is reset, the connection is over or the
/// listener stops, what came is kept all the same: nobody else knows of it any more.
pub struct Arriving(pub Option<Arrival>);

impl Drop for Arriving {
    fn drop(&mut self) {
        let Some(Arrival { capture, wire, head, declared, read }) = self.0.take() else { return };
        let sequence = head.sequence;
        let reason = wire.body_end(sequence, read.length_bytes).and_then(Result::err).unwrap_or_else(|| {
            let what = if capture.stopping().load(Ordering::Relaxed) { "listener stopped" } else { "connection ended" };
            format!("the {what} before the body was whole")
        });
        let mark = Mark::Incomplete { reason };
        let kept = capture.store().keep(seal(&wire, head, declared, read, Some(&mark)));
        if let Some(request) = kept.now() {
            // Never sent: dropped, it says that the sender left.
            drop(Outstanding::new(wire, sequence, request.id, "body incomplete".to_owned()));
        }
    }
}
