//! Differences that are hard to see: blanks, hours, line ends, encodings, methods, capital letters.

use super::*;

/// Where two bodies part at something that nobody sees, its name is told.
#[test]
fn an_invisible_difference_is_named() {
    let said = |signed: &[u8], came: &[u8]| verdict("github", b"key", &github(signed, b"key", came)).detail;
    let blank = said(b"{}", b"{}\n");
    assert!(blank.contains("(a line end (LF) came, nothing was signed)"), "{blank}");
    let compact = said(br#"{"a":1}"#, br#"{"a": 1}"#);
    assert!(compact.contains("(a space came, `1` was signed)"), "{compact}");
    let seen = said(b"", b"{}");
    assert!(!seen.contains("came, "), "{seen}");
}

#[test]
fn an_age_of_whole_hours_suggests_a_time_zone() {
    let words = |age_s: i64| verdict("stripe", b"whsec_a", &stripe(&(NOW - age_s).to_string(), b"whsec_a", BODY));
    for (age_s, hours) in
        [(3600, "1 h"), (2 * 3600 + 7, "2 h"), (-3600, "1 h"), (19_800, "5 h 30 min"), (-7 * 3600 + 3, "7 h")]
    {
        let verdict = words(age_s);
        assert!(verdict.detail.contains(&format!("{hours} sharp suggests a time zone")), "{age_s}: {}", verdict.detail);
    }
    for age_s in [600, 3700, 5400, 15 * 3600, -4000] {
        let verdict = words(age_s);
        assert!(!verdict.detail.contains("time zone"), "{age_s}: {}", verdict.detail);
    }
}

/// The lines of one header name two times, and one of them is right.
#[test]
fn a_line_that_fits_by_itself_is_named() {
    let digest = hex::encode(mac(b"key", &[BODY, b"1700000000000".as_slice()].concat()));
    let right = format!("sha256={digest}, t=1700000000000");
    let with = |lines: &[&str]| {
        let headers: Vec<_> = lines.iter().map(|line| ("X-Ghost-Signature", *line)).collect();
        verdict("ghost", b"key", &request("POST", "/", &headers, BODY))
    };
    assert_eq!(with(&[&right]).outcome, Outcome::Valid);
    let other = format!("sha256={}, t=1700000009000", "0".repeat(64));
    for (lines, which) in [([other.as_str(), right.as_str()], "line 2 fits"), ([&right, &other], "line 1 fits")] {
        let verdict = with(&lines);
        assert_eq!(
            (verdict.outcome, verdict.cause),
            (Outcome::Invalid, Some(Cause::SignatureRepeated)),
            "{}",
            verdict.detail
        );
        // Or that the item came twice, where one reading of the lines holds.
        let twice = "t= in the signature header came more than once";
        let is_said = [which, twice].iter().any(|words| verdict.detail.contains(words));
        assert!(is_said && verdict.detail.contains("send it once"), "{}", verdict.detail);
    }
}

/// Text in UTF-16 on one side of the conversion, with its byte order mark and without.
#[test]
fn a_body_that_went_through_utf_16_is_told() {
    let text = r#"{"door":"Köln"}"#;
    let wide = |mark: &[u8], bytes_of: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.iter().copied().chain(text.encode_utf16().flat_map(bytes_of)).collect()
    };
    for (other, words) in [
        (wide(b"", u16::to_le_bytes), "UTF-16, little end first"),
        (wide(b"\xff\xfe", u16::to_le_bytes), "UTF-16, little end first"),
        (wide(b"", u16::to_be_bytes), "UTF-16, big end first"),
        (wide(b"\xfe\xff", u16::to_be_bytes), "UTF-16, big end first"),
    ] {
        let to = verdict("github", b"key", &github(&other, b"key", text.as_bytes()));
        assert_eq!(to.cause, Some(Cause::BodyCharset), "signed {other:02x?}: {}", to.detail);
        assert!(to.detail.contains(words), "{}", to.detail);
        let from = verdict("github", b"key", &github(text.as_bytes(), b"key", &other));
        assert_eq!(from.cause, Some(Cause::BodyCharset), "came {other:02x?}: {}", from.detail);
        assert!(from.detail.contains("UTF-8"), "{}", from.detail);
    }
    let marked = wide(b"\xff\xfe", u16::to_le_bytes);
    let lost = verdict("github", b"key", &github(&marked, b"key", &wide(b"", u16::to_le_bytes)));
    assert_eq!(lost.cause, Some(Cause::BodyCharset), "{}", lost.detail);
    assert!(lost.detail.contains("with a byte order mark"), "{}", lost.detail);
}

/// HubSpot signs the method: that of another request, or one written small, is told.
#[test]
fn a_method_that_was_not_the_signed_one_is_told() {
    let url = "https://in.example/hook";
    let sent = |version: u8, signed: &str, came: &str| {
        let text = [signed.as_bytes(), url.as_bytes(), BODY].concat();
        let time = (NOW * 1000).to_string();
        let headers = match version {
            3 => vec![
                ("X-HubSpot-Signature-v3", STANDARD.encode(mac(b"key", &[&text, time.as_bytes()].concat()))),
                ("X-HubSpot-Request-Timestamp", time),
            ],
            _ => {
                let digest = ring::digest::digest(&ring::digest::SHA256, &[b"key", text.as_slice()].concat());
                let hex = hex::encode(digest);
                vec![("X-HubSpot-Signature", hex), ("X-HubSpot-Signature-Version", "v2".to_owned())]
            }
        };
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        verdict_at("hubspot", b"key", &request(came, "/hook", &headers, BODY), Some(url))
    };
    for version in [2, 3] {
        assert_eq!(sent(version, "POST", "POST").outcome, Outcome::Valid, "v{version}");
        for (signed, came) in [("POST", "PUT"), ("GET", "POST"), ("PATCH", "POST"), ("post", "POST")] {
            let told = sent(version, signed, came);
            assert_eq!(told.cause.map(Cause::as_str), Some("method-differs"), "v{version} {signed}: {}", told.detail);
            assert!(told.detail.contains(&format!("fits the method {signed}")), "{}", told.detail);
            assert_eq!(told.outcome, Outcome::Invalid);
        }
    }
}

/// A shared token is the other side's but for case or blanks.
#[test]
fn a_token_of_another_case_or_with_blanks_is_told() {
    for (set, sent, cause) in [
        ("TopSecret", "topsecret", Cause::SecretAltered),
        ("topsecret", "TOPSECRET", Cause::SecretAltered),
        ("top secret", "topsecret", Cause::SecretWhitespace),
        ("topsecret", "top secret", Cause::SecretWhitespace),
        ("topsecret ", "topsecret", Cause::SecretWhitespace),
    ] {
        let gitlab = request("POST", "/", &[("X-Gitlab-Event", "a"), ("X-Gitlab-Token", sent)], BODY);
        let told = verdict("gitlab", set.as_bytes(), &gitlab);
        assert_eq!(told.cause, Some(cause), "{set:?} set, {sent:?} came: {}", told.detail);
        assert_eq!(told.outcome, Outcome::Invalid);
        assert!(!told.detail.contains(sent) || sent == "top secret", "{}", told.detail);
    }
}

/// Retell's package compares hex as text, so that capital letters are refused by it.
#[test]
fn capital_hex_where_small_letters_count_is_told() {
    let time = (NOW * 1000).to_string();
    let digest = hex::encode(mac(b"key", &[BODY, time.as_bytes()].concat()));
    let sent = |digest: &str| request("POST", "/", &[("X-Retell-Signature", &format!("v={time},d={digest}"))], BODY);
    assert_eq!(verdict("retell", b"key", &sent(&digest)).outcome, Outcome::Valid);
    let capital = verdict("retell", b"key", &sent(&digest.to_uppercase()));
    assert_eq!(
        (capital.outcome, capital.cause),
        (Outcome::Invalid, Some(Cause::EncodingDiffers)),
        "{}",
        capital.detail
    );
}
