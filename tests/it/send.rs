//! `send`: what leaves is what a provider sends, and what comes back is judged by the provider's rule. The receiver is our own
//! listener, which checks with its own eyes, or a small app that answers as it is told.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use hooksight::domain::signature::{CheckInput, Outcome, Profiles, Secret, check};
use hooksight::domain::time::Timestamp;
use serde_json::Value;

use super::capture_harness::house;
use super::children::{has_curl, output};
use super::support::{Home, LocalApp};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{\"ok\":true}";

fn key(home: &Home) -> String {
    format!("file:{}", home.write("key", SECRET).display())
}

/// A receiver whose answer depends on the request: what it is given is head and body.
struct Judge {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Judge {
    fn start(answer: impl Fn(&[u8], usize) -> u16 + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let Some(request) = super::support::read_request(&mut stream) else { continue };
                let mut kept = kept.lock().unwrap();
                let status = answer(&request, kept.len());
                kept.push(request);
                drop(kept);
                let _ = write!(stream, "HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { address, seen }
    }

    fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

/// A receiver that checks with the domain's own check, and answers 200 or 401; `lax` does not look at the time.
fn verifying(provider: &'static str, lax: bool) -> Judge {
    Judge::start(move |bytes, _| {
        let profile = Profiles::builtin().by_name(provider).unwrap();
        let secrets = [Secret::new(SECRET)];
        let request = parsed(bytes);
        let mut input = CheckInput::new(profile, &secrets, &request);
        input.now = Timestamp::from_micros(chrono::Utc::now().timestamp_micros());
        let verdict = check(&input);
        // It looks at the signature alone, where one fits or could.
        let cause = verdict.cause.map(|cause| cause.as_str()).unwrap_or_default();
        let old = cause.starts_with("timestamp") && cause != "timestamp-altered";
        if verdict.outcome == Outcome::Valid || lax && old { 200 } else { 401 }
    })
}

/// Head and body as the capture would keep them.
fn parsed(bytes: &[u8]) -> hooksight::domain::exchange::Request {
    use hooksight::domain::body::Body;
    use hooksight::domain::exchange::{ExchangeId, HttpVersion, Request};
    use hooksight::domain::headers::Headers;
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let first: Vec<&str> = lines.next().unwrap().split(' ').collect();
    Request {
        id: ExchangeId(1),
        peer: None,
        first_byte: Timestamp::default(),
        body_complete_us: 0,
        version: HttpVersion::Http11,
        method: first[0].to_owned().into(),
        target: first[1].to_owned().into(),
        headers: Headers::from_pairs(lines.map(|line| line.split_once(": ").unwrap())),
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(bytes[at + 4..].to_vec()),
        trailers: Headers::new(),
        marks: Vec::new(),
    }
}

#[test]
fn a_delivery_is_sent_judged_and_told_in_one_line() {
    let home = Home::new();
    let app = LocalApp::start(OK);
    let to = format!("http://{}/hooks?a=1", app.address);
    let key = key(&home);
    let done = home.run(&["send", "stripe", "invoice.paid", "--to", &to, "--secret", &key]).code(0);
    let line = done.text();
    assert!(
        line.starts_with("200 OK in ")
            && line.contains("  invoice.paid ")
            && line.ends_with("  accepted: {\"ok\":true}\n"),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1);
    let request = String::from_utf8(app.request()).unwrap();
    assert!(request.starts_with("POST /hooks?a=1 HTTP/1.1\r\nHost: 127.0.0.1:"), "{request}");
    assert!(
        request.contains("\r\nStripe-Signature: t=") && request.contains("\r\nContent-Type: application/json"),
        "{request}"
    );
}

#[test]
fn every_provider_with_a_shared_secret_is_taken_by_our_own_listener() {
    let home = Home::new();
    let mut args: Vec<String> = vec!["--json".into()];
    let mut names = Vec::new();
    let shared = |profile: &hooksight::domain::signature::Profile| {
        profile.schemes.first().is_some_and(|scheme| !scheme.algorithm.is_public() && scheme.key.parts.is_empty())
    };
    for profile in Profiles::builtin().iter().filter(|profile| shared(profile)) {
        let prefix = profile.secret.prefixes.first().map_or("", String::as_str);
        let path = home.write(&format!("keys/{}", profile.name), format!("{prefix}00112233445566778899aabbccddeeff"));
        args.push("--endpoint".into());
        args.push(format!("/{0},provider={0},secret=file:{1}", profile.name, path.display()));
        names.push((profile.name.clone(), path.display().to_string()));
    }
    assert!(names.len() > 150, "{}", names.len());
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let listening = home.listen(&args);
    let mut wrong = Vec::new();
    for (name, path) in &names {
        let to = format!("http://{}/{name}", listening.address);
        let secret = format!("file:{path}");
        let done = home.run(&["send", name, "--to", &to, "--secret", &secret, "--json"]);
        let line = std::iter::repeat_with(|| listening.json()).find(|line| line["event"] == "request").unwrap();
        let profile = Profiles::builtin().by_name(name).unwrap();
        let has_type = profile.event_type.is_empty() || line["type"] == profile.events[0].name.as_str();
        let has_id = profile.delivery_id.is_empty() || line["delivery"].is_string();
        if line["verdict"] != "valid" || line["provider"] != name.as_str() || !has_type || !has_id {
            wrong.push(format!("{name}: {line}"));
        }
        assert_eq!(done.json()[0]["provider"].as_str(), Some(name.as_str()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_headers_ids_bodies_and_times_are_the_users() {
    let home = Home::new();
    let key = key(&home);
    let judge = verifying("github", false);
    let to = judge.url();
    let base = ["send", "github", "--to", &to, "--secret", &key];
    let with = |more: &[&str]| home.run(&[&base, more].concat()).code(0);
    with(&[
        "issues",
        "--set",
        "action=opened",
        "--set",
        "issue.labels[0].name=bug",
        "--header",
        "X-Own: 1",
        "--header",
        "Accept:",
    ]);
    with(&["--id", "72d3162e-cc78-11e3-81ab-4c9367dc0958", "--times", "2"]);
    with(&["--times", "3"]);
    let body = home.write("own.json", "{\"own\" : 1.10}\n");
    with(&["pull_request", "--body", body.to_str().unwrap()]);
    let requests = judge.requests();
    assert!(requests[0].contains("\r\nX-Own: 1\r\n") && !requests[0].contains("\r\nAccept:"), "{}", requests[0]);
    assert!(
        requests[0].contains("\"action\":\"opened\"") && requests[0].contains("\"labels\":[{\"name\":\"bug\""),
        "{}",
        requests[0]
    );
    let id = |request: &String| {
        let line = request.lines().find(|line| line.to_ascii_lowercase().starts_with("x-github-delivery: ")).unwrap();
        line.split_once(": ").unwrap().1.to_owned()
    };
    let ids: Vec<String> = requests.iter().map(id).collect();
    assert_eq!(ids[1], "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    assert_eq!(ids[1], ids[2], "a duplicate is asked for by its id");
    let fresh: HashMap<&String, ()> = ids[3..6].iter().map(|id| (id, ())).collect();
    assert_eq!(fresh.len(), 3, "{ids:?}");
    assert!(
        requests[6].ends_with("\r\n\r\n{\"own\" : 1.10}\n"),
        "a body of the user's own goes byte for byte: {}",
        requests[6]
    );
    assert!(requests[6].to_ascii_lowercase().contains("\r\nx-github-event: pull_request\r\n"), "{}", requests[6]);
}

#[test]
fn a_receiver_that_says_no_gives_exit_code_1_and_nobody_there_2() {
    let home = Home::new();
    let key = key(&home);
    let judge = Judge::start(|_, _| 500);
    let to = judge.url();
    let done = home.run(&["send", "stripe", "--to", &to, "--secret", &key]).code(1);
    assert!(done.text().contains("not accepted (the provider wants 2xx)"), "{}", done.text());
    let line = &home.run(&["send", "stripe", "--to", &to, "--secret", &key, "--json"]).code(1).json()[0];
    assert_eq!(
        (line["accepted"].as_bool(), line["status"].as_u64(), line["signed"].as_bool()),
        (Some(false), Some(500), Some(true))
    );
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let to = format!("http://{free}/");
    let done = home.run(&["send", "stripe", "--to", &to, "--secret", &key]).code(2);
    assert!(done.stderr.contains("could not connect"), "{}", done.stderr);
    let done = home.run(&["send", "stripe", "--hostile", "--to", &to, "--secret", &key]).code(2);
    assert!(done.stderr.contains("could not connect"), "{}", done.stderr);
}

#[test]
fn a_provider_that_wants_more_than_2xx_gets_it() {
    let home = Home::new();
    let key = key(&home);
    let own = r#"(title: "Own", docs: "https://example.com", sources: ["me"], recognise: [["header:x-own"]],
        secret: (called: "secret", find: "here"), schemes: [(signature: ["header:X-Own"], algorithm: HmacSha256, message: "{body}")],
        delivery: (success: "200 with body [accepted]", source: "me"), events: [(name: "made", body: "{}")])"#;
    home.write("config/hooksight/providers/own.ron", own);
    for (answer, code) in
        [(OK, 1), (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n[accepted]", 0)]
    {
        let app = LocalApp::start(answer);
        let to = format!("http://{}/", app.address);
        home.run(&["send", "own", "--to", &to, "--secret", &key]).code(code);
        app.request();
    }
}

#[test]
fn a_dry_run_prints_the_request_and_sends_nothing() {
    let home = Home::new();
    let key = key(&home);
    let raw = home
        .run(&["send", "standard-webhooks", "--secret", &key, "--to", "http://10.1.2.3/x", "--dry-run"])
        .code(0)
        .text();
    assert!(
        raw.starts_with("POST /x HTTP/1.1\r\nHost: 10.1.2.3\r\n") && raw.contains("\r\nwebhook-signature: v1,"),
        "{raw}"
    );
    let app = LocalApp::start(OK);
    let to = format!("http://{}/y", app.address);
    let curl = home.run(&["send", "github", "--secret", &key, "--to", &to, "--dry-run=curl"]).code(0).text();
    let script = home.write("send.sh", &curl);
    if !has_curl() {
        return;
    }
    let ran = output(std::process::Command::new("sh").arg(script));
    assert!(ran.status.success(), "{curl}\n{}", String::from_utf8_lossy(&ran.stderr));
    let came = String::from_utf8(app.request()).unwrap();
    assert!(came.starts_with("POST /y ") && came.contains("X-Hub-Signature-256: sha256="), "{came}");
}

#[test]
fn mistakes_say_what_is_there() {
    let home = Home::new();
    let key = key(&home);
    for (args, part) in [
        (vec!["send", "strip", "--to", "http://127.0.0.1/"], "did you mean stripe"),
        (
            vec!["send", "stripe", "invoice.payed", "--to", "http://127.0.0.1/", "--secret", &key],
            "did you mean invoice.paid?",
        ),
        (vec!["send", "stripe", "--to", "http://127.0.0.1/"], "signing secret: give --secret"),
        (vec!["send", "stripe", "--to", "ftp://x/", "--secret", &key], "must begin with http://"),
        (vec!["send", "stripe", "--to", "http://127.0.0.1/", "--secret", &key, "--set", "a"], "PATH=VALUE"),
        (
            vec!["send", "stripe", "--to", "http://127.0.0.1/", "--secret", &key, "--header", "a b: c"],
            "cannot stand in a head",
        ),
        (vec!["send", "discord", "--to", "http://127.0.0.1/", "--secret", &key], "private key"),
        (
            vec!["send", "stripe", "--hostile", "--only", "nonsense", "--to", "http://127.0.0.1/", "--secret", &key],
            "there is no trial",
        ),
        (vec!["send", "stripe", "--to", "http://169.254.169.254/", "--secret", &key, "--yes"], "link-local"),
        (vec!["send", "stripe", "--to", "http://10.255.255.1/", "--secret", &key], "give --yes"),
        (vec!["send", "stripe"], "--to"),
    ] {
        let done = home.run(&args).code(2);
        assert!(done.stderr.contains(part), "{args:?}: {}", done.stderr);
        assert!(done.stdout.is_empty());
    }
}

#[test]
fn a_receiver_that_checks_passes_the_trials() {
    let home = Home::new();
    let key = key(&home);
    for provider in ["stripe", "github", "standard-webhooks", "slack", "paddle", "square", "mailgun", "gitlab"] {
        let judge = verifying(provider, false);
        let to = judge.url();
        let done = home.run(&["send", provider, "--hostile", "--to", &to, "--secret", &key]).code(0);
        let text = done.text();
        assert!(text.contains("\n0 of ") && text.contains(" taken, 0 of "), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn a_receiver_that_takes_bad_ones_is_told_which() {
    let home = Home::new();
    let key = key(&home);
    let lax = verifying("standard-webhooks", true);
    let to = lax.url();
    let rows =
        home.run(&["send", "standard-webhooks", "--hostile", "--to", &to, "--secret", &key, "--json"]).code(1).json();
    let verdict = |rows: &[Value], name: &str| rows.iter().find(|row| row["case"] == name).unwrap()["verdict"].clone();
    let taken: Vec<&Value> =
        rows.iter().filter(|row| row["verdict"] == "taken" && row["ok"] == false).map(|row| &row["case"]).collect();
    assert_eq!(taken, ["no-timestamp", "stale", "future"], "{rows:?}");
    assert_eq!(verdict(&rows, "altered-body"), "ok");
    assert!(rows.iter().any(|row| row["case"] == "alg-none" && row["left_out"].is_string()));
    home.run(&[
        "send",
        "standard-webhooks",
        "--hostile",
        "--skip",
        "no-timestamp,stale,future",
        "--to",
        &to,
        "--secret",
        &key,
    ])
    .code(0);

    // One that believes everybody, and one that believes nobody.
    let open = Judge::start(|_, _| 200);
    let rows =
        home.run(&["send", "github", "--hostile", "--to", &open.url(), "--secret", &key, "--json"]).code(1).json();
    for name in ["no-signature", "wrong-secret", "altered-body", "empty-secret", "signed-nothing", "short-signature"] {
        assert_eq!(verdict(&rows, name), "taken", "{name}");
    }
    let text = home.run(&["send", "github", "--hostile", "--to", &open.url(), "--secret", &key]).code(1).text();
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "no-signature: this was a delivery without any signature; the receiver took it (200). That means: whoever knows the URL can",
        "To do: answer 401 when the signature is missing or empty",
        "altered-body: this was a body with one byte changed after it was signed; the receiver took it (200). That means:",
        "duplicate: this was the valid delivery once more; the receiver took it (200). Providers send again",
    ] {
        assert!(plain.contains(part), "{part}: {text}");
    }
    let shut = Judge::start(|_, _| 401);
    let text = home.run(&["send", "github", "--hostile", "--to", &shut.url(), "--secret", &key]).code(1).text();
    // Who refuses the right one says nothing by refusing the wrong ones: that is told first, and nobody is blamed.
    let told = text.find("The receiver did not take the valid one: is this its").expect(&text);
    let sum = text.trim_end().lines().last().unwrap();
    assert!(
        sum.starts_with("0 of 0 bad deliveries taken, 1 of 1 good one refused; ") && sum.ends_with(" say nothing"),
        "{sum}"
    );
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains("parsed and written again"), "{text}");
    assert!(text.contains("says nothing") && text.contains("0 of ") && !text.contains("spaced: sent was"), "{text}");
    assert!(told < text.find("it said").unwrap_or(usize::MAX), "{text}");
    let rows =
        home.run(&["send", "github", "--hostile", "--to", &shut.url(), "--secret", &key, "--json"]).code(1).json();
    assert_eq!((verdict(&rows, "valid"), verdict(&rows, "altered-body")), ("refused".into(), "says nothing".into()));
}

#[test]
fn a_receiver_that_trims_the_body_is_told_so_and_of_nothing_else() {
    let home = Home::new();
    let key = key(&home);
    let trimming = Judge::start(|bytes, _| {
        let mut request = parsed(bytes);
        let body = String::from_utf8(request.body.bytes.to_vec()).unwrap();
        request.body = hooksight::domain::body::Body::whole(body.trim().to_owned());
        let secrets = [Secret::new(SECRET)];
        let verdict = check(&CheckInput::new(Profiles::builtin().by_name("github").unwrap(), &secrets, &request));
        if verdict.outcome == Outcome::Valid { 200 } else { 401 }
    });
    let to = trimming.url();
    let rows = home.run(&["send", "github", "--hostile", "--to", &to, "--secret", &key, "--json"]).code(1).json();
    let wrong: Vec<&Value> = rows.iter().filter(|row| row["ok"] == false).map(|row| &row["case"]).collect();
    assert_eq!(wrong, ["line-end"], "{rows:?}");
    let text = home.run(&["send", "github", "--hostile", "--to", &to, "--secret", &key]).code(1).text();
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain.contains("That means: the end of the body is changed before it is checked"), "{text}");
}

#[test]
fn the_secret_of_an_endpoint_signs_and_whoever_says_too_little_is_told_what_is_needed() {
    let home = Home::new();
    let endpoint =
        |path: &str, secret: &str| format!("(path: \"{path}\", provider: \"standard-webhooks\", secret: \"{secret}\")");
    let (other, right) = (endpoint("/other", "whsec_b3RoZXI="), endpoint("/hooks", SECRET));
    home.write("hooksight.ron", format!("(endpoints: [{other}, {right}])"));
    let receiver = verifying("standard-webhooks", false);
    let done = home.run(&["send", "standard-webhooks", "--to", &receiver.url()]).code(0);
    assert!(done.stderr.contains("signed with the secret of endpoint /hooks"), "{}", done.stderr);
    let nothing = home.run(&["send"]).code(2);
    for part in ["hooksight send stripe --to http://", "--secret env:", "standard-webhooks", "github"] {
        assert!(nothing.stderr.contains(part), "{part}: {}", nothing.stderr);
    }
    assert!(nothing.stderr.lines().all(|line| line.len() <= 90), "{}", nothing.stderr);
    let nowhere = home.run(&["send", "github"]).code(2);
    assert!(nowhere.stderr.contains("hooksight send github --to http://localhost:3000/hooks"), "{}", nowhere.stderr);
}

/// Discord wants 204 for an event and something else for an interaction: the row and `send` say the same of one answer.
#[test]
fn an_answer_is_judged_alike_by_whoever_sent_it_and_by_whoever_gave_it() {
    let home = Home::new();
    home.write("hooksight.ron", "(endpoints: [(path: \"/discord\", provider: \"discord\")])");
    for (status, row, told) in [(204, "accepted", Some(true)), (200, "depends", None), (500, "failed", Some(false))] {
        let session = format!("s{status}.jsonl");
        let listening = home.listen(&["-s", &session, "--respond", &status.to_string()]);
        let to = format!("http://{}/discord", listening.address);
        let sent = home.run(&["send", "discord", "--unsigned", "--to", &to, "--json"]);
        listening.stop("TERM");
        assert_eq!(
            (sent.json()[0]["accepted"].as_bool(), sent.code),
            (told, Some(i32::from(status == 500))),
            "{status}"
        );
        assert_eq!(home.run(&["ls", &session, "--json"]).code(0).json()[0]["judgement"], row, "{status}");
    }
}

#[test]
fn the_duplicate_is_the_same_delivery_byte_for_byte_and_all_others_have_ids_of_their_own() {
    let home = Home::new();
    let key = key(&home);
    let judge = verifying("standard-webhooks", false);
    home.run(&["send", "standard-webhooks", "--hostile", "--to", &judge.url(), "--secret", &key]).code(0);
    let requests = judge.requests();
    assert_eq!(requests.first(), requests.last());
    let mut ids: Vec<&str> = requests
        .iter()
        .filter_map(|request| request.lines().find(|line| line.to_ascii_lowercase().starts_with("webhook-id: ")))
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count - 1, "{requests:?}");
}

#[test]
fn handshakes_are_sent_and_their_answers_judged() {
    let home = Home::new();
    let key = key(&home);
    let right = Judge::start(|_, _| 200);
    let to = right.url();
    let done = home.run(&["send", "slack", "url_verification", "--to", &to, "--secret", &key]).code(1);
    assert!(done.text().contains("url_verification  wrong: the body should be "), "{}", done.text());
    let request = right.requests().remove(0);
    assert!(
        request.contains("\"type\":\"url_verification\"") && request.contains("X-Slack-Signature: v0="),
        "{request}"
    );
    home.run(&["send", "meta", "subscribe", "--to", &to]).code(1);
    assert!(right.requests()[1].starts_with("GET /hooks?hub.mode=subscribe&hub.challenge="), "{:?}", right.requests());
    // Confirmed by any success.
    home.run(&["send", "trello", "handshake", "--to", &to]).code(0);
    assert!(right.requests()[2].starts_with("HEAD /hooks HTTP/1.1"));
    // Xero tries whether bad signatures are refused.
    let text = home.run(&["send", "xero", "handshake", "--to", &to, "--secret", &key]).code(1).text();
    assert!(text.contains("rightly signed  right") && text.contains("badly signed on purpose  wrong"), "{text}");
    let checks = verifying("xero", false);
    home.run(&["send", "xero", "handshake", "--to", &checks.url(), "--secret", &key]).code(0);
}

#[test]
fn the_samples_are_listed() {
    let home = Home::new();
    let text = home.run(&["send", "--list", "slack"]).code(0).text();
    assert!(text.contains("slack  app_mention\n") && text.contains("slack  url_verification  (handshake: "), "{text}");
    let all = home.run(&["send", "--list"]).code(0).text();
    let names: Vec<&str> = all.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for profile in Profiles::builtin().iter() {
        assert!(names.contains(&profile.name.as_str()), "{} has no sample", profile.name);
    }
    let trials = home.run(&["send", "--list", "--hostile"]).code(0).text();
    assert!(trials.contains("wrong-secret") && trials.contains("duplicate"), "{trials}");
}

/// A delivery into the capture itself, without a process between.
#[test]
fn what_our_own_capture_keeps_is_what_was_meant() {
    let home = Home::new();
    let house = house();
    let secret = "00112233445566778899aabbccddeeff";
    let key = format!("file:{}", home.write("hex", secret).display());
    let to = format!("http://{}/in?x=1", house.addr);
    for (number, provider) in (1..).zip(["twilio", "paymob", "trello", "hubspot", "vonage", "http-message-signatures"])
    {
        home.run(&["send", provider, "--to", &to, "--secret", &key]).code(0);
        let request = house.request(number);
        let profile = Profiles::builtin().by_name(provider).unwrap();
        let secrets = [Secret::new(secret)];
        let verdict = check(&CheckInput { public_url: Some(&to), ..CheckInput::new(profile, &secrets, &request) });
        assert_eq!(verdict.outcome, Outcome::Valid, "{provider}: {}", verdict.detail);
    }
}

/// `sign` with a private key, with a header of the user's own, and for a provider whose signature is no header.
#[test]
fn sign_takes_private_keys_and_headers_and_says_what_prints_a_whole_request() {
    let home = Home::new();
    let key = key(&home);
    let ids = ["sign", "--scheme", "standard-webhooks", "--secret", &key, "--header", "webhook-id: own", "--now", "1"];
    let text = home.run_with(&ids, b"{}").code(0).text();
    assert!(text.contains("webhook-id: own\n") && text.contains("webhook-timestamp: 1\n"), "{text}");
    let rsa = concat!("file:", env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keys/rsa-2048.pem");
    let args = ["sign", "--scheme", "kick", "--secret", rsa, "--header", "Kick-Event-Message-Id: 1"];
    let text = home.run_with(&args, b"{}").code(0).text();
    assert!(text.to_ascii_lowercase().contains("kick-event-signature: "), "{text}");
    let done = home.run_with(&["sign", "--scheme", "mailgun", "--secret", &key], b"{}").code(2);
    assert!(done.stderr.contains("`hooksight send mailgun --body FILE --dry-run`"), "{}", done.stderr);
    let whole = home.run_with(&["send", "mailgun", "--body", "-", "--dry-run", "--secret", &key], b"{}").code(0).text();
    assert!(whole.contains("\"signature\":{\"timestamp\":") || whole.contains("\"signature\":{"), "{whole}");
}

#[test]
fn an_answer_is_judged_as_the_listener_judges_it() {
    let home = Home::new();
    let slow = home.listen(&["-s", "slow.jsonl", "--respond", "200 delay=3200ms"]);
    let url = format!("http://{}/", slow.address);
    let line = home.run(&["send", "zoom", "--unsigned", "--to", &url]).code(1).text();
    assert!(line.contains("not accepted (too late: took 3.2 s, and Zoom waits 3"), "{line}");
    // Who documents no deadline may have given up all the same.
    let line = home.run(&["send", "stripe", "--unsigned", "--to", &url]).code(0).text();
    assert!(line.contains("accepted (no deadline documented, took 3"), "{line}");
    let cut = home.listen(&["-s", "cut.jsonl", "--respond", "200 body='0123456789' fault=cut"]);
    let url = format!("http://{}/", cut.address);
    let line = home.run(&["send", "stripe", "--unsigned", "--to", &url]).code(1).text();
    assert!(line.contains("not accepted (its body was cut short"), "{line}");
}
