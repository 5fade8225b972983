use super::*;

fn changed(kind: &str, body: &str, change: &str) -> Result<String, String> {
    let headers = Headers::from_pairs([("Content-Type", kind)]);
    let body = Change::parse(change)?.apply(&headers, body.as_bytes())?;
    Ok(String::from_utf8(body).unwrap())
}

#[test]
fn values_go_where_the_path_says() {
    let json = |body, change| changed("application/json", body, change).unwrap();
    let body = r#"{"a":{"b":[{"c":1},2]},"s":"x","n":5}"#;
    assert_eq!(json(body, "a.b[0].c=7"), r#"{"a":{"b":[{"c":7},2]},"s":"x","n":5}"#);
    assert_eq!(json(body, "a.b[2]=true"), r#"{"a":{"b":[{"c":1},2,true]},"s":"x","n":5}"#);
    assert_eq!(json(body, "new.deep=é="), r#"{"a":{"b":[{"c":1},2]},"s":"x","n":5,"new":{"deep":"é="}}"#);
    assert_eq!(json("{}", "l[0].x=1"), r#"{"l":[{"x":1}]}"#);
    assert_eq!(json(body, "s=5"), r#"{"a":{"b":[{"c":1},2]},"s":"5","n":5}"#, "text stays text");
    assert_eq!(json(body, "n=\"5\""), r#"{"a":{"b":[{"c":1},2]},"s":"x","n":"5"}"#);
    assert_eq!(json(body, "n=five"), r#"{"a":{"b":[{"c":1},2]},"s":"x","n":"five"}"#);
    assert_eq!(json("[{}]", "[0][\"x.y\"]=[1]"), r#"[{"x.y":[1]}]"#);
}

#[test]
fn form_fields_keep_their_order() {
    let form = |change| changed("application/x-www-form-urlencoded; charset=utf-8", "a=1&b=%2B&c", change).unwrap();
    assert_eq!(form("b=x y&z"), "a=1&b=x+y%26z&c");
    assert_eq!(form("d=4"), "a=1&b=%2B&c&d=4");
}

#[test]
fn mistakes_say_what_to_write() {
    for (change, part) in [
        ("a.b", "has no `=`"),
        ("=1", "is empty"),
        ("a..b=1", "empty name"),
        ("a[0=1", "bracket without its end"),
        ("a[x]=1", "no number"),
        ("l[3]=1", "there are 1"),
        ("l.x=1", "number in brackets"),
        ("s[0]=1", "no array"),
    ] {
        let words = changed("application/json", r#"{"l":[1],"s":"x"}"#, change).unwrap_err();
        assert!(words.contains(part), "{change}: {words}");
    }
    assert!(changed("text/xml", "<a/>", "a=1").unwrap_err().contains("neither a form nor JSON"));
}
