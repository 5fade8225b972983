//! Which reply goes back for a path, and in how many words that is said.

use std::fmt;

use super::{Chosen, Fault, Make, Reply, ReplyRules, Scope, Spread, delay, script::describe_steps, show_delay};

impl ReplyRules {
    /// The reply for a path.
    ///
    /// An exact path and a pattern that ends in `*` are weighed by how much of the path they name; the exact one wins a tie,
    /// and then the path's own reply over the endpoint's.
    pub fn choose(&self, path: &[u8]) -> Chosen<'_> {
        let own = self.paths.iter().map(|(pattern, reply)| (pattern, reply, true));
        let endpoints = self.endpoints.iter().map(|(pattern, reply)| (pattern, reply, false));
        let best = own
            .chain(endpoints)
            .filter_map(|(pattern, reply, is_own)| Some(((weight(pattern, path)?, is_own), pattern, reply)))
            .max_by_key(|(weight, _, _)| *weight);
        match best {
            Some(((_, true), pattern, reply)) => Chosen { reply, rule: format!("path {pattern}"), is_own: true },
            Some(((_, false), pattern, reply)) => Chosen { reply, rule: format!("endpoint {pattern}"), is_own: false },
            None if self.all == Reply::default() => {
                Chosen { reply: &self.all, rule: "default".to_owned(), is_own: false }
            }
            None if self.all.make == Make::Forward => {
                Chosen { reply: &self.all, rule: "forward".to_owned(), is_own: false }
            }
            None => Chosen { reply: &self.all, rule: "all requests".to_owned(), is_own: false },
        }
    }

    /// Puts a reply in force; one for the same scope is replaced.
    pub fn set(&mut self, scope: Scope, reply: Reply) {
        match scope {
            Scope::All => self.all = reply,
            Scope::Path(path) => match self.paths.iter_mut().find(|(known, _)| *known == path) {
                Some((_, known)) => *known = reply,
                None => self.paths.push((path, reply)),
            },
        }
    }

    /// Puts an endpoint's reply in force; one for the same path pattern is replaced.
    pub fn set_endpoint(&mut self, path: &str, reply: Reply) {
        self.endpoints.retain(|(known, _)| known != path);
        self.endpoints.push((path.to_owned(), reply));
    }

    /// Takes the rule of a path away again.
    pub fn clear(&mut self, path: &str) {
        self.paths.retain(|(known, _)| known != path);
        self.endpoints.retain(|(known, _)| known != path);
    }
}

/// How well a pattern fits: bytes of the path that it names, and whether it names the whole path.
fn weight(pattern: &str, path: &[u8]) -> Option<(usize, bool)> {
    match pattern.strip_suffix('*') {
        Some(stem) => path.starts_with(stem.as_bytes()).then_some((stem.len(), false)),
        None => (path == pattern.as_bytes()).then_some((path.len(), true)),
    }
}

impl Reply {
    /// Whether it is the same for every request, and needs nobody to make it.
    pub fn is_ready(&self) -> bool {
        self.script.is_none() && self.make == Make::Exact && self.spread == Spread::None
    }

    /// Whether a form with status, headers, body and a fixed delay says all of it.
    pub fn is_simple(&self) -> bool {
        self.is_ready() && self.fault.is_none() && self.drip.is_none()
    }

    /// Whether its text is one that a person may have typed, or would read.
    pub fn is_short(&self) -> bool {
        const BYTES_MAX: usize = 4096;
        let own = |reply: &Self| reply.body.len() + reply.headers.size_bytes();
        let steps = self.script.iter().flat_map(|script| &script.steps).map(|step| own(&step.reply));
        own(self) + steps.sum::<usize>() <= BYTES_MAX
    }

    /// Whether a sender would take it for success: an answer of 200 to 299.
    pub fn is_success(&self) -> bool {
        let is_ours = self.fault.is_none() && self.script.is_none() && self.make != Make::Forward;
        is_ours && (200..300).contains(&self.status)
    }

    /// In a few words for the top line: `200`, `200 with 11 B`, `503 after 2 s`, `never answer`, `reset`.
    pub fn describe(&self) -> String {
        if let Some(script) = &self.script {
            return describe_steps(script.steps.iter().map(|step| step.times));
        }
        let mut words = match (self.fault, self.make) {
            (Some(Fault::NeverAnswer), _) => return Fault::NeverAnswer.brief(),
            (Some(fault), _) if fault.is_wordless() => fault.brief(),
            (_, Make::Forward) => "forward".to_owned(),
            (_, Make::Echo) => format!("{} with an echo", self.status),
            (_, Make::Template) => format!("{} from a template", self.status),
            (_, Make::Exact) if self.body.is_empty() => self.status.to_string(),
            (_, Make::Exact) => format!("{} with {} B", self.status, self.body.len()),
        };
        if let Some(fault) = self.fault.filter(|fault| !fault.is_wordless()) {
            words.push_str(&fault.brief());
        }
        if let Some(rate) = self.drip {
            words.push_str(&format!(" at {rate} B/s"));
        }
        match self.spread {
            Spread::None if self.delay_ms == 0 => {}
            Spread::None => words.push_str(&format!(" after {}", show_delay(self.delay_ms, " "))),
            spread => words.push_str(&format!(" after {}", delay::show(self.delay_ms, spread))),
        }
        words
    }
}

impl Scope {
    /// `*` and the empty text mean all requests; anything else is a path.
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "" | "*" => Self::All,
            path => Self::Path(path.to_owned()),
        }
    }
}

impl fmt::Display for Scope {
    /// The reverse of [`Scope::parse`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Path(path) => f.write_str(path),
        }
    }
}
