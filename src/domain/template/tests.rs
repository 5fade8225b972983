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

/// What this thread has worked so far, whatever else the machine has to do.
fn processor_time() -> std::time::Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    std::time::Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

/// A stranger's body, and a template that the user may well have written.
#[test]
fn no_text_of_a_request_makes_a_filter_run_or_grow_without_end() {
    let many = format!("[{}0]", "0,".repeat(400_000));
    let deep = format!("{}{}{}", "[".repeat(120), "1,".repeat(200_000) + "1", "]".repeat(120));
    let cases: &[(&str, &str)] = &[
        ("%0999999999d", "{{ request.body | format(1) }}"),
        ("%.999999999f", "{{ request.body | format(1.5) }}"),
        ("%(a)99999999s%(a)99999999s", "{{ request.body | format(a=1) }}"),
        ("900000000", "{{ 'a\n' * 1000 | indent(request.json) }}"),
        ("900000000", "{{ ('a\n' * 1000) | indent(width=request.json) }}"),
        ("900000000", "{{ [1] | slice(request.json) | list | length }}"),
        ("900000000", "{{ [1] | batch(request.json, 'x') | list | length }}"),
        ("90000000", "{{ ([0] * request.json) | list | length }}"),
        ("90000000", "{{ ([0] * request.json) | join(',') | length }}"),
        ("90000000", "{{ ('x' * request.json) | upper | length }}"),
        (&many, "{{ request.body | replace('0', request.body) | length }}"),
        (&many, "{{ request.json | join(request.body) | length }}"),
        (&many, "{{ request.json | tojson(indent=900000) | length }}"),
        (&deep, "{{ request.json | tojson(indent=1000) | length }}"),
        (&many, "{% for i in request.json %}{{ request.body | upper | length }}{% endfor %}"),
        (&many, "{% for i in request.json %}{{ request.json | sort | first }}{% endfor %}"),
        (&many, "{{ request.json | select('in', request.json) | list | length }}"),
        (&many, "{% for i in request.json %}{{ request.json | tojson | length }}{% endfor %}"),
        (&many, "{% for i in request.json %}{{ 'no' in request.body }}{% endfor %}"),
        (&many, "{% set b = request.body %}{% for i in request.json %}{% if 'no' in b %}{% endif %}{% endfor %}"),
        (&many, "{% set b = request.json %}{% for i in b %}{% if b == request.json %}{% endif %}{% endfor %}"),
    ];
    for (body, template) in cases {
        let begun = processor_time();
        let reply = Reply { make: Make::Template, body: (*template).to_owned().into(), ..Reply::default() };
        let request = request("POST", "/", &[], body.as_bytes());
        let made = render(&reply, &request, &Given::default());
        let took = processor_time() - begun;
        let error = made.expect_err(template);
        let is_bound = ["go over more than", "fuel", "makes more than"].iter().any(|words| error.contains(words));
        assert!(is_bound, "{template}: {error}");
        assert!(took.as_millis() < 3_000, "{template} took {took:?}");
    }
}

#[test]
fn what_one_asks_of_filters_every_day_is_within_bounds() {
    let items = (0..2_000).map(|n| format!(r#"{{"n":{n},"name":"item {n}"}}"#)).collect::<Vec<_>>().join(",");
    let body = format!("[{items}]");
    let request = request("POST", "/", &[("Content-Type", "application/json")], body.as_bytes());
    let longer = (body.len() + 2_000).to_string();
    for (template, expected) in [
        ("{{ '%05.1f|%-6s|%d%%' | format(1.25, 'ab', 7) }}", "001.2|ab    |7%"),
        ("{{ request.json | map(attribute='n') | sort(reverse=true) | first }}", "1999"),
        ("{{ request.json | tojson(indent=2) | length }}", ""),
        ("{{ request.json | groupby('n') | list | length }}", "2000"),
        ("{{ 'a\nb' | indent(3) }}", "a\n   b"),
        ("{{ [1,2,3,4] | batch(3, 0) | list }}", "[[1, 2, 3], [4, 0, 0]]"),
        ("{{ request.body | replace('item', 'thing') | length }}", &longer),
        ("{% for i in request.json %}{{ i.name | upper }}{% endfor %}", ""),
        ("{{ 3 is in [1, 2, 3] }} {{ 'abc' is startingwith('a') }}", "True True"),
    ] {
        let reply = Reply { make: Make::Template, body: template.to_owned().into(), ..Reply::default() };
        let made = render(&reply, &request, &Given::default()).unwrap_or_else(|error| panic!("{template}: {error}"));
        let text = String::from_utf8_lossy(&made.0).into_owned();
        assert!(expected.is_empty() || text.eq_ignore_ascii_case(expected), "{template}: {text}");
    }
}

#[test]
fn the_ends_of_all_numbers_are_drawn_from() {
    let drawn = filled("{{ random(-9223372036854775808, 9223372036854775807) }}", &Given::default()).unwrap();
    assert!(drawn.parse::<i64>().is_ok(), "{drawn}");
    assert!(filled("{{ random(99999999999999999999, 1) }}", &Given::default()).is_err());
    assert!(filled("{{ random() }}", &Given::default()).is_err());
}
