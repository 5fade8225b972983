//! The order of rules while the program runs: those made here stand before the file's, and what the user arranged stays as long
//! as the file says the same.

use std::sync::Arc;

use super::RuleSet;
use super::matching::{Origin, Rule};

impl RuleSet {
    /// A number that no rule has.
    fn fresh(&self) -> u32 {
        self.rules.iter().map(|rule| rule.number).max().unwrap_or(0).saturating_add(1)
    }

    /// Puts a rule that was made here in force: before all others, or in the place of the one with that number. Whether that one
    /// is still there.
    pub fn put(&mut self, number: Option<u32>, rule: Rule) -> bool {
        let fresh = self.fresh();
        let Some(number) = number else {
            self.rules.insert(0, Arc::new(Rule { number: fresh, origin: Origin::Here, ..rule }));
            return true;
        };
        let Some(known) = self.rules.iter_mut().find(|known| known.number == number) else { return false };
        let origin = if known.origin == Origin::Here { Origin::Here } else { Origin::Edited };
        *known = Arc::new(Rule { number, origin, is_off: known.is_off, ..rule });
        true
    }

    /// Switches a rule off, or on again; whether it is on now.
    pub fn switch(&mut self, number: u32) -> Option<bool> {
        let known = self.rules.iter_mut().find(|known| known.number == number)?;
        let is_off = !known.is_off;
        *known = Arc::new(Rule { is_off, ..Rule::clone(known) });
        Some(!is_off)
    }

    /// Moves a rule one place up or down, among those made here or among the file's. Whether it moved.
    pub fn shift(&mut self, number: u32, up: bool) -> bool {
        let Some(at) = self.rules.iter().position(|rule| rule.number == number) else { return false };
        let Some(other) = (if up { at.checked_sub(1) } else { Some(at + 1) }) else { return false };
        let is_here = |at: usize| self.rules.get(at).map(|rule| rule.origin == Origin::Here);
        if is_here(other).is_none() || is_here(at) != is_here(other) {
            return false;
        }
        self.rules.swap(at, other);
        true
    }

    /// Takes a rule out; it.
    pub fn delete(&mut self, number: u32) -> Option<Arc<Rule>> {
        let at = self.rules.iter().position(|rule| rule.number == number)?;
        Some(self.rules.remove(at))
    }

    /// The rules after the file was read again: `before` is what it said last, and `read` what it says now.
    pub fn arranged(&self, before: &[Arc<Rule>], read: &[Arc<Rule>]) -> Vec<Arc<Rule>> {
        let text = |rule: &Arc<Rule>| rule.written();
        let anew = |known: &Arc<Rule>| read.iter().find(|rule| text(rule) == text(known));
        if before.iter().map(text).eq(read.iter().map(text)) {
            // What files of bodies say may still be new.
            let refreshed = |known: &Arc<Rule>| match anew(known).filter(|_| known.origin == Origin::File) {
                Some(rule) => Arc::new(Rule { number: known.number, is_off: known.is_off, ..Rule::clone(rule) }),
                None => Arc::clone(known),
            };
            return self.rules.iter().map(refreshed).collect();
        }
        let mut fresh = self.fresh();
        let here = self.rules.iter().filter(|rule| rule.origin == Origin::Here).cloned();
        let mut taken = Vec::new();
        let of_file = read.iter().map(|rule| {
            let is_same = |known: &&Arc<Rule>| known.origin == Origin::File && text(known) == text(rule);
            let known = self.rules.iter().filter(is_same).find(|known| !taken.contains(&known.number));
            let number = known.map_or(fresh, |known| known.number);
            fresh = fresh.max(number.saturating_add(1));
            taken.push(number);
            Arc::new(Rule { number, is_off: known.is_some_and(|known| known.is_off), ..Rule::clone(rule) })
        });
        here.chain(of_file).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reply::Reply;

    fn rule(name: &str, number: u32) -> Rule {
        Rule { name: format!("rule {name}"), given: name.to_owned(), number, ..Rule::default() }
    }

    fn set(names: &[&str]) -> RuleSet {
        let rules = names.iter().zip(1..).map(|(name, number)| Arc::new(rule(name, number)));
        RuleSet { rules: rules.collect(), ..RuleSet::default() }
    }

    fn shown(rules: &[Arc<Rule>]) -> String {
        let mark = |rule: &Arc<Rule>| match (rule.origin, rule.is_off) {
            (Origin::Here, _) => "+",
            (Origin::Edited, _) => "~",
            (_, true) => "-",
            _ => "",
        };
        rules.iter().map(|rule| format!("{}{}", mark(rule), rule.given)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_made_here_stands_first_and_only_changes_place_with_its_own_kind() {
        let mut rules = set(&["a", "b"]);
        assert!(rules.put(None, rule("c", 0)) && rules.put(None, rule("d", 0)));
        assert_eq!(shown(&rules.rules), "+d +c a b");
        let number = |rules: &RuleSet, name: &str| rules.rules.iter().find(|rule| rule.given == name).unwrap().number;
        let (a, b, c, d) = (number(&rules, "a"), number(&rules, "b"), number(&rules, "c"), number(&rules, "d"));
        assert!(rules.shift(d, false) && !rules.shift(d, false) && rules.shift(b, true) && !rules.shift(b, true));
        assert_eq!(shown(&rules.rules), "+c +d b a");
        assert_eq!((rules.switch(a), rules.switch(a), rules.switch(99)), (Some(false), Some(true), None));
        assert!(rules.put(Some(b), rule("b2", 0)) && !rules.put(Some(99), rule("x", 0)));
        assert_eq!(rules.delete(c).map(|rule| rule.given.clone()), Some("c".to_owned()));
        assert_eq!(shown(&rules.rules), "+d ~b2 a");
        assert!(!rules.shift(a, false) && !rules.shift(d, true) && rules.delete(c).is_none());
    }

    #[test]
    fn what_was_arranged_stays_as_long_as_the_file_says_the_same() {
        let file = set(&["a", "b", "c"]);
        let mut rules = file.clone();
        rules.put(None, rule("h", 0));
        rules.switch(2);
        rules.shift(3, true);
        rules.delete(1);
        assert_eq!(shown(&rules.rules), "+h c -b");
        let mut read = set(&["a", "b", "c"]);
        let changed = Rule { reply: Reply { status: 299, ..Reply::default() }, ..Rule::clone(&read.rules[2]) };
        read.rules[2] = Arc::new(changed);
        let same = rules.arranged(&file.rules, &read.rules);
        assert_eq!((shown(&same), same[1].reply.status), ("+h c -b".to_owned(), 299));
        let other = set(&["n", "b", "a"]);
        let arranged = rules.arranged(&file.rules, &other.rules);
        assert_eq!(shown(&arranged), "+h n -b a");
        let mut numbers: Vec<u32> = arranged.iter().map(|rule| rule.number).collect();
        numbers.dedup();
        assert_eq!((numbers.len(), arranged[2].number), (4, 2));
    }
}
