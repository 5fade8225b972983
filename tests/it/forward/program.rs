//! The program as its user runs it: headless with an app, a self-signed one, and the commands that send again.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::app::App;
use crate::children::output;
use crate::support::{Home, post, send};

const CREATED: &str =
    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";

#[test]
fn headless_json_tells_where_it_went_and_what_came_back() {
    let app = App::answering(CREATED);
    let home = Home::new();
    let listening = home.listen(&["--json", "--forward", &app.url()]);
    assert_eq!(send(listening.address, &post("/a", &[], b"{}")).status, 201);
    let request = listening.json();
    assert_eq!((request["event"].as_str(), request["target"].as_str()), (Some("request"), Some("/a")));
    let answer = listening.json();
    assert_eq!((answer["event"].as_str(), answer["by"].as_str()), (Some("answer"), Some("app")));
    assert_eq!((answer["status"].as_u64(), answer["body"].as_str()), (Some(201), Some("{\"ok\":true}")));
    assert_eq!(answer["origin"].as_str(), Some(app.url().as_str()));
    assert!(answer["sent_head"].as_str().is_some_and(|head| head.contains("X-Forwarded-For: 127.0.0.1\r\n")));
    drop(listening);
    // Acknowledged first: the attempt is a line of its own.
    let listening = home.listen(&["--json", "--forward", &app.url(), "--ack"]);
    assert_eq!(send(listening.address, &post("/b", &[], b"{}")).status, 200);
    let lines: Vec<_> = (0..3).map(|_| listening.json()).collect();
    let attempt = lines.iter().find(|line| line["event"] == "attempt").expect("an attempt");
    assert_eq!((attempt["kind"].as_str(), attempt["status"].as_u64()), (Some("forward"), Some(201)));
    drop(listening);
    // For people: the row, and behind it what came of it.
    let listening = home.listen(&["--forward", "http://127.0.0.1:1", "--ack"]);
    assert_eq!(send(listening.address, &post("/c", &[], b"{}")).status, 200);
    let lines: Vec<_> = (0..2).map(|_| listening.line()).collect();
    assert!(
        lines.iter().any(|line| line.contains("-> http://127.0.0.1:1") && line.contains("connection refused")),
        "{lines:?}"
    );
}

#[test]
fn headless_says_why_a_sender_got_502_or_504() {
    let silent = App::new(|_, _| true);
    let closing = App::closing("");
    let half = App::closing(format!("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n{}", "x".repeat(200_000)));
    let nowhere = "http://127.0.0.1:1".to_owned();
    for (url, status, parts) in [
        (
            &nowhere,
            502,
            ["502 in place of the answer of http://127.0.0.1:1: could not", "nothing listens there: start it"],
        ),
        (&silent.url(), 504, ["no answer from 127.0.0.1:", "within 300 ms"]),
        (&silent.url(), 504, ["504 in place of the answer of", "--forward-timeout gives it longer"]),
        (&closing.url(), 502, ["closed without an answer", "see the app's log"]),
        (&half.url(), 200, ["http://127.0.0.1:", "the app's answer broke off behind 200000 bytes"]),
    ] {
        let home = Home::new();
        let told = |args: &[&str]| {
            let listening = home.listen(&[&["--forward", url, "--forward-timeout", "300ms"], args].concat());
            let mut stream = std::net::TcpStream::connect(listening.address).expect("a connection");
            stream.write_all(&post("/hook", &[("Connection", "close")], b"{}")).expect("sent");
            let mut came = Vec::new();
            stream.read_to_end(&mut came).expect("an answer");
            let head = String::from_utf8_lossy(came.get(..40).unwrap_or(&came));
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
            [listening.line(), listening.line()]
        };
        let [row, why] = told(&[]);
        assert!(row.contains("/hook") && row.contains(&status.to_string()), "{row}");
        assert!(why.starts_with("  #1  ") && parts.iter().all(|part| why.contains(part)), "{why}");
        let [_, answer] = told(&["--json"]);
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!((answer["id"].as_u64(), answer["origin"].as_str()), (Some(1), Some(url.as_str())));
        let notes = answer["notes"][0].as_str().expect("a note");
        assert!(parts.iter().all(|part| notes.contains(part)), "{notes}");
        assert!(notes.ends_with(answer["error"].as_str().expect("the reason alone")), "{answer}");
    }
    // Nothing but the words of the interface were there: a guard's, and a path that goes nowhere.
    let home = Home::new();
    home.write(
        "hooksight.ron",
        "(endpoints: [(path: \"/in\", guard: (allow: [\"10.0.0.0/8\"]))], rules: [(reply: \"forward\")])",
    );
    let listening = home.listen(&[]);
    assert_eq!(send(listening.address, &post("/in", &[], b"")).status, 403);
    assert!(listening.line().contains("403"));
    assert_eq!(listening.line(), "  #1  refused: it comes from 127.0.0.1, which is not allowed");
    assert_eq!(send(listening.address, &post("/out", &[], b"")).status, 502);
    assert!(listening.line().contains("502"));
    assert_eq!(listening.line(), "  #2  502: there is no app to forward this path to: give --forward URL");
}

#[test]
fn a_target_that_is_the_listener_itself_is_refused_at_the_start() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port().to_string();
    let home = Home::new();
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        let url = format!("http://{host}:{free}");
        let refused = home.run(&["listen", "--headless", "-p", &free, "--forward", &url, "--ack"]).code(2);
        assert!(refused.stderr.contains("the target is this listener itself"), "{refused:?}");
    }
    assert!(!home.sessions().exists() || home.run(&["sessions", "--json"]).text().is_empty(), "no empty session");
}

#[test]
fn no_login_of_a_url_is_printed_wherever_it_stands() {
    let home = Home::new();
    let url = "http://me:s3cr3t/x@127.0.0.1:1";
    let plain = "http://me:s3cr3t@127.0.0.1:1";
    for url in [url, plain, "me:s3cr3t@127.0.0.1:1"] {
        let forward = format!("{url}/");
        for args in [
            vec!["listen", "--headless", "-p", "0", "--forward", url],
            vec!["listen", "--headless", "-p", "0", "--forward", "http://127.0.0.1:1", "--also", url],
            vec!["listen", "--headless", "-p", "0", "--forward", "http://127.0.0.1:1", "--shadow", url],
            vec!["listen", "--headless", "-p", "0", "--endpoint", &format!("/x,forward={url}")],
            vec!["send", "github", "--to", &forward],
        ] {
            let ran = home.run(&args).code(2);
            assert!(!ran.stderr.contains("s3cr3t") && !ran.text().contains("s3cr3t"), "{args:?}: {ran:?}");
            assert!(ran.stderr.contains("[login]@127.0.0.1:1"), "{args:?}: {ran:?}");
        }
        for text in [
            format!("(forward: \"{url}\")"),
            format!("(forward: (to: \"{url}\"))"),
            format!("(forward: (to: \"http://127.0.0.1:1\", shadow: [\"{url}\"]))"),
            format!("(endpoints: [(path: \"/x\", forward: \"{url}\")])"),
        ] {
            let file = home.write("bad.ron", &text);
            let ran = home.run(&["check", &file.display().to_string()]);
            let said = format!("{}{}", ran.stderr, ran.text());
            assert!(!said.contains("s3cr3t") && said.contains("[login]@127.0.0.1:1"), "{text}: {said}");
        }
    }
    let help = output(home.command(&["listen", "--help"]).env("HOOKSIGHT_FORWARD", plain));
    assert!(help.status.success() && !String::from_utf8_lossy(&help.stdout).contains("s3cr3t"));
}

#[test]
fn a_changed_file_that_forwards_to_the_listener_itself_leaves_the_old_rules_in_force() {
    let home = Home::new();
    let file = home.write("hooksight.ron", "(endpoints: [(path: \"/a\", reply: \"201\")])");
    let listening = home.listen(&["-s", "s.jsonl"]);
    assert_eq!(send(listening.address, &post("/a", &[], b"")).status, 201);
    let itself = format!("http://{}", listening.address);
    for text in [
        format!("(endpoints: [(path: \"/a\", forward: \"{itself}/x\")])"),
        format!("(forward: (to: \"http://127.0.0.1:1\", also: [\"{itself}\"]))"),
    ] {
        std::fs::write(&file, text).expect("written");
        let words = listening.wait_for_words("the target is this listener itself");
        assert!(words.contains("the old rules stay in force"), "{words}");
        assert_eq!(send(listening.address, &post("/a", &[], b"")).status, 201);
    }
}

/// An app at `https://localhost:PORT` with a certificate that nobody trusts.
fn self_signed() -> String {
    let certificate =
        CertificateDer::from_pem_slice(include_bytes!("../../fixtures/tls/localhost.crt.pem")).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../fixtures/tls/localhost.key.pem")).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).expect("a session");
            let mut stream = rustls::StreamOwned::new(session, tcp);
            let mut bytes = [0; 4096];
            if stream.read(&mut bytes).is_ok_and(|count| count > 0) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nsecret");
                let _ = stream.flush();
            }
        }
    });
    format!("https://localhost:{port}")
}

#[test]
fn a_self_signed_app_is_believed_where_the_configuration_says_so_and_nowhere_else() {
    let url = self_signed();
    let home = Home::new();
    home.write(
        "hooksight.ron",
        format!("(endpoints: [(path: \"/yes\", forward: (to: \"{url}\", insecure: true)), (path: \"/no\", forward: \"{url}\")])"),
    );
    let listening = home.listen(&["--json"]);
    let answer = send(listening.address, &post("/yes", &[], b"{}"));
    assert_eq!((answer.status, answer.body), (200, b"secret".to_vec()));
    assert_eq!(send(listening.address, &post("/no", &[], b"{}")).status, 502);
    let lines: Vec<_> = (0..4).map(|_| listening.json()).collect();
    let told = lines.iter().find_map(|line| line["error"].as_str()).expect("why");
    assert!(told.contains("does not trust its certificate") || told.contains("ca-certificates"), "{told}");
}

#[test]
fn what_is_sent_again_to_an_app_believes_its_certificate_as_what_is_forwarded() {
    let (url, home) = (self_signed(), Home::new());
    home.write("own.pem", include_str!("../../fixtures/tls/localhost.crt.pem"));
    home.write(
        "hooksight.ron",
        format!(
            "(endpoints: [(path: \"/any\", forward: (to: \"{url}\", insecure: true)), (path: \"/own\", forward: (to: \"http://127.0.0.1:1\", \
             also: [\"{url}\"], ca: \"own.pem\")), (path: \"/no\", forward: \"{url}\")])"
        ),
    );
    let listening = home.listen(&["-s", "s.jsonl"]);
    for path in ["/no", "/own", "/any"] {
        send(listening.address, &post(path, &[], b"{}"));
    }
    listening.stop("TERM");
    for (id, code) in [("3", 0), ("2", 0), ("1", 2)] {
        let ran = home.run(&["resend", "s.jsonl", id, "--to", &url]).code(code);
        assert_eq!(ran.text().contains("200 OK"), code == 0, "{id}: {ran:?}");
    }
    // The target's own setting, and no other's.
    home.run(&["resend", "s.jsonl", "3", "--to", &self_signed()]).code(2);
    let ran = home.run(&["replay", "s.jsonl", "--to", &url, "--filter", "path:/any"]).code(0);
    assert!(ran.text().contains("200 -> 200"), "{ran:?}");
    for args in
        [&["listen", "-p", "0", "-s", "s.jsonl", "--theme", "dark"][..], &["open", "s.jsonl", "--theme", "dark"]]
    {
        let mut screen = crate::support::terminal(&home, args);
        screen.wait_until(|screen| screen.contains("/any")).expect("the list");
        screen.send_str("G").expect("a key");
        screen.wait_until(|screen| screen.contains("#3 POST /any")).expect("the last");
        screen.send_str("r").expect("a key");
        screen.wait_until(|screen| screen.contains("200 OK in")).expect("answered");
    }
}

#[test]
fn an_app_is_believed_by_the_certificates_of_a_file_and_what_is_wrong_with_that_has_a_place() {
    let url = self_signed();
    let home = Home::new();
    home.write("own.pem", include_str!("../../fixtures/tls/localhost.crt.pem"));
    home.write("key.pem", include_str!("../../fixtures/tls/localhost.key.pem"));
    home.write("torn.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let text = |more: &str| format!("(\n  endpoints: [(path: \"/yes\", forward: (to: \"{url}\", {more}))],\n)");
    for (more, why) in [
        ("ca: \"none.pem\"", "cannot read the certificates in"),
        ("ca: \"key.pem\"", "holds no certificate"),
        ("ca: \"torn.pem\"", "certificate 1 in"),
        ("ca: \"own.pem\", insecure: true", "leave one of the two out"),
    ] {
        let file = home.write("bad.ron", text(more));
        let ran = home.run(&["check", &file.display().to_string()]);
        let said = format!("{}{}", ran.stderr, ran.text());
        assert!(said.contains("bad.ron:2:") && said.contains("forward.ca") && said.contains(why), "{more}: {said}");
    }
    home.write("hooksight.ron", text("ca: \"own.pem\""));
    let listening = home.listen(&["--json"]);
    let answer = send(listening.address, &post("/yes", &[], b"{}"));
    assert_eq!((answer.status, answer.body), (200, b"secret".to_vec()));
}

#[test]
fn what_was_acknowledged_and_not_forwarded_when_the_program_was_killed_goes_on_at_the_next_start() {
    let home = Home::new();
    let hanging = App::new(|_, _| {
        std::thread::park_timeout(crate::capture_harness::DEADLINE);
        false
    });
    let listening = home.listen(&["--session", "s.jsonl", "--forward", &hanging.url(), "--ack"]);
    for number in 1..=12 {
        assert_eq!(send(listening.address, &post(&format!("/{number}"), &[], b"x")).status, 200);
    }
    hanging.got();
    // The last answer's line may follow it.
    crate::capture_harness::until("all answers are in the file", || {
        let text = std::fs::read_to_string(home.path().join("s.jsonl")).unwrap_or_default();
        (text.matches("\"queued\":true").count() == 12).then_some(())
    });
    listening.stop("KILL");
    let listed = home.run(&["ls", "s.jsonl"]).code(0);
    assert_eq!(listed.text().matches(" 200 -> waiting").count(), 12, "{}", listed.text());
    assert!(home.run(&["ls", "s.jsonl", "--json"]).code(0).json().iter().all(|row| row["onward"] == "waiting"));
    let app = App::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let script = format!("exec \"$HS\" -p 0 -s s.jsonl --theme dark --forward {}", app.url());
    let mut recording = crate::terminal_bytes::recorded(&home, (160, 40), &script, &[]);
    crate::hostile_requests::wait_for(&mut recording.screen, "12 not taken");
    recording.screen.send_str("A").expect("a key");
    crate::hostile_requests::wait_for(&mut recording.screen, "12 requests were not taken by your app");
    recording.screen.send_str("y").expect("a key");
    let lines: Vec<_> = (0..12).map(|_| app.got().line()).collect();
    assert_eq!(lines, (1..=12).map(|number| format!("POST /{number} HTTP/1.1")).collect::<Vec<_>>());
    crate::hostile_requests::wait_for(&mut recording.screen, "12 requests forwarded in order");
    let listed = home.run(&["ls", "s.jsonl"]).code(0);
    assert_eq!(listed.text().matches(" 200 -> 200").count(), 12, "{}", listed.text());
}

#[test]
fn replay_compares_with_what_was_recorded_and_resend_sends_again() {
    let home = Home::new();
    let app = App::answering(CREATED);
    let session = home.path().join("s.jsonl").display().to_string();
    let listening = home.listen(&["--session", &session, "--forward", &app.url()]);
    for number in 1..=3 {
        assert_eq!(send(listening.address, &post(&format!("/{number}"), &[], b"{\"n\":1}")).status, 201);
    }
    assert_eq!(listening.stop("TERM").0, Some(0));
    for _ in 0..3 {
        app.got();
    }
    // The same answers: nothing is wrong.
    home.run(&["replay", &session, "--to", &app.url(), "--strict"]).code(0);
    assert_eq!(
        (0..3).map(|_| app.got().line()).collect::<Vec<_>>(),
        ["POST /1 HTTP/1.1", "POST /2 HTTP/1.1", "POST /3 HTTP/1.1"]
    );
    // Another body counts with --strict alone, another status always.
    let other = App::answering("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    home.run(&["replay", &session, "--to", &other.url()]).code(0);
    let told = home.run(&["replay", &session, "--to", &other.url(), "--strict", "--filter", "path:/2"]).code(1);
    assert!(told.text().contains("#2") && told.text().contains("body: 11 bytes, now 2"), "{}", told.text());
    let broken = App::answering("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    let lines = home.run(&["replay", &session, "--to", &broken.url(), "--json"]).code(1).json();
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[0]["recorded"].as_u64(), lines[0]["status"].as_u64()), (Some(201), Some(500)));
    assert_eq!(lines[0]["same"].as_bool(), Some(false));
    assert_eq!(lines[0]["change"].as_str(), Some("worse"));
    let told = home.run(&["replay", &session, "--to", &broken.url()]).code(1);
    assert!(told.text().contains("201 -> 500  WORSE"), "{}", told.text());
    assert!(told.stderr.contains("3 answered otherwise than recorded (3 worse)"), "{}", told.stderr);
    // And one by itself, changed, twice; it is kept with its request.
    let told = home.run(&["resend", &session, "2", "--to", &app.url(), "--set", "n=7", "--times", "2"]).code(0);
    assert_eq!(told.text().matches("#2  201 Created").count(), 2, "{}", told.text());
    assert_eq!(app.got().body, b"{\"n\":7}");
    assert_eq!(app.got().line(), "POST /2 HTTP/1.1");
    home.run(&["resend", &session, "2", "--to", &broken.url()]).code(1);
    home.run(&["resend", &session, "9", "--to", &app.url()]).code(2);
    let shown = std::fs::read_to_string(&session).expect("the session");
    assert_eq!(shown.matches("\"event\":\"attempt\",\"id\":2,").count(), 3);
}
