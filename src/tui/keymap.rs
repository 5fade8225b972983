//! Which key does what: the defaults of the table, changed by the configuration; conflicts are reported, never resolved in silence.
//!
//! Keys are written `j`, `G`, `^d` (also `ctrl-d`), `alt-x`, `Enter`, `Esc`, `Tab`, `BackTab`, `Space`, `Up`, `PageDown`, `F1`.

use std::collections::HashMap;
use std::fmt;

use super::action::{Action, TABLE};
use super::key::{Key, KeyCode};

/// Bindings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    by_key: HashMap<Key, Action>,
    by_action: HashMap<Action, Vec<Key>>,
}

/// A mistake in the `keys` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No action has that name.
    #[error("keys: there is no action `{name}`{}", suggestion(.nearest))]
    UnknownAction {
        /// As written.
        name: String,
        /// The name that looks most like it.
        nearest: Option<&'static str>,
    },
    /// Not a key.
    #[error("keys: `{text}` of `{action}` is no key; write for example `r`, `^d`, `alt-x`, `Enter`, `PageDown`, `F5`")]
    UnknownKey {
        /// The action that it was given for.
        action: String,
        /// As written.
        text: String,
    },
    /// Two actions want the same key.
    #[error("keys: `{key}` would do both `{first}` and `{second}`; give one of them another key")]
    Conflict {
        /// The key, as it is shown.
        key: String,
        /// Name of an action.
        first: &'static str,
        /// Name of the other.
        second: &'static str,
    },
    /// The way out must stay.
    #[error("keys: `interrupt` needs a key, so that there is always a way out")]
    NoWayOut,
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

impl Default for Keymap {
    fn default() -> Self {
        let mut map = Self { by_key: HashMap::new(), by_action: HashMap::new() };
        for row in TABLE {
            map.put(row.action, row.keys.iter().filter_map(|text| parse_key(text)).collect());
        }
        map
    }
}

impl Keymap {
    /// The defaults, changed by `(action name, keys)` pairs of the configuration: the keys named replace all default keys of
    /// the action; none unbinds it.
    ///
    /// # Errors
    /// Every mistake at once: names that are no action, texts that are no key, keys that two actions would share.
    pub fn with<N: AsRef<str>, K: AsRef<str>>(
        changes: impl IntoIterator<Item = (N, Vec<K>)>,
    ) -> Result<Self, Vec<KeymapError>> {
        let mut errors = Vec::new();
        let mut keys_of: HashMap<Action, Vec<Key>> = TABLE
            .iter()
            .map(|row| (row.action, row.keys.iter().filter_map(|text| parse_key(text)).collect()))
            .collect();
        for (name, texts) in changes {
            let name = name.as_ref();
            let Some(action) = Action::by_name(name) else {
                errors.push(KeymapError::UnknownAction { name: name.to_owned(), nearest: nearest(name) });
                continue;
            };
            let mut keys = Vec::new();
            for text in &texts {
                match parse_key(text.as_ref()) {
                    Some(key) if !keys.contains(&key) => keys.push(key),
                    Some(_) => {}
                    None => {
                        errors.push(KeymapError::UnknownKey { action: name.to_owned(), text: text.as_ref().into() })
                    }
                }
            }
            keys_of.insert(action, keys);
        }
        let mut map = Self { by_key: HashMap::new(), by_action: HashMap::new() };
        for row in TABLE {
            let keys = keys_of.remove(&row.action).unwrap_or_default();
            for key in &keys {
                if let Some(first) = map.by_key.get(key) {
                    let (key, first, second) = (show_key(*key), first.info().name, row.name);
                    errors.push(KeymapError::Conflict { key, first, second });
                }
            }
            map.put(row.action, keys);
        }
        if map.keys(Action::Interrupt).is_empty() {
            errors.push(KeymapError::NoWayOut);
        }
        if errors.is_empty() { Ok(map) } else { Err(errors) }
    }

    fn put(&mut self, action: Action, keys: Vec<Key>) {
        for key in &keys {
            self.by_key.entry(*key).or_insert(action);
        }
        self.by_action.insert(action, keys);
    }

    /// What the key does.
    pub fn action(&self, key: Key) -> Option<Action> {
        self.by_key.get(&key).copied()
    }

    /// The keys of an action, the one to show first. Empty when it has none.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.by_action.get(&action).map(Vec::as_slice).unwrap_or_default()
    }

    /// The key to show for an action, as the user would write it; empty when it has none.
    pub fn hint(&self, action: Action) -> String {
        self.keys(action).first().map(|key| show_key(*key)).unwrap_or_default()
    }
}

const NAMED: [(&str, KeyCode); 16] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("BackTab", KeyCode::BackTab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
    ("Space", KeyCode::Char(' ')),
];

/// Reads one key; `None` when the text is not one. Names of keys are read in any case.
pub fn parse_key(text: &str) -> Option<Key> {
    let (mut ctrl, mut alt, mut shift) = (false, false, false);
    let mut rest = text;
    while rest.chars().count() > 1 {
        let lower = rest.to_ascii_lowercase();
        if let Some(after) = rest.strip_prefix('^') {
            (ctrl, rest) = (true, after);
        } else if lower.starts_with("ctrl-") || lower.starts_with("ctrl+") {
            (ctrl, rest) = (true, &rest[5..]);
        } else if lower.starts_with("alt-") || lower.starts_with("alt+") {
            (alt, rest) = (true, &rest[4..]);
        } else if lower.starts_with("shift-") || lower.starts_with("shift+") {
            (shift, rest) = (true, &rest[6..]);
        } else {
            break;
        }
    }
    let mut chars = rest.chars();
    let code = match (chars.next()?, chars.next()) {
        (one, None) if one.is_control() || (one.is_whitespace() && one != ' ') => return None,
        (one, None) if ctrl => KeyCode::Char(one.to_ascii_lowercase()),
        (one, None) if shift => KeyCode::Char(one.to_uppercase().next()?),
        (one, None) => KeyCode::Char(one),
        _ => named(rest)?,
    };
    let shift = shift && !matches!(code, KeyCode::Char(_));
    match (code, shift) {
        (KeyCode::Tab, true) => Some(Key { code: KeyCode::BackTab, ctrl, alt, shift: false }),
        _ => Some(Key { code, ctrl, alt, shift }),
    }
}

fn named(text: &str) -> Option<KeyCode> {
    if let Some((_, code)) = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Some(*code);
    }
    let number = text.strip_prefix(['F', 'f'])?.parse().ok()?;
    (1..=12).contains(&number).then_some(KeyCode::F(number))
}

/// The key as [`parse_key`] reads it.
pub fn show_key(key: Key) -> String {
    struct Show(Key);
    impl fmt::Display for Show {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Key { code, ctrl, alt, shift } = self.0;
            if alt {
                f.write_str("alt-")?;
            }
            if shift {
                f.write_str("shift-")?;
            }
            if ctrl {
                f.write_str("^")?;
            }
            match code {
                KeyCode::F(number) => write!(f, "F{number}"),
                KeyCode::Char(one) if one != ' ' => write!(f, "{one}"),
                _ => f.write_str(NAMED.iter().find(|(_, named)| *named == code).map_or("?", |(name, _)| name)),
            }
        }
    }
    Show(key).to_string()
}

/// The action name that looks most like this.
fn nearest(name: &str) -> Option<&'static str> {
    crate::domain::nearest::nearest(name, TABLE.iter().map(|row| row.name)).first().copied()
}

/// docs/keys.md, made from the table.
pub fn keys_markdown() -> String {
    use super::action::Group;
    let mut out = String::from(
        "# Keys\n\n<!-- Made from the table in src/tui/action.rs; a test holds it to that. -->\n\n\
         Every action can be bound to other keys by its name, in the configuration file:\n\n\
         ```ron\n(\n    keys: {\n        \"resend\": [\"r\", \"F5\"],\n        \"pause\": [],\n    },\n)\n```\n\n\
         The keys named replace the default ones; an empty list leaves the action to the palette. A key that two actions\n\
         would share is reported, and the program does not start. Keys are written `j`, `G`, `^d` (also `ctrl-d`), `alt-x`,\n\
         `Enter`, `Esc`, `Tab`, `BackTab`, `Space`, `Up`, `PageDown`, `F1`.\n\n\
         The mouse: click a row or a tab, turn the wheel over a pane, drag the line between list and detail. Shift and drag\n\
         selects text as in any terminal.\n",
    );
    for group in Group::ALL {
        out.push_str(&format!("\n## {}\n\n| key | does | name |\n|---|---|---|\n", group.title()));
        for row in TABLE.iter().filter(|row| row.group == group) {
            let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
            out.push_str(&format!("| {} | {} | `{}` |\n", keys.join(" "), row.words, row.name));
        }
    }
    out
}

#[cfg(test)]
mod tests;
