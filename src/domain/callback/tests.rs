use super::*;
use crate::domain::signature::tests::request;

fn callback(hosts: &[&str]) -> Callback {
    let mut headers = Headers::new();
    headers.push("Content-Type", "application/json");
    headers.push("X-Path", "{{ request.path }}");
    Callback {
        url: "{{ request.json.url }}".to_owned(),
        method: "POST".to_owned(),
        headers,
        body: r#"{"text":{{ request.json.text | tojson }}}"#.into(),
        body_file: None,
        after_ms: 500,
        spread: Spread::UpTo(1_500),
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
    }
}

fn outgoing(hosts: &[&str], url: &str) -> Result<Outgoing, String> {
    let body = serde_json::json!({ "url": url, "text": "a\"b" }).to_string();
    callback(hosts).call("rule 1", &request("POST", "/p", &[], body.as_bytes()), &Given::default()).outgoing
}

#[test]
fn what_goes_out_is_made_from_the_request() {
    let outgoing = outgoing(&[], "http://127.0.0.1:9/a b?c=d%20e#f").unwrap();
    assert_eq!(outgoing.origin, "http://127.0.0.1:9");
    assert_eq!(
        String::from_utf8_lossy(&outgoing.head),
        "POST /a%20b?c=d%20e HTTP/1.1\r\nHost: 127.0.0.1:9\r\nUser-Agent: hooksight\r\nContent-Type: application/json\r\n\
         X-Path: /p\r\nContent-Length: 15\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(&outgoing.body[..], br#"{"text":"a\"b"}"#);
    assert_eq!(url_of(&outgoing), "POST http://127.0.0.1:9/a%20b?c=d%20e");
}

/// The words stand in the session file.
#[test]
fn a_login_in_a_url_is_in_no_message_about_it() {
    for url in ["http://me:quite@127.0.0.1/", "ftp://me:quite@h/", "http://me:quite@", "me:quite@127.0.0.1"] {
        let why = outgoing(&[], url).unwrap_err();
        assert!(why.contains("[login]@") && !why.contains("quite"), "{url}: {why}");
    }
}

#[test]
fn only_this_machine_or_who_is_named_is_called() {
    for url in
        ["http://127.0.0.1/", "http://localhost:1/", "http://a.localhost/", "http://[::1]:9/", "http://2130706433/"]
    {
        outgoing(&[], url).unwrap_or_else(|why| panic!("{url}: {why}"));
    }
    let named = ["hooks.slack.com", "*.twilio.com", "10.1.0.0/16", "127.0.0.1"];
    for url in ["https://HOOKS.slack.com./x", "https://api.twilio.com/", "http://10.1.2.3/", "http://127.0.0.1:7/"] {
        outgoing(&named, url).unwrap_or_else(|why| panic!("{url}: {why}"));
    }
    for (hosts, url) in [
        (&[][..], "http://10.1.2.3/"),
        (&[], "https://hooks.slack.com/"),
        (&[], "http://localhost.evil.example/"),
        (&named, "http://localhost/"),
        (&named, "https://hooks.slack.com.evil.example/"),
        (&named, "https://twilio.com/"),
        (&named, "http://10.2.0.1/"),
        (&named, "https://hooks.slack.com@evil.example/"),
        (&named, "https://user:pass@hooks.slack.com/"),
        (&["*.nip.io", "169.254.0.0/16"], "http://169.254.169.254/latest/meta-data/"),
        (&["0.0.0.0/0"], "http://[::ffff:169.254.169.254]/"),
        (&["0.0.0.0/0"], "http://0.0.0.0/"),
        (&[], "file:///etc/passwd"),
        (&[], "gopher://127.0.0.1/"),
        (&[], "//127.0.0.1/"),
        (&[], ""),
    ] {
        assert!(outgoing(hosts, url).is_err(), "{hosts:?} {url}");
    }
}

#[test]
fn nothing_of_the_request_begins_another_line() {
    let outgoing = outgoing(&[], "http://127.0.0.1/x HTTP/1.1\r\nX-Evil: 1\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&outgoing.head).into_owned();
    assert!(head.starts_with("POST /x%20HTTP/1.1X-Evil:%201 HTTP/1.1\r\n"), "{head}");
    let callback = Callback { body: "{{ open".into(), ..callback(&[]) };
    assert!(!callback.mistakes().is_empty());
}
