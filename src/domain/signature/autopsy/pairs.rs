//! Two things wrong at once.

use zeroize::Zeroizing;

use super::contents::body_remedy;
use super::{Diagnosis, LIKELY_BODIES, Search, secrets};
use crate::domain::printable::visible;
use crate::domain::signature::Cause;
use crate::domain::signature::crypto::keys;
use crate::domain::signature::material::Material;

/// A key that is not the exact one.
struct OtherKey {
    /// What it shows.
    cause: Cause,
    /// Whose it is, and what was done to it.
    what: String,
    remedy: String,
    key: Zeroizing<Vec<u8>>,
}

/// URLs that are tried with every other body.
const LIKELY_URLS: usize = 60;

impl Search<'_> {
    /// Another secret, or another reading of it, and another body or URL; another URL and another body.
    pub(super) fn pairs(&mut self) -> Option<Diagnosis> {
        self.tried.push("pairs of these: secret and body, secret and URL, URL and body".into());
        let keys = self.other_keys();
        let likely = |from, to| move |at: &usize| (from..to).contains(at);
        self.keys_and_bodies(&keys, likely(0, LIKELY_BODIES))
            .or_else(|| self.keys_and_urls(&keys))
            .or_else(|| self.urls_and_bodies())
            .or_else(|| self.keys_and_bodies(&keys, likely(LIKELY_BODIES, usize::MAX)))
    }

    fn other_keys(&self) -> Vec<OtherKey> {
        let (scheme, profile) = (self.corpse.scheme, self.corpse.input.profile);
        let mut keys: Vec<OtherKey> = Vec::new();
        if scheme.algorithm.is_public() {
            return keys;
        }
        for other in self.corpse.input.others {
            if let Ok(key) = keys::symmetric(&scheme.key, other.secret.expose()) {
                let what = format!("the secret of {}", visible(other.name.as_bytes()));
                keys.push(OtherKey { cause: Cause::OtherSecret, what, remedy: self.set_here(), key });
            }
        }
        // The likeliest reading of each secret before the unlikelier ones of the first.
        let of_each = self.corpse.secrets.iter().enumerate().map(|(number, secret)| {
            let variants = secrets::variants(profile, &scheme.key, secret.expose(), secret.name());
            let is_many = |what: &str| what.starts_with(secrets::WITH_NAME) || what.starts_with(secrets::ONE_OF);
            let variants = variants.into_iter().filter(|variant| !is_many(&variant.what));
            let key = |variant: secrets::KeyVariant| OtherKey {
                cause: variant.cause,
                what: self.which(number, &variant.what),
                remedy: self.secret_remedy(number, &variant.what, variant.cause),
                key: variant.key,
            };
            variants.map(key).collect::<Vec<_>>()
        });
        let mut of_each: Vec<_> = of_each.map(Vec::into_iter).collect();
        loop {
            let before = keys.len();
            keys.extend(of_each.iter_mut().filter_map(Iterator::next));
            if keys.len() == before {
                return keys;
            }
        }
    }

    /// Every key with the bodies at these places.
    fn keys_and_bodies(&mut self, keys: &[OtherKey], places: impl Fn(&usize) -> bool) -> Option<Diagnosis> {
        if !self.uses_body() {
            return None;
        }
        let bodies = self.body_variants();
        for (_, body) in bodies.iter().enumerate().filter(|(at, _)| places(at)) {
            for other in keys {
                if self.cut {
                    return None;
                }
                let material = Material { body: &body.bytes, ..self.material };
                if let Some(at) = self.fits(&other.key, &material) {
                    let detail = format!(
                        "two things differ: the signature fits with {}, and with {}. The secret: {}. The body: {}{}",
                        other.what,
                        body.what,
                        other.remedy,
                        body_remedy(body.cause),
                        self.besides(at)
                    );
                    return self.invalid(other.cause, detail);
                }
            }
        }
        None
    }

    fn keys_and_urls(&mut self, keys: &[OtherKey]) -> Option<Diagnosis> {
        if !self.uses_url() {
            return None;
        }
        let urls = self.url_variants();
        for other in keys {
            for url in &urls {
                if self.cut {
                    return None;
                }
                let material = Material { url: Some(&url.url), ..self.material };
                if self.fits(&other.key, &material).is_some() {
                    let detail = format!(
                        "two things differ: the signature fits with {}, and with the URL {}. The secret: {}. The URL: {}",
                        other.what,
                        visible(&url.url),
                        other.remedy,
                        self.url_remedy(&url.url)
                    );
                    return self.invalid(other.cause, detail);
                }
            }
        }
        None
    }

    fn urls_and_bodies(&mut self) -> Option<Diagnosis> {
        if !self.uses_url() || !self.uses_body() {
            return None;
        }
        let (urls, bodies) = (self.url_variants(), self.body_variants());
        for key in self.exact_keys() {
            for url in urls.iter().take(LIKELY_URLS) {
                for body in bodies.iter() {
                    if self.cut {
                        return None;
                    }
                    let material = Material { url: Some(&url.url), body: &body.bytes, ..self.material };
                    if self.fits(&key, &material).is_some() {
                        let detail = format!(
                            "two things differ: the signature fits {}, with the URL {}. The URL: {}. The body: {}",
                            body.what,
                            visible(&url.url),
                            self.url_remedy(&url.url),
                            body_remedy(body.cause)
                        );
                        return self.invalid(url.cause, detail);
                    }
                }
            }
        }
        None
    }
}
