//! The changes that make a good delivery a bad one, each as small as can be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Trial, chance_of};
use crate::domain::body::media_type;
use crate::domain::delivery::fresh::step_text;
use crate::domain::delivery::sample::Payload;
use crate::domain::delivery::set::Change;
use crate::domain::delivery::{Delivery, Order};
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Encoding, Form, Scheme};
use crate::domain::signature::template::{Source, SourceField};
use crate::domain::signature::{Outcome, SignInput, found, sign_whole, timestamp};

const NOT_IN_HEADER: &str = "the signature stands in the body";

impl Trial<'_> {
    /// The same JSON as a program writes it that wants it read, signed as it is.
    pub(super) fn spaced(&self) -> Result<Delivery, String> {
        self.written("spaced", |_, whole| serde_json::to_vec_pretty(whole).unwrap_or_default())
    }

    /// The same bytes and a line end, as editors and `echo` leave it, signed as they are.
    pub(super) fn line_end(&self) -> Result<Delivery, String> {
        self.written("line-end", |body, _| [body, b"\n"].concat())
    }

    /// A JSON body written so, and signed then.
    fn written(&self, name: &str, write: impl Fn(&[u8], &serde_json::Value) -> Vec<u8>) -> Result<Delivery, String> {
        let base = self.fresh_one(name);
        let body = &base.request.body.bytes;
        let whole: serde_json::Value = serde_json::from_slice(body).map_err(|_| "the body is no JSON".to_owned())?;
        if self.signature_place(&base).is_some_and(|place| matches!(place, Source::Json(_))) {
            return Err(NOT_IN_HEADER.to_owned());
        }
        let own = &self.order.payload.headers;
        let headers = own.iter().map(|(name, value)| {
            let value = base.request.headers.get_str(name).unwrap_or(value);
            (name.clone(), value.to_owned())
        });
        let payload = Payload {
            body: write(body, &whole),
            headers: headers.collect(),
            changes: Vec::new(),
            is_sample: false,
            ..self.order.payload.clone()
        };
        Delivery::make(&Order { payload: &payload, id: None, ..self.order.clone() })
    }

    /// Nothing of a signature, wherever a scheme of the provider looks for one.
    pub(super) fn without_signature(&self) -> Delivery {
        let mut bare = self.fresh_one("without-signature");
        for source in self.order.profile.schemes.iter().flat_map(places) {
            bare = match &source {
                Source::Header(name) => bare.changed(|headers, _, _| headers.remove(&name.replace('#', "1"))),
                Source::Body => bare.changed(|_, body, _| body.clear()),
                place => match value_at(&bare, place) {
                    Some(_) => remove(&bare, place),
                    None => bare,
                },
            };
        }
        bare.changed(|headers, _, _| headers.remove("signature-input"))
    }

    /// Another text in place of the signature; version, timestamp and prefix stay.
    pub(super) fn with_signature(&self, name: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> Result<Delivery, String> {
        let base = self.fresh_one(name);
        let place = &self.signature_place(&base).ok_or("no signature is found in it")?;
        let value = value_at(&base, place).unwrap_or_default();
        let whole = match &self.scheme.form {
            Form::HttpMessage(_) => value.split(|byte| *byte == b':').nth(1).unwrap_or_default().to_vec(),
            _ if self.scheme.each.is_some() || self.packed() => value.clone(),
            _ => {
                let found = found::find(self.scheme, &Material::new(&base.request));
                found.signatures.into_iter().next().unwrap_or_default()
            }
        };
        let signature = match &self.scheme.form {
            Form::Jwt(_) => whole.rsplit(|byte| *byte == b'.').next().unwrap_or_default().to_vec(),
            _ => whole,
        };
        let at = (!signature.is_empty()).then(|| memchr::memmem::rfind(&value, &signature)).flatten();
        let at = at.ok_or("the signature is wrapped in another form")?;
        let changed = change(&signature);
        if changed == signature {
            return Err("it would be the same".to_owned());
        }
        let (before, rest) = value.split_at(at);
        let after = rest.get(signature.len()..).unwrap_or_default();
        Ok(put(&base, place, &[before, &changed, after].concat()))
    }

    /// Whether the header is base64 of a JSON object, which is changed as a whole.
    fn packed(&self) -> bool {
        self.scheme.list.as_ref().is_some_and(|list| list.base64_json)
    }

    /// Upper case, where that is the same number in hex.
    pub(super) fn upper_case(&self) -> Result<Delivery, String> {
        let is_hex = self.scheme.encoding == Encoding::Hex && self.scheme.form == Form::Plain;
        if !is_hex || self.scheme.message.is_none() {
            return Err("the signature is not written in hex".to_owned());
        }
        self.with_signature("upper-case", <[u8]>::to_ascii_uppercase)
    }

    /// The place that holds the signature.
    fn signature_place(&self, delivery: &Delivery) -> Option<Source> {
        places(self.scheme).into_iter().find(|place| value_at(delivery, place).is_some())
    }

    /// The signature of an empty body over the whole one.
    pub(super) fn signed_nothing(&self) -> Result<Delivery, String> {
        let base = self.fresh_one("signed-nothing");
        if !self.signature_place(&base).is_some_and(|place| matches!(place, Source::Header(_))) {
            return Err(NOT_IN_HEADER.to_owned());
        }
        let input = SignInput {
            profile: self.order.profile,
            secret: self.secret,
            method: &base.request.method,
            url: &base.url,
            headers: &base.request.headers,
            body: b"",
            now: self.order.fresh.now,
        };
        let signed = sign_whole(&input).map_err(|error| error.to_string())?;
        Ok(base.changed(|headers, _, _| {
            signed.headers.iter().for_each(|(name, value)| headers.set(name, value.clone()));
        }))
    }

    /// The signature under a version that is none of those that count (`v0` in place of `v1`).
    pub(super) fn old_version(&self) -> Result<Delivery, String> {
        let list = self.scheme.list.as_ref().filter(|list| !list.assign.is_empty() && !list.base64_json);
        let counting = list.and_then(|list| Some((list, list.accept.first()?)));
        let (list, name) = counting.ok_or("the scheme has no versions")?;
        let base = self.fresh_one("old-version");
        let place = &self.signature_place(&base).ok_or("no signature is found in it")?;
        let value = value_at(&base, place).unwrap_or_default();
        let old = if list.accept.iter().any(|name| name == "v0") { "v00" } else { "v0" };
        let text = String::from_utf8_lossy(&value);
        let changed = text.replace(&format!("{name}{}", list.assign), &format!("{old}{}", list.assign));
        Ok(put(&base, place, changed.as_bytes()))
    }

    /// The same claims in a token whose `alg` is `none` (RFC 8725 section 2.1).
    pub(super) fn alg_none(&self) -> Result<Delivery, String> {
        if !matches!(self.scheme.form, Form::Jwt(_)) {
            return Err("the signature is no JSON Web Token".to_owned());
        }
        let base = self.fresh_one("alg-none");
        let place = &self.signature_place(&base).ok_or("no token is found in it")?;
        let value = String::from_utf8(value_at(&base, place).unwrap_or_default()).unwrap_or_default();
        let start = value.len() - value.trim_start_matches(self.scheme.prefix.as_str()).len();
        let claims = value.split('.').nth(1).unwrap_or_default();
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let prefix = value.get(..start).unwrap_or_default();
        Ok(put(&base, place, format!("{prefix}{head}.{claims}.").as_bytes()))
    }

    /// Without the timestamp, in its header or in the list of the signature.
    pub(super) fn without_timestamp(&self) -> Result<Delivery, String> {
        let clock = self.scheme.timestamp.as_ref().ok_or("the scheme has no timestamp")?;
        let base = self.fresh_one("without-timestamp");
        match &clock.from.0 {
            Source::Header(name) => Ok(base.changed(|headers, _, _| headers.remove(name))),
            Source::List(name) => {
                let list = self.scheme.list.as_ref().filter(|list| !list.assign.is_empty() && list.first.is_empty());
                let list = list.ok_or("the timestamp has no name of its own")?;
                let place = &self.signature_place(&base).ok_or("no signature is found in it")?;
                let value = String::from_utf8_lossy(&value_at(&base, place).unwrap_or_default()).into_owned();
                let start = format!("{name}{}", list.assign);
                let items = value.split(list.separator.as_str()).filter(|item| !item.trim_start().starts_with(&start));
                Ok(put(&base, place, items.collect::<Vec<_>>().join(&list.separator).as_bytes()))
            }
            place @ (Source::Json(_) | Source::Form(_)) => Ok(remove(&base, place)),
            _ => Err("the timestamp cannot be taken out alone".to_owned()),
        }
    }

    /// A timestamp two seconds later than the signed one.
    pub(super) fn altered_timestamp(&self) -> Result<Delivery, String> {
        let clock = self.scheme.timestamp.as_ref().ok_or("the scheme has no timestamp")?;
        let base = self.fresh_one("altered-timestamp");
        let later = timestamp::write(clock.unit, self.order.fresh.now.plus_micros(2_000_000));
        match &clock.from.0 {
            Source::List(name) => {
                let place = &self.signature_place(&base).ok_or("no signature is found in it")?;
                let value = String::from_utf8_lossy(&value_at(&base, place).unwrap_or_default()).into_owned();
                let now = timestamp::write(clock.unit, self.order.fresh.now);
                if !value.contains(&now) {
                    return Err(format!("{name} is not written plainly"));
                }
                Ok(put(&base, place, value.replacen(&now, &later, 1).as_bytes()))
            }
            place if value_at(&base, place).is_some() => Ok(put(&base, place, later.as_bytes())),
            _ => Err("the timestamp is a part of the token, which is signed as a whole".to_owned()),
        }
    }

    /// Another id than the signed one.
    pub(super) fn altered_id(&self) -> Result<Delivery, String> {
        let place = self.scheme.id.as_ref().ok_or("the scheme signs no delivery id")?;
        let base = self.fresh_one("altered-id");
        let old = value_at(&base, &place.0).ok_or("the delivery has no id")?;
        let id = self.order.fresh.number(chance_of(b"another id")).id_like(&String::from_utf8_lossy(&old));
        Ok(put(&base, &place.0, id.as_bytes()))
    }

    /// One letter or digit of the body changed, so that it can be read as before, and is not what was signed. From the end,
    /// and where that can be neither type nor id changes: a receiver that knows these should be tried too.
    pub(super) fn altered_body(&self) -> Result<Delivery, String> {
        let base = self.fresh_one("altered-body");
        if base.request.body.is_empty() {
            return Err("there is no body".to_owned());
        }
        let profile = self.order.profile;
        let named =
            |delivery: &Delivery| (profile.event_type(&delivery.request), profile.delivery_id(&delivery.request));
        let known = named(&base);
        let mut renamed = None;
        for altered in altered_bodies(&base).take(ALTERED_MAX) {
            if self.outcome(&altered) == Outcome::Valid {
                continue;
            }
            if named(&altered) == known {
                return Ok(altered);
            }
            renamed = renamed.or(Some(altered));
        }
        renamed.ok_or_else(|| "by the provider's rule it would still be valid".to_owned())
    }
}

/// A scheme that covers no byte of the body would have each of them tried.
const ALTERED_MAX: usize = 64;

/// The delivery with one letter or digit of its body changed, from the end, where the body reads as before.
fn altered_bodies(base: &Delivery) -> impl Iterator<Item = Delivery> {
    let body = &base.request.body.bytes;
    let is_json = serde_json::from_slice::<serde_json::Value>(body).is_ok();
    let is_form = media_type(&base.request.headers) == "application/x-www-form-urlencoded";
    let escape = if is_form { b'%' } else { b'\\' };
    (0..body.len()).rev().filter_map(move |at| {
        let byte = body.get(at).copied().filter(u8::is_ascii_alphanumeric)?;
        if body.get(at.saturating_sub(6)..at).is_some_and(|before| before.contains(&escape)) {
            return None;
        }
        let other = match byte {
            b'9' | b'z' | b'Z' => byte - 1,
            byte => byte + 1,
        };
        let altered = base.changed(|_, body, _| {
            if let Some(byte) = body.get_mut(at) {
                *byte = other;
            }
        });
        let reads = !is_json || serde_json::from_slice::<serde_json::Value>(&altered.request.body.bytes).is_ok();
        reads.then_some(altered)
    })
}

/// Where a scheme's signatures are; of an array whose elements are signed each, the first one's.
fn places(scheme: &Scheme) -> Vec<Source> {
    let whole = |place: &Source| match (&scheme.each, place) {
        (Some(SourceField(Source::Json(list))), Source::Json(path)) => {
            let steps = list.iter().cloned().chain(["0".to_owned()]).chain(path.iter().cloned());
            Source::Json(steps.collect())
        }
        (_, place) => place.clone(),
    };
    scheme.signature.iter().map(|place| whole(&place.0)).collect()
}

/// What stands at a place of the request.
fn value_at(delivery: &Delivery, place: &Source) -> Option<Vec<u8>> {
    let place = match place {
        Source::Header(name) => &Source::Header(name.replace('#', "1")),
        place => place,
    };
    Material::new(&delivery.request).value(place).map(|value| value.into_owned())
}

/// Puts a value at a place of the request. What cannot be written stays.
fn put(delivery: &Delivery, place: &Source, value: &[u8]) -> Delivery {
    let text = String::from_utf8_lossy(value).into_owned();
    delivery.changed(|headers, body, target| {
        let change = match place {
            Source::Header(name) => {
                headers.set(&name.replace('#', "1"), value.to_vec());
                return;
            }
            Source::Query(name) => {
                *target = with_field(target, name, Some(&text));
                return;
            }
            Source::Body => {
                *body = value.to_vec();
                return;
            }
            Source::Form(name) => Change::parse(&format!("{name}={text}")),
            Source::Json(path) => {
                let steps: String = path.iter().map(|step| step_text(step)).collect();
                Change::parse(&format!("{}={text}", steps.trim_start_matches('.')))
            }
            _ => return,
        };
        if let Ok(changed) = change.and_then(|change| change.apply(headers, body)) {
            *body = changed;
        }
    })
}

/// Takes a value out of query, form or JSON.
fn remove(delivery: &Delivery, place: &Source) -> Delivery {
    delivery.changed(|_, body, target| match place {
        Source::Query(name) => *target = with_field(target, name, None),
        Source::Form(name) => {
            let form = [b"?".as_slice(), body].concat();
            *body = with_field(&form, name, None).get(1..).unwrap_or_default().to_vec();
        }
        Source::Json(path) => {
            let Ok(mut whole) = serde_json::from_slice::<serde_json::Value>(body) else { return };
            let Some((last, parents)) = path.split_last() else { return };
            let mut at = Some(&mut whole);
            for step in parents {
                at = at.and_then(|at| match at {
                    serde_json::Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
                    at => at.get_mut(step.as_str()),
                });
            }
            if let Some(members) = at.and_then(serde_json::Value::as_object_mut) {
                members.shift_remove(last);
            }
            *body = whole.to_string().into_bytes();
        }
        _ => {}
    })
}

/// A target whose query has another value for a name, or none of it.
fn with_field(target: &[u8], name: &str, value: Option<&str>) -> Vec<u8> {
    let at = target.iter().position(|byte| *byte == b'?').unwrap_or(target.len());
    let (path, query) = target.split_at(at);
    let is_it = |field: &&[u8]| form_urlencoded::parse(field).any(|(known, _)| known == name);
    let fields = query.get(1..).unwrap_or_default().split(|byte| *byte == b'&').filter(|field| !field.is_empty());
    let mut fields: Vec<Vec<u8>> = fields.filter(|field| !is_it(field)).map(<[u8]>::to_vec).collect();
    if let Some(value) = value {
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        fields.push(pair.into_bytes());
    }
    match fields.is_empty() && !path.is_empty() {
        true => path.to_vec(),
        false => [path, b"?", fields.join(&b'&').as_slice()].concat(),
    }
}
