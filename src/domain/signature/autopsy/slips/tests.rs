use ring::hmac;

use crate::domain::signature::tests::request;
use crate::domain::signature::{Cause, CheckInput, Profiles, Secret, check};
use crate::domain::time::Timestamp;

const BODY: &[u8] = br#"{"id":7}"#;

#[test]
fn slips_of_a_senders_code_are_named() {
    let profile = Profiles::builtin().by_name("stripe").unwrap();
    let secrets = [Secret::new(*b"whsec_right")];
    let mac = |key: &[u8], message: &[u8]| hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message));
    let whole = [b"1700000000.".as_slice(), BODY].concat();
    let right = b"whsec_right".as_slice();
    for (digest, words) in [
        (mac(BODY, right), "took the body as the key"),
        (mac(&whole, right), "took the signed bytes as the key"),
        (mac(right, &[b"undefined.", BODY].concat()), "the text `undefined` in the place of the timestamp"),
        (mac(right, &[b"None.", BODY].concat()), "the text `None` in the place of the timestamp"),
        (mac(right, &[b".", BODY].concat()), "nothing in the place of the timestamp"),
    ] {
        let signed = request("POST", "/", &[("Stripe-Signature", &format!("t=1700000000,v1={digest}"))], BODY);
        let input =
            CheckInput { now: Timestamp::from_secs(1_700_000_000), ..CheckInput::new(profile, &secrets, &signed) };
        let verdict = check(&input);
        assert_eq!(verdict.cause, Some(Cause::MessageDiffers), "{words}: {}", verdict.detail);
        assert!(verdict.detail.contains(words), "{words}: {}", verdict.detail);
        assert!(words.contains("place") || verdict.detail.contains("sign {timestamp}.{body}"), "{}", verdict.detail);
    }
}
