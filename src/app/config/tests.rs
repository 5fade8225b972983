use std::path::Path;

use ron::extensions::Extensions;

use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    LoadedConfig::of_text(Path::new("hooksight.ron"), text).map(|loaded| loaded.config)
}

/// The parts of a text that stand between ```ron and ```.
fn ron_blocks(text: &str) -> Vec<&str> {
    text.split("```ron\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

fn documentation() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    std::fs::read_to_string(path).expect("docs/configuration.md")
}

/// The fields of the struct that `text` has an unknown field in.
fn fields_at(text: &str) -> Vec<&'static str> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    match options.from_str::<Config>(text).map_err(|error| error.code) {
        Err(ron::Error::NoSuchStructField { expected, .. }) => expected.to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn mistakes_name_place_field_and_what_was_expected() {
    for (text, expected) in [
        ("(\n    port: 70700,\n)", "2:11: port: expected a port from 0 to 65535"),
        ("(\n    prot: 7070,\n)", "2:5: there is no field `prot`; did you mean `port`?"),
        ("(\n    limits: (body: \"10 apples\"),\n)", "2:21: limits.body: \"10 apples\": expected a size"),
        ("(\n    limits: (\n        body: true,\n    ),\n)", "3:15: limits.body: Expected text in quotes"),
        ("(\n    limits: (wat: 1),\n)", "2:14: limits: there is no field `wat` (known: body, head,"),
        (
            "(\n    endpoints: [\n        (path: \"/a\"),\n        (path: \"b\"),\n    ],\n)",
            "4:17: endpoints[1].path: \"b\": expected a path that begins with a slash",
        ),
        (
            "(\n    endpoints: [\n        (provider: \"github\"),\n    ],\n)",
            "3:28: endpoints[0]: the field `path` is missing",
        ),
        ("(\n    mouse: 1,\n)", "2:12: mouse: expected true or false, found 1"),
        ("(\n    port: 1,\n    port: 2,\n)", "3:5: the field `port` is there twice"),
        ("(\n    keys: {\"quit\": \"no key\"},\n)", "2:21: keys.quit: \"no key\" is no key"),
        ("(\n    keys: {\"fly\": \"f\"},\n)", "2:13: keys: \"fly\": there is no action of that name"),
        ("(\n    reply: \"20\",\n)", "2:13: reply: \"20\": expected a status from 200 to 599"),
        ("(\n    replies: {\"/a\": \"999\"},\n)", "2:22: replies./a: \"999\": expected a status"),
        ("(\n    clipboard: \"wayland\",\n)", "2:17: clipboard: \"wayland\": expected one of auto, system,"),
        ("(\n    durability: \"sure\",\n)", "2:18: durability: \"sure\": expected one of process, disk, none"),
        ("(\n    bind: \"localhost\",\n)", "2:12: bind: \"localhost\": expected an IP address"),
        ("(\n    secrets: {\"github\": \"env:\"},\n)", "2:26: secrets.github: `env:` must be followed by"),
        ("(\n    theme: dark,\n)", "2:12: theme: expected text in quotes, found dark"),
        ("(\n    port: \"x\",\n)", "2:11: port: expected a whole number, found \"x\""),
        ("(\n    keys: {\"resend\": \"^^\"},\n)", "2:23: keys.resend: \"^^\" is a key that terminals do not send"),
        ("(\n    port: 1,\n", "1:1: this `(` is not closed: expected a `)` before the end of the file"),
        ("(\n    limits: (body: \"1kB\",\n    theme: \"dark\",\n)\n", "1:1: this `(` is not closed"),
        (
            "(\n    endpoints: [(path: \"/a)\"),\n)",
            "2:16: this `[` is not closed: expected a `]` before the `)` at 3:1",
        ),
        ("port: 1", "1:1: expected the fields between ( and )"),
        ("(port: 1) x", "1:11: Non-whitespace trailing characters"),
    ] {
        let error = parse(text).expect_err(text).to_string();
        let expected = format!("hooksight.ron:{expected}");
        assert!(error.starts_with(&expected), "{text}\n got: {error}\nwant: {expected}");
    }
}

#[test]
fn a_secret_in_the_file_is_not_in_the_message() {
    for text in ["(secrets: {\"github\": \"hunter2\"} x)", "(endpoints: [(path: \"/\", secret: [\"hunter2\", 7])])"] {
        let error = parse(text).expect_err(text).to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
    let config = parse("(secrets: {\"github\": \"hunter2\"})").expect("a configuration");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn no_file_and_an_empty_file_are_no_configuration() {
    assert_eq!(parse(" \n").expect("empty"), Config::default());
    assert_eq!(parse("()").expect("no field"), Config::default());
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(LoadedConfig::find(None, Some(folder.path())).expect("none"), LoadedConfig::default());
    let missing = folder.path().join("none.ron");
    let error = LoadedConfig::find(Some(&missing), None).expect_err("a wished file must be there").to_string();
    assert!(error.contains("none.ron"), "{error}");
    let path = folder.path().join("config.ron");
    std::fs::write(&path, "(port: 1)").expect("a file");
    let loaded = LoadedConfig::find(None, Some(folder.path())).expect("found");
    assert_eq!((loaded.config.port, loaded.path.as_deref()), (Some(1), Some(path.as_path())));
    assert_eq!(loaded.beside(Path::new("a.key")), folder.path().join("a.key"));
}

#[test]
fn the_documentation_names_every_field() {
    let text = documentation();
    let places = [
        ("", "(zzz: 1)"),
        ("ring.", "(ring: (zzz: 1))"),
        ("limits.", "(limits: (zzz: 1))"),
        ("forward.", "(forward: (zzz: 1))"),
    ];
    let more = [
        ("endpoints[].", "(endpoints: [(zzz: 1)])"),
        ("endpoints[].guard.", "(endpoints: [(guard: (zzz: 1))])"),
        ("rules[].", "(rules: [(zzz: 1)])"),
        ("rules[].when.", "(rules: [(when: (zzz: 1))])"),
        ("rules[].callbacks[].", "(rules: [(callbacks: [(zzz: 1)])])"),
    ];
    for (prefix, probe) in places.into_iter().chain(more) {
        for field in fields_at(probe) {
            let row = format!("| `{prefix}{field}` |");
            let is_group = matches!(field, "ring" | "limits" | "endpoints" | "rules" | "guard" | "when" | "callbacks");
            assert!(is_group || text.contains(&row), "docs/configuration.md has no row `{row}`");
        }
    }
}

#[test]
fn the_replies_of_the_documentation_are_understood() {
    let page = |path| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path);
    let text = page("docs/replies.md") + &page("docs/forwarding.md");
    let blocks = text.split("```reply\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let lines: Vec<&str> = blocks.flat_map(str::lines).collect();
    assert!(lines.len() > 15, "{lines:?}");
    for line in lines {
        let text = crate::domain::reply::ReplyText::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let reply = text.finish(&mut |_| Ok::<_, String>("file".into())).expect(line);
        assert_eq!(crate::domain::reply::Reply::parse(&reply.to_string()), Ok(reply), "{line}");
    }
}

#[test]
fn the_examples_of_the_documentation_are_valid() {
    let page = |path| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path);
    let text = documentation() + &page("docs/replies.md") + &page("docs/forwarding.md");
    let blocks = ron_blocks(&text);
    assert!(blocks.len() >= 4, "an example and the defaults");
    for block in blocks {
        parse(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
    }
}

#[test]
fn one_mistake_hides_no_other_whatever_stands_between_them() {
    let text = r##"(
    /* a comment, with "quotes (and [brackets /* and another } */ */
    port: 99999, // trailing )
    rules: [
        (reply: r#"200 body='{"a":1}' boddy=x"#, name: r"a\b("),
        // (reply: "x"),
        (reply: 'x', when: (method: [GET, "POST"])),
        (reply: "200", when: (verdict: ["valid", "vlid", "x"], from: ["10.0.0.0/8", "bad", "worse"])),
        (),
        (name: "n",),
        (reply: "200", reply: "201"),
        17,
    ],
    endpoints: [(path: "/a", guard: (token: (header: "x",),)), (path: "/b", guard: (allow: "nope"))],
    mouse: "no",
)"##;
    insta::assert_snapshot!(parse(text).expect_err("mistakes").all().join("\n"));
    // What no request can have would never fit: where it stands, and in visible form.
    for (text, place) in [
        ("(endpoints: [(path: \"/a\", guard: (token: (header: \"X Y\", secret: \"s\")))])", "guard.token.header"),
        ("(rules: [(reply: \"200\", when: (method: \"\u{1b}]0;x\u{7}\"))])", "when.method"),
        ("(rules: [(reply: \"200\", when: (method: [\"GET\", \"P T\"]))])", "when.method[1]"),
        ("(rules: [(reply: \"200\", when: (headers: {\"x-a:\": \"1\"}))])", "when.headers"),
    ] {
        let all = parse(text).expect_err(text).all();
        assert!(all.len() == 1 && all[0].contains(place), "{text}: {all:?}");
        assert!(all[0].starts_with("hooksight.ron:1:") && !all[0].contains('\u{1b}'), "{all:?}");
    }
    // What cannot be taken out ends the search, and what was found until then is told.
    for (text, count) in
        [("(port: 99999, ,, mouse: 1)", 2), ("(rules: [(reply: \"2o0\"", 1), ("7", 1), ("(port: 1)(", 1)]
    {
        assert_eq!(parse(text).expect_err(text).all().len(), count, "{text}");
    }
    let many = format!("(rules: [{}])", "(reply: \"2o0\"),".repeat(500));
    assert_eq!(parse(&many).expect_err("mistakes").all().len(), 500);
}

#[test]
fn mistakes_without_number_are_found_in_one_go() {
    // As long as a file may be; before each was looked for from the start of the file.
    let rules: Vec<String> = (0..8_000)
        .map(|at| {
            let rule =
                format!("(name: \"r{at}\", when: (path: \"/hooks/{at}/*\", nth: \"x\"), reply: \"2o0 body=never\"),\n");
            format!("// {}\n{rule}", "é".repeat(at % 20))
        })
        .collect();
    let replies: Vec<String> = (0..2_000).map(|at| format!("\"/a{at}\": \"20\",")).collect();
    let text = format!(
        "(\n  port: 99999,\n  rules: [\n{}],\n  replies: {{{}}},\n  mouse: \"no\",\n)",
        rules.concat(),
        replies.concat()
    );
    assert!(text.len() > 800_000, "{}", text.len());
    let begun = std::time::Instant::now();
    let all = parse(&text).expect_err("mistakes").all();
    let took = begun.elapsed();
    assert_eq!(all.len(), 2 * 8_000 + 2_000 + 2);
    assert!(all[0].contains(":2:9: port: "), "{}", all[0]);
    assert!(all[1].contains(":5:47: rules[0].when.nth: "), "{}", all[1]);
    let last = format!(":{}:", 2 * 8_000 + 3);
    let found: Vec<_> = all.iter().filter(|one| one.contains("rules[7999].")).collect();
    assert!(found.len() == 2 && found.iter().all(|one| one.contains(&last)), "{found:?}");
    assert!(all[all.len() - 1].contains("mouse"), "{}", all[all.len() - 1]);
    assert!(took < std::time::Duration::from_secs(60), "{took:?}");
}

#[test]
fn a_search_for_mistakes_that_would_not_end_is_given_up_and_that_is_said() {
    let paths: Vec<String> = (0..20_000).map(|at| format!("\"$.[x{at}\": \"*\",")).collect();
    let text = format!("(rules: [(reply: \"200\", when: (json: {{{}}})), (reply: \"2o0\")])", paths.concat());
    let all = parse(&text).expect_err("mistakes").all();
    assert!(all.len() > 20 && all.len() < 1_000, "{}", all.len());
    assert!(all.iter().any(|one| one.contains("rules[1].reply")), "the next rule is looked at all the same");
    assert!(all[all.len() - 1].contains("looking for mistakes ended before the end"), "{}", all[all.len() - 1]);
}
