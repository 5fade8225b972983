//! The words of a profile about answers, read as strictly as needed: what is not understood is not known.
//!
//! `retries`: a list of
//! gaps (`3 times: at once, after 1 min, after 5 min`) or a steady one (`3 times, 10 min apart`), and after which statuses.

use super::then::Then;
use crate::domain::time::Timestamp;

/// When a provider tries again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    retried: Retried,
    /// Milliseconds from one try to the next, in order; of the later ones it is not known.
    gaps_ms: Vec<u64>,
    /// What comes behind the last of them.
    behind: Behind,
    /// Statuses that are tried again; `None`: all failures.
    on: Option<Vec<(u16, u16)>>,
    /// With `on`: whether a missing answer is tried again, as far as that is said.
    on_silence: Option<bool>,
    /// Tries behind the first, at most, where their number is said.
    retries_max: Option<u32>,
}

/// Whether failures are tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Retried {
    #[default]
    Unknown,
    No,
    Yes,
}

/// What comes behind the gaps that are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Behind {
    /// More, at times that are not known.
    #[default]
    More,
    /// Nothing.
    End,
    /// The last gap again and again.
    Same,
}

impl Schedule {
    /// From words.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let retried = match text {
            "" => Retried::Unknown,
            _ if ["none documented", "none are promised", "undocumented"].iter().any(|none| text.starts_with(none)) => {
                Retried::Unknown
            }
            _ if text == "none" || text.starts_with("none;") || text.starts_with("none by itself") => Retried::No,
            _ => Retried::Yes,
        };
        if retried != Retried::Yes {
            return Self { retried, ..Self::default() };
        }
        // Other clauses are of other cases.
        let first = text.split(';').next().unwrap_or_default();
        let (gaps_ms, behind) = gaps(first).unwrap_or_default();
        let (on, on_silence) = only_on(text);
        let retries_max = if behind == Behind::End { None } else { count(first) };
        Self { retried, gaps_ms, behind, on, on_silence, retries_max }
    }

    /// The documented gap behind try `number` (from 1), in milliseconds, when it is known.
    pub fn gap_ms(&self, number: u32) -> Option<u64> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        let steady = self.gaps_ms.last().copied().filter(|_| self.behind == Behind::Same);
        self.gaps_ms.get(at).copied().or(steady)
    }

    /// Whether nothing is documented behind try `number`: it was the last.
    fn is_last(&self, number: u32) -> bool {
        if self.retries_max.is_some_and(|most| number > most) {
            return true;
        }
        self.behind == Behind::End && usize::try_from(number).is_ok_and(|number| number > self.gaps_ms.len())
    }

    /// What comes after a failure of that status, or without an answer.
    pub(super) fn after(&self, status: Option<u16>, since: Timestamp, number: Option<u32>) -> Then {
        match self.retried {
            Retried::Unknown => return Then::Unknown,
            Retried::No => return Then::GivesUp,
            Retried::Yes => {}
        }
        match (&self.on, status) {
            (None, _) => {}
            (Some(on), Some(status)) if holds(on, status) => {}
            (Some(_), Some(_)) => return Then::GivesUp,
            (Some(_), None) => match self.on_silence {
                Some(true) => {}
                Some(false) | None => return Then::Unknown,
            },
        }
        let Some(number) = number else { return Then::Retries(None) };
        if self.is_last(number) {
            return Then::GivesUp;
        }
        let gap_us = self.gap_ms(number).and_then(|gap_ms| i64::try_from(gap_ms.saturating_mul(1000)).ok());
        Then::Retries(gap_us.map(|gap_us| since.plus_micros(gap_us)))
    }
}

/// Whether a status is in one of the ranges.
pub(super) fn holds(ranges: &[(u16, u16)], status: u16) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&status))
}

/// A list of statuses at the start of a text, and what stands behind it: `2xx`, `200, 201 or 204`, `200 to 204`, `below 400`.
pub(super) fn statuses(text: &str) -> Option<(Vec<(u16, u16)>, &str)> {
    if let Some(rest) = text.strip_prefix("below ") {
        let (to, rest) = code(rest)?;
        return Some((vec![(200, to.0.saturating_sub(1))], rest));
    }
    let (first, mut rest) = code(text)?;
    let mut all = vec![first];
    loop {
        if let Some((to, behind)) = rest.strip_prefix(" to ").and_then(code) {
            if let Some(last) = all.last_mut() {
                last.1 = to.1;
            }
            rest = behind;
            continue;
        }
        let next = [", ", "/", " or ", " and "].iter().find_map(|part| rest.strip_prefix(part).and_then(code));
        let Some((more, behind)) = next else { return Some((all, rest)) };
        all.push(more);
        rest = behind;
    }
}

/// One status or class at the start of a text.
fn code(text: &str) -> Option<((u16, u16), &str)> {
    let (word, rest) = text.split_at_checked(3)?;
    // More digits, or a unit right behind: no status.
    if rest.starts_with(|next: char| next.is_ascii_alphanumeric()) {
        return None;
    }
    let class = |digit: &str| digit.parse::<u16>().ok().filter(|class| (1..=5).contains(class));
    if let Some(class) = word.strip_suffix("xx").and_then(class) {
        return Some(((class * 100, class * 100 + 99), rest));
    }
    let status =
        word.parse().ok().filter(|status| (100..600).contains(status) && word.bytes().all(|b| b.is_ascii_digit()));
    status.map(|status| ((status, status), rest))
}

/// After which statuses a delivery is tried again, when only after some; and whether without an answer.
fn only_on(text: &str) -> (Option<Vec<(u16, u16)>>, Option<bool>) {
    let all = ["non-2xx", "non-200", "no 2xx", "other failures"];
    if all.iter().any(|words| text.contains(words)) {
        return (None, None);
    }
    let mut on = Vec::new();
    for clause in text.split(';').filter(|clause| !clause.contains("not retried") && !clause.contains("any other")) {
        let clause = clause.trim_start();
        if clause.starts_with("not ") {
            continue;
        }
        if let Some((codes, _)) =
            statuses(clause).filter(|(_, rest)| rest.starts_with(": ") || rest.starts_with(" again"))
        {
            on.extend(codes);
        }
        for intro in ["on ", "after ", "after a ", "timeouts and ", ": "] {
            for (at, _) in clause.match_indices(intro) {
                let starts_word = at == 0 || clause.get(..at).is_some_and(|before| before.ends_with([' ', ',']));
                let rest = clause.get(at + intro.len()..).unwrap_or_default();
                if let Some((codes, _)) = statuses(rest).filter(|_| starts_word || intro == ": ") {
                    on.extend(codes);
                }
            }
        }
    }
    if on.is_empty() {
        return (None, None);
    }
    let silence = ["timeout", "slow answer", "lost connection", "network error", "late"];
    (Some(on), Some(silence.iter().any(|words| text.contains(words))))
}

/// Whether a clause on retries says after which statuses, or that there are none.
#[cfg(test)]
pub(super) fn is_read(clause: &str) -> bool {
    let says_when =
        |text: &str| ["non-2xx", "non-200", "no 2xx", "not 2xx", "other failures"].iter().any(|all| text.contains(all));
    Schedule::read(clause).retried != Retried::Yes || only_on(clause).0.is_some() || says_when(clause)
}

/// The gaps that a clause lists, in milliseconds, and what comes behind them.
fn gaps(clause: &str) -> Option<(Vec<u64>, Behind)> {
    if let Some(steady) = steady(clause) {
        return Some(steady);
    }
    let intros = ["after ", ": ", "at "].iter().filter_map(|intro| Some(clause.find(intro)? + intro.len()));
    let mut starts: Vec<usize> = intros.chain([0]).collect();
    starts.sort_unstable();
    for start in starts {
        let (gaps, rest) = list(clause.get(start..).unwrap_or_default());
        let is_more = rest.contains("then") || rest.contains("...");
        if gaps.len() > 1 || gaps.len() == 1 && rest.starts_with(", then") {
            return Some((gaps, if is_more { Behind::More } else { Behind::End }));
        }
    }
    None
}

/// `3 times, 10 min apart`, `every 30 min, up to 3 attempts`, `once a minute for ...`.
fn steady(clause: &str) -> Option<(Vec<u64>, Behind)> {
    if let Some(at) = clause.find("every ") {
        let rest = clause.get(at + "every ".len()..)?;
        let is_first =
            !clause.get(..at)?.contains([',', ':']) || clause.starts_with("non-") || clause.starts_with("live");
        let (gap, _) = match rest {
            _ if rest.starts_with("hour") => (3_600_000, rest),
            _ if rest.starts_with("minute") => (60_000, rest),
            _ => duration(rest)?,
        };
        // Behind other gaps it is no longer the first; and `for 4 tries, then ...` ends somewhere.
        return is_first.then(|| (vec![gap], if clause.contains("then") { Behind::More } else { Behind::Same }));
    }
    if clause.contains("once a minute") {
        return Some((vec![60_000], Behind::Same));
    }
    let before = clause.split(" apart").next().filter(|before| before.len() < clause.len())?;
    let (times, gap) = before.rsplit_once(", ")?;
    let (gap, rest) = duration(gap)?;
    let count = times.split(' ').find_map(|word| match word {
        "twice" => Some(2),
        "once" => Some(1),
        word => word.parse::<usize>().ok(),
    })?;
    let more = clause.get(before.len() + " apart".len()..).unwrap_or_default();
    let behind = if more.contains("then") { Behind::More } else { Behind::End };
    (rest.is_empty() && (1..=100).contains(&count)).then(|| (vec![gap; count], behind))
}

/// How many tries come behind the first at most: `up to 10 times`, `at most once`, `3 attempts in all`. Not `up to 5 attempts`,
/// which may count the first or not, and nothing of a clause that goes on with more or speaks of one mode of several.
fn count(clause: &str) -> Option<u32> {
    if clause.contains("then") || clause.contains([':', '~']) {
        return None;
    }
    if clause.starts_with("twice") || clause.starts_with("at most once") {
        return Some(if clause.starts_with("twice") { 2 } else { 1 });
    }
    let words: Vec<&str> = clause.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    words.windows(2).enumerate().find_map(|(at, pair)| {
        let [number, what] = pair else { return None };
        let number = number.parse::<u32>().ok().filter(|number| (1..=100).contains(number))?;
        let is_all = words.get(at + 2..at + 4) == Some(&["in", "all"]);
        match *what {
            "times" | "attempts" if is_all => Some(number - 1),
            "times" => Some(number),
            "more" if ["attempts", "times"].contains(words.get(at + 2)?) => Some(number),
            _ => None,
        }
    })
}

/// Times at the start of a text, parted by commas, slashes and `and`: `at once, after 1 min, 3 times 60 s, 5, 15, 30 min`. A
/// number without a unit has that of the next one.
fn list(text: &str) -> (Vec<u64>, &str) {
    let mut gaps: Vec<u64> = Vec::new();
    // Numbers that wait for their unit.
    let mut waiting: Vec<(usize, f64)> = Vec::new();
    // What stands behind the last whole gap.
    let mut behind = text;
    let mut rest = text;
    loop {
        let item =
            ["after ", "about ", "~"].iter().fold(rest, |item, prefix| item.strip_prefix(prefix).unwrap_or(item));
        let (times, item) = repeated(item);
        if let Some(next) = item.strip_prefix("at once").or_else(|| item.strip_prefix("immediately")) {
            gaps.extend(std::iter::repeat_n(0, times));
            (rest, behind) = (next, next);
        } else if let Some((gap, next)) = duration(item) {
            let factor = unit_of(item).unwrap_or(1.0);
            for (times, number) in waiting.drain(..) {
                gaps.extend(std::iter::repeat_n(millis(number * factor), times));
            }
            gaps.extend(std::iter::repeat_n(gap, times));
            (rest, behind) = (next, next);
        } else if let Some((number, next)) = number(item) {
            waiting.push((times, number));
            rest = next;
        } else {
            break;
        }
        let parts = [", and ", " and ", ", ", "/"];
        match parts.iter().find_map(|part| rest.strip_prefix(part)) {
            Some(next) if gaps.len() + waiting.len() < GAPS_MAX => rest = next,
            _ => break,
        }
    }
    (gaps, behind)
}

/// Gaps that are read of a list.
const GAPS_MAX: usize = 64;

/// `3 times 60 s`, `twice 12 h`: how often, and the rest.
fn repeated(text: &str) -> (usize, &str) {
    if let Some(rest) = text.strip_prefix("twice ") {
        return (2, rest);
    }
    match text.split_once(" times ") {
        Some((count, rest)) => match count.parse() {
            Ok(count) if (1..=GAPS_MAX).contains(&count) => (count, rest),
            _ => (1, text),
        },
        None => (1, text),
    }
}

/// A length of time at the start of a text, in milliseconds: `5 s`, `30m`, `2 min 28 s`.
pub(super) fn duration(text: &str) -> Option<(u64, &str)> {
    let (mut sum, mut rest) = one_duration(text)?;
    while let Some((more, behind)) = rest.strip_prefix(' ').and_then(one_duration) {
        sum += more;
        rest = behind;
    }
    Some((millis(sum), rest))
}

fn one_duration(text: &str) -> Option<(f64, &str)> {
    let (number, rest) = number(text)?;
    let (factor, rest) = unit(rest)?;
    Some((number * factor, rest))
}

/// The unit of the length of time that a text begins with.
fn unit_of(text: &str) -> Option<f64> {
    unit(number(text)?.1).map(|(factor, _)| factor)
}

fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let number = digits.parse::<f64>().ok().filter(|number| number.is_finite() && *number < 1e6)?;
    // `10-20 min` and `5 to 15 min` are no time but a range.
    (!rest.starts_with(['-', '–']) && !rest.starts_with(" to ")).then_some((number, rest))
}

/// Milliseconds of a unit at the start of a text, with or without a blank before it.
fn unit(text: &str) -> Option<(f64, &str)> {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let end = text.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let factor = match word {
        "s" | "sec" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "minute" | "minutes" => 60_000.0,
        "h" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        _ => return None,
    };
    Some((factor, rest))
}

fn millis(number: f64) -> u64 {
    // Bounded by the digits that are read and the longest unit.
    number.round().max(0.0) as u64
}

#[cfg(test)]
mod tests;
