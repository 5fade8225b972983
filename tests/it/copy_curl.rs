//! A copied curl command, run by real shells, sends the identical request.

mod arrived;
mod paste;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use bytes::Bytes;
use hooksight::domain::body::Body;
use hooksight::domain::exchange::{ExchangeId, HttpVersion, Mark, Request};
use hooksight::domain::export::curl;
use hooksight::domain::headers::Headers;
use hooksight::domain::time::Timestamp;

use self::arrived::{Arrived, expected, read_request};
use crate::capture_harness::house;
use crate::children::{end_of, has_curl, is_installed, settle_in};
use crate::hostile_requests;
use crate::support::DEADLINE;

fn request(method: &str, target: &[u8], headers: &[(&str, &[u8])], body: &[u8]) -> Request {
    let mut lines = Headers::new();
    for (name, value) in headers {
        lines.push((*name).to_owned(), value.to_vec());
    }
    Request {
        id: ExchangeId(1),
        peer: None,
        first_byte: Timestamp::from_secs(1_700_000_000),
        body_complete_us: 0,
        version: HttpVersion::Http11,
        method: Bytes::copy_from_slice(method.as_bytes()),
        target: Bytes::copy_from_slice(target),
        headers: lines,
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(body.to_vec()),
        trailers: Headers::new(),
        marks: Vec::new(),
    }
}

/// A shell to run a script of commands, one request each.
struct Shell {
    name: &'static str,
    args: &'static [&'static str],
    /// Lines before the commands.
    before: &'static str,
    required: bool,
}

const SHELLS: [Shell; 5] = [
    Shell { name: "sh", args: &[], before: "", required: true },
    Shell { name: "bash", args: &["--norc"], before: "", required: true },
    // As a person types it: with history expansion.
    Shell { name: "bash", args: &["--norc"], before: "set -o history\nset -o histexpand\n", required: true },
    Shell { name: "zsh", args: &["-f"], before: "", required: false },
    Shell { name: "fish", args: &["--no-config"], before: "", required: false },
];

/// Runs all commands in one shell and returns what arrived.
fn run(shell: &Shell, locale: &str, commands: &[String], listener: &TcpListener, dir: &Path) -> Vec<Arrived> {
    let script = dir.join("script");
    let quiet: Vec<_> = commands.iter().map(|command| command.replacen("curl ", "curl -sS ", 1)).collect();
    std::fs::write(&script, format!("{}{}\n", shell.before, quiet.join("\n"))).expect("script");
    settle_in();
    let mut child = Command::new(shell.name)
        .args(shell.args)
        .arg(&script)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("PATH"))
        .env("HOME", dir)
        .env("LC_ALL", locale)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the shell starts");
    let mut arrived = Vec::new();
    for command in commands {
        let Some(mut stream) = accept(listener, &mut child, command, shell.name) else {
            let ended = end_of(child);
            let words = String::from_utf8_lossy(&ended.stderr);
            panic!("{} ended ({}) and did not send: {command}\n{words}", shell.name, ended.status);
        };
        arrived.push(read_request(&mut stream));
    }
    let output = end_of(child);
    assert!(output.status.success(), "{}: {}", shell.name, String::from_utf8_lossy(&output.stderr));
    arrived
}

/// The next connection; `None` when the shell ended before it made one.
fn accept(listener: &TcpListener, child: &mut std::process::Child, command: &str, shell: &str) -> Option<TcpStream> {
    listener.set_nonblocking(true).expect("nonblocking");
    let deadline = std::time::Instant::now() + DEADLINE;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).expect("blocking");
                return Some(stream);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => panic!("accept: {error}"),
        }
        if child.try_wait().expect("the shell").is_some() {
            return None;
        }
        assert!(std::time::Instant::now() < deadline, "{shell} sends nothing: {command}");
        std::thread::sleep(std::time::Duration::from_millis(1)); // a poll under a deadline
    }
}

fn assert_sent_alike(requests: &[Request], locales: &[&str]) {
    if !has_curl() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let dir = tempfile::tempdir().expect("a folder");
    let origin = format!("http://{address}");
    let commands: Vec<_> =
        requests.iter().map(|request| curl::command(request, Some(&origin)).expect("a command")).collect();
    for shell in &SHELLS {
        if !shell.required && !is_installed(shell.name, &["-c", "true"]) {
            continue;
        }
        for locale in locales {
            let arrived = run(shell, locale, &commands, &listener, dir.path());
            for ((request, arrived), command) in requests.iter().zip(arrived).zip(&commands) {
                assert_eq!(arrived, expected(request), "{} ({locale}) ran: {command}", shell.name);
            }
        }
    }
    let left: Vec<_> =
        std::fs::read_dir(dir.path()).expect("the folder").map(|file| file.expect("a file").file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("pwned")), "a command ran: {left:?}");
}

fn with_length(method: &str, target: &[u8], headers: &[(&str, &[u8])], body: &[u8]) -> Request {
    let length = body.len().to_string();
    let mut all: Vec<(&str, &[u8])> = vec![("Host", b"hooks.example:7070")];
    all.extend_from_slice(headers);
    all.push(("Content-Length", length.as_bytes()));
    request(method, target, &all, body)
}

/// Requests with what shells, curl and terminals make something of.
fn odd_requests() -> Vec<Request> {
    let json: &[u8] = b"{\"it's\": \"a \\\"test\\\" \\u00e9\", \"cost\": \"$5 `id` $(touch pwned) !! !x\"}";
    let mut http10 = with_length("POST", b"/old", &[], b"x=1");
    http10.version = HttpVersion::Http10;
    let all_bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    vec![
        request(
            "GET",
            b"/",
            &[("Host", b"a.example"), ("Accept", b"*/*"), ("User-Agent", b"GitHub-Hookshot/044aadd")],
            b"",
        ),
        with_length("POST", b"/hook?a=1&b=%20c", &[("Content-Type", b"application/json")], json),
        // Order, duplicates, case; Host neither first nor in curl's case.
        request(
            "GET",
            b"/order",
            &[
                ("X-DUP", b"1"),
                ("host", b"b.example"),
                ("x-dup", b"2"),
                ("X-Empty", b""),
                ("SOAPAction", b"\"urn:x\""),
                ("X-DUP", b"1"),
            ],
            b"",
        ),
        request("POST", b"/length-first", &[("Host", b"x"), ("content-length", b"2"), ("X-Z", b"1")], b"{}"),
        with_length("PUT", b"/all", &[], &all_bytes),
        with_length("POST", b"/nul", &[], b"\0"),
        with_length("POST", b"/at", &[("Content-Type", b"text/plain")], b"@/etc/passwd"),
        with_length("POST", b"/dash", &[], b"-n \\c %s %d %% \\0101 \\x41"),
        with_length("POST", b"/lines", &[], b"one\ntwo 'three' \\\n\n"),
        with_length("POST", b"/lines", &[], b"one\n^two^three\n!! !echo\r\n\ttab\x1b[31m"),
        with_length(
            "POST",
            b"/unicode",
            &[("X-Name", "Zoë 東京 ✓".as_bytes())],
            "Zoë, 東京 🎉 \u{202e}evil\u{200b}".as_bytes(),
        ),
        request("GET", b"/a/../b/./c//d?q=[1-3]{a,b}&r='\"|<>\\^`", &[("Host", b"x")], b""),
        request("GET", b"//two/slashes?", &[("Host", b"x")], b""),
        request("GET", "/ü\u{9b}".as_bytes(), &[("Host", b"x")], b""),
        request("GET", b"/\xff\xfe", &[("Host", b"x")], b""),
        request("OPTIONS", b"*", &[("Host", b"x")], b""),
        request("GET", b"http://other.example/abs?x#frag", &[("Host", b"other.example")], b""),
        request("HEAD", b"/head", &[("Host", b"x"), ("User-Agent", b"")], b""),
        request("DELETE", b"/none", &[("Host", b"x")], b""),
        request("POST", b"/empty", &[("Host", b"x"), ("Content-Length", b"0")], b""),
        request("get", b"/lower", &[("Host", b"x")], b""),
        request("A!#$%&'*+-.^_`|~1", b"/token", &[("Host", b"x"), ("X!#$%&'*+-.^_`|~1", b"y")], b""),
        request("-X", b"/dash", &[("Host", b"x")], b""),
        with_length("GET", b"/get-with-body", &[], b"{}"),
        request("POST", b"/chunked", &[("Host", b"x"), ("Transfer-Encoding", b"chunked")], b"chunked body"),
        request("POST", b"/chunked-none", &[("Host", b"x"), ("Transfer-Encoding", b"chunked")], b""),
        with_length(
            "POST",
            b"/odd-values",
            &[
                ("X-Latin", b"caf\xe9"),
                ("X-Tab", b"a\tb"),
                ("X-Csi", b"\xc2\x9b31m"),
                ("X-Shell", b"'; touch pwned; echo '"),
                ("X-Sub", b"$(touch pwned)`touch pwned`${IFS}"),
                ("X-History", b"!! !$ ^a^b \xe9!!"),
                ("X-At", b"@file;"),
                ("X-Backslash", b"\\ \\\\ \\' \\"),
                ("X-Semi", b";"),
                ("X-Percent", b"\xe9%s%n"),
                ("X-Digits", b"\xe9123"),
            ],
            b"1",
        ),
        with_length("POST", b"/expect", &[("Expect", b"100-continue")], b"after a pause"),
        with_length("POST", b"/large", &[("Content-Type", b"text/plain")], &b"0123456789abcde\n".repeat(12_000)),
        http10,
    ]
}

#[test]
fn every_shell_sends_the_captured_request() {
    assert_sent_alike(&odd_requests(), &["C", "C.UTF-8"]);
}

/// The requests that are hostile to terminals, as the listener captured them.
fn captured_hostile_requests() -> Vec<Request> {
    let house = house();
    let hostile = hostile_requests::all();
    for hostile in &hostile {
        hostile_requests::deliver(house.addr, hostile);
    }
    (1..=hostile.len() as u64)
        .map(|id| Request::clone(&house.request(id)))
        .filter(|request| request.refused().is_none())
        .collect()
}

#[test]
fn every_shell_sends_what_is_hostile_to_terminals() {
    let requests = captured_hostile_requests();
    assert!(requests.len() > 20 && requests.iter().any(|request| request.version == HttpVersion::Http2));
    assert_sent_alike(&requests, &["C", "C.UTF-8"]);
}

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn bytes(&mut self, alphabet: &[u8], length_max: usize) -> Vec<u8> {
        (0..self.below(length_max + 1)).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

/// Requests of characters that mean something to shells, at random.
fn random_requests() -> Vec<Request> {
    let nasty: Vec<u8> = b"'\"\\`$(){}[]<>|&;!#%^*?~=,@- \n\r\t\0\x1b\x7f\x80\xc2\xe2\xff01234567aAnx".to_vec();
    let value: Vec<u8> =
        nasty.iter().copied().filter(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f)).collect();
    let target: Vec<u8> = value.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t')).collect();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    (0..24)
        .map(|_| {
            let path = [b"/".as_slice(), &numbers.bytes(&target, 20)].concat();
            let values: Vec<_> = (0..4).map(|_| numbers.bytes(&value, 12).trim_ascii().to_vec()).collect();
            let headers: Vec<(&str, &[u8])> =
                ["X-A", "x-b", "User-Agent", "X-A"].into_iter().zip(values.iter().map(Vec::as_slice)).collect();
            let body = numbers.bytes(&nasty, 60);
            with_length("POST", &path, &headers, &body)
        })
        .collect()
}

#[test]
fn every_shell_sends_requests_made_of_what_shells_read() {
    assert_sent_alike(&random_requests(), &["C.UTF-8"]);
}

#[test]
fn what_curl_cannot_send_is_said() {
    let mut refused = request("", b"", &[], b"");
    refused.marks = vec![Mark::Refused { reason: "a TLS handshake on the plain port".to_owned() }];
    assert!(curl::command(&refused, None).unwrap_err().contains("TLS handshake"));
    let bad_name = request("GET", b"/", &[("@etc", b"x")], b"");
    assert!(curl::command(&bad_name, None).is_err());
    let nul = request("GET", b"/", &[("X", b"a\0b")], b"");
    assert!(curl::command(&nul, None).is_err());
}

#[test]
fn a_cut_body_does_not_leave_the_target_waiting() {
    if !has_curl() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    let mut cut = request("POST", b"/", &[("Host", b"x"), ("Content-Length", b"1000")], b"only this");
    cut.body.length_bytes = 1000;
    cut.marks = vec![Mark::Incomplete { reason: "the sender left".to_owned() }];
    let command = curl::command(&cut, Some(&format!("http://{address}"))).expect("a command");
    let dir = tempfile::tempdir().expect("a folder");
    let arrived = run(&SHELLS[0], "C", &[command], &listener, dir.path());
    assert_eq!(arrived[0].body, b"only this");
    assert_eq!(curl::caveats(&cut), ["the captured body is cut: 9 of 1000 bytes are sent"]);
}
