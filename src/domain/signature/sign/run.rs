//! One signing: time, id and signature made, and put where the scheme says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::input::{FORM, SignError, SignInput, Signed, header_of, material};
use crate::domain::body::media_type;
use crate::domain::form::form_fields;
use crate::domain::headers::Headers;
use crate::domain::signature::crypto::{self, keys, private};
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::{Form, Scheme};
use crate::domain::signature::template::{Source, SourceField};
use crate::domain::signature::{found, http_message, jwt, public_url, timestamp};

/// One signing under way.
pub(super) struct Run<'a> {
    input: &'a SignInput<'a>,
    scheme: &'a Scheme,
    key: Zeroizing<Vec<u8>>,
    target: Vec<u8>,
    headers: Headers,
    written: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    query: Vec<(String, Vec<u8>)>,
    stamp: Option<String>,
    id: Option<Vec<u8>>,
}

impl<'a> Run<'a> {
    /// Makes time and id, and puts them where they belong; into the body only when that may change.
    pub(super) fn new(input: &'a SignInput<'a>, scheme: &'a Scheme, may_change_body: bool) -> Result<Self, SignError> {
        let wrong = |problem| SignError::Secret { title: input.profile.title.clone(), problem };
        let key = match scheme.algorithm.is_public() {
            false => keys::symmetric(&scheme.key, input.secret.expose()).map_err(wrong)?,
            true => {
                let key = private::read(&scheme.key, scheme.algorithm, input.secret.expose()).map_err(wrong)?;
                if key.sign(scheme.algorithm, b"").is_none() {
                    return Err(wrong(format!("nothing is signed with {} here", scheme.algorithm.name())));
                }
                Zeroizing::new(input.secret.expose().to_vec())
            }
        };
        let mut run = Self {
            input,
            scheme,
            key,
            target: public_url::target_of(input.url),
            headers: input.headers.clone(),
            written: Vec::new(),
            body: input.body.to_vec(),
            query: Vec::new(),
            stamp: scheme.timestamp.as_ref().map(|clock| timestamp::write(clock.unit, input.now)),
            id: None,
        };
        if let (Some(clock), Some(stamp)) = (&scheme.timestamp, run.stamp.clone()) {
            match &clock.from.0 {
                Source::Header(name) => run.set(name, stamp.into_bytes()),
                place @ (Source::Json(_) | Source::Form(_)) if may_change_body => run.set_in_body(place, &stamp)?,
                _ => {}
            }
        }
        match &scheme.id {
            Some(SourceField(Source::Header(name))) => {
                let value = run.headers.get(name).map_or_else(|| new_id(input), <[u8]>::to_vec);
                run.set(name, value.clone());
                run.id = Some(value);
            }
            Some(SourceField(place)) => {
                let known = run.material().value(place).map(|value| value.into_owned());
                let value = known.unwrap_or_else(|| new_id(input));
                if may_change_body && run.material().value(place).is_none() {
                    run.set_in_body(place, &String::from_utf8_lossy(&value))?;
                }
                run.id = Some(value);
            }
            None => {}
        }
        for (name, template) in &scheme.write_headers {
            let value = run.material().render(template).map_err(|absent| absent_error(input, &absent.0))?;
            run.set(name, value);
        }
        Ok(run)
    }

    fn set(&mut self, name: &str, value: Vec<u8>) {
        self.headers.set(name, value.clone());
        self.written.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.written.push((name.to_owned(), value));
    }

    fn material(&self) -> Material<'_> {
        Material {
            body: &self.body,
            ..material(self.input, &self.headers, &self.target, self.stamp.as_deref(), self.id.as_deref(), &self.key)
        }
    }

    /// Signs, and gives what is to be written.
    pub(super) fn finish(mut self) -> Result<Signed, SignError> {
        match &self.scheme.each {
            Some(SourceField(Source::Json(path))) => self.sign_each(path)?,
            _ => self.sign_one()?,
        }
        let body = (self.body != self.input.body).then_some(self.body);
        Ok(Signed { headers: self.written, body, query: self.query })
    }

    fn sign_one(&mut self) -> Result<(), SignError> {
        let absent = |source: Source| absent_error(self.input, &source);
        let signature = match &self.scheme.form {
            Form::Plain => signature(self.scheme, &self.material(), &self.key).map_err(absent)?,
            Form::Jwt(form) => {
                jwt::sign(self.scheme, form, &self.material(), &self.key, self.input.now).map_err(absent)?
            }
            Form::HttpMessage(form) => {
                let signed = http_message::sign(self.scheme, form, &self.material(), &self.key, self.input.now);
                for (name, value) in signed.map_err(absent)? {
                    self.set(&name, value);
                }
                return Ok(());
            }
        };
        let value = self.written_value(&signature)?;
        if let Some(name) = header_of(self.scheme) {
            self.set(&name, value);
            return Ok(());
        }
        if self.scheme.signature.iter().any(|place| place.0 == Source::Body) {
            self.body = value;
            return Ok(());
        }
        let place = self.scheme.signature.iter().map(|place| &place.0);
        let is_form = media_type(&self.headers) == FORM;
        let mut place =
            place.filter(|place| matches!(place, Source::Json(_)) || (is_form && matches!(place, Source::Form(_))));
        let in_query = self.scheme.signature.iter().find_map(|place| match &place.0 {
            Source::Query(name) => Some(name.clone()),
            _ => None,
        });
        let place = match (place.next(), in_query) {
            (Some(place), _) => place.clone(),
            (None, Some(name)) => {
                self.query.push((name, value));
                return Ok(());
            }
            (None, None) => return Err(self.not_a_header()),
        };
        self.set_in_body(&place, &String::from_utf8_lossy(&value))
    }

    /// Signs every element of the array at `path`.
    fn sign_each(&mut self, path: &[String]) -> Result<(), SignError> {
        let mut whole: Value =
            serde_json::from_slice(&self.body).map_err(|_| self.no_place(&Source::Json(path.to_vec())))?;
        let mut at = &mut whole;
        for step in path {
            at = at.get_mut(step.as_str()).ok_or_else(|| absent_error(self.input, &Source::Json(path.to_vec())))?;
        }
        let elements = at.as_array_mut().ok_or_else(|| absent_error(self.input, &Source::Json(path.to_vec())))?;
        for element in elements {
            self.body = element.to_string().into_bytes();
            self.sign_one()?;
            *element = serde_json::from_slice(&self.body).map_err(|_| self.not_a_header())?;
        }
        self.body = whole.to_string().into_bytes();
        Ok(())
    }

    /// The signature with its prefix, or as the profile writes it.
    fn written_value(&self, signature: &str) -> Result<Vec<u8>, SignError> {
        match &self.scheme.write {
            Some(template) => {
                let signed = Material { signature: Some(signature.as_bytes()), ..self.material() };
                let value = signed.render(template).map_err(|absent| absent_error(self.input, &absent.0))?;
                let is_packed = self.scheme.list.as_ref().is_some_and(|list| list.base64_json);
                Ok(if is_packed { STANDARD.encode(value).into_bytes() } else { value })
            }
            None => Ok(format!("{}{signature}", self.scheme.prefix).into_bytes()),
        }
    }

    /// Puts a value into the body's JSON or form. The other fields of a form keep their bytes; JSON is written anew.
    fn set_in_body(&mut self, place: &Source, text: &str) -> Result<(), SignError> {
        match place {
            Source::Json(path) => {
                let mut whole: Value = match self.body.trim_ascii() {
                    [] => Value::Object(Map::new()),
                    body => serde_json::from_slice(body).map_err(|_| self.no_place(place))?,
                };
                let slot = json_slot(&mut whole, path).ok_or_else(|| self.no_place(place))?;
                *slot = match text.parse::<i64>() {
                    Ok(number) if !slot.is_string() => number.into(),
                    _ => text.into(),
                };
                self.body = whole.to_string().into_bytes();
            }
            Source::Form(name) => {
                let others = self.body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
                let others = others.filter(|pair| form_fields(pair).all(|(known, _)| known != name.as_bytes()));
                let mut pairs: Vec<Vec<u8>> = others.map(<[u8]>::to_vec).collect();
                let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, text).finish();
                pairs.push(pair.into_bytes());
                self.body = pairs.join(&b'&');
            }
            _ => return Err(self.not_a_header()),
        }
        Ok(())
    }

    fn no_place(&self, place: &Source) -> SignError {
        SignError::NoPlace { title: self.input.profile.title.clone(), place: place.describe() }
    }

    fn not_a_header(&self) -> SignError {
        SignError::NotAHeader { title: self.input.profile.title.clone(), place: self.scheme.place() }
    }
}

/// The value at a path; objects on the way to it are made.
fn json_slot<'v>(whole: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(whole, |at, step| match at {
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        Value::Object(members) => Some(
            members
                .entry(step.clone())
                .or_insert_with(|| if path.last() == Some(step) { Value::Null } else { Value::Object(Map::new()) }),
        ),
        at => {
            *at = Value::Object(Map::new());
            at.as_object_mut().map(|members| members.entry(step.clone()).or_insert(Value::Null))
        }
    })
}

/// The items beside the signature in the list that we write: its time, and fixed ones like `env=master`.
fn listed(scheme: &Scheme, material: &Material<'_>) -> Vec<(String, Vec<u8>)> {
    let (Some(name), Some(template)) = (header_of(scheme), scheme.write.as_ref().filter(|_| scheme.list.is_some()))
    else {
        return Vec::new();
    };
    let Ok(value) = (Material { signature: Some(b"-"), ..*material }).render(template) else { return Vec::new() };
    let mut headers = material.headers.clone();
    headers.set(&name, value);
    found::find(scheme, &Material { headers: &headers, ..*material }).list
}

/// The signature as the scheme writes it, without prefix and list.
fn signature(scheme: &Scheme, material: &Material<'_>, key: &[u8]) -> Result<String, Source> {
    let Some(message) = &scheme.message else {
        return Ok(crypto::encode(scheme.encoding, key));
    };
    let listed = listed(scheme, material);
    let material = Material { list: &listed, ..*material };
    let pieces = material.pieces(message).map_err(|absent| absent.0)?;
    let pieces = pieces.iter().map(|(_, bytes)| bytes.as_ref());
    let digest = crypto::sign(&scheme.key, scheme.algorithm, key, pieces);
    Ok(crypto::encode(scheme.encoding, &digest.unwrap_or_default()))
}

fn absent_error(input: &SignInput<'_>, source: &Source) -> SignError {
    SignError::Absent { title: input.profile.title.clone(), what: source.describe() }
}

/// An id for a request that has none: made from time and body, so that nothing here needs chance.
fn new_id(input: &SignInput<'_>) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&input.now.micros().to_le_bytes());
    context.update(input.body);
    let text = hex::encode(context.finish());
    format!("msg_{}", text.get(..24).unwrap_or_default()).into_bytes()
}
