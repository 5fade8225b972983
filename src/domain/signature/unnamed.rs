//! A request that no profile recognises, and a secret that was given for it: whose rule it fits, by the headers that are there.
//! Which provider it is stays open, so the verdict stays `unknown`; the words say what to name.

use std::collections::HashMap;

use super::autopsy::{self, targets};
use super::check;
use super::crypto::{self, keys};
use super::evaluate::{self, accepted_urls};
use super::found;
use super::generic;
use super::material::Material;
use super::public_url;
use super::scheme::{Algorithm, Key, KeyForm, Scheme};
use super::template::Source;
use super::{Profiles, Secret, Verdict};
use crate::domain::exchange::Request;
use crate::domain::printable::visible;
use crate::domain::time::Timestamp;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Unnamed<'a> {
    /// The request.
    pub request: &'a Request,
    /// The secrets that were given for it.
    pub secrets: &'a [Secret],
    /// All profiles of this run.
    pub profiles: &'a Profiles,
    /// The URL that the sender calls.
    pub public_url: Option<&'a str>,
    /// Whether the proxy in front is trusted.
    pub trust_proxy: bool,
    /// What time it is.
    pub now: Timestamp,
}

/// Names that are told; more say nothing.
const NAMES_MAX: usize = 6;
/// Work of one look, in bytes hashed or so.
const WORK_BYTES: u64 = check::CheckInput::AUTOPSY_WORK_BYTES;

/// That no provider is recognised, and with secrets what their rules say of the headers that are there.
pub fn verdict(input: &Unnamed<'_>) -> Verdict {
    let mut verdict = Verdict::no_provider(input.now);
    let has_secret = input.secrets.iter().any(|secret| !secret.expose().is_empty());
    if has_secret && input.request.refused().is_none() && input.request.is_whole() {
        let mut look = Look { input, work_bytes: WORK_BYTES };
        if let Some(words) = look.by_rules().or_else(|| look.by_digest()) {
            verdict.detail = words;
        }
    }
    verdict
}

struct Look<'a> {
    input: &'a Unnamed<'a>,
    work_bytes: u64,
}

impl Look<'_> {
    /// The rules of known providers whose header is there.
    fn by_rules(&mut self) -> Option<String> {
        let base = Material::new(self.input.request);
        let url = match self.input.trust_proxy {
            true => public_url::url_behind_proxy(self.input.public_url, self.input.request),
            false => public_url::signed_url(self.input.public_url, self.input.request),
        };
        let (mut there, mut fitting) = (Vec::new(), Vec::new());
        let (mut places, mut known) = (Vec::new(), HashMap::new());
        for profile in self.input.profiles.iter() {
            for scheme in &profile.schemes {
                let place = scheme.signature.iter().find_map(|place| match &place.0 {
                    Source::Header(name) if base.headers.get(name).is_some() => Some(name.clone()),
                    _ => None,
                });
                let Some(place) =
                    place.filter(|_| scheme.algorithm != Algorithm::Token && !scheme.algorithm.is_public())
                else {
                    continue;
                };
                if found::find(scheme, &base).none.is_some() || !scheme.when.iter().all(|one| base.holds(one)) {
                    continue;
                }
                let rule = autopsy::rule_key(scheme);
                let fits = match known.get(&rule) {
                    Some(fits) => *fits,
                    None => self.fits(scheme, &base, &url.url)?,
                };
                known.insert(rule, fits);
                for names in [Some(&mut there), fits.then_some(&mut fitting)].into_iter().flatten() {
                    if names.last() != Some(&profile.name) {
                        names.push(profile.name.clone());
                    }
                }
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        let places = visible(places.join(" and ").as_bytes());
        match (fitting.as_slice(), there.as_slice()) {
            ([], []) => None,
            ([], all) => Some(format!(
                "no known provider is recognised. Header {places} is there, where {} put theirs, and the secret fits none of their \
                 rules: name the sender with --scheme NAME, and the check says why",
                listed(all)
            )),
            ([one], _) => Some(format!(
                "no known provider is recognised, but the signature in header {places} fits this secret by the rule of {one}: give \
                 --scheme {one}"
            )),
            (all, _) => Some(format!(
                "no known provider is recognised, but the signature in header {places} fits this secret by the rule of {}: give --scheme \
                 with the name of the one that sends it",
                listed(all)
            )),
        }
    }

    /// Whether a rule holds with one of the secrets; `None`: there is no work left to tell.
    fn fits(&mut self, scheme: &Scheme, base: &Material<'_>, url: &[u8]) -> Option<bool> {
        for secret in self.input.secrets.iter().filter(|secret| !secret.expose().is_empty()) {
            let base = Material { key: Some(secret.expose()), ..*base };
            for url in accepted_urls(scheme, url) {
                self.pay(autopsy::rule_cost(scheme, &base))?;
                let evaluation = evaluate::evaluate(scheme, &base, secret.expose(), &url, self.input.now);
                if evaluation.stage.signature_fits() {
                    return Some(true);
                }
            }
        }
        Some(false)
    }

    /// A header of any name that holds a MAC of the body: how to describe that.
    fn by_digest(&mut self) -> Option<String> {
        let base = Material::new(self.input.request);
        let macs = [
            ("hmac-sha256", Algorithm::HmacSha256),
            ("hmac-sha1", Algorithm::HmacSha1),
            ("hmac-sha512", Algorithm::HmacSha512),
        ];
        for secret in self.input.secrets {
            for (form, decode) in [("", KeyForm::Text), ("base64", KeyForm::Base64), ("hex", KeyForm::Hex)] {
                let rule = Key { decode, ..Key::default() };
                let Ok(key) = keys::symmetric(&rule, secret.expose()) else { continue };
                for (word, mac) in macs {
                    self.pay(base.body.len() as u64)?;
                    let digest = crypto::compute(mac, &key, std::iter::once(base.body))?;
                    let found = base.headers.iter().take(HEADERS_MAX).find_map(|header| {
                        let all = targets::of_value(&header.value);
                        let target = all.into_iter().find(|target| target.bytes == digest)?;
                        let name = std::str::from_utf8(&header.name).ok()?;
                        described(word, name, &header.value, target.encoding, form)
                    });
                    let Some((name, spec)) = found else { continue };
                    let holds = generic::parse(&spec).ok().is_some_and(|profile| {
                        let mut schemes = profile.schemes.iter();
                        schemes.any(|scheme| self.fits(scheme, &base, b"") == Some(true))
                    });
                    if holds {
                        return Some(format!(
                            "no known provider is recognised, but header {} holds {} of the body with this secret: describe that with \
                             --scheme '{}'",
                            visible(name.as_bytes()),
                            mac.name(),
                            visible(spec.as_bytes())
                        ));
                    }
                }
            }
        }
        None
    }

    fn pay(&mut self, cost: u64) -> Option<()> {
        self.work_bytes = self.work_bytes.checked_sub(cost)?;
        Some(())
    }
}

/// Headers that are looked at for a digest.
const HEADERS_MAX: usize = 100;

/// A header with a digest as `--scheme` describes it: its name, and the text.
fn described(word: &str, name: &str, value: &[u8], reading: targets::Reading, key: &str) -> Option<(String, String)> {
    let encoding = match reading {
        targets::Reading::Hex => "hex",
        targets::Reading::Base64 => "base64",
        targets::Reading::Base64Url => "base64url",
        _ => return None,
    };
    // What stands before the digest, up to its mark: `sha256=`.
    let text = std::str::from_utf8(value).ok()?.trim();
    // The words are made to be copied into a shell: nothing of the sender's that means something there goes into them.
    let is_tame =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='));
    let bare = text.trim_end_matches('=');
    let prefix = bare.find('=').map(|at| text.get(..=at).unwrap_or_default()).unwrap_or_default();
    if !is_tame(name) || !is_tame(prefix) {
        return None;
    }
    let prefix = if prefix.is_empty() { String::new() } else { format!(",prefix={prefix}") };
    let key = if key.is_empty() { String::new() } else { format!(",key={key}") };
    Some((name.to_owned(), format!("{word}:header={name},encoding={encoding}{prefix}{key}")))
}

fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES_MAX).map(String::as_str).collect();
    let more = names.len().saturating_sub(shown.len());
    match (shown.split_last(), more) {
        (Some((last, rest)), 0) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (_, 0) => shown.join(", "),
        _ => format!("{} and {more} others", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
