use std::sync::Arc;

use super::pattern::PathPattern;
use super::*;
use crate::domain::reply::Scope;
use crate::domain::signature::tests::request;
use crate::domain::signature::{Outcome, Profiles};

/// Knows all profiles, one secret for all of them, and what to say of signatures.
struct Known(Option<Secret>, Outcome);

impl Facts for Known {
    fn profiles(&self) -> &Profiles {
        Profiles::builtin()
    }

    fn named(&self, _: &Request) -> Option<Arc<Profile>> {
        None
    }

    fn recognised(&self, request: &Request) -> Recognised {
        Nobody.recognised(request)
    }

    fn outcome(&self, _: &Arc<Profile>, _: &Request) -> Outcome {
        self.1
    }

    fn secret(&self, _: &Arc<Profile>, _: &Request) -> (Option<Secret>, Option<String>) {
        (self.0.clone(), None)
    }

    fn takes_secret(&self, _: &Arc<Profile>, _: &Request, _: &Secret) -> Taking {
        if self.0.is_none() { Taking::Taken } else { Taking::HasOwn }
    }

    fn learn(&self, _: &Arc<Profile>, _: Secret, _: &Request) {}
}

fn rules() -> RuleSet {
    RuleSet { gate: Some(Gate::new(Profiles::builtin())), ..RuleSet::default() }
}

#[test]
fn most_requests_are_in_no_question() {
    let rules = rules();
    let large = format!("{{\"challenge\":\"{}\"}}", "a".repeat(600));
    for (method, target, headers, body) in [
        ("POST", "/", &[("content-type", "application/json"), ("user-agent", "x")][..], "{\"id\":1}"),
        ("POST", "/", &[][..], large.as_str()),
        ("PUT", "/?challenge=1", &[][..], ""),
        ("POST", "/x", &[("stripe-signature", "t=1,v1=00")][..], "{\"id\":\"evt_1\"}"),
    ] {
        assert!(rules.plain(&request(method, target, headers, body.as_bytes())).is_some(), "{method} {target} {body}");
    }
    assert!(rules.plain(&request("GET", "/?challenge=1", &[], b"")).is_none());
    let off = RuleSet::default();
    assert!(off.plain(&request("GET", "/?challenge=1", &[], b"")).is_some());
}

#[test]
fn a_decision_says_what_it_goes_before() {
    let mut rules = rules();
    rules.replies.set(Scope::All, Reply { status: 202, ..Reply::default() });
    let challenge = request("GET", "/?challenge=1", &[], b"");
    let decision = rules.decide(&challenge, &Known(None, Outcome::Unknown), &mut |_| 0);
    assert_eq!((decision.reply.status, &decision.reply.body[..]), (200, &b"1"[..]));
    let choice = decision.choice.expect("more to say");
    assert_eq!(choice.by, ChosenBy::Handshake);
    assert_eq!(choice.passed, ["all requests: a handshake of Dropbox goes before it"]);
    let plain = rules.decide(&request("GET", "/", &[], b""), &Known(None, Outcome::Unknown), &mut |_| 0);
    assert_eq!((plain.reply.status, plain.rule.as_str(), plain.choice), (202, "all requests", None));
}

#[test]
fn a_secret_is_learned_only_by_who_has_none() {
    let rules = rules();
    let hello = request("POST", "/", &[("x-hook-secret", "s3cret"), ("user-agent", "Asana")], b"");
    let learned =
        |known| rules.decide(&hello, &Known(known, Outcome::Unknown), &mut |_| 0).learned.map(|learned| learned.secret);
    assert_eq!(learned(None), Some(Secret::new(*b"s3cret")));
    assert_eq!(learned(Some(Secret::new(*b"mine"))), None);
    let mut said = format!("{:?}", rules.decide(&hello, &Known(None, Outcome::Unknown), &mut |_| 0).learned);
    said.push_str(&rules.decide(&hello, &Known(None, Outcome::Unknown), &mut |_| 0).rule);
    assert!(!said.contains("s3cret"), "{said}");
}

#[test]
fn rules_of_one_name_count_each_for_itself() {
    let rule = |number: u32, path: &str, reply: &str, nth: Option<&str>| {
        let when =
            When { path: Some(path.parse().unwrap()), nth: nth.map(|nth| nth.parse().unwrap()), ..When::default() };
        let reply = crate::domain::reply::ReplyText::parse(reply).unwrap().finish(&mut |_| Err(())).unwrap();
        Arc::new(Rule { name: "rule retries".to_owned(), when, reply, number, ..Rule::default() })
    };
    let script = "500, 200";
    let rules = RuleSet {
        rules: vec![
            rule(1, "/a/*", "201", Some("2")),
            rule(2, "/a/*", "202", Some("2")),
            rule(3, "/a/*", script, None),
            rule(4, "/b/*", script, None),
        ],
        ..RuleSet::default()
    };
    let mut counters = Counters::default();
    let mut statuses = |path: &str| -> Vec<u16> {
        // One delivery: it is counted by its id, whatever the path.
        let request = request("POST", path, &[("x-github-event", "push"), ("x-github-delivery", "1")], b"{}");
        (0..3).map(|_| rules.decide(&request, &Nobody, &mut |key| counters.count(key)).reply.status).collect()
    };
    assert_eq!(statuses("/a/1"), [500, 201, 202], "the first rule sees it once before the second does");
    assert_eq!(statuses("/b/1"), [500, 200, 200]);
    assert_eq!(statuses("/a/1"), [200, 200, 200]);
}

/// Each kind of question 8,000 times, before a request that is made to answer it slowly. Without a bound these take from half a
/// minute to hours.
#[test]
fn many_rules_before_a_hostile_request_come_to_an_end_soon() {
    const RULES: usize = 8_000;
    let long = "a".repeat(100_000);
    let fields = "a=1&".repeat(25_000);
    let hops = "10.0.0.1,".repeat(11_000);
    let dots = "a.".repeat(50_000);
    let strings = format!("[{}\"a\"]", "\"aaaaaaaaaaaa\",".repeat(4_000));
    let numbers = format!("[{}1]", "1,".repeat(500_000));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let event = [("x-github-event", dots.as_str()), ("x-github-delivery", "1")];
    let of = |make: &dyn Fn(&mut When, usize)| -> Vec<When> {
        let one = |at| {
            let mut when = When::default();
            make(&mut when, at);
            when
        };
        (0..RULES).map(one).collect()
    };
    let value = |text: String| text.parse::<pattern::ValuePattern>().unwrap();
    let json =
        |text: &'static str| of(&move |when, at| when.json.push((text.parse().unwrap(), value(format!("*a*c{at}")))));
    let cases: Vec<(&str, Vec<When>, Request)> = vec![
        (
            "path",
            of(&|when, at| when.path = Some(format!("/**/a/**/*b*/{at}/**").parse().unwrap())),
            request("POST", &"/a".repeat(50_000), &[], b""),
        ),
        (
            "header",
            of(&|when, at| when.headers.push(("x-long".to_owned(), value(format!("*a*a*a*b{at}"))))),
            request("POST", "/", &[("x-long", &long)], b""),
        ),
        (
            "query",
            of(&|when, at| when.query.push((format!("b{at}"), value("*".to_owned())))),
            request("POST", &format!("/?{fields}"), &[], b""),
        ),
        (
            "form",
            of(&|when, at| when.form.push(("a".to_owned(), value(format!("*a{at}"))))),
            request("POST", "/", &form, fields.repeat(10).as_bytes()),
        ),
        (
            "event",
            of(&|when, at| when.events.push(format!("**.a*a.**.b{at}.**").parse().unwrap())),
            request("POST", "/", &event, b"{}"),
        ),
        (
            "address",
            of(&|when, _| when.from.push("192.0.2.1/32".parse().unwrap())),
            request("POST", "/", &[("x-forwarded-for", &hops)], b""),
        ),
        ("nth", of(&|when, _| when.nth = Some("5".parse().unwrap())), request("POST", &format!("/{long}"), &[], b"")),
        ("json", json("$..b"), request("POST", "/", &[], numbers.as_bytes())),
        ("json regex", json("$[?match(@, '(a|b|ab)*c')]"), request("POST", "/", &[], strings.as_bytes())),
    ];
    for (name, whens, mut request) in cases {
        request.peer = Some("127.0.0.1:1".parse().unwrap());
        let rule =
            |(at, when)| Arc::new(Rule { name: format!("rule {at}"), when, number: at as u32, ..Rule::default() });
        let rules = RuleSet {
            rules: whens.into_iter().enumerate().map(rule).collect(),
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()],
            ..RuleSet::default()
        };
        let mut counters = Counters::default();
        let begun = std::time::Instant::now();
        let decision = rules.decide(&request, &Nobody, &mut |key| counters.count(key));
        let took = begun.elapsed();
        // Without optimisation, on a machine that does much else.
        assert!(took < std::time::Duration::from_secs(60), "{name}: {took:?}");
        if decision.reply.status == 500 {
            let notes = decision.choice.unwrap().notes.join("");
            assert!(notes.contains("of 8000) would take too long"), "{notes}");
        } else {
            assert!(["event", "address", "json", "json regex"].contains(&name), "{name}: {}", decision.reply.status);
        }
    }
    // The same rules before what providers send.
    let usual = of(&|when, at| {
        when.path = Some(format!("/**/{{tenant}}/hooks{at}/*").parse().unwrap());
        when.headers.push(("user-agent".to_owned(), value("*Hook*".to_owned())));
    });
    let rules = RuleSet {
        rules: usual.into_iter().map(|when| Arc::new(Rule { when, ..Rule::default() })).collect(),
        ..RuleSet::default()
    };
    let plain = request("POST", "/api/v1/acme/hooks/github", &[("user-agent", "GitHub-Hookshot/1")], b"{}");
    assert_eq!(rules.decide(&plain, &Nobody, &mut |_| 0).reply.status, 200);
}

#[test]
fn many_guards_read_a_long_path_once() {
    let guard = |at| Guard { path: format!("/Hooks/{at}*"), allow: Vec::new(), proof: None, enforce: true };
    let rules = RuleSet { guards: (0..8_000).map(guard).collect(), ..RuleSet::default() };
    let begun = std::time::Instant::now();
    let decision = rules.decide(&request("POST", &"/%2561/..".repeat(11_000), &[], b""), &Nobody, &mut |_| 0);
    assert_eq!(decision.reply.status, 200);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn paths_are_gone_through_once_whatever_they_hold() {
    let captures = |pattern: &str, path: &[u8]| {
        let found = pattern.parse::<PathPattern>().unwrap().captures(path)?;
        Some(found.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
    };
    for (pattern, path, found) in [
        ("/{a}-{b}-{c}.json", "/1-2-3.json", Some("a=1 b=2 c=3")),
        ("/{a}-{b}.json", "/1-2-3.json", Some("a=1 b=2-3")),
        ("/{a}-{b}", "/-1-2", Some("a=-1 b=2")),
        ("/{a}.json", "/.json", None),
        ("/a*.json", "/a.json.json", Some("")),
        ("/a*b", "/ab", Some("")),
        ("/a*ba", "/aba", Some("")),
        ("/aba*a", "/aba", None),
        ("/**/b/{c}", "/x/y/b/1/b/2", Some("c=2")),
        ("/**/b/**/{c}", "/x/b/y/b/2", Some("c=2")),
        ("/**/b/**", "/b/c", None),
        ("/**", "/", Some("")),
    ] {
        assert_eq!(captures(pattern, path.as_bytes()).as_deref(), found, "{pattern} {path}");
    }
    // Tried one after the other, these would have more places than there is time.
    let dashes = [b"/".to_vec(), vec![b'-'; 100_000]].concat();
    assert_eq!(captures("/{a}-{b}-{c}-{d}.json", &dashes), None);
    assert_eq!(captures("/**/a/**/a/**/b", &b"/a".repeat(50_000)), None);
}
