//! Where requests of ours may go: the one gate before everything that sends.
//!
//! Look up, ask the rules, and hand out what may be connected to; nothing is looked up a second time, so that a name
//! cannot change its mind in between.

use std::sync::{Mutex, PoisonError};

use crate::domain::printable;
use crate::domain::target_rules::{Approval, Decision, TargetRules};
use crate::io::sender::Target;
use crate::io::sender::connect::Found;
use crate::io::sender::{self, Limits};

/// The rules of this run.
#[derive(Debug, Default)]
pub struct Reach(Mutex<TargetRules>);

/// What the gate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Send there.
    Open(Found),
    /// Ask the user first about these addresses.
    Ask(Found),
    /// Ask the user first about this host, as the target spells it (visible text): it has not been looked up, because that
    /// tells a name server what the user may only have mistyped.
    AskName(String),
}

impl Reach {
    /// With the hosts that the configuration names.
    pub fn new(rules: TargetRules) -> Self {
        Self(Mutex::new(rules))
    }

    /// From now on this one may be sent to, when the user said so for the session.
    pub fn approve(&self, approval: &Approval) {
        if approval.remember {
            let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if !rules.approved.contains(approval) {
                rules.approved.push(approval.clone());
            }
        }
    }

    /// Looks an origin (`http://host:port`) up and decides. `approval`: what the user said to this one request.
    ///
    /// # Errors
    /// In words: a name that cannot be looked up, an address that is never sent to.
    pub async fn way(&self, origin: &str, approval: Option<&Approval>, limits: &Limits) -> Result<Way, String> {
        let target = Target::parse(origin)?;
        if let Some(name) = target.name()
            && !self.0.lock().unwrap_or_else(PoisonError::into_inner).may_look_up(name, approval)
        {
            return Ok(Way::AskName(printable::visible_str(name).into_owned()));
        }
        let found = sender::find(origin, limits).await?;
        let rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match rules.decide(&found.host(), found.addresses(), approval) {
            Decision::Go(addresses) => Ok(Way::Open(found.only(addresses))),
            Decision::Ask(addresses) => Ok(Way::Ask(found.only(addresses))),
            Decision::Refuse(why) => Err(why),
        }
    }
}

/// Whether all addresses are this machine's.
pub fn is_local(found: &Found) -> bool {
    found.is_local()
}
