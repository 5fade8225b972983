//! What rules ask of the judge while it is decided what goes back.

use std::sync::Arc;

use super::Judge;
use super::means::Means;
use crate::domain::exchange::Request;
use crate::domain::rule::{Facts, Taking};
use crate::domain::signature::{Cause, Outcome, Profile, Profiles, Secret};
use crate::domain::summary::Recognised;

impl Facts for Judge {
    fn profiles(&self) -> &Profiles {
        &self.checks.profiles
    }

    fn named(&self, request: &Request) -> Option<Arc<Profile>> {
        self.set_profile(request)
    }

    fn recognised(&self, request: &Request) -> Recognised {
        Judge::recognised(self, request)
    }

    /// Where a path may mean several endpoints, the worst: who knows the secret of one must not reach another by spelling, nor may
    /// somebody who knows none pass because the path as it is written belongs to an endpoint without one.
    fn outcome(&self, profile: &Arc<Profile>, request: &Request) -> Outcome {
        let outcome = |means: &Means| {
            let verdict = self.check_quickly(means, request);
            // A rule that refuses what is unsigned means what has to be signed.
            if verdict.cause == Some(Cause::Handshake) { Outcome::Unknown } else { verdict.outcome }
        };
        let places = self.endpoint_places(request);
        let first = outcome(&self.means_at(places.first().copied(), Arc::clone(profile), request));
        let others = places.iter().skip(1).map(|place| {
            let own = self.checks.endpoints.get(*place).and_then(|endpoint| endpoint.provider.as_ref());
            outcome(&self.means_at(Some(*place), Arc::clone(own.unwrap_or(profile)), request))
        });
        others.fold(first, worse)
    }

    fn secret(&self, profile: &Arc<Profile>, request: &Request) -> (Option<Secret>, Option<String>) {
        let place = self.endpoint_place(request);
        let is_set = self.checks.scheme.as_ref().is_some_and(|set| set.name == profile.name);
        let secret = self.known.for_proof(&profile.name, place, request.path(), is_set);
        (secret, self.means_of(Arc::clone(profile), request).public_url)
    }

    fn takes_secret(&self, profile: &Arc<Profile>, request: &Request, secret: &Secret) -> Taking {
        self.known.takes(&profile.name, self.endpoint_place(request), request.path(), secret)
    }

    fn learn(&self, profile: &Arc<Profile>, secret: Secret, request: &Request) {
        self.known.bring(&profile.name, self.endpoint_place(request), request.path(), secret);
    }
}

/// The one of two that says less for a request.
fn worse(one: Outcome, other: Outcome) -> Outcome {
    let order = [Outcome::Invalid, Outcome::Unsigned, Outcome::Unknown];
    order.into_iter().find(|outcome| *outcome == one || *outcome == other).unwrap_or(Outcome::Valid)
}
