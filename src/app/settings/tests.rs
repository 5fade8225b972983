use clap::Parser as _;

use super::*;
use crate::app::args::{Args, ColorWish, ForwardArgs, LookArgs};
use crate::app::config::LoadedConfig;
use crate::app::folders::Folders;
use crate::app::settings::merge::{Surroundings, wants_color};
use crate::domain::durability::Durability;

/// Settings of a command line in a folder with this configuration, and what was said.
fn listen(line: &str, config: Option<&str>) -> (anyhow::Result<Settings>, Vec<String>, tempfile::TempDir) {
    let home = tempfile::tempdir().expect("a folder");
    let under = |name: &str| home.path().join(name);
    let folders = Folders { config: under("config"), data: under("data"), state: under("state") };
    std::fs::create_dir_all(&folders.config).expect("a folder");
    std::fs::write(folders.config.join("token.key"), "from-file\r\n").expect("a file");
    if let Some(text) = config {
        std::fs::write(folders.config.join("config.ron"), text).expect("a file");
    }
    let args = Args::try_parse_from(line.split_whitespace()).expect(line);
    let mut said = Vec::new();
    let settings = Settings::listen(
        &args.listen,
        &mut Surroundings {
            folders: &folders,
            stdout_is_terminal: true,
            no_color: false,
            warn: &mut |words| said.push(words.to_owned()),
        },
    );
    (settings, said, home)
}

fn ok(line: &str, config: Option<&str>) -> Settings {
    listen(line, config).0.expect(line)
}

fn refused(line: &str, config: Option<&str>) -> String {
    format!("{:#}", listen(line, config).0.expect_err(line))
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md")).expect("docs");
    let defaults = text.split("```ron\n").last().and_then(|rest| rest.split("```").next()).expect("a block");
    let (written, none) = (ok("hooksight", Some(defaults)), ok("hooksight", None));
    assert_eq!(written.limits, none.limits);
    assert_eq!(written.store, none.store);
    assert_eq!(written.rules.replies, none.rules.replies);
    assert_eq!(written.forward, none.forward);
    let look = |look: Look| Look { themes_folder: None, ..look };
    assert_eq!(look(written.look), look(none.look));
    let Source::Listen { bind, port, session } = written.source else { panic!("listen") };
    // A port that is written down is taken or refused; nothing else differs.
    assert_eq!((bind, port), (DEFAULT_BIND, PortChoice::Explicit(crate::io::listener::DEFAULT_PORT)));
    assert!(matches!(session, SessionWish::New(_)));
    let Source::Listen { bind, port, .. } = none.source else { panic!("listen") };
    assert_eq!((bind, port), (DEFAULT_BIND, PortChoice::Default));
}

#[test]
fn a_flag_wins_over_the_file() {
    let file = "(port: 1111, bind: \"::1\", forward: \"http://file\", theme: \"light\", reply: \"500\", limits: (body: \"1kB\", headers: 5), ring: (count: 7), durability: \"none\")";
    let from_file = ok("hooksight", Some(file));
    assert_eq!(from_file.forward.as_deref(), Some("http://file"));
    assert_eq!((from_file.limits.body_bytes, from_file.limits.header_count), (1_000, 5));
    assert_eq!((from_file.store.ring.count, from_file.rules.replies.all.status), (7, 500));
    assert_eq!(from_file.store.durability, Durability::None);
    let typed = ok(
        "hooksight -p 0 --bind 127.0.0.2 --forward http://typed --theme dark --respond 204 --max-body 2KiB --ring-count 9 --durability disk",
        Some(file),
    );
    let Source::Listen { bind, port, .. } = &typed.source else { panic!("listen") };
    assert_eq!((bind.to_string().as_str(), *port), ("127.0.0.2", PortChoice::Any));
    assert_eq!((typed.forward.as_deref(), typed.look.theme.as_str()), (Some("http://typed"), "dark"));
    assert_eq!((typed.limits.body_bytes, typed.limits.header_count), (2_048, 5));
    assert_eq!((typed.store.ring.count, typed.rules.replies.all.status), (9, 204));
    assert_eq!(typed.store.durability, Durability::Disk);
}

#[test]
fn endpoints_and_secrets_come_from_both() {
    let file = "(endpoints: [(path: \"/b*\", provider: \"stripe\", secret: [\"new\", \"old\"], reply: \"202\", target: \"http://b\")],\n secrets: {\"github\": \"file:token.key\"})";
    let (settings, said, _home) = listen("hooksight --endpoint /a,provider=github,secret=typed,reply=204", Some(file));
    let settings = settings.expect("settings");
    let [a, b] = settings.checks.endpoints.as_slice() else { panic!("{:?}", settings.checks.endpoints) };
    assert_eq!((a.path.as_str(), a.provider.as_ref().map(|provider| provider.name.as_str())), ("/a", Some("github")));
    assert_eq!((b.path.as_str(), b.secrets.len(), b.target.as_deref()), ("/b*", 2, Some("http://b")));
    assert_eq!(settings.rules.replies.choose(b"/a").reply.status, 204);
    assert_eq!(settings.rules.replies.choose(b"/bb").reply.status, 202);
    assert_eq!(settings.checks.provider_secrets, [("github".to_owned(), vec![Secret::new("from-file")])]);
    assert!(said.iter().any(|words| words.contains("process list")), "{said:?}");
    assert!(said.iter().any(|words| words.contains("final newline")), "{said:?}");
}

#[test]
fn sessions_are_kept_where_it_was_said() {
    let session = |line: &str, file: Option<&str>| match ok(line, file).source {
        Source::Listen { session, .. } => session,
        Source::Open(_) => panic!("listen"),
    };
    assert_eq!(session("hooksight --no-session", Some("(session: \"a.jsonl\")")), SessionWish::Off);
    assert_eq!(session("hooksight", Some("(record: false)")), SessionWish::Off);
    assert_eq!(session("hooksight -s b.jsonl", Some("(record: false)")), SessionWish::File("b.jsonl".into()));
    let SessionWish::File(path) = session("hooksight", Some("(session: \"a.jsonl\")")) else { panic!("a file") };
    assert!(path.is_absolute() && path.ends_with("config/a.jsonl"), "{}", path.display());
}

#[test]
fn half_a_configuration_starts_nothing() {
    for (line, file, words) in [
        ("hooksight --scheme githup --secret env:PATH", None, "did you mean github"),
        (
            "hooksight --scheme github:s3cret --secret env:PATH",
            None,
            "`github` is a provider, and nothing stands behind",
        ),
        (
            "hooksight --scheme githup:s3cret --secret env:PATH",
            None,
            "there is no provider `githup` (did you mean github",
        ),
        ("hooksight --endpoint /a,provider=nobody", None, "--endpoint /a: provider: there is no provider `nobody`"),
        ("hooksight --forward localhost:3000", None, "has no http:// in front: write http://localhost:3000"),
        ("hooksight --forward ftp://h", None, "only http:// and https://"),
        ("hooksight --respond 99", None, "--respond \"99\": expected a status"),
        ("hooksight --respond 200,body=@none.txt", None, "--respond"),
        ("hooksight --secret env:HOOKSIGHT_NOT_SET", None, "HOOKSIGHT_NOT_SET is not set"),
        ("hooksight --secret file:none.key", None, "cannot read the secret from none.key"),
        ("hooksight --json", None, "--headless"),
        ("hooksight", Some("(secrets: {\"nobody\": \"x\"})"), "config.ron:1:22: secrets.nobody: there is no provider"),
        ("hooksight", Some("(secrets: {\"github\": \"-\"})"), "`-` is for the command line"),
        (
            "hooksight",
            Some("(endpoints: [(path: \"/\", target: \"x\")])"),
            "config.ron:1:34: endpoints[0].target \"x\" is no URL",
        ),
        (
            "hooksight",
            Some("(forward: \"localhost:3000\")"),
            "config.ron:1:12: forward: \"localhost:3000\": the scheme",
        ),
        ("hooksight --forward http://h", Some("(forward: \"localhost:3000\")"), "config.ron:1:12: forward"),
        (
            "hooksight",
            Some("(forward: (to: \"http://h\", tries: 0))"),
            "config.ron:1:35: forward.tries: expected 1 to 100",
        ),
        ("hooksight", Some("(forward: (to: \"http://h\", zzz: 1))"), "there is no field `zzz`"),
        ("hooksight", Some("(forward: 7)"), "xpected a URL in quotes"),
        ("hooksight", Some("(endpoints: [(path: \"/a\", forward: (ack: true))])"), "the field `to` is missing"),
        ("hooksight --also http://h", None, "--also, --shadow and --ack go with --forward URL"),
        (
            "hooksight",
            Some("(\n  // a \"note\": [\n  endpoints: [(path: \"/a\"), (path: \"/b\", provider: \"nobody\")],\n)"),
            "config.ron:3:52: endpoints[1].provider: there is no provider",
        ),
        (
            "hooksight",
            Some("(endpoints: [(path: \"/\", secret: \"env:HOOKSIGHT_NOT_SET\")])"),
            "config.ron:1:34: endpoints[0].secret: the environment variable HOOKSIGHT_NOT_SET is not set",
        ),
        ("hooksight", Some("(replies: {\"/x\": \"200 body=@none\"})"), "config.ron:1:18: replies./x: cannot read"),
        (
            "hooksight",
            Some("(reply: \"200 body=@/dev/zero\")"),
            "cannot read the reply's body from /dev/zero: it is a device: put the content",
        ),
        (
            "hooksight",
            Some("(rules: [(when: (json: {\"$..a..b\": \"x\"}), reply: \"200\")])"),
            "`$..a..b` has `..` 2 times",
        ),
        ("hooksight", Some("(session: \"a.jsonl\", record: false)"), "config.ron:1:11: session: `record: false`"),
        ("hooksight --headless", Some("(theme: \"foo\")"), "config.ron:1:9: theme: there is no theme foo"),
        ("hooksight --headless --theme foo", None, "--theme: there is no theme foo: choose one of auto, dark"),
        ("hooksight --endpoint /a,provider=strpe", None, "did you mean stripe"),
        ("hooksight", Some("(endpoints: [(path: \"/a\", provider: \"shopfy\")])"), "did you mean shopify"),
        ("hooksight", Some("(keys: {\"resent\": \"r\"})"), "did you mean \"resend\"?"),
        ("hooksight --endpoint /a,provider=strpe", None, "did you mean stripe"),
        ("hooksight", Some("(endpoints: [(path: \"/a\", provider: \"shopfy\")])"), "did you mean shopify"),
        ("hooksight", Some("(keys: {\"search\": \"r\"})"), "config.ron:1:19: keys.search: `r` would do both"),
        (
            "hooksight --config /nope",
            None,
            "cannot read the configuration /nope: No such file or directory (os error 2)",
        ),
        ("hooksight", Some("(prot: 1)"), "config.ron:1:2: there is no field `prot`"),
    ] {
        let error = refused(line, file);
        assert!(error.contains(words) && !error.contains("s3cret"), "{line} {file:?}\n got: {error}\nwant: {words}");
    }
}

#[test]
fn no_color_is_a_default_that_a_flag_changes() {
    assert!(wants_color(ColorWish::Auto, false, true));
    assert!(!wants_color(ColorWish::Auto, true, true));
    assert!(!wants_color(ColorWish::Auto, false, false));
    assert!(wants_color(ColorWish::Always, true, false));
    assert!(!wants_color(ColorWish::Never, false, true));
}

#[test]
fn what_is_forwarded_and_whose_answer_goes_back() {
    let rules = |line: &str, file: Option<&str>| ok(line, file).rules;
    let replies =
        |rules: &crate::domain::rule::RuleSet, path: &str| rules.replies.choose(path.as_bytes()).reply.to_string();
    let to = |rules: &crate::domain::rule::RuleSet, path: &str| {
        let route = rules.routes.of(path.as_bytes());
        route.map(|route| (route.first.to_string(), route.acknowledges))
    };
    let none = rules("hooksight", None);
    assert_eq!((replies(&none, "/"), to(&none, "/")), ("status=200".into(), None));
    let app = rules("hooksight --forward http://app:3000/x", None);
    assert_eq!((replies(&app, "/"), to(&app, "/")), ("forward".into(), Some(("http://app:3000/x".into(), false))));
    // Whose reply is written, his goes back, and the request goes on behind it.
    for line in ["hooksight --forward http://app --respond 202", "hooksight --forward http://app --ack --respond 202"] {
        let own = rules(line, None);
        assert_eq!(
            (replies(&own, "/"), to(&own, "/")),
            ("status=202".into(), Some(("http://app".into(), true))),
            "{line}"
        );
    }
    let file = r#"(
        forward: (to: "http://all", also: ["http://more"], timeout: "3s", tries: 2, retry_wait: "1ms", insecure: true),
        endpoints: [
            (path: "/a*", forward: "http://a"),
            (path: "/b", forward: (to: "http://b", shadow: ["http://s"]), reply: "204"),
            (path: "/c", reply: "410"),
            (path: "/d", forward: (to: "http://d", ack: true)),
        ],
    )"#;
    let written = rules("hooksight --forward http://typed --also http://one --shadow http://two", Some(file));
    let all = written.routes.all.clone().expect("a route");
    let also: Vec<_> = all.also.iter().map(|also| (also.target.to_string(), also.is_shadow)).collect();
    assert_eq!(also, [("http://one".to_owned(), false), ("http://two".to_owned(), true)]);
    assert_eq!((all.timeout_ms, all.retry.tries, all.retry.wait_ms, all.first.is_insecure), (3_000, 2, 1, true));
    assert_eq!(to(&written, "/"), Some(("http://typed".into(), false)));
    let seen: Vec<_> = ["/a1", "/b", "/c", "/d"].map(|path| (replies(&written, path), to(&written, path))).into();
    let route = |url: &str, acknowledges| Some((url.to_owned(), acknowledges));
    assert_eq!(
        seen,
        [
            ("forward".to_owned(), route("http://a", false)),
            ("status=204".to_owned(), route("http://b", true)),
            ("status=410".to_owned(), route("http://typed", false)),
            ("status=200".to_owned(), route("http://d", true)),
        ]
    );
    assert!(!written.routes.of(b"/a1").expect("a route").first.is_insecure, "only whom the configuration names so");
}

#[test]
fn a_rule_that_is_written_out_is_understood_as_the_same() {
    let text = r##"(rules: [
        (name: "a \"b\" \\ \n", when: (method: ["GET", "PUT"], path: "/hooks/{tenant}/*", headers: {"x-a": "b*", "x-n": "!*"}, query: {"p": "2"},
            form: {"from": "+1*"}, json: {"$.items[?@.n > 1].name": "t\"wo"}, provider: ["stripe", "git*"], event: "billing.**",
            verdict: ["invalid", "unsigned"], from: ["10.0.0.0/8", "::1"], nth: "2.."), reply: "fail 503 header=\"A: b\" x2, timeout 20s, reset, then 200 body='x'",
            callbacks: [(url: "{{ request.json.url }}", hosts: ["*.example.com", "10.0.0.0/8"], after: "1s..3s", method: "PUT", headers: {"A": "b"}, body: "@@x"), (url: "x")]),
        (reply: "200 body=@none.json drip=9"),
        (when: (nth: "every 3"), reply: "200 template='{{ uuid() }}' delay=lognormal:1s/0.5"),
    ])"##;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("none.json"), "{}").expect("a file");
    let path = folder.path().join("hooksight.ron");
    std::fs::write(&path, text).expect("a file");
    let loaded = LoadedConfig::find(Some(&path), None).expect("understood");
    let source =
        rules::RuleSource::typed(None, (&LookArgs::default(), &ForwardArgs::default()), &loaded, Profiles::builtin())
            .expect("a source");
    let made = source.make(&loaded, &mut |_| {}).expect("rules");
    assert_eq!(made.rules.len(), 3);
    for rule in &made.rules {
        let written = rule.written();
        let again = source.rule(&written.ron()).unwrap_or_else(|why| panic!("{}: {why}", written.ron()));
        assert_eq!(again.written(), written);
        assert_eq!((&again.reply, &again.callbacks), (&rule.reply, &rule.callbacks));
        assert_eq!(format!("{:?}", again.when), format!("{:?}", rule.when));
    }
    for (text, expected) in [
        ("(when: (path: \"x\"), reply: \"200\")", "when.path: "),
        ("(reply: \"999\")", "reply: "),
        ("(reply: \"200 body=@nowhere\")", "reply: cannot read"),
        ("(reply: \"200\", callbacks: [(url: \"{{ x\")])", "callbacks[0].url: "),
        ("(wen: (), reply: \"200\")", "there is no field `wen`"),
        ("(reply: \"200\"", ""),
    ] {
        let why = source.rule(text).expect_err(text);
        assert!(why.contains(expected) && !why.contains("rules[0]") && !why.contains("typed here"), "{text}: {why}");
    }
}
