//! Whether and by whom an edited copy can be signed.

use std::sync::Arc;

use super::super::window::OverlayContext;
use crate::domain::signature::Outcome;
use crate::domain::signature::profile::Profile;
use crate::domain::signature::profiles::Profiles;

/// What is known for signing.
#[derive(Clone, Debug)]
pub(super) enum Signer {
    /// No profile recognises the request, or it came unsigned.
    NoSignature,
    /// Of this provider.
    Provider {
        /// Its name.
        name: String,
        /// What it signs; `None` for a profile that is not compiled in.
        profile: Option<Arc<Profile>>,
        /// Whether its secret is known.
        has_secret: bool,
    },
}

impl Signer {
    /// For the selected request.
    pub(super) fn new(context: &OverlayContext<'_>) -> Self {
        match context.selected.and_then(|row| Some((row.provider.as_deref()?, row.verdict))) {
            None | Some((_, Some((Outcome::Unsigned, _)))) => Self::NoSignature,
            Some((name, _)) => Self::Provider {
                name: name.to_owned(),
                profile: Profiles::builtin().by_name(name).cloned(),
                has_secret: context.knows_secret_of(name),
            },
        }
    }

    /// Why a signature cannot be made here; `None`: it can.
    pub(super) fn obstacle(&self) -> Option<String> {
        match self {
            Self::NoSignature => Some("the request carries no signature that is known".to_owned()),
            Self::Provider { name, profile: Some(profile), .. } if profile.is_public_key() => {
                Some(format!("only {name} can sign it"))
            }
            Self::Provider { has_secret: true, .. } => None,
            Self::Provider { name, .. } => Some(format!("the secret of {name} is not known (s gives it)")),
        }
    }
}
