//! The fields of a form sorted and joined: the dearest thing that is signed, made once for all secrets, rules and URLs.

use std::cell::OnceCell;

use crate::domain::body::media_type;
use crate::domain::exchange::Request;
use crate::domain::form::form_fields_cow;
use crate::domain::headers::Headers;

/// The sorted fields of one request's form, made when they are first asked for.
#[derive(Debug, Default)]
pub struct Sorted<'a> {
    form: &'a [u8],
    unique: OnceCell<Vec<u8>>,
    all: OnceCell<Vec<u8>>,
}

impl<'a> Sorted<'a> {
    /// Of a request; nothing is made yet.
    pub fn of(request: &'a Request) -> Self {
        Self { form: form_bytes(&request.headers, &request.body.bytes), ..Self::default() }
    }

    /// The fields of this form, when it is the one that these are of.
    pub(super) fn params(&'a self, form: &[u8], unique: bool) -> Option<&'a [u8]> {
        let made = if unique { &self.unique } else { &self.all };
        // The same bytes at the same place: a variant of the body has others.
        std::ptr::eq(self.form, form).then(|| made.get_or_init(|| sorted_params(form, unique)).as_slice())
    }

    /// Whether this form's fields would not have to be sorted any more.
    pub(in crate::domain::signature) fn is_made(&self, form: &[u8], unique: bool) -> bool {
        let made = if unique { &self.unique } else { &self.all };
        std::ptr::eq(self.form, form) && made.get().is_some()
    }
}

/// The body when its type says that it is a form.
pub(super) fn form_bytes<'a>(headers: &Headers, body: &'a [u8]) -> &'a [u8] {
    if media_type(headers) == "application/x-www-form-urlencoded" { body } else { &[] }
}

/// Names and values without anything between them, in the order of both; `unique`: equal fields once.
pub(super) fn sorted_params(form: &[u8], unique: bool) -> Vec<u8> {
    #[cfg(test)]
    SORTED.with(|count| count.set(count.get() + 1));
    let mut fields: Vec<_> = form_fields_cow(form).collect();
    fields.sort_unstable();
    if unique {
        fields.dedup();
    }
    let mut joined = Vec::with_capacity(form.len());
    for (name, value) in &fields {
        joined.extend_from_slice(name);
        joined.extend_from_slice(value);
    }
    joined
}

#[cfg(test)]
thread_local! {
    /// How often this thread sorted a form.
    pub static SORTED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}
