//! Checks that take long: the thread that answers goes on answering, and the way out does not wait.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hooksight::domain::exchange::Request;
use hooksight::domain::reply::{Make, Reply};
use hooksight::domain::rule::{Facts, Nobody, Rule, RuleSet, Taking, When};
use hooksight::domain::signature::{Outcome, Profile, Profiles, Secret};
use hooksight::domain::summary::Recognised;
use hooksight::io::listener::{ListenerLimits, SharedReplies};
use hooksight::io::store::StoreLimits;

use super::capture_harness::house_answering;
use super::support::{DEADLINE, Home, post, send};

/// Knows who sent it, and says what the signature is only when it is let.
struct Slow {
    asked: Mutex<Sender<()>>,
    let_go: Mutex<Receiver<()>>,
}

impl Facts for Slow {
    fn profiles(&self) -> &Profiles {
        Profiles::builtin()
    }

    fn named(&self, _: &Request) -> Option<Arc<Profile>> {
        Profiles::builtin().by_name("github").cloned()
    }

    fn recognised(&self, request: &Request) -> Recognised {
        Nobody.recognised(request)
    }

    fn outcome(&self, _: &Arc<Profile>, _: &Request) -> Outcome {
        self.asked.lock().unwrap().send(()).unwrap();
        self.let_go.lock().unwrap().recv_timeout(DEADLINE).unwrap();
        Outcome::Valid
    }

    fn secret(&self, _: &Arc<Profile>, _: &Request) -> (Option<Secret>, Option<String>) {
        (None, None)
    }

    fn takes_secret(&self, _: &Arc<Profile>, _: &Request, _: &Secret) -> Taking {
        Taking::HasOwn
    }

    fn learn(&self, _: &Arc<Profile>, _: Secret, _: &Request) {}
}

#[test]
fn others_are_answered_while_the_signature_of_a_large_body_is_checked() {
    let (asked, is_asked) = channel();
    let (go_on, let_go) = channel();
    let facts = Slow { asked: Mutex::new(asked), let_go: Mutex::new(let_go) };
    let when = When { methods: vec!["POST".to_owned()], verdicts: vec![Outcome::Valid], ..When::default() };
    let rule =
        Rule { name: "valid".to_owned(), when, reply: Reply { status: 201, ..Reply::default() }, ..Rule::default() };
    let rules = RuleSet { rules: vec![Arc::new(rule)], ..RuleSet::default() };
    let limits = ListenerLimits { threads: 1, ..ListenerLimits::default() };
    let house = house_answering(limits, SharedReplies::with(rules, Arc::new(facts)), StoreLimits::default());
    let address = house.addr;
    let large = std::thread::spawn(move || send(address, &post("/checked", &[], &vec![b'x'; 300 << 10])).status);
    is_asked.recv_timeout(DEADLINE).expect("the check of the large one began");
    assert_eq!(send(address, b"GET /other HTTP/1.1\r\nHost: hooks.test\r\nConnection: close\r\n\r\n").status, 200);
    go_on.send(()).unwrap();
    assert_eq!(large.join().unwrap(), 201);
}

#[test]
fn others_are_answered_while_a_template_is_filled_in() {
    let (asked, is_asked) = channel();
    let (go_on, let_go) = channel();
    let facts = Slow { asked: Mutex::new(asked), let_go: Mutex::new(let_go) };
    // It asks in its course, and one that repeats something may take its time for other reasons.
    let body = "{% for way in [verdict] %}{{ way }}{% endfor %}".into();
    let reply = Reply { make: Make::Template, body, ..Reply::default() };
    let when = When { path: Some("/filled".parse().expect("a path")), ..When::default() };
    let rule = Rule { name: "filled".to_owned(), when, reply, ..Rule::default() };
    let rules = RuleSet { rules: vec![Arc::new(rule)], ..RuleSet::default() };
    let limits = ListenerLimits { threads: 1, ..ListenerLimits::default() };
    let house = house_answering(limits, SharedReplies::with(rules, Arc::new(facts)), StoreLimits::default());
    let address = house.addr;
    let filled = std::thread::spawn(move || send(address, &post("/filled", &[], b"small")));
    is_asked.recv_timeout(DEADLINE).expect("the template is being filled in");
    assert_eq!(send(address, b"GET /other HTTP/1.1\r\nHost: hooks.test\r\nConnection: close\r\n\r\n").status, 200);
    go_on.send(()).unwrap();
    let answered = filled.join().unwrap();
    assert!(answered.status == 200 && answered.body.ends_with(b"valid"), "{}", String::from_utf8_lossy(&answered.body));
}

#[test]
fn the_way_out_does_not_wait_for_checks() {
    let home = Home::new();
    // Each secret of each delivery is a digest of 8 MB: many seconds of work all together.
    let secrets: Vec<String> = (0..300).map(|at| format!("\"secret{at}\"")).collect();
    home.write("hooksight.ron", format!("(secrets: {{\"github\": [{}]}})", secrets.join(", ")));
    let listening = home.listen(&["-s", "s.jsonl"]);
    let signature = format!("sha256={}", "0".repeat(64));
    let headers = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", signature.as_str())];
    let request = post("/", &headers, &vec![b'x'; 8 << 20]);
    for _ in 0..6 {
        assert_eq!(send(listening.address, &request).status, 200);
    }
    let begun = Instant::now();
    let (code, rows) = listening.stop("TERM");
    let took = begun.elapsed();
    assert_eq!((code, rows.len()), (Some(0), 6), "{rows:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}
