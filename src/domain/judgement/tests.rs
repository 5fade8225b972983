use super::*;

const DONE_S: i64 = 1_795_356_120;

fn given(status: u16, answer_ms: u64, number: u32) -> Given {
    Given {
        status: Some(status),
        outcome: AnswerOutcome::Sent,
        body: Some(Bytes::new()),
        headers: Headers::new(),
        answer_us: answer_ms * 1000,
        done: Timestamp::from_secs(DONE_S),
        number: Some(number),
    }
}

fn delivery() -> Delivery {
    Delivery {
        deadline_ms: Some(10_000),
        success: "2xx; 403 stops the retries".to_owned(),
        retries: "3 times: at once, after 1 min, after 5 min".to_owned(),
        redirects: "not followed: a 3xx is a failure".to_owned(),
        disabled: "410 disables at once".to_owned(),
        source: String::new(),
    }
}

fn judged(given: Given) -> Option<Judgement> {
    Rules::of(&delivery()).judge(&given)
}

#[test]
fn an_answer_is_accepted_late_a_redirect_the_end_or_a_failure() {
    let at = |seconds: i64| Then::Retries(Some(Timestamp::from_secs(DONE_S + seconds)));
    for (given, says, then) in [
        (given(204, 5, 1), Says::Accepted, Then::Done),
        (given(302, 5, 1), Says::Redirect, at(0)),
        (given(500, 5, 2), Says::Failed, at(60)),
        (given(500, 5, 3), Says::Failed, at(300)),
        (given(500, 5, 4), Says::Failed, Then::GivesUp),
        (given(403, 5, 1), Says::Failed, Then::GivesUp),
        (given(410, 5, 1), Says::Disables, Then::GivesUp),
        // 2.1 s over: the minute runs from the deadline on.
        (
            given(200, 12_100, 2),
            Says::TooLate,
            Then::Retries(Some(Timestamp::from_micros(DONE_S * 1_000_000 + 57_900_000))),
        ),
        (given(200, 10_000, 1), Says::Accepted, Then::Done),
        (Given { number: None, ..given(500, 5, 1) }, Says::Failed, Then::Retries(None)),
        (Given { status: None, outcome: AnswerOutcome::Reset, ..given(0, 5, 1) }, Says::NoAnswer, at(0)),
        (Given { outcome: AnswerOutcome::SenderLeft, ..given(200, 5, 1) }, Says::NoAnswer, at(0)),
    ] {
        assert_eq!(judged(given.clone()), Some(Judgement { says, then }), "{given:?}");
    }
}

#[test]
fn a_header_in_the_answer_counts_as_the_profile_says() {
    use crate::domain::signature::Profiles;
    let judged = |provider: &str, status: u16, header: Option<(&str, &str)>| {
        let delivery = &Profiles::builtin().by_name(provider).expect("a profile").delivery;
        let given = Given { headers: Headers::from_pairs(header), ..given(status, 5, 1) };
        let judgement = Rules::of(delivery).judge(&given).expect("facts");
        let words = judgement.then_words(delivery, &given, |at| format!("+{} s", at.secs() - DONE_S));
        (judgement.says.as_str(), words)
    };
    let stopped = |words: &str| ("failed", format!("not tried again: {words}"));
    let abort = Some(("Webhook-Delivery", "abort-message"));
    assert_eq!(judged("svix", 500, abort), stopped("`webhook-delivery: abort-message` in the answer stops them"));
    assert_eq!(judged("clerk", 500, abort), stopped("`webhook-delivery: abort-message` in the answer stops them"));
    assert!(judged("svix", 500, None).1.starts_with("tried again at +5 s"));
    assert_eq!(judged("svix", 200, abort).0, "accepted");
    let no_retry = Some(("x-slack-no-retry", "1"));
    assert_eq!(judged("slack", 500, no_retry), stopped("`x-slack-no-retry: 1` with another status stops the retries"));
    assert!(judged("slack", 500, Some(("x-slack-no-retry", "0"))).1.starts_with("tried again"));
    let retry_after = |value| Some(("Retry-After", value));
    assert!(judged("plaid", 429, retry_after("7")).1.starts_with("tried again at +7 s"));
    assert!(judged("plaid", 429, retry_after("86400")).1.starts_with("tried again: "));
    assert!(judged("supabase", 503, None).1.starts_with("not tried again"));
    assert!(judged("supabase", 503, retry_after("3")).1.starts_with("tried again"));
    assert!(judged("discourse", 404, None).1.starts_with("not tried again: not after 404"));
    assert!(judged("discourse", 500, None).1.starts_with("tried again at +60 s"));
}

#[test]
fn a_status_that_ends_the_deliveries_is_told_with_its_clause() {
    use crate::domain::signature::Profiles;
    for (provider, clause) in [
        ("clickup", "410 disables at once"),
        ("typeform", "410 or 404 disables at once"),
        ("ghost", "after a 410, which takes the webhook away"),
        ("oura", "410 cancels the subscription"),
        ("standard-webhooks", "410 means that no more are wanted"),
    ] {
        let profile = Profiles::builtin().by_name(provider).expect("a profile");
        let given = given(410, 5, 1);
        let judgement = Rules::of(&profile.delivery).judge(&given).expect("facts");
        assert_eq!((judgement.says, judgement.then), (Says::Disables, Then::GivesUp), "{provider}");
        let words = judgement.words(&profile.title, &profile.delivery, &given);
        assert!(words.ends_with(&format!(": {clause}")), "{words}");
    }
}

#[test]
fn a_success_without_a_documented_deadline_says_so() {
    use crate::domain::signature::Profiles;
    let stripe = &Profiles::builtin().by_name("stripe").expect("a profile").delivery;
    let given = given(200, 12_040, 1);
    let words = Rules::of(stripe).judge(&given).expect("facts").words("Stripe", stripe, &given);
    assert_eq!(words, "accepted: Stripe takes 2xx for a success; no deadline documented, took 12.0 s");
}

#[test]
fn a_body_that_must_be_empty_or_special_is_minded() {
    let says = |success: &str, body: Option<&'static str>| {
        let rules = Rules::of(&Delivery { success: success.to_owned(), ..Delivery::default() });
        let body = body.map(Bytes::from);
        rules.judge(&Given { body, ..given(200, 5, 1) }).map(|judgement| judgement.says)
    };
    assert_eq!(says("200 with empty body", Some("")), Some(Says::Accepted));
    assert_eq!(says("200 with empty body", Some("ok")), Some(Says::Failed));
    assert_eq!(says("200 with empty body", None), Some(Says::Depends));
    assert_eq!(says("200 with body OK", Some("ok")), Some(Says::Depends));
    let bolt = "200; the body must be valid JSON";
    assert_eq!([Some("{}"), Some("[")].map(|body| says(bolt, body)), [Some(Says::Accepted), Some(Says::Failed)]);
    let json = r#"200 with body {"code":"SUCCESS"}"#;
    assert_eq!(says(json, Some(r#"{"code":"SUCCESS","more":1}"#)), Some(Says::Accepted));
    assert_eq!(says(json, Some("{}")), Some(Says::Failed));
    assert_eq!(says("204 for an event; 200 with a type for an interaction", Some("{}")), Some(Says::Depends));
}

#[test]
fn without_facts_nothing_is_said() {
    let rules = Rules::of(&Delivery::default());
    for given in [
        given(200, 5, 1),
        given(500, 90_000, 2),
        Given { status: None, outcome: AnswerOutcome::Reset, ..given(0, 5, 1) },
    ] {
        assert_eq!(rules.judge(&given), None, "{given:?}");
    }
    // A deadline alone says when it is too late, and nothing of what counts as a success.
    let rules = Rules::of(&Delivery { deadline_ms: Some(1000), ..Delivery::default() });
    assert_eq!(rules.judge(&given(200, 5, 1)), None);
    // One that follows redirects judges what is behind them.
    let rules = Rules::of(&Delivery { redirects: "followed twice, then it counts as failed".to_owned(), ..delivery() });
    assert_eq!(rules.judge(&given(302, 5, 1)), Some(Judgement { says: Says::Depends, then: Then::Done }));
    let rules = Rules::of(&Delivery { deadline_ms: Some(1000), ..Delivery::default() });
    assert_eq!(rules.judge(&given(200, 1500, 1)), Some(Judgement { says: Says::TooLate, then: Then::Unknown }));
}

#[test]
fn it_is_said_with_its_reasons() {
    let words = |given: Given| {
        let judgement = judged(given.clone()).expect("facts");
        let clock = |at: Timestamp| format!("+{} s", at.secs() - DONE_S);
        let then = judgement.then_words(&delivery(), &given, clock);
        format!("{}; {then}", judgement.words("GitHub", &delivery(), &given)).trim_end().to_owned()
    };
    let said =
        [given(200, 5, 1), given(500, 5, 2), given(200, 12_100, 4), given(302, 5, 1), given(410, 5, 1)].map(words);
    insta::assert_snapshot!(said.join("\n"), @r"
    accepted: GitHub takes 2xx for a success;
    a failure: GitHub wants 2xx; tried again at +60 s: 3 times: at once, after 1 min, after 5 min
    too late: took 12.1 s, and GitHub waits 10 s; not tried again: 3 times: at once, after 1 min, after 5 min
    redirect not followed: a 3xx is a failure; tried again at +0 s: 3 times: at once, after 1 min, after 5 min
    410 ends the deliveries of GitHub to this endpoint: 410 disables at once; not tried again
    ");
}

#[test]
fn every_profile_that_says_what_a_success_is_is_understood() {
    use crate::domain::signature::Profiles;
    let mut known = 0;
    for profile in Profiles::builtin().iter() {
        let success = &profile.delivery.success;
        let rules = Rules::of(&profile.delivery);
        if success.starts_with(|first: char| first.is_ascii_digit()) {
            assert!(rules.success.is_some(), "{}: {success}", profile.name);
            known += 1;
        }
        for number in 1..40 {
            let gap_ms = rules.schedule().gap_ms(number);
            assert!(gap_ms.is_none_or(|gap_ms| gap_ms <= 4 * 86_400_000), "{}: {gap_ms:?}", profile.name);
        }
    }
    assert!(known > 80, "{known}");
}
