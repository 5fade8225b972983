//! `providers [NAME]`: the profiles, built in and the user's own.

use std::borrow::Cow;

use crate::app::args::ProvidersArgs;
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::settings::profiles::load_profiles;
use crate::app::words;
use crate::domain::printable;

mod explain;
mod json;
mod page;

use page::Page;

/// Lists the profiles, or explains one.
pub fn run(args: &ProvidersArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let profiles = load_profiles(&Folders::find()?)?;
    if let Some(name) = &args.name {
        let profile = profiles.resolve(name).map_err(|words| anyhow::anyhow!(words))?;
        if args.json {
            writeln!(console.out, "{}", words::safe_json(&json::of(&profile).to_string()))?;
            return Ok(Done::Yes);
        }
        let color = console.colors(args.color);
        explain::explain(&profile, &mut Page::new(console.out, console.columns, color))?;
        return Ok(Done::Yes);
    }
    let mut all: Vec<_> = profiles.iter().collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    let algorithm = |profile: &crate::domain::signature::Profile| {
        profile.schemes.first().map(|scheme| scheme.algorithm.name()).unwrap_or_default()
    };
    let name_columns = all.iter().map(|profile| profile.name.len()).max().unwrap_or(0);
    let algorithm_columns = all.iter().map(|profile| algorithm(profile).len()).max().unwrap_or(0);
    for profile in all {
        if args.json {
            writeln!(console.out, "{}", words::safe_json(&json::of(profile).to_string()))?;
            continue;
        }
        let confirmed = if profile.confirmed.is_empty() { ' ' } else { '✓' };
        let line = format!(
            "{:<name_columns$} {confirmed} {:<algorithm_columns$}  {}",
            profile.name,
            algorithm(profile),
            printable::visible_str(&profile.title)
        );
        // What reads a pipe is not to look for words that were cut.
        let line = console.columns.map_or(Cow::Borrowed(&*line), |columns| printable::clip(&line, columns));
        writeln!(console.out, "{line}")?;
    }
    Ok(Done::Yes)
}

#[cfg(test)]
mod tests;
