//! `check [FILE]`: whether a configuration holds, without starting anything.

use super::{Console, Done};
use crate::app::args::{CheckArgs, ListenArgs, LookArgs};
use crate::app::folders::Folders;
use crate::app::settings::Settings;
use crate::domain::quantity::counted;

/// Understands everything that the file says, secrets and body files fetched. The answer is no when something is wrong.
pub fn run(args: &CheckArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let look = LookArgs { config: args.file.clone(), ..LookArgs::default() };
    let listen = ListenArgs { headless: true, no_session: true, look, ..ListenArgs::default() };
    let settings = match Settings::listen(&listen, &mut console.surroundings(&folders)) {
        Ok(settings) => settings,
        Err(error) => {
            (console.warn)(&format!("{error:#}"));
            return Ok(Done::No);
        }
    };
    let Some(file) = &settings.rules_from.file else {
        anyhow::bail!(
            "there is no configuration: neither ./hooksight.ron nor config.ron in {}",
            folders.config.display()
        );
    };
    let replies = settings.rules.replies.paths.len() + settings.rules.replies.endpoints.len();
    writeln!(
        console.out,
        "{}: fine ({}, {}, {}, {})",
        file.display(),
        counted(settings.rules.rules.len(), "rule"),
        counted(replies, "reply by path").replace("reply by paths", "replies by path"),
        counted(settings.rules.guards.len(), "guard"),
        counted(settings.checks.endpoints.len(), "endpoint"),
    )?;
    Ok(Done::Yes)
}
