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
