//! A pasted digest is led back to secret, bytes, algorithm and encoding. Every digest here is made by hand.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::{digest, hmac};

use crate::domain::exchange::Request;
use crate::domain::signature::autopsy::computed::Computed;
use crate::domain::signature::tests::request;
use crate::domain::signature::{CheckInput, NamedSecret, Profiles, Secret, explain};
use crate::domain::time::Timestamp;

const BODY: &[u8] = br#"{"id": "evt_1", "n": 1.0}"#;
const T: &str = "1700000000";

fn mac(algorithm: hmac::Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
}

fn sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    mac(hmac::HMAC_SHA256, key, message)
}

fn signed_bytes() -> Vec<u8> {
    [T.as_bytes(), b".", BODY].concat()
}

fn stripe() -> Request {
    let digest = hex::encode(sha256(b"whsec_right", &signed_bytes()));
    request("POST", "/hook", &[("Stripe-Signature", &format!("t={T},v1={digest}"))], BODY)
}

fn computed(value: &str) -> Computed {
    let profile = Profiles::builtin().by_name("stripe").unwrap();
    let request = stripe();
    let secrets = [Secret::new(*b"whsec_right").named("env:STRIPE")];
    let others = [NamedSecret { name: "endpoint /live".into(), secret: Secret::new(*b"whsec_live") }];
    let input = CheckInput { others: &others, ..CheckInput::new(profile, &secrets, &request) };
    explain(&input, Some(value)).computed.unwrap()
}

/// Says that the digest is this algorithm, of these bytes, with this secret, and that it is in this encoding.
#[track_caller]
fn comes_from(value: &str, algorithm: &str, bytes: &str, secret: &str, encoding: &str) -> Computed {
    let computed = computed(value);
    let origin = computed.origin.clone().unwrap_or_else(|| panic!("{value}: {}", computed.detail));
    assert_eq!(origin.algorithm, algorithm, "{}", computed.detail);
    assert!(origin.bytes.contains(bytes), "{bytes}: {}", computed.detail);
    assert!(origin.secret.contains(secret), "{secret}: {}", computed.detail);
    assert_eq!(origin.encoding, encoding, "{}", computed.detail);
    for key in ["whsec_right", "whsec_live"] {
        assert!(!format!("{computed:?}").contains(key), "no secret in {computed:?}");
    }
    computed
}

#[test]
fn the_right_digest_is_told_in_every_writing() {
    let digest = sha256(b"whsec_right", &signed_bytes());
    let hexed = hex::encode(&digest);
    let spaced: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    for value in [
        hexed.clone(),
        format!("  {hexed}\n"),
        format!("sha256={hexed}"),
        format!("v1={hexed}"),
        format!("t=1,v1={hexed}"),
        format!("'{hexed}'"),
        format!("b'{hexed}'"),
        format!("0x{hexed}"),
        spaced.join(":"),
        format!("<Buffer {}>", spaced.join(" ")),
    ] {
        let computed = comes_from(&value, "HMAC-SHA256", "the bytes that Stripe signs", "env:STRIPE", "hex");
        assert!(computed.origin.unwrap().remedies.is_empty(), "{value}");
        assert!(computed.detail.contains("what the request carries"), "{}", computed.detail);
    }
    let rule = "the bytes that Stripe signs";
    comes_from(&hexed.to_uppercase(), "HMAC-SHA256", rule, "env:STRIPE", "upper-case hex");
    comes_from(&STANDARD.encode(&digest), "HMAC-SHA256", rule, "env:STRIPE", "base64");
    comes_from(
        STANDARD.encode(&digest).trim_end_matches('='),
        "HMAC-SHA256",
        rule,
        "env:STRIPE",
        "base64 without padding",
    );
    comes_from(&STANDARD.encode(&hexed), "HMAC-SHA256", rule, "env:STRIPE", "base64 of the hex text");
    // One that base64 would write with other characters.
    let odd = (0..200).map(|n| sha256(b"whsec_right", format!("{n}").as_bytes())).find(|one| {
        let text = URL_SAFE_NO_PAD.encode(one);
        text.contains('-') || text.contains('_')
    });
    assert!(
        super::paste::read(&URL_SAFE_NO_PAD.encode(odd.unwrap())).iter().any(|one| one.reading.name() == "base64url")
    );
}

#[test]
fn a_beginning_is_enough() {
    let hexed = hex::encode(sha256(b"whsec_right", &signed_bytes()));
    for value in [
        &hexed[..16],
        &hexed[..13],
        &hexed[..40],
        &format!("{}...", &hexed[..20]),
        &format!("{}…{}", &hexed[..12], &hexed[60..]),
    ] {
        let computed = comes_from(value, "HMAC-SHA256", "the bytes that Stripe signs", "env:STRIPE", "hex");
        assert!(computed.origin.unwrap().cut.is_some(), "{value}");
    }
    let text = STANDARD.encode(sha256(b"whsec_right", &signed_bytes()));
    comes_from(&text[..22], "HMAC-SHA256", "the bytes that Stripe signs", "env:STRIPE", "base64");
    assert!(computed(&hexed[..8]).origin.is_none());
}

#[test]
fn what_went_wrong_in_the_users_code_is_told() {
    let right = b"whsec_right";
    let compact = br#"{"id":"evt_1","n":1}"#;
    let python = br#"{"id": "evt_1", "n": 1.0}"#;
    assert_eq!(python, BODY, "Python writes it as it came");
    let hexed = |bytes: Vec<u8>| hex::encode(bytes);
    let plain = |bytes: &[u8]| hex::encode(digest::digest(&digest::SHA256, bytes));
    let said = comes_from(&hexed(sha256(right, BODY)), "HMAC-SHA256", "the body alone", "env:STRIPE", "hex");
    assert!(said.detail.contains("sign {timestamp}.{body}"), "{}", said.detail);
    comes_from(&hexed(sha256(right, compact)), "HMAC-SHA256", "JSON.stringify", "env:STRIPE", "hex");
    let stamped = [T.as_bytes(), b".", compact].concat();
    let said = comes_from(&hexed(sha256(right, &stamped)), "HMAC-SHA256", "JSON.stringify", "env:STRIPE", "hex");
    assert!(said.detail.contains("raw bytes"), "{}", said.detail);
    let said = comes_from(
        &hexed(sha256(b"right", &signed_bytes())),
        "HMAC-SHA256",
        "that Stripe signs",
        "without its prefix",
        "hex",
    );
    assert!(said.detail.contains("make the key as Stripe does: use the whole secret as text"), "{}", said.detail);
    comes_from(
        &hexed(sha256(b"whsec_right\n", &signed_bytes())),
        "HMAC-SHA256",
        "that Stripe signs",
        "line end (LF)",
        "hex",
    );
    comes_from(
        &hexed(sha256(b"whsec_live", &signed_bytes())),
        "HMAC-SHA256",
        "that Stripe signs",
        "endpoint /live",
        "hex",
    );
    comes_from(&hexed(sha256(b"", &signed_bytes())), "HMAC-SHA256", "that Stripe signs", "an empty key", "hex");
    comes_from(
        &hexed(mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, right, &signed_bytes())),
        "HMAC-SHA1",
        "Stripe signs",
        "env",
        "hex",
    );
    comes_from(&hexed(mac(hmac::HMAC_SHA512, right, BODY)), "HMAC-SHA512", "the body alone", "env:STRIPE", "hex");
    comes_from(&plain(BODY), "SHA-256", "the body alone", "", "hex");
    comes_from(&plain(compact), "SHA-256", "JSON.stringify", "", "hex");
    comes_from(
        &plain(&[right.as_slice(), BODY].concat()),
        "SHA-256",
        "the secret and then the body alone",
        "env:STRIPE",
        "hex",
    );
    comes_from(
        &plain(&[BODY, right.as_slice()].concat()),
        "SHA-256",
        "the secret behind the body alone",
        "env:STRIPE",
        "hex",
    );
    let said = comes_from(&hexed(sha256(&signed_bytes(), right)), "HMAC-SHA256", "as the key", "env:STRIPE", "hex");
    assert!(said.detail.contains("swap"), "{}", said.detail);
    let colon = [T.as_bytes(), b":", BODY].concat();
    comes_from(&hexed(sha256(right, &colon)), "HMAC-SHA256", "{timestamp}:{body}", "env:STRIPE", "hex");
    comes_from(
        &hexed(sha256(right, &[BODY, b"\n"].concat())),
        "HMAC-SHA256",
        "line end (LF) at its end",
        "env:STRIPE",
        "hex",
    );
    comes_from(&hexed(sha256(right, b"")), "HMAC-SHA256", "an empty body", "env:STRIPE", "hex");
    comes_from(&hexed(sha256(right, b"[object Object]")), "HMAC-SHA256", "[object Object]", "env:STRIPE", "hex");
}

/// Whoever follows the advice comes to what is demanded: the pieces are told beside the algorithm and the key.
#[test]
fn the_whole_recipe_is_told_where_several_things_are_wrong() {
    let right = b"whsec_right";
    let plain = |pieces: &[&[u8]]| hex::encode(digest::digest(&digest::SHA256, &pieces.concat()));
    let sign = "sign {timestamp}.{body}";
    for (value, first) in [
        (plain(&[right, BODY]), "use HMAC-SHA256, with the secret as its key"),
        (plain(&[BODY, right]), "use HMAC-SHA256, with the secret as its key"),
        (hex::encode(sha256(BODY, right)), "swap key and message"),
        (
            hex::encode(mac(hmac::HMAC_SHA512, BODY, right)),
            "swap key and message: the secret is the key; use HMAC-SHA256",
        ),
    ] {
        let said = computed(&value);
        assert!(said.detail.contains(first) && said.detail.contains(sign), "{}", said.detail);
    }
    // With the right bytes there is no more to say of them.
    assert!(!computed(&hex::encode(sha256(&signed_bytes(), right))).detail.contains(sign));
    for unset in ["undefined", "None", "null"] {
        let value = hex::encode(sha256(right, &[unset.as_bytes(), b".", BODY].concat()));
        let words = format!("the text `{unset}` for the timestamp");
        let said = comes_from(&value, "HMAC-SHA256", &words, "env:STRIPE", "hex");
        assert!(said.detail.contains("sign the timestamp that came (1700000000)"), "{}", said.detail);
    }
}

#[test]
fn what_comes_from_nowhere_is_said_without_a_guess() {
    let nothing = computed(&"ab".repeat(32));
    assert_eq!(nothing.origin, None);
    assert!(nothing.tried_count > 500, "{}", nothing.tried_count);
    assert!(nothing.detail.starts_with("none of "), "{}", nothing.detail);
    for value in ["", "hello world", "ab", "\u{1b}[31m", "zz zz"] {
        let refused = computed(value);
        assert_eq!(refused.origin, None);
        assert!(
            refused.detail.starts_with("this is no digest") && !refused.value.contains('\u{1b}'),
            "{value:?}: {refused:?}"
        );
    }
}

#[test]
fn without_a_secret_plain_digests_are_told() {
    let profile = Profiles::builtin().by_name("github").unwrap();
    let request = request("POST", "/", &[("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=00")], BODY);
    let explanation =
        explain(&CheckInput::new(profile, &[], &request), Some(&hex::encode(digest::digest(&digest::SHA256, BODY))));
    let origin = explanation.computed.unwrap().origin.unwrap();
    assert_eq!((origin.algorithm, origin.secret.as_str(), origin.bytes.as_str()), ("SHA-256", "", "the body"));
}

/// The commonest slips of a shell are named with what to write instead.
#[test]
fn a_line_end_too_many_is_told_with_its_remedy() {
    let secret = sha256(b"whsec_right\n", &signed_bytes());
    let told = comes_from(&hex::encode(secret), "HMAC-SHA256", "the bytes that Stripe signs", "env:STRIPE", "hex");
    assert!(told.detail.contains("trim the secret") && !told.detail.contains("as it is"), "{}", told.detail);
    let body = sha256(b"whsec_right", &[&signed_bytes()[..], b"\n"].concat());
    let told = comes_from(&hex::encode(body), "HMAC-SHA256", "line end (LF)", "env:STRIPE", "hex");
    assert!(told.detail.contains("`printf %s` or `echo -n`"), "{}", told.detail);
}

/// Nothing is blamed on a secret that nobody gave, and nobody is sent to look for a digest that cannot be.
#[test]
fn what_cannot_be_found_yet_or_ever_is_said_to_be_so() {
    let github = request("POST", "/", &[("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=00")], BODY);
    let discord =
        request("POST", "/", &[("X-Signature-Ed25519", &"00".repeat(64)), ("X-Signature-Timestamp", T)], BODY);
    for (name, request, words) in [
        ("github", github, "give the secret first"),
        ("discord", discord, "no digest that you compute can be this signature"),
    ] {
        let input = CheckInput::new(Profiles::builtin().by_name(name).unwrap(), &[], &request);
        let told = explain(&input, Some(&"ab".repeat(32))).computed.unwrap();
        assert!(told.detail.contains(words) && !told.detail.contains("another secret"), "{}", told.detail);
    }
}

/// A digest with what it has to be led back to, in words.
#[track_caller]
fn told(input: &CheckInput<'_>, value: &str, parts: &[&str]) {
    let told = explain(input, Some(value)).computed.unwrap();
    assert!(told.origin.is_some(), "{parts:?}: {}", told.detail);
    for part in parts {
        assert!(told.detail.contains(part), "{part}: {}", told.detail);
    }
}

/// The user's code took its own clock, or wrote the time otherwise.
#[test]
fn another_time_than_the_one_that_came_is_named() {
    let profile = Profiles::builtin().by_name("stripe").unwrap();
    let (request, secrets) = (stripe(), [Secret::new(*b"whsec_right")]);
    let input = CheckInput { now: Timestamp::from_secs(1_700_009_000), ..CheckInput::new(profile, &secrets, &request) };
    let of = |time: &str| hex::encode(sha256(b"whsec_right", &[time.as_bytes(), b".", BODY].concat()));
    let remedy = "sign the timestamp that came (1700000000), not the time at which your code runs";
    told(&input, &of("1700000041"), &["1700000041, 41 s after the one that came", remedy]);
    told(&input, &of("1699999700"), &["1699999700, 5 min before the one that came"]);
    told(&input, &of("1700009000"), &["1700009000, the time of the check", remedy]);
    told(&input, &of("1700008990"), &["10 s before the one of the check"]);
    told(
        &input,
        &of("1700000000000"),
        &["in milliseconds (1700000000000)", "sign the timestamp as it came (1700000000)"],
    );
    assert!(explain(&input, Some(&of("1700001000"))).computed.unwrap().origin.is_none());
}

#[test]
fn a_secret_that_was_not_set_is_named() {
    let profile = Profiles::builtin().by_name("stripe").unwrap();
    let (request, secrets) = (stripe(), [Secret::new(*b"whsec_right").named("env:STRIPE")]);
    let input = CheckInput::new(profile, &secrets, &request);
    let of = |key: &[u8]| hex::encode(sha256(key, &signed_bytes()));
    told(&input, &of(b"undefined"), &["the text `undefined` as the secret", "set the variable"]);
    told(&input, &of(b"$STRIPE_SECRET"), &["`$STRIPE_SECRET`"]);
    told(&input, &of(b"WHSEC_RIGHT"), &["env:STRIPE, in capital letters", "copy the secret again"]);
}

/// Python sorts when it is told to, and prints bytes in its own way.
#[test]
fn what_python_makes_of_the_body_is_named() {
    let profile = Profiles::builtin().by_name("github").unwrap();
    let body = "{\"b\":\"h\u{e9}\",\"a\":1}".as_bytes();
    let request = request("POST", "/", &[("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=00")], body);
    let secrets = [Secret::new(*b"key")];
    let input = CheckInput::new(profile, &secrets, &request);
    let of = |body: &str| hex::encode(sha256(b"key", body.as_bytes()));
    told(&input, &of(r#"{"a": 1, "b": "h\u00e9"}"#), &["json.dumps(sort_keys=True) (Python)"]);
    let compact = "{\"a\":1,\"b\":\"h\u{e9}\"}";
    told(
        &input,
        &of(compact),
        &["json.Marshal (Go) or json.dumps(sort_keys=True, ensure_ascii=False) compact (Python)"],
    );
    told(&input, &of(r#"b'{"b":"h\xc3\xa9","a":1}'"#), &["Python's bytes as text"]);
    told(&input, &of("undefined"), &["the text `undefined`"]);
}

/// Fields of a form in another order or writing, and the URL that only one's own machine knows.
#[test]
fn a_form_that_was_joined_otherwise_is_named() {
    let profile = Profiles::builtin().by_name("twilio").unwrap();
    let url = "https://in.example/tw";
    let digest = |text: &str| STANDARD.encode(mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"token", text.as_bytes()));
    let right = digest(&format!("{url}Body=hiTo2"));
    let headers = [
        ("X-Twilio-Signature", right.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Host", "in.example"),
    ];
    let request = request("POST", "/tw", &headers, b"To=2&Body=hi+you&From=1");
    let secrets = [Secret::new(*b"token")];
    let input = CheckInput { public_url: Some("https://in.example"), ..CheckInput::new(profile, &secrets, &request) };
    let sorted = "Bodyhi youFrom1To2";
    told(&input, &digest(&format!("{url}To2Bodyhi youFrom1")), &["in the order in which they came", "sorted by name"]);
    told(&input, &digest(&format!("{url}Body=hi youFrom=1To=2")), &["sorted `name=value` and nothing between them"]);
    told(
        &input,
        &digest(&format!("{url}{{\"To\":\"2\",\"Body\":\"hi you\",\"From\":\"1\"}}")),
        &["the parsed form as JSON"],
    );
    let local = "http://localhost:3000/tw";
    told(
        &input,
        &digest(&format!("{local}{sorted}")),
        &["the URL http://localhost:3000/tw", "take the URL https://in.example/tw"],
    );
    told(&input, &digest(&format!("{local}To2Bodyhi youFrom1")), &["localhost:3000", "sorted by name", "take the URL"]);
    told(&input, &digest(&format!("{local}To=2&Body=hi+you&From=1")), &["{url}{body}", "localhost:3000"]);
    told(&input, &digest(&format!("{url}{sorted}")), &["what Twilio demands", "so your code is right"]);
}

/// A token carries the body's digest: it is no MAC, and takes no secret.
#[test]
fn the_bodys_digest_of_a_token_is_known_as_such() {
    let profile = Profiles::builtin().by_name("livekit").unwrap();
    let plain = |body: &[u8]| digest::digest(&digest::SHA256, body).as_ref().to_vec();
    let token = |carried: &str| {
        let claims = format!(r#"{{"iss":"k","nbf":{T},"exp":1700000060,"sha256":"{carried}"}}"#);
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(sha256(b"key", signed.as_bytes())))
    };
    let secrets = [Secret::new(*b"key")];
    let with = |carried: &[u8]| request("POST", "/", &[("Authorization", &token(&STANDARD.encode(carried)))], BODY);
    let (right, other) = (with(&plain(BODY)), with(&plain(b"{}")));
    let input = CheckInput::new(profile, &secrets, &right);
    let whole = STANDARD.encode(plain(BODY));
    told(
        &input,
        &whole,
        &["SHA-256 of the body, for the digest in", "what LiveKit demands, and what the request carries"],
    );
    told(&input, &hex::encode(plain(BODY)), &["compare it in base64, as LiveKit writes it"]);
    told(
        &input,
        &STANDARD.encode(plain(br#"{"id":"evt_1","n":1}"#)),
        &["JSON.stringify", "take the raw bytes of the body"],
    );
    let input = CheckInput::new(profile, &secrets, &other);
    told(&input, &whole, &["so your code is right, and the request carries another"]);
}
