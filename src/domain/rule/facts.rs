//! What is known of senders beside the rules: asked only when something depends on it.

use std::sync::Arc;

use crate::domain::exchange::Request;
use crate::domain::signature::{Outcome, Profile, Profiles, Secret};
use crate::domain::summary::Recognised;

/// What is known of senders and their signatures beside the rules. Asked only when something depends on it.
pub trait Facts: Send + Sync {
    /// All profiles.
    fn profiles(&self) -> &Profiles;
    /// The profile that the user or the settings name for this request, whatever it looks like.
    fn named(&self, request: &Request) -> Option<Arc<Profile>>;
    /// Who sent it and what it is.
    fn recognised(&self, request: &Request) -> Recognised;
    /// What the signature check says by this profile.
    fn outcome(&self, profile: &Arc<Profile>, request: &Request) -> Outcome;
    /// What an answer is made with that proves a secret: the first that was given for this very profile, never one that is for whatever
    /// is recognised; and the public URL as set.
    fn secret(&self, profile: &Arc<Profile>, request: &Request) -> (Option<Secret>, Option<String>);
    /// Whether a secret that a handshake brings is to be taken.
    fn takes_secret(&self, profile: &Arc<Profile>, request: &Request, secret: &Secret) -> Taking;
    /// A handshake brought the secret of later deliveries to its path. It is kept for this run, in memory.
    fn learn(&self, profile: &Arc<Profile>, secret: Secret, request: &Request);
}

/// Whether a secret that a handshake brings is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// It is, for later requests to the same path.
    Taken,
    /// The user has given one.
    HasOwn,
    /// So many that handshakes brought are known already; those stay.
    Full(usize),
}

/// Knows nothing but what requests themselves show.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Facts for Nobody {
    fn profiles(&self) -> &Profiles {
        Profiles::builtin()
    }

    fn named(&self, _: &Request) -> Option<Arc<Profile>> {
        None
    }

    fn recognised(&self, request: &Request) -> Recognised {
        Recognised::by(Profiles::builtin().recognise(request).map(Arc::as_ref), request)
    }

    fn outcome(&self, _: &Arc<Profile>, _: &Request) -> Outcome {
        Outcome::Unknown
    }

    fn secret(&self, _: &Arc<Profile>, _: &Request) -> (Option<Secret>, Option<String>) {
        (None, None)
    }

    fn takes_secret(&self, _: &Arc<Profile>, _: &Request, _: &Secret) -> Taking {
        Taking::HasOwn
    }

    fn learn(&self, _: &Arc<Profile>, _: Secret, _: &Request) {}
}
