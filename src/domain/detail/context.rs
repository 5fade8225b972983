//! What the tabs are told beside the exchange itself.

use std::sync::Arc;

use crate::domain::exchange::Request;
use crate::domain::pretty::{BodyView, Limits, NO_BREAK};
use crate::domain::quantity::ago;
use crate::domain::reply::Waiting;
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::profile::Delivery;
use crate::domain::signature::{Explanation, Verdict};
use crate::domain::summary::Summary;
use crate::domain::time::Timestamp;

/// What the tabs need beside the exchange itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct DetailContext<'a> {
    /// What the signature check says, when it has run.
    pub verdict: Option<&'a Verdict>,
    /// What more can be said of the signature, for its tab.
    pub explanation: Option<&'a Explanation>,
    /// The row: provider, event type, delivery id and how many times it came, mark.
    pub summary: Option<&'a Summary>,
    /// The rows of its delivery's tries in order, this one among them, when there are several.
    pub tries: &'a [Arc<Summary>],
    /// The request of the first of them, when it is at hand.
    pub first_try: Option<&'a Request>,
    /// The request that the user compares others with.
    pub compared: Option<&'a Request>,
    /// What the profile of the provider says of itself.
    pub provider: Option<ProviderWords<'a>>,
    /// What an answer that has not gone waits for.
    pub waiting: Option<&'a Waiting>,
    /// How bodies are shown.
    pub view: BodyView,
    /// `http://127.0.0.1:7070`: put in front of the target when the sender named no host. Empty for a saved session.
    pub base_url: &'a str,
    /// The time to tell ages from.
    pub now: Timestamp,
    /// Where it is read.
    pub reader: Reader,
    /// Bounds on what is made of bodies; its width is that of the screen.
    pub limits: Limits,
}

/// Columns that an age has on a screen: `999 days ago`.
const AGE_COLUMNS: usize = 12;

impl DetailContext<'_> {
    /// How long ago something was. On a screen it takes the same room however old it gets, and no line breaks in it: what stands
    /// behind and below it stays where it is.
    pub(super) fn age(&self, then: Timestamp) -> String {
        let age = ago(then, self.now);
        match self.reader {
            Reader::Print => age,
            Reader::Screen => format!("{age:AGE_COLUMNS$}").replace(' ', NO_BREAK),
        }
    }
}

/// Where a document is read: there are tabs on a screen, and everything stands below each other in print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// A tab of the interface.
    #[default]
    Screen,
    /// What a command prints, all tabs below each other: nothing is said twice.
    Print,
}

/// Words from a provider's profile. Ours, not a stranger's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProviderWords<'a> {
    /// As the provider writes itself: `GitHub`.
    pub title: &'a str,
    /// Where its webhooks are documented; empty when not known.
    pub docs_url: &'a str,
    /// What it does with answers.
    pub delivery: Option<&'a Delivery>,
    /// How it asks whether an endpoint is the user's.
    pub handshakes: &'a [Handshake],
}
