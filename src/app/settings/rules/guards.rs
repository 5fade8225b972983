//! Guards of endpoints, understood.

use anyhow::{Context as _, bail};

use crate::app::config::rules::{GuardInFile, Net};
use crate::app::secrets::SecretSource;
use crate::domain::rule::{Guard, Proof};
use crate::domain::signature::Secret;

/// How the secrets of a guard are fetched.
type Fetch<'a> = &'a mut dyn FnMut(&[SecretSource]) -> anyhow::Result<Vec<Secret>>;

/// One guard; `place` makes the start of a message about a field.
pub fn guard(
    path: &str,
    written: &GuardInFile,
    place: &dyn Fn(&str) -> String,
    fetch: Fetch<'_>,
) -> anyhow::Result<Guard> {
    let mut one = |sources: &[SecretSource], field: &str| -> anyhow::Result<Option<Secret>> {
        let mut secrets = fetch(sources).with_context(|| place(field))?;
        match secrets.len() {
            0 => Ok(None),
            1 => Ok(secrets.pop()),
            _ => bail!("{}: expected one secret, not a list", place(field)),
        }
    };
    let basic = one(&written.basic.0, ".basic")?.map(Proof::Basic);
    if let Some(Proof::Basic(secret)) = &basic
        && !secret.expose().contains(&b':')
    {
        bail!("{}: expected user:password", place(".basic"));
    }
    let bearer = one(&written.bearer.0, ".bearer")?.map(Proof::Bearer);
    let token = match &written.token {
        None => None,
        Some(token) => match one(&token.secret.0, ".token.secret")? {
            Some(secret) => Some(Proof::Token { header: token.header.0.clone(), secret }),
            None => bail!("{}: expected a secret", place(".token.secret")),
        },
    };
    let mut proofs: Vec<Proof> = [basic, bearer, token].into_iter().flatten().collect();
    if proofs.len() > 1 {
        bail!("{}: expected one of basic, bearer and token", place(""));
    }
    let allow: Vec<_> = written.allow.0.iter().map(|Net(net)| *net).collect();
    if allow.is_empty() && proofs.is_empty() {
        bail!("{}: expected allow, basic, bearer or token: it would let everybody in", place(""));
    }
    Ok(Guard { path: path.to_owned(), allow, proof: proofs.pop(), enforce: written.enforce.unwrap_or(true) })
}
