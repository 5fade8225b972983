//! `wait`: until so many matching requests came. What a script does behind the step that makes a provider send.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::saved::{Judged, News, Saved, filter, row_json, say_unchecked};
use crate::app::args::WaitArgs;
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::words;
use crate::domain::exchange::ExchangeId;
use crate::domain::filter::Filter;
use crate::domain::quantity::{counted, duration_us};
use crate::domain::signature::Cause;
use crate::io::session_file::is_being_written;

/// Between two looks at the file.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Requests that came closest, when those that were waited for did not come.
const NEAR_MISSES_MAX: usize = 5;

/// Waits; the answer is no when not so many came in time.
pub fn run(args: &WaitArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let filter = filter(args.filter.as_deref())?.filter(|filter| !filter.is_empty());
    let until = Instant::now().checked_add(args.timeout.0).context("--timeout: that is too long")?;
    let folders = Folders::find()?;
    let path = session(args.session.as_deref(), &folders, until)?;
    let saved = Saved::open_file(path, &args.judging, args.config.as_deref(), (&folders, console))?;
    let mut news = News::of(saved)?;
    let mut matching = BTreeSet::new();
    let mut misses = Misses::default();
    loop {
        // Before the look, so that the last one comes behind the time.
        let is_last = Instant::now() >= until;
        for id in news.look()? {
            if matching.len() as u64 >= args.count {
                break;
            }
            let Some(judged) = news.judged(id).filter(|_| !matching.contains(&id)) else { continue };
            let unmet = unmet(filter.as_ref(), &judged);
            misses.note(id, &unmet, &judged);
            if unmet.is_empty() {
                matching.insert(id);
                print(args, &judged, console)?;
            }
        }
        if matching.len() as u64 >= args.count {
            return Ok(Done::Yes);
        }
        if is_last {
            misses.say(args, matching.len(), console);
            return Ok(Done::No);
        }
        thread::sleep(LOOK_EVERY.min(until.saturating_duration_since(Instant::now())));
    }
}

/// The session, as soon as there is one: the listener may be about to start.
///
/// # Errors
/// In words: there was none in time.
fn session(named: Option<&str>, folders: &Folders, until: Instant) -> anyhow::Result<PathBuf> {
    loop {
        let is_last = Instant::now() >= until;
        let found = match named {
            // One of yesterday is not what a script waits for.
            None | Some("latest") => written_now(folders)?,
            Some(named) => match folders.find_session(named) {
                Ok(path) => Some(path),
                Err(error) if is_last => return Err(error),
                Err(_) => None,
            },
        };
        match found {
            Some(path) => return Ok(path),
            None if is_last => bail!(
                "no listener is writing a saved session in {}: start one, or name its session file with -s",
                folders.sessions().display()
            ),
            None => thread::sleep(LOOK_EVERY),
        }
    }
}

/// The newest saved session that a listener is writing.
fn written_now(folders: &Folders) -> anyhow::Result<Option<PathBuf>> {
    let mut sessions = folders.saved_sessions()?;
    sessions.sort_by_key(|(path, time)| Reverse((*time, path.clone())));
    Ok(sessions.into_iter().map(|(path, _)| path).find(|path| is_being_written(path)))
}

/// Why a request does not count, in the filter's words; none: it does.
fn unmet(filter: Option<&Filter>, judged: &Judged) -> Vec<String> {
    let Some(filter) = filter else { return Vec::new() };
    let row = &judged.summary;
    if filter.looks_at_answer() && row.answer.is_none() && !row.is_answer_lost {
        return vec!["it is not answered yet".to_owned()];
    }
    let terms = filter.unmet(row, Some(&judged.exchange.request));
    terms.into_iter().map(|term| format!("not {term}")).collect()
}

fn print(args: &WaitArgs, judged: &Judged, console: &mut Console<'_>) -> anyhow::Result<()> {
    if args.json {
        writeln!(console.out, "{}", words::safe_json(&row_json(judged).to_string()))?;
    } else {
        writeln!(console.out, "{}", line(judged, console.columns))?;
    }
    // Whoever reads along has it when it came.
    Ok(console.out.flush()?)
}

fn line(judged: &Judged, columns: Option<usize>) -> String {
    let mut line = format!("{:>5}  ", judged.summary.id);
    let columns = columns.map(|columns| columns.saturating_sub(line.len()));
    words::push_row(&mut line, &judged.summary, columns);
    line
}

/// The requests that came closest: those that miss fewest terms, the newest first.
#[derive(Default)]
struct Misses {
    seen: u64,
    /// Of which no secret is known.
    unchecked: u64,
    newest: ExchangeId,
    closest: BTreeMap<(usize, Reverse<ExchangeId>), String>,
}

impl Misses {
    fn note(&mut self, id: ExchangeId, unmet: &[String], judged: &Judged) {
        if id > self.newest {
            (self.newest, self.seen) = (id, self.seen + 1);
            self.unchecked += u64::from(judged.verdict.cause == Some(Cause::NoSecret));
        }
        // It is another one now, or none.
        self.closest.retain(|(_, Reverse(other)), _| *other != id);
        if !unmet.is_empty() {
            let words = format!("{}: {}", line(judged, Some(100)), unmet.join(", "));
            self.closest.insert((unmet.len(), Reverse(id)), words);
        }
        while self.closest.len() > NEAR_MISSES_MAX {
            self.closest.pop_last();
        }
    }

    fn say(&self, args: &WaitArgs, came: usize, console: &mut Console<'_>) {
        let micros = u64::try_from(args.timeout.0.as_micros()).unwrap_or(u64::MAX);
        let of = counted(usize::try_from(args.count).unwrap_or(usize::MAX), "request");
        let (time, seen) = (duration_us(micros), self.seen);
        (console.warn)(&match (&args.filter, seen) {
            (_, 0) => format!("no request came within {time}: nothing is in the session"),
            (None, _) => format!("within {time} {came} of {of} came"),
            (Some(filter), _) => {
                format!("within {time} {came} of {of} came that {filter:?} lets through, of {seen} in all")
            }
        });
        for words in self.closest.values() {
            (console.warn)(words);
        }
        say_unchecked(self.unchecked, args.filter.as_deref(), console);
    }
}
