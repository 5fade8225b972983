//! What a connection's tap has to say: of requests that never became one, and of answers that left or did not.

use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, AnswerOutcome, ExchangeId, HttpVersion, Mark, Request};
use crate::domain::headers::Headers;
use crate::io::clock;
use crate::io::store::Kept;
use crate::io::tap::{PREFACE, Refusal, Witness};

use super::capture::Capture;

/// What is kept of a connection that is not served.
const PASSED_OVER_BYTES_MAX: usize = 1024;

/// The tap's witness: what never became a request is an exchange too.
pub struct Ear {
    /// Where it is kept.
    pub capture: Arc<Capture>,
    /// Whose connection it is.
    pub peer: SocketAddr,
}

impl Witness for Ear {
    fn refused(&self, refusals: Vec<(Refusal, Option<u16>)>) {
        // All of them first, so that one write is enough.
        let kept: Vec<_> = refusals.into_iter().map(|(refusal, status)| (self.keep(refusal, status), status)).collect();
        for (kept, status) in kept {
            // The refusal leaves when this returns.
            let Some(request) = kept.now() else { continue };
            // Also when nothing answers: whoever shows rows need not wait for what never comes.
            let now = clock::now();
            self.capture.store().keep_answer(Answer {
                exchange: request.id,
                begun: status.map(|_| now),
                done: now,
                outcome: if status.is_some() { AnswerOutcome::Sent } else { AnswerOutcome::NeverAnswered },
                status,
                headers: Headers::new(),
                body: Body::default(),
                rule: "refused".to_owned(),
                choice: None,
            });
        }
    }

    fn answered(&self, mut answer: Answer) {
        self.capture.streams().fill(&mut answer);
        self.capture.replies().waits().fill(&mut answer);
        self.capture.store().keep_answer(answer);
    }
}

impl Ear {
    /// What is shown of a connection that is not served, since its sender had gone.
    pub fn passed_over(&self, mut stream: &TcpStream) {
        let mut raw = vec![0; PASSED_OVER_BYTES_MAX];
        let length = stream.read(&mut raw).unwrap_or_default();
        raw.truncate(length);
        let version = if raw.starts_with(PREFACE) { HttpVersion::Http2 } else { HttpVersion::Http11 };
        let reason = "the sender sent many requests, closed the connection without reading, and too many such waited";
        let refusal = Refusal {
            first_byte: clock::now(),
            raw: raw.into(),
            version,
            request_line: None,
            reason: Some(reason.to_owned()),
            head: None,
        };
        self.refused(vec![(refusal, None)]);
    }

    fn keep(&self, refusal: Refusal, status: Option<u16>) -> Kept {
        let reason = refusal.reason.unwrap_or_else(|| match status {
            Some(431) => format!("the head is larger than the limit of {} bytes", self.capture.limits().head_bytes),
            Some(414) => "the target is too long".to_owned(),
            _ => "it is no valid HTTP request".to_owned(),
        });
        let head = refusal.head;
        let (method, target) = match (&head, refusal.request_line) {
            (Some(head), _) => (head.method.clone(), head.target.clone()),
            (None, Some(line)) => line,
            (None, None) => Default::default(),
        };
        let (headers, pseudo) = head.map(|head| (head.headers, head.pseudo)).unwrap_or_default();
        self.capture.store().keep(Request {
            id: ExchangeId::default(),
            peer: Some(self.peer),
            body_complete_us: clock::now().micros_since(refusal.first_byte),
            first_byte: refusal.first_byte,
            version: refusal.version,
            method,
            target,
            headers,
            pseudo,
            raw_head: (!refusal.raw.is_empty()).then_some(refusal.raw),
            body: Body::default(),
            trailers: Headers::new(),
            marks: vec![Mark::Refused { reason }],
        })
    }
}
