//! The provider's judgement: what an answer comes to on the other side, by the provider's documented facts.
//!
//! Whether it was accepted, came too late, is a redirect, ends the deliveries, and when the next try is to be expected. Where
//! the facts say nothing, nothing is said: [`Rules::judge`] gives `None` rather than a guess.

mod clauses;
pub mod handshake;
pub mod success;
mod then;
mod words;

use bytes::Bytes;

use super::exchange::AnswerOutcome;
use super::headers::Headers;
use super::printable::visible_str;
use super::quantity::duration_us;
use super::signature::profile::Delivery;
use super::time::Timestamp;

use clauses::Clause;
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
    /// Its headers, those that it was asked for.
    pub headers: Headers,
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
    /// What else its clauses say of single answers.
    more: Vec<Clause>,
}

/// The texts of a profile whose clauses are about single answers.
fn texts(delivery: &Delivery) -> [&str; 3] {
    [&delivery.success, &delivery.disabled, &delivery.retries]
}

/// Whether a header of that name has that value.
fn has(headers: &Headers, name: &str, value: &str) -> bool {
    headers.get_all(name).any(|found| found.trim_ascii().eq_ignore_ascii_case(value.as_bytes()))
}

/// The seconds of `Retry-After` in milliseconds; a date is not read (RFC 9110 section 10.2.3).
fn retry_after_ms(headers: &Headers) -> Option<u64> {
    headers.get_str("retry-after")?.trim().parse::<u32>().ok().map(|seconds| u64::from(seconds) * 1000)
}

impl Rules {
    /// From the words of a profile.
    pub fn of(delivery: &Delivery) -> Self {
        let (mut disables, mut stops, mut more) = (Vec::new(), Vec::new(), Vec::new());
        for clause in texts(delivery).into_iter().flat_map(clauses::of).filter_map(clauses::read) {
            match clause {
                Clause::Disables(codes) => disables.extend(codes),
                Clause::Stops(codes) => stops.extend(codes),
                Clause::Again => {}
                clause => more.push(clause),
            }
        }
        Self {
            deadline_us: delivery.deadline_ms.map(|millis| u64::from(millis) * 1000),
            success: Success::read(&delivery.success),
            schedule: Schedule::read(&delivery.retries),
            follows: delivery.redirects.starts_with("followed"),
            disables,
            stops,
            more,
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
            _ => self.after_answer(status, given),
        };
        Some(Judgement { says, then })
    }

    /// What comes after an answer that is a failure and was taken in time.
    fn after_answer(&self, status: u16, given: &Given) -> Then {
        let then = self.after(Some(status), given.done, given.number);
        let Then::Retries(at) = then else { return then };
        let mut at = at;
        for clause in &self.more {
            match clause {
                Clause::StopsWith { name, value } if has(&given.headers, name, value) => return Then::GivesUp,
                Clause::Needs(codes, most_ms) if holds(codes, status) => {
                    let wait_ms = retry_after_ms(&given.headers);
                    if wait_ms.is_none_or(|wait_ms| most_ms.is_some_and(|most_ms| wait_ms >= most_ms)) {
                        return Then::GivesUp;
                    }
                }
                Clause::Obeys(codes, most_ms) if holds(codes, status) => {
                    if let Some(wait_ms) = retry_after_ms(&given.headers) {
                        let known_ms =
                            Some(wait_ms).filter(|wait_ms| most_ms.is_none_or(|most_ms| *wait_ms <= most_ms));
                        at = known_ms.and_then(|ms| i64::try_from(ms).ok()).map(|ms| given.done.plus_micros(ms * 1000));
                    }
                }
                _ => {}
            }
        }
        Then::Retries(at)
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
            Says::Accepted => format!("accepted: {title} takes {success} for a success{}", caveat(delivery, given)),
            Says::Depends if given.status.is_some_and(|status| (300..400).contains(&status)) => {
                format!("redirect, {}", visible_str(&delivery.redirects))
            }
            Says::Depends => {
                format!("accepted if the rest is right: {title} wants {whole}{}", caveat(delivery, given))
            }
            Says::TooLate => {
                let deadline = duration_us(u64::from(delivery.deadline_ms.unwrap_or_default()) * 1000);
                format!("too late: took {}, and {title} waits {deadline}", took(given.answer_us))
            }
            Says::Redirect if delivery.redirects.is_empty() => {
                format!("redirect: {title} wants {success}, and is not known to follow one")
            }
            Says::Redirect => format!("redirect {}", visible_str(&delivery.redirects)),
            Says::Disables => {
                let ends = |clause: &Clause| matches!(clause, Clause::Disables(codes) if given.status.is_some_and(|status| holds(codes, status)));
                let why = clauses::that_says(&texts(delivery), ends).unwrap_or_default();
                format!("{status} ends the deliveries of {title} to this endpoint: {}", visible_str(why))
            }
            Says::Failed => format!("a failure: {title} wants {success}"),
            Says::NoAnswer => format!("no answer for {title}"),
        }
    }

    /// What comes then, in words; empty where there is nothing to say. `clock` writes a time.
    pub fn then_words(&self, delivery: &Delivery, given: &Given, clock: impl Fn(Timestamp) -> String) -> String {
        let retries = visible_str(&delivery.retries);
        match self.then {
            Then::Done => String::new(),
            Then::Retries(Some(at)) => format!("tried again at {}: {retries}", clock(at)),
            Then::Retries(None) => format!("tried again: {retries}"),
            Then::GivesUp if self.says == Says::Disables || retries.is_empty() => "not tried again".to_owned(),
            Then::GivesUp => {
                // A single clause is the reason, where there is one.
                let stops = |clause: &Clause| match clause {
                    Clause::Stops(codes) => given.status.is_some_and(|status| holds(codes, status)),
                    Clause::StopsWith { name, value } => has(&given.headers, name, value),
                    _ => false,
                };
                let was_taken = !matches!(self.says, Says::TooLate | Says::NoAnswer);
                let why = clauses::that_says(&texts(delivery), stops).filter(|_| was_taken);
                format!("not tried again: {}", why.map_or(retries, visible_str))
            }
            Then::Unknown => "whether it is tried again is not documented".to_owned(),
        }
    }
}

/// What has to be known of a success whose provider does not say how long it waits.
fn caveat(delivery: &Delivery, given: &Given) -> String {
    match delivery.deadline_ms {
        Some(_) => String::new(),
        None => format!("; no deadline documented, took {}", took(given.answer_us)),
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
