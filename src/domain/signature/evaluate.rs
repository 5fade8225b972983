//! The exact rule of one scheme with one secret on the exact bytes.

mod one;
mod stage;

pub use one::{Evaluation, failed_guard, joined};
pub(super) use one::{KEYS_MAX, found_one};
pub use stage::{NoSignatureStage, Stage};

use super::found::{self, Found, NoSignature};
use super::material::Material;
use super::public_url;
use super::scheme::{Form, Scheme};
use super::template::{Source, SourceField};
use super::{http_message, json, jwt, lines, receiver};
use crate::domain::headers::Headers;
use crate::domain::time::Timestamp;

/// Applies the rule. `secret` is as the user gave it; `url` is the signed URL.
pub fn evaluate(scheme: &Scheme, base: &Material<'_>, secret: &[u8], url: &[u8], now: Timestamp) -> Evaluation {
    let base = Material { secret: Some(secret), url: Some(url), ..*base };
    let rule = |base: &Material<'_>| match &scheme.each {
        Some(SourceField(Source::Json(path))) => every(scheme, path, base, secret, now),
        _ => one(scheme, base, secret, now),
    };
    let mut evaluation = rule(&base);
    if evaluation.stage.signature_fits() {
        let holds = |headers: &Headers| rule(&Material { headers, ..base }).stage.signature_fits();
        match of_lines(scheme, base.headers, holds) {
            None => {}
            Some((true, words)) => evaluation.lines = Some(words),
            Some((false, words)) => evaluation.stage = Stage::Repeated(words),
        }
        if let Some(stage) = receiver::refusal(scheme, &base, &evaluation.found) {
            evaluation.stage = stage;
        }
    }
    evaluation
}

/// Of a signature that fits: whether it does for every receiver, where a header that it rests on came on several lines; and
/// that in words.
pub(super) fn of_lines(
    scheme: &Scheme,
    headers: &Headers,
    mut holds: impl FnMut(&Headers) -> bool,
) -> Option<(bool, String)> {
    let names = lines::repeated(scheme, headers);
    let name = names.first()?;
    let count = headers.get_all(name).count();
    let [by_first, by_joined] = lines::readings(headers, &names).map(|headers| holds(&headers));
    let fitting: Vec<_> =
        lines::each(headers, name).into_iter().filter(|(_, alone)| holds(alone)).map(|(at, _)| at).collect();
    let which = match fitting.as_slice() {
        [] => "no line by itself fits".to_owned(),
        [one] => format!("line {one} fits"),
        all if all.len() == count => "each of them fits".to_owned(),
        all => format!("lines {} fit", all.iter().map(usize::to_string).collect::<Vec<_>>().join(" and ")),
    };
    let read = |holds: bool| if holds { "takes it" } else { "refuses it" };
    Some((
        by_first && by_joined,
        format!(
            "{name} came on {count} lines, and {which}: a receiver that reads the first line (Go, Java) {}, one that joins them by \
             commas (Node, Python, Ruby) {}",
            read(by_first),
            read(by_joined)
        ),
    ))
}

/// Every element of the array has to hold; the first that does not is told.
fn every(scheme: &Scheme, path: &[String], base: &Material<'_>, secret: &[u8], now: Timestamp) -> Evaluation {
    let mut last = None;
    for element in json::elements(base.body, path) {
        let mut evaluation = one(scheme, &Material { body: element, ..*base }, secret, now);
        evaluation.element = Some(element.to_vec());
        if evaluation.stage != Stage::Valid {
            return evaluation;
        }
        last = Some(evaluation);
    }
    last.unwrap_or_else(|| {
        let none = Found { none: Some(NoSignature::Missing), ..Found::default() };
        Evaluation::stopped(Stage::NoSignature(NoSignatureStage::Missing), none)
    })
}

fn one(scheme: &Scheme, base: &Material<'_>, secret: &[u8], now: Timestamp) -> Evaluation {
    let found = found::find(scheme, base);
    match &scheme.form {
        Form::Plain => found_one(scheme, base, found, secret, now),
        _ if found.none.is_some() => {
            let stage = found.none.map_or(Stage::SignatureMalformed, |none| Stage::NoSignature(none.into()));
            Evaluation::stopped(stage, found)
        }
        Form::Jwt(form) => jwt::evaluate(scheme, form, base, found, secret, now),
        Form::HttpMessage(form) => http_message::evaluate(scheme, form, base, found, secret, now),
    }
}

/// The URLs that a scheme takes as the same.
pub fn accepted_urls(scheme: &Scheme, url: &[u8]) -> Vec<Vec<u8>> {
    let mut urls = vec![url.to_vec()];
    if public_url::split(url).1.is_empty() {
        // An empty path and `/` are the same URL (RFC 3986 section 6.2.3); senders sign either.
        urls.push([url, b"/"].concat());
    }
    for form in &scheme.url_forms {
        let others: Vec<_> = urls.iter().flat_map(|url| public_url::in_form(url, *form)).collect();
        for other in others {
            if !urls.contains(&other) {
                urls.push(other);
            }
        }
    }
    urls
}

#[cfg(test)]
mod tests;
