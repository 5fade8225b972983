//! The commands as scripts see them: stdout, stderr, exit codes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Stdio;

use crate::children::{end_of, output};
use crate::support::{Home, LocalApp, fixture, post, send};

const GITHUB_SECRET: &str = "It's a Secret to Everybody";

/// A home with a saved session of these requests, named `day`.
fn saved(requests: &[Vec<u8>]) -> Home {
    let home = Home::new();
    std::fs::create_dir_all(home.sessions()).expect("a folder");
    let path = home.sessions().join("day.jsonl").display().to_string();
    let listening = home.listen(&["-s", &path]);
    for request in requests {
        send(listening.address, request);
        listening.line();
    }
    assert_eq!(listening.stop("TERM").0, Some(0));
    home
}

#[test]
fn every_command_has_help_with_an_example() {
    let home = Home::new();
    let top = home.run(&["--help"]).code(0).text();
    for command in [
        "listen",
        "open",
        "sessions",
        "ls",
        "show",
        "export",
        "verify",
        "sign",
        "wait",
        "providers",
        "completions",
        "man",
    ] {
        assert!(top.contains(&format!("  {command} ")), "`{command}` is not in the help");
        let help = home.run(&[command, "--help"]).code(0).text();
        assert!(help.contains("Example"), "{command}: {help}");
        assert!(help.contains(&format!("hooksight {command}")), "{command}: {help}");
    }
}

#[test]
fn headless_says_ready_then_a_line_a_request() {
    let home = Home::new();
    let listening = home.listen(&[]);
    assert!(listening.ready.starts_with("listening on http://127.0.0.1:"), "{}", listening.ready);
    let answered = send(listening.address, &post("/hook?x=1", &[], b"hello"));
    assert_eq!((answered.status, answered.body.len()), (200, 0), "{}", answered.head);
    let line = listening.line();
    for part in ["POST", "/hook?x=1", "5 B", "200"] {
        assert!(line.contains(part), "`{part}` is not in `{line}`");
    }
    let (code, rest) = listening.stop("TERM");
    assert_eq!((code, rest), (Some(0), Vec::new()));
}

#[test]
fn headless_json_is_the_session_line_with_who_sent_it() {
    let home = Home::new();
    let listening = home.listen(&["--json", "--scheme", "github", "--secret", GITHUB_SECRET]);
    let ready: serde_json::Value = serde_json::from_str(&listening.ready).expect("JSON");
    assert_eq!(ready["event"], "listening");
    assert_eq!(ready["url"], format!("http://{}", listening.address));
    listening.wait_for_words("process list");
    send(listening.address, &fixture("deliveries/github-push.http"));
    let (request, answer) = (listening.json(), listening.json());
    for (field, value) in [
        ("event", "request"),
        ("method", "POST"),
        ("target", "/github"),
        ("provider", "github"),
        ("type", "push"),
        ("delivery", "7d6f1c80-1f9a-11f0-8a5e-5b6f3f2e9a01"),
        ("verdict", "valid"),
    ] {
        assert_eq!(request[field], value, "{field}");
    }
    assert_eq!((&answer["event"], &answer["id"], &answer["status"]), (&"answer".into(), &1.into(), &200.into()));
    // A stranger's control characters stay escapes.
    send(
        listening.address,
        "POST /\u{9b}31m\u{202e} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\u{7f}\u{9d}".as_bytes(),
    );
    let line = listening.line();
    assert!(line.chars().all(|c| (' '..='~').contains(&c)), "{line:?}");
    assert!(line.contains("\\u009b31m\\u202e"), "{line}");
}

#[test]
fn a_strangers_bytes_are_visible_text_in_human_lines() {
    let home = saved(&[b"GET /\xc2\x9b31m\xe2\x80\xae HTTP/1.1\r\nHost: x\r\nX-Evil: a\tb\xff\r\n\r\n".to_vec()]);
    for args in [vec!["ls", "day"], vec!["show", "day", "1"]] {
        let text = home.run(&args).code(0).text();
        assert!(!text.contains(['\u{9b}', '\u{202e}', '\x1b', '\t']), "{text:?}");
        assert!(text.contains("⟨U+009B⟩31m⟨U+202E⟩"), "{text}");
    }
}

#[test]
fn signals_end_it_cleanly() {
    for (signal, code) in [("TERM", 0), ("HUP", 0), ("INT", 130)] {
        let home = Home::new();
        let listening = home.listen(&[]);
        send(listening.address, &post("/", &[], b"x"));
        listening.line();
        assert_eq!(listening.stop(signal).0, Some(code), "{signal}");
        let [session] = home.run(&["sessions", "--json"]).code(0).json().try_into().expect("one session");
        assert_eq!(session["requests"], 1, "{signal}");
    }
}

#[test]
fn what_was_answered_is_there_after_kill_9() {
    let home = Home::new();
    let listening = home.listen(&[]);
    for number in 0..50 {
        assert_eq!(send(listening.address, &post(&format!("/{number}"), &[], b"x")).status, 200);
    }
    listening.stop("KILL");
    assert_eq!(home.run(&["ls", "latest"]).code(0).text().lines().count(), 50);
}

#[test]
fn an_answer_that_nobody_wrote_down_is_said_to_be_not_known() {
    let home = Home::new();
    let listening = home.listen(&["-s", "day.jsonl", "--respond", "never", "--json"]);
    let mut waiting = std::net::TcpStream::connect(listening.address).expect("a connection");
    waiting.write_all(&post("/lost", &[], b"{}")).expect("sent");
    assert_eq!(listening.json()["event"], "request");
    // As long as the listener lives, it may still answer.
    let answer = |home: &Home| home.run(&["ls", "day.jsonl", "--json"]).code(0).json()[0]["answer"].clone();
    assert_eq!(answer(&home), serde_json::Value::Null);
    assert!(!home.run(&["ls", "day.jsonl"]).code(0).text().contains("not known"));
    listening.stop("KILL");
    assert_eq!(answer(&home), "not-known");
    let listed = home.run(&["ls", "day.jsonl"]).code(0).text();
    assert!(listed.trim_end().ends_with("answer not known"), "{listed}");
    let shown = home.run(&["show", "day.jsonl", "1"]).code(0).text();
    assert!(shown.contains("not known: the listener ended"), "{shown}");
    // The next listener of the session knows no more of it than anybody; what it holds itself is open.
    let listening = home.listen(&["-s", "day.jsonl", "--respond", "never", "--json"]);
    let mut waiting = std::net::TcpStream::connect(listening.address).expect("a connection");
    waiting.write_all(&post("/open", &[], b"{}")).expect("sent");
    assert_eq!(listening.json()["id"], 2);
    let rows = home.run(&["ls", "day.jsonl", "--json"]).code(0).json();
    assert_eq!((&rows[0]["answer"], &rows[1]["answer"]), (&"not-known".into(), &serde_json::Value::Null));
    drop(listening);
    let mut screen = crate::support::terminal(&home, &["listen", "-p", "0", "-s", "day.jsonl"]);
    screen.wait_until(|screen| screen.text().matches("not known").count() >= 2).expect("said in the list");
}

#[test]
fn a_taken_port_is_refused_when_it_was_wished() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let home = Home::new();
    let refused = home.run(&["listen", "--headless", "-p", &port]).code(2);
    assert!(refused.stderr.contains(&port) && refused.stdout.is_empty(), "{refused:?}");
    assert!(!home.sessions().exists() || home.run(&["sessions", "--json"]).text().is_empty(), "no empty session");
}

#[test]
fn a_reader_that_leaves_ends_it_without_words() {
    let home = saved(&vec![post("/", &[], &[b'x'; 60_000]); 20]);
    let mut child = home
        .command(&["export", "day", "--format", "raw"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut reader = BufReader::new(child.stdout.take().expect("stdout"));
    reader.read_line(&mut String::new()).expect("a line");
    drop(reader);
    let output = end_of(child);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn check_looks_at_the_file_that_other_commands_are_given() {
    let home = Home::new();
    let bad = home.write("bad.ron", "(prot: 1)");
    let good = home.write("good.ron", "(port: 7171)");
    let (bad, good) = (bad.to_str().expect("a path"), good.to_str().expect("a path"));
    assert!(home.run(&["check", "--config", bad]).code(1).stderr.contains("there is no field `prot`"));
    home.run(&["check", good, "--config", bad]).code(0);
    let by_environment = home.command(&["check"]).env("HOOKSIGHT_CONFIG", bad).output().expect("it runs");
    assert_eq!(by_environment.status.code(), Some(1), "{by_environment:?}");
}

#[test]
fn a_session_is_listed_shown_and_exported() {
    let push = fixture("deliveries/github-push.http");
    let binary = post("/bin", &[("Content-Type", "application/octet-stream")], b"\0\xff\r\n@x");
    let home = saved(&[push.clone(), binary.clone(), fixture("deliveries/stripe-payment-intent.http")]);

    let [session] = home.run(&["sessions", "--json"]).code(0).json().try_into().expect("one session");
    assert_eq!((&session["name"], &session["requests"]), (&"day".into(), &3.into()));
    assert!(home.run(&["sessions"]).code(0).text().contains("day"));

    let rows = home.run(&["ls", "day", "--json"]).code(0).json();
    let types: Vec<_> = rows.iter().map(|row| row["type"].as_str()).collect();
    assert_eq!(types, [Some("push"), None, Some("payment_intent.succeeded")]);
    let filtered = home.run(&["ls", "latest", "--filter", "path:/bin"]).code(0).text();
    assert_eq!(filtered.lines().count(), 1, "{filtered}");
    assert_eq!(home.run(&["ls", "day", "--filter", "(("]).code, Some(2));
    let all = home.run(&["ls", "day"]).code(0).text().lines().count();
    assert_eq!(home.run(&["ls", "day", "--filter", "-status:599"]).code(0).text().lines().count(), all);
    for command in ["ls", "export", "verify"] {
        let help = home.run(&[command, "--help"]).code(0).text();
        assert!(help.contains("path:") && help.contains("turns the term behind it round"), "{command}: {help}");
    }
    for line in home.run(&["sessions"]).code(0).text().lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    // What reads a pipe looks for whole names.
    let providers = home.run(&["providers"]).code(0).text();
    assert!(providers.contains("Autodesk Platform Services") && !providers.contains('…'), "{providers}");

    assert_eq!(home.run(&["show", "day", "2", "--raw"]).code(0).stdout, binary);
    assert_eq!(home.run(&["show", "day", "2", "--body"]).code(0).stdout, b"\0\xff\r\n@x");
    let [shown] = home.run(&["show", "day", "1", "--json"]).code(0).json().try_into().expect("one object");
    assert_eq!((&shown["request"]["target"], &shown["answer"]["status"]), (&"/github".into(), &200.into()));
    let text = home.run(&["show", "day", "1"]).code(0).text();
    for part in ["push", "X-Hub-Signature-256", "\"ref\": \"refs/tags/simple-tag\"", "200"] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    assert_eq!(text.matches("refs/tags/simple-tag").count(), 1, "the body is there once: {text}");
    assert!(!text.contains(" tab") && !text.contains("payload\n"), "there are no tabs in print: {text}");
    assert!(!text.contains('\x1b'), "no colours in a pipe");
    assert!(home.run(&["show", "day", "1", "--color", "always"]).text().contains("\x1b["));
    for command in
        [vec!["show", "day", "9"], vec!["verify", "day", "9"], vec!["export", "day", "1", "9", "--format", "raw"]]
    {
        let refused = home.run(&command).code(2);
        assert_eq!(refused.stderr.trim(), "hooksight: no request 9: this session has 1 to 3");
        assert!(refused.stdout.is_empty(), "nothing before the mistake: {refused:?}");
    }

    assert_eq!(home.run(&["export", "day", "1", "2", "--format", "raw"]).code(0).stdout, [push, binary].concat());
    let to = ["export", "day", "1", "--format", "curl", "--to", "http://me:s3cret@127.0.0.1:1"];
    let said = home.run(&to).code(0).stderr;
    assert!(
        said.contains("--to http://[login]@127.0.0.1:1: its login is written") && !said.contains("s3cret"),
        "{said}"
    );
    let curl = home.run(&["export", "day", "--format", "curl", "--to", "http://127.0.0.1:1"]).code(0);
    assert!(!curl.stderr.contains("login"), "{}", curl.stderr);
    let curl = curl.text();
    assert_eq!(curl.matches("http://127.0.0.1:1/").count(), 3, "{curl}");
    assert_eq!(home.run(&["export", "day", "--format", "curl", "--filter", "path:/none"]).code, Some(1));
}

#[test]
fn marks_of_the_file_are_known_to_filters() {
    use std::io::Write as _;
    let home = saved(&[post("/a", &[], b""), post("/b", &[], b""), post("/c", &[], b"")]);
    let path = home.sessions().join("day.jsonl");
    let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("the session");
    for (id, marked) in [(1, true), (2, true), (1, false)] {
        let at = "2026-11-22T02:30:00.000000Z";
        writeln!(file, r#"{{"v":1,"event":"mark","id":{id},"at":"{at}","marked":{marked}}}"#).expect("a line");
    }
    for filter in ["is:marked", "marked"] {
        let [row] = home.run(&["ls", "day", "--json", "--filter", filter]).code(0).json().try_into().expect("a row");
        assert_eq!((&row["id"], &row["marked"]), (&2.into(), &true.into()), "{filter}");
    }
    let raw = home.run(&["export", "day", "--format", "raw", "--filter", "marked"]).code(0);
    assert!(raw.stdout.starts_with(b"POST /b "), "{raw:?}");
    let checked = home.run(&["verify", "day", "--json", "--filter", "!marked"]).code(1).json();
    assert_eq!(checked.iter().map(|line| line["id"].clone()).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_start_that_captured_nothing_is_not_the_latest_session() {
    let home = saved(&[post("/kept", &[], b"")]);
    // Our own new file goes; one that the user named stays.
    assert_eq!(home.listen(&[]).stop("INT").0, Some(130));
    let named = home.sessions().join("named.jsonl");
    assert_eq!(home.listen(&["-s", &named.display().to_string()]).stop("TERM").0, Some(0));
    let names: Vec<_> = home.run(&["sessions", "--json"]).code(0).json();
    assert_eq!(names.iter().map(|line| line["name"].clone()).collect::<Vec<_>>(), ["day", "named"]);
    // While a listener has captured nothing yet, too.
    let running = home.listen(&[]);
    assert!(home.run(&["ls", "latest"]).code(0).text().contains("/kept"));
    send(running.address, &post("/newer", &[], b""));
    running.line();
    assert!(home.run(&["ls", "latest"]).code(0).text().contains("/newer"));
    assert_eq!(running.stop("TERM").0, Some(0));
    assert_eq!(home.run(&["sessions", "--json"]).code(0).json().len(), 3);
}

#[test]
fn show_tells_the_age_as_of_now() {
    let home = saved(&[post("/", &[], b"")]);
    let path = home.sessions().join("day.jsonl");
    let text = std::fs::read_to_string(&path).expect("the session");
    let at = text.split("\"at\":\"").nth(2).and_then(|rest| rest.split('"').next()).expect("the time of the request");
    std::fs::write(&path, text.replace(at, "2020-01-01T00:00:00.000000Z")).expect("written");
    let shown = home.run(&["show", "day", "1"]).code(0).text();
    assert!(shown.contains(" days ago"), "{shown}");
}

#[test]
fn signatures_are_checked_again_offline() {
    let home = saved(&[fixture("deliveries/github-push.http"), fixture("deliveries/stripe-payment-intent.http")]);
    let verify = |id: &str, secret: &str, more: &[&str]| {
        let key = home.write("secret.key", format!("{secret}\n"));
        let key = format!("file:{}", key.display());
        let mut args = vec!["verify", "day", id, "--secret", &key, "--json"];
        args.extend(more);
        home.run(&args)
    };
    let [good] = verify("1", GITHUB_SECRET, &[]).code(0).json().try_into().expect("a line");
    assert_eq!((&good["scheme"], &good["outcome"]), (&"github".into(), &"valid".into()));
    let wrong = verify("1", "not it", &[]).code(1);
    assert!(wrong.stderr.contains("final newline"), "{}", wrong.stderr);
    assert_eq!(wrong.json()[0]["outcome"], "invalid");
    // The stored Stripe delivery was signed for 2026-11-22T02:00:00Z.
    let stripe = "whsec_test_secret_of_hooksight";
    assert_eq!(verify("2", stripe, &["--now", "1795312801"]).code(0).json()[0]["outcome"], "valid");
    let old = verify("2", stripe, &["--now", "1795399200"]).code(1);
    assert_eq!(old.json()[0]["outcome"], "invalid");
}

/// Many lines lack a secret for one reason: it is said once, and each line stays short.
#[test]
fn what_to_do_without_a_secret_is_said_once_for_all_requests() {
    let github = || fixture("deliveries/github-push.http");
    let home = saved(&[github(), github(), post("/plain", &[], b"{}")]);
    let told = home.run(&["verify", "day"]).code(1);
    let lines: Vec<String> = told.text().lines().map(|line| line.trim_end().to_owned()).collect();
    assert!(lines[0].ends_with("github  unknown no-secret"), "{lines:?}");
    assert_eq!(told.stderr.matches("2 requests (github) were not checked").count(), 1, "{}", told.stderr);
    let secret = format!("file:{}", home.write("secret.key", GITHUB_SECRET).display());
    let told = home.run(&["verify", "day", "1", "--secret", &secret]).code(0);
    assert!(!told.stderr.contains("not checked"), "{}", told.stderr);
}

/// What is printed is what the filter looked at, whatever was typed to judge by.
#[test]
fn a_filter_by_verdict_judges_as_what_is_printed() {
    let home = saved(&[fixture("deliveries/github-push.http"), post("/plain", &[], b"{}")]);
    let secret = format!("file:{}", home.write("secret.key", GITHUB_SECRET).display());
    let verify = |filter: &str, more: &[&str]| {
        let mut args = vec!["verify", "day", "--filter", filter, "--json"];
        args.extend(more);
        home.run(&args)
    };
    let good = verify("verdict:valid", &["--secret", &secret]).code(0).json();
    assert_eq!(
        good.iter().map(|line| (&line["id"], &line["outcome"])).collect::<Vec<_>>(),
        [(&1.into(), &"valid".into())]
    );
    assert_eq!(verify("verdict:invalid", &["--secret", &secret]).code(1).json(), Vec::<serde_json::Value>::new());
    let wrong = verify("verdict:invalid", &["--secret", "not it"]).code(1).json();
    assert_eq!(wrong.iter().map(|line| &line["id"]).collect::<Vec<_>>(), [&1]);
    assert_eq!(verify("verdict:valid", &[]).code(1).json(), Vec::<serde_json::Value>::new());
    // A scheme that the headers do not give away.
    let named = verify("verdict:unsigned", &["--scheme", "stripe", "--secret", &secret]).code(1).json();
    assert_eq!(
        named.iter().map(|line| (&line["id"], &line["scheme"])).collect::<Vec<_>>(),
        [(&2.into(), &"stripe".into())]
    );

    let app = LocalApp::start(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let replay = |more: &[&str]| {
        let url = format!("http://{}", app.address);
        let mut args = vec!["replay", "day", "--to", &url, "--json", "--filter", "verdict:valid"];
        args.extend(more);
        home.run(&args).code(0)
    };
    let sent = replay(&["--secret", &secret]).json();
    assert_eq!(sent.iter().map(|line| &line["id"]).collect::<Vec<_>>(), [&1]);
    let unchecked = replay(&[]);
    assert!(unchecked.json().is_empty());
    assert!(
        unchecked.stderr.contains("1 row was not checked, so that no filter by verdict can find them"),
        "{}",
        unchecked.stderr
    );
}

/// Arguments and the environment come from links and scripts too.
#[test]
fn what_the_parser_quotes_is_visible_text() {
    let home = Home::new();
    let hostile = "\u{1b}]0;PWN\u{7}\u{9b}31m\u{202e}\u{2066}\r\nhooksight: all is well";
    let is_clean = |text: &str| {
        text.chars().all(|c| c == '\n' || !c.is_control() && !"\u{202e}\u{2066}".contains(c))
            && !text.contains("\nhooksight: all")
    };
    for args in [&[hostile][..], &["ls", "latest", hostile], &["--port", hostile], &["show", "latest", hostile]] {
        let refused = home.run(args).code(2);
        assert!(is_clean(&refused.stderr) && refused.stderr.contains("PWN"), "{args:?}: {:?}", refused.stderr);
        assert!(refused.stdout.is_empty());
    }
    let help = output(home.command(&["listen", "--help"]).env("HOOKSIGHT_SCHEME", hostile));
    let help = String::from_utf8(help.stdout).expect("text");
    assert!(is_clean(&help) && help.contains("all is well") && help.contains("Usage: hooksight listen"), "{help:?}");
}

#[test]
fn a_mistake_in_the_configuration_starts_nothing() {
    let home = Home::new();
    home.write("hooksight.ron", "(\n    limits: (body: \"10 apples\"),\n)");
    let refused = home.run(&["listen", "--headless", "-p", "0"]).code(2);
    assert!(refused.stderr.contains("hooksight.ron:2:21: limits.body:"), "{}", refused.stderr);
    assert!(refused.stdout.is_empty());
}

#[test]
fn the_configuration_answers_by_path() {
    let home = Home::new();
    home.write(
        "hooksight.ron",
        "(endpoints: [(path: \"/a*\", reply: \"503 header=\\\"Retry-After: 5\\\" body='no'\")])",
    );
    let listening = home.listen(&["--respond", "204"]);
    let a = send(listening.address, &post("/ab", &[], b""));
    assert_eq!((a.status, a.body.as_slice()), (503, b"no".as_slice()));
    assert!(a.head.to_ascii_lowercase().contains("retry-after: 5"), "{}", a.head);
    assert_eq!(send(listening.address, &post("/b", &[], b"")).status, 204);
}

#[test]
fn names_do_not_lead_out_of_the_folder() {
    let home = saved(&[post("/", &[], b"")]);
    home.write("data/hooksight/other.jsonl", "");
    for name in ["../other", "..", "day/../../other", "\u{202e}x", "none"] {
        let refused = home.run(&["ls", name]).code(2);
        assert!(!refused.stderr.contains('\u{202e}'), "{}", refused.stderr);
    }
    assert_eq!(home.run(&["ls", "day.jsonl"]).code(0).text().lines().count(), 1);
}

#[test]
fn a_secret_can_be_piped_in() {
    let home = Home::new();
    let body = home.write("body.json", "Hello, World!").display().to_string();
    let args = ["sign", "--scheme", "github", "--secret", "-", "--body", &body];
    let signed = home.run_with(&args, format!("{GITHUB_SECRET}\n").as_bytes()).code(0);
    // GitHub's documented test vector.
    let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert!(signed.text().contains(expected), "{}", signed.text());
}

#[test]
fn completions_and_the_manual_are_made_from_the_arguments() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completions", shell]).code(0).text();
        assert!(script.contains("--max-body") || script.contains("max-body"), "{shell}");
    }
    let page = home.run(&["man"]).code(0).text();
    assert!(page.contains(".TH") && page.contains(".SH \"LISTEN\"") && page.contains("max\\-body"), "{page}");
}

#[test]
fn open_refuses_a_pipe_and_names_what_works() {
    let home = saved(&[post("/", &[], b"")]);
    let refused = home.run(&["open", "day"]).code(2);
    assert!(refused.stderr.contains("hooksight ls"), "{}", refused.stderr);
}

#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let listening = home.listen(&[]);
    send(listening.address, &post("/", &[], b""));
    let folder = std::fs::metadata(home.sessions()).expect("the folder").permissions().mode();
    assert_eq!(folder & 0o777, 0o700);
    for entry in std::fs::read_dir(home.sessions()).expect("the folder") {
        let mode = entry.expect("an entry").metadata().expect("its data").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// One line that something else made unreadable must not hide the requests behind it.
#[test]
fn a_listing_goes_on_behind_a_request_that_cannot_be_read() {
    let home = Home::new();
    let line = |id: u32, rest: &str| format!("{{\"v\":1,\"event\":\"request\",\"id\":{id},{rest}}}\n");
    let good = "\"at\":\"2026-11-22T02:30:00.123456Z\",\"complete_us\":1,\"http\":\"1.1\",\"method\":\"GET\",\
                \"target\":\"/kept\",\"headers\":[],\"size\":0,\"body\":\"\"";
    let text = format!("{}{}{}", line(1, good), line(2, "\"at\":"), line(3, good));
    let path = home.write("session.jsonl", text).display().to_string();
    let listed = home.run(&["ls", &path]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().count(), 2);
    listed.code(2);
}
