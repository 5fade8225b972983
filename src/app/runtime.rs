//! The loop: terminal events and messages in, one `update` each, at most one draw a turn, effects out.
//!
//! It runs on the main thread with a runtime of its own; capture has its own threads, so neither starves the other.
//! Keys are drawn at once; what arrives is gathered and drawn at the pace of `Pace`.

mod handover;
mod keys;
mod pace;
mod running;
mod signals;
mod told;
mod traffic;
mod watching;

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::io::clipboard::{Clipboard, Surroundings};
use crate::io::terminal::{self, TerminalGuard};
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Options};
use crate::tui::msg::{CopiedTo, Level, Msg, Notice, RecordingState};
use crate::tui::{update, view};

use super::console::{Done, to_stderr};
use super::detail_worker::DetailWorker;
use super::effects::forwarding::tell_forwarding;
use super::effects::rules::rules_in_force;
use super::effects::{Effects, TerminalWish, reply_in_force};
use super::index::{Index, IndexEvent};
use super::judge::Judge;
use super::loop_input::Input;
use super::reach::Reach;
use super::reload::Watch;
use super::settings::Settings;
use super::{clock, folders, input, look, panics};

use keys::Keys;
use pace::Pace;
use running::{Running, start_source};
use signals::{Asked, Signals};
use told::{is_answer_to_the_user, messages, recording_state};
use traffic::Traffic;
use watching::{tell_held, watch};

/// How long after a key what is brought to be shown is taken for its answer.
const AWAITED: Duration = Duration::from_secs(1);
/// How often the clock is told: ages, the rate, notices that expire.
const TICK: Duration = Duration::from_millis(250);
/// How often a document that tells ages is made again.
const AGES: Duration = Duration::from_secs(10);
/// Messages that wait for the loop; who sends more waits, and what waits there is bounded too.
const MESSAGES_MAX: usize = 256;
/// Messages worked off before the next look at keys and the screen.
const MESSAGES_A_TURN: usize = 64;

/// Runs the interface until the user leaves.
///
/// # Errors
/// When it cannot start: a taken port, a session file that cannot be used, no terminal.
pub fn run(settings: Settings) -> anyhow::Result<Done> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async { Interface::start(settings)?.run().await });
    // Sends and copies under way do not hold the way out.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

struct Interface {
    running: Running,
    effects: Effects,
    model: Model,
    terminal: TerminalGuard,
    keys: Keys,
    received: Receiver<Input>,
    traffic: Traffic,
    signals: Signals,
    dirty: Dirty,
    drawn: Instant,
    pace: Pace,
    /// When the user pressed or clicked something the last time.
    touched: Instant,
    /// Goes last: it may be telling the loop.
    _watch: Option<Watch>,
}

/// How urgently the screen is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dirty {
    No,
    AtNextFrame,
    Now,
}

/// What a turn came to.
enum Turn {
    On,
    Leave(Done),
}

impl Interface {
    fn start(settings: Settings) -> anyhow::Result<Self> {
        let signals = Signals::take()?;
        let judge = Arc::new(Judge::new(settings.checks.clone()));
        let (running, inbox, saved) = start_source(&settings, &judge)?;
        signals.end.keep(running.store());
        let (sender, received) = channel(MESSAGES_MAX);
        let told = sender.clone();
        panics::tell_to(move |text| drop(told.try_send(Input::Msg(Msg::Notice(Notice { level: Level::Bad, text })))));
        let store = running.store().clone();
        let traffic = Traffic::default();
        let to_loop = traffic.clone();
        let callbacks = running.callbacks();
        let index = Index::start(store.clone(), inbox, Arc::clone(&judge), saved, move |event| {
            if let (IndexEvent::Answered(answers), Some(callbacks)) = (&event, &callbacks) {
                callbacks.answered(answers);
            }
            messages(event).into_iter().for_each(|msg| to_loop.push(msg));
        })?;
        let waits = running.replies();
        let detail = DetailWorker::start(
            store.clone(),
            Arc::clone(&judge),
            index.handle(),
            running.url(),
            move |id| waits.as_ref().and_then(|replies| replies.waiting(id)),
            sender.clone(),
        )?;
        let effects = Effects {
            clipboard: Arc::new(Clipboard::new(
                settings.look.clipboard,
                Surroundings::from_env(),
                settings.sessions_folder.with_file_name("copies"),
            )),
            base_url: running.url(),
            rule_source: running.replies().map(|_| settings.rules_from.clone()),
            replies: running.replies(),
            routes: settings.rules.routes.clone(),
            forward: settings.forward.clone(),
            sessions_folder: settings.sessions_folder.clone(),
            reach: Arc::new(Reach::new(settings.targets.clone())),
            under_way: Mutex::default(),
            out: sender.clone(),
            store,
            judge,
            index,
            detail,
        };
        let watch = match running.replies() {
            Some(replies) => Some(watch(&settings, running.address(), replies, &effects)?),
            None => None,
        };
        if let Some(replies) = running.replies() {
            tokio::spawn(tell_held(replies.clone(), sender.clone()));
            tokio::spawn(tell_forwarding(replies, sender.clone()));
        }
        let themes = look::themes(&settings.look)?;
        let terminal = TerminalGuard::take(settings.look.mouse)
            .context("the interface needs a terminal: use --headless where there is none")?;
        let gone = sender.clone();
        let on_hangup = signals.end.leave_by_itself(0);
        terminal::watch_for_hangup(move || {
            // Before the loop is told: it may hang in a draw.
            on_hangup();
            let _ = gone.blocking_send(Input::HungUp);
        })?;
        let model = Model::new(Options {
            size: terminal.size(),
            now: clock::now(),
            utc_offset_s: clock::utc_offset_s(),
            themes,
            keymap: settings.look.keymap.clone(),
            identity: running.identity(&settings, &effects.judge),
            secrets: effects.judge.known_secrets(),
        });
        let mut interface = Self {
            keys: Keys::start()?,
            dirty: Dirty::Now,
            drawn: Instant::now(),
            pace: Pace::new(Instant::now()),
            touched: Instant::now(),
            running,
            effects,
            model,
            terminal,
            received,
            traffic,
            signals,
            _watch: watch,
        };
        interface.greet();
        Ok(interface)
    }

    /// What the interface must know before the first key.
    fn greet(&mut self) {
        if let Some(replies) = &self.effects.replies {
            let rules = replies.get();
            self.update(reply_in_force(&rules.replies));
            self.update(rules_in_force(&rules));
        }
        // A saved session is a file already: what is added to it (attempts, marks) is kept when it comes.
        let recording = match &self.running {
            Running::Listening(capture) => recording_state(&capture.store.recording()),
            Running::Saved(..) => RecordingState::Recording,
        };
        self.update(Msg::Recording(recording));
        for text in self.running.said() {
            let text = crate::domain::printable::visible_str(&text).into_owned();
            self.update(Msg::Notice(Notice { level: Level::Info, text }));
        }
    }

    /// Runs until the user leaves or nothing can be shown any more, and ends everything in order, after a panic too.
    async fn run(mut self) -> anyhow::Result<Done> {
        let ended = AssertUnwindSafe(self.turns()).catch_unwind().await;
        let session = self.running.store().path();
        self.leave(&ended);
        let Ok(ended) = ended else {
            // What happened has been told; that is where it was kept.
            let kept = session.map_or_else(String::new, |path| format!("; what was captured is in {}", path.display()));
            anyhow::bail!("the interface ended by an internal error{kept}");
        };
        match ended {
            // The terminal went away under a draw: nobody is there to be told.
            Err(error) if is_terminal_gone(&error) => Ok(Done::Yes),
            ended => ended,
        }
    }

    /// Where what was captured is, and how to see it again: the screen that showed it is gone, with the name of the session.
    fn kept(&self) -> Option<String> {
        let Running::Listening(capture) = &self.running else { return None };
        let path = capture.store.path().filter(|_| capture.store.last_id().0 > 0)?;
        let opens = folders::session_argument(&path, &self.effects.sessions_folder);
        Some(format!("kept in {}; `hooksight open {opens}` shows it again", path.display()))
    }

    async fn turns(&mut self) -> anyhow::Result<Done> {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ages = interval(AGES);
        ages.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.draw_if_due()?;
            let frame_due = self.drawn + self.pace.frame();
            let dirty = self.dirty != Dirty::No;
            let turn = tokio::select! {
                event = self.keys.next() => self.terminal_event(event).await?,
                Some(input) = self.received.recv() => self.take_inputs(input)?,
                // While a frame is due anyway, what arrives waits for it.
                () = self.traffic.ready(!dirty) => {
                    self.take_traffic();
                    Turn::On
                }
                signal = self.signals.next() => self.signal(signal)?,
                _ = ticks.tick(), if self.model.wants_ticks() => {
                    self.update(Msg::Tick(clock::now()));
                    self.ask(Dirty::AtNextFrame);
                    Turn::On
                }
                _ = ages.tick() => {
                    // Times in the list pass too: that of a next try.
                    self.update(Msg::Tick(clock::now()));
                    self.ask(Dirty::AtNextFrame);
                    if let Some(key) = self.model.detail.growing_old().cloned() {
                        self.effects.perform(Effect::Render(key), &self.model);
                    }
                    Turn::On
                }
                () = sleep_until(frame_due), if dirty => {
                    self.take_traffic();
                    self.dirty = Dirty::Now;
                    Turn::On
                }
            };
            if let Turn::Leave(code) = turn {
                return Ok(code);
            }
        }
    }

    /// Ends everything in order: the terminal first, so that whatever hangs later hangs at a prompt.
    fn leave<E>(self, ended: &Result<anyhow::Result<Done>, E>) {
        self.signals.end.leaving(match ended {
            Ok(Ok(Done::Interrupted)) => 130,
            Ok(Ok(_)) => 0,
            Ok(Err(_)) | Err(_) => 2,
        });
        panics::tell_nobody();
        let kept = self.kept().filter(|_| ended.is_ok());
        drop(self.keys);
        drop(self.terminal);
        // Threads that send to the loop must not wait for it any more.
        drop(self.received);
        self.traffic.close();
        if let Running::Listening(capture) = self.running {
            let lost = capture.stop();
            kept.iter().chain(&lost).for_each(|words| to_stderr(words));
        }
        self.effects.index.finish();
    }

    fn draw_if_due(&mut self) -> anyhow::Result<()> {
        if self.terminal.is_lost() {
            self.take_terminal()?;
        }
        if self.dirty == Dirty::Now {
            let (width, height) = self.terminal.size();
            if (width, height) != self.model.size {
                self.update(Msg::Resize { width, height });
            }
            let model = &self.model;
            self.terminal.draw(|frame| view::view(model, frame)).context("could not draw the screen")?;
            self.dirty = Dirty::No;
            self.drawn = Instant::now();
            self.pace.drawn(self.drawn);
        }
        Ok(())
    }

    fn ask(&mut self, dirty: Dirty) {
        self.dirty = self.dirty.max(dirty);
    }

    async fn terminal_event(&mut self, event: std::io::Result<crossterm::event::Event>) -> anyhow::Result<Turn> {
        // The terminal is gone or gives no sense any more: nobody can see us.
        let Ok(event) = event else { return Ok(Turn::Leave(Done::Yes)) };
        let Some(msg) = input::message(event) else { return Ok(Turn::On) };
        self.ask(Dirty::Now);
        self.touched = Instant::now();
        self.update_and_obey(msg).await
    }

    async fn update_and_obey(&mut self, msg: Msg) -> anyhow::Result<Turn> {
        for wish in self.update(msg) {
            match wish {
                TerminalWish::Quit => return Ok(Turn::Leave(Done::Yes)),
                TerminalWish::Redraw => {
                    self.terminal.clear()?;
                    self.ask(Dirty::Now);
                }
                TerminalWish::Suspend => self.suspend()?,
                TerminalWish::Editor(id, text) => return self.edit(id, text).await,
            }
        }
        Ok(Turn::On)
    }

    /// One update and its effects; what needs the terminal is handed back.
    fn update(&mut self, msg: Msg) -> Vec<TerminalWish> {
        let effects = update::update(&mut self.model, msg);
        effects.into_iter().filter_map(|effect| self.effects.perform(effect, &self.model)).collect()
    }

    /// Takes all that the index has told since the last time.
    fn take_traffic(&mut self) {
        let load = self.traffic.take();
        self.pace.came(load.rows);
        for msg in load.messages {
            self.ask(if traffic::is_urgent(&msg) { Dirty::Now } else { Dirty::AtNextFrame });
            provoke_by(&msg);
            self.note_changes(&msg);
            // Only keys lead to wishes about the terminal.
            self.update(msg);
        }
    }

    fn take_inputs(&mut self, first: Input) -> anyhow::Result<Turn> {
        self.ask(Dirty::AtNextFrame);
        let mut next = Some(first);
        for _ in 0..MESSAGES_A_TURN {
            let Some(input) = next.take() else { break };
            match input {
                Input::Msg(msg) => {
                    self.note_changes(&msg);
                    if is_answer_to_the_user(&msg, self.touched.elapsed() < AWAITED) {
                        self.ask(Dirty::Now);
                    }
                    // Only keys lead to wishes about the terminal.
                    self.update(msg);
                }
                Input::Osc52 { what, sequence } => {
                    let result = self.terminal.write_sequence(&sequence);
                    let result = result
                        .map(|()| CopiedTo::Terminal)
                        .map_err(|error| format!("the terminal took nothing: {error}"));
                    self.update(Msg::Copied { what, result });
                    self.ask(Dirty::Now);
                }
                Input::HungUp => return Ok(Turn::Leave(Done::Yes)),
            }
            next = self.received.try_recv().ok();
        }
        // A message taken from the queue and not worked off would be lost.
        if let Some(Input::Msg(msg)) = next {
            self.note_changes(&msg);
            self.update(msg);
        }
        Ok(Turn::On)
    }

    /// Tells the detail thread which exchanges are not as it read them.
    fn note_changes(&self, msg: &Msg) {
        match msg {
            // What is not shown is read when it is.
            Msg::Changed { batch } if batch.iter().any(|row| Some(row.id) == self.model.detail.id) => {
                self.effects.detail.changed(self.model.detail.id);
            }
            Msg::AttemptDone { id, .. } => self.effects.detail.changed([*id]),
            _ => {}
        }
    }

    fn signal(&mut self, asked: Asked) -> anyhow::Result<Turn> {
        match asked {
            Asked::Leave => return Ok(Turn::Leave(Done::Yes)),
            Asked::Interrupt => return Ok(Turn::Leave(Done::Interrupted)),
            Asked::Suspend => self.suspend()?,
            // The shell may have set its own modes meanwhile.
            Asked::Continued => {
                self.give_terminal();
                self.take_terminal()?;
            }
            // The next draw looks at the size.
            Asked::Resized => self.ask(Dirty::Now),
        }
        Ok(Turn::On)
    }
}

/// Whether writing failed because nothing is there to write to: EIO is what a terminal that hung up says.
fn is_terminal_gone(error: &anyhow::Error) -> bool {
    let gone = |error: &std::io::Error| {
        error.kind() == std::io::ErrorKind::BrokenPipe
            || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
    };
    error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(gone)
}

/// For the tests of the ways out.
fn provoke_by(msg: &Msg) {
    if let Msg::Arrived { batch, .. } = msg {
        batch.iter().for_each(|row| crate::io::provoke::provoke("main", row.target.as_bytes()));
    }
}
