//! Whose certificates are believed.

use std::sync::Arc;

use rustls::RootCertStore;

use crate::domain::forward::{self, target::Authorities};

/// Whose certificates are believed.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Those that this system believes.
    #[default]
    System,
    /// Those of these authorities only.
    Authorities(Arc<RootCertStore>),
    /// Those of the authorities that the user named, and a certificate that is itself among theirs, whoever it names.
    Named(Arc<Authorities>),
    /// Any, whoever it names: for targets of the user's own that the configuration says so of.
    Anybody,
}

impl Trust {
    /// What the configuration says of an app.
    pub fn of(target: &forward::Target) -> Self {
        match (target.is_insecure, &target.authorities) {
            (true, _) => Self::Anybody,
            (false, Some(named)) => Self::Named(Arc::clone(named)),
            (false, None) => Self::System,
        }
    }
}
