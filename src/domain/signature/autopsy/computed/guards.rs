//! Digests of the body that stand beside the signature, in a token's claim or in the query: they are no MAC, and take no secret.

use super::{Hunt, Origin};
use crate::domain::signature::autopsy::bodies::BodyVariant;
use crate::domain::signature::crypto;
use crate::domain::signature::scheme::{Algorithm, Encoding, GuardSubject};
use crate::domain::signature::template::{Filter, Part, Source, Template};

impl Hunt<'_> {
    /// The pasted digest is one that the rule compares with the body's, of the body that came or of another form of it.
    pub(super) fn guarded(&mut self, bodies: &[BodyVariant]) -> Option<Origin> {
        let corpse = self.search.corpse;
        let material = self.search.material;
        for guard in corpse.scheme.guards.iter().filter(|guard| guard.about == GuardSubject::Body) {
            let (made, carried) = match guard.left.uses(&Source::Body) {
                true => (&guard.left, &guard.right),
                false => (&guard.right, &guard.left),
            };
            let (Some((algorithm, encoding)), Some(place)) = (digest_of(made), carried.sources().next()) else {
                continue;
            };
            let title = &corpse.input.profile.title;
            let forms = bodies.iter().map(|body| (body.what.as_ref(), body.bytes.as_slice()));
            for (what, bytes) in std::iter::once(("the body", material.body)).chain(forms) {
                if !self.size_fits(algorithm) || !self.search.pay(super::super::TRIAL_BYTES + bytes.len() as u64) {
                    return None;
                }
                let digest = crypto::compute(algorithm, &[], std::iter::once(bytes))?;
                let Some(at) = self.hit(&digest) else { continue };
                let reading = self.pasted.get(at)?.reading;
                let is_own = what == "the body";
                let whole = digest.len();
                let size = self.pasted.get(at)?.bytes.len();
                let mut remedies = Vec::new();
                if !is_own {
                    remedies.push("take the raw bytes of the body, before any parser".to_owned());
                }
                if size < whole {
                    remedies.push(format!("take all {whole} bytes of the digest, not the first {size}"));
                }
                if !reading.covers(encoding) {
                    remedies.push(format!("compare it in {}, as {title} writes it", encoding.name()));
                }
                let same = |carried: &[u8]| material.render(made).is_ok_and(|made| made == carried);
                return Some(Origin {
                    secret: String::new(),
                    bytes: format!("{what}, for the digest in {}", place.describe()),
                    algorithm: algorithm.name(),
                    encoding: reading.name(),
                    cut: (size < whole).then_some((size, whole)),
                    remedies,
                    carried: Some(material.render(carried).is_ok_and(|carried| same(&carried))),
                });
            }
        }
        None
    }
}

/// The plain digest that a template makes of the body, and how it is written.
fn digest_of(template: &Template) -> Option<(Algorithm, Encoding)> {
    let [Part::Value(Source::Body, filters)] = template.parts.as_slice() else { return None };
    let algorithm = filters.iter().find_map(|filter| match filter {
        Filter::Md5 => Some(Algorithm::Md5),
        Filter::Sha1 => Some(Algorithm::Sha1),
        Filter::Sha256 => Some(Algorithm::Sha256),
        Filter::Sha384 => Some(Algorithm::Sha384),
        Filter::Sha512 => Some(Algorithm::Sha512),
        _ => None,
    })?;
    match filters.last() {
        Some(Filter::Hex) => Some((algorithm, Encoding::Hex)),
        Some(Filter::Base64) => Some((algorithm, Encoding::Base64)),
        _ => None,
    }
}
