use super::super::Profiles;
use super::*;
use crate::domain::body::Body;
use crate::domain::headers::Headers;
use crate::domain::testing;
use crate::domain::time::Timestamp;

fn request(headers: &[(&str, &str)], body: &str) -> Request {
    Request {
        first_byte: Timestamp::from_secs(1),
        headers: Headers::from_pairs(headers.iter().copied()),
        body: Body::whole(body.to_owned()),
        ..testing::request()
    }
}

fn name(headers: &[(&str, &str)], body: &str) -> Option<String> {
    Profiles::builtin().recognise(&request(headers, body)).map(|profile| profile.name.clone())
}

#[test]
fn what_a_header_says_goes_before_what_a_body_looks_like() {
    const SHOP: &str = r#"{"scope":"store/order/created","producer":"stores/abc","data":{}}"#;
    assert_eq!(name(&[], SHOP).as_deref(), Some("bigcommerce"));
    assert_eq!(name(&[("X-GitHub-Event", "push")], SHOP).as_deref(), Some("github"));
    // Basic authentication says nothing of who it is.
    assert_eq!(name(&[("Authorization", "Basic eDp5")], SHOP).as_deref(), Some("bigcommerce"));
    assert_eq!(name(&[("Authorization", "Basic eDp5")], "{}").as_deref(), Some("http-basic"));
}

#[test]
fn the_order_of_headers_does_not_matter() {
    let mut headers = [
        ("X-GitHub-Event", "push"),
        ("X-Gitea-Event", "push"),
        ("X-Hub-Signature-256", "sha256=00"),
        ("User-Agent", "x"),
    ];
    for _ in 0..headers.len() {
        headers.rotate_left(1);
        assert_eq!(name(&headers, r#"{"object":"page"}"#).as_deref(), Some("gitea"), "{headers:?}");
    }
}

#[test]
fn more_keys_than_there_are_bits_are_all_told_apart() {
    let profiles = (0..80).map(|number| {
        let text = format!(
            r#"(title: "T", docs: "https://t.example", sources: [], recognise: [["json:key{number}=yes"]], secret: (),
                schemes: [(signature: ["header:x-token"], algorithm: Token, encoding: Text)])"#
        );
        Profile::parse(&format!("own{number}.ron"), &text).unwrap()
    });
    let profiles = Profiles::new(profiles);
    for number in [0, 63, 64, 79] {
        let found = profiles.recognise(&request(&[], &format!(r#"{{"a":[{{"key{number}":0}}],"key{number}":"yes"}}"#)));
        assert_eq!(found.map(|profile| profile.name.as_str()), Some(format!("own{number}").as_str()));
    }
    assert_eq!(profiles.recognise(&request(&[], r#"{"a":{"key1":"yes"}}"#)), None);
}

#[test]
fn forms_and_arrays_are_looked_into_only_as_such() {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(name(&form, "p_signature=a").as_deref(), Some("paddle-classic"));
    assert_eq!(name(&[("Content-Type", "text/plain")], "p_signature=a"), None);
    assert_eq!(name(&[], r#"[{"producer":"stores/a","scope":"store/b"}]"#), None);
}

#[test]
fn a_large_form_is_looked_at_once_for_all_profiles() {
    use crate::domain::signature::material::SCANNED_BYTES;
    const FORM: [(&str, &str); 1] = [("Content-Type", "application/x-www-form-urlencoded")];
    let fields = "signature=a&timestamp=1&token=b";
    assert_eq!(name(&FORM, fields).as_deref(), Some("mailgun"));
    assert_eq!(
        name(&FORM, &format!("{}%74oken=b&signature=a&timestamp=1", "a=&".repeat(1000))).as_deref(),
        Some("mailgun")
    );
    let large = "a=&".repeat(100_000);
    let before = SCANNED_BYTES.with(std::cell::Cell::get);
    // Nearly those of several, behind what nobody asked for; no provider sends so many.
    assert_eq!(name(&FORM, &format!("{large}bt_signature=a&hash=b&timestamp=c&sig=d")), None);
    let scanned = SCANNED_BYTES.with(std::cell::Cell::get) - before;
    assert!(scanned < 2 * large.len(), "{scanned}");
    assert_eq!(name(&FORM, &format!("{large}{fields}")), None);
}
