//! One way or several to bring each cause about.

use super::*;

/// One way to bring each cause about, as a name and what came of it.
pub(super) fn all_cases() -> Vec<(Cause, Verdict)> {
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
        (Cause::MethodDiffers, other_method()),
    ]
}

/// A delivery of HubSpot's second version, signed for one method and sent with another.
fn other_method() -> Verdict {
    let signed = [b"keyPOSThttps://in.example/hook", BODY].concat();
    let digest = hex::encode(ring::digest::digest(&ring::digest::SHA256, &signed));
    let headers = [("X-HubSpot-Signature", digest.as_str()), ("X-HubSpot-Signature-Version", "v2")];
    verdict_at("hubspot", b"key", &request("PUT", "/hook", &headers, BODY), Some("https://in.example/hook"))
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
        (Cause::SecretWhitespace, verdict("github", b"key", &github(BODY, b"key ", BODY))),
        (Cause::SecretQuotes, verdict("github", b"key", &github(BODY, b"GITHUB_SECRET=key", BODY))),
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
        (Cause::ValueMissing, {
            let headers = [("svix-timestamp", "1700000000"), ("svix-signature", "v1,AAAA")];
            verdict("svix", b"whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u", &request("POST", "/", &headers, BODY))
        }),
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
