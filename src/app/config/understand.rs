//! A text of the configuration, understood as far as it can be: what is wrong is taken out, field by field, and the rest is read
//! again, so that one mistake does not hide others.
//!
//! Reading a whole file again for each mistake would take the square of its length. So each rule, endpoint and entry is looked at by
//! itself first, as if it stood alone in the file, and only what is wrong elsewhere takes readings of the whole.

use std::ops::Range;

use ron::extensions::Extensions;
use zeroize::Zeroizing;

use super::file::Config;
use crate::domain::ron_text::{self, Item, Mistake};

/// Bytes that are read in search of mistakes, at most.
const READ_BYTES_MAX: usize = 16 << 20;

/// What a text says, and what is wrong with it, in the order of the text.
pub(super) struct Understood {
    pub(super) config: Config,
    /// The text without what is wrong.
    pub(super) text: Zeroizing<String>,
    pub(super) mistakes: Vec<Mistake>,
}

/// Understands a text.
pub(super) fn understood(text: &str) -> Understood {
    let mut search = Search { left_bytes: READ_BYTES_MAX, is_over: false };
    let (left, mut mistakes) = match read(text) {
        Ok(config) => return Understood { config, text: text.to_owned().into(), mistakes: Vec::new() },
        Err(_) => search.by_items(text),
    };
    let (config, left) = search.whole(text, left, &mut mistakes);
    mistakes.sort_by_key(|mistake| mistake.place);
    if let Some(last) = mistakes.last().filter(|_| search.is_over) {
        let message = "looking for mistakes ended before the end: mend those above and check again".to_owned();
        mistakes.push(Mistake { place: last.place, field: String::new(), message });
    }
    Understood { config: config.unwrap_or_default(), text: left, mistakes }
}

fn read(text: &str) -> Result<Config, ron::error::SpannedError> {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Ok(Config::default());
    }
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME).from_str(text)
}

/// How much more may be read.
struct Search {
    left_bytes: usize,
    is_over: bool,
}

impl Search {
    /// Takes out what is wrong inside of items.
    fn by_items(&mut self, text: &str) -> (Zeroizing<String>, Vec<Mistake>) {
        // Never longer: what is taken out is replaced by blanks.
        let mut left = Zeroizing::new(String::with_capacity(text.len()));
        let mut mistakes = Vec::new();
        let mut from = 0;
        for item in ron_text::items(text) {
            let Some(piece) = text.get(item.range.clone()) else { continue };
            let close = if item.open == '[' { "])" } else { "})" };
            let before = format!("({}:{}", item.field, item.open);
            let alone = Zeroizing::new([&before, piece, close].concat());
            if read(&alone).is_ok() {
                continue;
            }
            let mut found = Vec::new();
            let (config, healed) = self.whole(&alone, Zeroizing::new(String::clone(&alone)), &mut found);
            mistakes.extend(found.into_iter().map(|mistake| moved(mistake, &item, before.len())));
            left.push_str(text.get(from..item.range.start).unwrap_or_default());
            let inner = healed.len().checked_sub(close.len()).and_then(|end| healed.get(before.len()..end));
            match inner.filter(|_| config.is_some()) {
                Some(inner) => left.push_str(inner),
                None => left.push_str(&Zeroizing::new(ron_text::without(piece, &(0..piece.len())))),
            }
            from = item.range.end;
        }
        left.push_str(text.get(from..).unwrap_or_default());
        (left, mistakes)
    }

    /// Takes out one mistake after the other, and reads the rest again. `text`: the whole, of which `left` is left.
    fn whole(
        &mut self,
        text: &str,
        mut left: Zeroizing<String>,
        mistakes: &mut Vec<Mistake>,
    ) -> (Option<Config>, Zeroizing<String>) {
        // What was taken out last.
        let mut out: Option<Range<usize>> = None;
        let known = mistakes.len();
        loop {
            let error = match read(&left) {
                Ok(config) => return (Some(config), left),
                Err(error) => error,
            };
            let mistake = ron_text::mistake(&left, &error);
            let around = ron_text::element_at(&left, mistake.place);
            let field = whole_field(text, &left, &mistake);
            // A field that must be there and was taken out is no other mistake: what it stood in goes too.
            let is_missing = matches!(error.code, ron::Error::MissingStructField { .. });
            let before = mistakes.get(known..).unwrap_or_default();
            let is_ours = is_missing
                && before.iter().any(|known| {
                    let is_unknown = known.message.starts_with("there is no field");
                    ron_text::parent(&known.field) == field || (is_unknown && known.field == field)
                });
            let is_again =
                before.iter().any(|known| (known.place, &known.message) == (mistake.place, &mistake.message));
            let range = match (around, &out) {
                // It was not where it was said to be: what is around that.
                (Some(_), Some(last)) if is_again => ron_text::element_around(&left, last),
                (around, _) => around,
            };
            if !is_ours && !is_again {
                mistakes.push(Mistake { field, ..mistake });
            }
            let Some(range) = range else { return (None, left) };
            let Some(left_bytes) = self.left_bytes.checked_sub(left.len()) else {
                self.is_over = true;
                return (None, left);
            };
            self.left_bytes = left_bytes;
            let shorter = Zeroizing::new(ron_text::without(&left, &range));
            if *shorter == *left {
                return (None, left);
            }
            (left, out) = (shorter, Some(range));
        }
    }
}

/// A mistake of an item that stood alone, as it stands in the file. `before`: characters that stood before the item.
fn moved(mistake: Mistake, item: &Item, before: usize) -> Mistake {
    let (line, column) = mistake.place;
    let place = match line {
        1 => (item.place.0, column.saturating_sub(before).max(1) + item.place.1 - 1),
        _ => (item.place.0 + line - 1, column),
    };
    let alone = format!("{}[0]", item.field);
    let field = match mistake.field.strip_prefix(&alone).filter(|_| item.open == '[') {
        Some(rest) => format!("{}[{}]{rest}", item.field, item.index),
        None => mistake.field,
    };
    Mistake { place, field, ..mistake }
}

/// The field as it is counted in the whole text.
fn whole_field(whole: &str, left: &str, mistake: &Mistake) -> String {
    let begins = ron_text::find(left, &mistake.field).map(|place| ron_text::field_at(whole, place));
    begins.filter(|field| !field.is_empty()).unwrap_or_else(|| mistake.field.clone())
}
