use super::*;

#[test]
fn a_described_scheme_is_read() {
    let spec = "hmac-sha512:header=X-Sig,encoding=base64,prefix=v1=,key=whsec,timestamp=X-Time,unit=ms,tolerance=60,message={timestamp},{body};x";
    let profile = parse(spec).unwrap();
    let scheme = &profile.schemes[0];
    assert_eq!(scheme.algorithm, Algorithm::HmacSha512);
    assert_eq!(scheme.encoding, Encoding::Base64);
    assert_eq!(scheme.prefix, "v1=");
    assert_eq!(scheme.key.strip, ["whsec_"]);
    assert_eq!(scheme.message.as_ref().unwrap().text, "{timestamp},{body};x");
    let clock = scheme.timestamp.as_ref().unwrap();
    assert_eq!((clock.unit, clock.past_s, clock.future_s), (Unit::Millis, Some(60), Some(60)));
}

#[test]
fn defaults_are_plain() {
    let scheme = |spec: &str| parse(spec).unwrap().schemes.remove(0);
    assert_eq!(scheme("hmac-sha256").message.unwrap().text, "{body}");
    assert_eq!(scheme("token:header=X-Key").encoding, Encoding::Text);
    assert_eq!(scheme("bearer").prefix, "Bearer ");
    assert_eq!(scheme("sha256").message.unwrap().text, "{secret}{body}");
}

#[test]
fn mistakes_are_named() {
    for (spec, word) in [
        ("hmac-sha256:heder=X", "`heder` is no field"),
        ("hmac-sha256:header", "must be FIELD=VALUE"),
        ("hmac-sha256:encoding=hx", "encoding `hx`"),
        ("hmac-sha256:tolerance=soon", "tolerance `soon`"),
        ("hmac-sha256:message={timestamp}", "`timestamp` does not say"),
        ("hmac-sha256:message={bdy}", "`bdy` is no source"),
    ] {
        let Err(SpecError::Wrong(message)) = parse(spec) else { panic!("{spec} was taken") };
        assert!(message.contains(word), "{spec}: {message}");
    }
    assert_eq!(parse("stripe"), Err(SpecError::NotGeneric));
}
