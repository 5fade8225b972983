//! What a resend is signed with.

use crate::app::resend::Signing;
use crate::domain::exchange::Request;

use super::Judge;
use super::verdicts::fitting;

impl Judge {
    /// What a resend of this request is signed with, when its provider is known.
    pub fn signing(&self, request: &Request) -> Option<Signing> {
        let means = self.means(request)?;
        // The one that fitted the captured signature is the one that its receiver knows.
        let verdict = self.quick_verdict(request);
        let secret = fitting(&verdict).and_then(|at| means.secrets.get(at)).or(means.secrets.first()).cloned();
        Some(Signing { profile: means.profile, secret, public_url: means.public_url })
    }
}
