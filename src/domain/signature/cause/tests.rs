//! Every cause is made to happen, and the documentation lists them all.

mod cases;
mod differences;
mod public_keys;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::domain::exchange::{Mark, Request};
use crate::domain::signature::tests::{request, vectors};
use crate::domain::signature::*;
use crate::domain::time::Timestamp;
use cases::all_cases;

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

/// What the words advise for a URL is done: it makes the check valid, or the words say that no setting can.
#[test]
fn the_advice_for_a_url_holds_when_it_is_followed() {
    let (origin, proxied) = ("https://e.example", [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "e.example")]);
    let prefix = [("X-Forwarded-Prefix", "/api")];
    let (uri, whole) = ([("X-Original-URI", "/api/h")], [("X-Original-URL", "https://e.example/api/h?a=1")]);
    for (cause, signed, target, headers, set) in [
        (Cause::UrlScheme, "http://e.example/h", "/h", &[][..], Some(origin)),
        (Cause::UrlScheme, "https://in.example/h?a=1", "/h?a=1", &[], None),
        (Cause::UrlHost, "https://www.e.example/h", "/h", &[], Some(origin)),
        (Cause::UrlHost, "https://e.example/h?a=1", "/h?a=1", &proxied, None),
        (Cause::UrlPort, "https://e.example:8443/h", "/h", &[], Some("https://e.example:9000")),
        (Cause::UrlPath, "https://e.example/in?a=1", "/in?a=1", &[], Some("https://e.example/out")),
        (Cause::UrlPath, "https://e.example/api/h?a=1", "/h?a=1", &prefix, Some(origin)),
        (Cause::UrlPath, "https://e.example/api/h", "/h", &uri, Some(origin)),
        (Cause::UrlPath, "https://e.example/api/h?a=1", "/h", &whole, Some(origin)),
        (Cause::UrlPath, "https://e.example/tw/%c3%a9?a=1", "/tw/%C3%A9?a=1", &[], Some(origin)),
        (Cause::UrlPath, "https://e.example/%C3%A9", "/%c3%a9", &[], Some(origin)),
        (Cause::UrlPath, "https://e.example//tw/hook", "/tw/hook", &[], Some(origin)),
        (Cause::UrlPath, "https://e.example/tw/hook", "//tw/hook", &[], Some(origin)),
        (Cause::UrlSlash, "https://e.example/tw/hook/", "/tw/hook", &[], Some(origin)),
        (Cause::UrlSlash, "https://e.example/tw/hook/?a=1", "/tw/hook?a=1", &[], Some(origin)),
        (Cause::UrlSlash, "https://e.example/tw/hook", "/tw/hook/", &[], Some(origin)),
        (Cause::UrlQuery, "https://e.example/h", "/h?a=1", &[], Some(origin)),
        (Cause::UrlQuery, "https://e.example/h?a=1&b=2", "/h?b=2&a=1", &[], Some(origin)),
        (Cause::UrlQuery, "https://e.example/h?a=1", "/h", &[("X-Original-URL", "/h?a=1")], Some(origin)),
    ] {
        let request = twilio(signed, target, headers);
        let first = verdict_at("twilio", b"token", &request, set);
        assert_eq!(first.outcome, Outcome::Invalid, "{signed} at {target}");
        let told = first.detail.split_once("`--public-url ").and_then(|(_, rest)| rest.split_once('`'));
        match told {
            Some((advice, _)) => {
                let then = verdict_at("twilio", b"token", &request, Some(advice));
                assert_eq!(then.outcome, Outcome::Valid, "{signed} at {target}: {advice}: {}", then.detail);
            }
            None => {
                assert_eq!(cause, Cause::UrlQuery, "{}", first.detail);
                assert!(first.detail.contains("no setting here gives that one"), "{}", first.detail);
            }
        }
        assert_eq!(first.cause, Some(cause), "{signed} at {target}: {}", first.detail);
    }
}

/// Mailgun signs two fields of the body and nothing else.
#[test]
fn only_what_is_signed_is_said_to_be_changed_and_its_pieces_are_tried_in_other_orders() {
    let of = |signed: &[u8], key: &[u8]| {
        let signature = hex::encode(mac(key, signed));
        let body = format!(r#"{{"signature":{{"timestamp":"{NOW}","token":"tok","signature":"{signature}"}}}}"#);
        verdict("mailgun", b"key", &request("POST", "/", &[], body.as_bytes()))
    };
    let wrong = of(b"1700000000tok", b"other");
    assert_eq!(wrong.cause, Some(Cause::SignatureMismatch));
    let all = [wrong.detail.as_str(), &wrong.check_next.join("\n"), &wrong.tried.join("\n")].join("\n");
    assert!(!all.contains("the body on the way") && !all.contains("joins of body"), "{all}");
    assert!(all.contains("signature.timestamp") && all.contains("signature.token"), "{all}");
    for joined in ["tok1700000000", "1700000000.tok", "tok:1700000000", "1700000000", "tok"] {
        let verdict = of(joined.as_bytes(), b"key");
        assert_eq!(verdict.cause, Some(Cause::MessageDiffers), "{joined}: {}", verdict.detail);
    }
    assert_eq!(of(b"1700000000tok", b"key").outcome, Outcome::Valid);
}

/// A rule that many providers have is named by the best known of them, and is not said to be one's alone.
#[test]
fn a_shared_rule_is_named_by_those_who_have_it() {
    let signed = hex::encode(mac(b"key", BODY));
    let hub = format!("sha256={signed}");
    let headers = [("X-Gitlab-Event", "Push Hook"), ("X-Hub-Signature-256", hub.as_str())];
    let gitlab = verdict("gitlab", b"key", &request("POST", "/", &headers, BODY));
    assert_eq!(gitlab.cause, Some(Cause::OtherProvider), "{}", gitlab.detail);
    assert!(
        gitlab.detail.contains("fits as GitHub, ") && gitlab.detail.contains("--scheme github"),
        "{}",
        gitlab.detail
    );
    let bare = verdict("slack", b"key", &request("POST", "/", &[("X-Signature", &signed)], BODY));
    assert!(bare.detail.contains(" sign ("), "{:?} {}", bare.cause, bare.detail);
    assert!(bare.detail.contains("the one of them that sends this"), "{}", bare.detail);
}

/// The digest is right, and what stands round it in its header is not.
#[test]
fn what_stands_round_a_right_digest_is_named() {
    let digest = hex::encode(mac(b"whsec_a", &[b"1700000000.".as_slice(), BODY].concat()));
    let blank = |digest: &str| {
        let header = format!("t=1700000000, v1={digest}");
        verdict("stripe", b"whsec_a", &request("POST", "/", &[("Stripe-Signature", &header)], BODY))
    };
    for (digest, right) in [(digest.as_str(), true), (&"0".repeat(64), false)] {
        let verdict = blank(digest);
        assert_eq!(verdict.cause, Some(Cause::SignatureWrapped), "{}", verdict.detail);
        assert!(verdict.detail.contains("a blank stands beside the name `v1`"), "{}", verdict.detail);
        assert_eq!(verdict.detail.contains("secret and signed bytes are right"), right, "{}", verdict.detail);
    }
    let secret = format!("whsec_{}", STANDARD.encode("0123456789abcdefghijklmn"));
    let signed = [b"msg_1.1700000000.".as_slice(), BODY].concat();
    let svix = STANDARD.encode(mac(b"0123456789abcdefghijklmn", &signed));
    let other = STANDARD.encode([7; 32]);
    for (name, list) in [("first", format!("v1,{svix},v1,{other}")), ("second", format!("v1,{other},v1,{svix}"))] {
        let headers = [("svix-id", "msg_1"), ("svix-timestamp", "1700000000"), ("svix-signature", list.as_str())];
        let verdict = verdict("svix", secret.as_bytes(), &request("POST", "/", &headers, BODY));
        assert_eq!(verdict.cause, Some(Cause::SignatureMalformed), "{name}: {}", verdict.detail);
        assert!(verdict.detail.contains("parted by `,`, and have to be by a blank"), "{name}: {}", verdict.detail);
    }
}

/// A time that cannot be read is told though the digest is wrong too.
#[test]
fn an_unreadable_time_is_told_with_a_wrong_digest() {
    let request = stripe("abc", b"another", BODY);
    let verdict = verdict("stripe", b"whsec_a", &request);
    assert_eq!(verdict.cause, Some(Cause::SignatureMismatch));
    assert!(verdict.detail.contains("the timestamp `abc` (t="), "{}", verdict.detail);
    assert!(verdict.check_next.iter().any(|step| step.contains("is no time as Stripe writes it")));
}

/// The private half of a v1a key signs, and its public half checks.
#[test]
fn the_private_half_of_a_key_is_answered_with_the_public_one() {
    let headers = [("svix-id", "m"), ("svix-timestamp", "1700000000"), ("svix-signature", "v1a,AAAA")];
    let secret = format!("whsk_{}", STANDARD.encode([7; 32]));
    let verdict = verdict("svix", secret.as_bytes(), &request("POST", "/", &headers, BODY));
    assert_eq!(verdict.cause, Some(Cause::SecretWrongKind), "{}", verdict.detail);
    assert!(verdict.detail.contains("whpk_") && !verdict.detail.contains("does not sign"), "{}", verdict.detail);
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

/// What the sender's secret has round it, where ours is bare, and the side that has to mend it.
#[test]
fn what_the_sender_left_round_the_secret_is_found_and_mended_there() {
    let profile = Profiles::builtin().by_name("github").unwrap();
    let own = [Secret::new(*b"topsecret").named("env:HOOK_KEY")];
    for (sent, cause, words) in [
        ("topsecret ", Cause::SecretWhitespace, "with a blank after it"),
        (" topsecret", Cause::SecretWhitespace, "with a blank before it"),
        ("\ttopsecret", Cause::SecretWhitespace, "with a tab before it"),
        ("topsecret\n\n", Cause::SecretWhitespace, "with two line ends (LF) after it"),
        ("\u{feff}topsecret", Cause::SecretWhitespace, "with a byte order mark before it"),
        ("\"topsecret\"", Cause::SecretQuotes, "with double quotes around it"),
        ("'topsecret'", Cause::SecretQuotes, "with single quotes around it"),
        ("\"'topsecret'\"", Cause::SecretQuotes, "with single and then double quotes around it"),
        ("GITHUB_SECRET=topsecret", Cause::SecretQuotes, "with the name GITHUB_SECRET= before it"),
        ("GITHUB_WEBHOOK_SECRET=topsecret", Cause::SecretQuotes, "with the name GITHUB_WEBHOOK_SECRET="),
        ("WEBHOOK_SECRET=topsecret", Cause::SecretQuotes, "with the name WEBHOOK_SECRET="),
        ("SECRET=\"topsecret\"", Cause::SecretQuotes, "with the name SECRET= and double quotes before it"),
        ("HOOK_KEY=topsecret", Cause::SecretQuotes, "with the name HOOK_KEY="),
    ] {
        let signed = github(BODY, sent.as_bytes(), BODY);
        let input = CheckInput::new(profile, &own, &signed);
        let verdict = check(&input);
        assert_eq!(verdict.cause, Some(cause), "{sent:?}: {}", verdict.detail);
        assert!(verdict.detail.contains(words) && verdict.detail.contains("at the sender"), "{}", verdict.detail);
        let computed = explain(&input, Some(&hex::encode(mac(sent.as_bytes(), BODY)))).computed.unwrap();
        let origin = computed.origin.unwrap_or_else(|| panic!("{sent:?}: {}", computed.detail));
        assert!(origin.secret.contains(words), "{}", computed.detail);
        assert!(
            computed.detail.contains("trim the secret") || computed.detail.contains("take the bare secret"),
            "{}",
            computed.detail
        );
    }
    // Both wrong: the body too.
    let other = github(&[BODY, b"\n"].concat(), b"topsecret ", BODY);
    let both = check(&CheckInput::new(profile, &own, &other));
    assert!(both.detail.contains("two things differ") && both.detail.contains("at the sender"), "{}", both.detail);
    // A shared token likewise.
    let gitlab = request("POST", "/", &[("X-Gitlab-Event", "a"), ("X-Gitlab-Token", "\"topsecret\"")], BODY);
    let token = check(&CheckInput::new(Profiles::builtin().by_name("gitlab").unwrap(), &own, &gitlab));
    assert_eq!(token.cause, Some(Cause::SecretQuotes), "{}", token.detail);
}

/// Two things that are wrong at once are both told with what to do.
#[test]
fn two_mistakes_have_two_remedies() {
    let blank = verdict("github", b"key\n", &github(BODY, b"key", &[BODY, b"\n"].concat()));
    assert_eq!(blank.cause, Some(Cause::SecretWhitespace), "{}", blank.detail);
    for part in ["two things differ", "The secret: write it anew", "The body: a trim or an editor"] {
        assert!(blank.detail.contains(part), "{part}: {}", blank.detail);
    }
    let url = verdict_at("twilio", b"token ", &twilio("https://x.example/h", "/h", &[]), Some("http://x.example"));
    for part in ["two things differ", "The secret: write it anew", "The URL: give `--public-url https://x.example`"] {
        assert!(url.detail.contains(part), "{part}: {}", url.detail);
    }
}
