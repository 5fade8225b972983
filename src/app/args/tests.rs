use clap::{Args as _, CommandFactory as _, Parser as _};

use super::*;
use crate::app::args::endpoint::EndpointSpec;

fn parse(line: &str) -> Args {
    Args::try_parse_from(line.split_whitespace()).expect(line)
}

#[test]
fn the_definitions_hold_together() {
    Args::command().debug_assert();
}

#[test]
fn no_command_is_listen() {
    let short = parse("hooksight -p 8080 --forward http://localhost:3000");
    assert!(short.command.is_none());
    let Some(Command::Listen(long)) = parse("hooksight listen -p 8080 --forward http://localhost:3000").command else {
        panic!("listen");
    };
    assert_eq!(format!("{:?}", short.listen), format!("{long:?}"));
    assert_eq!((long.port, long.look.forward.as_deref()), (Some(8080), Some("http://localhost:3000")));
}

#[test]
fn wrong_use_is_refused() {
    for line in [
        "hooksight -p 70000",
        "hooksight -p 8080 ls latest",
        "hooksight listen --no-session -s a.jsonl",
        "hooksight listen --max-body 10apples",
        "hooksight listen --durability sure",
        "hooksight listen --endpoint stripe",
        "hooksight listen --endpoint /stripe,secret=",
        "hooksight listen --secret env:",
        "hooksight show latest 7 --raw --body",
        "hooksight show latest seven",
        "hooksight export latest --format har2",
        "hooksight unknown",
    ] {
        let error = Args::try_parse_from(line.split_whitespace()).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn an_address_that_is_none_says_what_to_give() {
    for (line, words) in [
        ("hooksight -p abc", "expected a number from 0 (any free port) to 65535"),
        ("hooksight --bind localhost", "expected an IP address: 127.0.0.1"),
        ("hooksight --bind 127.0.0.1:80", "the port is an option of its own: --bind 127.0.0.1 -p 80"),
        ("hooksight --bind [::1]:80", "--bind ::1 -p 80"),
    ] {
        let error = Args::try_parse_from(line.split_whitespace()).expect_err(line).to_string();
        assert!(error.contains(words), "{line}: {error}");
    }
}

#[test]
fn endpoints_keep_commas_in_their_values() {
    let spec = "/s*,provider=stripe,secret=a,b=c,secret=env:OLD,reply=503 body='x,y',target=http://h/?a=1,2,public-url=https://p";
    let spec: EndpointSpec = spec.parse().expect("a spec");
    assert_eq!(spec.path, "/s*");
    assert_eq!(spec.provider.as_deref(), Some("stripe"));
    assert_eq!(spec.secrets, ["a,b=c".parse().expect("literal"), "env:OLD".parse().expect("env")]);
    assert_eq!(spec.reply.as_deref(), Some("503 body='x,y'"));
    assert_eq!(spec.target.as_deref(), Some("http://h/?a=1,2"));
    assert_eq!(spec.public_url.as_deref(), Some("https://p"));
    for (wrong, words) in [
        ("/a,wat=1", "`wat=…` is not one of"),
        ("secret=quite", "not with `secret=…`"),
        ("/a,provider=x,provider=y", "provider= is given twice"),
        ("a", "begins with a path"),
    ] {
        let error = wrong.parse::<EndpointSpec>().expect_err(wrong);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_secret_is_not_printed() {
    let args = parse("hooksight --secret hunter2 --endpoint /a,secret=hunter2");
    assert!(!format!("{args:?}").contains("hunter2"));
}

#[test]
fn the_help_names_the_defaults_in_force() {
    let limits = crate::io::listener::ListenerLimits::default();
    let ring = crate::io::store::StoreLimits::default().ring;
    let help = ListenArgs::augment_args(clap::Command::new("listen")).render_long_help().to_string();
    let text = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for (flag, default) in [
        ("--max-body", format!("{}MiB", limits.body_bytes >> 20)),
        ("--max-head", format!("{}KiB", limits.head_bytes >> 10)),
        ("--max-headers", limits.header_count.to_string()),
        ("--head-timeout", format!("{}s", limits.head_timeout.as_secs())),
        ("--body-timeout", format!("{}m", limits.body_timeout.as_secs() / 60)),
        ("--write-timeout", format!("{}s", limits.write_timeout.as_secs())),
        ("--max-connections", limits.connections.to_string()),
        ("--durability", crate::domain::durability::Durability::default().to_string()),
        ("--ring-count", ring.count.to_string()),
        ("--ring-bytes", format!("{}MiB", ring.bytes >> 20)),
        ("--port", format!("{}, or the next free one", crate::io::listener::DEFAULT_PORT)),
    ] {
        let part = text.split(&format!("{flag} ")).nth(1).unwrap_or_default();
        let part = part.split(" --").next().unwrap_or_default();
        assert!(part.contains(&format!("[default: {default}]")), "{flag}: {part}");
    }
}

#[test]
fn docs_show_the_help_of_send() {
    let mut command = Args::command().term_width(100);
    command.build();
    let send = command.find_subcommand("send").unwrap().clone();
    // Whatever this shell has set.
    let help = send.mut_args(|arg| arg.hide_env_values(true)).render_long_help().to_string();
    let help: String = help.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    crate::domain::signature::tests::page_part("sending.md", "help", &format!("\n```text\n{help}```\n\n"));
}

#[test]
fn sizes_and_times() {
    use crate::app::args::size::{Duration, Size};
    for (text, bytes) in [
        ("0", 0),
        ("10", 10),
        ("10 B", 10),
        ("1kB", 1_000),
        ("2 KiB", 2_048),
        ("10mib", 10 << 20),
        ("1GB", 1_000_000_000),
    ] {
        assert_eq!(text.parse::<Size>(), Ok(Size(bytes)), "{text}");
    }
    for text in ["", "B", "-1", "1.5MB", "1 M", "1e3", "99999999999GiB", "٣"] {
        assert!(text.parse::<Size>().is_err(), "{text}");
    }
    let millis = |ms| Ok(Duration(std::time::Duration::from_millis(ms)));
    assert_eq!("250ms".parse(), millis(250));
    assert_eq!("30 s".parse(), millis(30_000));
    assert_eq!("5m".parse(), millis(300_000));
    assert!("5".parse::<Duration>().is_err(), "a time needs its unit");
}
