//! What a shadow answered otherwise than the app: status, headers, time, body.

use std::fmt;

use crate::domain::body::Body;
use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, Exchange};
use crate::domain::headers::Headers;

use super::head;

/// Headers that differ from one answer to the next by themselves.
const VOLATILE: [&str; 4] = ["date", "age", "x-request-id", "x-runtime"];

/// One answer as it is compared.
#[derive(Clone, Debug)]
pub struct Side {
    /// The status, or why there is none.
    pub status: Result<u16, String>,
    /// Without those of the connection.
    pub headers: Headers,
    /// What is kept of it.
    pub body: Body,
    /// From the first byte sent to the whole answer, in microseconds.
    pub took_us: u64,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The status, or whether there is an answer.
    Status {
        /// The app's.
        app: String,
        /// The shadow's.
        shadow: String,
    },
    /// The values of a header; `None`: it has none.
    Header {
        /// Its name, in lower case.
        name: String,
        /// The app's.
        app: Option<String>,
        /// The shadow's.
        shadow: Option<String>,
    },
    /// The bytes of the body, by their lengths.
    Body {
        /// Of the app's, in bytes.
        app_bytes: u64,
        /// Of the shadow's, in bytes.
        shadow_bytes: u64,
    },
}

impl fmt::Display for Difference {
    /// Not gated yet: values are strangers' words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { app, shadow } => write!(f, "status: {app}, shadow {shadow}"),
            Self::Header { name, app, shadow } => {
                let words = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
                write!(f, "{name}: {}, shadow {}", words(app), words(shadow))
            }
            Self::Body { app_bytes, shadow_bytes } if app_bytes == shadow_bytes => {
                write!(f, "body: other bytes, {app_bytes} of them")
            }
            Self::Body { app_bytes, shadow_bytes } => write!(f, "body: {app_bytes} bytes, shadow {shadow_bytes}"),
        }
    }
}

/// The app's answer: the one that went back, or the last one that it gave behind our own.
pub fn app_side(exchange: &Exchange) -> Option<Side> {
    let answer = exchange.answer.as_ref();
    if let Some((answer, forwarded)) =
        answer.and_then(|answer| Some((answer, answer.choice.as_ref()?.forwarded.as_ref()?)))
    {
        let status = match (&forwarded.error, answer.status) {
            (None, Some(status)) => Ok(status),
            (Some(error), _) => Err(error.clone()),
            (None, None) => Err("none".to_owned()),
        };
        let (headers, body) = (answer.headers.clone(), answer.body.clone());
        return Some(Side { status, headers, body, took_us: forwarded.timing.total_us });
    }
    exchange.attempts.iter().rev().find(|attempt| attempt.kind == AttemptKind::Forward).map(|attempt| side(attempt))
}

/// The answer that a session has of an app: what it gave when it was forwarded, or else what went back. The headers of our own
/// replies are those that were asked for.
pub fn recorded(exchange: &Exchange) -> Option<Side> {
    app_side(exchange).or_else(|| {
        let answer = exchange.answer.as_ref()?;
        let status = answer.status.ok_or_else(|| "none".to_owned());
        let (headers, body) = (answer.headers.clone(), answer.body.clone());
        let took_us = answer.begun.map_or(0, |begun| answer.done.micros_since(begun));
        Some(Side { status, headers, body, took_us })
    })
}

/// An attempt's answer.
pub fn side(attempt: &Attempt) -> Side {
    let took_us = attempt.timing.total_us;
    match &attempt.outcome {
        AttemptOutcome::Answered { status, headers, body, .. } => {
            Side { status: Ok(*status), headers: head::back(headers), body: body.clone(), took_us }
        }
        AttemptOutcome::Failed { message } => {
            Side { status: Err(message.clone()), headers: Headers::new(), body: Body::default(), took_us }
        }
    }
}

/// What the newest answer of a shadow differs in; empty: in nothing, or there is none to compare.
pub fn of(exchange: &Exchange) -> Vec<Difference> {
    let shadow = exchange.attempts.iter().rev().find(|attempt| attempt.kind == AttemptKind::Shadow);
    match (app_side(exchange), shadow) {
        (Some(app), Some(shadow)) => between(&app, &side(shadow)),
        _ => Vec::new(),
    }
}

/// What two answers differ in. Times are not compared: they always differ.
pub fn between(app: &Side, shadow: &Side) -> Vec<Difference> {
    let mut all = Vec::new();
    let words = |side: &Side| side.status.as_ref().map_or_else(|_| "no answer".to_owned(), u16::to_string);
    if app.status.as_ref().ok() != shadow.status.as_ref().ok() {
        all.push(Difference::Status { app: words(app), shadow: words(shadow) });
    }
    if app.status.is_err() || shadow.status.is_err() {
        return all;
    }
    let mut names: Vec<String> = app
        .headers
        .iter()
        .chain(&shadow.headers)
        .map(|header| String::from_utf8_lossy(&header.name).to_lowercase())
        .filter(|name| !VOLATILE.contains(&name.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let value = |side: &Side| -> Option<String> {
            let values: Vec<_> = side.headers.get_all(&name).map(String::from_utf8_lossy).collect();
            (!values.is_empty()).then(|| values.join(", "))
        };
        let (app, shadow) = (value(app), value(shadow));
        if app != shadow {
            all.push(Difference::Header { name: name.clone(), app, shadow });
        }
    }
    if app.body != shadow.body {
        let (app_bytes, shadow_bytes) = (app.body.length_bytes, shadow.body.length_bytes);
        all.push(Difference::Body { app_bytes, shadow_bytes });
    }
    all
}
