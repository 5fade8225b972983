//! By which of its provider's schemes a request is signed.

use super::input::{FORM, SignInput, header_of, material};
use crate::domain::body::media_type;
use crate::domain::signature::crypto::{keys, private};
use crate::domain::signature::material::Material;
use crate::domain::signature::public_url;
use crate::domain::signature::scheme::{KeyForm, Scheme};
use crate::domain::signature::template::{Source, SourceField};

/// The signing scheme: the first whose conditions on the secret hold, that is no public-key one unless the secret is a private
/// key; of the others those whose signature the request already carries come first, so that a request is signed anew
/// the way it was signed.
pub fn choose<'a>(input: &SignInput<'a>) -> Option<&'a Scheme> {
    let target = public_url::target_of(input.url);
    let material = Material {
        key: Some(input.secret.expose()),
        ..material(input, input.headers, &target, None, None, input.secret.expose())
    };
    let holds_private = private::is_private(input.secret.expose());
    let signs_publicly = input.profile.schemes.iter().any(|scheme| scheme.algorithm.is_public());
    let usable = |scheme: &&'a Scheme| {
        let mixed =
            scheme.key.decode == KeyForm::PublicOrText && (keys::is_public(input.secret.expose()) || holds_private);
        match scheme.algorithm.key_kind() {
            None => !(mixed || holds_private && signs_publicly),
            // Whoever checks with such a key could sign as well.
            Some(_) if scheme.key.decode == KeyForm::Ed25519Seed => true,
            Some(_) => holds_private && private::read(&scheme.key, scheme.algorithm, input.secret.expose()).is_ok(),
        }
    };
    let holds = |scheme: &&'a Scheme| scheme.when.iter().all(|condition| material.holds(condition));
    let secret_holds = |scheme: &&'a Scheme| {
        let about_secret = scheme.when.iter().filter(|condition| condition.source == Source::Secret);
        about_secret.into_iter().all(|condition| material.holds(condition))
    };
    // A form cannot carry what belongs into JSON, and the other way round.
    let is_form = media_type(input.headers) == FORM;
    let carries = |scheme: &&'a Scheme| {
        header_of(scheme).is_some()
            || scheme.signature.iter().any(|place| match &place.0 {
                Source::Form(_) => is_form,
                Source::Json(_) => !is_form,
                Source::Body => true,
                _ => false,
            })
    };
    let schemes = || input.profile.schemes.iter().filter(usable);
    let likely = || schemes().filter(carries);
    // Of two ways that differ in the names of their headers (webhook-id, svix-id) the one whose id is there already.
    let has_id = |scheme: &&'a Scheme| match &scheme.id {
        Some(SourceField(Source::Header(name))) => input.headers.get(name).is_some(),
        _ => false,
    };
    let by_rule = likely().find(holds);
    let by_id = || likely().filter(secret_holds).find(has_id);
    let lacks_id = by_rule.is_some_and(|scheme| scheme.id.is_some() && !has_id(&scheme));
    let chosen = if lacks_id { by_id().or(by_rule) } else { by_rule };
    chosen.or_else(|| likely().find(secret_holds)).or_else(|| schemes().find(secret_holds))
}
