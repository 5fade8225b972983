//! Where requests are forwarded to: what was typed, the configuration, the defaults.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::app::args::endpoint::EndpointSpec;
use crate::app::args::size::Duration;
use crate::app::args::{ForwardArgs, LookArgs};
use crate::app::config::forward::ForwardFields;
use crate::app::config::{LoadedConfig, Parsed};
use crate::app::mistakes::Mistakes;
use crate::app::plain_file;
use crate::domain::forward::retry::TRIES_MAX;
use crate::domain::forward::target::Authorities;
use crate::domain::forward::{Also, Retry, Route, Routes, Target};
use crate::domain::printable::without_login;
use crate::domain::reply::{Make, Reply, ReplyRules};

/// Bytes of a file with certificates, at most.
const CERTIFICATES_BYTES_MAX: u64 = 1 << 20;

/// What was typed about forwarding.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    to: Option<Target>,
    also: Vec<Target>,
    shadow: Vec<Target>,
    args: ForwardArgs,
    /// Of `--endpoint`.
    endpoints: Vec<(String, Target)>,
    trusts_forwarded: bool,
}

impl Typed {
    /// Understands it.
    ///
    /// # Errors
    /// What is wrong, by its flag.
    pub fn new(look: &LookArgs, args: &ForwardArgs) -> anyhow::Result<Self> {
        let target = |text: &str, place: &dyn Fn() -> String| {
            Target::parse(text).map_err(|error| anyhow!("{:?}: {error}", without_login(text))).with_context(place)
        };
        let to = look.forward.as_deref().map(|text| target(text, &|| "--forward".to_owned())).transpose()?;
        let all = |texts: &[String], flag: &str| -> anyhow::Result<Vec<Target>> {
            texts.iter().map(|text| target(text, &|| flag.to_owned())).collect()
        };
        let (also, shadow) = (all(&args.also, "--also")?, all(&args.shadow, "--shadow")?);
        let with_forward = |spec: &EndpointSpec| Some((spec.path.clone(), spec.forward.clone()?));
        let mut endpoints = Vec::new();
        for (path, text) in look.endpoint.iter().filter_map(with_forward) {
            let target = target(&text, &|| format!("--endpoint {path}: forward"))?;
            endpoints.push((path, target));
        }
        Ok(Self { to, also, shadow, args: args.clone(), endpoints, trusts_forwarded: look.trust_proxy })
    }

    /// All routes, and the replies that they mean where no other is written: an app's answer, or our own 200 where it is
    /// acknowledged first. `has_reply_for_all`: a reply for all is written, so that the app's answer cannot go back.
    ///
    /// What is wrong with the file goes to `wrong`: file, line, column, field.
    ///
    /// # Errors
    /// What is wrong with what was typed.
    pub fn routes(
        &self,
        loaded: &LoadedConfig,
        replies: &mut ReplyRules,
        has_reply_for_all: bool,
        wrong: &mut Mistakes,
    ) -> anyhow::Result<Routes> {
        let mut routes = Routes::default();
        let written = loaded.config.forward.as_ref().map(|forward| &forward.0);
        let fields = written.cloned().unwrap_or_default();
        let for_all = self.route(self.to.as_ref(), &fields, loaded, &|field| loaded.place(&in_group("forward", field)));
        let is_wrong = for_all.is_err();
        if let Some(mut route) = wrong.take(for_all).flatten() {
            route.acknowledges |= has_reply_for_all;
            if !route.acknowledges {
                replies.all = app_answers();
            }
            routes.all = Some(Arc::new(route));
        } else if is_wrong {
            // It is said already.
        } else if !self.args.also.is_empty() || !self.args.shadow.is_empty() || self.args.ack {
            bail!("--also, --shadow and --ack go with --forward URL: whose answer is to go back?");
        }
        for (index, endpoint) in loaded.config.endpoints.iter().enumerate() {
            let Some(forward) = &endpoint.forward else { continue };
            let place = |field: &str| loaded.place(&in_group(&format!("endpoints[{index}].forward"), field));
            let missing = || anyhow!("{}: the field `to` is missing: where is it forwarded to?", place(""));
            let route = self.route(None, &forward.0, loaded, &place).and_then(|route| route.ok_or_else(missing));
            if let Some(route) = wrong.take(route) {
                add(&mut routes, replies, &endpoint.path.0.0, route);
            }
        }
        for (path, target) in &self.endpoints {
            if let Some(route) = self.route(Some(target), &ForwardFields::default(), loaded, &|_| String::new())? {
                add(&mut routes, replies, path, route);
            }
        }
        Ok(routes)
    }

    /// `to` goes before what is written.
    fn route(
        &self,
        to: Option<&Target>,
        fields: &ForwardFields,
        loaded: &LoadedConfig,
        place: &dyn Fn(&str) -> String,
    ) -> anyhow::Result<Option<Route>> {
        let Some(to) = to.or(fields.to.as_ref().map(|to| &to.0)) else { return Ok(None) };
        let default = Retry::default();
        let tries = fields.tries.unwrap_or(default.tries);
        if !(1..=TRIES_MAX).contains(&tries) {
            bail!("{}: expected 1 to {TRIES_MAX} tries", place("tries"));
        }
        let shadow_tries = fields.shadow_tries.unwrap_or(1);
        if !(1..=TRIES_MAX).contains(&shadow_tries) {
            bail!("{}: expected 1 to {TRIES_MAX} tries", place("shadow_tries"));
        }
        let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let written = |time: Option<Parsed<Duration>>| time.map(|time| ms(time.0.0));
        let timeout = self.args.forward_timeout.map(|time| ms(time.0)).or_else(|| written(fields.timeout));
        if timeout == Some(0) {
            bail!("{}: expected some time: nothing is answered within none", place("timeout"));
        }
        let is_insecure = fields.insecure.unwrap_or(false);
        if is_insecure && fields.ca.is_some() {
            bail!("{}: `insecure: true` believes any certificate already: leave one of the two out", place("ca"));
        }
        let authorities = match &fields.ca {
            Some(file) => Some(Arc::new(authorities(&loaded.beside(Path::new(file))).with_context(|| place("ca"))?)),
            None => None,
        };
        let made = |target: &Target| {
            Arc::new(Target {
                is_insecure,
                authorities: authorities.clone().filter(|_| target.is_tls()),
                keeps_host: fields.keep_host.unwrap_or(false),
                takes_logins: self.args.forward_logins || fields.logins.unwrap_or(false),
                ..target.clone()
            })
        };
        let listed = |typed: &[Target], written: &[Parsed<Target>], is_shadow: bool| -> Vec<Also> {
            let written = written.iter().map(|target| &target.0);
            let all: Vec<&Target> = if typed.is_empty() { written.collect() } else { typed.iter().collect() };
            all.into_iter().map(|target| Also { target: made(target), is_shadow }).collect()
        };
        let mut also = listed(&self.also, &fields.also, false);
        also.extend(listed(&self.shadow, &fields.shadow, true));
        Ok(Some(Route {
            first: made(to),
            also,
            acknowledges: self.args.ack || fields.ack.unwrap_or(false),
            timeout_ms: timeout.unwrap_or(crate::domain::forward::TIMEOUT_MS),
            retry: Retry {
                tries,
                wait_ms: written(fields.retry_wait).unwrap_or(default.wait_ms),
                wait_ms_max: written(fields.retry_wait_max).unwrap_or(default.wait_ms_max),
            },
            shadow_tries,
            trusts_forwarded: self.trusts_forwarded,
        }))
    }

    /// Trusts what proxies say if the file says so.
    pub fn trusting(mut self, trusts: bool) -> Self {
        self.trusts_forwarded |= trusts;
        self
    }
}

/// The certificates of a file (PEM), each of which must be one.
fn authorities(path: &Path) -> anyhow::Result<Authorities> {
    let file = path.display().to_string();
    let bytes = plain_file::read(path, CERTIFICATES_BYTES_MAX)
        .with_context(|| format!("cannot read the certificates in {file}"))?;
    let mut certificates = Vec::new();
    for one in CertificateDer::pem_slice_iter(&bytes) {
        let number = certificates.len() + 1;
        let one = one.map_err(|error| anyhow!("certificate {number} in {file} is no PEM: {error}"))?;
        webpki::anchor_from_trusted_cert(&one)
            .map_err(|error| anyhow!("certificate {number} in {file} cannot be understood: {error}"))?;
        certificates.push(one.to_vec().into());
    }
    if certificates.is_empty() {
        bail!("{file} holds no certificate: expected PEM, -----BEGIN CERTIFICATE-----");
    }
    Ok(Authorities { file, certificates })
}

/// Where requests go on to by the configuration alone, before it is known whether they may.
pub fn urls(look: &LookArgs, args: &ForwardArgs, loaded: &LoadedConfig) -> Vec<String> {
    let written = |forward: &ForwardFields| -> Vec<String> {
        forward.to.iter().chain(&forward.also).chain(&forward.shadow).map(|target| target.0.to_string()).collect()
    };
    let typed = args.also.iter().chain(&args.shadow).cloned();
    let of_endpoints = look.endpoint.iter().filter_map(|spec| spec.forward.clone());
    let config = &loaded.config;
    let in_file = config.forward.iter().chain(config.endpoints.iter().filter_map(|endpoint| endpoint.forward.as_ref()));
    let in_file = in_file.flat_map(|forward| written(&forward.0));
    look.forward.clone().into_iter().chain(typed).chain(of_endpoints).chain(in_file).collect()
}

/// The routes that the configuration alone means.
///
/// # Errors
/// What is wrong with it: file, line, column, field.
pub fn written(loaded: &LoadedConfig) -> anyhow::Result<Routes> {
    let mut wrong = Mistakes::default();
    let routes = Typed::default().routes(loaded, &mut ReplyRules::default(), false, &mut wrong)?;
    wrong.unless_any(routes)
}

/// A route by path, with the reply that it means. A reply that is written goes back at once.
fn add(routes: &mut Routes, replies: &mut ReplyRules, path: &str, mut route: Route) {
    let has_reply = replies.endpoints.iter().any(|(known, _)| known == path);
    route.acknowledges |= has_reply;
    if !has_reply {
        let reply = if route.acknowledges { Reply::default() } else { app_answers() };
        replies.set_endpoint(path, reply);
    }
    routes.paths.retain(|(known, _)| known != path);
    routes.paths.push((path.to_owned(), Arc::new(route)));
}

fn app_answers() -> Reply {
    Reply { make: Make::Forward, ..Reply::default() }
}

fn in_group(group: &str, field: &str) -> String {
    if field.is_empty() { group.to_owned() } else { format!("{group}.{field}") }
}
