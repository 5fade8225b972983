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
    assert!(error.contains("takes more than 400000 steps: loop over less"), "{error}");
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
        let is_bound =
            ["go over more than", "takes more than", "makes more than"].iter().any(|words| error.contains(words));
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
        (
            "{% for i in range(request.json | length) %}{% if request.json[i].n == 3 %}{{ i }}{% endif %}{% endfor %}",
            "3",
        ),
        (
            "{% set ns = namespace(s='') %}{% for i in request.json %}{% set ns.s = ns.s ~ i.n ~ ',' %}{% endfor %}{{ ns.s | length }}",
            "8890",
        ),
        ("{% for i in request.json if i.n in [3, 1999] %}{{ i.name }};{% endfor %}", "item 3;item 1999;"),
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

/// Templates that somebody may well write, and a stranger's body; or templates that were written to do harm. Whatever they hold, an operator
/// or a copy is charged before it is made.
#[test]
fn no_operator_of_a_template_runs_or_grows_without_end() {
    let ones = |count: usize| vec!["1"; count].join(",");
    let many = format!(r#"{{"a":[{0}],"items":[{0}],"seen":[{0}2]}}"#, ones(20_000) + ",");
    let many = many.replace(",]", "]");
    let pairs = format!(r#"{{"a":[{}]}}"#, vec![r#"{"id":1,"ref":2}"#; 5_000].join(","));
    let texts = format!(r#"{{"a":[{}]}}"#, vec![format!("\"{}\"", "x".repeat(50)); 2_000].join(","));
    let doubled = |of: &str, made: &str| {
        format!(
            "{{% set ns = namespace(s={of}) %}}{{% for i in range(60) %}}{{% set ns.s = {made} %}}{{% endfor %}}{{{{ ns.s }}}}"
        )
    };
    let cases: Vec<(&str, String)> = vec![
        (&many, "{% for x in request.json['items'] %}{% if x + 2 in request.json.seen %}dup{% endif %}{% endfor %}".into()),
        (&many, "{% for x in request.json['items'] %}{% if [x] in [request.json.seen] %}dup{% endif %}{% endfor %}".into()),
        (&many, "{% set ns = namespace(out=[]) %}{% for x in request.json.a %}{% set ns.out = ns.out + [x] %}{% endfor %}".into()),
        (&many, "{% set ns = namespace(out='') %}{% for x in request.json.a %}{% set ns.out = ns.out ~ x ~ ',' %}{% endfor %}".into()),
        (&many, "{% for x in request.json.a %}{% if request.json.seen == request.json.a %}{% endif %}{% endfor %}".into()),
        (&many, "{% for x in request.json.a %}{% if loop.changed(request.json.a) %}{% endif %}{% endfor %}".into()),
        (&many, "{% for x in request.json.a %}{% if 1 < x < request.json.a %}{% endif %}{% if x < 2 in request.json.seen %}{% endif %}{% endfor %}".into()),
        (&many, "{% for x in request.json.a %}{{ request.json.a[::-1][0] }}{{ request.body[20000] }}{% endfor %}".into()),
        (&many, "{% for x in request.json.a %}{% set y = request.body[1:] %}{% endfor %}".into()),
        (&many, "{% set a %}{% for x in request.json.a %}{{ request.body }}{% endfor %}{% endset %}ok".into()),
        (&many, format!("{{% set a %}}{{% for x in request.json.a %}}{}{{% endfor %}}{{% endset %}}ok", "y".repeat(9_000))),
        (&many, "{% macro m() %}{{ request.body }}{% endmacro %}{% for x in request.json.a %}{% set a = m() %}{% endfor %}".into()),
        (&many, "{% for x in request.json.a %}{% filter upper %}{{ request.body }}{% endfilter %}{% endfor %}".into()),
        (&pairs, "{% for x in request.json.a %}{% for y in request.json.a if y.id == x.ref %}{{ y }}{% endfor %}{% endfor %}".into()),
        (&texts, "{% for x in request.json.a %}{% if x ~ 'y' in request.body %}y{% endif %}{% endfor %}".into()),
        (&texts, "{{ request.json.a | map('replace', 'x', request.body) | list | length }}".into()),
        ("%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s%(a)s", "{{ (request.body * 1000) | format(a=request.body * 1000) | length }}".into()),
        ("x", doubled("'xxxx'", "ns.s ~ ns.s")),
        ("x", doubled("'xxxx'", "ns.s + ns.s")),
        ("x", doubled("'xxxx'", "ns.s * 2")),
        ("x", doubled("[1,2]", "ns.s + ns.s")),
        ("x", doubled("[1,2]", "[ns.s, ns.s]")),
        ("x", doubled("[1,2]", "(ns.s, ns.s)")),
        ("x", doubled("[1,2]", "{'a': ns.s, 'b': ns.s}")),
        ("x", doubled("(1, 2)", "(ns.s, ns.s) if loop.index < 15 else (ns.s, 1)").replace("range(60)", "range(5000)")),
        ("x", doubled("'xxxx'", "ns.s | replace('x', ns.s)")),
        ("x", "{{ ('x' * 4000000000) | length }}".into()),
        ("x", "{{ ('x' * 90000000) | length }}".into()),
        ("x", "{{ ([1]*100000000)|list|length }}".into()),
        ("x", "{{ ([[1]*100000]*100000)|string|length }}".into()),
        ("x", "{{ ([[1]*100000]*100000)|tojson|length }}".into()),
        ("x", "{{ ([[1]*100000]*10000) == ([[1]*100000]*10000) }}".into()),
        ("x", "{{ 2 in ([1]*1000000000) }}".into()),
        ("x", "{{ ([1]*1000000000)[::-1] | length }}".into()),
        ("x", "{{ ([[1]*50]*50000) | sum(start=[]) | length }}".into()),
        ("x", "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}".into()),
    ];
    let mut failed = Vec::new();
    for (body, template) in cases {
        let begun = processor_time();
        let reply = Reply { make: Make::Template, body: template.clone().into(), ..Reply::default() };
        let made = render(&reply, &request("POST", "/", &[], body.as_bytes()), &Given::default());
        let took = processor_time() - begun;
        let words = [
            "go over more than",
            "takes more than",
            "deep in each other",
            "are not gone over",
            "makes more than",
            "too many elements",
            "operator on unsupported",
        ];
        let is_bound = made.as_ref().is_err_and(|error| words.iter().any(|words| error.contains(words)));
        if !is_bound || took.as_millis() > 2_500 {
            failed.push(format!("{template} took {took:?}: {:?}", made.map(|(body, _)| body.len())));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn what_hangs_on_itself_or_on_too_many_others_is_refused_and_ends_no_stack() {
    let long = format!("[{}1]", "1,".repeat(30_000));
    let chained = |made: &str| {
        format!(
            "{{% set ns = namespace(x=[1]) %}}{{% for i in request.json %}}{{% set ns.x = {made} %}}{{% endfor %}}{{{{ ns.x }}}}"
        )
    };
    for (template, words) in [
        (chained("[ns.x]"), "deep in each other"),
        (chained("(ns.x, 1)"), "deep in each other"),
        (chained("{'a': ns.x}"), "deep in each other"),
        (chained("dict(a=ns.x)"), "deep in each other"),
        (chained("namespace(a=ns)"), "cannot hold a namespace"),
        ("{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}".to_owned(), "cannot hold a namespace"),
        ("{% set ns = namespace() %}{% set ns.a = (1, ns) %}{{ ns }}".to_owned(), "cannot hold a namespace"),
        ("{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns }}".to_owned(), "cannot stand in a list"),
    ] {
        let reply = Reply { make: Make::Template, body: template.clone().into(), ..Reply::default() };
        let error =
            render(&reply, &request("POST", "/", &[], long.as_bytes()), &Given::default()).expect_err(&template);
        assert!(error.contains(words), "{template}: {error}");
    }
    // Chains that are computed at once are no chains.
    for made in ["ns.x[0:]", "ns.x | reverse", "ns.x + []", "ns.x | map('int')", "ns.x * 1", "ns.x | list"] {
        let template = chained(made).replace("request.json", "range(3000)");
        let reply = Reply { make: Make::Template, body: template.clone().into(), ..Reply::default() };
        let (made, _) = render(&reply, &request("POST", "/", &[], b""), &Given::default()).expect(&template);
        assert_eq!(made, "[1]", "{template}");
    }
}

/// The stack of a thread that answers is 2 MiB.
#[test]
fn what_would_end_the_stack_is_refused_where_it_is_read() {
    let within = |open: &str, bottom: &str, close: &str, count: usize| {
        format!("{{{{ {}{bottom}{} }}}}", open.repeat(count), close.repeat(count))
    };
    let kinds: [(&str, &str, &str, usize); 15] = [
        ("-", "1", "", 1),
        ("not ", "1", "", 1),
        ("1 if 1 else ", "1", "", 2),
        ("", "a", "~a", 1),
        ("", "a", ".a", 1),
        ("", "a", "|e", 1),
        ("", "a", " and a", 1),
        ("", "a", " is defined", 1),
        ("", "1", " ** 1", 1),
        ("", "a", "[0]", 1),
        ("", "a", "()", 1),
        ("(", "1", ")", 8),
        ("[", "1", "]", 8),
        ("{'a':", "1", "}", 8),
        ("a(", "1", ")", 8),
    ];
    for (open, bottom, close, weight) in kinds {
        for count in [5_000, 201 / weight + 1] {
            let refused = check_text(within(open, bottom, close, count).as_bytes()).expect_err(open);
            assert!(refused.contains("more than 200 operators"), "{open}{close} {count}: {refused}");
        }
        // What is let through has room on the stack, run or dropped.
        let source = within(open, bottom, close, 200 / (weight + 1));
        let fits = move || {
            check_text(source.as_bytes()).unwrap_or_else(|error| panic!("{source}: {error}"));
            drop(filled(&source, &Given::default()));
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(fits).unwrap().join().unwrap();
    }
    let blocks = |count: usize| "{% if 1 %}".repeat(count) + &"{% endif %}".repeat(count);
    let branches = |count: usize| format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(count));
    for source in [blocks(61), branches(60), blocks(50_000), branches(50_000)] {
        let refused = check_text(source.as_bytes()).expect_err("deep");
        assert!(refused.contains("more than 60 blocks stand in each other"), "{refused}");
    }
    for source in [blocks(60), branches(59), "{% set a %}".repeat(140) + &"{% endset %}".repeat(140)] {
        let fits = move || check_text(source.as_bytes()).and_then(|()| filled(&source, &Given::default())).map(|_| ());
        std::thread::Builder::new().stack_size(2 << 20).spawn(fits).unwrap().join().unwrap().unwrap();
    }
    let long = format!("{{% set codes = [{}] %}}", "1,".repeat(12_000));
    assert!(check_text(long.as_bytes()).unwrap_err().contains("more than 20000 words and signs"));
    assert_eq!(check_text(format!("{{% set codes = [{}] %}}", "a.b, ".repeat(3_000)).as_bytes()), Ok(()));
    assert!(check_text(b"{% include 'x' %}").unwrap_err().contains("no other template to include"));
}

/// The library's own reading, without a bound, of the same template.
fn as_the_library_has_it(source: &str, json: &str) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.add_filter("fromjson", |text: &str| plain_value(&serde_json::from_str(text).unwrap()));
    let json = plain_value(&serde_json::from_str(json).unwrap());
    let made = environment.render_str(source, minijinja::context! { j => json });
    made.map_err(|error| error.kind().to_string())
}

fn plain_value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Array(items) => Value::from(items.iter().map(plain_value).collect::<Vec<_>>()),
        Json::Object(fields) => Value::from(
            fields.iter().map(|(name, value)| (name.clone(), plain_value(value))).collect::<BTreeMap<_, _>>(),
        ),
        Json::Null => Value::from(()),
        Json::Bool(bool) => Value::from(*bool),
        Json::String(text) => Value::from(text.clone()),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::from(number.as_f64().unwrap()), Value::from),
    }
}

/// Charged operators mean what the library's mean: in every template here both make the same text, or both none.
#[test]
fn charged_operators_mean_what_they_meant() {
    let json = r#"{"n":3,"f":1.5,"t":"text","e":"","l":[3,1,2],"m":{"b":1,"a":[1,{"x":"y"}]},"z":null,"yes":true,
        "people":[{"name":"Bo","age":41},{"name":"Al","age":27},{"name":"Cy","age":27}]}"#;
    let values =
        ["j.n", "j.f", "j.t", "j.e", "j.l", "j.m", "j.z", "j.yes", "j.none", "2", "2.0", "'te'", "[3]", "(1, 2)", "-1"];
    let mut sources: Vec<String> = Vec::new();
    for operator in ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
    {
        for left in values {
            sources.extend(values.iter().map(|right| format!("{{{{ {left} {operator} {right} }}}}")));
        }
    }
    sources.extend(
        [
            "{{ j }} {{ j.l }} {{ j.m }} {{ (1,) }} {{ {} }} {{ [] }} {{ {'a': [1, (2, 'b')]} }}",
            "{{ j.l[0] }} {{ j.l[-1] }} {{ j.t[1] }} {{ j.t[-1] }} {{ j.l[9] }} {{ j.m['b'] }} {{ j['m'].a[1].x }}",
            "{{ j.l[1:] }} {{ j.l[::-1] }} {{ j.t[1:3] }} {{ j.l[:1] + j.l[1:] }} {{ (j.l | reverse)[0] }}",
            "{{ 1 < 2 < 3 }} {{ 1 < j.n < 2 }} {{ 3 in j.l in [j.l] }} {{ 1 < 2 in j.l }}",
            "{% for p in j.people if p.age == 27 %}{{ loop.index }}/{{ loop.length }} {{ p.name }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "{% for k, v in j.m | items %}{{ k }}={{ v }};{% endfor %}{% for k in j.m %}{{ k }}{% endfor %}{% for x in [] %}{% else %}none{% endfor %}",
            "{% for g in j.people | groupby('age') %}{{ g.grouper }}: {{ g.list | map(attribute='name') | join(', ') }};{% endfor %}",
            "{% for age, all in j.people | groupby('age') %}{{ age }}{{ all | length }}{% endfor %}",
            "{% set ns = namespace(n=0, s='') %}{% for x in j.l %}{% set ns.n = ns.n + x %}{% set ns.s = ns.s ~ x %}{% endfor %}{{ ns.n }}{{ ns.s }}{{ ns }}",
            "{% macro row(p, end='.') %}{{ p.name }}{{ end }}{{ caller() if caller }}{% endmacro %}{{ row(j.people[0]) }}{% call row(j.people[1], end='!') %}x{% endcall %}",
            "{% set a %}<{{ j.t }}>{% endset %}{{ a | upper }}{% filter upper %}{{ j.t }}{% endfilter %}{% with x=1, y=j.n %}{{ x + y }}{% endwith %}",
            "{% for x in j.m.a recursive %}{{ x if x is number }}{{ loop([x.x]) if x is mapping }}{% endfor %}",
            "{% for x in [1, [2, [3]]] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}",
            "{% for x in j.l %}{{ loop.changed(x) }}{{ loop.cycle('a', 'b') }}{{ loop.previtem }}{{ loop.nextitem }}{% endfor %}",
            "{% block b %}{{ j.t }}{% endblock %}{{ self.b() }}{% autoescape 'html' %}{{ '<' ~ j.t }}{{ '<b>' | safe }}{% endautoescape %}",
            "{{ j.l | sort | join('-') }} {{ j.l | max }} {{ j.people | sort(attribute='age') | map(attribute='name') | list }} {{ j.m | tojson }} {{ j | tojson(indent=2) }}",
            "{{ j.l | batch(2) | list }} {{ j.l | slice(2) | list }} {{ [j.l, [9]] | sum(start=[]) }} {{ j.t | list }} {{ 'a b' | split }} {{ 'a,b' | split(',') | list }}",
            "{{ j.l | select('gt', 1) | list }} {{ j.people | selectattr('age', 'eq', 27) | list | length }} {{ j.l | unique | list }} {{ dict(a=1, **j.m) }}",
            "{{ j.l is sequence }} {{ j.m is mapping }} {{ j.l is iterable }} {{ (1, 2) == (1, 2) }} {{ [1] == (1,) }} {{ j.l == [3, 1, 2] }} {{ j.m == {'b': 1} }}",
            "{% if j.l and not j.e %}yes{% elif j.t %}no{% else %}else{% endif %}{{ 'a' if j.e else 'b' }}{{ j.none.deeper is defined }}{{ 2 ** 10 }}{{ -j.n }}",
            "{% set a, b = (1, 2) %}{{ a }}{{ b }}{% for a, b in [[1, 2], (3, 4)] %}{{ a + b }}{% endfor %}{{ range(3) }} {{ range(5, 1, -2) | list }} {{ range(3)[1] }}",
            "{% macro all() %}{% endmacro %}{{ all }} {{ '[1,{\"a\":2}]' | fromjson }} {{ j.l | first }}{{ j.l | last }}{{ j.m | length }}{{ j.l | zip(j.l) | list }}",
            "a very long piece of text that stands between braces, longer than most, and holds <, > and & as they are {{ j.t }}\n  {%- if 1 -%}  x  {%- endif %}\n",
        ]
        .map(str::to_owned),
    );
    let mut different = Vec::new();
    for source in &sources {
        let environment = environment();
        let context = minijinja::context! { j => value_of(serde_json::from_str(json).unwrap()) };
        let ours =
            Compiled::new(source).and_then(|template| run(&template, &environment, &context)).map(|(text, _)| text);
        let theirs = as_the_library_has_it(source, json);
        if ours.as_ref().ok() != theirs.as_ref().ok() {
            different.push(format!("{source}: {ours:?}, not {theirs:?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// What the library would compute of this when it compiles is 96 GB.
#[test]
fn looking_for_names_computes_nothing() {
    let body = format!("{{{{ nosuch }}}}{}", "{{ (1,) * 100000000 }}".repeat(40));
    let reply = Reply { make: Make::Template, body: body.into(), ..Reply::default() };
    assert_eq!(unknown_names(&reply), ["the template asks for `nosuch`, which is not there: it is empty"]);
    let splats = "{{ dict(**request.json) }} {{ nosuch(*captures.x, **now) }} {{ 2 ** count * 3 }}";
    let reply = Reply { body: splats.into(), ..reply };
    assert_eq!(unknown_names(&reply), ["the template asks for `nosuch`, which is not there: it is empty"]);
}

#[test]
fn names_that_are_not_there_are_told() {
    let unknown = |source: &str| {
        unknown_names(&Reply { make: Make::Template, body: source.to_owned().into(), ..Reply::default() })
    };
    for known in [
        "{{ request.json.a.b }} {{ request.headers['x-a'] }} {{ now.iso }} {{ uuid() }} {{ random(1, 2) }} {{ captures.x }}",
        "{% for i in range(3) %}{{ loop.index }}{{ i }}{% endfor %}{% set a = 1 %}{{ a }}{{ dict(b=1) | tojson }}",
        "{{ verdict }} {{ provider }} {{ event }} {{ delivery }} {{ count }}",
    ] {
        assert_eq!(unknown(known), [""; 0], "{known}");
    }
    assert_eq!(
        unknown("{{ nosuch.x }} {{ request.jsn.id }} {{ reqest.body }}"),
        [
            "the template asks for `nosuch.x`, which is not there: it is empty",
            "the template asks for `reqest.body`, which is not there: it is empty; did you mean `request`?",
            "the template asks for `request.jsn.id`, which is not there: it is empty; did you mean `json`?",
        ]
    );
}
