//! Guards of endpoints: who may send there. A guard turns others away, or only says that they would be.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::networks::contains;
use crate::domain::exchange::Request;
use crate::domain::reply::Reply;
use crate::domain::signature::{Secret, crypto};

/// Who may send to an endpoint.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The endpoint's path, exactly or its beginning where it ends in `*`.
    pub path: String,
    /// Addresses that may; empty: any.
    pub allow: Vec<IpNet>,
    /// What a sender must show.
    pub proof: Option<Proof>,
    /// Whether others are turned away. If not, it is only said.
    pub enforce: bool,
}

/// What a sender must show.
#[derive(Clone, Debug)]
pub enum Proof {
    /// `Authorization: Basic`, of `user:password` (RFC 7617).
    Basic(Secret),
    /// `Authorization: Bearer` (RFC 6750).
    Bearer(Secret),
    /// A header whose value is shared.
    Token {
        /// Its name.
        header: String,
        /// The value.
        secret: Secret,
    },
}

/// Why somebody may not send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// 401 or 403.
    pub status: u16,
    /// What was wrong, without a secret.
    pub why: String,
    /// What a 401 asks for (RFC 9110 section 11.6.1).
    challenge: Option<&'static str>,
}

impl Refused {
    fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into(), challenge: None }
    }

    /// What goes back.
    pub fn reply(&self) -> Reply {
        let mut reply = Reply { status: self.status, ..Reply::default() };
        if let Some(challenge) = self.challenge {
            reply.headers.push("WWW-Authenticate", challenge);
        }
        reply
    }
}

impl Guard {
    /// Whether the sender may send. `address`: his, or why nobody knows it.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, request: &Request, address: Result<IpAddr, &str>) -> Result<(), Refused> {
        if !self.allow.is_empty() && !address.is_ok_and(|address| contains(&self.allow, address)) {
            return Err(Refused::new(
                403,
                match address {
                    Ok(address) => format!("it comes from {address}, which is not allowed"),
                    Err(why) => format!("nobody knows where it comes from: {why}"),
                },
            ));
        }
        self.proof.as_ref().map_or(Ok(()), |proof| proof.check(request))
    }
}

impl Proof {
    fn check(&self, request: &Request) -> Result<(), Refused> {
        match self {
            Self::Basic(secret) => authorization(request, "Basic")
                .and_then(|shown| {
                    let shown =
                        STANDARD.decode(shown).map_err(|_| "what Basic is followed by is no base64".to_owned())?;
                    if same(&shown, secret.expose()) {
                        return Ok(());
                    }
                    let user = |text: &[u8]| text.split(|byte| *byte == b':').next().map(<[u8]>::to_vec);
                    let is_user = user(&shown) == user(secret.expose());
                    Err(format!("the {} is wrong", if is_user { "password" } else { "user" }))
                })
                .map_err(|why| Refused { challenge: Some("Basic realm=\"hooksight\""), ..Refused::new(401, why) }),
            Self::Bearer(secret) => authorization(request, "Bearer")
                .and_then(|shown| match same(shown, secret.expose()) {
                    true => Ok(()),
                    false => Err("the token is wrong".to_owned()),
                })
                .map_err(|why| Refused { challenge: Some("Bearer"), ..Refused::new(401, why) }),
            Self::Token { header, secret } => match request.headers.get(header) {
                None => Err(Refused::new(401, format!("the header {header} is not there"))),
                Some(shown) if same(shown, secret.expose()) => Ok(()),
                Some(_) => Err(Refused::new(401, format!("the token in {header} is wrong"))),
            },
        }
    }
}

/// What stands behind the scheme in `Authorization`.
fn authorization<'a>(request: &'a Request, scheme: &str) -> Result<&'a [u8], String> {
    let Some(value) = request.headers.get("authorization") else {
        return Err("the header Authorization is not there".to_owned());
    };
    let head = value.get(..scheme.len()).unwrap_or_default();
    match value.get(scheme.len()..) {
        Some([b' ', rest @ ..]) if head.eq_ignore_ascii_case(scheme.as_bytes()) => Ok(rest.trim_ascii()),
        _ => Err(format!("Authorization does not say {scheme}")),
    }
}

/// In a time that tells nothing of where they differ.
fn same(shown: &[u8], secret: &[u8]) -> bool {
    crypto::equal(shown, secret)
}
