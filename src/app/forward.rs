//! Forwarding in this run: who says where an app is, and whether it may be sent to.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::domain::forward::Routes;
use crate::domain::printable::visible_str;
use crate::domain::target_rules::{Decision, Named, TargetRules};
use crate::io::forward::behind::Behind;
use crate::io::forward::{Forwarder, Gate, Way};
use crate::io::sender::Target;
use crate::io::sender::connect::Found;
use crate::io::sender::{self, Limits};
use crate::io::store::Store;

/// Lets through what the configuration or the command line forwards to: the same rules as for resends
/// ([`crate::app::reach`]), and a target of a route is named by being one. Link-local and metadata addresses stay refused, and
/// so does the listener itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct RouteGate {
    /// Where the listener is.
    own: Option<SocketAddr>,
}

impl Gate for RouteGate {
    fn way<'a>(&'a self, origin: &'a str, limits: &'a Limits) -> Way<'a> {
        Box::pin(async move {
            let found: Found = sender::find(origin, limits).await?;
            let host = found.host();
            let rules = TargetRules { named: vec![named(origin, &host)], approved: Vec::new() };
            match rules.decide(&host, found.addresses(), None) {
                Decision::Go(addresses) => Ok(found.only(addresses).but_not(self.own)),
                Decision::Ask(_) => {
                    Err(format!("{host} is named by nothing: give it as --forward or in the configuration"))
                }
                Decision::Refuse(why) => Err(why),
            }
        })
    }
}

/// Refuses routes that plainly lead to the listener at `own`.
///
/// # Errors
/// Which one does, and what to do.
pub fn check(routes: &Routes, own: SocketAddr) -> Result<(), String> {
    let of_paths = routes.paths.iter().map(|(path, route)| (format!("endpoint {}: ", visible_str(path)), route));
    for (place, route) in routes.all.iter().map(|route| (String::new(), route)).chain(of_paths) {
        for target in route.targets() {
            if Target::parse(&target.origin).is_ok_and(|parsed| parsed.is_plainly(own)) {
                return Err(format!(
                    "{place}cannot forward to {target}: the target is this listener itself; give the app's port, or another one with -p PORT"
                ));
            }
        }
    }
    Ok(())
}

fn named(origin: &str, host: &str) -> Named {
    // The same spelling as the rule compares.
    Named::of_host(Target::parse(origin).ok().as_ref().and_then(Target::name).unwrap_or(host))
}

/// What sends on, over this store; never to the listener at `own`.
///
/// # Errors
/// When the system gives no thread.
pub fn start(store: Store, own: SocketAddr) -> std::io::Result<Behind> {
    Behind::start(Forwarder::new(Arc::new(RouteGate { own: Some(own) })), store)
}
