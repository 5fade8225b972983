//! Values that the file writes as text, understood while it is read, so that a mistake has a line and a column.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::domain::durability::Durability;
use crate::domain::printable::without_login;
use crate::domain::reply::{ReplyError, ReplyText};
use crate::io::clipboard::Method;
use crate::tui::action::{Action, TABLE};
use crate::tui::key::KeyCode;
use crate::tui::keymap::{self, Keymap, KeymapError};

/// Text that means a `T`. A whole number stands for its digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parsed<T>(pub T);

/// One text, or a list of them.
#[derive(Clone, Debug, PartialEq)]
pub struct OneOrMore<T>(pub Vec<T>);

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct ParsedVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: Display>> Visitor<'_> for ParsedVisitor<T> {
    type Value = Parsed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        text.parse().map(Parsed).map_err(|error: T::Err| E::custom(format_args!("{:?}: {error}", without_login(text))))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_str(&number.to_string())
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParsedVisitor(PhantomData))
    }
}

struct OneOrMoreVisitor<T>(PhantomData<T>);

impl<'de, T: FromStr<Err: Display>> Visitor<'de> for OneOrMoreVisitor<T> {
    type Value = OneOrMore<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text in quotes, or a list of texts")
    }

    /// The text is not repeated in the message: it may be a secret.
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        text.parse().map(|value| OneOrMore(vec![value])).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Item(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(OneOrMore(values))
    }
}

/// One of a list, understood where it stands, so that a mistake has its own place.
struct Item<T>(T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ItemVisitor(PhantomData)).map(Self)
    }
}

struct ItemVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: Display>> Visitor<'_> for ItemVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text in quotes")
    }

    /// The text is not repeated in the message: it may be a secret.
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMoreVisitor(PhantomData))
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "system" => Ok(Self::System),
            "tmux" => Ok(Self::Tmux),
            "terminal" => Ok(Self::Osc52),
            "file" => Ok(Self::File),
            _ => Err("expected one of auto, system, tmux, terminal, file".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Method {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Parsed::<Self>::deserialize(deserializer).map(|Parsed(wish)| wish)
    }
}

impl<'de> Deserialize<'de> for Durability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Parsed::<Self>::deserialize(deserializer).map(|Parsed(durability)| durability)
    }
}

impl FromStr for ReplyText {
    type Err = ReplyError;

    fn from_str(text: &str) -> Result<Self, ReplyError> {
        Self::parse(text)
    }
}

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindAddress(pub IpAddr);

impl FromStr for BindAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "expected an IP address, such as \"127.0.0.1\" or \"::1\"".to_owned())
    }
}

/// A path pattern that begins with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPath(pub String);

impl FromStr for EndpointPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with('/') {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected a path that begins with a slash, such as \"/stripe\" or \"/stripe*\"".to_owned())
        }
    }
}

/// The name of an action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActionName(pub String);

impl FromStr for ActionName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if Action::by_name(text).is_some() {
            return Ok(Self(text.to_owned()));
        }
        let mistakes = Keymap::with([(text, Vec::<&str>::new())]).err().unwrap_or_default();
        let nearest = mistakes.iter().find_map(|mistake| match mistake {
            KeymapError::UnknownAction { nearest, .. } => *nearest,
            _ => None,
        });
        Err(match nearest {
            Some(name) => format!("there is no action of that name: did you mean {name:?}?"),
            None => {
                let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
                format!("there is no action of that name: expected one of {}", names.join(", "))
            }
        })
    }
}

impl<'de> Deserialize<'de> for ActionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Parsed::<Self>::deserialize(deserializer).map(|Parsed(name)| name)
    }
}

/// A key as one writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyText(pub String);

impl FromStr for KeyText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match keymap::parse_key(text) {
            // A terminal sends Ctrl with a letter, a digit or the space bar, and with nothing else that we could tell apart.
            Some(key) if key.ctrl && matches!(key.code, KeyCode::Char(c) if !c.is_ascii_alphanumeric() && c != ' ') => {
                Err(format!("{text:?} is a key that terminals do not send: with ctrl take a letter"))
            }
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(format!("{text:?} is no key: expected one such as \"q\", \"^d\", \"F5\" or \"Enter\"")),
        }
    }
}
