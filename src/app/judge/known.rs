//! The secrets of this run: whose each is, where it came from, and how many requests it fitted. In memory, and nowhere else.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use crate::domain::exchange::ExchangeId;
use crate::domain::printable::visible_str;
use crate::domain::rule::Taking;
use crate::domain::signature::{NamedSecret, Secret};
use crate::tui::msg::KnownSecret;

/// Which requests a secret is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of this provider.
    Provider(String),
    /// Those to this endpoint, by its place in the settings; with the provider that the endpoint names.
    Endpoint(usize, Option<String>),
    /// Those of this provider to this path, without the query: where the handshake came that brought it; with the endpoint
    /// of the settings that the path belongs to, by its place.
    Path(String, Vec<u8>, Option<usize>),
    /// Whatever is recognised.
    Any,
}

/// How a secret came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// By the settings.
    Configured,
    /// Typed while the program runs. One that never fitted makes room for the next.
    Typed,
    /// By a handshake.
    Brought,
}

/// Where a secret comes from that the configuration gives for a provider.
pub const IN_FILE: &str = "configuration";

/// Secrets that handshakes brought, for one provider and one endpoint of the settings (or for all paths without one): each of
/// its webhooks has its own, and a stranger may send any number. When so many are known, the next is not taken: a stranger
/// pushes none out. What strangers bring elsewhere takes no endpoint's room.
const BROUGHT_MAX: usize = 32;

/// Of these for one path.
const BROUGHT_TO_PATH_MAX: usize = 8;

/// All secrets, in the order in which they are tried.
#[derive(Debug, Default)]
pub struct KnownSecrets {
    entries: RwLock<Vec<Entry>>,
    last: AtomicU32,
}

#[derive(Debug)]
struct Entry {
    /// Stays the same while others come and go.
    number: u32,
    scope: Scope,
    secret: Secret,
    origin: Origin,
    /// The same in words: `typed here`, `--secret`, `endpoint /x`.
    from: String,
    fitted: Mutex<Fitted>,
}

/// The requests that a secret fitted: a bit each, so that checking again counts nothing twice.
#[derive(Debug, Default)]
struct Fitted {
    bits: Vec<u64>,
    count: u64,
}

/// Numbers beyond this are not counted: no session has so many, and a file could name any.
const COUNTED_MAX: u64 = 1 << 26;

impl Fitted {
    fn add(&mut self, id: ExchangeId) {
        if id.0 >= COUNTED_MAX {
            return;
        }
        let place = usize::try_from(id.0 / 64).unwrap_or(usize::MAX);
        if self.bits.len() <= place {
            self.bits.resize(place + 1, 0);
        }
        if let Some(word) = self.bits.get_mut(place) {
            let bit = 1 << (id.0 % 64);
            self.count += u64::from(*word & bit == 0);
            *word |= bit;
        }
    }
}

impl Entry {
    fn fitted(&self) -> u64 {
        self.fitted.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// When it is tried for a request of that provider to that endpoint and path: 0 first, 2 last.
    fn rank(&self, provider: &str, endpoint: Option<usize>, path: &[u8]) -> Option<u8> {
        match &self.scope {
            Scope::Endpoint(place, _) => (Some(*place) == endpoint).then_some(0),
            Scope::Provider(name) => (name == provider).then_some(1),
            Scope::Path(name, only, _) => (name == provider && only == path).then_some(1),
            Scope::Any => Some(2),
        }
    }

    fn is_wrong_guess(&self) -> bool {
        self.origin == Origin::Typed && self.fitted() == 0
    }

    fn provider(&self) -> Option<&str> {
        match &self.scope {
            Scope::Provider(name) | Scope::Path(name, ..) | Scope::Endpoint(_, Some(name)) => Some(name),
            Scope::Endpoint(_, None) | Scope::Any => None,
        }
    }
}

impl KnownSecrets {
    /// Adds one that the settings give, behind those that are there.
    pub fn configure(&self, scope: Scope, from: String, secret: &Secret) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let before = entries.iter().filter(|known| known.scope == scope && known.from == from).count();
        let entry = self.entry(scope, Origin::Configured, from, secret.clone(), before);
        entries.push(entry);
    }

    /// Puts these in place of those that the settings gave where `is_replaced`; one that stays keeps its number and its count. Whether
    /// any came or went.
    pub fn reconfigure(
        &self,
        configured: Vec<(Scope, String, Secret)>,
        is_replaced: impl Fn(&Scope, &str) -> bool,
    ) -> bool {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let is_old = |known: &Entry| known.origin == Origin::Configured && is_replaced(&known.scope, &known.from);
        let (mut old, mut kept): (Vec<Entry>, Vec<Entry>) = entries.drain(..).partition(is_old);
        let mut has_changed = false;
        let mut new: Vec<Entry> = Vec::new();
        for (scope, from, secret) in configured {
            match old.iter().position(|known| known.scope == scope && known.from == from && known.secret == secret) {
                Some(at) => new.push(old.swap_remove(at)),
                None => {
                    let before = new.iter().filter(|known| known.scope == scope && known.from == from).count();
                    new.push(self.entry(scope, Origin::Configured, from, secret, before));
                    has_changed = true;
                }
            }
        }
        // What was typed or brought goes before; what the command line gave stays behind.
        let at = kept.iter().position(|known| known.origin == Origin::Configured).unwrap_or(kept.len());
        kept.splice(at..at, new);
        *entries = kept;
        has_changed || !old.is_empty()
    }

    /// Adds one that the user typed, in front of all others. Guesses typed before for the same provider that never fitted
    /// go, and so does the same secret.
    pub fn type_in(&self, provider: &str, secret: Secret) {
        let scope = Scope::Provider(provider.to_owned());
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|known| known.scope != scope || known.secret != secret && !known.is_wrong_guess());
        let before = entries.iter().filter(|known| known.scope == scope && known.origin == Origin::Typed).count();
        let entry = self.entry(scope, Origin::Typed, "typed here".to_owned(), secret, before);
        entries.insert(0, entry);
    }

    /// Adds one that a handshake to this path brought, for requests to this path, in front of those that it has. Of too many
    /// the first stay: whether it is known now.
    pub fn bring(&self, provider: &str, endpoint: Option<usize>, path: &[u8], secret: Secret) -> bool {
        let scope = Scope::Path(provider.to_owned(), path.to_vec(), endpoint);
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.iter().any(|known| known.scope == scope && known.secret == secret) {
            return true;
        }
        if brought_too_many(&entries, provider, endpoint, path).is_some() {
            return false;
        }
        let before = entries.iter().filter(|known| known.scope == scope).count();
        let entry = self.entry(scope, Origin::Brought, "a handshake".to_owned(), secret, before);
        entries.insert(0, entry);
        true
    }

    /// Whether a secret that a handshake brings is taken: the user gave none for requests of this provider to this endpoint,
    /// and there is room.
    pub fn takes(&self, provider: &str, endpoint: Option<usize>, path: &[u8], secret: &Secret) -> Taking {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let mut fitting = entries.iter().filter(|known| known.rank(provider, endpoint, path).is_some());
        let is_known = fitting.clone().any(|known| known.origin == Origin::Brought && known.secret == *secret);
        if fitting.any(|known| known.origin != Origin::Brought) {
            return Taking::HasOwn;
        }
        match brought_too_many(&entries, provider, endpoint, path) {
            Some(count) if !is_known => Taking::Full(count),
            _ => Taking::Taken,
        }
    }

    /// Forgets one; the provider whose requests it was for, when it was for one's.
    pub fn forget(&self, number: u32) -> Option<Option<String>> {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let at = entries.iter().position(|known| known.number == number)?;
        Some(entries.remove(at).provider().map(str::to_owned))
    }

    /// `before` tells how many of the same place are known already.
    fn entry(&self, scope: Scope, origin: Origin, from: String, secret: Secret, before: usize) -> Entry {
        let number = self.last.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let place = match (&scope, origin) {
            (Scope::Provider(name), Origin::Configured) if from == IN_FILE => {
                format!("{name} in the configuration")
            }
            (Scope::Provider(name), Origin::Typed) => format!("typed for {name}"),
            (Scope::Path(name, ..), _) => format!("brought by a handshake of {name}"),
            _ => from.clone(),
        };
        let secret = named(&secret, &place, before);
        Entry { number, scope, secret, origin, from, fitted: Mutex::default() }
    }

    /// What a request is checked with: secrets with their numbers, the endpoint's first, then its provider's, then those for
    /// whatever is recognised.
    pub fn for_request(&self, provider: &str, endpoint: Option<usize>, path: &[u8]) -> Vec<(u32, Secret)> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let mut chosen: Vec<(u32, Secret)> = Vec::new();
        for wanted in 0..3 {
            for entry in entries.iter().filter(|entry| entry.rank(provider, endpoint, path) == Some(wanted)) {
                if chosen.iter().all(|(_, secret)| *secret != entry.secret) {
                    chosen.push((entry.number, entry.secret.clone()));
                }
            }
        }
        chosen
    }

    /// What an answer to a handshake of this provider is made with: the first secret that was given for it. One that is for whatever is
    /// recognised is none: a stranger who says to be another provider would have a text of his own signed with it. `is_set`: the
    /// settings name this provider for all requests, and with that for the secrets of endpoints that name none.
    pub fn for_proof(&self, provider: &str, endpoint: Option<usize>, path: &[u8], is_set: bool) -> Option<Secret> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let is_given_for = |entry: &&Entry| match &entry.scope {
            Scope::Endpoint(_, Some(name)) | Scope::Provider(name) | Scope::Path(name, ..) => name == provider,
            Scope::Endpoint(_, None) => is_set,
            Scope::Any => false,
        };
        let ranked = entries
            .iter()
            .filter(is_given_for)
            .filter_map(|entry| Some((entry.rank(provider, endpoint, path)?, entry)));
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, entry)| entry.secret.clone())
    }

    /// All that are not among these, with whose they are: for the autopsy.
    pub fn others(&self, than: &[Secret]) -> Vec<NamedSecret> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let named = entries.iter().filter(|entry| !than.contains(&entry.secret) && entry.scope != Scope::Any);
        named
            .map(|entry| {
                let name = entry.secret.name().unwrap_or(&entry.from).to_owned();
                NamedSecret { name, secret: entry.secret.clone() }
            })
            .collect()
    }

    /// Remembers that a secret fitted a request.
    pub fn note_fit(&self, number: u32, id: ExchangeId) {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.iter().find(|entry| entry.number == number) {
            entry.fitted.lock().unwrap_or_else(PoisonError::into_inner).add(id);
        }
    }

    /// What is known, without the secrets themselves.
    pub fn list(&self) -> Vec<KnownSecret> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let shown = |entry: &Entry| KnownSecret {
            number: entry.number,
            provider: entry.provider().map(str::to_owned),
            origin: visible_str(&entry.from).into_owned(),
            fitted: entry.fitted(),
            is_typed: entry.origin == Origin::Typed,
        };
        entries.iter().map(shown).collect()
    }
}

/// How many handshakes of this provider brought to this path, or else to its endpoint, where that is as many as may be.
fn brought_too_many(entries: &[Entry], provider: &str, endpoint: Option<usize>, path: &[u8]) -> Option<usize> {
    let brought =
        entries.iter().filter(|known| known.origin == Origin::Brought).filter_map(|known| match &known.scope {
            Scope::Path(name, path, place) if name == provider && *place == endpoint => Some(path.as_slice()),
            _ => None,
        });
    let to_path = brought.clone().filter(|known| *known == path).count();
    let all = brought.count();
    (to_path >= BROUGHT_TO_PATH_MAX).then_some(to_path).or((all >= BROUGHT_MAX).then_some(all))
}

/// The secret under a name that the user knows it by: its place, and where it was fetched from, else its number there
/// (from 0, which is not said of the first).
pub fn named(secret: &Secret, place: &str, at: usize) -> Secret {
    let name = match (secret.name(), at) {
        (Some(from), _) => format!("{place} ({from})"),
        (None, 0) => place.to_owned(),
        (None, at) => format!("{place} {}", at + 1),
    };
    secret.clone().named(&name)
}

#[cfg(test)]
mod tests;
