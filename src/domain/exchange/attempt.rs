//! What was sent from a captured request since, by whom, and what it came to.

use bytes::Bytes;

use super::request::{ExchangeId, HttpVersion, Mark};
use crate::domain::body::Body;
use crate::domain::forward::Onward;
use crate::domain::headers::Headers;
use crate::domain::outgoing::Outgoing;
use crate::domain::time::Timestamp;
use crate::domain::timing::Timing;

/// Which signature an attempt carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureChoice {
    /// The bytes that came, untouched.
    Kept,
    /// Made anew with the configured secret.
    Resigned,
    /// Made wrong on purpose.
    Broken,
}

impl SignatureChoice {
    /// The word in the session file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Resigned => "re-signed",
            Self::Broken => "broken",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Kept, Self::Resigned, Self::Broken].into_iter().find(|choice| choice.as_str() == text)
    }
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The target answered.
    Answered {
        /// Protocol version of the answer.
        version: HttpVersion,
        /// Status code.
        status: u16,
        /// Reason phrase as sent.
        reason: Bytes,
        /// Headers as sent.
        headers: Headers,
        /// Body as sent, up to the limit.
        body: Body,
        /// What the sender has to say: truncated, incomplete.
        marks: Vec<Mark>,
    },
    /// No answer.
    Failed {
        /// What was tried, what happened, what to do.
        message: String,
    },
}

/// Why an attempt was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AttemptKind {
    /// The user sent it again.
    #[default]
    Resend,
    /// It went on to the app: behind our own answer, or later, when the app could not be reached at first.
    Forward,
    /// It went on to a further target.
    Copy,
    /// It went on to a further target whose answer is compared with the app's.
    Shadow,
    /// A rule asked for it behind its answer; it is another request than the exchange's.
    Callback,
    /// The user sent it several times to compare the answers.
    Probe,
}

impl AttemptKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Resend, Self::Forward, Self::Copy, Self::Shadow, Self::Callback, Self::Probe];

    /// Whether it went on to an app, with the exchange's own body.
    pub const fn is_forwarded(self) -> bool {
        matches!(self, Self::Forward | Self::Copy | Self::Shadow)
    }

    /// The word in the session file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Forward => "forward",
            Self::Copy => "copy",
            Self::Shadow => "shadow",
            Self::Callback => "callback",
            Self::Probe => "probe",
        }
    }

    /// The reverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One resend of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The exchange it was made from.
    pub exchange: ExchangeId,
    /// Number under its exchange, from 1.
    pub number: u32,
    /// When it was begun.
    pub at: Timestamp,
    /// Why it was made.
    pub kind: AttemptKind,
    /// What was sent. The body of what was forwarded is the exchange's, and is not repeated here.
    pub sent: Outgoing,
    /// Which signature it carried.
    pub signature: SignatureChoice,
    /// What it came to.
    pub outcome: AttemptOutcome,
    /// Where the time went.
    pub timing: Timing,
}

impl Attempt {
    /// What it came to, if it brought the request to the user's app.
    pub fn onward(&self) -> Option<Onward> {
        match (self.kind, &self.outcome) {
            (AttemptKind::Forward, AttemptOutcome::Answered { status, .. }) => Some(Onward::Answered(*status)),
            (AttemptKind::Forward, AttemptOutcome::Failed { .. }) => Some(Onward::Failed),
            _ => None,
        }
    }

    /// What it came to, if the user sent it by hand and the other side took it (2xx).
    pub fn taken_by_hand(&self) -> Option<Onward> {
        match (self.kind, &self.outcome) {
            (AttemptKind::Resend | AttemptKind::Probe, AttemptOutcome::Answered { status: status @ 200..=299, .. }) => {
                Some(Onward::Answered(*status))
            }
            _ => None,
        }
    }

    /// Bytes of the answer's body that were kept; 0 without an answer.
    pub fn answer_bytes(&self) -> usize {
        match &self.outcome {
            AttemptOutcome::Answered { body, .. } => body.bytes.len(),
            AttemptOutcome::Failed { .. } => 0,
        }
    }
}

/// What bringing a request to the user's app has come to, once this attempt is known.
pub fn after_attempt(before: Option<Onward>, attempt: &Attempt) -> Option<Onward> {
    match (attempt.onward(), before) {
        (Some(onward), _) => Some(onward),
        // Sent by hand, and taken: it need not go on once more.
        (None, Some(before)) if !before.is_taken() => attempt.taken_by_hand().or(Some(before)),
        (None, before) => before,
    }
}
