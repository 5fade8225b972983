//! All profiles: those that are compiled in, the user's own, and which of them recognises a request.

mod recognition;

use std::sync::{Arc, OnceLock};

use super::generic;
use super::profile::Profile;
use crate::domain::exchange::Request;
use crate::domain::nearest::nearest;

use recognition::Recognition;

/// The files of src/providers.
pub(super) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/providers.rs"));

/// A set of profiles. Those that are compiled in are read when they are first asked for: that takes longer than everything
/// else between the program's start and its first answer.
#[derive(Clone, Debug)]
pub struct Profiles(Held);

#[derive(Clone, Debug)]
enum Held {
    /// Those that are compiled in, and no others.
    Builtin,
    /// These.
    Own(Box<Set>),
}

/// Profiles, and how requests find theirs.
#[derive(Clone, Debug, Default)]
struct Set {
    all: Vec<Arc<Profile>>,
    recognition: Recognition,
}

impl Set {
    /// Of equal names the last counts.
    fn new(profiles: impl IntoIterator<Item = Profile>) -> Self {
        let mut all: Vec<Arc<Profile>> = Vec::new();
        for profile in profiles {
            all.retain(|other| other.name != profile.name);
            all.push(Arc::new(profile));
        }
        let recognition = Recognition::new(&all);
        Self { all, recognition }
    }

    /// The compiled-in ones. A test holds every file to the form, so none is missing here.
    fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Set> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::new(FILES.iter().filter_map(|(name, text)| Profile::parse(name, text).ok())))
    }
}

impl Profiles {
    /// The profiles that are compiled in.
    pub fn builtin() -> &'static Self {
        static BUILTIN: Profiles = Profiles(Held::Builtin);
        &BUILTIN
    }

    /// A set of these; of equal names the last counts.
    pub fn new(profiles: impl IntoIterator<Item = Profile>) -> Self {
        Self(Held::Own(Box::new(Set::new(profiles))))
    }

    /// These and the user's own, which win over compiled-in ones of the same name.
    pub fn with(&self, own: impl IntoIterator<Item = Profile>) -> Self {
        Self::new(self.iter().map(|profile| Profile::clone(profile)).chain(own))
    }

    fn set(&self) -> &Set {
        match &self.0 {
            Held::Builtin => Set::builtin(),
            Held::Own(set) => set,
        }
    }

    /// The profile of that name, else the one that has it as another name.
    pub fn by_name(&self, name: &str) -> Option<&Arc<Profile>> {
        let known = |profile: &&Arc<Profile>| profile.aliases.iter().any(|alias| alias == name);
        self.set().all.iter().find(|profile| profile.name == name).or_else(|| self.set().all.iter().find(known))
    }

    /// What `--scheme` names: a profile, or a scheme described in place (see docs/signatures.md).
    ///
    /// # Errors
    /// In words, when it is neither: what is wrong, or the nearest names.
    pub fn resolve(&self, spec: &str) -> Result<Arc<Profile>, String> {
        if let Some(profile) = self.by_name(&spec.trim().to_ascii_lowercase()) {
            return Ok(Arc::clone(profile));
        }
        generic::parse(spec).map(Arc::new).map_err(|error| match error {
            generic::SpecError::NotGeneric => {
                // What stands behind a name may be a secret that was meant: it is not said again.
                let name = spec.split([':', ',', ';', '=', ' ']).next().unwrap_or_default();
                if name != spec && self.by_name(&name.to_ascii_lowercase()).is_some() {
                    return format!(
                        "`{name}` is a provider, and nothing stands behind its name: give the secret by itself \
                         (--secret env:NAME, or `secret`)"
                    );
                }
                let near = self.nearest(name);
                let hint =
                    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(", ")) };
                format!(
                    "there is no provider `{name}`{hint} (`hooksight providers` lists all, and \
                     `hmac-sha256:header=X-Signature` describes a scheme of your own)"
                )
            }
            generic::SpecError::Wrong(message) => message,
        })
    }

    /// Names that are like what was typed, the nearest first; at most a few.
    fn nearest(&self, typed: &str) -> Vec<&str> {
        let profiles = &self.set().all;
        let names = profiles.iter().flat_map(|profile| std::iter::once(&profile.name).chain(&profile.aliases));
        let mut near: Vec<&str> = Vec::new();
        for name in nearest(typed, names.map(String::as_str)) {
            let profile = self.by_name(name).map_or(name, |profile| profile.name.as_str());
            if !near.contains(&profile) {
                near.push(profile);
            }
        }
        near
    }

    /// The profile that recognises the request: of several that do so by a header the one with the highest rank, then the longest
    /// rule; those that know it by its body alone come behind, unless the header is one that any sender may use.
    pub fn recognise(&self, request: &Request) -> Option<&Arc<Profile>> {
        let set = self.set();
        set.all.get(set.recognition.find(request)?)
    }

    /// Those that are in place of the compiled-in set: empty as long as there are none of the user's own.
    pub fn own(&self) -> impl Iterator<Item = &Arc<Profile>> {
        match &self.0 {
            Held::Builtin => [].iter(),
            Held::Own(set) => set.all.iter(),
        }
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.set().all.iter()
    }
}

#[cfg(test)]
mod tests;
