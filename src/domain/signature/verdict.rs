//! The verdict: all that the list, the Signature tab and `verify --json` say of a check.

use std::fmt;

use zeroize::Zeroizing;

use super::cause::Cause;
use crate::domain::exchange::ExchangeId;
use crate::domain::time::Timestamp;

/// What a check says, in one word: the `outcome` of `verify --json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The exact rule held on the exact bytes.
    Valid,
    /// It did not.
    Invalid,
    /// The request carries no signature.
    Unsigned,
    /// It cannot be told: no secret, no profile, or not all of the body.
    Unknown,
}

impl Outcome {
    /// `valid`, `invalid`, `unsigned`, `unknown`: the same word in JSON, in filters and on the screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
            Self::Unknown => "unknown",
        }
    }

    /// The sign in front of the word: one column.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Valid => "✓",
            Self::Invalid => "✗",
            Self::Unsigned => "–",
            Self::Unknown => "?",
        }
    }
}

/// At most so many of the signed bytes are kept in a verdict.
pub const SIGNED_PREVIEW_BYTES_MAX: usize = 4096;

/// The result of a check with all that the Signature tab shows. Holds no secret that can be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Profile name; empty when none fits.
    pub scheme: String,
    /// In one word.
    pub outcome: Outcome,
    /// Why, unless valid.
    pub cause: Option<Cause>,
    /// One or two sentences: what was found, what to do. Visible text, without secrets and expected values.
    pub detail: String,
    /// When the check was made for.
    pub now: Timestamp,
    /// The rule in words: `HMAC-SHA256 over {timestamp}.{body}, hex`.
    pub rule: String,
    /// Where the signature was looked for: `Stripe-Signature, v1`.
    pub place: String,
    /// The signatures that were found, as they came (a stranger's text: through the gate before it is shown), at most 16.
    /// Of a shared token only its length, because it may be the secret.
    pub came: Vec<String>,
    /// Which of `came` fits, when one does.
    pub fitting: Option<usize>,
    /// What the signature had to be; `None` for public keys, and when it could not be computed.
    pub expected: Option<Expected>,
    /// What was signed, piece by piece, bounded.
    pub signed: Vec<Piece>,
    /// Length of all that was signed.
    pub signed_bytes: u64,
    /// The timestamp against the tolerance, for schemes that have one.
    pub age: Option<Age>,
    /// Which configured secret fits, counted from 1, when there are several.
    pub secret_number: Option<usize>,
    /// What that one is called; empty when it has no name.
    pub secret_name: String,
    /// The request of the session that the signature was made for, when that is another.
    pub belongs_to: Option<ExchangeId>,
    /// What the autopsy tried, in order; empty when it was not needed.
    pub tried: Vec<String>,
    /// How many combinations it tried.
    pub tried_count: u32,
    /// Whether one of them fits.
    pub tried_fits: bool,
    /// Whether its budget cut the search.
    pub tried_cut: bool,
    /// Whether nobody asked for the search that may name another cause.
    pub is_first_look: bool,
    /// What to check next when nothing that was tried fits, the likeliest first: facts of this request, no guesses.
    pub check_next: Vec<String>,
    /// What a valid signature does NOT cover, and other things to know about this scheme.
    pub remarks: Vec<String>,
}

impl Verdict {
    /// A verdict with nothing but its outcome.
    pub fn plain(
        scheme: &str,
        outcome: Outcome,
        cause: Option<Cause>,
        detail: impl Into<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            scheme: scheme.to_owned(),
            outcome,
            cause,
            detail: detail.into(),
            now,
            rule: String::new(),
            place: String::new(),
            came: Vec::new(),
            fitting: None,
            expected: None,
            signed: Vec::new(),
            signed_bytes: 0,
            age: None,
            secret_number: None,
            secret_name: String::new(),
            belongs_to: None,
            tried: Vec::new(),
            tried_count: 0,
            tried_fits: false,
            tried_cut: false,
            is_first_look: false,
            check_next: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// No profile fits the request.
    pub fn no_provider(now: Timestamp) -> Self {
        let detail =
            "no known provider is recognised: name one (s in the interface, or --scheme), or describe your own scheme";
        Self::plain("", Outcome::Unknown, Some(Cause::NoProvider), detail, now)
    }
}

/// One piece of what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it came from: `timestamp`, `body`, `header webhook-id`; empty for a fixed text of the scheme.
    pub from: String,
    /// Its first bytes. A piece that is the secret itself holds none.
    pub bytes: Vec<u8>,
    /// Its whole length.
    pub length_bytes: u64,
}

/// What the signature had to be. Shown to the user alone; `Debug` and [`Expected::masked`] do not give it away.
#[derive(Clone, PartialEq, Eq)]
pub struct Expected(Zeroizing<String>, bool);

impl Expected {
    /// A digest as the scheme writes it.
    pub fn digest(text: String) -> Self {
        Self(Zeroizing::new(text), false)
    }

    /// A shared token: the secret itself, never shown.
    pub fn token(text: String) -> Self {
        Self(Zeroizing::new(text), true)
    }

    /// The same with the text before it that the scheme wants there.
    #[must_use]
    pub fn after(self, lead: &str) -> Self {
        Self(Zeroizing::new(format!("{lead}{}", self.0.as_str())), self.1)
    }

    /// The whole value, for the user's own screen; a token stays masked.
    pub fn reveal(&self) -> String {
        if self.1 { self.masked() } else { self.0.to_string() }
    }

    /// Whether [`Expected::reveal`] gives the value itself, which what came can be compared with.
    pub const fn is_shown(&self) -> bool {
        !self.1
    }

    /// First and last four characters, or nothing but the length when that would give too much away.
    pub fn masked(&self) -> String {
        let count = self.0.chars().count();
        if self.1 || count < 24 {
            return format!("({count} characters)");
        }
        let head: String = self.0.chars().take(4).collect();
        let tail: String = self.0.chars().skip(count - 4).collect();
        format!("{head}…{tail} ({count} characters)")
    }
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expected(..)")
    }
}

/// A signed timestamp against its tolerance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Age {
    /// What the time means.
    pub of: AgeOf,
    /// The timestamp as sent.
    pub text: String,
    /// When that is.
    pub at: Timestamp,
    /// Seconds from it to the time of the check; negative when it lies in the future.
    pub age_s: i64,
    /// How old it may be; `None` when the provider has no rule.
    pub past_s: Option<u64>,
    /// How far in the future it may be.
    pub future_s: Option<u64>,
}

/// What a signed time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeOf {
    /// When it was signed.
    Made,
    /// When it ceases to count.
    Ends,
    /// When it begins to count.
    Begins,
}

impl Age {
    /// Whether it is older than allowed; of an end: whether that has come (RFC 7519 section 4.1.4: the time must be before it).
    pub fn is_stale(&self) -> bool {
        self.past_s.is_some_and(|limit| {
            let limit = limit.min(i64::MAX as u64) as i64;
            if self.of == AgeOf::Ends { self.age_s >= limit } else { self.age_s > limit }
        })
    }

    /// Whether it lies further ahead than allowed.
    pub fn is_future(&self) -> bool {
        self.future_s.is_some_and(|limit| self.age_s.saturating_neg() > limit.min(i64::MAX as u64) as i64)
    }
}
