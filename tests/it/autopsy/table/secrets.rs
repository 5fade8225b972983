//! The secret is not the one, or not read as the sender reads it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hooksight::domain::signature::scheme::{Algorithm, KeyForm};
use hooksight::domain::signature::{NamedSecret, Secret};

use super::senders::{self, DIGITS, OTHER_DIGITS, Sent, mac, plain, secret_of, with_digest};
use super::{Setting, Table};

/// Providers a line each for changes that make the search run to its end, which takes its time.
const LONG: usize = 14;

pub fn rows(table: &mut Table) {
    let all = senders::all_plain();
    for sent in &all {
        spoiled(table, sent);
        other_readings(table, sent);
    }
    for sent in all.iter().step_by((all.len() / LONG).max(1)) {
        let other = secret_of(&sent.profile, OTHER_DIGITS);
        table.add("wrong secret", "signature-mismatch", sent, &Setting::with_secret(sent, other));
        for (mutation, text) in [
            ("a variable's name for ours", "${WEBHOOK_SECRET}"),
            ("undefined for ours", "undefined"),
            ("a masked copy for ours", "whsec_\u{2022}\u{2022}\u{2022}\u{2022}abcd"),
            ("a placeholder for ours", "<your secret>"),
        ] {
            table.add(mutation, "secret-wrong-kind", sent, &Setting::with_secret(sent, text));
        }
        table.add("no secret", "no-secret", sent, &Setting { secrets: Vec::new(), ..Setting::right(sent) });
    }
    known_kinds(table, &all);
    tokens(table);
    for sent in &all {
        unset(table, sent);
    }
}

/// The secret as files, shells and web pages spoil it.
fn spoiled(table: &mut Table, sent: &Sent) {
    let secret = String::from_utf8(sent.secret.clone()).expect("text");
    let mut with =
        |mutation, wanted, text: String| table.add(mutation, wanted, sent, &Setting::with_secret(sent, text));
    with("secret with a line end", "secret-whitespace", format!("{secret}\n"));
    with("secret with CRLF", "secret-whitespace", format!("{secret}\r\n"));
    with("secret with blanks round it", "secret-whitespace", format!(" {secret} "));
    with("secret with a tab", "secret-whitespace", format!("{secret}\t"));
    with("secret with a byte order mark", "secret-whitespace", format!("\u{feff}{secret}"));
    with("secret with a zero-width blank", "secret-whitespace", format!("{secret}\u{200b}"));
    with("secret in double quotes", "secret-quotes", format!("\"{secret}\""));
    with("secret in single quotes", "secret-quotes", format!("'{secret}'"));
    with("secret as NAME=value", "secret-quotes", format!("WEBHOOK_SECRET={secret}"));
    with("secret as export NAME=\"value\"", "secret-quotes", format!("export WEBHOOK_SECRET=\"{secret}\"\n"));
    with("secret as NAME: value (YAML)", "secret-quotes", format!("webhook_secret: \"{secret}\"\n"));
    with("secret in angle brackets", "secret-quotes", format!("<{secret}>"));
    with("secret as a member of JSON", "secret-quotes", format!("{{\"KEY\":\"k\",\"SECRET\": \"{secret}\"}}\n"));
    with("secret as a JSON array", "secret-quotes", format!("[\"other-one\", \"{secret}\"]"));
    with("secret with \\n in two characters", "secret-whitespace", format!("{secret}\\n"));
    with("secret pasted twice", "secret-altered", format!("{secret}{secret}"));
    with("secret on two lines, twice", "secret-altered", format!("{secret}\n{secret}\n"));
    with("two secrets in one, by a comma", "secret-altered", format!("another-one-entirely,{secret}"));
    with("two secrets in one, by lines", "secret-altered", format!("{secret}\nanother-one-entirely\n"));
    let other = Setting {
        others: vec![
            NamedSecret { name: "endpoint /a".into(), secret: Secret::new(b"another one".to_vec()) },
            NamedSecret { name: "endpoint /live".into(), secret: Secret::new(sent.secret.clone()) },
        ],
        ..Setting::with_secret(sent, secret_of(&sent.profile, OTHER_DIGITS))
    };
    table.add("secret of another endpoint (live for test)", "other-secret", sent, &other);
    let last = table.0.last().expect("a line");
    assert!(last.verdict.detail.contains("endpoint /live"), "{}", last.verdict.detail);
    // The line end was set at the sender's, and trimmed here.
    let Some(made) = plain(sent) else { return };
    if made.scheme.key.decode == KeyForm::Text {
        let key = [made.key.as_slice(), b"\n"].concat();
        let text = senders::encoded(made.scheme.encoding, &mac(made.scheme.algorithm, &key, &made.message));
        table.add(
            "secret lost its line end",
            "secret-whitespace",
            &with_digest(sent, &made, &text),
            &Setting::right(sent),
        );
        spoiled_at_sender(table, sent);
    }
    if let Some(prefix) = sent.profile.secret.prefixes.first() {
        let bare = secret.strip_prefix(prefix.as_str()).expect("the prefix");
        // Where the rule strips it anyway, a secret without it is as good.
        if !made.scheme.key.strip.contains(prefix) {
            table.add("prefix of the secret cut off", "secret-prefix", sent, &Setting::with_secret(sent, bare));
        }
    }
}

/// The sender has more than the secret, which is set here as it should be.
fn spoiled_at_sender(table: &mut Table, sent: &Sent) {
    let Some(made) = plain(sent) else { return };
    let secret = String::from_utf8(made.key.clone()).expect("text");
    for (mutation, wanted, key) in [
        ("no-break blank at the sender", "secret-whitespace", format!("{secret}\u{a0}")),
        ("zero-width blank at the sender", "secret-whitespace", format!("{secret}\u{200b}")),
        ("\\n in two characters at the sender", "secret-whitespace", format!("{secret}\\n")),
        ("angle brackets at the sender", "secret-quotes", format!("<{secret}>")),
    ] {
        let digest = mac(made.scheme.algorithm, key.as_bytes(), &made.message);
        let changed = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
        table.add(mutation, wanted, &changed, &Setting::right(&changed));
        let detail = &table.0.last().expect("a line").verdict.detail;
        assert!(detail.contains("at the sender has more round it"), "{mutation}: {detail}");
    }
}

/// The sender (or the receiver's author) read the same text another way.
fn other_readings(table: &mut Table, sent: &Sent) {
    let Some(made) = plain(sent) else { return };
    let text = String::from_utf8(sent.secret.clone()).expect("text");
    let bare = made.scheme.key.strip.iter().find_map(|prefix| text.strip_prefix(prefix.as_str())).unwrap_or(&text);
    let mut signed_with = |mutation, wanted, key: &[u8]| {
        let digest = mac(made.scheme.algorithm, key, &made.message);
        let sent = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
        table.add(mutation, wanted, &sent, &Setting::right(&sent));
    };
    let is_digits = bare == DIGITS;
    match made.scheme.key.decode {
        KeyForm::Text if is_digits => {
            signed_with("secret decoded from hex", "secret-encoding", &hex::decode(bare).expect("hex"));
            let bytes = STANDARD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).expect("base64");
            signed_with("secret decoded from base64", "secret-encoding", &bytes);
        }
        KeyForm::Base64 => {
            signed_with("secret used as text, not decoded", "secret-encoding", bare.as_bytes());
            if bare != text {
                signed_with("secret used as text with its prefix", "secret-encoding", text.as_bytes());
            }
            signed_with("secret decoded from hex, not base64", "secret-encoding", &hex::decode(bare).expect("hex"));
        }
        KeyForm::Hex => signed_with("hex secret used as text", "secret-encoding", bare.as_bytes()),
        _ => {}
    }
}

/// The sender's variable was not set; or the text was typed or pasted wrongly.
fn unset(table: &mut Table, sent: &Sent) {
    let Some(made) = plain(sent) else { return };
    if made.scheme.key.decode != KeyForm::Text {
        return;
    }
    let mut signed_with = |mutation, wanted, key: &[u8]| {
        let digest = mac(made.scheme.algorithm, key, &made.message);
        let sent = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
        table.add(mutation, wanted, &sent, &Setting::right(&sent));
    };
    signed_with("an empty key", "secret-unset", b"");
    signed_with("undefined as the key", "secret-unset", b"undefined");
    signed_with("null as the key", "secret-unset", b"null");
    signed_with("None as the key", "secret-unset", b"None");
    let name = format!("${}_SECRET", sent.profile.name.to_uppercase().replace('-', "_"));
    signed_with("the variable's name as the key", "secret-unset", name.as_bytes());
    if made.scheme.key.strip.is_empty() {
        signed_with("the secret in capitals", "secret-altered", made.key.to_ascii_uppercase().as_slice());
        signed_with("the secret twice", "secret-altered", &made.key.repeat(2));
        signed_with("its last character lost", "secret-altered", &made.key[..made.key.len() - 1]);
        signed_with("its first character lost", "secret-altered", &made.key[1..]);
    }
}

/// Keys that are known to be others.
fn known_kinds(table: &mut Table, all: &[Sent]) {
    for sent in senders::all().iter().filter(|sent| !sent.profile.secret.wrong.is_empty()) {
        let (prefix, _) = &sent.profile.secret.wrong[0];
        if sent.profile.secret.prefixes.iter().any(|right| prefix.starts_with(right.as_str())) {
            continue;
        }
        let key = format!("{prefix}1234567890abcdef");
        table.add("another kind of key", "secret-wrong-kind", sent, &Setting::with_secret(sent, key));
    }
    for sent in all {
        let Some(test) = sent.profile.secret.test.first() else { continue };
        let Some(made) = plain(sent) else { continue };
        let key = senders::key_of(made.scheme, test.as_bytes());
        let digest = mac(made.scheme.algorithm, &key, &made.message);
        let sent = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
        table.add("the provider's test secret", "secret-test-key", &sent, &Setting::right(&sent));
    }
    for sent in all {
        let Some(made) = plain(sent) else { continue };
        if !matches!(made.scheme.key.decode, KeyForm::Base64 | KeyForm::Hex) {
            continue;
        }
        let prefix = sent.profile.secret.prefixes.first().map_or("", String::as_str);
        table.add(
            "secret that is no key",
            "secret-malformed",
            sent,
            &Setting::with_secret(sent, format!("{prefix}!!not it!!")),
        );
    }
}

/// Shared tokens.
fn tokens(table: &mut Table) {
    let is_token = |sent: &&Sent| {
        let schemes = &sent.profile.schemes;
        schemes.iter().all(|scheme| scheme.algorithm == Algorithm::Token && scheme.key.parts.is_empty())
            && schemes.iter().any(|scheme| scheme.signature.iter().any(|place| {
                matches!(&place.0, hooksight::domain::signature::template::Source::Header(name) if sent.headers.get(name).is_some())
            }))
    };
    for sent in senders::all().iter().filter(is_token) {
        let secret = String::from_utf8(sent.secret.clone()).expect("text");
        table.add(
            "token with a line end",
            "secret-whitespace",
            sent,
            &Setting::with_secret(sent, format!("{secret}\n")),
        );
        table.add("token in quotes", "secret-quotes", sent, &Setting::with_secret(sent, format!("\"{secret}\"")));
        table.add("another token", "token-mismatch", sent, &Setting::with_secret(sent, "some other token"));
        let mut silent = sent.clone();
        silent.headers.remove(&sent.signature_header());
        table.add("token header lost", "signature-missing", &silent, &Setting::right(sent));
    }
}
