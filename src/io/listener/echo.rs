//! The body of an answer that is the request's own, or was made for it: in memory only while it leaves, and never more of these at
//! once than their share of the budget.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::reply::{Make, Reply};

use super::answer::Outstanding;
use super::budget::Free;
use super::capture::Capture;

/// What an echo gives back.
pub struct Echoed {
    /// The request.
    pub id: ExchangeId,
    /// How long its body is.
    pub body_bytes: usize,
    /// The request itself, when nothing was waited for.
    pub at_hand: Option<Arc<Request>>,
}

/// A reply with its body of so many bytes made for this request alone, and room for it; 503 where there is none. `free`: HTTP/2, what
/// its connection has without a share.
pub fn with_room<'a>(
    capture: &Capture,
    reply: Cow<'a, Reply>,
    (body_bytes, free): (usize, Option<&Free>),
    outstanding: &mut Outstanding,
) -> Cow<'a, Reply> {
    let share = free.and_then(|free| free.answer(body_bytes)).or_else(|| capture.budget().answer_now(body_bytes));
    if let Some(share) = share {
        outstanding.takes(share);
        return reply;
    }
    // Whoever waits must not hold what there is no room for.
    Cow::Owned(no_room(outstanding))
}

/// The reply with the request's body, if it is an echo, and room for it.
pub async fn fill<'a>(
    capture: &Capture,
    reply: &'a Reply,
    echoed: Echoed,
    outstanding: &mut Outstanding,
) -> Cow<'a, Reply> {
    if reply.make != Make::Echo {
        return Cow::Borrowed(reply);
    }
    let Echoed { id, body_bytes, mut at_hand } = echoed;
    let share = match capture.budget().answer_now(body_bytes) {
        Some(share) => share,
        None => {
            at_hand = None;
            match capture.budget().answer(body_bytes).await {
                Some(share) => share,
                None => return Cow::Owned(no_room(outstanding)),
            }
        }
    };
    outstanding.takes(share);
    let request = match at_hand {
        Some(request) => Ok(request),
        None => capture.again(id).await,
    };
    match request {
        Ok(request) => {
            let mut reply = reply.clone();
            reply.echo(&request);
            Cow::Owned(reply)
        }
        Err(error) => {
            outstanding.note(format!("500 in place of the echo: {error}"));
            Cow::Owned(Reply { status: 500, ..Reply::default() })
        }
    }
}

fn no_room(outstanding: &mut Outstanding) -> Reply {
    let why =
        "503 in place of the reply: the bodies of other answers are still on their way to senders that take their time";
    outstanding.note(why.to_owned());
    Reply { status: 503, ..Reply::default() }
}
