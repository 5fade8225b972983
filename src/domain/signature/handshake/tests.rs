use super::*;
use crate::domain::signature::Profiles;
use crate::domain::signature::tests::request;

#[test]
fn a_prover_signs_tokens_alone() {
    let profile = Profiles::builtin().by_name("qq-bot").unwrap();
    let secret = Secret::new(*b"DG5g3B4j9X2KOErG");
    let answer = |body: &str, secret: Option<&Secret>| {
        let request = request("POST", "/", &[], body.as_bytes());
        profile.handshake(&request).unwrap().answer(profile, &request, secret, None)
    };
    let good = r#"{"d":{"plain_token":"Arq0D5A61EgUu4OxUvOp","event_ts":"1725442341"},"op":13}"#;
    assert!(answer(good, Some(&secret)).is_ok());
    assert_eq!(answer(good, None), Err(NoAnswer::NoSecret));
    for (from, to) in [("Arq0", "{\\\"id\\\":1}"), ("1725442341", "17{"), ("Arq0D5A61EgUu4OxUvOp", &"a".repeat(257))] {
        assert_eq!(answer(&good.replace(from, to), Some(&secret)), Err(NoAnswer::NoValue), "{to}");
    }
}

/// What X sends is base64 with its padding; what is signed must be no form.
#[test]
fn an_equals_sign_is_the_padding_of_base64_and_nothing_else() {
    let profile = Profiles::builtin().by_name("twitter").unwrap();
    let secret = Secret::new(*b"key");
    let answer = |token: &str| {
        let request = request("GET", &format!("/?crc_token={token}"), &[], b"");
        profile.handshake(&request).unwrap().answer(profile, &request, Some(&secret), None)
    };
    for token in ["MTIzNDU2Nw%3D%3D", "MTIzNDU2Nzg%3D", "890e4665-4dfe-4ab1-b689-ed553bceeed0", "8fqq-_A1.b%2Fc"] {
        assert!(answer(token).is_ok(), "{token}");
    }
    for token in ["id%3D1", "a%3Db%3Dc", "id%3D", "abc%3D%3D", "%3D%3D%3D%3D", "a%3D%3D%3D", "ab%3Dc"] {
        assert_eq!(answer(token), Err(NoAnswer::NoValue), "{token}");
    }
}

/// `123` is a JSON document too: what is signed for a token would be the signature of that body.
#[test]
fn a_token_that_is_a_whole_json_value_is_not_signed() {
    let profile = Profiles::builtin().by_name("twitter").unwrap();
    let answer = |token: &str| {
        let request = request("GET", &format!("/?crc_token={token}"), &[], b"");
        profile.handshake(&request).unwrap().answer(profile, &request, Some(&Secret::new(*b"key")), None)
    };
    for token in ["123", "0", "-1", "1.5", "1e9", "12e4567", "true", "false", "null", "%22abc%22"] {
        assert_eq!(answer(token), Err(NoAnswer::NoValue), "{token}");
    }
    for token in ["123a", "0123", "truex", "MTIzNDU2Nw%3D%3D"] {
        assert!(answer(token).is_ok(), "{token}");
    }
}

#[test]
fn braintree_gets_no_notification_signed_as_a_challenge() {
    let profile = Profiles::builtin().by_name("braintree").unwrap();
    let secret = Secret::new(*b"public_key_id=id;key");
    let answer = |challenge: &str| {
        let request = request("GET", &format!("/?bt_challenge={challenge}"), &[], b"");
        profile.handshake(&request).unwrap().answer(profile, &request, Some(&secret), None)
    };
    assert!(answer("20f9f8ed05f77439fe955c977e4c8a53").is_ok());
    for value in
        ["PG5vdGlmaWNhdGlvbj48a2luZD54PC9raW5k", "20F9F8ED05F77439FE955C977E4C8A53", "20f9f8ed", &"a".repeat(33)]
    {
        assert_eq!(answer(value), Err(NoAnswer::NoValue), "{value}");
    }
}

/// Others ask for a `challenge` too: whoever gives itself away by a header is named, and answered in its own way.
#[test]
fn a_bare_challenge_with_a_providers_header_is_that_providers() {
    let profiles = Profiles::builtin();
    let found = |headers: &[(&str, &str)]| {
        let request = request("GET", "/?challenge=8ec8d794-e0ab-42df-9017-e3dada8e84f7", headers, b"");
        crate::domain::handshake::find(profiles, None, &request).map(|shake| shake.profile.name.clone())
    };
    assert_eq!(found(&[("x-adobe-event-code", "asset_created")]).as_deref(), Some("adobe"));
    assert_eq!(found(&[]).as_deref(), Some("dropbox"));
}
