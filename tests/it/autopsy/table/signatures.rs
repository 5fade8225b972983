//! The signature is not where, or not written as, or not made as the rule says; or it is another provider's.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hooksight::domain::signature::scheme::{Algorithm, Encoding, KeyForm};
use ring::digest;

use super::senders::{self, Sent, mac, plain, with_digest};
use super::{Setting, Table};

pub fn rows(table: &mut Table) {
    let all = senders::all_plain();
    for (at, sent) in all.iter().enumerate() {
        places(table, sent);
        writings(table, sent);
        algorithms(table, sent, at);
    }
    other_providers(table);
    partial(table);
    words(table);
}

/// Values that are read wrongly in a way of their own, and what has to be said of them.
fn words(table: &mut Table) {
    let all = senders::all();
    let named =
        |name: &str| all.iter().find(|sent| sent.profile.name == name).unwrap_or_else(|| panic!("{name}")).clone();
    let mut with = |mutation, wanted, sent: &Sent, value: &str, says: &[&str], never: &[&str]| {
        let name = sent.signature_header();
        let changed = sent.with_header(&name, value);
        table.add(mutation, wanted, &changed, &Setting::right(sent));
        let verdict = &table.0.last().expect("a line").verdict;
        let first = verdict.check_next.first().cloned().unwrap_or_default();
        assert!(!first.contains("secret"), "{mutation}: {first}");
        for part in says {
            assert!(verdict.detail.contains(part), "{mutation}: {part} in {}", verdict.detail);
        }
        for part in never {
            assert!(!verdict.detail.contains(part), "{mutation}: {part} in {}", verdict.detail);
        }
        verdict.clone()
    };
    let svix = named("svix");
    let value = svix.header(&svix.signature_header());
    let bare = value.trim_start_matches("v1,");
    let verdict = with("name of the item lost", "signature-prefix", &svix, bare, &["Svix wants `v1,`"], &["no prefix"]);
    let expected = verdict.expected.expect("a digest").reveal();
    assert_eq!((verdict.came, expected), (vec![bare.to_owned()], format!("v1,{bare}")));
    let github = named("github");
    let value = github.header(&github.signature_header());
    let bare = value.trim_start_matches("sha256=");
    let verdict = with("prefix lost, said", "signature-prefix", &github, bare, &["wants `sha256=`"], &[]);
    assert_eq!(verdict.expected.expect("a digest").reveal(), value);
    let stripe = named("stripe");
    let value = stripe.header(&stripe.signature_header());
    let other = value.replace(',', ";");
    with("items parted by ;", "signature-malformed", &stripe, &other, &["parted by `;`"], &["no v1 in it"]);
    let bare = value.rsplit('=').next().expect("a digest");
    let says = ["a bare digest, without `t=` and `v1=`"];
    with("a bare digest for a list", "signature-malformed", &stripe, bare, &says, &["no v1 in it"]);
    for sent in [&stripe, &github, &svix, &named("shopify")] {
        for (mutation, word) in
            [("undefined for it", "undefined"), ("null for it", "null"), ("an object's text for it", "[object Object]")]
        {
            with(mutation, "signature-malformed", sent, word, &[&format!("`{word}`")], &[]);
        }
    }
    let mut moved = github.clone();
    moved.headers.remove("X-Hub-Signature-256");
    moved.headers.push("X-Hub-Signature".to_owned(), value_of(&github));
    table.add("in the header of an older rule", "wrong-header", &moved, &Setting::right(&github));
    let detail = &table.0.last().expect("a line").verdict.detail;
    assert!(detail.contains("belongs in X-Hub-Signature-256"), "{detail}");
    sides(table);
    let twilio = named("twilio");
    let digest = STANDARD.decode(twilio.header("X-Twilio-Signature")).expect("base64");
    for bytes in [10, 16, 19] {
        let cut = twilio.with_header("X-Twilio-Signature", &STANDARD.encode(&digest[..bytes]));
        table.add("its first bytes in base64", "signature-truncated", &cut, &Setting::right(&twilio));
    }
    lost(table, &github);
    unsorted(table, &named("twilio"));
}

/// What came is no body, or a part of one, or one in a string.
fn lost(table: &mut Table, sent: &Sent) {
    let right = Setting::right(sent);
    let mut with = |mutation, wanted, body: &[u8]| {
        table.add(mutation, wanted, &Sent { body: body.to_vec(), ..sent.clone() }, &right);
    };
    let text = String::from_utf8(sent.body.clone()).expect("text");
    with("no body came", "body-missing", b"");
    with("the text of an object came", "body-missing", b"[object Object]");
    with("the body was cut", "body-cut", &sent.body[..sent.body.len() / 2]);
    let twice = serde_json::to_vec(&text).expect("JSON");
    with("JSON encoded twice", "body-json-rewritten", &twice);
}

/// The fields of a form in another order than the sorted one, and without the empty ones, at the right URL.
fn unsorted(table: &mut Table, sent: &Sent) {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &sent.secret);
    let name = sent.signature_header();
    let mut signed = |mutation, wanted, fields: &str, says: &str| {
        let mut changed = sent.clone();
        changed.body = b"To=2&Body=hi&Empty=&From=1".to_vec();
        let digest = STANDARD.encode(ring::hmac::sign(&key, format!("{}{fields}", sent.url).as_bytes()));
        changed.headers.remove("Content-Type");
        changed.headers.push("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        let changed = changed.with_header(&name, &digest);
        table.add(mutation, wanted, &changed, &Setting::right(sent));
        let detail = &table.0.last().expect("a line").verdict.detail;
        assert!(detail.contains(says), "{mutation}: {detail}");
    };
    signed("fields not sorted", "message-differs", "To2BodyhiEmptyFrom1", "not sorted");
    signed("fields from the last", "message-differs", "From1EmptyBodyhiTo2", "not sorted");
    signed("an empty field dropped", "body-form-rewritten", "BodyhiFrom1To2", "");
}

fn value_of(sent: &Sent) -> String {
    sent.header(&sent.signature_header())
}

/// Whose secret has to be set anew: that of the side that has it wrong.
fn sides(table: &mut Table) {
    let all = senders::all_plain();
    let with_key = |fits: &dyn Fn(&Sent, &str) -> bool| {
        let is_it = |sent: &&Sent| {
            plain(sent).is_some_and(|made| fits(sent, made.scheme.key.strip.first().map_or("", String::as_str)))
        };
        all.iter().find(is_it).expect("a provider")
    };
    let begins = |sent: &Sent| sent.profile.secret.prefixes.iter().any(|prefix| prefix == "whsec_");
    let is_text = |sent: &Sent| plain(sent).is_some_and(|made| made.scheme.key.decode == KeyForm::Text);
    let svix = with_key(&|sent, strip| begins(sent) && strip == "whsec_" && !is_text(sent));
    let stripe = with_key(&|sent, strip| begins(sent) && strip.is_empty() && is_text(sent));
    let github = with_key(&|sent, strip| sent.profile.secret.prefixes.is_empty() && strip.is_empty() && is_text(sent));
    let mut signed_with = |mutation, wanted, sent: &Sent, key: &dyn Fn(&str) -> String, says: &str, never: &str| {
        let secret = String::from_utf8(sent.secret.clone()).expect("text");
        let made = plain(sent).expect("a shared secret");
        let digest = mac(made.scheme.algorithm, key(&secret).as_bytes(), &made.message);
        let changed = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
        table.add(mutation, wanted, &changed, &Setting::right(sent));
        let detail = &table.0.last().expect("a line").verdict.detail;
        assert!(detail.contains(says) && !detail.contains(never), "{mutation}: {detail}");
    };
    let whole = |secret: &str| secret.to_owned();
    let bare = |secret: &str| secret.trim_start_matches("whsec_").to_owned();
    let line = |secret: &str| format!("{secret}\n");
    signed_with(
        "whole secret as text",
        "secret-encoding",
        svix,
        &whole,
        "whole, its prefix whsec_ included",
        "without its prefix",
    );
    signed_with(
        "rest of the secret as text",
        "secret-encoding",
        svix,
        &bare,
        "without its prefix whsec_",
        "included, used",
    );
    let remedy = "strip whsec_, and base64-decode the rest";
    signed_with("whole secret as text, remedy", "secret-encoding", svix, &whole, remedy, "key s");
    signed_with("prefix stripped at the sender", "secret-prefix", stripe, &bare, "mend the sender", "set it that way");
    signed_with(
        "line end at the sender",
        "secret-whitespace",
        github,
        &line,
        "at the sender ends in a line end",
        "editor",
    );
}

/// The header is lost, empty, or has another name.
fn places(table: &mut Table, sent: &Sent) {
    let name = sent.signature_header();
    let value = sent.header(&name);
    let mut without = sent.clone();
    without.headers.remove(&name);
    let right = Setting::right(sent);
    table.add("signature header lost", "signature-missing", &without, &right);
    let mut renamed = without.clone();
    renamed.headers.push(format!("X-Original-{name}"), value.clone());
    // What gives a provider away may be that very header.
    table.add("signature header renamed", "wrong-header", &renamed, &right);
    table.add("signature header empty", "signature-empty", &sent.with_header(&name, ""), &right);
    // Mollie sends a line for each secret; Ghost's ends with its time, which would be what is wrong in it.
    if !["mollie", "ghost"].contains(&sent.profile.name.as_str()) {
        let mut twice = without;
        twice.headers.push(name.clone(), altered(&value));
        twice.headers.push(name, value);
        table.add("a wrong line of it before the right one", "signature-repeated", &twice, &right);
    }
}

/// With another character in it.
fn altered(value: &str) -> String {
    let mut text: Vec<char> = value.chars().collect();
    let at = text.len().saturating_sub(6);
    text[at] = if text[at] == 'a' { 'b' } else { 'a' };
    text.into_iter().collect()
}

/// The right digest, written otherwise.
fn writings(table: &mut Table, sent: &Sent) {
    let Some(made) = plain(sent) else { return };
    let bytes = mac(made.scheme.algorithm, &made.key, &made.message);
    let right = Setting::right(sent);
    let mut with = |mutation, wanted, text: &str| table.add(mutation, wanted, &with_digest(sent, &made, text), &right);
    let (written, half) = (made.written.as_str(), made.written.len() / 2);
    match made.scheme.encoding {
        Encoding::Hex => {
            with("base64 for hex", "encoding-differs", &STANDARD.encode(&bytes));
            with("hex in capitals", "encoding-differs", &hex::encode_upper(&bytes));
            with("base64 of the hex text", "encoding-differs", &STANDARD.encode(hex::encode(&bytes)));
        }
        _ => {
            with("hex for base64", "encoding-differs", &hex::encode(&bytes));
            let escaped = written.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            if escaped != written {
                with("percent-escaped", "encoding-differs", &escaped);
            }
            with("in small letters", "signature-altered", &written.to_lowercase());
            with("padding lost", "encoding-differs", STANDARD.encode(&bytes).trim_end_matches('='));
            // Only where the alphabets differ it is another writing, beside the padding.
            with("base64url for base64", "encoding-differs", &URL_SAFE_NO_PAD.encode(&bytes));
        }
    }
    with("digest cut in half", "signature-truncated", &written[..half]);
    with("only 6 characters of the digest", "signature-truncated", &written[..6]);
    with("its last character lost", "signature-truncated", written.trim_end_matches('=').split_at(half * 2 - 3).0);
    with("its beginning lost", "signature-truncated", &written[4..]);
    with(
        "its middle replaced by dots",
        "signature-truncated",
        &format!("{}...{}", &written[..8], &written[half + 8..]),
    );
    // An MD5 has no more; of a SHA-1 in base64 what is left differs from a changed one by its padding alone.
    if bytes.len() > 20 || (bytes.len() > 16 && made.scheme.encoding == Encoding::Hex) {
        with("the first 16 bytes alone", "signature-truncated", &senders::encoded(made.scheme.encoding, &bytes[..16]));
    }
    with("the digest in quotes", "signature-wrapped", &format!("\"{written}\""));
    with("a line end written as \\n behind it", "signature-wrapped", &format!("{written}\\n"));
    if made.scheme.list.is_none() {
        with("a semicolon behind it", "signature-wrapped", &format!("{written};"));
        with("a blank in its middle", "signature-wrapped", &format!("{} {}", &written[..half], &written[half..]));
    }
    let other = |text: &str| text.replace(|one: char| one != '=', if text.contains('0') { "1" } else { "0" });
    with(
        "its second half is another",
        "signature-altered",
        &format!("{}{}", &written[..half], other(&written[half..])),
    );
    let (at, one) = (half + 3, written.as_bytes()[half + 3]);
    let one = if one == b'0' { '1' } else { '0' };
    with(
        "one character of it is another",
        "signature-altered",
        &format!("{}{one}{}", &written[..at], &written[at + 1..]),
    );
    if !made.scheme.prefix.is_empty() {
        let name = sent.signature_header();
        let bare = sent.header(&name).replace(&made.scheme.prefix, "");
        table.add("prefix of the signature lost", "signature-prefix", &sent.with_header(&name, &bare), &right);
        let other = sent.header(&name).replace(&made.scheme.prefix, "sig=");
        table.add("another prefix", "signature-prefix", &sent.with_header(&name, &other), &right);
    }
    if let Some(list) = made.scheme.list.as_ref().filter(|list| !list.accept.is_empty() && !list.assign.is_empty()) {
        let name = sent.signature_header();
        let version =
            sent.header(&name).replace(&format!("{}{}", list.accept[0], list.assign), &format!("v9{}", list.assign));
        table.add(
            "only a version that does not count",
            "signature-version",
            &sent.with_header(&name, &version),
            &right,
        );
    }
}

/// Another algorithm over the same bytes.
fn algorithms(table: &mut Table, sent: &Sent, at: usize) {
    let Some(made) = plain(sent) else { return };
    let right = Setting::right(sent);
    let others = [Algorithm::HmacSha1, Algorithm::HmacSha256, Algorithm::HmacSha384, Algorithm::HmacSha512];
    let others: Vec<_> = others.into_iter().filter(|other| *other != made.scheme.algorithm).collect();
    let other = others[at % others.len()];
    let mutation = match other {
        Algorithm::HmacSha1 => "HMAC-SHA1 in its place",
        Algorithm::HmacSha256 => "HMAC-SHA256 in its place",
        Algorithm::HmacSha384 => "HMAC-SHA384 in its place",
        _ => "HMAC-SHA512 in its place",
    };
    let text = senders::encoded(made.scheme.encoding, &mac(other, &made.key, &made.message));
    table.add(mutation, "algorithm-differs", &with_digest(sent, &made, &text), &right);
    if made.scheme.algorithm == Algorithm::HmacSha256 {
        let bare = digest::digest(&digest::SHA256, &made.message);
        let text = senders::encoded(made.scheme.encoding, bare.as_ref());
        table.add("a digest without a key", "algorithm-differs", &with_digest(sent, &made, &text), &right);
        let joined = digest::digest(&digest::SHA256, &[made.key.as_slice(), &made.message].concat());
        let text = senders::encoded(made.scheme.encoding, joined.as_ref());
        table.add("a digest of key and message", "algorithm-differs", &with_digest(sent, &made, &text), &right);
    }
}

/// A delivery of one provider at the endpoint of another.
fn other_providers(table: &mut Table) {
    let all = senders::all();
    let named = |name: &str| all.iter().find(|sent| sent.profile.name == name).unwrap_or_else(|| panic!("{name}"));
    for (from, to) in [("stripe", "slack"), ("slack", "stripe"), ("shopify", "stripe"), ("linear", "shopify")] {
        let sent = named(from);
        let at_other = Sent { profile: named(to).profile.clone(), ..sent.clone() };
        table.add("delivery of another provider", "other-provider", &at_other, &Setting::right(sent));
    }
    // At an endpoint that is set to a rule of the user's own, whose header is there too, the other rule fits.
    for name in ["slack", "shopify", "stripe", "zendesk"] {
        let sent = named(name);
        let own =
            hooksight::domain::signature::Profiles::builtin().resolve("hmac-sha256:header=X-Other").expect("a rule");
        let sent = Sent { profile: own, ..sent.with_header("X-Other", &"00".repeat(32)) };
        table.add("signed by another provider's rule", "other-provider", &sent, &Setting::right(&sent));
    }
}

/// Some of several signatures fit.
fn partial(table: &mut Table) {
    let all = senders::all();
    let sent = all.iter().find(|sent| sent.profile.name == "github").expect("github");
    let sha1 = mac(Algorithm::HmacSha1, &sent.secret, &sent.body);
    let sent = sent
        .with_header("X-Hub-Signature", &format!("sha1={}", hex::encode(sha1)))
        .with_header("X-Hub-Signature-256", &format!("sha256={}", "0".repeat(64)));
    table.add("the older of two signatures fits", "signature-partial", &sent, &Setting::right(&sent));
}
