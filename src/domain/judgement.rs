//! The provider's judgement: what an answer comes to on the other side, by the provider's documented facts.
//!
//! Whether it was accepted, came too late, is a redirect, ends the deliveries, and when the next try is to be expected. Where
//! the facts say nothing, nothing is said: [`Rules::judge`] gives `None` rather than a guess.

pub mod success;
mod then;
mod words;

use bytes::Bytes;

use super::exchange::AnswerOutcome;
use super::printable::visible_str;
use super::quantity::duration_us;
use super::signature::profile::Delivery;
use super::time::Timestamp;

pub use success::{Fit, Success};
pub use then::Then;
pub use words::Schedule;

use words::holds;

/// What a provider thinks of an answer, and what it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What it thinks.
    pub says: Says,
    /// What it does then.
    pub then: Then,
}

/// What a provider thinks of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// It is a success.
    Accepted,
    /// On what cannot be told here: its status is one of success, but the body has to be something in particular; or it is a
    /// redirect that is followed.
    Depends,
    /// It came after the provider's deadline.
    TooLate,
    /// It points elsewhere, which is not followed, as far as is known.
    Redirect,
    /// It ends the deliveries to this endpoint.
    Disables,
    /// It is a failure.
    Failed,
    /// There was none.
    NoAnswer,
}

impl Says {
    /// Every one of them.
    pub const ALL: [Self; 7] =
        [Self::Accepted, Self::Depends, Self::TooLate, Self::Redirect, Self::Disables, Self::Failed, Self::NoAnswer];

    /// The stable word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Depends => "depends",
            Self::TooLate => "too-late",
            Self::Redirect => "redirect",
            Self::Disables => "disables",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
        }
    }
}

/// An answer as far as a provider judges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The status; `None`: no byte of an answer left.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: AnswerOutcome,
    /// Its body; `None`: not known.
    pub body: Option<Bytes>,
    /// Microseconds from the request's last byte to the answer's last.
    pub answer_us: u64,
    /// When that last byte was.
    pub done: Timestamp,
    /// Which try of its delivery this was, from 1; `None`: not known.
    pub number: Option<u32>,
}

/// The facts of a provider that answers are judged by, read from the words of its profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    deadline_us: Option<u64>,
    success: Option<Success>,
    schedule: Schedule,
    /// Whether it is known to follow redirects.
    follows: bool,
    /// Statuses that end the deliveries.
    disables: Vec<(u16, u16)>,
    /// Statuses after which the delivery is not tried again.
    stops: Vec<(u16, u16)>,
}

impl Rules {
    /// From the words of a profile.
    pub fn of(delivery: &Delivery) -> Self {
        let (mut disables, mut stops) = (Vec::new(), Vec::new());
        for text in [&delivery.success, &delivery.disabled] {
            words::ends(text, &mut disables, &mut stops);
        }
        Self {
            deadline_us: delivery.deadline_ms.map(|millis| u64::from(millis) * 1000),
            success: Success::read(&delivery.success),
            schedule: Schedule::read(&delivery.retries),
            follows: delivery.redirects.starts_with("followed"),
            disables,
            stops,
        }
    }

    /// The documented gaps between tries.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// What the provider thinks of an answer; `None` where its facts do not say.
    pub fn judge(&self, given: &Given) -> Option<Judgement> {
        let is_late = self.deadline_us.is_some_and(|deadline_us| given.answer_us > deadline_us);
        if is_late {
            // It gave up at its deadline, and counts from there.
            let over_us = given.answer_us - self.deadline_us.unwrap_or(given.answer_us);
            let since = given.done.plus_micros(-i64::try_from(over_us).unwrap_or(0));
            return Some(Judgement { says: Says::TooLate, then: self.after(None, since, given.number) });
        }
        let is_whole = given.outcome == AnswerOutcome::Sent;
        let Some(status) = given.status.filter(|_| is_whole) else {
            let known = self.success.is_some() || self.deadline_us.is_some();
            let then = self.after(None, given.done, given.number);
            return (known || then != Then::Unknown).then_some(Judgement { says: Says::NoAnswer, then });
        };
        if holds(&self.disables, status) {
            return Some(Judgement { says: Says::Disables, then: Then::GivesUp });
        }
        let success = self.success.as_ref()?;
        let says = match success.fit(status, given.body.as_deref()) {
            Fit::Yes => Says::Accepted,
            Fit::Depends => Says::Depends,
            Fit::No if (300..400).contains(&status) && self.follows => Says::Depends,
            Fit::No if (300..400).contains(&status) => Says::Redirect,
            Fit::No => Says::Failed,
        };
        let then = match says {
            Says::Accepted | Says::Depends => Then::Done,
            _ => self.after(Some(status), given.done, given.number),
        };
        Some(Judgement { says, then })
    }

    /// What comes after a failure: of that status, or without an answer.
    fn after(&self, status: Option<u16>, since: Timestamp, number: Option<u32>) -> Then {
        if status.is_some_and(|status| holds(&self.stops, status)) {
            return Then::GivesUp;
        }
        self.schedule.after(status, since, number)
    }
}

impl Judgement {
    /// In words, with the reasons: `too late: took 12.1 s, and GitHub waits 10 s`. `title`: the provider's name.
    pub fn words(&self, title: &str, delivery: &Delivery, given: &Given) -> String {
        let title = visible_str(title);
        let whole = visible_str(&delivery.success);
        let success = visible_str(delivery.success.split(';').next().unwrap_or_default());
        let status = given.status.map_or_else(|| "it".to_owned(), |status| status.to_string());
        match self.says {
            Says::Accepted => format!("accepted: {title} takes {success} for a success"),
            Says::Depends if given.status.is_some_and(|status| (300..400).contains(&status)) => {
                format!("redirect, {}", visible_str(&delivery.redirects))
            }
            Says::Depends => format!("accepted if the rest is right: {title} wants {whole}"),
            Says::TooLate => {
                let deadline = duration_us(u64::from(delivery.deadline_ms.unwrap_or_default()) * 1000);
                format!("too late: took {}, and {title} waits {deadline}", took(given.answer_us))
            }
            Says::Redirect if delivery.redirects.is_empty() => {
                format!("redirect: {title} wants {success}, and is not known to follow one")
            }
            Says::Redirect => format!("redirect {}", visible_str(&delivery.redirects)),
            Says::Disables => {
                let why = if delivery.disabled.is_empty() { &delivery.success } else { &delivery.disabled };
                format!("{status} ends the deliveries of {title} to this endpoint: {}", visible_str(why))
            }
            Says::Failed => format!("a failure: {title} wants {success}"),
            Says::NoAnswer => format!("no answer for {title}"),
        }
    }

    /// What comes then, in words; empty where there is nothing to say. `clock` writes a time.
    pub fn then_words(&self, delivery: &Delivery, clock: impl Fn(Timestamp) -> String) -> String {
        let retries = visible_str(&delivery.retries);
        match self.then {
            Then::Done => String::new(),
            Then::Retries(Some(at)) => format!("tried again at {}: {retries}", clock(at)),
            Then::Retries(None) => format!("tried again: {retries}"),
            Then::GivesUp if self.says == Says::Disables || retries.is_empty() => "not tried again".to_owned(),
            Then::GivesUp => format!("not tried again: {retries}"),
            Then::Unknown => "whether it is tried again is not documented".to_owned(),
        }
    }
}

/// With a digit behind the point from a second on: how little it was too late is what matters.
fn took(micros: u64) -> String {
    match micros {
        0..1_000_000 => duration_us(micros),
        _ => format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests;
