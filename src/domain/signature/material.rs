//! What a request offers to a scheme: values by source, templates rendered, conditions answered.

use std::borrow::Cow;

mod offered;
mod sorted;

pub use offered::Material;
#[cfg(test)]
pub(super) use offered::SCANNED_BYTES;
#[cfg(test)]
pub(super) use sorted::SORTED;
pub use sorted::Sorted;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use md5::{Digest as _, Md5};
use ring::digest;

use super::crypto::{self, keys};
use super::functions;
use super::json;
use super::template::{Condition, Filter, Part, Source, Template};
use crate::domain::form::form_fields_cow;

/// What a template makes is at most so many times as long as the request that it is made of (and [`SMALL_BYTES`]): in hex and
/// base64 in one it grows by less than three.
const GROWTH_MAX: usize = 16;
/// What a small request counts as.
const SMALL_BYTES: usize = 1 << 20;

/// A value that a template needs and that is not there, or that is longer than any that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent(pub Source);

/// A rendered piece with where it came from; `None` for fixed text.
pub type Rendered<'a> = (Option<Source>, Cow<'a, [u8]>);

/// The same while it is borrowed: `'t` from the template, `'a` from the request.
enum Piece<'t, 'a> {
    Text(&'t str),
    Value(&'t Source, Cow<'a, [u8]>),
}

impl<'a> Material<'a> {
    /// The value of a source, when it is there.
    pub fn value(&self, source: &Source) -> Option<Cow<'a, [u8]>> {
        match source {
            Source::Header(name) => self.headers.get(name).map(Cow::Borrowed),
            Source::Query(name) => field(self.query(), name.as_bytes()).map(Cow::Owned),
            Source::Form(name) => field(self.form_bytes(), name.as_bytes()).map(Cow::Owned),
            Source::Json(path) => json::scalar(self.body, path).map(Cow::Owned),
            Source::List(name) => {
                let (_, value) = self.list.iter().find(|(key, _)| key == name)?;
                Some(Cow::Borrowed(value))
            }
            Source::Timestamp => self.timestamp.map(Cow::Borrowed),
            Source::Id => self.id.map(Cow::Borrowed),
            Source::Body => Some(Cow::Borrowed(self.body)),
            Source::Method => Some(Cow::Borrowed(self.method)),
            Source::Url => self.url.map(Cow::Borrowed),
            Source::Path => Some(Cow::Borrowed(self.target)),
            Source::Params => Some(self.params(true)),
            Source::ParamsAll => Some(self.params(false)),
            Source::Fields => Some(Cow::Borrowed(match self.form_bytes() {
                [] => self.query(),
                form => form,
            })),
            Source::Claim(name) => json::scalar(self.claims, std::slice::from_ref(name)).map(Cow::Owned),
            Source::Secret => self.key.map(Cow::Borrowed),
            Source::SecretPart(name) => keys::part(self.secret?, name).map(Cow::Owned),
            Source::Signature => self.signature.map(Cow::Borrowed),
        }
    }

    /// Whether a condition holds.
    pub fn holds(&self, condition: &Condition) -> bool {
        condition.holds(self.value(&condition.source).as_deref())
    }

    /// The pieces of a template with its values in place.
    pub fn pieces(&self, template: &Template) -> Result<Vec<Rendered<'a>>, Absent> {
        let mut pieces = Vec::with_capacity(template.parts.len());
        self.each_piece(template, |piece| {
            pieces.push(match piece {
                Piece::Text(text) => (None, Cow::Owned(text.as_bytes().to_vec())),
                Piece::Value(source, value) => (Some(source.clone()), value),
            });
        })?;
        Ok(pieces)
    }

    /// A template as one run of bytes.
    pub fn render(&self, template: &Template) -> Result<Vec<u8>, Absent> {
        let mut rendered = Vec::new();
        self.each_piece(template, |piece| match piece {
            Piece::Text(text) => rendered.extend_from_slice(text.as_bytes()),
            Piece::Value(_, value) if rendered.is_empty() => rendered = value.into_owned(),
            Piece::Value(_, value) => rendered.extend_from_slice(&value),
        })?;
        Ok(rendered)
    }

    fn each_piece<'t>(&self, template: &'t Template, mut put: impl FnMut(Piece<'t, 'a>)) -> Result<(), Absent> {
        let mut left_bytes = self.made_bytes_max();
        let mut take = |source: &Source, value: &[u8]| {
            left_bytes = left_bytes.checked_sub(value.len()).ok_or_else(|| Absent(source.clone()))?;
            Ok(())
        };
        for part in &template.parts {
            match part {
                Part::Text(text) => put(Piece::Text(text)),
                Part::Value(source, filters) => match self.filtered(source, filters) {
                    Some(value) => {
                        take(source, &value)?;
                        put(Piece::Value(source, value));
                    }
                    // An object is not nothing: each receiver makes another text of it.
                    None if filters.contains(&Filter::OrEmpty)
                        && !matches!(self.json_first_byte(source), Some(b'{' | b'[')) => {}
                    None => return Err(Absent(source.clone())),
                },
                Part::Optional(before, source, filters, after) => {
                    if let Some(value) = self.filtered(source, filters) {
                        take(source, &value)?;
                        put(Piece::Text(before));
                        put(Piece::Value(source, value));
                        put(Piece::Text(after));
                    } else if self.json_first_byte(source).is_some() {
                        // The key is there, and a receiver signs whatever it holds.
                        return Err(Absent(source.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    /// The first byte of a JSON value that is there, of whatever type.
    pub(super) fn json_first_byte(&self, source: &Source) -> Option<u8> {
        match source {
            Source::Json(path) => json::first_byte(self.body, path),
            _ => None,
        }
    }

    /// Bytes that a template may make of this. The URL and the key are the user's own and short.
    fn made_bytes_max(&self) -> usize {
        let came = self.body.len() + self.target.len() + self.headers.size_bytes();
        came.max(SMALL_BYTES).saturating_mul(GROWTH_MAX)
    }

    fn filtered(&self, source: &Source, filters: &[Filter]) -> Option<Cow<'a, [u8]>> {
        let mut value = self.value(source)?;
        let bytes_max = if filters.is_empty() { usize::MAX } else { self.made_bytes_max() };
        for filter in filters {
            if value.len() > bytes_max {
                return None;
            }
            value = match filter {
                Filter::SkipEmpty if value.is_empty() => return Some(value),
                Filter::Mac(algorithm) => {
                    Cow::Owned(crypto::compute(*algorithm, self.key?, std::iter::once(value.as_ref()))?)
                }
                Filter::Named(function) => Cow::Owned(functions::apply(*function, &value, self)?),
                filter => apply(*filter, value)?,
            };
        }
        Some(value)
    }
}

fn apply(filter: Filter, value: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    let digest = |algorithm| digest::digest(algorithm, &value).as_ref().to_vec();
    Some(Cow::Owned(match filter {
        Filter::Md5 => Md5::digest(&value).to_vec(),
        Filter::Sha1 => digest(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        Filter::Sha256 => digest(&digest::SHA256),
        Filter::Sha384 => digest(&digest::SHA384),
        Filter::Sha512 => digest(&digest::SHA512),
        Filter::Crc32 => {
            let mut crc = flate2::Crc::new();
            crc.update(&value);
            crc.sum().to_string().into_bytes()
        }
        Filter::Hex => hex::encode(&value).into_bytes(),
        Filter::Base64 => STANDARD.encode(&value).into_bytes(),
        Filter::Base64Url => URL_SAFE_NO_PAD.encode(&value).into_bytes(),
        Filter::Unpad => {
            let end = value.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
            value.get(..end)?.to_vec()
        }
        Filter::Base64Decode => STANDARD.decode(value.as_ref()).ok()?,
        Filter::Lower => value.to_ascii_lowercase(),
        Filter::Upper => value.to_ascii_uppercase(),
        Filter::JsonString => serde_json::to_vec(std::str::from_utf8(&value).ok()?).ok()?,
        Filter::OrEmpty | Filter::SkipEmpty | Filter::Mac(_) | Filter::Named(_) => return Some(value),
    }))
}

fn field(text: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    #[cfg(test)]
    SCANNED_BYTES.with(|bytes| bytes.set(bytes.get() + text.len()));
    form_fields_cow(text).find(|(key, _)| **key == *name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests;
