//! From settings to how the screen looks: themes at the terminal's depth of colour, and the names on the top line.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use crate::domain::printable;
use crate::io::terminal::{self, TerminalColors};
use crate::tui::theme::{ColorDepth, Theme};

use super::plain_file;
use super::settings::Look;

/// How long a terminal may take to say its ground. Over a slow line it answers later, and dark is assumed.
const GROUND_TIMEOUT: Duration = Duration::from_millis(150);

/// The name of a session on the top line: its file's name without `.jsonl`, visible text.
pub fn session_title(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    printable::visible(stem.as_encoded_bytes())
}

/// The themes to choose from, the one in force first, all at the terminal's depth of colour.
///
/// # Errors
/// When the wished theme is not known, or one of the user's own cannot be read.
pub fn themes(look: &Look) -> anyhow::Result<Vec<Theme>> {
    let mut themes = known_themes(look)?;
    let wished = if look.theme == AUTOMATIC { automatic() } else { look.theme.as_str() };
    let at = place_of(wished, &themes)?;
    themes[..=at].rotate_right(1);
    let depth = depth(look.color);
    Ok(themes.iter().map(|theme| theme.at_depth(depth)).collect())
}

/// Whether the wished theme is known, without asking the terminal anything.
///
/// # Errors
/// As [`themes`].
pub fn check_theme(look: &Look) -> anyhow::Result<()> {
    if look.theme == AUTOMATIC || Theme::builtin(&look.theme).is_some() {
        return Ok(());
    }
    place_of(&look.theme, &known_themes(look)?).map(|_| ())
}

/// The theme that is light or dark as the terminal is.
const AUTOMATIC: &str = "auto";

/// Those built in, and the user's own; one of the user's goes before a built-in one of its name.
fn known_themes(look: &Look) -> anyhow::Result<Vec<Theme>> {
    let mut themes: Vec<Theme> = Theme::builtin_names().filter_map(Theme::builtin).collect();
    if let Some(folder) = &look.themes_folder {
        for theme in own_themes(folder)? {
            themes.retain(|other| other.name != theme.name);
            themes.push(theme);
        }
    }
    Ok(themes)
}

fn place_of(wished: &str, themes: &[Theme]) -> anyhow::Result<usize> {
    let place = themes.iter().position(|theme| theme.name == wished);
    place.with_context(|| {
        let names: Vec<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
        format!("there is no theme {wished}: choose one of {AUTOMATIC}, {}", names.join(", "))
    })
}

/// Light or dark as the terminal says it is. One that says nothing gets its own sixteen colours, which its user can read.
fn automatic() -> &'static str {
    match terminal::ground_is_light(GROUND_TIMEOUT) {
        Some(true) => "light",
        Some(false) => "dark",
        None => "terminal",
    }
}

fn depth(color: bool) -> ColorDepth {
    match terminal::colors() {
        _ if !color => ColorDepth::None,
        TerminalColors::None => ColorDepth::None,
        TerminalColors::Sixteen => ColorDepth::Ansi16,
        TerminalColors::TwoFiftySix => ColorDepth::Ansi256,
        TerminalColors::True => ColorDepth::TrueColor,
    }
}

/// A larger file is no theme.
const THEME_BYTES_MAX: u64 = 256 << 10;

fn own_themes(folder: &Path) -> anyhow::Result<Vec<Theme>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    paths.sort();
    let read = |path: &Path| {
        let told = || format!("cannot read the theme {}", path.display());
        let bytes = plain_file::read(path, THEME_BYTES_MAX).with_context(told)?;
        let text = std::str::from_utf8(&bytes).with_context(told)?;
        Ok(Theme::parse(&path.display().to_string(), text)?)
    };
    paths.iter().map(|path| read(path)).collect()
}
