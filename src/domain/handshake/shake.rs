//! Which request is a provider's handshake, and whose.

use std::sync::Arc;

use crate::domain::exchange::Request;
use crate::domain::signature::handshake::Handshake;
use crate::domain::signature::{Profile, Profiles};

/// A larger body is no handshake but of a provider that is named or known.
pub(super) const BODY_BYTES_MAX: usize = 8192;

/// A request that is a provider's handshake.
#[derive(Clone, Debug)]
pub struct Shake {
    /// Whose.
    pub profile: Arc<Profile>,
    /// Which of its handshakes.
    pub handshake: Handshake,
}

/// The handshake that a request is: of the provider that is named for it, else of the one that its headers give away, else
/// one that nobody else sends.
pub fn find(profiles: &Profiles, named: Option<Arc<Profile>>, request: &Request) -> Option<Shake> {
    let of = |profile: &Arc<Profile>| {
        let handshake = profile.handshake(request)?.clone();
        Some(Shake { profile: Arc::clone(profile), handshake })
    };
    if let Some(named) = named {
        return of(&named);
    }
    let recognised = profiles.recognise(request).and_then(of).map(|shake| (shake, true));
    // Handshakes are small: no large body is read for each of them.
    let is_small = request.body.bytes.len() <= BODY_BYTES_MAX;
    let may_be = |profile: &&Arc<Profile>| is_small && profile.handshakes.iter().any(|one| one.unmistakable);
    let unmistakable = profiles.iter().filter(may_be).filter_map(of).filter(|shake| shake.handshake.unmistakable);
    // The one that knows most of the request knows it best; of equals the one that is recognised, then the first by name.
    let known = |shake: &Shake| shake.handshake.when.iter().filter(|condition| !condition.negated).count();
    let all = recognised.into_iter().chain(unmistakable.map(|shake| (shake, false)));
    all.min_by_key(|(shake, is_recognised)| std::cmp::Reverse((known(shake), *is_recognised))).map(|(shake, _)| shake)
}

/// In words, that a request is beyond doubt a handshake of another provider than the one that is named for it. It is answered
/// as what is named says: whoever set the endpoint has the last word.
pub fn foreign(profiles: &Profiles, named: Option<&Profile>, request: &Request) -> Option<String> {
    let named = named?;
    if named.handshake(request).is_some() || request.body.bytes.len() > BODY_BYTES_MAX {
        return None;
    }
    let shake = find(profiles, None, request).filter(|shake| shake.handshake.unmistakable)?;
    (shake.profile.name != named.name).then(|| {
        format!(
            "this looks like {}'s handshake, and this endpoint is configured for {}, by which it was answered: use --scheme {} (or that \
             provider for the endpoint), or look at which URL is set at the provider",
            shake.profile.title, named.title, shake.profile.name
        )
    })
}
