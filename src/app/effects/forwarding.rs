//! Forwarding for the interface: how it goes, and what the user lets go on by hand.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;

use crate::app::loop_input::Input;
use crate::domain::exchange::{AttemptKind, ExchangeId};
use crate::domain::forward::{Health, Target};
use crate::domain::printable::visible_str;
use crate::domain::quantity::counted;
use crate::io::forward::behind::Job;
use crate::io::listener::SharedReplies;
use crate::io::store::Store;
use crate::tui::msg::{Forwarding, Level, Msg, Notice};

/// Between two words about how it goes: a number that runs need not be drawn each time.
const TOLD_EVERY: Duration = Duration::from_millis(100);
/// Between two words about what answers take: a number that nobody must read at once.
const TOOK_TOLD_EVERY: Duration = Duration::from_secs(2);

/// How forwarding goes now.
pub fn forwarding_now(replies: &SharedReplies) -> Msg {
    let rules = replies.get();
    let Some(behind) = replies.behind().filter(|_| !rules.routes.is_empty()) else {
        return Msg::Forwarding(Forwarding::default());
    };
    let mut targets: Vec<&Arc<Target>> = Vec::new();
    for target in rules.routes.iter().flat_map(|route| route.targets()) {
        if targets.iter().all(|known| known.origin != target.origin) {
            targets.push(target);
        }
    }
    let shown = |target: &Target| visible_str(&target.to_string()).into_owned();
    let app = rules.routes.all.as_ref().map(|route| shown(&route.first));
    let healths = behind.forwarder().healths();
    let (mut down, mut slow) = (Vec::new(), Vec::new());
    for target in &targets {
        let (list, why) = match healths.of(target) {
            Some(Health::Down(why)) => (&mut down, why),
            Some(Health::Slow(why)) => (&mut slow, why),
            Some(Health::Up) | None => continue,
        };
        let origin = Target { path: crate::domain::forward::target::Path::Captured, ..Target::clone(target) };
        list.push((shown(&origin), visible_str(&why).into_owned()));
    }
    Msg::Forwarding(Forwarding {
        others: targets.len() - usize::from(app.is_some()),
        app,
        up_us: rules.routes.all.as_ref().and_then(|route| healths.took_us(&route.first)),
        down,
        slow,
        waiting: behind.waiting(),
        course: behind.course(),
        routes: rules.routes.clone(),
    })
}

/// Tells the interface how forwarding goes, as that changes; what answers take changes with each, and is told now and then.
pub async fn tell_forwarding(replies: SharedReplies, out: Sender<Input>) {
    let Some(behind) = replies.behind() else { return };
    let mut changes = behind.forwarder().healths().changes();
    let mut told = None;
    loop {
        let now = forwarding_now(&replies);
        if told.as_ref() != Some(&now) {
            if out.send(Input::Msg(now.clone())).await.is_err() {
                return;
            }
            told = Some(now);
        }
        tokio::time::sleep(TOLD_EVERY).await;
        if let Ok(Err(_)) = tokio::time::timeout(TOOK_TOLD_EVERY, changes.changed()).await {
            return;
        }
    }
}

/// Lets requests go on in this order; what to say about it.
pub fn forward(replies: &SharedReplies, store: &Store, ids: &[ExchangeId]) -> Notice {
    let rules = replies.get();
    let bad = |text: String| Notice { level: Level::Bad, text };
    let Some(behind) = replies.behind() else { return bad("Nothing is forwarded here".to_owned()) };
    let (mut jobs, mut left_out) = (Vec::new(), 0);
    for id in ids {
        let request = store.request(*id).ok().filter(|request| request.is_whole());
        let route = request.and_then(|request| rules.routes.of(request.path()).cloned());
        match route {
            Some(route) => {
                let to = Arc::clone(&route.first);
                jobs.push(Job { exchange: *id, route, to, kind: AttemptKind::Forward });
            }
            None => left_out += 1,
        }
    }
    let count = jobs.len();
    if count == 0 {
        return bad("None of them can be forwarded: no path of theirs has an app, or they are not whole".to_owned());
    }
    if !behind.add_in_order(jobs) {
        return bad("Requests go on already: wait until they are done".to_owned());
    }
    let left_out = match left_out {
        0 => String::new(),
        left_out => format!("; {left_out} have no app, or are not whole"),
    };
    Notice { level: Level::Info, text: format!("{} go on in order{left_out}", counted(count, "request")) }
}
