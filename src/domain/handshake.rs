//! Handshakes answered by themselves: what goes back to one. Profiles say what a handshake looks like; here is what to make
//! of it.

use bytes::Bytes;

use super::exchange::Request;
use super::headers::Headers;
use super::own_profile::is_header_value;
use super::printable::visible_str;
use super::reply::Reply;
use super::signature::handshake::{Handshake, HandshakeKind, NoAnswer};
use super::signature::{Outcome, Profile, Secret};

mod gate;
mod shake;
mod visit;

#[cfg(test)]
mod tests;

pub use gate::Gate;
pub use shake::{Shake, find, foreign};
pub use visit::Visit;

/// What becomes of a handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// What goes back. `None`: whatever would go back to any other request.
    pub reply: Option<Reply>,
    /// Whether it is one that could not be met, for want of a secret that fits; a reply refuses it then.
    pub is_unmet: bool,
    /// What the user should know of it.
    pub notes: Vec<String>,
    /// The secret of later deliveries that it brought.
    pub secret: Option<Secret>,
}

impl Shake {
    /// In a few words, for the rule of the answer: `handshake: Slack wants a value of the request back`.
    pub fn words(&self) -> String {
        format!("handshake: {} {}", self.profile.title, self.handshake.kind.words())
    }

    /// What it means that such a handshake comes without a signature though its provider signs it, and where that would be.
    pub fn unsigned_words(&self, place: &str) -> String {
        format!(
            "no signature: this is a handshake of {title} by its body, and {title} signs those too, but {place} is not there: somebody \
             tried it by hand, or something on the way dropped the header (a proxy that lets through known headers alone)",
            title = visible_str(&self.profile.title),
            place = visible_str(place),
        )
    }

    /// Whether what is answered depends on the signature.
    pub fn needs_verdict(&self) -> bool {
        let Handshake { kind, signed, .. } = &self.handshake;
        *kind == HandshakeKind::Probe || (*kind == HandshakeKind::Prove && *signed)
    }

    /// What becomes of it. `outcome` is asked only when [`Self::needs_verdict`]; `secret` is the first that
    /// was given for this provider, `url` the public URL as set.
    pub fn meet(
        &self,
        request: &Request,
        outcome: impl FnOnce() -> Outcome,
        secret: Option<&Secret>,
        url: Option<&str>,
    ) -> Met {
        let Self { profile, handshake } = self;
        let mut met = Met::default();
        let title = &profile.title;
        match handshake.kind {
            HandshakeKind::Visit => {
                met.notes.push(format!("{title}: {}", handshake.note));
                return met;
            }
            HandshakeKind::Probe => match outcome() {
                Outcome::Valid => {}
                Outcome::Unknown => {
                    // Success would say that the signature holds, which nobody looked at.
                    let status = handshake.status_invalid.unwrap_or(401);
                    met.is_unmet = true;
                    met.reply = Some(Reply { status, ..Reply::default() });
                    met.notes.push(format!(
                        "refused with {status}: {title} tests with this whether bad signatures are refused, and without the {} none can be \
                         told from a good one; {}",
                        called(profile),
                        give_secret(profile)
                    ));
                    return met;
                }
                Outcome::Invalid | Outcome::Unsigned => {
                    let status = handshake.status_invalid.unwrap_or(401);
                    met.reply = Some(Reply { status, ..Reply::default() });
                    met.notes.push(format!("{title} is to see {status} for a signature that does not hold"));
                    return met;
                }
            },
            HandshakeKind::Prove if handshake.signed && outcome() == Outcome::Invalid => {
                met.is_unmet = true;
                met.notes.push(format!(
                    "not answered: {title} signs this request, and its signature does not hold, so nothing is proved; check the {}",
                    called(profile)
                ));
                return met;
            }
            HandshakeKind::BringsSecret => {
                met.secret = handshake.brought(request);
            }
            HandshakeKind::Prove | HandshakeKind::Echo | HandshakeKind::Confirm => {}
        }
        match handshake.answer(profile, request, secret, url) {
            // It would be left out of the head, and the answer be none.
            Ok(answer) if !answer.headers.iter().all(|(_, value)| is_header_value(value)) => met.notes.push(format!(
                "not answered: this looks like a handshake of {title}, but the value that it wants back in a header holds a line end or \
                 another control character"
            )),
            Ok(answer) => {
                let mut headers = Headers::new();
                for (name, value) in answer.headers {
                    headers.push(Bytes::from(name), Bytes::from(value));
                }
                // What comes back is a stranger's text: no browser should take it for a page.
                if !answer.body.is_empty() && headers.get("x-content-type-options").is_none() {
                    headers.push("X-Content-Type-Options", "nosniff");
                }
                met.reply =
                    Some(Reply { status: answer.status, headers, body: answer.body.into(), ..Reply::default() });
            }
            Err(NoAnswer::NoSecret) => {
                met.is_unmet = true;
                met.notes.push(format!(
                    "not answered: this is a handshake of {title}, which {}; {}. A secret that is set for no provider in particular signs \
                     no such answer, because anybody can ask for one",
                    handshake.kind.words(),
                    give_secret(profile)
                ));
            }
            Err(NoAnswer::NoValue) => met.notes.push(match handshake.kind {
                HandshakeKind::Prove => format!(
                    "this looks like a handshake of {title}, but what it wants signed is no token: it is not answered"
                ),
                _ => format!("this looks like a handshake of {title}, but the value that it wants back is missing"),
            }),
        }
        met
    }
}

/// How the secret is set that an answer needs.
fn give_secret(profile: &Profile) -> String {
    format!(
        "give its {} to have it answered (key s on this request, --secret with --scheme {name}, or `secrets: {{\"{name}\": ...}}` in the \
         configuration), and let {} ask again",
        called(profile),
        profile.title,
        name = profile.name
    )
}

/// What a provider calls its secret.
fn called(profile: &Profile) -> &str {
    match profile.secret.called.as_str() {
        "" => "secret",
        called => called,
    }
}
