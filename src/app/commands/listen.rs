//! `listen` and `open`: the interface, or a line a request.

use crate::app::args::{ListenArgs, OpenArgs};
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::settings::{Output, Settings};
use crate::app::{headless, runtime};

/// Captures until it is told to stop.
pub fn run(args: &ListenArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let settings = Settings::listen(args, &mut console.surroundings(&folders))?;
    match settings.output {
        Output::Interface => runtime::run(settings),
        Output::Headless { json } => headless::run(settings, json, console),
    }
}

/// The interface over a saved session.
pub fn open(args: &OpenArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    runtime::run(Settings::open(args, &mut console.surroundings(&folders))?)
}
