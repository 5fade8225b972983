//! Every cause is made to happen, and the documentation lists them all.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::domain::exchange::{Mark, Request};
use crate::domain::signature::tests::{request, vectors};
use crate::domain::signature::*;
use crate::domain::time::Timestamp;

const NOW: i64 = 1_700_000_000;
const BODY: &[u8] = br#"{"id": "evt_1", "type": "x.y", "text": "a/b <b> h\u00e9"}"#;

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

fn github(signed: &[u8], key: &[u8], came: &[u8]) -> Request {
    let header = format!("sha256={}", hex::encode(mac(key, signed)));
    request("POST", "/hook", &[("X-GitHub-Event", "push"), ("X-Hub-Signature-256", &header)], came)
}

fn stripe(time: &str, key: &[u8], came: &[u8]) -> Request {
    let digest = hex::encode(mac(key, &[time.as_bytes(), b".", came].concat()));
    request("POST", "/hook", &[("Stripe-Signature", &format!("t={time},v1={digest}"))], came)
}

fn twilio(url: &str, target: &str, headers: &[(&str, &str)]) -> Request {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"token");
    let digest = STANDARD.encode(hmac::sign(&key, format!("{url}a1").as_bytes()));
    let mut all = vec![("X-Twilio-Signature", digest.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    all.push(("Host", "in.example"));
    request("POST", target, &all, b"a=1")
}

fn verdict(scheme: &str, secret: &[u8], request: &Request) -> Verdict {
    verdict_at(scheme, secret, request, None)
}

fn verdict_at(scheme: &str, secret: &[u8], request: &Request, url: Option<&str>) -> Verdict {
    let profile = Profiles::builtin().resolve(scheme).unwrap();
    let secrets = [Secret::new(secret)];
    check(&CheckInput {
        public_url: url,
        now: Timestamp::from_secs(NOW),
        ..CheckInput::new(&profile, &secrets[..usize::from(!secret.is_empty())], request)
    })
}

/// One way to bring each cause about, as a name and what came of it.
fn all_cases() -> Vec<(Cause, Verdict)> {
    let mut cases = without_a_fit();
    cases.extend(secrets());
    cases.extend(bodies());
    cases.extend(urls());
    cases.extend(signatures());
    cases.extend(times());
    cases.extend(tokens());
    cases
}

/// A JSON Web Token for MessageBird.
fn messagebird(header: &str, issuer: &str) -> Request {
    messagebird_at("https://in.example/hook", header, issuer)
}

fn messagebird_at(url: &str, header: &str, issuer: &str) -> Request {
    let url_hash = hex::encode(ring::digest::digest(&ring::digest::SHA256, url.as_bytes()));
    let claims = format!(r#"{{"iss":"{issuer}","nbf":{NOW},"exp":{},"jti":"1","url_hash":"{url_hash}"}}"#, NOW + 60);
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac(b"key", signed.as_bytes())));
    request("POST", "/hook", &[("MessageBird-Signature-JWT", &token), ("Host", "in.example")], b"")
}

fn tokens() -> Vec<(Cause, Verdict)> {
    let at = |url: &str, request: &Request| verdict_at("messagebird", b"key", request, Some(url));
    let hs256 = messagebird(r#"{"alg":"HS256"}"#, "MessageBird");
    assert_eq!(at("https://in.example/hook", &hs256).outcome, Outcome::Valid);
    let foreign = vectors().into_iter().find(|vector| vector.name == "sdk-foreign-cert-url").unwrap();
    let key = foreign.secrets.first().unwrap().expose();
    vec![
        (Cause::TokenRefused, at("https://in.example/hook", &messagebird(r#"{"alg":"none"}"#, "MessageBird"))),
        (
            Cause::TokenRefused,
            at("https://in.example/hook", &messagebird(r#"{"alg":"HS256","crit":["b64"]}"#, "MessageBird")),
        ),
        (Cause::TokenClaim, at("https://in.example/hook", &messagebird(r#"{"alg":"HS256"}"#, "Mallory"))),
        (Cause::UrlPath, at("https://in.example/other", &hs256)),
        (Cause::UrlScheme, at("http://in.example/hook", &hs256)),
        (Cause::UrlHost, at("https://www.in.example/hook", &hs256)),
        (Cause::UrlHash, {
            let elsewhere = messagebird_at("https://unseen.example/a", r#"{"alg":"HS256"}"#, "MessageBird");
            at("https://in.example/hook", &elsewhere)
        }),
        (Cause::KeyPlace, verdict("aws-sns", key, &foreign.request)),
    ]
}

fn without_a_fit() -> Vec<(Cause, Verdict)> {
    let mut cut = github(BODY, b"key", BODY);
    cut.marks.push(Mark::Truncated { limit_bytes: 5 });
    let mut refused = request("", "", &[], b"");
    refused.marks.push(Mark::Refused { reason: "no request line".into() });
    let gitea = request("POST", "/", &[("X-Gitea-Event", "push"), ("X-Gitea-Signature", "")], BODY);
    vec![
        (Cause::NoSecret, verdict("github", b"", &github(BODY, b"key", BODY))),
        (Cause::NoProvider, Verdict::no_provider(Timestamp::from_secs(NOW))),
        (Cause::BodyIncomplete, verdict("github", b"key", &cut)),
        (Cause::NotARequest, verdict("github", b"key", &refused)),
        (
            Cause::SignatureMissing,
            verdict("github", b"key", &request("POST", "/", &[("X-GitHub-Event", "push")], BODY)),
        ),
        (Cause::SignatureEmpty, verdict("gitea", b"key", &gitea)),
        (Cause::SignatureMismatch, verdict("github", b"other", &github(BODY, b"key", BODY))),
        (Cause::OtherProvider, verdict("stripe", b"key", &github(BODY, b"key", BODY))),
        (
            Cause::TokenMismatch,
            verdict("gitlab", b"key", &request("POST", "/", &[("X-Gitlab-Event", "a"), ("X-Gitlab-Token", "b")], BODY)),
        ),
        (Cause::SecretWrongKind, verdict("stripe", b"sk_live_1", &stripe("1700000000", b"whsec_a", BODY))),
    ]
}

fn secrets() -> Vec<(Cause, Verdict)> {
    let profile = Profiles::builtin().by_name("stripe").unwrap();
    let signed = stripe("1700000000", b"whsec_live", BODY);
    let (own, other) = (
        [Secret::new(*b"whsec_test")],
        [NamedSecret { name: "endpoint /live".into(), secret: Secret::new(*b"whsec_live") }],
    );
    let input =
        CheckInput { others: &other, now: Timestamp::from_secs(NOW), ..CheckInput::new(profile, &own, &signed) };
    let other_secret = check(&input);
    assert!(other_secret.detail.contains("endpoint /live"), "{}", other_secret.detail);
    let standard = |key: &[u8]| {
        let digest = STANDARD.encode(mac(key, &[b"msg_1.1700000000.".as_slice(), BODY].concat()));
        let headers = [
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", "1700000000"),
            ("webhook-signature", &format!("v1,{digest}")),
        ];
        request("POST", "/", &headers, BODY)
    };
    let zendesk = {
        let key = b"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
        let digest = STANDARD.encode(mac(key, &[b"2023-11-14T22:13:20Z".as_slice(), BODY].concat()));
        let headers = [
            ("X-Zendesk-Webhook-Signature", digest.as_str()),
            ("X-Zendesk-Webhook-Signature-Timestamp", "2023-11-14T22:13:20Z"),
        ];
        request("POST", "/", &headers, BODY)
    };
    vec![
        (Cause::OtherSecret, other_secret),
        (Cause::SecretWhitespace, verdict("github", b" key\n", &github(BODY, b"key", BODY))),
        (Cause::SecretWhitespace, verdict("github", b"key", &github(BODY, b"key\n", BODY))),
        (Cause::SecretQuotes, verdict("github", b"\"key\"", &github(BODY, b"key", BODY))),
        (Cause::SecretQuotes, verdict("github", b"export SECRET='key'", &github(BODY, b"key", BODY))),
        (Cause::BodyMissing, verdict("github", b"key", &github(BODY, b"key", b""))),
        (Cause::BodyCut, verdict("github", b"key", &github(BODY, b"key", &BODY[..20]))),
        (Cause::SecretUnset, verdict("github", b"key", &github(BODY, b"undefined", BODY))),
        (Cause::SecretAltered, verdict("github", b"Key", &github(BODY, b"key", BODY))),
        (Cause::SecretPrefix, verdict("stripe", b"abc", &stripe("1700000000", b"whsec_abc", BODY))),
        (Cause::SecretEncoding, verdict("github", b"6b6579", &github(BODY, b"key", BODY))),
        (Cause::SecretEncoding, verdict("standard-webhooks", b"whsec_a2V5a2V5", &standard(b"whsec_a2V5a2V5"))),
        (Cause::SecretMalformed, verdict("standard-webhooks", b"whsec_!!", &standard(b"other"))),
        (Cause::SecretTestKey, verdict("zendesk", b"mine", &zendesk)),
    ]
}

fn bodies() -> Vec<(Cause, Verdict)> {
    use std::io::Write;
    let try_body =
        |cause, signed: &[u8], came: &[u8]| (cause, verdict("github", b"key", &github(signed, b"key", came)));
    let compact = br#"{"id":"evt_1","type":"x.y","text":"a/b <b> h\u00e9"}"#;
    let sorted = br#"{"id": "evt_1", "text": "a/b <b> h\u00e9", "type": "x.y"}"#;
    let indented = b"{\n  \"id\": \"evt_1\",\n  \"type\": \"x.y\",\n  \"text\": \"a/b <b> h\\u00e9\"\n}";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(BODY).unwrap();
    let form = format!("payload={}", form_urlencoded::byte_serialize(BODY).collect::<String>());
    vec![
        try_body(Cause::BodyJsonRewritten, compact, BODY),
        try_body(Cause::BodyJsonRewritten, BODY, compact),
        try_body(Cause::BodyJsonRewritten, sorted, BODY),
        try_body(Cause::BodyJsonRewritten, indented, BODY),
        try_body(Cause::BodyEscapes, "{\"a\": \"h\u{e9}\"}".as_bytes(), br#"{"a": "h\u00e9"}"#),
        try_body(Cause::BodyEscapes, br#"{"a": "h\u00E9"}"#, "{\"a\": \"h\u{e9}\"}".as_bytes()),
        try_body(Cause::BodyEscapes, br#"{"a": "b\/c"}"#, br#"{"a": "b/c"}"#),
        try_body(Cause::BodyEscapes, br#"{"a": "\u003cb\u003e"}"#, br#"{"a": "<b>"}"#),
        try_body(Cause::BodyNewline, BODY, &[BODY, b"\n"].concat()),
        try_body(Cause::BodyNewline, &[BODY, b"\r\n"].concat(), BODY),
        try_body(Cause::BodyLineEnds, b"a\r\nb\r\nc", b"a\nb\nc"),
        try_body(Cause::BodyCharset, "h\u{e9}".as_bytes(), b"h\xe9"),
        try_body(Cause::BodyCharset, b"\xef\xbb\xbfabc", b"abc"),
        try_body(Cause::BodyBase64, BODY, STANDARD.encode(BODY).as_bytes()),
        try_body(Cause::BodyCompressed, BODY, &gzip.finish().unwrap()),
        try_body(Cause::BodyForm, BODY, form.as_bytes()),
        try_body(Cause::BodyForm, form.as_bytes(), BODY),
        try_body(Cause::BodyFormRewritten, b"a=1+2&b=", b"a=1%202&b="),
        try_body(Cause::BodyEmpty, b"", BODY),
        try_body(Cause::BodyObjectText, b"[object Object]", BODY),
        try_body(Cause::BodyObjectText, b"{'a': True}", br#"{"a":true}"#),
        (Cause::BodyHash, {
            let url = "https://x.example/j?bodySHA256=00";
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"token");
            let digest = STANDARD.encode(hmac::sign(&key, url.as_bytes()));
            let request = request("POST", "/j?bodySHA256=00", &[("X-Twilio-Signature", &digest)], b"{}");
            verdict_at("twilio", b"token", &request, Some("https://x.example"))
        }),
    ]
}

fn urls() -> Vec<(Cause, Verdict)> {
    let set = |cause, signed: &str, target: &str, set: &str| {
        (cause, verdict_at("twilio", b"token", &twilio(signed, target, &[]), Some(set)))
    };
    let forwarded = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "out.example")];
    vec![
        set(Cause::UrlScheme, "https://x.example/h", "/h", "http://x.example"),
        set(Cause::UrlHost, "https://www.x.example/h", "/h", "https://x.example"),
        (Cause::UrlHost, verdict("twilio", b"token", &twilio("https://out.example/h", "/h", &forwarded))),
        set(Cause::UrlPort, "https://x.example:8443/h", "/h", "https://x.example:9000"),
        set(Cause::UrlPath, "https://x.example/in", "/in", "https://x.example/out"),
        set(Cause::UrlSlash, "https://x.example/h/", "/h", "https://x.example"),
        set(Cause::UrlQuery, "https://x.example/h?a=1&b=2", "/h?b=2&a=1", "https://x.example"),
        (Cause::UrlUnknown, verdict("twilio", b"token", &twilio("https://unseen.example/h", "/h", &[]))),
    ]
}

fn signatures() -> Vec<(Cause, Verdict)> {
    let digest = mac(b"key", BODY);
    let hub = |value: &str| request("POST", "/", &[("X-GitHub-Event", "push"), ("X-Hub-Signature-256", value)], BODY);
    let renamed = request(
        "POST",
        "/",
        &[("X-GitHub-Event", "push"), ("X-Original-Signature", &format!("sha256={}", hex::encode(&digest)))],
        BODY,
    );
    let sha512 = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, b"key"), BODY);
    let v0 = {
        let digest = hex::encode(mac(b"whsec_a", &[b"1700000000.".as_slice(), BODY].concat()));
        request("POST", "/", &[("Stripe-Signature", &format!("t=1700000000,v0={digest}"))], BODY)
    };
    let joined = {
        let digest = hex::encode(mac(b"whsec_a", &[b"1700000000:".as_slice(), BODY].concat()));
        request("POST", "/", &[("Stripe-Signature", &format!("t=1700000000,v1={digest}"))], BODY)
    };
    let sha1 = hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"key"), BODY));
    let two = |newer: &str| {
        let headers =
            [("X-GitHub-Event", "push"), ("X-Hub-Signature", &format!("sha1={sha1}")), ("X-Hub-Signature-256", newer)];
        request("POST", "/", &headers, BODY)
    };
    vec![
        (Cause::SignaturePartial, verdict("github", b"key", &two(&format!("sha256={}", "0".repeat(64))))),
        (Cause::SignaturePartial, {
            let profile = Profiles::builtin().by_name("adyen").unwrap();
            let key = Secret::new(*b"44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056");
            let sample = &profile.events[0].body;
            let item = &sample[sample.find("[{").unwrap() + 1..sample.rfind("]}").unwrap()];
            let body = format!("{{\"notificationItems\":[{item},{item}]}}");
            let input = SignInput {
                profile,
                secret: &key,
                method: b"POST",
                url: "https://x.example/",
                headers: &Default::default(),
                body: body.as_bytes(),
                now: Timestamp::from_secs(NOW),
            };
            let body = String::from_utf8(sign_whole(&input).unwrap().body.unwrap()).unwrap();
            let whole = request("POST", "/", &[], body.as_bytes());
            assert_eq!(verdict("adyen", key.expose(), &whole).outcome, Outcome::Valid);
            let changed = body.replacen("AUTHORISATION", "CANCELLATION", 1);
            verdict("adyen", key.expose(), &request("POST", "/", &[], changed.as_bytes()))
        }),
        (Cause::OtherProvider, {
            // Signed as Slack does, with this secret, at an endpoint that is set to a scheme of another header.
            let digest = hex::encode(mac(b"key", &[b"v0:1700000000:".as_slice(), BODY].concat()));
            let headers = [
                ("X-Slack-Signature", format!("v0={digest}")),
                ("X-Slack-Request-Timestamp", "1700000000".to_owned()),
                ("X-Signature", "00".repeat(32)),
            ];
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            verdict("hmac-sha256:header=X-Signature", b"key", &request("POST", "/", &headers, BODY))
        }),
        (Cause::WrongHeader, verdict("github", b"key", &renamed)),
        (Cause::WrongHeader, {
            let token = messagebird(r#"{"alg":"HS256"}"#, "MessageBird");
            let value = token.headers.get_str("MessageBird-Signature-JWT").unwrap().to_owned();
            let headers = [("X-Token", value.as_str()), ("Host", "in.example")];
            verdict_at("messagebird", b"key", &request("POST", "/hook", &headers, b""), Some("https://in.example"))
        }),
        (Cause::SignatureMalformed, {
            let headers = [("X-Twilio-Signature", "=noBase64"), ("Host", "in.example")];
            verdict("twilio", b"token", &request("POST", "/h", &headers, b"a=1"))
        }),
        (Cause::SignatureMalformed, verdict("github", b"key", &hub("sha256=zz"))),
        (
            Cause::SignatureTruncated,
            verdict("github", b"key", &hub(&format!("sha256={}", &hex::encode(&digest)[..20]))),
        ),
        (Cause::SignatureWrapped, verdict("github", b"key", &hub(&format!("\"sha256={}\"", hex::encode(&digest))))),
        (Cause::SignatureAltered, {
            let (text, last) = (hex::encode(&digest), if digest[31] & 15 == 0 { '1' } else { '0' });
            verdict("github", b"key", &hub(&format!("sha256={}{last}", &text[..63])))
        }),
        (Cause::SignaturePrefix, verdict("github", b"key", &hub(&hex::encode(&digest)))),
        (Cause::KeyId, key_set_verdict("gone", true)),
        (Cause::SignatureOfAnotherRequest, {
            let profile = Profiles::builtin().by_name("github").unwrap();
            let (own, secrets) = (github(b"other", b"key", BODY), [Secret::new(*b"key")]);
            let input = CheckInput::new(profile, &secrets, &own);
            let mut verdict = check(&input);
            let other = Request { id: crate::domain::exchange::ExchangeId(99), ..github(b"x", b"y", b"other") };
            neighbours::examine(&input, &[std::sync::Arc::new(other)], &mut verdict);
            verdict
        }),
        (Cause::SignaturePrefix, verdict("github", b"key", &hub(&format!("sha512={}", hex::encode(&digest))))),
        (Cause::SignatureVersion, verdict("stripe", b"whsec_a", &v0)),
        (Cause::AlgorithmDiffers, verdict("github", b"key", &hub(&format!("sha256={}", hex::encode(sha512))))),
        (Cause::EncodingDiffers, verdict("github", b"key", &hub(&format!("sha256={}", STANDARD.encode(&digest))))),
        (Cause::EncodingDiffers, verdict("github", b"key", &hub(&format!("sha256={}", hex::encode_upper(&digest))))),
        (Cause::MessageDiffers, verdict("stripe", b"whsec_a", &joined)),
        (Cause::BodyMalformed, {
            let signature = hex::encode(mac(b"key", format!("{NOW}tok").as_bytes()));
            let body = format!(r#"{{"signature":{{"timestamp":"{NOW}","token":"tok","signature":"{signature}"}}"#);
            verdict("mailgun", b"key", &request("POST", "/", &[], body.as_bytes()))
        }),
        (Cause::SignatureRepeated, {
            let right = format!("sha256={}", hex::encode(&digest));
            let lines = [("X-Hub-Signature-256", "sha256=00"), ("X-Hub-Signature-256", right.as_str())];
            verdict("github", b"key", &request("POST", "/", &lines, BODY))
        }),
    ]
}

fn times() -> Vec<(Cause, Verdict)> {
    let at = |cause, time: &str| (cause, verdict("stripe", b"whsec_a", &stripe(time, b"whsec_a", BODY)));
    let slack = request("POST", "/", &[("X-Slack-Signature", "v0=00")], BODY);
    vec![
        at(Cause::TimestampStale, "1699999699"),
        at(Cause::TimestampFuture, "1700000301"),
        at(Cause::TimestampUnit, "1700000000000"),
        at(Cause::TimestampMalformed, "soon"),
        (Cause::TimestampUnit, {
            let digest = hex::encode(mac(b"whsec_a", &[b"1700000000000.".as_slice(), BODY].concat()));
            let header = format!("t=1700000000,v1={digest}");
            verdict("stripe", b"whsec_a", &request("POST", "/", &[("Stripe-Signature", &header)], BODY))
        }),
        (Cause::TimestampMissing, verdict("slack", b"key", &slack)),
        (Cause::TimestampAltered, {
            let digest = hex::encode(mac(b"whsec_a", &[b"1699999999.".as_slice(), BODY].concat()));
            let header = format!("t=1700000000,v1={digest}");
            verdict("stripe", b"whsec_a", &request("POST", "/", &[("Stripe-Signature", &header)], BODY))
        }),
        (Cause::Handshake, {
            // The judge names it: what a handshake is stands beside the check.
            let detail = "not signed by design: this is a handshake";
            Verdict::plain("meta", Outcome::Unsigned, Some(Cause::Handshake), detail, Timestamp::from_secs(NOW))
        }),
    ]
}

#[test]
fn every_cause_is_made_to_happen() {
    let cases = all_cases();
    for (cause, verdict) in &cases {
        assert_eq!(verdict.cause, Some(*cause), "wanted {}: {}", cause.as_str(), verdict.detail);
        assert_ne!(verdict.outcome, Outcome::Valid);
        assert!(!verdict.detail.is_empty());
    }
    let seen: BTreeSet<&str> = cases.iter().map(|(cause, _)| cause.as_str()).collect();
    let missing: Vec<&str> =
        Cause::ALL.iter().map(|cause| cause.as_str()).filter(|word| !seen.contains(word)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

/// A message signature or token that names a key, checked with a set of keys.
#[test]
fn the_key_that_is_named_and_the_one_that_fits_are_told() {
    for (named, wanted, words) in [
        ("new", None, ""),
        ("old", Some(Cause::KeyId), "names the key old, which is in the set and does not verify it; new verifies it"),
        (
            "gone",
            Some(Cause::KeyId),
            "names the key gone, which is not in the set; new verifies it (the set holds old, new)",
        ),
    ] {
        let verdict = key_set_verdict(named, true);
        assert_eq!(verdict.cause, wanted, "{named}: {}", verdict.detail);
        assert!(verdict.detail.contains(words), "{named}: {}", verdict.detail);
    }
    let none = key_set_verdict("gone", false);
    assert_eq!(none.cause, Some(Cause::KeyId), "{}", none.detail);
    assert!(
        none.detail.contains("names the key gone, and the set given here holds old, new, of which none"),
        "{}",
        none.detail
    );
    assert!(!none.tried_fits);
    assert_eq!(key_set_verdict("old", false).cause, Some(Cause::SignatureMismatch));
}

/// A message signature that names the key `named`, signed with the key `new` of the set or with one that is in no set.
fn key_set_verdict(named: &str, by_new: bool) -> Verdict {
    let [old, new, foreign] = [7, 8, 9].map(|seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap());
    let jwk = |id: &str, pair: &Ed25519KeyPair| {
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{id}","x":"{x}"}}"#)
    };
    let set = format!(r#"{{"keys":[{},{}]}}"#, jwk("old", &old), jwk("new", &new));
    let params = format!(r#"("@method" "@authority");created={NOW};keyid="{named}""#);
    let base = format!("\"@method\": POST\n\"@authority\": in.example\n\"@signature-params\": {params}");
    let pair = if by_new { &new } else { &foreign };
    let signature = format!("sig1=:{}:", STANDARD.encode(pair.sign(base.as_bytes())));
    let headers = [("Host", "in.example"), ("Signature-Input", &format!("sig1={params}")), ("Signature", &signature)];
    verdict_at(
        "http-message-signatures",
        set.as_bytes(),
        &request("POST", "/", &headers, b""),
        Some("https://in.example"),
    )
}

/// What of a signature's headers came says what to look for.
#[test]
fn a_missing_signature_is_told_by_what_came_beside_it() {
    let signed = hex::encode(mac(b"key", &[b"v0:1700000000:".as_slice(), BODY].concat()));
    let signed = format!("v0={signed}");
    let (time, signature) = (("X-Slack-Request-Timestamp", "1700000000"), ("X-Slack-Signature", signed.as_str()));
    for (headers, cause, words) in [
        (&[][..], Cause::SignatureMissing, "Nothing else in it is Slack's either"),
        (&[time][..], Cause::SignatureMissing, "header X-Slack-Request-Timestamp is there, which Slack sends with it"),
        (&[signature][..], Cause::TimestampMissing, "X-Slack-Signature came without it"),
    ] {
        let verdict = verdict("slack", b"key", &request("POST", "/", headers, BODY));
        assert_eq!(verdict.cause, Some(cause), "{}", verdict.detail);
        assert!(verdict.detail.contains(words), "{}", verdict.detail);
    }
    let github = verdict("github", b"key", &request("POST", "/", &[("X-GitHub-Event", "push")], BODY));
    assert!(github.detail.contains("Is a secret set for this webhook at GitHub"), "{}", github.detail);
}

/// The list and `--json` show the quick check, the Signature tab and `verify` the whole one.
#[test]
fn a_quick_check_has_the_outcome_of_the_whole_one() {
    let quick = |scheme: &str, request: &Request| {
        let profile = Profiles::builtin().resolve(scheme).unwrap();
        let secrets = [Secret::new(*b"key")];
        let verdict = check(&CheckInput { autopsy_work_bytes: 0, ..CheckInput::new(&profile, &secrets, request) });
        (verdict.outcome, verdict.cause)
    };
    let foreign = stripe("1700000000", b"key", BODY);
    let renamed = request("POST", "/", &[("X-Other", &hex::encode(mac(b"key", BODY)))], BODY);
    let token = request("POST", "/", &[("X-Gitlab-Event", "a"), ("X-Other", "key")], BODY);
    let bare = request("POST", "/", &[("X-GitHub-Event", "push")], BODY);
    for (scheme, request, outcome, cause) in [
        ("github", &foreign, Outcome::Invalid, Cause::OtherProvider),
        ("github", &renamed, Outcome::Invalid, Cause::WrongHeader),
        ("gitlab", &token, Outcome::Invalid, Cause::WrongHeader),
        ("github", &bare, Outcome::Unsigned, Cause::SignatureMissing),
        ("stripe", &bare, Outcome::Unsigned, Cause::OtherProvider),
    ] {
        let whole = verdict(scheme, b"key", request);
        assert_eq!((whole.outcome, whole.cause), (outcome, Some(cause)), "{scheme}: {}", whole.detail);
        assert_eq!(quick(scheme, request), (outcome, Some(cause)), "{scheme}");
    }
}

#[test]
fn a_signature_of_the_wrong_length_is_told_in_numbers_and_nothing_tried_fits() {
    let headers = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=00")];
    let short = verdict("github", b"key", &request("POST", "/", &headers, BODY));
    assert_eq!(short.cause, Some(Cause::SignatureMalformed));
    assert!(short.detail.contains("1 byte in hex, 32 are needed"), "{}", short.detail);
    assert!(!short.tried_fits && short.tried_count > 0);
    assert!(verdict("github", b" key", &github(BODY, b"key", BODY)).tried_fits);
}

#[test]
fn old_on_arrival_and_old_by_now_have_other_advice() {
    let profile = Profiles::builtin().by_name("stripe").unwrap();
    let secrets = [Secret::new(*b"whsec_a")];
    let words = |came: i64, now: i64| {
        let mut request = stripe("1700000000", b"whsec_a", BODY);
        request.first_byte = Timestamp::from_secs(came);
        let now = Timestamp::from_secs(now);
        let verdict = check(&CheckInput { now, ..CheckInput::new(profile, &secrets, &request) });
        assert_eq!(verdict.cause, Some(Cause::TimestampStale), "{}", verdict.detail);
        verdict.detail
    };
    for now in [1_700_000_400, 1_700_009_000] {
        let words = words(1_700_000_400, now);
        assert!(words.contains("already 6 min 40 s old when it came") && words.contains("replay"), "{words}");
        assert!(!words.contains("sign anew"), "{words}");
    }
    let later = words(1_700_000_000, 1_700_000_400);
    assert!(later.contains("6 min 40 s old by now") && later.contains("sign anew"), "{later}");
}

#[test]
fn words_are_kebab_case_and_differ() {
    let words: BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
    assert_eq!(words.len(), Cause::ALL.len());
    for word in words {
        assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{word}");
    }
}

#[test]
fn a_detail_holds_neither_secret_nor_expected_value() {
    for (_, verdict) in all_cases() {
        let shown = format!("{verdict:?}");
        for secret in ["whsec_live", "whsec_abc", "whsec_test"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        if let Some(expected) = &verdict.expected {
            let whole = expected.reveal();
            assert!(whole.len() < 24 || !verdict.detail.contains(&whole));
        }
    }
}

#[test]
fn public_keys_are_examined_too() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let key = hex::encode(pair.public_key().as_ref());
    let signature = hex::encode(pair.sign(&[b"1700000000".as_slice(), BODY].concat()));
    let headers = [("X-Signature-Ed25519", signature.as_str()), ("X-Signature-Timestamp", "1700000000")];
    let good = request("POST", "/", &headers, BODY);
    assert_eq!(verdict("discord", key.as_bytes(), &good).outcome, Outcome::Valid);
    let longer = request("POST", "/", &headers, &[BODY, b"\n"].concat());
    assert_eq!(verdict("discord", key.as_bytes(), &longer).cause, Some(Cause::BodyNewline));
    let unusable = verdict("discord", b"not a key", &good);
    assert_eq!((unusable.outcome, unusable.cause), (Outcome::Unknown, Some(Cause::SecretMalformed)));
}

/// The tab has no key for the URL: it prints what to give instead.
#[test]
fn a_url_that_fits_is_told_as_the_flag_and_the_setting() {
    let forwarded = twilio("https://out.example/hook", "/hook", &[("X-Forwarded-Host", "out.example")]);
    let verdict = verdict("twilio", b"token", &forwarded);
    assert_eq!(verdict.cause, Some(Cause::UrlHost), "{}", verdict.detail);
    for part in ["`--public-url https://out.example`", "`public_url: \"https://out.example\"`"] {
        assert!(verdict.detail.contains(part), "{part}: {}", verdict.detail);
    }
}

#[test]
fn ones_own_secret_spoiled_is_named_before_the_other_that_fits() {
    let profile = Profiles::builtin().by_name("github").unwrap();
    let signed = github(BODY, b"key", BODY);
    let others = [NamedSecret { name: "endpoint /live".into(), secret: Secret::new(*b"key") }];
    for (own, cause) in
        [(&b"key\n"[..], Cause::SecretWhitespace), (b"\"key\"", Cause::SecretQuotes), (b"another", Cause::OtherSecret)]
    {
        let own = [Secret::new(own)];
        let verdict = check(&CheckInput { others: &others, ..CheckInput::new(profile, &own, &signed) });
        assert_eq!(verdict.cause, Some(cause), "{}", verdict.detail);
        assert!(verdict.detail.contains("endpoint /live"), "{}", verdict.detail);
    }
}

/// A key pair of the algorithm: the private half, and the public one as a user pastes it.
fn key_pair(algorithm: scheme::Algorithm) -> (String, String) {
    use crypto::private;
    let rule = scheme::Key { decode: scheme::KeyForm::Public, ..scheme::Key::default() };
    let kind = algorithm.key_kind().unwrap();
    let rsa = || include_str!("../../../../tests/fixtures/keys/rsa-2048.pem").to_owned();
    let pem = private::generate_pem(kind).map_or_else(rsa, |pem| pem.to_string());
    let public = private::read(&rule, algorithm, pem.as_bytes()).unwrap().public();
    (pem, private::public_pem(&public))
}

/// Another RSA key than that of the fixture: the public half of RFC 9500 section 2.1's 2048 bit test key.
const OTHER_RSA: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsPnoGUOnrpiSqt4XynxA
+HRP7S+BSObI6qJ7fQAVSPtRkqsotWxQYLEYzNEx5ZSHTGypibVsJylvCfuToDTf
Mul8b/CZjP2Ob0LdpYrNH6l5hvFE89FU1nZQF15oVLOpUgA7wGiHuEVawrGfey92
UE68mOyUVXGweJIVDdxqdMoPvNNUl86BU02vlBiESxOuox+dWmuVV7vfYZ79Toh/
LUK43YvJh+rhv4nKuF7iHjVjBd9sB6iDjj70HFldzOQ9r8SRI+9NirupPTkF5AKN
e6kUhKJ1luB7S27ZkvB3tSTT3P593VVJvnzOjaA1z6Cz+4+eRvcysqhrRgFlwI9T
EwIDAQAB
-----END PUBLIC KEY-----
";

#[test]
fn the_wrong_one_of_several_public_keys_is_named() {
    let (mut tried, mut algorithms, mut wrongly) = (Vec::new(), BTreeSet::new(), Vec::new());
    for profile in Profiles::builtin().iter() {
        let Some(algorithm) =
            profile.schemes.first().map(|scheme| scheme.algorithm).filter(|algorithm| algorithm.is_public())
        else {
            continue;
        };
        let Some(event) = profile.events.first() else { continue };
        let (private, public) = key_pair(algorithm);
        let mut headers = crate::domain::headers::Headers::from_pairs([("Content-Type", event.content_type.as_str())]);
        event.headers.iter().for_each(|(name, value)| headers.set(name, value.clone()));
        let secret = Secret::new(private.into_bytes());
        let (now, body) = (Timestamp::from_secs(NOW), event.body.as_bytes());
        let url = "https://x.example/hook";
        let input = SignInput { profile, secret: &secret, method: b"POST", url, headers: &headers, body, now };
        // Some need more than a key, and ring makes no signatures with SHA-1.
        let Ok(signed) = sign_whole(&input) else { continue };
        signed.headers.into_iter().for_each(|(name, value)| headers.set(&name, value));
        let mut request = request("POST", "/hook", &[], &signed.body.unwrap_or_else(|| body.to_vec()));
        request.headers = headers;
        let judged = |own: &str, others: &[NamedSecret]| {
            let own = [Secret::new(own.as_bytes())];
            let public_url = Some("https://x.example");
            check(&CheckInput { public_url, others, now, ..CheckInput::new(profile, &own, &request) })
        };
        if judged(&public, &[]).outcome != Outcome::Valid {
            continue;
        }
        tried.push(profile.name.clone());
        algorithms.insert(algorithm.name());
        let is_rsa = algorithm.key_kind() == Some(scheme::KeyKind::Rsa);
        let wrong = if is_rsa { OTHER_RSA.to_owned() } else { key_pair(algorithm).1 };
        let right = [NamedSecret { name: "endpoint /live".into(), secret: Secret::new(public.into_bytes()) }];
        for (own, others, wanted) in [
            (wrong.as_str(), &[][..], Cause::SignatureMismatch),
            (&wrong, &right, Cause::OtherSecret),
            ("no key at all", &right, Cause::OtherSecret),
        ] {
            let verdict = judged(own, others);
            if (verdict.outcome, verdict.cause) != (Outcome::Invalid, Some(wanted)) {
                wrongly.push(format!(
                    "{} wanted {}: {:?} {}",
                    profile.name,
                    wanted.as_str(),
                    verdict.cause,
                    verdict.detail
                ));
            }
        }
    }
    assert!(wrongly.is_empty(), "{}", wrongly.join("\n"));
    assert!(tried.len() >= 15 && algorithms.len() >= 5, "{tried:?} {algorithms:?}");
}
