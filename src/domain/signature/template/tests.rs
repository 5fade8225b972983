use super::*;

#[test]
fn templates_are_read_and_mistakes_named() {
    let template = Template::parse("v0:{timestamp}:{body|sha256|hex}{{x}}").unwrap();
    assert_eq!(template.parts.len(), 5);
    assert_eq!(template.parts[3], Part::Value(Source::Body, vec![Filter::Sha256, Filter::Hex]));
    assert_eq!(template.parts[4], Part::Text("{x}".into()));
    for (text, word) in [
        ("{body", "never closed"),
        ("body}", "without"),
        ("{boddy}", "`boddy` is no source"),
        ("{header:}", "needs a name"),
        ("{body|md7}", "`md7` is no filter"),
        ("{?a~body}", "must be"),
    ] {
        let message = Template::parse(text).unwrap_err();
        assert!(message.contains(word), "{text}: {message}");
    }
}

#[test]
fn conditions_hold_as_they_read() {
    let holds = |text: &str, value: Option<&str>| Condition::parse(text).unwrap().holds(value.map(str::as_bytes));
    assert!(holds("header:x", Some("a")) && !holds("header:x", Some("")) && !holds("header:x", None));
    assert!(holds("!header:x", None) && !holds("!header:x", Some("a")));
    assert!(holds("header:x=Ab", Some("aB")) && !holds("header:x=ab", Some("abc")));
    assert!(holds("header:x^=sha1=", Some("sha1=00")) && !holds("header:x^=sha1=", Some("sha256=00")));
    assert!(holds("header:x*=t=", Some("v1=a,t=1")) && !holds("header:x*=t=", Some("v1=a")));
}
