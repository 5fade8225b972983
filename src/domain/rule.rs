//! What goes back to a request: one decision over everything that has a say, as plain data.
//!
//! ```text
//! replies for its path -> handshake of its provider -> reply of its endpoint -> reply for all
//! ```
//!
//! All of it is one set that never changes once it is made; another one takes its place.

use std::borrow::Cow;
use std::sync::Arc;

use super::exchange::Request;
use super::handshake::{self, Gate};
use super::reply::{Choice, ChosenBy, Reply, ReplyRules};
use super::signature::{Outcome, Profile, Profiles, Secret};

#[cfg(test)]
mod tests;

/// What is known of senders and their signatures beside the rules. Asked only when something depends on it.
pub trait Facts: Send + Sync {
    /// All profiles.
    fn profiles(&self) -> &Profiles;
    /// The profile that the user or the settings name for this request, whatever it looks like.
    fn named(&self, request: &Request) -> Option<Arc<Profile>>;
    /// What the signature check says by this profile.
    fn outcome(&self, profile: &Arc<Profile>, request: &Request) -> Outcome;
    /// The secret of this profile for this request, the first of several, and the public URL as set.
    fn secret(&self, profile: &Arc<Profile>, request: &Request) -> (Option<Secret>, Option<String>);
    /// Whether a secret that a handshake brings is to be taken: the user has given none.
    fn takes_secret(&self, profile: &Arc<Profile>, request: &Request) -> bool;
    /// A handshake brought the secret of later deliveries. It is kept for this run, in memory.
    fn learn(&self, profile: &Arc<Profile>, secret: Secret, request: &Request);
}

/// Everything that has a say in what goes back.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// Replies by path and for all.
    pub replies: ReplyRules,
    /// Which requests could be handshakes; `None`: none is answered by itself.
    pub gate: Option<Gate>,
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
}

impl RuleSet {
    /// Whether more than the replies by path and for all may have a say. Costs next to nothing.
    pub fn is_in_question(&self, request: &Request) -> bool {
        self.gate.as_ref().is_some_and(|gate| gate.lets_through(request))
    }

    /// What goes back when nothing else has a say.
    pub fn plain(&self, request: &Request) -> Decision<'_> {
        let chosen = self.replies.choose(request.path());
        Decision {
            reply: Cow::Borrowed(chosen.reply),
            rule: chosen.rule,
            choice: None,
            learned: None,
            is_secret: false,
        }
    }

    /// What goes back.
    pub fn decide(&self, request: &Request, facts: &dyn Facts) -> Decision<'_> {
        let chosen = self.replies.choose(request.path());
        let mut choice = Choice::default();
        let mut decision = Decision {
            reply: Cow::Borrowed(chosen.reply),
            rule: chosen.rule,
            choice: None,
            learned: None,
            is_secret: false,
        };
        // A path's own reply says otherwise; so does a failure that all are to see.
        if self.gate.is_some()
            && !chosen.is_own
            && chosen.reply.is_success()
            && let Some(shake) = handshake::find(facts.profiles(), facts.named(request), request)
        {
            let (secret, url) = facts.secret(&shake.profile, request);
            let outcome = || facts.outcome(&shake.profile, request);
            let met = shake.meet(request, outcome, secret.as_ref(), url.as_deref());
            choice.notes.extend(met.notes);
            if let Some(reply) = met.reply {
                choice.by = ChosenBy::Handshake;
                choice.passed.push(format!("{}: a handshake of {} goes before it", decision.rule, shake.profile.title));
                decision.rule = shake.words();
                decision.reply = Cow::Owned(reply);
            }
            if let Some(brought) = met.secret {
                decision.is_secret = true;
                if facts.takes_secret(&shake.profile, request) {
                    choice.notes.push(format!(
                        "the secret that it brought is used for the signatures of {} until this run ends",
                        shake.profile.title
                    ));
                    decision.learned = Some(Learned { profile: Arc::clone(&shake.profile), secret: brought });
                } else {
                    choice.notes.push(format!(
                        "it brought a secret; the one that you gave for {} stays in use",
                        shake.profile.title
                    ));
                }
            }
        }
        decision.choice = (!choice.is_plain()).then(|| Box::new(choice));
        decision
    }
}
