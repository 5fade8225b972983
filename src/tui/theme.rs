//! Colours by role. A theme is a RON file in `themes/`; nothing else on this floor names a colour.

mod depth;
mod file;
mod parts;

use crate::domain::pretty::Role;

pub use depth::ColorDepth;
pub use file::ThemeError;
pub use parts::{Ground, ROLES, Theme, Ui};

/// `(name, text)` of the themes that are compiled in.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/themes.rs"));

impl Default for Theme {
    /// The terminal's own colours.
    fn default() -> Self {
        Self::builtin("terminal").unwrap_or_else(|| Self::plain("terminal"))
    }
}

impl Theme {
    /// A theme that is compiled in: `dark`, `light`, `high-contrast`, `terminal`, `monochrome`.
    pub fn builtin(name: &str) -> Option<Self> {
        let (_, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
        Self::parse(&format!("{name}.ron"), text).ok()
    }

    /// Names of the themes that are compiled in.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// Reads a theme: one that says everything, or changes over a `base` that is compiled in. `file` is for the error.
    ///
    /// # Errors
    /// The first mistake with file, line, column and what was expected.
    pub fn parse(file: &str, text: &str) -> Result<Self, ThemeError> {
        file::parse(file, text, BUILTIN)
    }

    /// This theme on a terminal that shows so many colours.
    pub fn at_depth(&self, depth: ColorDepth) -> Self {
        if depth == ColorDepth::None {
            let plain = Self::builtin("monochrome").unwrap_or_else(|| Self::plain("monochrome"));
            return Self { name: self.name.clone(), ..plain };
        }
        let mut theme = self.clone();
        for (part, style) in Ui::ALL.iter().zip(theme.ui.iter_mut()) {
            *style = depth::reduce(*style, depth, depth::stands_out(*part));
        }
        for (role, style) in ROLES.iter().zip(theme.roles.iter_mut()) {
            *style = depth::reduce(*style, depth, *role == Role::Control);
        }
        theme
    }
}

#[cfg(test)]
mod tests;
