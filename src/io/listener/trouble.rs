//! What is wrong with a request that hyper let through, or went wrong while its body came.

use crate::domain::exchange::{HttpVersion, Mark};
use crate::io::tap::{Framing, Head};

use super::body::End;
use super::limits::ListenerLimits;

/// What is wrong with a request that hyper let through, or went wrong while its body came.
pub struct Trouble {
    /// How the request is marked.
    pub mark: Mark,
    /// What it is answered with.
    pub status: u16,
    /// What is told to have chosen that.
    pub rule: &'static str,
}

/// What can be said before the body is read.
pub fn before_body(head: &Head, declared: Option<u64>, limits: &ListenerLimits) -> Option<Trouble> {
    if let Framing::Refused(misframed) = head.framing {
        let mark = Mark::Refused { reason: misframed.reason().to_owned() };
        return Some(Trouble { mark, status: misframed.status(), rule: "refused" });
    }
    // Without the expectation the body comes anyway: what fits is kept, and then comes the answer.
    declared.filter(|length| waits(head) && *length > limits.body_bytes).map(|_| too_large(limits))
}

/// Whether the sender waits before it sends the body (RFC 9110 section 10.1.1).
pub fn waits(head: &Head) -> bool {
    head.version != HttpVersion::Http10
        && head.headers.get_str("expect").is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue"))
}

fn too_large(limits: &ListenerLimits) -> Trouble {
    Trouble { mark: Mark::Truncated { limit_bytes: limits.body_bytes }, status: 413, rule: "body limit" }
}

/// What became of the body.
pub fn after_body(end: &End, limits: &ListenerLimits) -> Option<Trouble> {
    let (reason, status, rule) = match end {
        End::Whole => return None,
        End::TooLarge => return Some(too_large(limits)),
        End::Broken(reason) => (reason.as_str(), 400, "body incomplete"),
        End::Stalled(reason) => (reason.as_str(), 408, "body time limit"),
        End::NoRoom => ("other bodies were in the way for too long, or too many waited", 503, "bodies limit"),
    };
    Some(Trouble { mark: Mark::Incomplete { reason: reason.to_owned() }, status, rule })
}
