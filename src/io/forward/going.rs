//! A request on its way to an app, and what came of it.

use std::time::{Duration, Instant};

use crate::domain::body::Body;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Mark, Request, Timing};
use crate::domain::forward::{Target, head};
use crate::io::sender::answer::AnswerHead;
use crate::io::sender::patience::Patience;

/// Bytes of one answer's body that are taken where nobody reads along.
pub const ANSWER_BYTES_MAX: usize = 10 << 20;
/// What came of sending a request on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What went out; its body is empty, because it is the request's.
    pub outgoing: Outgoing,
    /// What came back: a whole answer, or why there is none.
    pub outcome: AttemptOutcome,
    /// Where the time went.
    pub timing: Timing,
    /// Whether there is none because its time was over.
    pub is_late: bool,
    /// What else the user should know.
    pub notes: Vec<String>,
}

impl Sent {
    /// As an attempt keeps it: the notes stand with what it came to.
    pub fn noted(self) -> (Outgoing, AttemptOutcome, Timing) {
        let Self { outgoing, mut outcome, timing, notes, .. } = self;
        match &mut outcome {
            AttemptOutcome::Answered { marks, .. } => {
                marks.extend(notes.into_iter().map(|text| Mark::Note { text }));
            }
            AttemptOutcome::Failed { message } => {
                for note in notes {
                    message.push_str("; ");
                    message.push_str(&note);
                }
            }
        }
        (outgoing, outcome, timing)
    }
}

/// A request on its way.
pub(super) struct Going<'a> {
    pub(super) target: &'a Target,
    pub(super) outgoing: Outgoing,
    /// What it is in another place than this machine, where that is not the same.
    elsewhere: Option<Elsewhere>,
    pub(super) patience: Patience,
    pub(super) timing: Timing,
    pub(super) notes: Vec<String>,
    pub(super) begun: Instant,
    pub(super) within: Duration,
    /// Whether the app was connected to.
    pub(super) is_asked: bool,
}

/// What another machine gets: not what was meant for the host that the sender named.
struct Elsewhere {
    head: bytes::Bytes,
    /// What it lacks.
    logins: Vec<&'static str>,
}

impl<'a> Going<'a> {
    /// And whether it can go.
    pub(super) fn new(
        target: &'a Target,
        request: &Request,
        within: Duration,
        trusts_forwarded: bool,
    ) -> (Self, Result<(), String>) {
        let (head, made) = match head::onward(request, target, trusts_forwarded, &[]) {
            Ok(head) => (head.into(), Ok(())),
            Err(why) => (bytes::Bytes::new(), Err(why)),
        };
        let logins = head::logins(request, target);
        let elsewhere = (!logins.is_empty() && made.is_ok()).then(|| {
            let head = head::onward(request, target, trusts_forwarded, &logins).unwrap_or_default();
            Elsewhere { head: head.into(), logins }
        });
        let outgoing = Outgoing { origin: target.origin.clone(), head, body: head::framed(request) };
        let going = Self {
            target,
            outgoing,
            elsewhere,
            patience: Patience::new(within, None),
            timing: Timing::default(),
            notes: Vec::new(),
            begun: Instant::now(),
            within,
            is_asked: false,
        };
        (going, made)
    }

    /// It is known where the connection leads. From the first one on that leads away, what was meant for another host stays here.
    pub(super) fn leads_to(&mut self, is_local: bool) {
        if is_local {
            return;
        }
        if let Some(Elsewhere { head, logins }) = self.elsewhere.take() {
            self.outgoing.head = head;
            let names = logins.join(", ");
            self.notes.push(format!("{names} stayed here: meant for another host (--forward-logins sends them on)"));
        }
    }
}

/// The outcome of an answer that came whole, or with these marks.
pub(super) fn answered(head: AnswerHead, body: Body, marks: Vec<Mark>) -> AttemptOutcome {
    let AnswerHead { version, status, reason, headers } = head;
    AttemptOutcome::Answered { version, status, reason, headers, body, marks }
}
