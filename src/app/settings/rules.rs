//! From the configuration to the rules in force, at the start and again when the file changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use super::forward;
use crate::app::args::{ForwardArgs, LookArgs};
use crate::app::config::rules::{CallbackInFile, Net};
use crate::app::config::{ConfigError, LoadedConfig};
use crate::app::mistakes::Mistakes;
use crate::app::reload::seen::Seen;
use crate::domain::handshake::Gate;
use crate::domain::reply::{Reply, ReplyText};
use crate::domain::rule::{Rule, RuleSet};
use crate::domain::signature::{Profiles, Secret};

mod callbacks;
mod guards;
mod replies;
mod written;

use guards::guard;
use replies::{file_replies, finish_reply};
use written::{known_providers, rule};

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
            let fetched = loaded
                .fetch(&endpoint.secret.0, &mut |_| {})
                .with_context(|| loaded.place(&format!("endpoints[{index}].secret")))?;
            secrets.endpoints.push((endpoint.path.0.0.clone(), fetched));
        }
        for (name, sources) in &loaded.config.secrets {
            let place = loaded.place(&format!("secrets.{name}"));
            let profile = self.profiles.resolve(name).map_err(|words| anyhow!("{place}: {words}"))?;
            let fetched = loaded.fetch(&sources.0, &mut |_| {}).context(place)?;
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
                let made = guard(&endpoint.path.0.0, written, &place, &mut |source| loaded.fetch(source, warn));
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

/// Another one each time: the standard library draws the keys of its hashes from the system.
fn any_seed() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::hash::RandomState::new().build_hasher().finish()
}
