//! Holding a request until the user decides, its time is over, its sender leaves, or the listener stops.

use std::borrow::Cow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::domain::exchange::Request;
use crate::domain::quantity::duration_us;
use crate::domain::reply::{Fault, Reply};
use crate::io::clock;
use crate::io::tap::Wire;

use super::answer::Outstanding;
use super::budget::SMALL_BYTES;
use super::capture::Capture;
use super::desk::{HELD_MAX, Held, Verdict, Wanted};

/// What came of it.
pub struct Released<'a> {
    /// What goes back.
    pub reply: Cow<'a, Reply>,
    /// Whether the sender closed its half meanwhile.
    pub sender_left: bool,
    /// The request; `None` when it is to be had no more, and the reply says so.
    pub request: Option<Arc<Request>>,
}

/// What goes back in the end: `default`, unless the user decides otherwise within `hold_ms`, or lets it wait longer. A large request is not in memory
/// meanwhile but where the store has it: so many could wait here that nothing bounds them.
pub async fn hold<'a>(
    capture: &Capture,
    wire: &Arc<Wire>,
    request: Arc<Request>,
    (default, captures, hold_ms): (Cow<'a, Reply>, Vec<(String, String)>, u64),
    outstanding: &mut Outstanding,
) -> Released<'a> {
    let id = request.id;
    let since = clock::now();
    let held = Held {
        id,
        since,
        until: since.plus_micros(i64::try_from(hold_ms.saturating_mul(1000)).unwrap_or(i64::MAX)),
        rule: outstanding.rule().to_owned(),
        default: default.describe(),
    };
    let Some(mut place) = capture.desk().lay(held) else {
        outstanding.note(format!("not held: {HELD_MAX} requests are held already"));
        return Released { reply: default, sender_left: false, request: Some(request) };
    };
    let small = Some(request).filter(|request| request.body.bytes.len() <= SMALL_BYTES);
    let (mut left, mut is_cut_short) = (false, false);
    let by_itself = Instant::now() + Duration::from_millis(hold_ms);
    let mut over = pin!(sleep_until(by_itself));
    let verdict = loop {
        tokio::select! {
            wanted = place.wanted() => match wanted {
                Wanted::Decided(verdict) => break verdict,
                Wanted::Longer(by) => over.as_mut().reset(by_itself.checked_add(by).unwrap_or(by_itself)),
            },
            () = &mut over => break None,
            // With HTTP/2 the stream's reset drops this handler.
            () = wire.sender_left(), if !wire.is_h2() => {
                left = true;
                break None;
            }
            () = capture.leaving().begun() => {
                outstanding.cut_short();
                is_cut_short = true;
                break None;
            }
        }
    };
    let again = match small {
        Some(request) => Ok(request),
        None => capture.again(id).await,
    };
    let request = match again {
        Ok(request) => request,
        Err(error) => {
            outstanding.note(format!("500 in place of the reply: it was held for too long: {error}"));
            let reply = Cow::Owned(Reply { status: 500, ..Reply::default() });
            return Released { reply, sender_left: left, request: None };
        }
    };
    if is_cut_short {
        return Released { reply: default, sender_left: false, request: Some(request) };
    }
    let waited = duration_us(clock::now().micros_since(since));
    let reply = match verdict {
        Some(Verdict::Answer(reply)) => {
            let (reply, choice) = capture.replies().by_hand(*reply, captures, &request).await;
            outstanding.by_hand("by hand".to_owned(), format!("held for {waited}"), choice.step);
            choice.notes.into_iter().for_each(|note| outstanding.note(note));
            Cow::Owned(reply)
        }
        Some(Verdict::Kill) => {
            outstanding.by_hand("killed by hand".to_owned(), format!("held for {waited}"), None);
            Cow::Owned(Reply { fault: Some(Fault::Reset), ..Reply::default() })
        }
        Some(Verdict::LetGo) => {
            outstanding.note(format!("held for {waited}, then let go"));
            default
        }
        None => {
            let why = if left { "the sender left" } else { "nobody decided" };
            outstanding.note(format!("held for {waited}: {why}"));
            default
        }
    };
    Released { reply, sender_left: left, request: Some(request) }
}
