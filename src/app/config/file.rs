//! What the file says, field by field.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::forward::ForwardInFile;
use super::rules::{GuardInFile, Net, RuleInFile};
use super::values::{ActionName, BindAddress, EndpointPath, KeyText, OneOrMore, Parsed};
use crate::app::args::endpoint::EndpointSpec;
use crate::app::args::size::{Duration, Size};
use crate::app::secrets::SecretSource;
use crate::domain::durability::Durability;
use crate::domain::reply::ReplyText;
use crate::domain::target_rules::Named;
use crate::io::clipboard::Method;

/// What the file says; a field that it leaves out is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Config")]
pub struct Config {
    /// As `--port`.
    pub port: Option<u16>,
    /// As `--bind`.
    pub bind: Option<Parsed<BindAddress>>,
    /// As `--session`.
    pub session: Option<String>,
    /// `false`: as `--no-session`.
    pub record: Option<bool>,
    /// As `--durability`.
    pub durability: Option<Durability>,
    /// What is held in memory.
    pub ring: Ring,
    /// What one sender can make us take.
    pub limits: LimitsInFile,
    /// Paths with settings of their own.
    pub endpoints: Vec<EndpointInFile>,
    /// Secrets by profile name.
    pub secrets: BTreeMap<String, OneOrMore<SecretSource>>,
    /// As `--public-url`.
    pub public_url: Option<String>,
    /// As `--trust-proxy`.
    pub trust_proxy: Option<bool>,
    /// As `--respond`.
    pub reply: Option<Parsed<ReplyText>>,
    /// Rules in order: the first that fits replies.
    pub rules: Vec<RuleInFile>,
    /// Proxies whose word on the sender's address is taken.
    pub trusted_proxies: OneOrMore<Net>,
    /// Replies by path.
    pub replies: BTreeMap<String, Parsed<ReplyText>>,
    /// `false`: as `--no-handshakes`.
    pub handshakes: Option<bool>,
    /// What random delays and values of replies are drawn from.
    pub seed: Option<u64>,
    /// As `--forward`, with its settings.
    pub forward: Option<ForwardInFile>,
    /// Hosts beside this machine that requests may be sent to without asking.
    pub targets: Vec<Parsed<Named>>,
    /// As `--theme`.
    pub theme: Option<String>,
    /// Keys by name of action.
    pub keys: BTreeMap<ActionName, OneOrMore<KeyText>>,
    /// `false`: as `--no-mouse`.
    pub mouse: Option<bool>,
    /// Which way a copy goes.
    pub clipboard: Option<Method>,
}

/// `ring`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ring {
    /// As `--ring-count`.
    pub count: Option<usize>,
    /// As `--ring-bytes`.
    pub bytes: Option<Parsed<Size>>,
}

/// `limits`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "Limits")]
pub struct LimitsInFile {
    /// As `--max-body`.
    pub body: Option<Parsed<Size>>,
    /// As `--max-head`.
    pub head: Option<Parsed<Size>>,
    /// As `--max-headers`.
    pub headers: Option<usize>,
    /// As `--head-timeout`.
    pub head_timeout: Option<Parsed<Duration>>,
    /// As `--body-timeout`.
    pub body_timeout: Option<Parsed<Duration>>,
    /// As `--write-timeout`.
    pub write_timeout: Option<Parsed<Duration>>,
    /// As `--max-connections`.
    pub connections: Option<usize>,
}

/// One of `endpoints`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename = "Endpoint")]
pub struct EndpointInFile {
    /// The path exactly, or its beginning where it ends in `*`.
    pub path: Parsed<EndpointPath>,
    /// Profile name.
    #[serde(default)]
    pub provider: Option<String>,
    /// Secret, or a list of them.
    #[serde(default)]
    pub secret: OneOrMore<SecretSource>,
    /// What goes back.
    #[serde(default)]
    pub reply: Option<Parsed<ReplyText>>,
    /// Where a resend goes.
    #[serde(default)]
    pub target: Option<String>,
    /// Where its requests are forwarded to.
    #[serde(default)]
    pub forward: Option<ForwardInFile>,
    /// Who may send there.
    #[serde(default)]
    pub guard: Option<GuardInFile>,
    /// The URL that the provider was given.
    #[serde(default)]
    pub public_url: Option<String>,
}

impl EndpointInFile {
    /// The same as `--endpoint` would say it.
    pub fn to_spec(&self) -> EndpointSpec {
        EndpointSpec {
            path: self.path.0.0.clone(),
            provider: self.provider.clone(),
            secrets: self.secret.0.clone(),
            reply: None, // understood already
            target: self.target.clone(),
            forward: None, // understood already
            public_url: self.public_url.clone(),
        }
    }
}
