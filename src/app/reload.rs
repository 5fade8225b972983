//! Watching the configuration and the files that replies name: when one changes, what it says is in force. Broken ones leave
//! the old rules in force, and it is said what is wrong.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::forward;
use super::judge::Judge;
use super::panics::survive;
use super::settings::rules::{Reread, RuleSource};
use crate::domain::printable;
use crate::domain::quantity::counted;
use crate::domain::reply::ReplyRules;
use crate::domain::rule::RuleSet;
use crate::io::listener::SharedReplies;
use crate::io::provoke::provoke_once;

pub mod seen;
#[cfg(test)]
mod tests;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(300);

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// What the files say is in force.
    InForce {
        /// Rules of the configuration.
        rules: usize,
        /// Only files that replies name have changed: which, visible text.
        bodies: Option<String>,
        /// Whether secrets came or went.
        secrets: bool,
        /// Endpoints that were not there at the start, whose secrets are not taken yet; visible text.
        later: Vec<String>,
    },
    /// They are not: what is wrong, visible text.
    Broken(String),
}

impl Reloaded {
    /// In words, for the user.
    pub fn words(&self) -> String {
        let (rules, bodies, secrets, later) = match self {
            Self::Broken(why) => return format!("the old rules stay in force: {why}"),
            Self::InForce { rules, bodies, secrets, later } => (*rules, bodies, *secrets, later),
        };
        if let Some(bodies) = bodies {
            return format!("replies have what is in {bodies} now");
        }
        let mut words = match rules {
            0 => "the configuration's replies are in force".to_owned(),
            count => format!("{} and the replies of the configuration are in force", counted(count, "rule")),
        };
        if secrets {
            words.push_str(", and its secrets");
        }
        words.push_str("; other settings count from the next start");
        if !later.is_empty() {
            words.push_str(&format!(", the secret of {} too", later.join(", ")));
        }
        words
    }

    /// Whether verdicts may differ from now on.
    pub const fn changes_secrets(&self) -> bool {
        matches!(self, Self::InForce { secrets: true, .. })
    }
}

/// The running watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches the files of `source`, if there are any. `told` hears of every change, on the watch's thread.
    /// `own`: where the listener is.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        (source, own): (RuleSource, Option<SocketAddr>),
        replies: SharedReplies,
        judge: Arc<Judge>,
        told: impl FnMut(Reloaded) + Send + 'static,
    ) -> std::io::Result<Self> {
        if source.seen.is_empty() {
            return Ok(Self { stop: None, thread: None });
        }
        let (stop, stopped) = channel();
        let mut told = told;
        let mut seen = source.seen.clone();
        let mut reloading = Reloading { in_file: RuleSet::clone(&replies.get()), source, replies, judge, own };
        let run = move || {
            // The first look is at once: a file may have changed since it was read.
            loop {
                survive(|| {
                    provoke_once("reload");
                    let changed: Vec<PathBuf> = seen.changed().into_iter().map(PathBuf::from).collect();
                    if !changed.is_empty() {
                        told(reloading.reload(&changed, &mut seen));
                    }
                });
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("reload".into()).spawn(run)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a change is put in force with.
struct Reloading {
    source: RuleSource,
    replies: SharedReplies,
    judge: Arc<Judge>,
    /// Where the listener is: nothing may be forwarded to it.
    own: Option<SocketAddr>,
    /// What the files said last.
    in_file: RuleSet,
}

impl Reloading {
    /// Puts what the files say now in force. What was set by hand stays as long as the files say the same of it.
    fn reload(&mut self, changed: &[PathBuf], seen: &mut seen::Seen) -> Reloaded {
        let Reread { rules: read, secrets } = match self.source.read(seen) {
            Ok(read) => read,
            Err(error) => return Reloaded::Broken(printable::visible_str(&format!("{error:#}")).into_owned()),
        };
        if let Some(own) = self.own
            && let Err(why) = forward::check(&read.routes, own)
        {
            return Reloaded::Broken(why);
        }
        let (secrets, later) = self.judge.take_secrets(&secrets);
        let count = read.rules.len();
        self.replies.change(|rules| {
            let replies = merged(&self.in_file.replies, &rules.replies, &read.replies);
            let hold = rules.hold.take();
            let arranged = rules.arranged(&self.in_file.rules, &read.rules);
            *rules = RuleSet { hold, replies, rules: arranged, ..read.clone() };
        });
        self.in_file = read;
        let is_config = self.source.file.as_ref().is_some_and(|file| changed.contains(file));
        let visible = |text: &str| printable::visible_str(text).into_owned();
        let names = changed.iter().map(|path| visible(&path.display().to_string()));
        Reloaded::InForce {
            rules: count,
            bodies: (!is_config).then(|| names.collect::<Vec<_>>().join(", ")),
            secrets,
            later: later.iter().map(|path| visible(path)).collect(),
        }
    }
}

/// The replies of the file, and in place of each that it says the same of as before what was set by hand meanwhile.
fn merged(before: &ReplyRules, mine: &ReplyRules, theirs: &ReplyRules) -> ReplyRules {
    let by_path = |before: &[_], mine: &[_], theirs: &[_]| {
        let find = |list: &[(String, _)], path: &str| list.iter().find(|(known, _)| known == path).cloned();
        let mut paths: Vec<&String> = theirs.iter().chain(mine).map(|(path, _)| path).collect();
        paths.sort();
        paths.dedup();
        let choose = |path: &String| match find(before, path) == find(theirs, path) {
            true => find(mine, path),
            false => find(theirs, path),
        };
        paths.into_iter().filter_map(choose).collect::<Vec<_>>()
    };
    ReplyRules {
        all: if before.all == theirs.all { mine.all.clone() } else { theirs.all.clone() },
        paths: by_path(&before.paths, &mine.paths, &theirs.paths),
        endpoints: by_path(&before.endpoints, &mine.endpoints, &theirs.endpoints),
    }
}
