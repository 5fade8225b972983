//! Joining what was typed, the environment, the configuration file and the defaults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};

use super::forward;
use super::profiles::load_profiles;
use super::rules::RuleSource;
use super::{Checks, DEFAULT_BIND, Endpoint, Look, Output, SessionWish, Settings, Source};
use crate::app::args::endpoint::EndpointSpec;
use crate::app::args::size::{Duration, Size};
use crate::app::args::{ColorWish, ForwardArgs, JudgingArgs, ListenArgs, LookArgs, OpenArgs};
use crate::app::config::{Config, LoadedConfig};
use crate::app::folders::Folders;
use crate::app::look;
use crate::app::mistakes::Mistakes;
use crate::app::secrets::{self, SecretSource};
use crate::domain::forward::Routes;
use crate::domain::printable::without_login;
use crate::domain::signature::{Profile, Profiles, Secret};
use crate::domain::target_rules::{Named, TargetRules};
use crate::io::listener::{ListenerLimits, PortChoice};
use crate::io::store::StoreLimits;
use crate::tui::keymap::{Keymap, KeymapError};

/// What the settings are made with beside the arguments; a test gives its own.
pub struct Surroundings<'a> {
    /// Our folders.
    pub folders: &'a Folders,
    /// Whether stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// Words for stderr.
    pub warn: &'a mut dyn FnMut(&str),
}

impl Settings {
    /// What `listen` means. An error is wrong use: nothing has been started.
    pub fn listen(args: &ListenArgs, around: &mut Surroundings<'_>) -> anyhow::Result<Self> {
        let loaded = LoadedConfig::find(args.look.config.as_deref(), Some(&around.folders.config))?;
        Self::listen_with(args, &loaded, around)
    }

    /// The same with a configuration that was read already.
    ///
    /// # Errors
    /// As [`Self::listen`].
    pub fn listen_with(
        args: &ListenArgs,
        loaded: &LoadedConfig,
        around: &mut Surroundings<'_>,
    ) -> anyhow::Result<Self> {
        let headless = args.headless || !around.stdout_is_terminal;
        if args.json && !headless {
            bail!("--json is for --headless: the interface has no use for it");
        }
        let config = &loaded.config;
        let mut wrong = Mistakes::default();
        let source = Source::Listen {
            bind: args.bind.or(config.bind.map(|bind| bind.0.0)).unwrap_or(DEFAULT_BIND),
            port: match args.port.or(config.port) {
                None => PortChoice::Default,
                Some(0) => PortChoice::Any,
                Some(port) => PortChoice::Explicit(port),
            },
            session: wrong.take(session(args, loaded, around.folders)).unwrap_or(SessionWish::Off),
        };
        let output = if headless { Output::Headless { json: args.json } } else { Output::Interface };
        let typed = (args.respond.as_deref(), &args.look, &args.forwarding);
        let Some(mut settings) = wrong.take(Self::of(source, output, typed, loaded, around)) else {
            return Err(wrong.into());
        };
        settings.limits = limits(args, config);
        settings.store = store_limits(args, config);
        wrong.unless_any(settings)
    }

    /// What `open` means.
    pub fn open(args: &OpenArgs, around: &mut Surroundings<'_>) -> anyhow::Result<Self> {
        if !around.stdout_is_terminal {
            bail!("`open` needs a terminal: for scripts there are `hooksight ls`, `show` and `export`");
        }
        let loaded = LoadedConfig::find(args.look.config.as_deref(), Some(&around.folders.config))?;
        let source = Source::Open(around.folders.find_session(&args.session)?);
        Self::of(source, Output::Interface, (None, &args.look, &ForwardArgs::default()), &loaded, around)
    }

    fn of(
        source: Source,
        output: Output,
        (respond, typed, forwarding): (Option<&str>, &LookArgs, &ForwardArgs),
        loaded: &LoadedConfig,
        around: &mut Surroundings<'_>,
    ) -> anyhow::Result<Self> {
        if let Some(url) = &typed.forward {
            check_url("--forward", url)?;
        }
        let written = || loaded.config.forward.as_ref().and_then(|forward| Some(forward.0.to.as_ref()?.0.to_string()));
        let forward = typed.forward.clone().or_else(written);
        let mut wrong = Mistakes::default();
        let checks = checks_with(typed, loaded, around, &mut wrong)?;
        let rules_from = RuleSource::typed(respond, (typed, forwarding), loaded, &checks.profiles)?;
        let rules = wrong.take(rules_from.make(loaded, around.warn)).unwrap_or_default();
        let look = wrong.take(made_look(typed, loaded, around)).unwrap_or_default();
        let targets = TargetRules {
            named: named_targets(loaded, &forward::urls(typed, forwarding, loaded), &checks),
            approved: Vec::new(),
        };
        wrong.unless_any(Self {
            source,
            output,
            store: StoreLimits::default(),
            limits: ListenerLimits::default(),
            checks,
            rules,
            rules_from,
            forward,
            targets,
            look,
            sessions_folder: around.folders.sessions(),
            said: loaded.path_in_working_folder().map(|path| format!("configuration: {path}")).into_iter().collect(),
        })
    }
}

/// What the commands over a saved session need to recognise and check its requests: see [`Settings`] for the fields.
pub fn saved(judging: &JudgingArgs, config: Option<&Path>, around: &mut Surroundings<'_>) -> anyhow::Result<Checks> {
    let JudgingArgs { scheme, secret, public_url, trust_proxy } = judging.clone();
    let loaded = LoadedConfig::find(config, Some(&around.folders.config))?;
    let typed = LookArgs { scheme, secret, public_url, trust_proxy, ..LookArgs::default() };
    checks(&typed, &loaded, around)
}

/// What the commands that send need of the configuration.
pub struct ForSending {
    /// Profiles, and secrets by provider.
    pub checks: Checks,
    /// The hosts that requests may be sent to.
    pub targets: TargetRules,
    /// Where it forwards to, and whose certificates are believed there.
    pub routes: Routes,
}

/// What `send`, `resend` and `replay` need of the configuration.
pub fn sending(config: Option<&Path>, around: &mut Surroundings<'_>) -> anyhow::Result<ForSending> {
    let loaded = LoadedConfig::find(config, Some(&around.folders.config))?;
    let checks = checks(&LookArgs::default(), &loaded, around)?;
    let urls = forward::urls(&LookArgs::default(), &ForwardArgs::default(), &loaded);
    let named = named_targets(&loaded, &urls, &checks);
    Ok(ForSending { checks, targets: TargetRules { named, approved: Vec::new() }, routes: forward::written(&loaded)? })
}

fn session(args: &ListenArgs, loaded: &LoadedConfig, folders: &Folders) -> anyhow::Result<SessionWish> {
    if loaded.config.record == Some(false) && loaded.config.session.is_some() {
        bail!("{}: `record: false` keeps nothing on disk: leave out one of the two", loaded.place("session"));
    }
    Ok(match (&args.session, args.no_session) {
        (_, true) => SessionWish::Off,
        (Some(path), _) => SessionWish::File(PathBuf::from(path)),
        (None, _) if loaded.config.record == Some(false) => SessionWish::Off,
        (None, _) => match &loaded.config.session {
            Some(path) => SessionWish::File(loaded.beside(Path::new(path))),
            None => SessionWish::New(folders.sessions()),
        },
    })
}

fn limits(args: &ListenArgs, config: &Config) -> ListenerLimits {
    let written = &config.limits;
    let default = ListenerLimits::default();
    let bytes = |typed: Option<Size>, written: Option<Size>| typed.or(written).map(|size| size.0);
    let time = |typed: Option<Duration>, written: Option<Duration>| typed.or(written).map(|time| time.0);
    ListenerLimits {
        body_bytes: bytes(args.max_body, written.body.map(|size| size.0))
            .map_or(default.body_bytes, |bytes| bytes as u64),
        head_bytes: bytes(args.max_head, written.head.map(|size| size.0)).unwrap_or(default.head_bytes),
        header_count: args.max_headers.or(written.headers).unwrap_or(default.header_count),
        head_timeout: time(args.head_timeout, written.head_timeout.map(|time| time.0)).unwrap_or(default.head_timeout),
        body_timeout: time(args.body_timeout, written.body_timeout.map(|time| time.0)).unwrap_or(default.body_timeout),
        write_timeout: time(args.write_timeout, written.write_timeout.map(|time| time.0))
            .unwrap_or(default.write_timeout),
        connections: args.max_connections.or(written.connections).unwrap_or(default.connections),
        ..default
    }
}

fn store_limits(args: &ListenArgs, config: &Config) -> StoreLimits {
    let mut limits = StoreLimits::default();
    if let Some(durability) = args.durability.or(config.durability) {
        limits.durability = durability;
    }
    if let Some(count) = args.ring_count.or(config.ring.count) {
        limits.ring.count = count;
    }
    if let Some(size) = args.ring_bytes.or(config.ring.bytes.map(|size| size.0)) {
        limits.ring.bytes = size.0;
    }
    limits
}

fn checks(typed: &LookArgs, loaded: &LoadedConfig, around: &mut Surroundings<'_>) -> anyhow::Result<Checks> {
    let mut wrong = Mistakes::default();
    let checks = checks_with(typed, loaded, around, &mut wrong)?;
    wrong.unless_any(checks)
}

/// What is wrong with the file goes to `wrong`, so that the rest is looked at too; what was typed must be right.
fn checks_with(
    typed: &LookArgs,
    loaded: &LoadedConfig,
    around: &mut Surroundings<'_>,
    wrong: &mut Mistakes,
) -> anyhow::Result<Checks> {
    let profiles = load_profiles(around.folders)?;
    let scheme = match &typed.scheme {
        None => None,
        Some(name) => Some(profiles.resolve(name).map_err(|words| anyhow!("--scheme: {words}"))?),
    };
    let mut endpoints = Vec::new();
    for spec in &typed.endpoint {
        let place = |field: &str| format!("--endpoint {}: {}", spec.path, field.replace('_', "-"));
        endpoints.push(endpoint(spec, &place, &profiles, &mut |sources| secrets::fetch_typed(sources, around.warn))?);
    }
    for (index, written) in loaded.config.endpoints.iter().enumerate() {
        let place = |field: &str| loaded.place(&format!("endpoints[{index}].{field}"));
        let mut fetch = |sources: &[SecretSource]| loaded.fetch(sources, around.warn);
        let made = endpoint(&written.to_spec(), &place, &profiles, &mut fetch);
        let Some(mut one) = wrong.take(made) else { continue };
        let forward = written.forward.as_ref().and_then(|forward| forward.0.to.as_ref());
        one.target = one.target.or_else(|| forward.map(|target| target.0.to_string()));
        endpoints.push(Endpoint { is_written: true, ..one });
    }
    let mut provider_secrets = Vec::new();
    for (name, sources) in &loaded.config.secrets {
        let place = loaded.place(&format!("secrets.{name}"));
        let profile = profiles.resolve(name).map_err(|words| anyhow!("{place}: {words}"));
        let fetched = profile
            .and_then(|profile| Ok((profile.name.clone(), loaded.fetch(&sources.0, around.warn).context(place)?)));
        provider_secrets.extend(wrong.take(fetched));
    }
    let public_url = match (&typed.public_url, &loaded.config.public_url) {
        (Some(url), _) => check_url("--public-url", url).map(|()| Some(url.clone()))?,
        (None, Some(url)) => {
            wrong.take(check_url(&loaded.place("public_url"), url));
            Some(url.clone())
        }
        (None, None) => None,
    };
    Ok(Checks {
        public_url,
        trust_proxy: typed.trust_proxy || loaded.config.trust_proxy.unwrap_or(false),
        endpoints,
        scheme,
        secrets: secrets::fetch_typed(&typed.secret, around.warn).context("--secret")?,
        provider_secrets,
        profiles,
    })
}

/// What the configuration lists, and the hosts of the targets that it or the command line gives.
fn named_targets(loaded: &LoadedConfig, forward: &[String], checks: &Checks) -> Vec<Named> {
    let listed = loaded.config.targets.iter().map(|named| named.0.clone());
    let urls = forward
        .iter()
        .map(String::as_str)
        .chain(checks.endpoints.iter().filter_map(|endpoint| endpoint.target.as_deref()));
    let given = urls.filter_map(|url| Some(Named::of_host(url::Url::parse(url).ok()?.host_str()?)));
    listed.chain(given).collect()
}

/// `place` makes the start of a message about a field.
fn endpoint(
    spec: &EndpointSpec,
    place: &dyn Fn(&str) -> String,
    profiles: &Profiles,
    fetch: &mut dyn FnMut(&[SecretSource]) -> anyhow::Result<Vec<Secret>>,
) -> anyhow::Result<Endpoint> {
    let mut wrong = Mistakes::default();
    let resolve = |name: &String| profiles.resolve(name).map_err(|words| anyhow!("{}: {words}", place("provider")));
    let provider: Option<Arc<Profile>> = spec.provider.as_ref().and_then(|name| wrong.take(resolve(name)));
    for (name, url) in [("target", &spec.target), ("public_url", &spec.public_url)] {
        if let Some(url) = url {
            wrong.take(check_url(&place(name), url));
        }
    }
    let secrets = wrong.take(fetch(&spec.secrets).with_context(|| place("secret"))).unwrap_or_default();
    wrong.unless_any(Endpoint {
        path: spec.path.clone(),
        provider,
        secrets,
        target: spec.target.clone().or_else(|| spec.forward.clone()),
        public_url: spec.public_url.clone(),
        is_written: false,
    })
}

fn made_look(typed: &LookArgs, loaded: &LoadedConfig, around: &Surroundings<'_>) -> anyhow::Result<Look> {
    let config = &loaded.config;
    let default = Look::default();
    let keys = config.keys.iter().map(|(action, keys)| (action, keys.0.iter().map(|key| &key.0)));
    let keymap = Keymap::with(keys.map(|(action, keys)| (&action.0, keys.collect::<Vec<_>>())))
        .map_err(|errors| key_mistakes(&errors, loaded))?;
    let look = Look {
        theme: typed.theme.clone().or_else(|| config.theme.clone()).unwrap_or(default.theme),
        themes_folder: Some(around.folders.config.join("themes")),
        keymap,
        mouse: !typed.no_mouse && config.mouse.unwrap_or(default.mouse),
        color: wants_color(typed.color.unwrap_or_default(), around.no_color, around.stdout_is_terminal),
        clipboard: config.clipboard.unwrap_or(default.clipboard),
    };
    // Headless too: a mistake is a mistake wherever it shows.
    let place = || if typed.theme.is_some() { "--theme".to_owned() } else { loaded.place("theme") };
    look::check_theme(&look).with_context(place)?;
    Ok(look)
}

/// The mistakes, each with the place of the key that the file gives.
fn key_mistakes(mistakes: &[KeymapError], loaded: &LoadedConfig) -> anyhow::Error {
    let is_written = |name: &str| loaded.config.keys.keys().any(|action| action.0 == name);
    let words = mistakes.iter().map(|mistake| {
        let name = match mistake {
            KeymapError::UnknownAction { name, .. } => Some(name.as_str()),
            KeymapError::UnknownKey { action, .. } => Some(action.as_str()),
            KeymapError::Conflict { first, second, .. } => [*second, *first].into_iter().find(|name| is_written(name)),
            KeymapError::NoWayOut => Some("interrupt"),
        };
        let place = loaded.place(&name.map_or("keys".to_owned(), |name| format!("keys.{name}")));
        let words = mistake.to_string();
        anyhow!("{place}: {}", words.strip_prefix("keys: ").unwrap_or(&words))
    });
    let mut wrong = Mistakes::default();
    words.for_each(|mistake| wrong.add(mistake));
    wrong.into()
}

/// `NO_COLOR` is a default: `--color always` wins over it (no-color.org).
pub fn wants_color(wish: ColorWish, no_color: bool, is_terminal: bool) -> bool {
    match wish {
        ColorWish::Always => true,
        ColorWish::Never => false,
        ColorWish::Auto => is_terminal && !no_color,
    }
}

fn check_url(what: &str, url: &str) -> anyhow::Result<()> {
    let shown = without_login(url);
    let parsed = url::Url::parse(url)
        .map_err(|error| anyhow!("{what} {shown:?} is no URL ({error}): write it like http://localhost:3000"))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
        // `localhost:3000` reads as a scheme and a path.
        if url::Url::parse(&format!("http://{url}")).is_ok_and(|with| with.port().is_some() && with.path() == "/") {
            bail!("{what} {shown:?} has no http:// in front: write http://{shown}");
        }
        bail!("{what} {shown:?}: only http:// and https:// URLs with a host can be sent to");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        bail!("{what} {shown:?} holds a login: it would stand in every message about it; give it as a header instead");
    }
    Ok(())
}
