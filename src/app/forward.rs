//! Forwarding in this run: who says where an app is, and whether it may be sent to.

use std::sync::Arc;

use crate::domain::target_rules::{Decision, Named, TargetRules};
use crate::io::forward::behind::Behind;
use crate::io::forward::{Forwarder, Gate, Way};
use crate::io::sender::connect::{Found, Target};
use crate::io::sender::{self, Limits};
use crate::io::store::Store;

/// Lets through what the configuration or the command line forwards to: the same rules as for resends
/// ([`crate::app::reach`]), and a target of a route is named by being one. Link-local and metadata addresses stay refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct RouteGate;

impl Gate for RouteGate {
    fn way<'a>(&'a self, origin: &'a str, limits: &'a Limits) -> Way<'a> {
        Box::pin(async move {
            let found: Found = sender::find(origin, limits).await?;
            let host = found.host();
            let rules = TargetRules { named: vec![named(origin, &host)], approved: Vec::new() };
            match rules.decide(&host, found.addresses(), None) {
                Decision::Go(addresses) => Ok(found.only(addresses)),
                Decision::Ask(_) => {
                    Err(format!("{host} is named by nothing: give it as --forward or in the configuration"))
                }
                Decision::Refuse(why) => Err(why),
            }
        })
    }
}

fn named(origin: &str, host: &str) -> Named {
    // The same spelling as the rule compares.
    Named::of_host(Target::parse(origin).ok().as_ref().and_then(Target::name).unwrap_or(host))
}

/// What sends on, over this store.
///
/// # Errors
/// When the system gives no thread.
pub fn start(store: Store) -> std::io::Result<Behind> {
    Behind::start(Forwarder::new(Arc::new(RouteGate)), store)
}
