//! From the configuration to the rules in force, at the start and again when the file changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;

use super::forward;
use super::merge::fetch_written;
use crate::app::args::{ForwardArgs, LookArgs};
use crate::app::config::rules::{CallbackInFile, GuardInFile, Net, RuleInFile, WhenInFile};
use crate::app::config::{ConfigError, LoadedConfig};
use crate::app::mistakes::Mistakes;
use crate::app::plain_file;
use crate::app::reload::seen::Seen;
use crate::app::secrets::SecretSource;
use crate::domain::handshake::Gate;
use crate::domain::reply::{Make, Reply, ReplyRules, ReplyText, Scope};
use crate::domain::rule::{Guard, Origin, Proof, Rule, RuleSet, When};
use crate::domain::signature::{Profiles, Secret};
use crate::domain::template;

mod callbacks;

use callbacks::callbacks;

/// A body file of a reply, at most.
const REPLY_BODY_BYTES_MAX: u64 = 64 << 20;

/// What the rules are made from, beside the file: what was typed.
#[derive(Clone, Debug)]
pub struct RuleSource {
    /// The configuration file, when there is one.
    pub file: Option<PathBuf>,
    /// How all files looked before they were read for the first time.
    pub seen: Seen,
    /// `--respond`
    respond: Option<TypedReply>,
    /// Replies of `--endpoint`.
    endpoints: Vec<(String, TypedReply)>,
    no_handshakes: bool,
    /// Where the file names none.
    seed: u64,
    profiles: Profiles,
    forward: forward::Typed,
}

/// A reply of the command line, and where it stands there.
#[derive(Clone, Debug)]
struct TypedReply {
    text: ReplyText,
    place: String,
}

impl TypedReply {
    fn new(text: &str, place: String) -> anyhow::Result<Self> {
        let text = ReplyText::parse(text).map_err(|error| anyhow!(error)).with_context(|| place.clone())?;
        Ok(Self { text, place })
    }

    fn reply(&self) -> anyhow::Result<Reply> {
        finish_reply(&self.text, &|path| path.to_owned()).with_context(|| self.place.clone())
    }
}

/// What a file says when it is read again.
#[derive(Debug)]
pub struct Reread {
    /// Everything that has a say in what goes back.
    pub rules: RuleSet,
    /// The secrets for signatures.
    pub secrets: FileSecrets,
}

/// Secrets of the configuration file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FileSecrets {
    /// Of endpoints, in the order of the file: path, and secrets.
    pub endpoints: Vec<(String, Vec<Secret>)>,
    /// By profile name.
    pub providers: Vec<(String, Vec<Secret>)>,
}

impl RuleSource {
    /// What was typed.
    ///
    /// # Errors
    /// A reply that is wrong, by its flag.
    pub fn typed(
        respond: Option<&str>,
        (typed, forwarding): (&LookArgs, &ForwardArgs),
        loaded: &LoadedConfig,
        profiles: &Profiles,
    ) -> anyhow::Result<Self> {
        let mut endpoints = Vec::new();
        for spec in &typed.endpoint {
            if let Some(text) = &spec.reply {
                let place = format!("--endpoint {}: reply {text:?}", spec.path);
                endpoints.push((spec.path.clone(), TypedReply::new(text, place)?));
            }
        }
        let mut source = Self {
            file: loaded.path.clone(),
            seen: Seen::default(),
            respond: respond.map(|text| TypedReply::new(text, format!("--respond {text:?}"))).transpose()?,
            endpoints,
            no_handshakes: typed.no_handshakes,
            seed: any_seed(),
            profiles: profiles.clone(),
            forward: forward::Typed::new(typed, forwarding)?,
        };
        source.seen = source.look(loaded);
        Ok(source)
    }

    /// The files that it depends on, as they look now; the configuration itself as it looked before it was read.
    fn look(&self, loaded: &LoadedConfig) -> Seen {
        let config = &loaded.config;
        let written = config.reply.iter().chain(config.replies.values()).map(|text| &text.0);
        let written = written
            .chain(config.endpoints.iter().filter_map(|endpoint| endpoint.reply.as_ref().map(|text| &text.0)))
            .chain(config.rules.iter().map(|rule| &rule.reply.0));
        let called = config.rules.iter().flat_map(|rule| &rule.callbacks).filter_map(CallbackInFile::file);
        let written = written.flat_map(ReplyText::files).chain(called).map(|name| loaded.beside(Path::new(name)));
        let typed = self.respond.iter().chain(self.endpoints.iter().map(|(_, typed)| typed));
        let typed = typed.flat_map(|typed| typed.text.files()).map(PathBuf::from);
        let mut paths: Vec<PathBuf> = written.chain(typed).collect();
        paths.sort();
        paths.dedup();
        let seen = Seen::now(paths);
        match &loaded.path {
            Some(path) => seen.with(path.clone(), loaded.look),
            None => seen,
        }
    }

    /// What the files say now. `seen` is how they looked before they were read, whatever comes of it.
    ///
    /// # Errors
    /// What is wrong: file, line, column, field.
    pub fn read(&self, seen: &mut Seen) -> anyhow::Result<Reread> {
        let again = seen.again();
        let loaded = match &self.file {
            None => LoadedConfig::default(),
            Some(file) => LoadedConfig::find(Some(file), None).inspect_err(|_| *seen = again)?,
        };
        *seen = self.look(&loaded);
        let mut wrong = Mistakes::default();
        let rules = wrong.take(self.make(&loaded, &mut |_| {}));
        match (rules, wrong.take(self.secrets(&loaded))) {
            (Some(rules), Some(secrets)) => Ok(Reread { rules, secrets }),
            _ => Err(wrong.into()),
        }
    }

    fn secrets(&self, loaded: &LoadedConfig) -> anyhow::Result<FileSecrets> {
        let mut secrets = FileSecrets::default();
        for (index, endpoint) in loaded.config.endpoints.iter().enumerate() {
            let fetched = fetch_written(&endpoint.secret.0, loaded, &mut |_| {})
                .with_context(|| loaded.place(&format!("endpoints[{index}].secret")))?;
            secrets.endpoints.push((endpoint.path.0.0.clone(), fetched));
        }
        for (name, sources) in &loaded.config.secrets {
            let place = loaded.place(&format!("secrets.{name}"));
            let profile = self.profiles.resolve(name).map_err(|words| anyhow!("{place}: {words}"))?;
            let fetched = fetch_written(&sources.0, loaded, &mut |_| {}).context(place)?;
            secrets.providers.push((profile.name.clone(), fetched));
        }
        Ok(secrets)
    }

    /// A reply that was typed; files that it names are beside the configuration.
    ///
    /// # Errors
    /// In words.
    pub fn reply(&self, text: &str) -> Result<Reply, String> {
        let folder = self.file.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        let text = ReplyText::parse(text).map_err(|error| error.to_string())?;
        finish_reply(&text, &|path| folder.join(path)).map_err(|error| format!("{error:#}"))
    }

    /// A rule that was typed as the file would write it; files that it names are beside the configuration.
    ///
    /// # Errors
    /// In words: which field, and what is wrong with it.
    pub fn rule(&self, text: &str) -> Result<Rule, String> {
        let folder = self.file.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        let path = folder.join("typed here");
        let made = LoadedConfig::of_text(&path, &format!("(rules: [\n{text}\n])"))
            .map_err(anyhow::Error::from)
            .and_then(|loaded| {
                let written = loaded.config.rules.first().context("expected a rule")?;
                let made = rule(0, written, &loaded)?;
                Ok(if made.given.is_empty() { Rule { name: "rule made here".to_owned(), ..made } } else { made })
            });
        made.map_err(|error| {
            let each = match error.downcast::<ConfigError>() {
                Ok(error) => error.all(),
                Err(error) => {
                    let mut wrong = Mistakes::default();
                    wrong.add(error);
                    wrong.each()
                }
            };
            let bare = |words: &String| {
                let words = words.strip_prefix(&path.display().to_string()).unwrap_or(words);
                // Line and column are those of a text that nobody sees.
                let words = words.trim_start_matches(|char: char| char == ':' || char == ' ' || char.is_ascii_digit());
                let bare = words.strip_prefix("rules[0].").or_else(|| words.strip_prefix("rules[0]: "));
                bare.unwrap_or(words).to_owned()
            };
            each.iter().map(bare).collect::<Vec<_>>().join("; ")
        })
    }

    /// The rules of a file that is read.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn make(&self, loaded: &LoadedConfig, warn: &mut dyn FnMut(&str)) -> anyhow::Result<RuleSet> {
        let config = &loaded.config;
        let mut wrong = Mistakes::default();
        let mut replies = file_replies(loaded, &mut wrong);
        for (path, typed) in &self.endpoints {
            replies.set_endpoint(path, typed.reply()?);
        }
        if let Some(typed) = &self.respond {
            replies.all = typed.reply()?;
        }
        let has_reply_for_all = self.respond.is_some() || config.reply.is_some();
        let typed = self.forward.clone().trusting(config.trust_proxy.unwrap_or(false));
        let routes = typed.routes(loaded, &mut replies, has_reply_for_all, &mut wrong)?;
        let mut guards = Vec::new();
        for (index, endpoint) in config.endpoints.iter().enumerate() {
            if let Some(written) = &endpoint.guard {
                let place = |field: &str| loaded.place(&format!("endpoints[{index}].guard{field}"));
                let made =
                    guard(&endpoint.path.0.0, written, &place, &mut |source| fetch_written(source, loaded, warn));
                guards.extend(wrong.take(made));
            }
        }
        let mut rules = Vec::new();
        for (index, written) in config.rules.iter().enumerate() {
            known_providers(index, &written.when, loaded, &self.profiles, &mut wrong);
            rules.extend(wrong.take(rule(index, written, loaded)).map(Arc::new));
        }
        let handshakes = !self.no_handshakes && config.handshakes.unwrap_or(true);
        wrong.unless_any(RuleSet {
            guards,
            rules,
            replies,
            trusted_proxies: config.trusted_proxies.0.iter().map(|Net(net)| *net).collect(),
            gate: handshakes.then(|| Gate::new(&self.profiles)),
            hold: None,
            routes,
            seed: config.seed.unwrap_or(self.seed),
        })
    }
}

fn file_replies(loaded: &LoadedConfig, wrong: &mut Mistakes) -> ReplyRules {
    let mut replies = ReplyRules::default();
    if let Some(reply) = loaded.config.reply.as_ref().and_then(|text| wrong.take(file_reply(&text.0, "reply", loaded)))
    {
        replies.all = reply;
    }
    for (path, text) in &loaded.config.replies {
        if let Some(reply) = wrong.take(file_reply(&text.0, &format!("replies.{path}"), loaded)) {
            replies.set(Scope::Path(path.clone()), reply);
        }
    }
    for (index, endpoint) in loaded.config.endpoints.iter().enumerate() {
        let Some(text) = &endpoint.reply else { continue };
        if let Some(reply) = wrong.take(file_reply(&text.0, &format!("endpoints[{index}].reply"), loaded)) {
            replies.set_endpoint(&endpoint.path.0.0, reply);
        }
    }
    replies
}

fn file_reply(text: &ReplyText, field: &str, loaded: &LoadedConfig) -> anyhow::Result<Reply> {
    finish_reply(text, &|path| loaded.beside(path)).with_context(|| loaded.place(field))
}

/// A rule for a provider that there is not would never fit.
fn known_providers(index: usize, when: &WhenInFile, loaded: &LoadedConfig, profiles: &Profiles, wrong: &mut Mistakes) {
    for pattern in &when.provider.0 {
        if profiles.iter().any(|profile| pattern.is_like(profile.name.as_bytes())) {
            continue;
        }
        let text = pattern.text();
        let name = text.trim_start_matches('!');
        let place = loaded.place(&format!("rules[{index}].when.provider"));
        let words = match profiles.resolve(name) {
            _ if name.contains('*') => format!("no provider is called like `{name}`"),
            Ok(profile) if profile.name != name && profiles.by_name(name).is_some() => {
                format!("`{name}` is another name of `{}`: write that", profile.name)
            }
            Ok(_) => continue,
            Err(words) => words,
        };
        wrong.add(anyhow!("{place}: {words}"));
    }
}

fn rule(index: usize, written: &RuleInFile, loaded: &LoadedConfig) -> anyhow::Result<Rule> {
    let place = |field: &str| loaded.place(&format!("rules[{index}].{field}"));
    let name = match &written.name {
        Some(name) => format!("rule {name}"),
        None => format!("rule {}", index + 1),
    };
    let mut wrong = Mistakes::default();
    let when = wrong.take(when(&written.when, &place));
    let reply = wrong.take(file_reply(&written.reply.0, &format!("rules[{index}].reply"), loaded));
    let callbacks = wrong.take(callbacks(&written.callbacks, &|path| loaded.beside(path), &place));
    let (Some(when), Some(reply), Some(callbacks)) = (when, reply, callbacks) else { return Err(wrong.into()) };
    Ok(Rule {
        name,
        when,
        reply,
        callbacks,
        given: written.name.clone().unwrap_or_default(),
        reply_text: written.reply.0.to_string(),
        origin: Origin::File,
        is_off: false,
        number: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
    })
}

fn when(written: &WhenInFile, place: &dyn Fn(&str) -> String) -> anyhow::Result<When> {
    let named = |map: &std::collections::BTreeMap<String, crate::app::config::Parsed<_>>| {
        map.iter()
            .map(|(name, pattern)| (name.clone(), crate::domain::rule::pattern::ValuePattern::clone(&pattern.0)))
            .collect()
    };
    let mut json = Vec::new();
    for (path, pattern) in &written.json {
        // Understood when the file was read.
        let parsed = path.0.parse().map_err(|error: String| anyhow!("{}: {error}", place("when.json")))?;
        json.push((parsed, pattern.0.clone()));
    }
    Ok(When {
        methods: written.method.0.iter().map(|word| word.0.clone()).collect(),
        path: written.path.as_ref().map(|path| path.0.clone()),
        headers: written.headers.iter().map(|(name, pattern)| (name.0.clone(), pattern.0.clone())).collect(),
        query: named(&written.query),
        form: named(&written.form),
        json,
        providers: written.provider.0.clone(),
        events: written.event.0.clone(),
        verdicts: written.verdict.0.iter().map(|word| word.0).collect(),
        from: written.from.0.iter().map(|Net(net)| *net).collect(),
        nth: written.nth.map(|nth| nth.0),
    })
}

type Fetch<'a> = &'a mut dyn FnMut(&[SecretSource]) -> anyhow::Result<Vec<Secret>>;

fn guard(path: &str, written: &GuardInFile, place: &dyn Fn(&str) -> String, fetch: Fetch<'_>) -> anyhow::Result<Guard> {
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

/// Puts the bytes of the body files in that the text names.
fn finish_reply(text: &ReplyText, locate: &dyn Fn(&Path) -> PathBuf) -> anyhow::Result<Reply> {
    let reply = text.finish(&mut |name| read_body(&locate(Path::new(name))))?;
    let steps = reply.script.iter().flat_map(|script| &script.steps).map(|step| &step.reply);
    for reply in std::iter::once(&reply).chain(steps).filter(|reply| reply.make == Make::Template) {
        template::check(reply).map_err(|message| anyhow!(message))?;
    }
    Ok(reply)
}

fn read_body(path: &Path) -> anyhow::Result<Bytes> {
    let mut bytes = plain_file::read(path, REPLY_BODY_BYTES_MAX)
        .with_context(|| format!("cannot read the reply's body from {}", path.display()))?;
    Ok(std::mem::take(&mut *bytes).into())
}

/// Another one each time: the standard library draws the keys of its hashes from the system.
fn any_seed() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::hash::RandomState::new().build_hasher().finish()
}
