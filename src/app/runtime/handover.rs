//! Giving the terminal to the shell or to an editor, and taking it back.

use crate::app::console::Done;
use crate::domain::exchange::ExchangeId;
use crate::io::editor::Editor;
use crate::io::terminal::Modes;
use crate::tui::msg::{Level, Msg, Notice};

use super::signals::{self, Asked};
use super::{Dirty, Interface, Turn};

impl Interface {
    pub(super) fn give_terminal(&mut self) {
        self.keys.pause();
        self.terminal.release();
    }

    pub(super) fn take_terminal(&mut self) -> anyhow::Result<()> {
        self.terminal.enter()?;
        self.keys.resume();
        self.repaint()
    }

    /// Stops the whole process, capture included, as the shell expects of Ctrl-Z, and comes back with `fg`.
    pub(super) fn suspend(&mut self) -> anyhow::Result<()> {
        if !signals::can_be_continued() {
            let text = "Not suspended: no shell waits here that could bring it back".to_owned();
            self.update(Msg::Notice(Notice { level: Level::Info, text }));
            self.ask(Dirty::Now);
            return Ok(());
        }
        self.give_terminal();
        signals::stop_this_job();
        self.take_terminal()
    }

    pub(super) fn repaint(&mut self) -> anyhow::Result<()> {
        self.terminal.clear()?;
        let (width, height) = self.terminal.size();
        self.update(Msg::Resize { width, height });
        self.ask(Dirty::Now);
        Ok(())
    }

    /// Gives the terminal to the editor. Its keys are its own: our event stream is gone meanwhile. Messages wait.
    pub(super) async fn edit(&mut self, id: ExchangeId, text: Option<String>) -> anyhow::Result<Turn> {
        let text = match text.map_or_else(|| self.effects.draft_text(id), Ok) {
            Ok(text) => text,
            Err(error) => {
                self.update(Msg::Edited { id, result: Err(error) });
                return Ok(Turn::On);
            }
        };
        self.give_terminal();
        let modes = Modes::now();
        // Ctrl-C in an editor without raw mode is for the editor.
        self.signals.end.ignore_interrupts(true);
        let mut editing = tokio::task::spawn_blocking(move || {
            Editor::from_env().and_then(|editor| editor.edit(&text, ".http")).map_err(|error| error.to_string())
        });
        let edited = loop {
            tokio::select! {
                edited = &mut editing => break edited.unwrap_or_else(|error| Err(error.to_string())),
                asked = self.signals.next() => match asked {
                    Asked::Leave | Asked::Interrupt => return Ok(Turn::Leave(Done::Yes)),
                    // The editor stops with Ctrl-Z; the shell waits for us to stop too.
                    Asked::Suspend => signals::stop_this_job(),
                    Asked::Continued | Asked::Resized => {}
                },
            }
        };
        self.signals.end.ignore_interrupts(false);
        // What we find is what we leave behind in the end.
        if let Some(modes) = modes {
            modes.put_back();
        }
        self.terminal.enter()?;
        self.keys.resume();
        // What came meanwhile comes first: the request itself may be among it.
        self.take_traffic();
        if let Ok(input) = self.received.try_recv()
            && let Turn::Leave(done) = self.take_inputs(input)?
        {
            return Ok(Turn::Leave(done));
        }
        self.update(Msg::Edited { id, result: edited });
        self.repaint()?;
        Ok(Turn::On)
    }
}
