//! Watching the configuration file: when it changes, its rules and replies are in force. A broken one leaves the old ones in
//! force, and it is said what is wrong.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use super::panics::survive;
use super::settings::rules::RuleSource;
use crate::domain::printable;
use crate::domain::rule::RuleSet;
use crate::io::listener::SharedReplies;

/// How often the file is looked at.
const EVERY: Duration = Duration::from_millis(300);

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// The rules of the file are in force, so many.
    Rules(usize),
    /// They are not: what is wrong, visible text.
    Broken(String),
}

impl Reloaded {
    /// In words, for the user.
    pub fn words(&self) -> String {
        match self {
            Self::Rules(0) => {
                "the configuration's replies are in force; other settings count from the next start".to_owned()
            }
            Self::Rules(count) => {
                let rules = crate::domain::quantity::counted(*count, "rule");
                format!(
                    "{rules} and the replies of the configuration are in force; other settings count from the next start"
                )
            }
            Self::Broken(why) => format!("the old rules stay in force: {why}"),
        }
    }
}

/// The running watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What is looked at: an editor may write into the file or put another one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    modified: Option<SystemTime>,
    length: u64,
    number: u64,
}

fn look(path: &Path) -> Option<Look> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).ok()?;
    Some(Look { modified: metadata.modified().ok(), length: metadata.len(), number: metadata.ino() })
}

impl Watch {
    /// Watches the file of `source`, if there is one. `told` hears of every change, on the watch's thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        source: RuleSource,
        replies: SharedReplies,
        told: impl FnMut(Reloaded) + Send + 'static,
    ) -> std::io::Result<Self> {
        let Some(path) = source.file.clone() else { return Ok(Self { stop: None, thread: None }) };
        let (stop, stopped) = channel();
        let mut told = told;
        let mut seen = look(&path);
        let mut in_file = source.read(&mut |_| {}).ok();
        let run = move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let now = look(&path);
                // For a moment there is no file while an editor puts another one in its place.
                if now.is_none() || now == seen {
                    continue;
                }
                seen = now;
                survive(|| told(reload(&source, &replies, &mut in_file)));
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

/// Puts what the file says now in force. Replies that were set by hand stay as long as the file's own do not change.
fn reload(source: &RuleSource, replies: &SharedReplies, in_file: &mut Option<RuleSet>) -> Reloaded {
    let read = match source.read(&mut |_| {}) {
        Ok(read) => read,
        Err(error) => return Reloaded::Broken(printable::visible_str(&format!("{error:#}")).into_owned()),
    };
    let count = read.rules.len();
    replies.change(|rules| {
        let is_same = in_file.as_ref().is_some_and(|before| before.replies == read.replies);
        let by_hand = is_same.then(|| rules.replies.clone());
        let hold = rules.hold.take();
        *rules = RuleSet { hold, ..read.clone() };
        if let Some(by_hand) = by_hand {
            rules.replies = by_hand;
        }
    });
    *in_file = Some(read);
    Reloaded::Rules(count)
}
