//! Holding a request until the user decides, its time is over, its sender leaves, or the listener stops.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::exchange::Request;
use crate::domain::quantity::duration_us;
use crate::domain::reply::{Fault, Reply};
use crate::io::clock;
use crate::io::tap::Wire;

use super::answer::Outstanding;
use super::capture::Capture;
use super::desk::{HELD_MAX, Held, Verdict};

/// What goes back in the end: `default`, unless the user decides otherwise within `hold_ms`; and whether the sender
/// closed its half meanwhile.
pub async fn hold<'a>(
    capture: &Capture,
    wire: &Arc<Wire>,
    request: &Arc<Request>,
    (default, captures, hold_ms): (Cow<'a, Reply>, Vec<(String, String)>, u64),
    outstanding: &mut Outstanding,
) -> (Cow<'a, Reply>, bool) {
    let since = clock::now();
    let held = Held {
        id: request.id,
        since,
        until: since.plus_micros(i64::try_from(hold_ms.saturating_mul(1000)).unwrap_or(i64::MAX)),
        rule: outstanding.rule().to_owned(),
        default: default.describe(),
    };
    let Some(mut place) = capture.desk().lay(held) else {
        outstanding.note(format!("not held: {HELD_MAX} requests are held already"));
        return (default, false);
    };
    let mut left = false;
    let verdict = tokio::select! {
        verdict = place.decided() => verdict,
        () = tokio::time::sleep(Duration::from_millis(hold_ms)) => None,
        // With HTTP/2 the stream's reset drops this handler.
        () = wire.sender_left(), if !wire.is_h2() => {
            left = true;
            None
        }
        () = capture.leaving().begun() => {
            outstanding.cut_short();
            return (default, false);
        }
    };
    let waited = duration_us(clock::now().micros_since(since));
    let reply = match verdict {
        Some(Verdict::Answer(reply)) => {
            let (reply, choice) = capture.replies().by_hand(*reply, captures, request).await;
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
    (reply, left)
}
