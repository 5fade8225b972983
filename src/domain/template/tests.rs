use super::*;
use crate::domain::reply::Make;
use crate::domain::signature::tests::request;

fn filled(source: &str, given: &Given) -> Result<String, String> {
    let reply = Reply { make: Make::Template, body: source.to_owned().into(), ..Reply::default() };
    let request = request(
        "POST",
        "/hooks/7?a=1&a=2&b=x%20y",
        &[("X-Name", "value"), ("Content-Type", "application/json")],
        br#"{"id":"evt_1","items":[{"n":1},{"n":2}]}"#,
    );
    render(&reply, &request, given).map(|(body, _)| String::from_utf8_lossy(&body).into_owned())
}

#[test]
fn the_parts_of_the_request_are_there() {
    let given = Given {
        captures: vec![("tenant".into(), "acme".into())],
        verdict: "valid".into(),
        count: 3,
        ..Given::default()
    };
    let source = "{{ request.method }} {{ request.path }} {{ request.query.a }} {{ request.query.b }} \
        {{ request.headers['x-name'] }} {{ request.json.id }} {{ request.json['items'] | length }} {{ captures.tenant }} \
        {{ verdict }} {{ count }} {{ now.iso }} {{ now.unix }} [{{ request.form.none }}] {{ request.json.id | tojson }}";
    assert_eq!(
        filled(source, &given).unwrap(),
        "POST /hooks/7 1 x y value evt_1 2 acme valid 3 2023-11-14T22:13:20.000000Z 1700000000 [] \"evt_1\""
    );
}

#[test]
fn what_is_drawn_is_drawn_again_from_the_same_seed() {
    let draw =
        |seed| filled("{{ uuid() }} {{ random(1, 6) }} {{ uuid() }}", &Given { seed, ..Given::default() }).unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    let words: Vec<String> = draw(1).split(' ').map(str::to_owned).collect();
    assert_ne!(words[0], words[2]);
    assert_eq!((words[0].len(), &words[0][14..15]), (36, "4"));
    assert!((1..=6).contains(&words[1].parse::<i64>().unwrap()));
}

#[test]
fn none_runs_or_grows_without_end() {
    let endless = "{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}";
    let error = filled(endless, &Given::default()).unwrap_err();
    assert!(error.contains("fuel"), "{error}");
    let large = "{% set a = 'x' * 1000000 %}{% for i in range(50) %}{{ a }}{% endfor %}";
    assert!(filled(large, &Given::default()).is_err());
    assert!(check(&Reply { body: "{{ open".into(), ..Reply::default() }).unwrap_err().contains("line 1"));
}

#[test]
fn nothing_of_a_request_begins_another_header() {
    let mut headers = Headers::new();
    headers.push("X-Id", "{{ request.query.b }}{{ '\r\nSet-Cookie: a' }}");
    let reply = Reply { make: Make::Template, headers, ..Reply::default() };
    let request = request("GET", "/?b=1%0d%0aX-Other:%202", &[], b"");
    let (_, headers) = render(&reply, &request, &Given::default()).unwrap();
    assert_eq!(headers.get("x-id"), Some(&b"1X-Other: 2Set-Cookie: a"[..]));
}
