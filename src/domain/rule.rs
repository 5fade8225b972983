//! What goes back to a request: one decision over everything that has a say, as plain data.
//!
//! ```text
//! guard of its endpoint -> rules in order -> reply for its path -> handshake of its provider -> reply of its endpoint or for all
//! ```
//!
//! All of it is one set that never changes once it is made; another one takes its place.

use std::borrow::Cow;
use std::sync::Arc;

use ipnet::IpNet;

use super::callback::Call;
use super::exchange::Request;
use super::forward::{Route, Routes};
use super::handshake::{self, Gate};
use super::reply::{Choice, ChosenBy, Make, Reply, ReplyRules};
use super::signature::{Profile, Secret};
use super::summary::{Recognised, Summary};
use super::template::{self, Given};

mod address;
mod arrange;
pub mod body_path;
mod case;
mod count;
mod facts;
pub mod guard;
pub mod hold;
pub mod matching;
mod networks;
pub mod pattern;
pub mod place;
mod work;
pub mod written;

#[cfg(test)]
mod tests;

pub use count::Counters;
pub use facts::{Facts, Nobody, Taking};
pub use guard::{Guard, Proof};
pub use hold::Hold;
pub use matching::{Origin, Rule, When};
pub use written::Written;

use case::Case;

/// Bodies below are looked into where the request came in even by filters of JSON paths, which look at a value more than once. Times the
/// places of the longest regular expression, that is some milliseconds.
const FILTERED_BODY_BYTES_MIN: usize = 4 << 10;

/// Everything that has a say in what goes back.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// Who may send, by endpoint: the first whose path fits.
    pub guards: Vec<Guard>,
    /// Rules in order: the first that fits replies.
    pub rules: Vec<Arc<Rule>>,
    /// Replies by path and for all.
    pub replies: ReplyRules,
    /// Proxies whose word on the sender's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Which requests could be handshakes; `None`: none is answered by itself.
    pub gate: Option<Gate>,
    /// Which requests wait for the user; `None`: none.
    pub hold: Option<Hold>,
    /// Which requests go on to the user's app.
    pub routes: Routes,
    /// What random delays and values are drawn from, together with the request's number.
    pub seed: u64,
}

/// A secret that a handshake brought.
#[derive(Clone, Debug)]
pub struct Learned {
    /// Whose.
    pub profile: Arc<Profile>,
    /// The secret.
    pub secret: Secret,
}

/// What goes back, and why.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// What goes back.
    pub reply: Cow<'a, Reply>,
    /// What chose it, in a few words: `default`, `path /x`, `handshake: ...`.
    pub rule: String,
    /// How, when there is more to say.
    pub choice: Option<Box<Choice>>,
    /// What is to be remembered of it.
    pub learned: Option<Learned>,
    /// Whether what goes back holds a secret, and is not to be kept.
    pub is_secret: bool,
    /// What the rule's path pattern captured.
    pub captures: Vec<(String, String)>,
    /// How long it waits for the user first, in milliseconds.
    pub hold_ms: Option<u64>,
    /// Where it may go on to: whose answer [`Make::Forward`] means, and who gets it behind our own.
    pub route: Option<Arc<Route>>,
    /// What is called behind the answer.
    pub calls: Vec<Call>,
    /// Under which its scripts and counts stand: each rule has its own, whatever it is called.
    counted: Option<String>,
    /// How often its script had played for this delivery before.
    played: Option<u32>,
    /// Bytes of a body that was made for this request alone.
    pub made_bytes: usize,
}

impl RuleSet {
    /// What goes back when nothing but the replies by path and for all has a say, and the reply is the same for every
    /// request. `None`: ask [`Self::decide`]. Costs next to nothing.
    pub fn plain(&self, request: &Request) -> Option<Decision<'_>> {
        let is_live =
            !self.rules.is_empty() || !self.guards.is_empty() || self.hold.is_some() || !self.routes.is_empty();
        if is_live || self.gate.as_ref().is_some_and(|gate| gate.lets_through(request)) {
            return None;
        }
        let chosen = self.replies.choose(request.path());
        chosen.reply.is_ready().then(|| Decision::of(Cow::Borrowed(chosen.reply), chosen.rule))
    }

    /// What goes back. `count` says how often a key was counted before, and counts it once more.
    pub fn decide(&self, request: &Request, facts: &dyn Facts, count: &mut dyn FnMut(&[u8]) -> u32) -> Decision<'_> {
        let case = Case::new(request, facts, &self.trusted_proxies);
        let mut choice = Choice::default();
        let guarded = self.guarded(&case, &mut choice);
        let mut decision = match guarded.or_else(|| self.by_rule(&case, &mut choice, count)) {
            Some(decision) => decision,
            None => self.choose(&case, &mut choice),
        };
        self.play_script(&mut decision, &case, &mut choice, count);
        self.make_ready(&mut decision, &case, &mut choice, count);
        decision.hold_ms = self.hold_ms(&case, &choice);
        // Who is turned away reaches no app.
        decision.route = self.routes.of(request.path()).filter(|_| choice.by != ChosenBy::Guard).cloned();
        decision.choice = (!choice.is_plain()).then(|| Box::new(choice));
        decision
    }

    /// Whether a template or a filter of a JSON path that may have a say about this request may take so long that others would notice.
    pub fn may_take_long(&self, request: &Request) -> bool {
        let is_long = |reply: &Reply| {
            let steps = reply.script.iter().flat_map(|script| &script.steps).map(|step| &step.reply);
            std::iter::once(reply).chain(steps).any(|reply| template::may_take_long(reply, request))
        };
        let is_filtered = |rule: &Rule| {
            request.body.bytes.len() >= FILTERED_BODY_BYTES_MIN
                && rule.when.json.iter().any(|(path, _)| path.has_filter())
        };
        let does = |rule: &Rule| {
            is_long(&rule.reply) || is_filtered(rule) || rule.callbacks.iter().any(|call| call.may_take_long(request))
        };
        let by_rule = self.rules.iter().any(|rule| does(rule) && rule.when.is_for_path(request.path()));
        let replies = self.replies.paths.iter().chain(&self.replies.endpoints).map(|(_, reply)| reply);
        // Most sets have no template, and choosing costs more than seeing that.
        let is_any_long = || replies.chain([&self.replies.all]).any(is_long);
        by_rule || (is_any_long() && is_long(self.replies.choose(request.path()).reply))
    }

    /// A reply that the user gives by hand, ready for its request: its templates know what those of rules know, `captures` of
    /// the rule that would have replied too, and a script goes on with the step that its delivery has come to. What else is to be
    /// said stands in the choice.
    pub fn by_hand(
        &self,
        reply: Reply,
        captures: Vec<(String, String)>,
        request: &Request,
        facts: &dyn Facts,
        count: &mut dyn FnMut(&[u8]) -> u32,
    ) -> (Reply, Choice) {
        let case = Case::new(request, facts, &self.trusted_proxies);
        let mut choice = Choice { by: ChosenBy::Hand, ..Choice::default() };
        let mut decision = Decision { captures, ..Decision::of(Cow::Owned(reply), "by hand".to_owned()) };
        self.play_script(&mut decision, &case, &mut choice, count);
        self.make_ready(&mut decision, &case, &mut choice, count);
        (decision.reply.into_owned(), choice)
    }

    /// How long the request waits for the user. Who is turned away does not, nor a handshake.
    fn hold_ms(&self, case: &Case<'_>, choice: &Choice) -> Option<u64> {
        let hold = self.hold.as_ref()?;
        if matches!(choice.by, ChosenBy::Guard | ChosenBy::Handshake) {
            return None;
        }
        let row = || Summary::of(case.request, case.recognised());
        if !hold.filter.as_ref().is_none_or(|filter| filter.matches(&row(), Some(case.request))) {
            return None;
        }
        let profile = case.recognised().provider.as_deref().and_then(|name| case.facts.profiles().by_name(name));
        let deadline_ms = profile.and_then(|profile| profile.delivery.deadline_ms).map(u64::from);
        Some(hold::within(deadline_ms.unwrap_or(hold.default_ms)))
    }

    /// Turns away whom the endpoint's guard does not let in, or says that it would. Who spells the path another way meets all
    /// guards that any server would lead them to.
    fn guarded(&self, case: &Case<'_>, choice: &mut Choice) -> Option<Decision<'_>> {
        let asked = place::lead_to(case.request.path(), self.guards.iter().map(|guard| guard.path.as_str()));
        for guard in asked.into_iter().filter_map(|at| self.guards.get(at)) {
            let Err(refused) = guard.check(case.request, case.address()) else { continue };
            if !guard.enforce {
                choice.notes.push(Choice::note_would_refuse(refused.status, &refused.why));
                continue;
            }
            choice.by = ChosenBy::Guard;
            choice.notes.push(format!("refused: {}", refused.why));
            return Some(Decision::of(Cow::Owned(refused.reply()), format!("guard of {}", guard.path)));
        }
        None
    }

    /// The first rule that fits.
    fn by_rule(
        &self,
        case: &Case<'_>,
        choice: &mut Choice,
        count: &mut dyn FnMut(&[u8]) -> u32,
    ) -> Option<Decision<'_>> {
        for (at, rule) in self.rules.iter().enumerate() {
            case.is_told.set(at < PASSED_MAX);
            match rule.fits(case, count) {
                Ok(captures) => {
                    choice.by = ChosenBy::Rule;
                    let mut decision = Decision::of(Cow::Borrowed(&rule.reply), rule.name.clone());
                    decision.captures = captures;
                    decision.counted = Some(rule.scope());
                    decision.calls = self.calls(rule, case, &decision, count);
                    return Some(decision);
                }
                Err(_) if case.work.is_spent() => {
                    choice.by = ChosenBy::Rule;
                    choice.notes.push(format!(
                        "500: looking at this request with all rules up to `{}` ({} of {}) would take too long: its head or its body is too \
                         long for so many; have the first rules ask for a method or a path",
                        rule.name,
                        at + 1,
                        self.rules.len()
                    ));
                    let reply = Reply { status: 500, ..Reply::default() };
                    return Some(Decision::of(Cow::Owned(reply), "rules".to_owned()));
                }
                Err(why) if at < PASSED_MAX => choice.passed.push(format!("{}: {why}", rule.name)),
                Err(_) => {}
            }
        }
        if let Some(more) = self.rules.len().checked_sub(PASSED_MAX).filter(|more| *more > 0) {
            choice.passed.push(format!("and {more} rules more"));
        }
        None
    }

    /// The reply as it is written.
    fn choose(&self, case: &Case<'_>, choice: &mut Choice) -> Decision<'_> {
        let chosen = self.replies.choose(case.request.path());
        let mut decision = Decision::of(Cow::Borrowed(chosen.reply), chosen.rule);
        // A path's own reply says otherwise; so does a failure that all are to see.
        if self.gate.is_some() && !chosen.is_own && chosen.reply.is_success() {
            self.shake_hands(&mut decision, case, choice);
        }
        decision
    }

    fn shake_hands(&self, decision: &mut Decision<'_>, case: &Case<'_>, choice: &mut Choice) {
        let Case { request, facts, .. } = case;
        let named = facts.named(request);
        let Some(shake) = handshake::find(facts.profiles(), named.clone(), request) else {
            if let Some(words) = handshake::foreign(facts.profiles(), named.as_deref(), request) {
                // Whose handshake it is got no answer to it, whatever success means for deliveries.
                choice.by = ChosenBy::Unmet;
                choice.notes.push(words);
            }
            return;
        };
        let (secret, url) = facts.secret(&shake.profile, request);
        let outcome = || facts.outcome(&shake.profile, request);
        let met = shake.meet(request, outcome, secret.as_ref(), url.as_deref());
        choice.notes.extend(met.notes);
        if met.is_unmet {
            choice.by = ChosenBy::Unmet;
        }
        let title = &shake.profile.title;
        if let Some(reply) = met.reply {
            if !met.is_unmet {
                choice.by = ChosenBy::Handshake;
            }
            choice.passed.push(format!("{}: a handshake of {title} goes before it", decision.rule));
            decision.rule = shake.words();
            decision.reply = Cow::Owned(reply);
        }
        let Some(brought) = met.secret else { return };
        decision.is_secret = true;
        choice.notes.push(match facts.takes_secret(&shake.profile, request, &brought) {
            Taking::Taken => {
                decision.learned = Some(Learned { profile: Arc::clone(&shake.profile), secret: brought });
                format!(
                    "the secret that it brought is used for the signatures of {title} to this path until this run ends"
                )
            }
            Taking::HasOwn => format!("it brought a secret; the one that you gave for {title} stays in use"),
            Taking::Full(count) => format!(
                "it brought a secret, which is not taken: {count} that handshakes of {title} brought are known, and stay; \
                 forget one of them or give the secret yourself"
            ),
        });
    }

    /// Puts the step in place of the script.
    fn play_script(
        &self,
        decision: &mut Decision<'_>,
        case: &Case<'_>,
        choice: &mut Choice,
        count: &mut dyn FnMut(&[u8]) -> u32,
    ) {
        let Some(script) = decision.reply.script.clone() else { return };
        let before = count(&case.key(&format!("{}\n{script}", decision.scope())));
        decision.played = Some(before);
        let (reply, step) = script.at(before);
        decision.reply = Cow::Owned(reply.clone());
        choice.step = Some(step);
        if matches!(choice.by, ChosenBy::Reply | ChosenBy::Unmet) {
            choice.by = ChosenBy::Script;
        }
    }

    /// The calls that a rule asks for. Random values are those of its reply, in the same order: the first `uuid()` of both is one.
    fn calls(
        &self,
        rule: &Rule,
        case: &Case<'_>,
        decision: &Decision<'_>,
        count: &mut dyn FnMut(&[u8]) -> u32,
    ) -> Vec<Call> {
        if rule.callbacks.is_empty() {
            return Vec::new();
        }
        let asks_for = |name: &str| rule.callbacks.iter().any(|callback| callback.asks_for(name));
        let counted = (asks_for("count")).then(|| count(&case.key(&format!("{}\ncallbacks", decision.scope()))));
        let given = Given {
            captures: decision.captures.clone(),
            verdict: if asks_for("verdict") { case.outcome().as_str().to_owned() } else { String::new() },
            count: counted.map_or(0, |before| before.saturating_add(1)),
            ..self.given(case)
        };
        rule.callbacks.iter().map(|callback| callback.call(&rule.name, case.request, &given)).collect()
    }

    /// What templates may say of the sender, and what they draw from.
    fn given(&self, case: &Case<'_>) -> Given {
        let Recognised { provider, event_type, delivery } = case.recognised().clone();
        Given {
            provider: provider.as_deref().unwrap_or_default().to_owned(),
            event: event_type.unwrap_or_default(),
            delivery: delivery.unwrap_or_default(),
            seed: self.seed ^ spread_out(case.request.id.0),
            ..Given::default()
        }
    }

    /// Has the body made and the delay drawn.
    fn make_ready(
        &self,
        decision: &mut Decision<'_>,
        case: &Case<'_>,
        choice: &mut Choice,
        count: &mut dyn FnMut(&[u8]) -> u32,
    ) {
        if decision.reply.is_ready() {
            return;
        }
        let mut given = Given { seed: self.seed ^ spread_out(case.request.id.0), ..Given::default() };
        let is_template = decision.reply.make == Make::Template;
        if is_template {
            let reply = &*decision.reply;
            choice.notes.extend(template::unknown_names(reply));
            given = self.given(case);
            given.captures.clone_from(&decision.captures);
            if template::asks_for(reply, "verdict") {
                given.verdict = case.outcome().as_str().to_owned();
            }
            if template::asks_for(reply, "count") {
                // A script counts its steps, whichever of them ask.
                let before =
                    decision.played.unwrap_or_else(|| count(&case.key(&format!("{}\ncount", decision.scope()))));
                given.count = before.saturating_add(1);
            }
        }
        let reply = std::mem::take(&mut decision.reply);
        decision.reply = Reply::ready(reply, case.request, &given).unwrap_or_else(|error| {
            choice.notes.push(format!("500 in place of the reply: {error}"));
            Cow::Owned(Reply { status: 500, ..Reply::default() })
        });
        if is_template {
            decision.made_bytes = decision.reply.body.len();
        }
    }
}

/// Rules of which it is said why they did not reply, at most.
const PASSED_MAX: usize = 50;

/// Ids that follow each other as seeds that have nothing in common (the finaliser of SplitMix64).
fn spread_out(id: u64) -> u64 {
    let mixed = id.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl<'a> Decision<'a> {
    fn of(reply: Cow<'a, Reply>, rule: String) -> Self {
        Self {
            reply,
            rule,
            choice: None,
            learned: None,
            is_secret: false,
            captures: Vec::new(),
            hold_ms: None,
            route: None,
            calls: Vec::new(),
            counted: None,
            played: None,
            made_bytes: 0,
        }
    }

    /// What is counted for it stands under this.
    fn scope(&self) -> &str {
        self.counted.as_deref().unwrap_or(&self.rule)
    }

    /// The same without the rules that it came from.
    pub fn into_owned(self) -> Decision<'static> {
        Decision { reply: Cow::Owned(self.reply.into_owned()), ..self }
    }
}
