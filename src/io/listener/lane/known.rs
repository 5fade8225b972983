//! Methods and header names that nearly every request has, in the spellings that they have.

/// Compared one by one with lengths that the compiler knows: a few instructions each.
macro_rules! one_of {
    ($word:ident, $($known:literal)*) => {{
        $(if $word == $known { return Some($known); })*
        None
    }};
}

/// The same word, known by heart.
pub fn word(word: &[u8]) -> Option<&'static [u8]> {
    match word.len() {
        3 => one_of!(word, b"GET" b"PUT"),
        4 => one_of!(word, b"POST" b"Host" b"host"),
        6 => one_of!(word, b"Accept" b"accept" b"DELETE"),
        10 => one_of!(word, b"User-Agent" b"user-agent" b"Connection" b"connection" b"Webhook-Id" b"webhook-id"),
        11 => one_of!(word, b"traceparent"),
        12 => one_of!(word, b"Content-Type" b"content-type"),
        14 => one_of!(word, b"Content-Length" b"content-length" b"X-GitHub-Event"),
        15 => one_of!(word, b"Accept-Encoding" b"accept-encoding" b"X-Forwarded-For" b"x-forwarded-for"),
        16 => one_of!(word, b"Stripe-Signature" b"stripe-signature" b"X-Forwarded-Host" b"x-forwarded-host"),
        17 => one_of!(word, b"X-Slack-Signature" b"X-GitHub-Delivery" b"X-Forwarded-Proto" b"x-forwarded-proto"),
        19 => one_of!(word, b"X-Hub-Signature-256" b"x-hub-signature-256"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn what_is_known_is_the_same_and_what_is_not_is_none() {
        for known in ["POST", "content-type", "Content-Type", "X-Hub-Signature-256"] {
            assert_eq!(word(known.as_bytes()), Some(known.as_bytes()));
        }
        for other in ["", "post", "CONTENT-TYPE", "X-Hub-Signature-257", "Hos"] {
            assert_eq!(word(other.as_bytes()), None);
        }
    }
}
