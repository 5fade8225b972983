//! Where a digest comes from that the user's own code computed: which secret, which bytes, which algorithm, which encoding.
//! The same variants as in the search for the cause of a failed check, but every rule is tried with every body and key.

mod fields;
mod guards;
mod keys;
mod messages;
mod paste;
mod times;

use zeroize::Zeroizing;

use super::contents::other_joins;
use super::urls::UrlVariant;
use super::{Corpse, Search, Values};
use crate::domain::printable::visible_within;
use crate::domain::quantity::counted;
use crate::domain::signature::Cause;
use crate::domain::signature::check::CheckInput;
use crate::domain::signature::crypto;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::Algorithm;
use crate::domain::signature::template::{Source, Template};
use keys::KeyChoice;
use messages::Message;
use paste::Pasted;
pub(super) use times::UNSET;

/// What is known of a pasted digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computed {
    /// As it was pasted, visible text, clipped.
    pub value: String,
    /// Where it comes from; `None`: nothing that was tried makes it.
    pub origin: Option<Origin>,
    /// In one or two sentences: what it is, and what to do. Visible text, without secrets and expected values.
    pub detail: String,
    /// How many combinations were tried.
    pub tried_count: u32,
    /// Whether the limit of the search ended it.
    pub tried_cut: bool,
}

/// Where a digest comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which secret, by its name, and what was done to it: `env:KEY, without the line end`; empty: none went in.
    pub secret: String,
    /// Which bytes: `the body alone`.
    pub bytes: String,
    /// Which algorithm.
    pub algorithm: &'static str,
    /// How it is written: `hex`.
    pub encoding: &'static str,
    /// How many of its bytes are there, and of how many, when it is cut.
    pub cut: Option<(usize, usize)>,
    /// What has to be done to come to what the provider demands; empty: it is that.
    pub remedies: Vec<String>,
    /// Whether the request carries it, where that is not whether its signature fits.
    pub carried: Option<bool>,
}

/// Columns of a pasted value.
const VALUE_COLUMNS: usize = 160;
/// The work that one search may do, as [`CheckInput::AUTOPSY_WORK_BYTES`].
const WORK_BYTES: u64 = 4 * CheckInput::AUTOPSY_WORK_BYTES;

impl Computed {
    /// Nothing is known of how this provider signs.
    pub fn nothing(value: &str) -> Self {
        Self::without_origin(value, "there is no rule to compare it with: name one with --scheme".to_owned())
    }

    fn without_origin(value: &str, detail: String) -> Self {
        let value = visible_within(value.trim().as_bytes(), VALUE_COLUMNS);
        Self { value, origin: None, detail, tried_count: 0, tried_cut: false }
    }
}

/// Looks for the origin of a digest.
pub(in crate::domain::signature) fn find(corpse: &Corpse<'_>, value: &str) -> Computed {
    let pasted = paste::read(value);
    if pasted.is_empty() {
        let detail = "this is no digest: hex, base64 or base64url of at least 6 bytes is needed (a prefix like `sha256=` may stand before it)";
        return Computed::without_origin(value, detail.to_owned());
    }
    let values = Values::of(corpse);
    let search = Search::new(corpse, values.material(corpse), WORK_BYTES);
    let mut hunt = Hunt { search, pasted, whole: true };
    let origin = hunt.run().or_else(|| {
        hunt.whole = false;
        hunt.run()
    });
    let Hunt { search, .. } = hunt;
    let detail = match &origin {
        Some(origin) => found_words(corpse, origin),
        None => nothing_words(corpse, search.count, search.cut),
    };
    Computed { origin, tried_count: search.count, tried_cut: search.cut, ..Computed::without_origin(value, detail) }
}

/// What to do when nothing that was tried makes it.
fn nothing_words(corpse: &Corpse<'_>, count: u32, cut: bool) -> String {
    let title = &corpse.input.profile.title;
    let all = counted(count as usize, "combination");
    let cut = if cut { ", until the limit of the search was reached" } else { "" };
    if corpse.scheme.algorithm.is_public() {
        return format!(
            "none of {all} makes it{cut}: {title} signs with a private key that only it has, so no digest that you compute can be this \
             signature; verify it with the public key ({}), over the same bytes",
            corpse.scheme.describe()
        );
    }
    if keys::named(corpse).next().is_none() {
        return format!(
            "give the secret first (--secret, or the key s in the interface): without one only plain digests and the empty key were \
             tried, and none of these {all} makes it{cut}"
        );
    }
    format!(
        "none of {all} makes it{cut}: another secret went in, or other bytes; print the bytes that your code signs, and their length"
    )
}

fn found_words(corpse: &Corpse<'_>, origin: &Origin) -> String {
    let title = &corpse.input.profile.title;
    let with =
        if origin.secret.is_empty() { "without any secret".to_owned() } else { format!("with {}", origin.secret) };
    let what = format!("this is {} of {}, {with}, in {}", origin.algorithm, origin.bytes, origin.encoding);
    if !origin.remedies.is_empty() {
        return format!("{what}; to come to what {title} demands: {}", origin.remedies.join("; "));
    }
    match origin.carried.or(corpse.evaluation.fitting.map(|_| true)) {
        Some(true) => format!("{what}: what {title} demands, and what the request carries"),
        Some(false) => format!(
            "{what}: what {title} demands, so your code is right, and the request carries another: the body was changed after it was \
             signed, or its sender took the digest of something else"
        ),
        None => format!(
            "{what}: what {title} demands, so your code is right, and the request carries another: its sender used another secret, or \
             its bytes changed before they came here"
        ),
    }
}

struct Hunt<'a> {
    search: Search<'a>,
    pasted: Vec<Pasted>,
    /// Whether whole digests are looked for, or beginnings of longer ones.
    whole: bool,
}

const HMACS: [Algorithm; 5] =
    [Algorithm::HmacSha256, Algorithm::HmacSha1, Algorithm::HmacSha512, Algorithm::HmacSha384, Algorithm::HmacMd5];
const PLAINS: [Algorithm; 5] =
    [Algorithm::Sha256, Algorithm::Sha1, Algorithm::Sha512, Algorithm::Sha384, Algorithm::Md5];

impl Hunt<'_> {
    fn run(&mut self) -> Option<Origin> {
        let corpse = self.search.corpse;
        let material = self.search.material;
        let (keys, shaped, unset) = (keys::exact(corpse), keys::shaped(corpse), keys::unset(corpse));
        let joins = other_joins();
        let raw = messages::raw(corpse, &material, &joins);
        let bodies = self.search.body_variants();
        let alone = Template::parse("{body}").ok()?;
        let rule = corpse.scheme.message.as_ref().filter(|_| self.search.uses_body());
        let forms = messages::of_bodies(corpse, &material, &bodies, rule, &alone);
        let variants = if self.search.uses_url() { self.url_variants() } else { Vec::new() };
        let urls = messages::of_urls(corpse, &material, &variants);
        let times = times::all(corpse, &material);
        let times = messages::of_times(corpse.scheme.message.as_ref(), &material, &times);
        let joined = corpse.scheme.message.as_ref().map(|rule| fields::all(rule, &material)).unwrap_or_default();
        let fields = messages::of_fields(corpse, &material, &joined, &variants);
        let others = messages::of_joins_and_urls(corpse, &material, &joins, &variants);
        self.guarded(&bodies)
            .or_else(|| self.keyed(&keys, &raw))
            .or_else(|| self.plain(&keys, &raw))
            .or_else(|| self.swapped(&raw))
            .or_else(|| self.keyed(&keys, &urls))
            .or_else(|| self.keyed(&shaped, raw.get(..RULES_WITH_SHAPES.min(raw.len())).unwrap_or_default()))
            .or_else(|| self.keyed(&unset, raw.get(..1).unwrap_or_default()))
            .or_else(|| self.keyed(&keys, &forms))
            .or_else(|| self.plain(&[], &forms))
            .or_else(|| self.plain(&shaped, raw.get(..RULES_WITH_SHAPES.min(raw.len())).unwrap_or_default()))
            .or_else(|| self.keyed(&keys, &fields))
            .or_else(|| self.keyed(&keys, &others))
            .or_else(|| self.keyed(&keys, &times))
            .or_else(|| self.keyed(&shaped, &raw))
            .or_else(|| self.keyed(&shaped, &forms))
    }

    /// Other URLs: those of the diagnosis, and those of one's own machine.
    fn url_variants(&self) -> Vec<UrlVariant> {
        let local = fields::local_urls(&self.search.corpse.url.url);
        let local = local.into_iter().map(|url| UrlVariant { cause: Cause::UrlHost, url });
        let mut all = self.search.url_variants();
        // Not last: the variants are many, and most of what joins them looks at the first alone.
        let at = LIKELY_URLS.min(all.len());
        all.splice(at..at, local);
        all
    }

    /// MACs with these keys, and the scheme's own digest where its message holds the key.
    fn keyed(&mut self, keys: &[KeyChoice], messages: &[Message<'_>]) -> Option<Origin> {
        let own = self.search.corpse.scheme.algorithm;
        let algorithms: Vec<_> = std::iter::once(own).chain(HMACS.into_iter().filter(|other| *other != own)).collect();
        for message in messages {
            let holds_key = message.template.uses(&Source::Secret);
            for key in keys {
                for algorithm in algorithms.iter().filter(|one| one.is_hmac() || holds_key) {
                    let Some(at) = self.trial(*algorithm, &key.bytes, message.template, &message.material) else {
                        continue;
                    };
                    return Some(self.origin(at, *algorithm, Some(key), message, None));
                }
            }
        }
        None
    }

    /// Plain digests: of the message alone, of the key and the message, of the message and the key.
    fn plain(&mut self, keys: &[KeyChoice], messages: &[Message<'_>]) -> Option<Origin> {
        for message in messages.iter().filter(|message| !message.template.uses(&Source::Secret)) {
            for algorithm in PLAINS {
                if let Some(at) = self.trial(algorithm, &[], message.template, &message.material) {
                    return Some(self.origin(at, algorithm, None, message, Some(plain_remedy(self.search.corpse))));
                }
            }
            for key in keys {
                for before in [true, false] {
                    let joined = super::steps::with_secret(message.template, before);
                    for algorithm in PLAINS {
                        let Some(at) = self.trial(algorithm, &key.bytes, &joined, &message.material) else { continue };
                        let place = if before { "the secret and then" } else { "the secret behind" };
                        let words = format!("{place} {}", message.words);
                        // What is signed may be wrong as well: the whole recipe is told.
                        let message = Message { words, remedy: message.remedy.clone(), ..*message };
                        return Some(self.origin(
                            at,
                            algorithm,
                            Some(key),
                            &message,
                            Some(plain_remedy(self.search.corpse)),
                        ));
                    }
                }
            }
        }
        None
    }

    /// Key and message in each other's place.
    fn swapped(&mut self, messages: &[Message<'_>]) -> Option<Origin> {
        let corpse = self.search.corpse;
        let named: Vec<_> = keys::named(corpse).map(|(name, secret)| (name, secret.to_vec())).collect();
        for message in messages {
            let keyed = Material { key: Some(b""), ..message.material };
            let Ok(bytes) = keyed.render(message.template) else { continue };
            for (name, secret) in &named {
                for algorithm in HMACS {
                    if !self.size_fits(algorithm) || !self.search.pay(super::TRIAL_BYTES + bytes.len() as u64) {
                        continue;
                    }
                    let digest = crypto::compute(algorithm, &bytes, std::iter::once(secret.as_slice()))?;
                    let Some(at) = self.hit(&digest) else { continue };
                    let key = KeyChoice { words: name.clone(), remedy: None, bytes: Zeroizing::new(Vec::new()) };
                    let words = format!("the secret, with {} as the key", message.words);
                    let message = Message { words, remedy: message.remedy.clone(), ..*message };
                    let remedy = match corpse.scheme.algorithm {
                        own if own.is_hmac() && own != algorithm => {
                            format!("swap key and message: the secret is the key; use {}", own.name())
                        }
                        _ => "swap key and message: the secret is the key".to_owned(),
                    };
                    return Some(self.origin(at, algorithm, Some(&key), &message, Some(remedy)));
                }
            }
        }
        None
    }

    fn trial(
        &mut self,
        algorithm: Algorithm,
        key: &[u8],
        template: &Template,
        material: &Material<'_>,
    ) -> Option<usize> {
        if !self.size_fits(algorithm) {
            return None;
        }
        let keyed = Material { key: Some(key), ..*material };
        let cost = self.search.cost(algorithm, template, &keyed);
        if !self.search.pay(cost) {
            return None;
        }
        let pieces = keyed.pieces(template).ok()?;
        let digest = crypto::compute(algorithm, key, pieces.iter().map(|(_, bytes)| bytes.as_ref()))?;
        self.hit(&digest)
    }

    fn size_fits(&self, algorithm: Algorithm) -> bool {
        let Some(size) = crypto::output_bytes(algorithm) else { return false };
        self.pasted.iter().any(|pasted| if self.whole { pasted.bytes.len() == size } else { pasted.bytes.len() < size })
    }

    fn hit(&self, digest: &[u8]) -> Option<usize> {
        self.pasted.iter().position(|pasted| match self.whole {
            true => pasted.bytes == digest,
            false => pasted.bytes.len() < digest.len() && digest.starts_with(&pasted.bytes),
        })
    }

    fn origin(
        &self,
        at: usize,
        algorithm: Algorithm,
        key: Option<&KeyChoice>,
        message: &Message<'_>,
        remedy: Option<String>,
    ) -> Origin {
        let scheme = self.search.corpse.scheme;
        let pasted = self.pasted.get(at);
        let (size, reading) = pasted.map_or((0, super::targets::Reading::Hex), |one| (one.bytes.len(), one.reading));
        let whole = crypto::output_bytes(algorithm).unwrap_or(size);
        let mut remedies = Vec::new();
        let is_other = algorithm != scheme.algorithm && !scheme.algorithm.is_public();
        if remedy.is_none() && is_other {
            remedies.push(format!("use {}", scheme.algorithm.name()));
        }
        remedies.extend(remedy);
        remedies.extend(message.remedy.clone());
        remedies.extend(key.and_then(|key| key.remedy.clone()));
        if size < whole {
            remedies.push(format!("take all {whole} bytes of the digest, not the first {size}"));
        }
        if !reading.covers(scheme.encoding) && !scheme.algorithm.is_public() {
            remedies.push(format!("write it in {}", scheme.encoding.name()));
        }
        Origin {
            secret: key.map(|key| key.words.clone()).unwrap_or_default(),
            bytes: message.words.clone(),
            algorithm: algorithm.name(),
            encoding: reading.name(),
            cut: (size < whole).then_some((size, whole)),
            remedies,
            carried: None,
        }
    }
}

/// URLs of the diagnosis that are tried before those of one's own machine.
const LIKELY_URLS: usize = 20;

/// Joins that are tried with every reading of every secret before the other forms of the body.
const RULES_WITH_SHAPES: usize = 3;

fn plain_remedy(corpse: &Corpse<'_>) -> String {
    format!("use {}, with the secret as its key", corpse.scheme.algorithm.name())
}

#[cfg(test)]
mod tests;
