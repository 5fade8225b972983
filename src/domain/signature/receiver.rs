//! What a receiver refuses although the signature fits: bytes that its parser does not take, and values that one parser
//! reads otherwise than the next.

use serde::de::IgnoredAny;

use super::evaluate::Stage;
use super::found::Found;
use super::material::Material;
use super::scheme::Scheme;
use super::template::Source;
use crate::domain::form::form_fields;

/// Why a receiver refuses a request whose signature fits, or another one would.
pub fn refusal(scheme: &Scheme, base: &Material<'_>, found: &Found) -> Option<Stage> {
    if let Some(source) = rests_on(scheme).find(|source| is_ambiguous(source, base, found)) {
        let words = format!(
            "{} came more than once, with different values, and receivers do not read that alike: some take the first (Python, Go), \
             others the last (Node, PHP)",
            source.describe()
        );
        return Some(Stage::Repeated(words));
    }
    if !rests_on(scheme).any(|source| matches!(source, Source::Json(_))) {
        return None;
    }
    not_json(base.body).map(Stage::BodyMalformed)
}

/// Whether a named item, form field or query parameter came several times, not always with the same value. Sources: stripe-python
/// takes the first `t` of the list and stripe-node the last; PHP keeps the last field of a name, Go's `FormValue` the first.
fn is_ambiguous(source: &Source, base: &Material<'_>, found: &Found) -> bool {
    let of_form = |text: &[u8], name: &str| {
        let mut values = form_fields(text).filter(|(key, _)| *key == name.as_bytes()).map(|(_, value)| value);
        values.next().is_some_and(|first| values.any(|other| other != first))
    };
    match source {
        Source::List(name) => {
            let mut values = found.list.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
            values.next().is_some_and(|first| values.any(|other| other != first))
        }
        Source::Form(name) => of_form(base.form_bytes(), name),
        Source::Query(name) => of_form(base.query(), name),
        _ => false,
    }
}

/// The places whose values the signature is made of.
fn rests_on(scheme: &Scheme) -> impl Iterator<Item = &Source> {
    let fields = scheme.signature.iter().chain(&scheme.each).chain(&scheme.id);
    let clock = scheme.timestamp.iter().map(|clock| &clock.from.0);
    let signed = scheme.message.iter().flat_map(|message| message.sources());
    fields.map(|field| &field.0).chain(clock).chain(signed)
}

/// Why the bytes are no JSON text as a whole (RFC 8259 sections 2 and 8.1: one value, in UTF-8), in words. A byte order mark may stand
/// in front, as parsers may let it. Neither depth nor size of a stranger's body hurts: what is read is not kept.
fn not_json(body: &[u8]) -> Option<String> {
    if let Err(error) = std::str::from_utf8(body) {
        return Some(format!("it is not UTF-8 (byte {} of {})", error.valid_up_to() + 1, body.len()));
    }
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice::<IgnoredAny>(text).err().map(|error| error.to_string())
}
