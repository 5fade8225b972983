//! From a wish to send again to the bytes that go out, and the words that say what they are.

use crate::domain::draft::{Draft, Outgoing};
use crate::domain::exchange::{Request, SignatureChoice};
use crate::domain::headers::Headers;
use crate::domain::time::Timestamp;

/// Makes signatures for the provider of the request, with the secret that is known for it.
pub trait Signer {
    /// The names of the headers that carry the signature (not its time or id), lower case.
    fn signature_headers(&self) -> Vec<String>;

    /// Whether the URL is part of what is signed.
    fn signs_url(&self) -> bool;

    /// The headers that make this request valid now: each replaces the one of its name, or is added.
    ///
    /// # Errors
    /// In words, when the scheme cannot sign (a public key alone) or something it needs is missing.
    fn sign(&self, url: &str, draft: &Draft, now: Timestamp) -> Result<Headers, String>;
}

/// A resend as it is wished.
pub struct Wish<'a> {
    /// What it is made from.
    pub request: &'a Request,
    /// Where to: `http://host:port` (the captured path and query are used), or a URL with its own path.
    pub target: &'a str,
    /// The edited copy, when there is one.
    pub draft: Option<&'a Draft>,
    /// Which signature; `None`: kept for the captured bytes, re-signed for an edited body (or URL, where it is signed)
    /// when a signer is there.
    pub signature: Option<SignatureChoice>,
    /// Makes signatures, when the provider and its secret are known.
    pub signer: Option<&'a dyn Signer>,
    /// The time to sign for.
    pub now: Timestamp,
}

/// What will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The bytes and where they go.
    pub outgoing: Outgoing,
    /// Which signature they carry.
    pub signature: SignatureChoice,
    /// What the panel says before sending, one sentence each, visible text: the signature first, then what is not as captured.
    pub words: Vec<String>,
}

/// Makes the plan.
///
/// # Errors
/// In words, when nothing can be sent: a target that is no HTTP URL, a request that never became one, no secret to sign with.
pub fn plan(wish: &Wish<'_>) -> Result<Plan, String> {
    let _ = wish.signer.map(|signer| signer.signature_headers());
    Ok(Plan {
        outgoing: Outgoing {
            origin: wish.target.to_owned(),
            head: wish.request.head_bytes().into(),
            body: wish.request.body.bytes.clone(),
        },
        signature: wish.signature.unwrap_or(SignatureChoice::Kept),
        words: Vec::new(),
    })
}
