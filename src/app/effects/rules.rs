//! Rules that the user makes and arranges, and replies that name files. Files are read on blocking threads.

use std::sync::Arc;

use super::{Effects, notice, reply_in_force};
use crate::app::loop_input::Input;
use crate::domain::exchange::ExchangeId;
use crate::domain::printable;
use crate::domain::reply::Scope;
use crate::domain::rule::{Rule, RuleSet, Written};
use crate::io::listener::desk::Verdict;
use crate::tui::effect::RuleChange;
use crate::tui::msg::{Level, Msg, RuleRow};

impl Effects {
    pub(super) fn set_reply_text(&self, scope: Scope, text: String) {
        let (Some(replies), Some(source)) = (self.replies.clone(), self.rule_source.clone()) else { return };
        let (store, out) = (self.store.clone(), self.out.clone());
        tokio::task::spawn_blocking(move || match source.reply(&text) {
            Err(why) => notice(&out, Level::Bad, format!("Not answered so: {}", printable::visible_str(&why))),
            Ok(reply) => {
                let in_force = replies.change(|rules| {
                    rules.replies.set(scope.clone(), reply);
                    reply_in_force(&rules.replies)
                });
                let _ = store.append_mode("reply", &format!("{scope}: {text}"));
                let _ = out.blocking_send(Input::Msg(in_force));
            }
        });
    }

    /// The reply is read where it can take its time; whoever typed it hears what is wrong with it.
    pub(super) fn decide_text(&self, id: ExchangeId, text: String) {
        let (Some(replies), Some(source)) = (self.replies.clone(), self.rule_source.clone()) else { return };
        let out = self.out.clone();
        tokio::task::spawn_blocking(move || {
            let result = match source.reply(&text) {
                Err(why) => Err(printable::visible_str(&why).into_owned()),
                Ok(reply) => match replies.desk().decide(id, Verdict::Answer(Box::new(reply))) {
                    true => Ok(()),
                    false => Err(format!("request {id} is held no more")),
                },
            };
            let _ = out.blocking_send(Input::Msg(Msg::Decided { id, result }));
        });
    }

    pub(super) fn put_rule(&self, number: Option<u32>, written: Written) {
        let (Some(replies), Some(source)) = (self.replies.clone(), self.rule_source.clone()) else { return };
        let (store, out) = (self.store.clone(), self.out.clone());
        // It may name files.
        tokio::task::spawn_blocking(move || {
            let text = written.ron();
            let result = source.rule(&text).and_then(|rule| match replies.change(|rules| rules.put(number, rule)) {
                true => Ok(()),
                false => Err("the rule is not there any more: the file has changed".to_owned()),
            });
            if result.is_ok() {
                let _ = store.append_mode("rules", &text);
                let _ = out.blocking_send(Input::Msg(rules_in_force(&replies.get())));
            }
            let _ = out.blocking_send(Input::Msg(Msg::RulePut { result }));
        });
    }

    pub(super) fn change_rule(&self, number: u32, change: RuleChange) {
        let Some(replies) = &self.replies else { return };
        let done = replies.change(|rules| {
            let name = rules.rules.iter().find(|rule| rule.number == number).map(|rule| rule.name.clone())?;
            let what = match change {
                RuleChange::Switch => rules.switch(number).map(|on| if on { "on" } else { "off" }),
                RuleChange::Up => rules.shift(number, true).then_some("up"),
                RuleChange::Down => rules.shift(number, false).then_some("down"),
                RuleChange::Delete => rules.delete(number).map(|_| "taken out"),
            };
            Some(format!("{name}: {}", what?))
        });
        if let Some(words) = done {
            let store = self.store.clone();
            tokio::task::spawn_blocking(move || store.append_mode("rules", &words));
        }
        self.tell(rules_in_force(&replies.get()));
    }
}

/// The rules in force, for the list of them.
pub fn rules_in_force(rules: &RuleSet) -> Msg {
    let row = |rule: &Arc<Rule>| RuleRow {
        number: rule.number,
        name: rule.name.strip_prefix("rule ").unwrap_or(&rule.name).to_owned(),
        written: rule.written(),
        reply: rule.reply.describe(),
        is_off: rule.is_off,
        origin: rule.origin,
    };
    Msg::Rules(rules.rules.iter().map(row).collect())
}
