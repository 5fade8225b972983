//! What the provider's own package, or the parser in front of it, refuses is not valid, though a signature in it fits.

use ring::hmac;

use super::*;

const NOW: i64 = 1_767_225_600;

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

/// The verdict of a built-in provider.
fn judged(scheme: &str, secret: &str, headers: &[(&str, &str)], body: &[u8]) -> Verdict {
    let profile = Profiles::builtin().resolve(scheme).unwrap();
    let request = request("POST", "/", headers, body);
    let secrets = [Secret::new(secret)];
    check(&CheckInput { now: Timestamp::from_secs(NOW), ..CheckInput::new(&profile, &secrets, &request) })
}

fn outcome(verdict: &Verdict) -> (Outcome, Option<Cause>) {
    (verdict.outcome, verdict.cause)
}

const VALID: (Outcome, Option<Cause>) = (Outcome::Valid, None);

const ADYEN_KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

fn adyen() -> String {
    let signed = hmac_sha256(&hex::decode(ADYEN_KEY).unwrap(), b"P::M:r:1130:EUR:AUTHORISATION:true");
    format!(
        r#"{{"live": "false", "notificationItems": [{{"NotificationRequestItem": {{"pspReference": "P", "merchantAccountCode": "M", "merchantReference": "r", "amount": {{"value": 1130, "currency": "EUR"}}, "eventCode": "AUTHORISATION", "success": "true", "additionalData": {{"hmacSignature": "{}"}}}}}}]}}"#,
        STANDARD.encode(signed)
    )
}

#[test]
fn a_body_that_no_parser_takes_is_not_valid_whatever_is_signed_in_it() {
    let whole = adyen();
    let adyen = |body: &[u8]| judged("adyen", ADYEN_KEY, &[("Content-Type", "application/json")], body);
    assert_eq!(outcome(&adyen(whole.as_bytes())), VALID);
    assert_eq!(outcome(&adyen(format!("\u{feff}{whole}\r\n").as_bytes())), VALID);
    let cut = &whole[..whole.len() - 1];
    let odd = whole.replacen("\"live\": \"false\"", "\"live\": flase#", 1);
    let mut bytes = whole.replacen("false", "fals!", 1).into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'!').unwrap();
    bytes[at] = 0xff;
    for (body, why) in [
        (format!("{whole}GARBAGE").into_bytes(), "trailing characters"),
        (cut.as_bytes().to_vec(), "EOF"),
        (odd.into_bytes(), "line 1 column"),
        (bytes, "not UTF-8 (byte 15 of"),
    ] {
        let verdict = adyen(&body);
        assert_eq!(outcome(&verdict), (Outcome::Invalid, Some(Cause::BodyMalformed)), "{}", verdict.detail);
        assert!(verdict.detail.contains(why), "{}", verdict.detail);
    }
    let signature = hex::encode(hmac_sha256(b"key", format!("{NOW}tok").as_bytes()));
    let mailgun = format!(r#"{{"signature":{{"timestamp":"{NOW}","token":"tok","signature":"{signature}"}}}}"#);
    assert_eq!(outcome(&judged("mailgun", "key", &[], mailgun.as_bytes())), VALID);
    let verdict = judged("mailgun", "key", &[], format!("{mailgun}}}}}}}").as_bytes());
    assert_eq!(outcome(&verdict), (Outcome::Invalid, Some(Cause::BodyMalformed)));
    // As deep as a body can be, without the parser going as deep.
    let deep = format!("{},\"deep\":{}{}}}", cut, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(outcome(&adyen(deep.as_bytes())), VALID);
}

#[test]
fn a_field_of_the_wrong_type_is_not_an_absent_one() {
    let object = adyen().replacen("\"pspReference\"", "\"originalReference\": {\"a\": 1}, \"pspReference\"", 1);
    let verdict = judged("adyen", ADYEN_KEY, &[], object.as_bytes());
    assert_eq!(outcome(&verdict), (Outcome::Invalid, Some(Cause::ValueMissing)), "{}", verdict.detail);
    assert!(verdict.detail.contains("originalReference as text"), "{}", verdict.detail);
    let template = template::Template::parse("a{?-~json:Subject~-}b").unwrap();
    let rendered = |body: &str| {
        let request = request("POST", "/", &[], body.as_bytes());
        material::Material::new(&request).render(&template).ok()
    };
    assert_eq!(rendered("{}"), Some(b"ab".to_vec()));
    assert_eq!(rendered(r#"{"Subject":"S"}"#), Some(b"a-S-b".to_vec()));
    for odd in ["null", "{}", "[\"x\"]"] {
        assert_eq!(rendered(&format!(r#"{{"Subject":{odd}}}"#)), None, "{odd}");
    }
}

#[test]
fn an_empty_id_is_no_id() {
    let sign = |id: &str| {
        let text = format!("{id}.{NOW}.body");
        format!("v1,{}", STANDARD.encode(hmac_sha256(&[b'k'; 24], text.as_bytes())))
    };
    let secret = format!("whsec_{}", STANDARD.encode([b'k'; 24]));
    for (scheme, names) in [
        ("svix", ["svix-id", "svix-timestamp", "svix-signature"]),
        ("standard-webhooks", ["webhook-id", "webhook-timestamp", "webhook-signature"]),
    ] {
        let [id_name, time, signature] = names;
        let of = |id: &str| {
            let (now, signed) = (NOW.to_string(), sign(id));
            outcome(&judged(scheme, &secret, &[(id_name, id), (time, &now), (signature, &signed)], b"body"))
        };
        assert_eq!(of("msg"), VALID, "{scheme}");
        assert_ne!(of("").0, Outcome::Valid, "{scheme}");
    }
}

#[test]
fn a_list_is_read_as_the_providers_packages_read_it() {
    let signed = hex::encode(hmac_sha256(b"whsec_a", format!("{NOW}.body").as_bytes()));
    let of = |header: String| judged("stripe", "whsec_a", &[("Stripe-Signature", &header)], b"body");
    assert_eq!(outcome(&of(format!("t={NOW},v1={signed}"))), VALID);
    assert_eq!(outcome(&of(format!("t={NOW},t={NOW},v1={signed}"))), VALID);
    for blanks in [format!("t={NOW}, v1={signed}"), format!("t={NOW},v1 = {signed}"), format!("t={NOW},v1= {signed}")] {
        assert_eq!(of(blanks.clone()).outcome, Outcome::Invalid, "{blanks}");
    }
    let twice = of(format!("t={NOW},t={},v1={signed}", NOW - 9999));
    assert_eq!(outcome(&twice), (Outcome::Invalid, Some(Cause::SignatureRepeated)), "{}", twice.detail);
    let many = of(format!("t={NOW},{}v1={signed}", format!("v1={},", "0".repeat(64)).repeat(40)));
    assert_eq!(many.outcome, Outcome::Invalid);
    assert!(many.remarks.iter().any(|remark| remark.contains("the limit is 32")), "{:?}", many.remarks);
}

#[test]
fn a_form_field_that_came_twice_is_ambiguous() {
    let signed = hex::encode(hmac_sha256(b"key", format!("{NOW}tok").as_bytes()));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let of = |body: String| outcome(&judged("mailgun", "key", &form, body.as_bytes()));
    assert_eq!(of(format!("timestamp={NOW}&token=tok&signature={signed}&event=x&event=y")), VALID);
    let repeated = (Outcome::Invalid, Some(Cause::SignatureRepeated));
    assert_eq!(of(format!("timestamp={NOW}&token=tok&token=evil&signature={signed}")), repeated);
    assert_eq!(of(format!("timestamp={NOW}&timestamp=5&token=tok&signature={signed}")), repeated);
}

#[test]
fn an_unknown_algorithm_of_a_message_signature_is_named() {
    let of = |created: i64, more: &str| {
        let params = format!("(\"@method\");created={created}{more}");
        let base = format!("\"@method\": POST\n\"@signature-params\": {params}");
        let signature = format!("a=:{}:", STANDARD.encode(hmac_sha256(b"key", base.as_bytes())));
        let headers = [("Host", "h"), ("Signature-Input", &*format!("a={params}")), ("Signature", &signature)];
        judged("http-message-signatures", "key", &headers, b"")
    };
    assert_eq!(outcome(&of(NOW, "")), VALID);
    let named = of(NOW, ";alg=\"hmac-sha512\"");
    assert_eq!(outcome(&named), (Outcome::Invalid, Some(Cause::TokenRefused)), "{}", named.detail);
    assert!(named.detail.contains("hmac-sha512"), "{}", named.detail);
}
