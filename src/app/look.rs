//! From settings to how the screen looks: themes at the terminal's depth of colour, and the names on the top line.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use crate::domain::printable;
use crate::io::clipboard::Method;
use crate::io::terminal::{self, TerminalColors};
use crate::tui::theme::{ColorDepth, Theme};

use super::settings::{ClipboardWish, Look};

/// How long a terminal may take to say its ground. Over a slow line it answers later, and dark is assumed.
const GROUND_TIMEOUT: Duration = Duration::from_millis(150);

/// The clipboard's word for a wish.
pub const fn clipboard_method(wish: ClipboardWish) -> Method {
    match wish {
        ClipboardWish::Auto => Method::Auto,
        ClipboardWish::System => Method::System,
        ClipboardWish::Tmux => Method::Tmux,
        ClipboardWish::Terminal => Method::Osc52,
        ClipboardWish::File => Method::File,
    }
}

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
    let mut themes: Vec<Theme> = Theme::builtin_names().filter_map(Theme::builtin).collect();
    if let Some(folder) = &look.themes_folder {
        for theme in own_themes(folder)? {
            themes.retain(|other| other.name != theme.name);
            themes.push(theme);
        }
    }
    let wished = if look.theme == "auto" { automatic() } else { look.theme.as_str() };
    let Some(at) = themes.iter().position(|theme| theme.name == wished) else {
        let names: Vec<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
        anyhow::bail!("there is no theme {wished}: choose one of auto, {}", names.join(", "));
    };
    themes[..=at].rotate_right(1);
    let depth = depth(look.color);
    Ok(themes.iter().map(|theme| theme.at_depth(depth)).collect())
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

fn own_themes(folder: &Path) -> anyhow::Result<Vec<Theme>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    paths.sort();
    let read = |path: &Path| {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the theme {}", path.display()))?;
        Ok(Theme::parse(&path.display().to_string(), &text)?)
    };
    paths.iter().map(|path| read(path)).collect()
}
