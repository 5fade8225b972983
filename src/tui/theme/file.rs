//! The text form of a theme: a palette of names, and a style for each part and role.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::parts::{Ground, ROLES, Theme, Ui};
use crate::domain::pretty::Role;

/// A mistake in a theme file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct ThemeError {
    /// The file, as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What was found, what was expected.
    pub message: String,
}

/// A colour as written: `#rrggbb`, a name of the palette, one of the terminal's sixteen, or `reset`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
struct ColorText(String);

/// A style as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "style")]
struct StyleText {
    fg: Option<ColorText>,
    bg: Option<ColorText>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "theme")]
struct ThemeText {
    name: Option<String>,
    base: Option<String>,
    ground: Option<Ground>,
    palette: BTreeMap<String, ColorText>,
    ui: UiText,
    roles: RolesText,
}

/// A struct with one optional style a variant, so that a wrong name is reported with its place and the names that exist.
macro_rules! styles {
    ($text:ident, $name:literal, $part:ident, $($field:ident => $variant:ident),* $(,)?) => {
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields, rename = $name)]
        struct $text { $($field: Option<StyleText>),* }

        impl $text {
            fn each(&self) -> Vec<($part, &'static str, Option<&StyleText>)> {
                vec![$(($part::$variant, stringify!($field), self.$field.as_ref())),*]
            }
        }
    };
}

styles!(UiText, "ui", Ui,
    base => Base, muted => Muted, title => Title, accent => Accent, border => Border, border_focused => BorderFocused,
    selected => Selected, selected_unfocused => SelectedUnfocused, top_line => TopLine, key_hint => KeyHint,
    key_hint_text => KeyHintText, good => Good, bad => Bad, warn => Warn, info => Info, hit => Hit,
    hit_current => HitCurrent, overlay => Overlay, overlay_border => OverlayBorder, input => Input, cursor => Cursor,
);
styles!(RolesText, "roles", Role,
    plain => Plain, dim => Dim, heading => Heading, label => Label, key => Key, text => Text, number => Number,
    literal => Literal, punctuation => Punctuation, keyword => Keyword, comment => Comment, control => Control,
    note => Note, good => Good, bad => Bad, warn => Warn, offset => Offset, link => Link,
);

/// Reads a theme over those that `base` may name.
pub(super) fn parse(file: &str, text: &str, bases: &[(&str, &str)]) -> Result<Theme, ThemeError> {
    let own = read(file, text)?;
    let place = Place { file, text };
    let base = match &own.base {
        None => None,
        Some(name) => Some(read_base(&place, name, bases)?),
    };
    let mut palette = base.as_ref().map(|base| base.palette.clone()).unwrap_or_default();
    palette.extend(own.palette.clone());
    let stem = file.rsplit(['/', '\\']).next().unwrap_or(file).trim_end_matches(".ron");
    let mut theme = Theme::plain(own.name.as_deref().unwrap_or(stem));
    theme.ground = own.ground.or(base.as_ref().and_then(|base| base.ground)).unwrap_or_default();
    let mut missing = Vec::new();
    let base_ui = base.as_ref().map(|base| base.ui.clone()).unwrap_or_default();
    let ui = own.ui.each().into_iter().zip(base_ui.each()).zip(theme.ui.iter_mut());
    for (((part, name, style), (_, _, inherited)), slot) in ui {
        debug_assert_eq!(Ui::ALL.get(part as usize), Some(&part));
        match style.or(inherited) {
            Some(style) => *slot = place.style(style, &palette)?,
            None => missing.push(format!("ui.{name}")),
        }
    }
    let base_roles = base.as_ref().map(|base| base.roles.clone()).unwrap_or_default();
    let roles = own.roles.each().into_iter().zip(base_roles.each()).zip(theme.roles.iter_mut());
    for (((role, name, style), (_, _, inherited)), slot) in roles {
        debug_assert_eq!(ROLES.get(role as usize), Some(&role));
        match style.or(inherited) {
            Some(style) => *slot = place.style(style, &palette)?,
            None => missing.push(format!("roles.{name}")),
        }
    }
    if missing.is_empty() {
        return Ok(theme);
    }
    let message =
        format!("no style for {}; give them, or start from a theme with `base: \"dark\"`", missing.join(", "));
    Err(place.error("", message))
}

fn read(file: &str, text: &str) -> Result<ThemeText, ThemeError> {
    ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME).from_str(text).map_err(
        |error| ThemeError {
            file: file.to_owned(),
            line: error.span.start.line,
            column: error.span.start.col,
            message: error.code.to_string(),
        },
    )
}

/// The theme text that `base` names, which has no base itself.
fn read_base(place: &Place<'_>, name: &str, bases: &[(&str, &str)]) -> Result<ThemeText, ThemeError> {
    match bases.iter().find(|(known, _)| *known == name) {
        Some((known, text)) => read(known, text),
        None => {
            let names: Vec<&str> = bases.iter().map(|(known, _)| *known).collect();
            Err(place.error(name, format!("base: there is no theme `{name}`; there are {}", names.join(", "))))
        }
    }
}

/// The file that is read, for saying where a mistake is.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    /// A mistake at the first place of this quoted text; at the start when it is not found (it is in the base).
    fn error(&self, quoted: &str, message: String) -> ThemeError {
        let wanted = format!("\"{quoted}\"");
        let (line, column) = self
            .text
            .lines()
            .enumerate()
            .find_map(|(at, line)| line.find(&wanted).map(|column| (at + 1, column + 1)))
            .unwrap_or((1, 1));
        ThemeError { file: self.file.to_owned(), line, column, message }
    }

    fn style(&self, text: &StyleText, palette: &BTreeMap<String, ColorText>) -> Result<Style, ThemeError> {
        let mut style = Style::new();
        if let Some(color) = &text.fg {
            style = style.fg(self.color(color, palette)?);
        }
        if let Some(color) = &text.bg {
            style = style.bg(self.color(color, palette)?);
        }
        let modifiers = [
            (text.bold, Modifier::BOLD),
            (text.dim, Modifier::DIM),
            (text.italic, Modifier::ITALIC),
            (text.underline, Modifier::UNDERLINED),
            (text.reverse, Modifier::REVERSED),
        ];
        for (_, modifier) in modifiers.into_iter().filter(|(wanted, _)| *wanted) {
            style = style.add_modifier(modifier);
        }
        Ok(style)
    }

    fn color(&self, text: &ColorText, palette: &BTreeMap<String, ColorText>) -> Result<Color, ThemeError> {
        let written = text.0.as_str();
        let meant = palette.get(written).map_or(written, |color| color.0.as_str());
        color(meant).ok_or_else(|| {
            let message = format!(
                "`{meant}` is no colour; expected `#rrggbb`, a name of the palette, `reset`, or one of the terminal's \
                 sixteen such as `red` and `light-red`"
            );
            self.error(meant, message)
        })
    }
}

/// A colour without a palette.
fn color(text: &str) -> Option<Color> {
    if let Some(digits) = text.strip_prefix('#') {
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6)?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Color::Rgb(red, green, blue));
    }
    Some(match text {
        "reset" => Color::Reset,
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "gray" => Color::Gray,
        "dark-gray" => Color::DarkGray,
        "light-red" => Color::LightRed,
        "light-green" => Color::LightGreen,
        "light-yellow" => Color::LightYellow,
        "light-blue" => Color::LightBlue,
        "light-magenta" => Color::LightMagenta,
        "light-cyan" => Color::LightCyan,
        "white" => Color::White,
        _ => return None,
    })
}
