//! What one request offers, before any rule is asked.

use std::borrow::Cow;

use super::sorted::{Sorted, form_bytes, sorted_params};
use crate::domain::exchange::Request;
use crate::domain::form::form_decode_cow;
use crate::domain::headers::Headers;

/// The values of one request (or of one that is being signed). All borrowed: making a variant of it is cheap.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// Method.
    pub method: &'a [u8],
    /// Path and query.
    pub target: &'a [u8],
    /// Headers.
    pub headers: &'a Headers,
    /// Body.
    pub body: &'a [u8],
    /// The public URL, when the scheme signs it.
    pub url: Option<&'a [u8]>,
    /// Timestamp as sent.
    pub timestamp: Option<&'a [u8]>,
    /// Delivery id as sent.
    pub id: Option<&'a [u8]>,
    /// The signature header's list.
    pub list: &'a [(String, Vec<u8>)],
    /// The claims of a JSON Web Token, as JSON.
    pub claims: &'a [u8],
    /// The key, for digests that are no MAC, and for conditions on the secret.
    pub key: Option<&'a [u8]>,
    /// The secret as the user gave it, for the parts that are given with the key.
    pub secret: Option<&'a [u8]>,
    /// The signature, while headers are written.
    pub signature: Option<&'a [u8]>,
    /// The sorted fields of the request's own form; without them they are sorted whenever they are asked for.
    pub sorted: Option<&'a Sorted<'a>>,
}

impl<'a> Material<'a> {
    /// What a captured request offers.
    pub fn new(request: &'a Request) -> Self {
        Self {
            method: &request.method,
            target: request.path_and_query(),
            headers: &request.headers,
            body: &request.body.bytes,
            url: None,
            timestamp: None,
            id: None,
            list: &[],
            claims: &[],
            key: None,
            secret: None,
            signature: None,
            sorted: None,
        }
    }

    /// The query of the target.
    pub fn query(&self) -> &'a [u8] {
        let at = self.target.iter().position(|byte| *byte == b'?');
        at.and_then(|at| self.target.get(at + 1..)).unwrap_or_default()
    }

    /// The fields sorted and joined; `unique`: equal ones once.
    pub(in crate::domain::signature) fn params(&self, unique: bool) -> Cow<'a, [u8]> {
        let form = self.form_bytes();
        match self.sorted.and_then(|sorted| sorted.params(form, unique)) {
            Some(made) => Cow::Borrowed(made),
            None => Cow::Owned(sorted_params(form, unique)),
        }
    }

    /// The body when its type says that it is a form.
    pub(in crate::domain::signature) fn form_bytes(&self) -> &'a [u8] {
        form_bytes(self.headers, self.body)
    }

    /// The form's values of these names, in their order, the first of each: one look for all of them, at no more than `count_max` fields.
    pub(in crate::domain::signature) fn form_values(
        &self,
        names: &[Vec<u8>],
        count_max: usize,
    ) -> Vec<Option<Cow<'a, [u8]>>> {
        let form = self.form_bytes();
        #[cfg(test)]
        SCANNED_BYTES.with(|bytes| bytes.set(bytes.get() + form.len()));
        let mut values = vec![None; names.len()];
        for pair in form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).take(count_max) {
            let (name, value) = pair.split_at(memchr::memchr(b'=', pair).unwrap_or(pair.len()));
            let name = form_decode_cow(name);
            let Some(at) = names.iter().position(|wanted| **wanted == *name) else { continue };
            if let Some(place) = values.get_mut(at).filter(|place| place.is_none()) {
                *place = Some(form_decode_cow(value.get(1..).unwrap_or_default()));
            }
        }
        values
    }
}

#[cfg(test)]
thread_local! {
    /// Bytes of forms and queries in which this thread looked for fields.
    pub(in crate::domain::signature) static SCANNED_BYTES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
