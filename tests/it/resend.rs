//! The sender against raw sockets: what leaves is what was given, and whatever comes back is told as it is.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hooksight::domain::draft::Outgoing;
use hooksight::domain::exchange::{AttemptOutcome, HttpVersion, Mark, Timing};
use hooksight::domain::headers::Headers;
use hooksight::io::sender::{Limits, Trust, find, send, send_to};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A target that takes one connection. `request_bytes` is how much of it is read before `answer` gets the stream.
struct Target {
    origin: String,
    got: Receiver<Vec<u8>>,
}

impl Target {
    fn new(request_bytes: usize, answer: impl FnOnce(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, got) = channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
            let mut bytes = vec![0; request_bytes];
            stream.read_exact(&mut bytes).expect("the request");
            let _ = sender.send(bytes);
            answer(stream);
        });
        Self { origin, got }
    }

    /// Answers these bytes and closes.
    fn answering(outgoing_bytes: usize, answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(outgoing_bytes, move |mut stream| stream.write_all(&answer).expect("the answer"))
    }

    fn got(&self) -> Vec<u8> {
        self.got.recv_timeout(Duration::from_secs(20)).expect("the request arrives")
    }
}

fn outgoing(origin: &str, head: &[u8], body: &[u8]) -> Outgoing {
    Outgoing { origin: origin.to_owned(), head: Bytes::copy_from_slice(head), body: Bytes::copy_from_slice(body) }
}

const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

fn run_with(outgoing: &Outgoing, limits: &Limits) -> (AttemptOutcome, Timing) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let sent = tokio::time::timeout(Duration::from_secs(30), send(outgoing, limits)).await;
        sent.expect("it never hangs")
    })
}

fn run(outgoing: &Outgoing) -> (AttemptOutcome, Timing) {
    run_with(outgoing, &Limits::default())
}

/// What comes back when the target answers these bytes to a plain GET and closes.
fn answered(answer: impl Into<Vec<u8>>) -> AttemptOutcome {
    let target = Target::answering(HEAD.len(), answer);
    run(&outgoing(&target.origin, HEAD, b"")).0
}

fn failed(outcome: AttemptOutcome) -> String {
    match outcome {
        AttemptOutcome::Failed { message } => message,
        other => panic!("it did not fail: {other:?}"),
    }
}

struct Answered {
    status: u16,
    reason: Bytes,
    headers: Headers,
    body: Bytes,
    length_bytes: u64,
    marks: Vec<Mark>,
}

fn answer(outcome: AttemptOutcome) -> Answered {
    match outcome {
        AttemptOutcome::Answered { status, reason, headers, body, marks, .. } => {
            Answered { status, reason, headers, length_bytes: body.length_bytes, body: body.bytes, marks }
        }
        AttemptOutcome::Failed { message } => panic!("it failed: {message}"),
    }
}

#[test]
fn what_leaves_is_what_was_given() {
    let head = b"PoSt /a/../b?x=%zz|\xff HTTP/1.1\r\nx-B:1\r\nHost:   elsewhere.example\r\nX-b:\t2 \r\nX-B: 1\r\n\
        SOAPAction: \"x\"\r\nexpect: 100-continue\r\nTransfer-Encoding: chunked\r\nConnection: close, x-b\r\n\r\n";
    let body = b"3;ext=1\r\nabc\r\n0\r\nX-Trailer: yes\r\n\r\n";
    let target = Target::answering(head.len() + body.len(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let (outcome, timing) = run(&outgoing(&target.origin, head, body));
    assert_eq!(target.got(), [head.as_slice(), body].concat());
    assert_eq!(answer(outcome).status, 200);
    assert_eq!((timing.dns_us, timing.tls_us), (None, None));
    assert!(timing.connect_us.is_some() && timing.first_byte_us.is_some() && timing.download_us.is_some());
    assert!(timing.total_us >= timing.connect_us.unwrap_or(0) + timing.first_byte_us.unwrap_or(0));
}

#[test]
fn a_large_body_leaves_whole() {
    let body: Vec<u8> = (0..5_000_000u32).map(|number| number as u8).collect();
    let head = format!("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    let target = Target::answering(head.len() + body.len(), "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
    let (outcome, _) = run(&outgoing(&target.origin, head.as_bytes(), &body));
    assert!(target.got()[head.len()..] == body[..], "the body is not the same");
    assert_eq!(answer(outcome).body, "ok");
}

#[test]
fn the_answer_is_told_as_it_came() {
    let outcome = answered(
        b"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
          HTTP/1.1 299 Tr\xc3\xa8s bien\xff \r\nX-DUP: 1\r\nset-COOKIE: a\r\nx-dup: 2\r\nSet-Cookie: b\r\nX-Empty:\r\nX-Raw: caf\xe9\r\n\
          Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n",
    );
    let answer = answer(outcome);
    assert_eq!((answer.status, answer.reason.as_ref()), (299, b"Tr\xc3\xa8s bien\xff ".as_slice()));
    let lines: Vec<_> = answer.headers.iter().map(|header| (header.name.as_ref(), header.value.as_ref())).collect();
    assert_eq!(
        lines,
        [
            (b"X-DUP".as_slice(), b"1".as_slice()),
            (b"set-COOKIE", b"a"),
            (b"x-dup", b"2"),
            (b"Set-Cookie", b"b"),
            (b"X-Empty", b""),
            (b"X-Raw", b"caf\xe9"),
            (b"Transfer-Encoding", b"chunked"),
        ]
    );
    assert_eq!(answer.body, "abcde");
    assert_eq!(answer.marks, []);
}

#[test]
fn a_head_in_single_bytes_is_understood() {
    let target = Target::new(HEAD.len(), |mut stream| {
        stream.set_nodelay(true).expect("nodelay");
        for byte in b"\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Fine\nA: 1\nB: 2\n\nto the end" {
            stream.write_all(&[*byte]).expect("a byte");
        }
    });
    let (outcome, _) = run(&outgoing(&target.origin, HEAD, b""));
    let AttemptOutcome::Answered { version, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(*version, HttpVersion::Http10);
    let answer = answer(outcome);
    assert_eq!((answer.reason.as_ref(), answer.headers.len()), (b"Fine".as_slice(), 2));
    assert_eq!(answer.body, "to the end");
}

#[test]
fn answers_without_a_body_have_none() {
    for (request, answer_head) in [
        (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(), "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        (HEAD, "HTTP/1.1 204 No Content\r\n\r\n"),
        (HEAD, "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"),
        (HEAD, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"),
    ] {
        // The connection stays open: an end would be no proof that nothing more was waited for.
        let (hold, held) = channel::<()>();
        let target = Target::new(request.len(), move |mut stream| {
            stream.write_all(answer_head.as_bytes()).expect("the answer");
            let _ = held.recv();
        });
        let answer = answer(run(&outgoing(&target.origin, request, b"")).0);
        assert_eq!((answer.body.len(), answer.marks.len()), (0, 0), "{answer_head}");
        drop(hold);
    }
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    let answer = answer(answered("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(answer.status, 302);
    assert_eq!(answer.headers.get_str("location"), Some("http://127.0.0.1:1/"));
}

#[test]
fn a_body_that_ends_early_is_marked() {
    for answer_bytes in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nrubbish\r\n",
    ] {
        let answer = answer(answered(answer_bytes));
        assert_eq!(answer.body, "abc", "{answer_bytes}");
        assert!(matches!(&answer.marks[..], [Mark::Incomplete { .. }]), "{answer_bytes}: {:?}", answer.marks);
    }
    let declared = answer(answered("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
    assert_eq!(declared.length_bytes, 10);
}

#[test]
fn an_endless_body_is_cut_at_the_limit() {
    let target = Target::new(HEAD.len(), |mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    });
    let limits = Limits { answer_bytes_max: 100_000, ..Limits::default() };
    let answer = answer(run_with(&outgoing(&target.origin, HEAD, b""), &limits).0);
    assert_eq!(answer.body.len(), 100_000);
    assert_eq!(answer.marks, [Mark::Truncated { limit_bytes: 100_000 }]);
    assert!(answer.length_bytes > 100_000);
}

#[test]
fn a_body_of_exactly_the_limit_is_whole() {
    let limits = Limits { answer_bytes_max: 3, ..Limits::default() };
    let target = Target::answering(HEAD.len(), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    let answer = answer(run_with(&outgoing(&target.origin, HEAD, b""), &limits).0);
    assert_eq!((answer.body.as_ref(), answer.marks.len()), (b"abc".as_slice(), 0));
}

#[test]
fn time_ends_what_does_not_end() {
    let limits = Limits { total: Duration::from_millis(300), ..Limits::default() };
    let stalled = |bytes: &'static [u8]| {
        let (hold, held) = channel::<()>();
        let target = Target::new(HEAD.len(), move |mut stream| {
            stream.write_all(bytes).expect("the answer");
            let _ = held.recv();
        });
        let begun = Instant::now();
        let (outcome, timing) = run_with(&outgoing(&target.origin, HEAD, b""), &limits);
        assert!(begun.elapsed() >= Duration::from_millis(300) && timing.total_us >= 300_000);
        drop(hold);
        outcome
    };
    let words = failed(stalled(b""));
    assert!(words.starts_with("no answer from 127.0.0.1:") && words.contains("within 300 ms"), "{words}");
    assert!(words.ends_with("(the whole request was sent)"), "{words}");
    assert!(failed(stalled(b"HTTP/1.1 200 O")).starts_with("no whole answer from "));
    let cut = answer(stalled(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
    assert_eq!(cut.body, "abc");
    assert_eq!(cut.marks, [Mark::Incomplete { reason: "no end of the body within 300 ms".to_owned() }]);
}

#[test]
fn what_is_no_answer_is_said() {
    let words = failed(answered("220 mail.example ESMTP \x1b[31mready\r\n"));
    assert!(words.contains("is no HTTP/1") && words.contains("220 mail.example ESMTP"), "{words}");
    assert!(!words.contains('\x1b'), "{words:?}");
    for bytes in [
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "\0\0\0\0",
    ] {
        failed(answered(bytes));
    }
    let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(1 << 20));
    let target = Target::new(HEAD.len(), move |mut stream| drop(stream.write_all(huge.as_bytes())));
    failed(run(&outgoing(&target.origin, HEAD, b"")).0);
}

#[test]
fn a_target_that_closes_is_said() {
    let words = failed(answered(""));
    assert!(words.ends_with("closed without an answer; the whole request was sent"), "{words}");
    let words = failed(answered("HTTP/1.1 200 OK\r\nX-Half"));
    assert!(words.contains("closed in the middle of its answer's head"), "{words}");
}

#[test]
fn an_early_answer_is_heard_though_the_body_is_not_taken() {
    // The target reads the head alone, answers, and closes with the body unread: the kernel resets the connection.
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n";
    let target = Target::new(head.len(), |mut stream| {
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!").expect("the answer");
    });
    let body = vec![b'x'; 30_000_000];
    let (outcome, _) = run(&outgoing(&target.origin, head, &body));
    assert_eq!(answer(outcome).status, 413);
}

#[test]
fn nobody_there_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let (outcome, timing) = run(&outgoing(&format!("http://{address}"), HEAD, b""));
    let words = failed(outcome);
    assert_eq!(
        words,
        format!(
            "could not connect to {address}: connection refused; nothing listens there: start it, or check the port"
        )
    );
    assert_eq!(timing.first_byte_us, None);
    let words = failed(run(&outgoing("http://no-such-host.invalid:80", HEAD, b"")).0);
    assert!(words.starts_with("could not look up no-such-host.invalid: "), "{words}");
    for (origin, part) in [
        ("ftp://127.0.0.1", "must begin with http:// or https://"),
        ("127.0.0.1:80", "give http://host:port"),
        ("http://127.0.0.1:0", "names no host and port"),
        ("http://169.254.169.254", "link-local"),
        ("http://2852039166", "link-local"),
        ("http://[fe80::1]", "link-local"),
        ("http://[::ffff:169.254.169.254]", "link-local"),
        ("http://[fd00:ec2::254]", "credentials"),
        ("http://0xa9fea9fe", "link-local"),
        ("http://0251.0376.0251.0376", "link-local"),
        ("http://169.254.43518", "link-local"),
        ("http://[::ffff:a9fe:a9fe]:80", "link-local"),
        ("http://\u{ff11}69.254.169.254", "link-local"),
        ("http://100.100.100.200", "credentials"),
        ("http://0.0.0.0:1", "no address of a host"),
        ("http://0", "no address of a host"),
        ("http://[::]:1", "no address of a host"),
    ] {
        let words = failed(run(&outgoing(origin, HEAD, b"")).0);
        assert!(words.contains(part), "{origin}: {words}");
    }
}

#[test]
fn only_what_was_looked_at_is_connected_to() {
    let target = Target::answering(HEAD.len(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let here = target.origin.trim_start_matches("http://").parse().expect("an address");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = runtime.block_on(async {
        // What the origin says now is another place: a name that changed its mind after it was looked at.
        let found = find("http://192.0.2.1:9", &Limits::default()).await.expect("found").only(vec![here]);
        send_to(&found, &outgoing("http://192.0.2.1:9", HEAD, b""), &Limits::default()).await.0
    });
    assert_eq!(answer(outcome).status, 200);
    assert_eq!(target.got(), HEAD);
    // Whoever let it through.
    let outcome = runtime.block_on(async {
        let found = find("http://192.0.2.1:9", &Limits::default()).await.expect("found");
        let found = found.only(vec!["169.254.169.254:80".parse().expect("an address")]);
        send_to(&found, &outgoing("http://192.0.2.1:9", HEAD, b""), &Limits::default()).await.0
    });
    assert!(failed(outcome).contains("link-local"));
}

#[test]
fn every_address_of_a_name_is_tried() {
    // `localhost` is ::1 too on most machines; this target listens at 127.0.0.1 alone.
    let target = Target::answering(HEAD.len(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let origin = target.origin.replace("127.0.0.1", "localhost");
    let (outcome, timing) = run(&outgoing(&origin, HEAD, b""));
    assert_eq!(answer(outcome).status, 200);
    assert!(timing.dns_us.is_some());
}

/// A TLS target at `https://localhost:PORT` with the certificate in tests/fixtures/tls, made for these tests.
fn tls_target() -> String {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../fixtures/tls/localhost.crt.pem")).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../fixtures/tls/localhost.key.pem")).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        let (tcp, _) = listener.accept().expect("a connection");
        let session = rustls::ServerConnection::new(Arc::new(config)).expect("a session");
        let mut stream = rustls::StreamOwned::new(session, tcp);
        let mut bytes = vec![0; HEAD.len()];
        // A client that does not believe the certificate leaves here.
        if stream.read_exact(&mut bytes).is_ok() {
            assert_eq!(bytes, HEAD);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").expect("the answer");
        }
    });
    format!("https://localhost:{port}")
}

#[test]
fn tls_is_spoken_with_whom_is_trusted() {
    let mut roots = rustls::RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../fixtures/tls/localhost.crt.pem")).expect("PEM");
    roots.add(certificate).expect("a root");
    let limits = Limits { trust: Trust::Authorities(Arc::new(roots)), ..Limits::default() };
    let (outcome, timing) = run_with(&outgoing(&tls_target(), HEAD, b""), &limits);
    assert_eq!(answer(outcome).body, "secret");
    assert!(timing.tls_us.is_some_and(|time| time > 0));
}

#[test]
fn tls_is_refused_with_whom_is_not() {
    let roots = Trust::Authorities(Arc::new(rustls::RootCertStore::empty()));
    for trust in [Trust::System, roots] {
        let limits = Limits { trust, ..Limits::default() };
        let words = failed(run_with(&outgoing(&tls_target(), HEAD, b""), &limits).0);
        let refused = words.contains("this system does not trust its certificate");
        // A machine without any certificates says that instead.
        assert!(refused || words.contains("ca-certificates"), "{words}");
    }
    let plain = Target::answering(1, "HTTP/1.1 400 Bad Request\r\n\r\n");
    let words = failed(run(&outgoing(&plain.origin.replace("http:", "https:"), HEAD, b"")).0);
    assert!(words.contains("TLS") || words.contains("ca-certificates"), "{words}");
}
