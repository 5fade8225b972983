//! Which profile a request is of: the rules of all profiles, by the headers that give them away. What a rule asks of the body is
//! looked at last, because a body is large, and all rules share one look at its keys or fields.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use super::super::json;
use super::super::material::Material;
use super::super::profile::Profile;
use super::super::template::{Condition, Source};
use crate::domain::body::media_type;
use crate::domain::exchange::Request;
use crate::domain::headers::Shapes;

/// The longest name of a header by which a profile can be found; a longer one would be an error in the profile.
const HEADER_NAME_BYTES_MAX: usize = 256;

/// In so many fields of a form a profile is looked for: no provider sends a tenth of it.
const FORM_FIELDS_MAX: usize = 1 << 16;

/// All rules of a set of profiles.
#[derive(Clone, Debug, Default)]
pub(super) struct Recognition {
    /// The best first: by rank, then by length of the profile's longest rule, then as the profiles stand.
    rules: Vec<Rule>,
    /// Places of the headers that rules ask something of, by their names in lower case.
    names: HashMap<Vec<u8>, usize, foldhash::quality::RandomState>,
    /// Rules by the first header that each of them must have.
    by_header: Vec<Vec<usize>>,
    /// The shapes of these names: most headers have none of them, which this tells at once.
    shapes: Shapes,
    /// Those that ask for no header, the best first.
    without_header: Vec<usize>,
    /// Outermost keys of JSON bodies that rules ask for, at most as many as a number has bits.
    keys: Vec<Vec<u8>>,
    /// Fields of forms that rules ask for.
    fields: Vec<Vec<u8>>,
}

/// One list of conditions that must all hold.
#[derive(Clone, Debug)]
struct Rule {
    /// Place of its profile.
    profile: usize,
    rank: i32,
    /// What it asks of headers, with their places.
    headers: Vec<(usize, Condition)>,
    /// What it asks of the rest of the head.
    head: Vec<Condition>,
    /// What it asks of the body.
    body: Vec<Condition>,
    /// Bits of the keys without which `body` cannot hold.
    keys: u64,
    /// Whether it asks for a form.
    form: bool,
}

/// What is known of one request: of its headers, and of its body once a rule asked.
#[derive(Default)]
struct Looked<'a> {
    /// See [`Recognition::wanted`].
    headers: Vec<(usize, &'a [u8])>,
    /// Bits of the wanted keys that its outermost object has; all when it is no object.
    keys: OnceCell<u64>,
    is_form: OnceCell<bool>,
    /// The values of the wanted fields.
    fields: OnceCell<Vec<Option<Cow<'a, [u8]>>>>,
}

impl Recognition {
    /// Of these profiles.
    pub(super) fn new(profiles: &[Arc<Profile>]) -> Self {
        let longest = |profile: &Profile| profile.recognise.iter().map(Vec::len).max().unwrap_or(0);
        let mut order: Vec<_> = profiles.iter().enumerate().collect();
        order.sort_by_key(|(at, profile)| (Reverse((profile.rank, longest(profile))), *at));
        let mut all = Self::default();
        for (at, profile) in order {
            for conditions in profile.recognise.iter().filter(|all| !all.is_empty()) {
                all.add(at, profile.rank, conditions);
            }
        }
        all
    }

    fn add(&mut self, profile: usize, rank: i32, conditions: &[Condition]) {
        let is_of_body = |condition: &&Condition| matches!(condition.source, Source::Json(_) | Source::Form(_));
        let (body, head): (Vec<_>, Vec<_>) = conditions.iter().partition(is_of_body);
        let wanted = body.iter().filter(|condition| !condition.negated);
        let keys = wanted.clone().fold(0, |bits, condition| match &condition.source {
            Source::Json(path) => bits | self.bit(path.first()),
            _ => bits,
        });
        for name in body.iter().filter_map(|condition| field_of(condition)) {
            if self.fields.iter().all(|known| known != name) {
                self.fields.push(name.to_vec());
            }
        }
        let form = wanted.clone().any(|condition| matches!(condition.source, Source::Form(_)));
        let (mut headers, mut rest) = (Vec::new(), Vec::new());
        for condition in head {
            match &condition.source {
                Source::Header(name) => headers.push((self.place(name), condition.clone())),
                _ => rest.push(condition.clone()),
            }
        }
        let first = headers.iter().find(|(_, condition)| !condition.negated).map(|(place, _)| *place);
        let slot = first.and_then(|place| self.by_header.get_mut(place)).unwrap_or(&mut self.without_header);
        slot.push(self.rules.len());
        let body = body.into_iter().cloned().collect();
        self.rules.push(Rule { profile, rank, keys, form, headers, head: rest, body });
    }

    /// The place of a header.
    fn place(&mut self, name: &str) -> usize {
        let name = name.to_ascii_lowercase().into_bytes();
        self.shapes.add(&name);
        let next = self.by_header.len();
        let place = *self.names.entry(name).or_insert(next);
        if place == next {
            self.by_header.push(Vec::new());
        }
        place
    }

    /// The bit of a key; none for those that are too many.
    fn bit(&mut self, key: Option<&String>) -> u64 {
        let Some(key) = key.filter(|key| *key != "*").map(String::as_bytes) else { return 0 };
        let at = self.keys.iter().position(|known| known == key).unwrap_or(self.keys.len());
        if at >= u64::BITS as usize {
            return 0;
        }
        if at == self.keys.len() {
            self.keys.push(key.to_vec());
        }
        1 << at
    }

    /// The place of the profile that recognises the request. What its headers say goes before what its body looks like, but for
    /// profiles of negative rank, which are for senders of any kind; then the order of the rules counts.
    pub(super) fn find(&self, request: &Request) -> Option<usize> {
        let (material, looked) =
            (Material::new(request), Looked { headers: self.wanted(request), ..Looked::default() });
        let holds = |at: &usize| self.rules.get(*at).is_some_and(|rule| self.holds(rule, &material, &looked));
        let by_header = self.candidates(&looked.headers).into_iter().find(holds);
        let rank = by_header.and_then(|at| self.rules.get(at)).map(|rule| rule.rank);
        let best = match rank {
            Some(0..) => by_header,
            _ => {
                let better = |at: &usize| by_header.is_none_or(|best| *at < best);
                self.without_header.iter().copied().take_while(better).find(holds).or(by_header)
            }
        };
        best.and_then(|at| self.rules.get(at)).map(|rule| rule.profile)
    }

    /// The headers of the request that rules ask something of: their places and values, the first of each.
    fn wanted<'a>(&self, request: &'a Request) -> Vec<(usize, &'a [u8])> {
        let mut wanted: Vec<(usize, &[u8])> = Vec::new();
        let mut lower = [0; HEADER_NAME_BYTES_MAX];
        for header in &request.headers {
            if !self.shapes.may_have(&header.name) {
                continue;
            }
            // No profile asks for a longer name.
            let Some(name) = lower.get_mut(..header.name.len()) else { continue };
            name.copy_from_slice(&header.name);
            name.make_ascii_lowercase();
            let Some(place) = self.names.get(&*name) else { continue };
            // A header that comes a thousand times counts once.
            if wanted.iter().all(|(known, _)| known != place) {
                wanted.push((*place, &header.value));
            }
        }
        wanted
    }

    /// The rules whose header is there, the best first.
    fn candidates(&self, headers: &[(usize, &[u8])]) -> Vec<usize> {
        let of = |(place, _): &(usize, &[u8])| self.by_header.get(*place);
        let mut candidates: Vec<usize> = headers.iter().filter_map(of).flatten().copied().collect();
        candidates.sort_unstable();
        candidates
    }

    fn holds<'a>(&self, rule: &Rule, material: &Material<'a>, looked: &Looked<'a>) -> bool {
        let value = |place: usize| looked.headers.iter().find(|(known, _)| *known == place).map(|(_, value)| *value);
        if !rule.headers.iter().all(|(place, condition)| condition.holds(value(*place))) {
            return false;
        }
        if !rule.head.iter().all(|condition| material.holds(condition)) {
            return false;
        }
        if rule.form
            && !looked.is_form.get_or_init(|| media_type(material.headers) == "application/x-www-form-urlencoded")
        {
            return false;
        }
        if rule.keys != 0 && looked.keys.get_or_init(|| self.keys_of(material.body)) & rule.keys != rule.keys {
            return false;
        }
        rule.body.iter().all(|condition| match field_of(condition) {
            Some(name) => {
                let values = looked.fields.get_or_init(|| material.form_values(&self.fields, FORM_FIELDS_MAX));
                let at = self.fields.iter().position(|known| known == name);
                condition.holds(at.and_then(|at| values.get(at)).and_then(Option::as_deref))
            }
            None => material.holds(condition),
        })
    }

    fn keys_of(&self, body: &[u8]) -> u64 {
        let mut bits = 0;
        let is_object = json::each_key(body, |key| {
            if let Some(at) = self.keys.iter().position(|wanted| wanted == key) {
                bits |= 1 << at;
            }
        });
        if is_object { bits } else { u64::MAX }
    }
}

/// The field of a form that a condition asks for.
fn field_of(condition: &Condition) -> Option<&[u8]> {
    match &condition.source {
        Source::Form(name) => Some(name.as_bytes()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
