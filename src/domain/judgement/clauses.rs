//! What the clauses of a profile say of single answers: which statuses and which headers end deliveries or retries, and when
//! `Retry-After` counts. A clause that says something else (how many failures disable an endpoint, in which mode) is for people.

use super::words::{self, statuses};

/// Statuses, from and to.
pub(super) type Ranges = Vec<(u16, u16)>;

/// What a clause says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// An answer with such a status ends the deliveries.
    Disables(Ranges),
    /// A delivery that is answered with such a status is not tried again.
    Stops(Ranges),
    /// Nor is one that is answered with a failure and this header.
    StopsWith {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// `Retry-After` beside such a status says when it is tried again, up to so many milliseconds.
    Obeys(Ranges, Option<u64>),
    /// A delivery that is answered with such a status is tried again only with `Retry-After` beside it, of less than so many
    /// milliseconds.
    Needs(Ranges, Option<u64>),
    /// It is tried again after such a status.
    Again,
}

/// The clauses of a text. What stands in parentheses is one of its own, and so is what begins with another status.
pub(super) fn of(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '(', ')']).flat_map(|part| {
        let part = part.trim().trim_start_matches(',').trim();
        let other = statuses(part).and_then(|(_, rest)| {
            let at = part.len() - rest.len();
            let next = rest.match_indices(", ").find(|(comma, _)| rest.get(comma + 2..).and_then(statuses).is_some());
            next.and_then(|(comma, _)| Some((part.get(..at + comma)?, part.get(at + comma + 2..)?)))
        });
        let (first, second) = other.map_or((part, None), |(first, second)| (first, Some(second)));
        [Some(first), second].into_iter().flatten().filter(|clause| !clause.is_empty())
    })
}

/// What a clause says, as far as it is understood.
pub(super) fn read(clause: &str) -> Option<Clause> {
    header_that_stops(clause).or_else(|| retry_after(clause)).or_else(|| by_status(clause))
}

/// The clause of a provider's facts that says this of a status, in its own words.
pub(super) fn that_says<'a>(texts: &[&'a str], says: impl Fn(&Clause) -> bool) -> Option<&'a str> {
    texts.iter().flat_map(|text| of(text)).find(|clause| read(clause).as_ref().is_some_and(&says))
}

/// `` `x-slack-no-retry: 1` with another status stops the retries ``.
fn header_that_stops(clause: &str) -> Option<Clause> {
    let mut parts = clause.split('`');
    let (before, header, behind) = (parts.next()?, parts.next()?, parts.next()?);
    let (name, value) = header.split_once(": ")?;
    let stops = before.trim().is_empty() && (behind.contains("stops the retries") || behind.contains("stops them"));
    stops.then(|| Clause::StopsWith { name: name.to_owned(), value: value.to_owned() })
}

/// `Retry-After of a 429 is obeyed, up to 4 h`, `after 429 and 503 that have a Retry-After header`,
/// `429/503: if retry-after < 60 s`, `429 must be obeyed`.
fn retry_after(clause: &str) -> Option<Clause> {
    if let Some(rest) = clause.strip_prefix("Retry-After of a ") {
        let (codes, rest) = statuses(rest)?;
        let rest = rest.strip_prefix(" is obeyed")?;
        let most = rest.strip_prefix(", up to ").and_then(words::duration).map(|(most_ms, _)| most_ms);
        return Some(Clause::Obeys(codes, most));
    }
    let start = clause.find("after ").map_or(0, |at| at + "after ".len());
    for text in [clause, clause.get(start..).unwrap_or_default()] {
        let Some((codes, rest)) = statuses(text) else { continue };
        if rest == " must be obeyed" {
            return Some(Clause::Obeys(codes, None));
        }
        if rest.starts_with(" that have a Retry-After header") {
            return Some(Clause::Needs(codes, None));
        }
        if let Some(most) = rest.strip_prefix(": if retry-after < ") {
            return Some(Clause::Needs(codes, words::duration(most).map(|(most_ms, _)| most_ms)));
        }
    }
    None
}

/// `410 or 404 disables at once`, `after a 410, which takes the webhook away`, `not after 404 and 410`, `a 4xx is not retried`.
fn by_status(clause: &str) -> Option<Clause> {
    for not in ["not after ", "but "] {
        if let Some((codes, _)) = clause.strip_prefix(not).and_then(statuses) {
            return Some(Clause::Stops(codes));
        }
    }
    let intros = ["after a ", "on ", "any other ", "a ", ""];
    let (intro, (codes, rest)) =
        intros.iter().find_map(|intro| Some((*intro, statuses(clause.strip_prefix(intro)?)?)))?;
    let says = |parts: &[&str]| parts.iter().any(|part| rest.contains(part));
    if says(&["no more are wanted", "cancels the subscription", "disables", "suspends", "takes the webhook away"])
        || rest == " it should"
    {
        return Some(Clause::Disables(codes));
    }
    // Of the other statuses those that are tried again are listed, and only after these it is.
    if intro == "any other " {
        return says(&["dropped"]).then_some(Clause::Again);
    }
    if says(&["stops the retries", "not retried", "dropped at once"]) {
        return Some(Clause::Stops(codes));
    }
    says(&["are retried", "are failures", "is a failure"]).then_some(Clause::Again)
}

#[cfg(test)]
mod tests;
