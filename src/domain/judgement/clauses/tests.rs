use super::*;
use crate::domain::judgement::success::Success;
use crate::domain::signature::Profiles;

#[test]
fn every_kind_of_clause_is_read() {
    let all = |text: &str| of(text).filter_map(read).collect::<Vec<_>>();
    let one = |status| vec![(status, status)];
    let header = |name: &str, value: &str| Clause::StopsWith { name: name.to_owned(), value: value.to_owned() };
    for (text, said) in [
        ("2xx (410 cancels the subscription)", vec![Clause::Disables(one(410))]),
        ("2xx; 410 suspends the webhook at once", vec![Clause::Disables(one(410))]),
        ("after a 410, which takes the webhook away", vec![Clause::Disables(one(410))]),
        ("as the sender likes; on 410 it should", vec![Clause::Disables(one(410))]),
        ("410 or 404 disables at once; also at 100% failure", vec![Clause::Disables(vec![(410, 410), (404, 404)])]),
        (
            "200, 201, 202 or 204; 410 means that no more are wanted, 429 must be obeyed",
            vec![Clause::Disables(one(410)), Clause::Obeys(one(429), None)],
        ),
        ("200; 403 stops the retries", vec![Clause::Stops(one(403))]),
        ("200; 406 means that it was refused and stops the retries", vec![Clause::Stops(one(406))]),
        ("4 times; not after 404 and 410", vec![Clause::Stops(vec![(404, 404), (410, 410)])]),
        ("at most once, after a 5xx or a timeout; a 4xx is not retried", vec![Clause::Stops(vec![(400, 499)])]),
        ("after 429, 5xx (but 505) and lost connections", vec![Clause::Stops(one(505))]),
        (
            "7 times: after 5 s; `webhook-delivery: abort-message` in the answer stops them",
            vec![header("webhook-delivery", "abort-message")],
        ),
        ("2xx; `x-slack-no-retry: 1` with another status stops the retries", vec![header("x-slack-no-retry", "1")]),
        ("200; Retry-After of a 429 is obeyed, up to 4 h", vec![Clause::Obeys(one(429), Some(4 * 3_600_000))]),
        (
            "up to 3 times, 2 s apart, after 429 and 503 that have a Retry-After header",
            vec![Clause::Needs(vec![(429, 429), (503, 503)], None)],
        ),
        (
            "409: up to 3; 429/503: if retry-after < 60 s",
            vec![Clause::Needs(vec![(429, 429), (503, 503)], Some(60_000))],
        ),
        ("2xx; 4xx and 5xx are retried", vec![Clause::Again]),
        ("10 first-attempt failures suspend 30 min; no success for 3 days deletes the webhook", vec![]),
        ("as the fragment of the URL says (`#rc=2`)", vec![]),
    ] {
        assert_eq!(all(text), said, "{text}");
    }
}

/// Words that a clause on stopping, disabling or headers has.
const TELLING: [&str; 15] = [
    "`",
    "stop",
    "not ",
    "none",
    "drop",
    "disab",
    "suspend",
    "remov",
    "delet",
    "header",
    "etry-after",
    "etry-After",
    "unless",
    "unsubscrib",
    "block",
];

/// Whether a clause speaks of these, or of a status that is a failure.
fn is_telling(clause: &str) -> bool {
    let is_status = |word: &str| {
        word.ends_with("xx") || word.len() == 3 && word.starts_with(['4', '5']) && word.parse::<u16>().is_ok()
    };
    let mut words = clause.split(|char: char| !char.is_ascii_alphanumeric());
    TELLING.iter().any(|word| clause.contains(word)) || words.any(is_status)
}

/// Clauses that no single answer decides on: they count failures, name a mode, or speak of a body that only a person can judge.
const ONLY_WORDS: &[&str] = &include!("only_words.in");

#[test]
fn every_clause_is_understood_or_known_to_be_only_words() {
    let (mut unknown, mut used) = (Vec::new(), Vec::new());
    for profile in Profiles::builtin().iter() {
        let delivery = &profile.delivery;
        let is_list = |clause: &str| Success::read(clause).is_some();
        let is_body = |clause: &str| clause == "the body must be valid JSON";
        let success =
            of(&delivery.success).enumerate().filter(|(at, clause)| (*at > 0 || !is_list(clause)) && !is_body(clause));
        let retries =
            of(&delivery.retries).filter(|clause| is_telling(clause)).filter(|clause| !words::is_read(clause));
        let redirects = of(&delivery.redirects)
            .filter(|clause| !clause.starts_with("followed") && !clause.starts_with("not followed"));
        let fields = [
            ("success", success.map(|(_, clause)| clause).collect::<Vec<_>>()),
            ("disabled", of(&delivery.disabled).collect()),
            ("retries", retries.collect()),
            ("redirects", redirects.collect()),
        ];
        for (field, clauses) in fields {
            for clause in clauses.into_iter().filter(|clause| read(clause).is_none()) {
                let line = format!("{} {field}: {clause}", profile.name);
                if ONLY_WORDS.contains(&line.as_str()) { used.push(line) } else { unknown.push(line) }
            }
        }
    }
    assert!(unknown.is_empty(), "not understood, and not listed as only words:\n{}", unknown.join("\n"));
    let stale: Vec<_> = ONLY_WORDS.iter().filter(|line| !used.iter().any(|used| used == *line)).collect();
    assert!(stale.is_empty(), "understood or gone by now: {stale:#?}");
}
