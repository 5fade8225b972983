//! What a provider thinks of an answer.

use std::sync::{Arc, PoisonError};

use crate::domain::exchange::Request;
use crate::domain::handshake;
use crate::domain::judgement::handshake::met;
use crate::domain::judgement::{Given, Judgement, Rules, Says};

use super::Judge;

impl Judge {
    /// What the provider of that name thinks of an answer to a request; `None` where its profile does not say. `request` is asked
    /// for where it could be a handshake, to which a status of success is not all of an answer.
    pub fn judgement(
        &self,
        provider: &str,
        given: &Given,
        request: impl FnOnce() -> Option<Arc<Request>>,
    ) -> Option<Judgement> {
        let judgement = self.judgement_by_rules(provider, given)?;
        let request = (judgement.says == Says::Accepted).then(request).flatten();
        let Some(request) = request.filter(|request| self.gate.lets_through(request)) else { return Some(judgement) };
        let shake = handshake::find(&self.checks.profiles, self.set_profile(&request), &request);
        Some(shake.map_or(judgement, |shake| judgement.of_handshake(met(&shake.handshake, &request, given))))
    }

    fn judgement_by_rules(&self, provider: &str, given: &Given) -> Option<Judgement> {
        if let Some(rules) = self.rules.read().unwrap_or_else(PoisonError::into_inner).get(provider) {
            return rules.judge(given);
        }
        let rules = Rules::of(&self.profile_named(provider)?.delivery);
        let judgement = rules.judge(given);
        self.rules.write().unwrap_or_else(PoisonError::into_inner).insert(provider.to_owned(), rules);
        judgement
    }
}
