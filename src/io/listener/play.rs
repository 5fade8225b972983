//! A reply on the wire: the wait before it, the answer, or what is wrong with it on purpose.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use tokio::time::timeout;

use crate::domain::exchange::{AnswerOutcome, Timing};
use crate::domain::quantity::duration_us;
use crate::domain::reply::{Fault, Reply, Spread, Waiting};
use crate::domain::time::Timestamp;
use crate::io::clock;
use crate::io::forward::Coming;
use crate::io::reply::wrong;
use crate::io::tap::Wire;

use super::answer::Outstanding;
use super::capture::Capture;
use super::echo::{self, Echoed};
use super::stream::AppBody;
use super::waits::Place;

/// How long a connection outlives the stream that gets no answer, when the listener stops.
const OTHERS_FIRST: Duration = Duration::from_millis(200);

/// Plays a reply that is ready (its body made but for an echo's, its delay drawn). Whoever waits here holds no thread; when the
/// listener stops, all that wait are released. `left`: its sender closed its half meanwhile. `streaming`: the body that comes in place of the
/// reply's own, where the time went until now, and the version of its request.
pub async fn play(
    capture: &Capture,
    wire: &Arc<Wire>,
    reply: &Reply,
    echoed: Echoed,
    method: &http::Method,
    (mut outstanding, mut left): (Outstanding, bool),
    streaming: Option<(Coming, Timing, http::Version)>,
) -> Response {
    // Nobody waits for the answer to one that has gone.
    if reply.delay_ms > 0 && !left {
        left = wait(capture, wire, reply, &mut outstanding).await;
    }
    if let Some((coming, timing, version)) = streaming {
        return outstanding.stream(reply, left, |wire, id| {
            AppBody::new(coming, timing, (capture.streams(), id), (wire, capture.leaving(), version))
        });
    }
    if left && matches!(reply.fault, Some(Fault::Reset | Fault::Close | Fault::Garbage)) {
        // It left before anything went wrong on purpose: that is what is told.
        drop(outstanding);
        wire.close();
        return pending().await;
    }
    if reply.fault.is_some_and(Fault::is_wordless) {
        outstanding.goes_wrong(reply);
    }
    let reply = &*echo::fill(capture, reply, echoed, &mut outstanding).await;
    match reply.fault {
        None => {
            let slowly = (capture.leaving(), capture.replies().waits());
            return outstanding.send(reply, method, left, slowly);
        }
        Some(Fault::Cut | Fault::WrongLength(_)) if wire.is_h2() => return outstanding.send_wrong(reply),
        Some(Fault::NeverAnswer) => {
            outstanding.ends_as(AnswerOutcome::NeverAnswered);
            let what = "nothing, until the sender leaves".to_owned();
            let _place = place(capture, &outstanding, what, None);
            silence(capture, wire, &mut outstanding).await;
            drop(outstanding);
            wire.reset();
        }
        Some(Fault::Reset) => {
            outstanding.ends_as(AnswerOutcome::Reset);
            drop(outstanding);
            wire.reset();
        }
        Some(Fault::Close) => {
            outstanding.ends_as(AnswerOutcome::Broken);
            drop(outstanding);
            wire.close();
        }
        Some(Fault::Garbage) => past_hyper(capture, wire, outstanding, wrong::GARBAGE).await,
        Some(Fault::Cut) => {
            let body = wrong::half(&reply.body);
            outstanding.wrong(reply, reply.body.slice_ref(body));
            let bytes = [&wrong::head(reply, reply.body.len() as u64)[..], body].concat();
            past_hyper(capture, wire, outstanding, &bytes).await;
        }
        Some(Fault::WrongLength(length)) => {
            outstanding.wrong(reply, reply.body.clone());
            let bytes = [&wrong::head(reply, length)[..], &reply.body].concat();
            past_hyper(capture, wire, outstanding, &bytes).await;
        }
    }
    // The connection's driver ends it, and drops this.
    pending().await
}

/// Writes what hyper would not, and closes.
async fn past_hyper(capture: &Capture, wire: &Wire, mut outstanding: Outstanding, bytes: &[u8]) {
    let written = timeout(capture.limits().write_timeout, wire.write_raw(bytes)).await;
    outstanding.ends_as(match written {
        Ok(Ok(())) => AnswerOutcome::Broken,
        Ok(Err(_)) => AnswerOutcome::SenderLeft,
        Err(_) => AnswerOutcome::Unread,
    });
    drop(outstanding);
    wire.close();
}

/// Until the sender leaves, or the listener stops.
async fn silence(capture: &Capture, wire: &Wire, outstanding: &mut Outstanding) {
    tokio::select! {
        () = wire.sender_left(), if !wire.is_h2() => {}
        // With HTTP/2 the stream's reset or the connection's end drops this handler.
        () = capture.leaving().begun() => {
            outstanding.cut_short();
            if wire.is_h2() {
                // Answers of other streams that were held leave on the same connection.
                tokio::time::sleep(OTHERS_FIRST).await;
            }
        }
    }
}

/// Tells of an answer that waits, as long as the place is kept.
fn place(capture: &Capture, outstanding: &Outstanding, what: String, until: Option<Timestamp>) -> Place {
    let waiting = Waiting { rule: outstanding.rule().to_owned(), what, until };
    capture.replies().waits().wait(outstanding.exchange(), waiting)
}

/// Waits as long as the reply says; whether the sender closed its half meanwhile, which ends the wait: most that do have given
/// up, and one that still reads gets its answer at once. With HTTP/2 the stream's reset drops this handler.
async fn wait(capture: &Capture, wire: &Wire, reply: &Reply, outstanding: &mut Outstanding) -> bool {
    let since = clock::now();
    let delay_us = reply.delay_ms.saturating_mul(1000);
    let until = since.plus_micros(i64::try_from(delay_us).unwrap_or(i64::MAX));
    let what = Reply { delay_ms: 0, spread: Spread::None, ..reply.clone() }.describe();
    let _place = place(capture, outstanding, what, Some(until));
    tokio::select! {
        biased;
        () = wire.sender_left(), if !wire.is_h2() => {
            let waited = duration_us(clock::now().micros_since(since));
            outstanding.note(format!("the sender left after {waited} of a wait of {}", duration_us(delay_us)));
            true
        }
        () = tokio::time::sleep(Duration::from_millis(reply.delay_ms)) => false,
        () = capture.leaving().begun() => {
            outstanding.cut_short();
            false
        }
    }
}
