use super::*;
use crate::domain::exchange::Mark;
use crate::domain::signature::{CheckInput, Outcome, Profiles, check};
use crate::domain::testing;

const SECRET: &str = "It's a Secret to Everybody";
/// GitHub's documented example: this body, this secret, this signature.
/// Source: docs.github.com, "Validating webhook deliveries", section "Testing the webhook payload validation".
const BODY: &[u8] = b"Hello, World!";
const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

const HEAD: &[u8] = b"POST /hook?a=%41 HTTP/1.1\r\nhost:  127.0.0.1:7070\r\nX-B: 1\r\nx-b:2 \r\nContent-LENGTH: 13\r\n\
    X-GitHub-Event: push\r\nX-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958\r\n\
    X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17\r\n\r\n";

fn request_of(head: &[u8], body: &[u8]) -> Request {
    let mut lines = [httparse::EMPTY_HEADER; 32];
    let mut parsed = httparse::Request::new(&mut lines);
    parsed.parse(head).unwrap();
    let mut headers = Headers::new();
    for line in parsed.headers.iter() {
        headers.push(line.name.to_owned(), line.value.to_vec());
    }
    let request = Request {
        first_byte: Timestamp::from_secs(1_700_000_000),
        version: if parsed.version == Some(0) { HttpVersion::Http10 } else { HttpVersion::Http11 },
        method: parsed.method.unwrap().to_owned().into(),
        target: parsed.path.unwrap().to_owned().into(),
        headers,
        body: Body::whole(body.to_vec()),
        ..testing::request()
    };
    Request { raw_head: (request.canonical_head() != head).then(|| Bytes::copy_from_slice(head)), ..request }
}

fn github(secret: Option<&str>) -> Signing {
    Signing {
        profile: Profiles::builtin().by_name("github").unwrap().clone(),
        secret: secret.map(Secret::new),
        public_url: None,
    }
}

fn wish<'a>(request: &'a Request, target: &'a str) -> Wish<'a> {
    Wish {
        request,
        target,
        draft: None,
        signature: None,
        signing: None,
        host: HostChoice::Captured,
        keeps_back: false,
        now: Timestamp::from_secs(1_700_000_010),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a receiver with the secret says of it.
fn verdict(outgoing: &Outgoing, signing: &Signing) -> Outcome {
    let arrived = request_of(&outgoing.head, &outgoing.body);
    let secrets = [Secret::new(SECRET)];
    check(&CheckInput::new(&signing.profile, &secrets, &arrived)).outcome
}

#[test]
fn without_edits_the_bytes_are_the_captured_ones() {
    let request = request_of(HEAD, BODY);
    assert!(request.raw_head.is_some(), "the head must be one that cannot be written from its parts");
    let signing = github(Some(SECRET));
    let plan = plan(&Wish { signing: Some(&signing), ..wish(&request, "http://localhost:3000") }).unwrap();
    assert_eq!(text(&plan.outgoing.head), text(HEAD));
    assert_eq!(plan.outgoing.body, BODY);
    assert_eq!(plan.outgoing.origin, "http://localhost:3000");
    assert_eq!((plan.signature, plan.words), (SignatureChoice::Kept, vec!["signature kept as it came".to_owned()]));
}

#[test]
fn a_target_with_a_path_of_its_own_replaces_the_target_alone() {
    let request = request_of(HEAD, BODY);
    for (target, line) in [
        ("https://app.example/other/../x?b=2#top", "POST /other/../x?b=2 HTTP/1.1\r\n"),
        ("http://app.example?q", "POST /?q HTTP/1.1\r\n"),
        ("http://app.example/", "POST /hook?a=%41 HTTP/1.1\r\n"),
    ] {
        let plan = plan(&wish(&request, target)).unwrap();
        let head = text(&plan.outgoing.head);
        let (first, rest) = head.split_at(head.find('\n').unwrap() + 1);
        assert_eq!(first, line, "{target}");
        assert!(text(HEAD).ends_with(rest));
    }
}

#[test]
fn the_host_can_be_the_targets() {
    let request = request_of(HEAD, BODY);
    let with = |target| {
        let plan = plan(&Wish { host: HostChoice::Target, ..wish(&request, target) }).unwrap();
        text(&plan.outgoing.head).lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(with("http://localhost:3000"), "host:  localhost:3000");
    assert_eq!(with("https://app.example:443/x"), "host:  app.example");
    assert_eq!(with("http://[::1]:8080"), "host:  [::1]:8080");
}

#[test]
fn an_edited_body_is_signed_again_and_holds() {
    let request = request_of(HEAD, BODY);
    let signing = github(Some(SECRET));
    let draft = Draft { body: Bytes::from_static(b"{\"edited\":true}"), ..Draft::from_request(&request) };
    let plan = plan(&Wish { draft: Some(&draft), signing: Some(&signing), ..wish(&request, "http://x") }).unwrap();
    assert_eq!(plan.signature, SignatureChoice::Resigned);
    assert_eq!(verdict(&plan.outgoing, &signing), Outcome::Valid);
    // All other lines are the captured bytes still.
    let head = text(&plan.outgoing.head);
    assert!(
        head.starts_with(
            "POST /hook?a=%41 HTTP/1.1\r\nhost:  127.0.0.1:7070\r\nX-B: 1\r\nx-b:2 \r\nContent-LENGTH: 15\r\n"
        ),
        "{head}"
    );
    assert!(!head.contains(SIGNATURE));
    assert!(plan.words[0].starts_with("re-signed now as GitHub: "), "{:?}", plan.words);
}

#[test]
fn an_edited_body_without_a_secret_keeps_the_signature_and_says_that_it_does_not_fit() {
    let request = request_of(HEAD, BODY);
    let signing = github(None);
    let draft = Draft { body: Bytes::from_static(b"other"), ..Draft::from_request(&request) };
    let plan = plan(&Wish { draft: Some(&draft), signing: Some(&signing), ..wish(&request, "http://x") }).unwrap();
    assert_eq!(plan.signature, SignatureChoice::Kept);
    assert!(text(&plan.outgoing.head).contains(SIGNATURE));
    assert!(plan.words[0].contains("does not fit any more"), "{:?}", plan.words);
    assert_eq!(verdict(&plan.outgoing, &signing), Outcome::Invalid);
}

#[test]
fn a_draft_without_a_change_is_the_captured_request() {
    let request = request_of(HEAD, BODY);
    let draft = Draft::from_text(&Draft::from_request(&request).to_text(), &request).unwrap();
    let plan = plan(&Wish { draft: Some(&draft), ..wish(&request, "http://x") }).unwrap();
    assert_eq!(text(&plan.outgoing.head), text(HEAD));
    assert_eq!(plan.outgoing.body, BODY);
}

#[test]
fn a_signature_is_broken_by_one_character_and_no_other_byte() {
    let request = request_of(HEAD, BODY);
    for signing in [None, Some(github(Some(SECRET)))] {
        let wish =
            Wish { signature: Some(SignatureChoice::Broken), signing: signing.as_ref(), ..wish(&request, "http://x") };
        let plan = plan(&wish).unwrap();
        assert_eq!(plan.signature, SignatureChoice::Broken);
        let changed: Vec<_> = HEAD.iter().zip(&plan.outgoing.head).filter(|(a, b)| a != b).collect();
        assert_eq!((changed.len(), plan.outgoing.head.len()), (1, HEAD.len()));
        assert_eq!(verdict(&plan.outgoing, &github(None)), Outcome::Invalid);
    }
}

#[test]
fn broken_after_an_edit_only_the_signature_is_wrong() {
    let request = request_of(HEAD, BODY);
    let signing = github(Some(SECRET));
    let draft = Draft { body: Bytes::from_static(b"other"), ..Draft::from_request(&request) };
    let of = |signature| {
        let wish = Wish { draft: Some(&draft), signature, signing: Some(&signing), ..wish(&request, "http://x") };
        plan(&wish).unwrap().outgoing.head
    };
    let (right, wrong) = (of(Some(SignatureChoice::Resigned)), of(Some(SignatureChoice::Broken)));
    assert_eq!(right.iter().zip(&wrong).filter(|(a, b)| a != b).count(), 1);
}

#[test]
fn breaking_changes_every_signature_in_a_value_and_keeps_its_shape() {
    for (value, wrong) in [
        (
            "t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
            "t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa61cad7e77a0e56ff536d0ce8e108d8bd",
        ),
        (
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= v1,abcdefghijklmnopqrst",
            "v1,K5oZfzN95Z9UVu1EsfQmfANQhnkZ2pj9o9NDN/H/pI4= v1,abcdefghijalmnopqrst",
        ),
        ("s3cret", "s3caet"),
        ("", "0"),
        ("=;=", "=;=0"),
    ] {
        assert_eq!(text(&broken(value.as_bytes())), wrong);
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let request = request_of(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"");
    let signing = github(None);
    let said = |wish: Wish<'_>| plan(&wish).unwrap_err();
    let words = said(Wish { signature: Some(SignatureChoice::Resigned), ..wish(&request, "http://x") });
    assert!(words.starts_with("cannot sign: no provider is known"), "{words}");
    let words = said(Wish {
        signature: Some(SignatureChoice::Resigned),
        signing: Some(&signing),
        ..wish(&request, "http://x")
    });
    assert_eq!(words, "cannot sign: no secret is known for GitHub; give it first");
    let words = said(Wish { signature: Some(SignatureChoice::Broken), ..wish(&request, "http://x") });
    assert_eq!(words, "there is no signature header to break");
    for (target, part) in [
        ("localhost:3000", "must begin with http:// or https://"),
        ("ftp://x", "must begin with"),
        ("http://", "is no URL"),
        ("http://x/a b", "write blanks as %20"),
        ("http://x/a\r\nX-Injected: 1", "cannot stand in a request line"),
    ] {
        let words = said(wish(&request, target));
        assert!(words.contains(part), "{target}: {words}");
    }
    let refused = Request { marks: vec![Mark::Refused { reason: "bad\x1b head".to_owned() }], ..request.clone() };
    let words = said(wish(&refused, "http://x"));
    assert!(words.contains("never became a request") && !words.contains('\x1b'), "{words:?}");
}

#[test]
fn a_chunked_body_is_framed_again_with_its_trailers() {
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n";
    let mut request = request_of(head, b"hello");
    request.trailers = Headers::from_pairs([("X-Sum", "1")]);
    let outgoing = plan(&wish(&request, "http://x")).unwrap().outgoing;
    assert_eq!(outgoing.head, head.as_slice());
    assert_eq!(text(&outgoing.body), "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
    let empty = Request { body: Body::default(), trailers: Headers::new(), ..request };
    assert_eq!(text(&plan(&wish(&empty, "http://x")).unwrap().outgoing.body), "0\r\n\r\n");
}

#[test]
fn a_cut_body_does_not_leave_the_target_waiting() {
    let mut request = request_of(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", b"part");
    request.body.length_bytes = 100;
    request.marks = vec![Mark::Incomplete { reason: "the sender left".to_owned() }];
    let plan = plan(&wish(&request, "http://x")).unwrap();
    assert_eq!(text(&plan.outgoing.head), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n");
    assert_eq!(
        plan.words,
        ["no signature in it", "the captured body is cut: 4 of 100 bytes are sent", "Content-Length is made to fit: 4"]
    );
}

#[test]
fn a_length_that_the_user_wrote_is_sent_as_written() {
    let request = request_of(HEAD, BODY);
    let mut draft = Draft::from_request(&request);
    draft.headers.set("content-length", "5");
    let plan = plan(&Wish { draft: Some(&draft), ..wish(&request, "http://x") }).unwrap();
    assert!(text(&plan.outgoing.head).contains("\r\nContent-LENGTH: 5\r\n"));
    assert!(plan.words.iter().any(|words| words == "Content-Length says 5, the body has 13 bytes: sent as written"));
}

#[test]
fn a_body_given_to_a_request_without_one_gets_a_length() {
    let request = request_of(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"");
    let draft = Draft { body: Bytes::from_static(b"now"), ..Draft::from_request(&request) };
    let plan = plan(&Wish { draft: Some(&draft), ..wish(&request, "http://x") }).unwrap();
    assert_eq!(text(&plan.outgoing.head), "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
}

#[test]
fn http2_is_sent_as_http1() {
    let mut request = request_of(b"POST /p HTTP/1.1\r\ncookie: a=1\r\nx-k: v\r\ncookie: b=2\r\n\r\n", b"body");
    request.raw_head = None;
    request.version = HttpVersion::Http2;
    request.pseudo = Headers::from_pairs([(":authority", "hooks.example"), (":scheme", "http")]);
    let kept = plan(&wish(&request, "http://x")).unwrap();
    assert_eq!(
        text(&kept.outgoing.head),
        "POST /p HTTP/1.1\r\nhost: hooks.example\r\ncookie: a=1; b=2\r\nx-k: v\r\ncontent-length: 4\r\n\r\n"
    );
    assert!(kept.words.iter().any(|words| words.contains("sent as HTTP/1.1")));
    let draft = Draft { body: Bytes::from_static(b"longer body"), ..Draft::from_request(&request) };
    let edited = plan(&Wish { draft: Some(&draft), ..wish(&request, "http://x") }).unwrap();
    assert!(text(&edited.outgoing.head).ends_with("content-length: 11\r\n\r\n"), "{}", text(&edited.outgoing.head));
}

#[test]
fn other_forms_of_target_are_kept() {
    for line in ["GET http://proxy.example/x HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT db.example:5432 HTTP/1.1"] {
        let head = format!("{line}\r\nHost: x\r\n\r\n");
        let request = request_of(head.as_bytes(), b"");
        assert_eq!(text(&plan(&wish(&request, "http://y:1")).unwrap().outgoing.head), head);
        // Unless the user says where: then that is the path.
        let own = plan(&wish(&request, "http://y:1/z")).unwrap();
        assert!(text(&own.outgoing.head).contains(" /z HTTP/1.1\r\n"));
    }
}

#[test]
fn an_edited_url_wins_over_the_target() {
    let request = request_of(HEAD, BODY);
    let with = |url: &'static str| {
        let draft = Draft { url: Bytes::from_static(url.as_bytes()), ..Draft::from_request(&request) };
        let outgoing = plan(&Wish { draft: Some(&draft), ..wish(&request, "http://app:1/own") }).unwrap().outgoing;
        (outgoing.origin, text(&outgoing.head).split(' ').nth(1).unwrap().to_owned())
    };
    assert_eq!(with("/new?x"), ("http://app:1".to_owned(), "/new?x".to_owned()));
    assert_eq!(with("https://other.example/y"), ("https://other.example:443".to_owned(), "/y".to_owned()));
    assert_eq!(with("https://other.example"), ("https://other.example:443".to_owned(), "/".to_owned()));
}

#[test]
fn an_old_signature_is_kept_with_a_warning_and_signed_again_on_wish() {
    let signing = Signing {
        profile: Profiles::builtin().by_name("stripe").unwrap().clone(),
        secret: Some(Secret::new("whsec_test")),
        public_url: None,
    };
    let bare = request_of(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nStripe-Signature: x\r\n\r\n", b"{}");
    let now = bare.first_byte;
    let signed = |wish: Wish<'_>| plan(&Wish { signature: Some(SignatureChoice::Resigned), ..wish }).unwrap();
    let first = signed(Wish { signing: Some(&signing), now, ..wish(&bare, "http://x") });
    let request = request_of(&first.outgoing.head, b"{}");
    let late = Wish { signing: Some(&signing), now: now.plus_micros(3_600_000_000), ..wish(&request, "http://x") };
    let kept = plan(&late).unwrap();
    assert_eq!((kept.signature, &kept.outgoing.head), (SignatureChoice::Kept, &first.outgoing.head));
    assert!(kept.words[0].contains("it is 60 min old"), "{:?}", kept.words);
    let again = signed(late);
    assert!(text(&again.outgoing.head).contains("t=1700003600,"), "{}", text(&again.outgoing.head));
    assert_eq!(again.words[0], "re-signed now as Stripe: Stripe-Signature");
    let unknown = Signing { secret: None, ..signing.clone() };
    let broken = plan(&Wish { signature: Some(SignatureChoice::Broken), signing: Some(&unknown), ..late }).unwrap();
    assert!(text(&broken.outgoing.head).contains("t=1700000000,"), "the time is not broken");
}

#[test]
fn credentials_are_left_out_where_they_must_not_go() {
    let head = b"POST / HTTP/1.1\r\nHost: hooks.example\r\nAUTHORIZATION: Bearer one\r\ncookie:a=b\r\nX-A: 1\r\n\
        Cookie: c=d\r\nProxy-Authorization: Basic eA==\r\nAuthorization-Info: stays\r\nContent-Length: 2\r\n\r\n";
    let request = request_of(head, b"{}");
    let kept = plan(&wish(&request, "http://app.example")).unwrap();
    assert_eq!(&kept.outgoing.head[..], &head[..], "byte for byte where nothing is to be left out");
    let plan_of = |draft: Option<&Draft>| {
        plan(&Wish { keeps_back: true, draft, ..wish(&request, "http://app.example") }).unwrap()
    };
    let less = plan_of(None);
    let expected =
        "POST / HTTP/1.1\r\nHost: hooks.example\r\nX-A: 1\r\nAuthorization-Info: stays\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(text(&less.outgoing.head), expected);
    assert!(
        less.words.iter().any(|words| words.contains("Authorization, Proxy-Authorization, Cookie")),
        "{:?}",
        less.words
    );
    // What the user writes is the user's own.
    let mut draft = Draft::from_request(&request);
    draft.headers.set("Authorization", "Bearer mine");
    let sent = text(&plan_of(Some(&draft)).outgoing.head);
    assert!(sent.contains("AUTHORIZATION: Bearer mine") || sent.contains("Authorization: Bearer mine"), "{sent}");
    assert!(!sent.to_lowercase().contains("cookie"), "{sent}");
}

#[test]
fn a_signature_in_a_header_that_is_left_out_is_not_said_to_be_there() {
    let profile = Profiles::builtin().iter().find(|profile| {
        signature_headers(Some(profile), &Headers::from_pairs([("Authorization", "x")]))
            .contains(&"Authorization".to_owned())
    });
    let Some(profile) = profile else { return };
    let signing = Signing { profile: profile.clone(), secret: None, public_url: None };
    let request = request_of(b"POST / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n", b"");
    let plan = plan(&Wish { keeps_back: true, signing: Some(&signing), ..wish(&request, "http://b") }).unwrap();
    assert!(plan.words[0].contains("left out"), "{:?}", plan.words);
}
