//! The user's own files.

use std::path::Path;

use hooksight::app::config::{ConfigError, LoadedConfig};
use hooksight::tui::theme::{ColorDepth, Theme};

/// The configuration.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match LoadedConfig::of_text(Path::new("hooksight.ron"), text) {
        Ok(loaded) => loaded.config.endpoints.iter().for_each(|endpoint| drop(endpoint.to_spec())),
        Err(ConfigError::Mistake { first, others, .. }) => {
            for mistake in std::iter::once(first).chain(others) {
                let (line, column) = mistake.place;
                let is_inside = line >= 1 && line <= text.split('\n').count() + 1 && column >= 1;
                assert!(is_inside && !mistake.message.is_empty(), "{mistake:?}");
            }
        }
        Err(error) => panic!("a text is not unreadable: {error}"),
    }
}

/// A theme.
pub fn theme(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Theme::parse("themes/own.ron", text) {
        Ok(theme) => {
            for depth in [ColorDepth::None, ColorDepth::Ansi16, ColorDepth::Ansi256, ColorDepth::TrueColor] {
                let _ = theme.at_depth(depth);
            }
        }
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.split('\n').count() + 1 && error.column >= 1, "{error}");
        }
    }
}

/// The built-in themes.
pub fn theme_seeds(repository: &Path) -> Vec<Vec<u8>> {
    let Ok(files) = std::fs::read_dir(repository.join("themes")) else { return Vec::new() };
    let mut paths: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}
