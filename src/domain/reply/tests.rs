use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Reply {
    Reply::parse(text).unwrap()
}

fn refused(text: &str) -> (usize, String) {
    let error = ReplyText::parse(text).unwrap_err();
    (error.column, error.message)
}

#[test]
fn every_preset_is_found_by_its_name_and_survives_the_text_form() {
    for preset in PRESETS {
        let reply = Reply::parse(preset.text).unwrap();
        assert_eq!(parsed(preset.name), reply, "{}", preset.name);
        assert_eq!(parsed(&reply.to_string()), reply, "{}", preset.name);
        if let Ok(status) = preset.name.parse::<u16>() {
            assert_eq!(reply.status, status);
        }
    }
    assert_eq!(parsed("200"), Reply::default());
    assert_eq!(parsed("429").headers.get("retry-after"), Some(&b"30"[..]));
    assert_eq!(parsed("NEVER").fault, Some(Fault::NeverAnswer));
    assert_eq!(parsed("reset delay=2s"), Reply { fault: Some(Fault::Reset), delay_ms: 2_000, ..Reply::default() });
}

#[test]
fn an_own_reply_is_one_line() {
    let reply = parsed(r#"503 delay=2s header="Retry-After: 5" header='X-A:  b ' body='{"a":1}'"#);
    assert_eq!(reply.status, 503);
    assert_eq!(reply.delay_ms, 2_000);
    assert_eq!(reply.headers, Headers::from_pairs([("Retry-After", "5"), ("X-A", "b")]));
    assert_eq!(&reply.body[..], br#"{"a":1}"#);
    assert_eq!(parsed("body=hi"), Reply { body: "hi".into(), ..Reply::default() });
    assert_eq!(parsed("delay:250ms status:404"), Reply { status: 404, delay_ms: 250, ..Reply::default() });
    assert_eq!(&parsed(r#"200 body="a\n\x00\xff\"""#).body[..], b"a\n\x00\xff\"");
    assert_eq!(&parsed("200-json body=[]").body[..], b"[]");
    assert_eq!(&parsed("200 body=@@x").body[..], b"@x");
}

#[test]
fn what_is_written_takes_the_place_of_a_presets_own_header() {
    let of = |text: &str| {
        let line = |header: &crate::domain::headers::Header| [&header.name[..], b": ", &header.value].concat();
        parsed(text).headers.iter().map(|header| String::from_utf8(line(header)).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(of("302 redirect=http://x/"), ["Location: http://x/"]);
    assert_eq!(of("301 redirect=/a"), ["Location: /a"]);
    assert_eq!(of("307 redirect=/a"), ["Location: /a"]);
    assert_eq!(of(r#"302 header="Location: /y""#), ["Location: /y"]);
    assert_eq!(of("429 retry-after=1m"), ["Retry-After: 60"]);
    assert_eq!(of(r#"429 header="retry-after: 60""#), ["retry-after: 60"]);
    assert_eq!(of(r#"401 header="WWW-Authenticate: Basic""#), ["WWW-Authenticate: Basic"]);
    assert_eq!(of(r#"200-json header="content-type: text/plain" body=x"#), ["content-type: text/plain"]);
    // Others stay, and so do several of one name that were written.
    assert_eq!(of(r#"429 header="X-A: 1""#), ["Retry-After: 30", "X-A: 1"]);
    let two = r#"401 header="WWW-Authenticate: Basic" header="www-authenticate: Digest""#;
    assert_eq!(of(two), ["WWW-Authenticate: Basic", "www-authenticate: Digest"]);
    assert_eq!(of(r#"200 header="Set-Cookie: a=1" header="Set-Cookie: b=2""#), ["Set-Cookie: a=1", "Set-Cookie: b=2"]);
    // In the steps of a script too.
    let script = parsed("429 retry-after=1m x2, 302 redirect=/z").script.unwrap();
    assert!(script.steps.iter().all(|step| step.reply.headers.len() == 1));
}

#[test]
fn a_body_file_is_left_to_whoever_may_read_files() {
    let text = ReplyText::parse("500 body=@answers/error.json").unwrap();
    assert_eq!((text.reply.status, text.body_file.as_deref()), (500, Some("answers/error.json")));
    assert!(Reply::parse("500 body=@answers/error.json").is_err());
}

#[test]
fn mistakes_name_the_column_and_what_was_expected() {
    insta::assert_snapshot!(
        [
            "",
            "199",
            "600",
            "twohundred",
            "200 delay=soon",
            "200 delay=2d",
            "200 delay=25h",
            "200 header=X",
            r#"200 header="X: a\r\nSet-Cookie: b""#,
            r#"200 header="X Y: a""#,
            r#"200 header="Content-Length: 7""#,
            "200 boddy=x",
            "200 'open",
            r#"200 body="\q""#,
            "204 body=x",
            "never body=x",
            "200 body=a body=b",
            "200 body=@",
            "200 x",
        ]
        .map(|text| {
            let (column, message) = refused(text);
            format!("{text}\n{:>column$} {message}", "^")
        })
        .join("\n")
    );
}

#[test]
fn the_longest_pattern_chooses_and_says_so() {
    let mut rules = ReplyRules::default();
    let reply = |status| Reply { status, ..Reply::default() };
    assert_eq!(rules.choose(b"/a"), Chosen { reply: &reply(200), rule: "default".to_owned(), is_own: false });
    rules.set(Scope::All, reply(201));
    rules.set(Scope::Path("/a*".into()), reply(202));
    rules.set(Scope::Path("/a/b*".into()), reply(203));
    rules.set(Scope::Path("/a/b".into()), reply(404));
    let chosen = |path: &[u8]| rules.choose(path).reply.status;
    assert_eq!(
        [chosen(b"/"), chosen(b"/a"), chosen(b"/a/b"), chosen(b"/a/bc"), chosen(b"/A")],
        [201, 202, 404, 203, 201]
    );
    assert_eq!(rules.choose(b"/a/b").rule, "path /a/b");
    assert_eq!(rules.choose(b"/").rule, "all requests");
    rules.set(Scope::Path("/a/b".into()), reply(410));
    assert_eq!(rules.choose(b"/a/b").reply.status, 410);
    rules.endpoints.push(("/a/b".into(), reply(202)));
    assert!(rules.choose(b"/a/b").is_own, "the path's own reply goes before the endpoint's");
    rules.paths.retain(|(path, _)| path != "/a/b");
    let endpoint = rules.choose(b"/a/b");
    assert_eq!((endpoint.reply.status, endpoint.rule.as_str(), endpoint.is_own), (202, "endpoint /a/b", false));
    rules.clear("/a/b");
    assert_eq!(rules.choose(b"/a/b").reply.status, 203);
}

#[test]
fn few_words_for_the_top_line() {
    let words = |text: &str| parsed(text).describe();
    assert_eq!(words("200"), "200");
    assert_eq!(words("200-json"), "200 with 11 B");
    assert_eq!(words("503 delay=2s"), "503 after 2 s");
    assert_eq!(words("delay:1500ms"), "200 after 1500 ms");
    assert_eq!(words("never"), "never answer");
    assert_eq!(words("reset"), "reset");
}

fn any_reply() -> impl Strategy<Value = Reply> {
    let header = ("[A-Za-z][A-Za-z0-9-]{0,8}", proptest::collection::vec(any::<u8>(), 0..12));
    let own = (
        200_u16..=599,
        proptest::collection::vec(header, 0..3),
        proptest::collection::vec(any::<u8>(), 0..40),
        0..=DELAY_MS_MAX,
    )
        .prop_filter_map("what no reply can be", |(status, lines, body, delay_ms)| {
            let mut headers = Headers::new();
            for (name, value) in lines {
                let value = value.trim_ascii().to_vec();
                header_line::check_header(name.as_bytes(), &value).ok()?;
                headers.push(name, value);
            }
            let body = if matches!(status, 204 | 205 | 304) { Vec::new() } else { body };
            Some(Reply { status, headers, body: body.into(), delay_ms, ..Reply::default() })
        });
    let fault = (prop_oneof![Just(Fault::NeverAnswer), Just(Fault::Reset)], 0..=DELAY_MS_MAX)
        .prop_map(|(fault, delay_ms)| Reply { fault: Some(fault), delay_ms, ..Reply::default() });
    let spread = prop_oneof![(0..=DELAY_MS_MAX).prop_map(Spread::UpTo), (0u32..=5000).prop_map(Spread::LogNormal),];
    let made =
        (own.clone(), spread, proptest::option::of(1u32..), 0usize..4).prop_map(|(reply, spread, drip, kind)| {
            let delay_ms = if let Spread::UpTo(most) = spread { reply.delay_ms.min(most) } else { reply.delay_ms };
            let drip = drip.and_then(std::num::NonZeroU32::new);
            let reply = Reply { spread, delay_ms, drip, ..reply };
            match kind {
                0 if !matches!(reply.status, 204 | 205 | 304) => {
                    Reply { make: Make::Echo, body: Bytes::new(), ..reply }
                }
                1 => Reply { fault: Some(Fault::WrongLength(reply.delay_ms)), ..reply },
                2 => Reply { fault: Some(Fault::Cut), drip: None, ..reply },
                _ => reply,
            }
        });
    let one = prop_oneof![4 => own, 1 => fault, 4 => made];
    let script = proptest::collection::vec((one.clone(), 1u32..50), 1..5).prop_map(|steps| {
        let steps = steps.into_iter().map(|(reply, times)| ScriptStep { reply, times }).collect();
        Reply { script: Some(Arc::new(Script { steps })), ..Reply::default() }
    });
    prop_oneof![6 => one, 1 => script]
}

#[test]
fn a_script_is_a_line_of_replies() {
    let reply = parsed("fail 500 x2, timeout 20s, reset, then 200");
    let script = reply.script.as_deref().expect("a script");
    let close = Reply { fault: Some(Fault::Close), delay_ms: 20_000, ..Reply::default() };
    let plain = |status| Reply { status, ..Reply::default() };
    let given: Vec<_> =
        (0..7).map(|before| script.at(before)).map(|(reply, step)| (reply.clone(), step.number)).collect();
    let reset = Reply { fault: Some(Fault::Reset), ..Reply::default() };
    assert_eq!(
        given,
        [(plain(500), 1), (plain(500), 2), (close, 3), (reset, 4), (plain(200), 5), (plain(200), 5), (plain(200), 5)]
    );
    assert_eq!(script.at(0).1.of, 5);
    assert_eq!(parsed(&reply.to_string()), reply, "{reply}");
    assert_eq!(reply.describe(), "script of 5 steps");
    // Commas elsewhere are none of a script's.
    assert!(parsed("200 body='a, b'").script.is_none());
    assert!(parsed("200 header=X:a,b").script.is_none());
    assert_eq!(refused("500, 200 boddy=x"), (10, refused("200 boddy=x").1));
    assert_eq!(refused("500 x0, 200").1, "expected x1 to x10000 at the end of a step, found `x0`");
}

#[test]
fn how_often_may_stand_right_behind_what_it_repeats() {
    for (close, apart) in [
        ("fail 500x2, 200", "fail 500 x2, 200"),
        ("500X3, then 200-jsonx1, 200", "500 x3, then 200-json x1, 200"),
        ("resetx2, timeout 20sx3, closex1, delay:5sx2", "reset x2, timeout 20s x3, close x1, delay:5s x2"),
        ("503x2", "503 x2"),
    ] {
        assert_eq!(parsed(close), parsed(apart), "{close}");
    }
    // Elsewhere it is what it says.
    assert_eq!(&parsed("200 body=500x2").body[..], b"500x2");
    assert_eq!(&parsed("200 header=X-A:b0x10 body='a x2'").body[..], b"a x2");
}

#[test]
fn mistakes_of_scripts_stand_where_they_are() {
    let lines: Vec<String> = [
        "fail 500x0, 200",
        "fail 5000 x2, 200",
        "fail 500 x99999, 200",
        "500, 200 boddy=x, 200",
        "fail 500 x2, then 200 dealy=3s",
        "fail 500 x2, timeout 20, reset",
        "500,  timeout 20s body=x",
        "500, timeout soon",
        "500,200",
        "500, 200,",
        "500, , 200",
        "500 x 2, 200",
        "2x 500, 200",
        "500 *2",
        "nevr",
        "garbge delay=2s",
        "200 retryafter=5",
        "script: 500, resett",
    ]
    .map(|text| {
        let (column, message) = refused(text);
        format!("{text}\n{:>column$} {message}", "^")
    })
    .into();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_time_to_come_back_means_that_it_is_busy_now() {
    let busy = parsed("retry-after=5");
    assert_eq!((busy.status, busy.headers.get("retry-after")), (503, Some(&b"5"[..])));
    assert_eq!(parsed("fail retry-after=2m x2, 200").script.unwrap().steps[0].reply.status, 503);
    assert_eq!(parsed("429 retry-after=5s").status, 429);
    assert_eq!(parsed("retry-after=5s status=429").status, 429);
    assert_eq!(parsed("200 retry-after=5s").status, 200);
    assert_eq!(parsed("redirect=/x retry-after=5s").status, 302);
}

#[test]
fn kinds_of_replies_have_words() {
    assert_eq!(parsed("echo"), Reply { make: Make::Echo, ..Reply::default() });
    assert_eq!(parsed("202 echo").status, 202);
    assert_eq!(parsed("200 delay=1..3s").spread, Spread::UpTo(3_000));
    assert_eq!(parsed("200 delay=1..3s").delay_ms, 1_000);
    assert_eq!(parsed("200 delay=lognormal:500ms/0.25").spread, Spread::LogNormal(250));
    assert_eq!(parsed("200 delay=3h").delay_ms, 3 * 3_600_000);
    assert_eq!(parsed("200 body=abc drip=10B/s").drip.map(std::num::NonZeroU32::get), Some(10));
    assert_eq!(parsed("503 retry-after=2m").headers.get("retry-after"), Some(&b"120"[..]));
    assert_eq!(parsed("308 redirect=/x").status, 308);
    assert_eq!(
        (parsed("200 redirect=/x").status, parsed("200 redirect=/x").headers.get("location")),
        (302, Some(&b"/x"[..]))
    );
    assert_eq!(parsed("200 body=abc fault=cut").fault, Some(Fault::Cut));
    assert_eq!(parsed("200 body=abc length=7").fault, Some(Fault::WrongLength(7)));
    assert_eq!(parsed("close").fault, Some(Fault::Close));
    assert_eq!(parsed("garbage delay=1s").delay_ms, 1_000);
    assert_eq!(parsed("200 template='{{ request.path }}'").make, Make::Template);
    assert!(refused("200 template='{{ open'").1.contains("line 1 of the template"));
    assert!(refused("200 delay=3s..1s").1.contains("shorter time first"));
    let mut list = String::new();
    for text in ["200 echo delay=1..3s", "200 body=abcdef drip=3", "200 body=abcdef length=9", "200 body=ab fault=cut"]
    {
        list.push_str(&parsed(text).describe());
        list.push('\n');
    }
    assert_eq!(list, "200 with an echo after 1s..3s\n200 with 6 B at 3 B/s\n200 with 6 B as 9 B\n200 with 2 B, cut\n");
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_reply(reply in any_reply()) {
        let text = reply.to_string();
        prop_assert!(text.chars().all(|char| !char.is_control()), "{text:?}");
        prop_assert_eq!(Reply::parse(&text).unwrap(), reply);
    }

    #[test]
    fn no_text_panics(text in "\\PC*", raw in any::<String>(), parts in "(200|never|delay|header|body|=|:|'|\"|\\\\|x|@| ){0,12}") {
        for text in [text, raw, parts] {
            match ReplyText::parse(&text) {
                Ok(text) if text.body_file.is_none() && text.steps.iter().all(|step| step.text.body_file.is_none()) => {
                    let reply = text.finish(&mut |_| Err(())).unwrap();
                    prop_assert_eq!(Reply::parse(&reply.to_string()).unwrap(), reply);
                }
                Ok(_) => {}
                Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{text:?}: {error}"),
            }
        }
    }
}
