//! `listen --headless`: a ready line, then a line a request on stdout; words on stderr.
//!
//! For people a line is printed when its answer has left, because it names the status. With `--json` the request is
//! printed as it comes and its answer as a line of its own.

use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal as _, Write};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::capture::Capture;
use super::console::{Console, Done, is_reader_gone, stdout_error, to_stderr as warn};
use super::index::{Index, IndexEvent};
use super::judge::Judge;
use super::reload::{Reloaded, Watch};
use super::settings::Settings;
use super::{shutdown, words};
use crate::domain::durability::Durability;
use crate::domain::exchange::{Answer, Attempt, ExchangeId, Request};
use crate::domain::printable;
use crate::domain::record::{self, Event};
use crate::domain::summary::{AnswerBrief, Summary};
use crate::io::recording::Recording;
use crate::io::terminal;

/// Rows that wait for their answer; beyond that the oldest is printed without one.
const WAITING_MAX: usize = 10_000;

/// Rows that the index keeps, for answers that come a little later than their requests (those that come much later find theirs
/// in [`Printer::waiting`]). So few stay in the processor's cache.
const ROWS_MAX: usize = 1_000;

/// Captures until a signal comes or the reader of stdout goes away.
pub fn run(settings: Settings, json: bool, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start a runtime for signals")?;
    let mut signals = shutdown::Signals::listen().context("cannot listen for signals")?;
    let judge = Arc::new(Judge::new(settings.checks.clone()));
    let capture = Capture::start(&settings, &judge)?;
    signals.keep(&capture.store);
    for said in &capture.said {
        (console.warn)(said);
    }
    if let Err(error) = ready(&capture, settings.store.durability, json, console) {
        // Nobody will know where it listens: nothing may stay behind, an empty session file neither.
        let _ = capture.stop();
        return if is_reader_gone(&error) { ended_without_reader(console) } else { Err(error) };
    }
    let (gone, mut reader_gone) = watch::channel(false);
    if terminal::stdout_has_reader() {
        let gone = gone.clone();
        terminal::watch_for_hangup(move || {
            gone.send_replace(true);
        })
        .context("cannot watch stdout")?;
    }
    let told = |told: Reloaded| warn(&told.words());
    let _watch = Watch::start(
        (settings.rules_from.clone(), Some(capture.address)),
        capture.replies.clone(),
        Arc::clone(&judge),
        told,
    )
    .context("cannot watch the configuration")?;
    let mut printer = Printer {
        json,
        judge: Arc::clone(&judge),
        waiting: BTreeMap::new(),
        out: Vec::new(),
        recording: true,
        unprinted: false,
        is_terminal: std::io::stdout().is_terminal(),
        columns: None,
    };
    let callbacks = capture.callbacks.clone();
    let index = Index::start_bounded(
        capture.store.clone(),
        capture.inbox.clone(),
        judge,
        capture.saved.clone(),
        ROWS_MAX,
        move |event| {
            if let IndexEvent::Answered(answers) = &event {
                callbacks.answered(answers);
            }
            match printer.print(event) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                    gone.send_replace(true);
                }
                Err(error) => printer.unprintable(&error),
            }
        },
    )
    .context("cannot start the index thread")?;
    let signal = runtime.block_on(async {
        tokio::select! {
            signal = signals.next() => Some(signal),
            _ = reader_gone.wait_for(|gone| *gone) => None,
        }
    });
    let has_reader = signal.is_some();
    let (done, code) = match signal {
        Some(shutdown::Signal::Interrupt) => (Done::Interrupted, 130),
        Some(shutdown::Signal::End) | None => (Done::Yes, 0),
    };
    signals.leaving(code);
    if let Some(lost) = capture.stop() {
        (console.warn)(&lost);
    }
    index.finish();
    if has_reader { Ok(done) } else { ended_without_reader(console) }
}

/// The reader of stdout went away, which ends it as it ends any program in a pipe; but a listener that is gone is looked for.
fn ended_without_reader(console: &mut Console<'_>) -> anyhow::Result<Done> {
    (console.warn)(
        "stopped listening: whatever read stdout has closed it (to go on without, send stdout to /dev/null)",
    );
    Ok(Done::Yes)
}

/// The first line on stdout: from now on requests are answered.
fn ready(capture: &Capture, durability: Durability, json: bool, console: &mut Console<'_>) -> anyhow::Result<()> {
    let session = capture.store.path();
    // Without a file nothing is kept, however firmly it was asked for.
    let kept = session.as_ref().map(|_| durability.as_str());
    if json {
        let session = session.map(|path| path.display().to_string());
        let line =
            json!({ "event": "listening", "url": capture.url, "session": session, "durability": kept }).to_string();
        writeln!(console.out, "{}", words::safe_json(&line))?;
    } else {
        writeln!(console.out, "listening on {}", capture.url)?;
        if let Some(path) = session {
            let path = path.display().to_string();
            (console.warn)(&format!("recording to {}", printable::visible_str(&path)));
            if durability != Durability::default() {
                (console.warn)(&format!("durability {durability}: {}", durability.promise()));
            }
        }
    }
    console.out.flush()?;
    Ok(())
}

/// Memory for lines that is kept between two events.
const OUT_KEEP_BYTES: usize = 64 * 1024;

/// Prints what the index tells, on its thread. Everything of one event is one write.
struct Printer {
    json: bool,
    judge: Arc<Judge>,
    /// Rows without their answer.
    waiting: BTreeMap<ExchangeId, Arc<Summary>>,
    /// Lines being made; keeps its memory.
    out: Vec<u8>,
    recording: bool,
    /// Whether it was said that stdout takes no lines.
    unprinted: bool,
    /// Whether stdout is a terminal: only then are its columns asked for, at each event.
    is_terminal: bool,
    /// Columns of the terminal that stdout is, as of the event under way.
    columns: Option<usize>,
}

impl Drop for Printer {
    /// What still waits at the end was captured too.
    fn drop(&mut self) {
        let mut rows = Vec::new();
        for row in self.waiting.values() {
            push_row(row, self.columns, &mut rows);
        }
        let _ = to_stdout(&rows);
    }
}

impl Printer {
    fn print(&mut self, event: IndexEvent) -> std::io::Result<()> {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        out.shrink_to(OUT_KEEP_BYTES);
        self.columns = if self.is_terminal { terminal::columns() } else { None };
        match event {
            IndexEvent::Arrived { rows, missed } => {
                for (row, request) in rows {
                    // Rows of a session that was there before are old news.
                    if let Some(request) = request {
                        self.arrived(row, &request, &mut out);
                    }
                }
                if missed > 0 {
                    warn(&format!("{missed} requests could not be shown: they left memory while nothing was recorded"));
                }
            }
            IndexEvent::Changed(rows) => {
                for row in rows {
                    if let Some(waiting) = self.waiting.get_mut(&row.id) {
                        *waiting = row;
                    }
                }
            }
            IndexEvent::Answered(answers) => {
                for answer in answers {
                    self.answered(&answer, &mut out);
                }
            }
            IndexEvent::Attempted(attempts) => {
                for attempt in attempts {
                    self.attempted(&attempt, &mut out);
                }
            }
            IndexEvent::Recording(state) => self.recording(&state),
            IndexEvent::Said(text) => warn(&printable::visible_str(&text)),
            IndexEvent::Filtered { .. } | IndexEvent::FilterMatched { .. } | IndexEvent::Rechecked { .. } => {}
        }
        let printed = to_stdout(&out);
        self.out = out;
        printed
    }

    fn arrived(&mut self, row: Arc<Summary>, request: &Arc<Request>, out: &mut Vec<u8>) {
        if self.json {
            let recognised = self.judge.recognised(request);
            let (verdict, cause) = row.verdict.unzip();
            let mut more = vec![
                ("provider", json!(recognised.provider.as_deref())),
                ("type", json!(recognised.event_type)),
                ("delivery", json!(recognised.delivery)),
                ("verdict", json!(verdict.map(|outcome| outcome.as_str()))),
                ("cause", json!(cause.flatten().map(|cause| cause.as_str()))),
            ];
            if row.is_first_look {
                more.push(("examined", json!(false)));
            }
            push_json(&Event::Request(Arc::clone(request)), &more, out);
            return;
        }
        if row.answer.is_some() {
            push_row(&row, self.columns, out);
            return;
        }
        self.waiting.insert(row.id, row);
        if self.waiting.len() > WAITING_MAX
            && let Some((_, row)) = self.waiting.pop_first()
        {
            push_row(&row, self.columns, out);
        }
    }

    fn answered(&mut self, answer: &Arc<Answer>, out: &mut Vec<u8>) {
        if self.json {
            push_json(&Event::Answer(Arc::clone(answer)), &[], out);
            return;
        }
        if let Some(mut row) = self.waiting.remove(&answer.exchange) {
            if row.answer.is_none() {
                Arc::make_mut(&mut row).answer = Some(AnswerBrief::of_unknown_time(answer));
            }
            push_row(&row, self.columns, out);
        }
        for line in words::answer_lines(answer) {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
    }

    /// It went on to an app: behind the row that it belongs to.
    fn attempted(&mut self, attempt: &Arc<Attempt>, out: &mut Vec<u8>) {
        if self.json {
            push_json(&Event::Attempt(Arc::clone(attempt)), &[], out);
            return;
        }
        if let Some(row) = self.waiting.remove(&attempt.exchange) {
            push_row(&row, self.columns, out);
        }
        out.extend_from_slice(words::attempt_line(attempt).as_bytes());
        out.push(b'\n');
    }

    /// Stdout takes nothing, and its reader is not gone: a full disk, say. Capture goes on; it is said once.
    fn unprintable(&mut self, error: &std::io::Error) {
        if !std::mem::replace(&mut self.unprinted, true) {
            warn(&format!("{error}; lines are lost there, requests are captured all the same"));
        }
    }

    fn recording(&mut self, state: &Recording) {
        match state {
            Recording::Not { reason, unrecorded } => {
                let words = format!("NOT RECORDING: {reason} ({unrecorded} in memory only)");
                if std::io::stderr().is_terminal() {
                    let words = printable::visible_str(&words);
                    let _ = writeln!(std::io::stderr(), "hooksight: \x1b[1;31m{words}\x1b[0m");
                } else {
                    warn(&words);
                }
                self.recording = false;
            }
            Recording::On if !self.recording => {
                warn("recording again");
                self.recording = true;
            }
            Recording::On | Recording::Off => {}
        }
    }
}

fn push_row(row: &Summary, columns: Option<usize>, out: &mut Vec<u8>) {
    let mut line = String::with_capacity(160);
    words::push_row(&mut line, row, columns);
    line.push('\n');
    out.extend_from_slice(line.as_bytes());
}

/// The session line of an event with more fields in front of its last brace.
fn push_json(event: &Event, more: &[(&str, Value)], out: &mut Vec<u8>) {
    let line = record::encode(event);
    let line = String::from_utf8_lossy(&line);
    let mut line = line.trim_end().strip_suffix('}').unwrap_or_default().to_owned();
    for (name, value) in more {
        line.push_str(&format!(",\"{name}\":{value}"));
    }
    line.push('}');
    out.extend_from_slice(words::safe_json(&line).as_bytes());
    out.push(b'\n');
}

fn to_stdout(bytes: &[u8]) -> std::io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(stdout_error)
}
