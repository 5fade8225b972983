//! A configuration that somebody else made, valid, with what is hostile to a terminal in every text of it: nothing of that but its
//! visible form is written.

use crate::hostile_requests::{high, low, wait_for};
use crate::hostile_views::{leave, press, to_list};
use crate::support::{Home, address_on, post, send};
use crate::terminal_bytes::{inspect, log_is_visible, recorded, stays_in_its_rows};

const COLUMNS: u16 = 150;
const ESCAPE: &str = "␛[8;1337m";

/// All of it in one text of RON, without quotes and backslashes: they would end a reply's own.
fn hostile() -> String {
    let units = [low(), high()].concat();
    let texts: Vec<&str> = units.iter().filter_map(|(bytes, _)| std::str::from_utf8(bytes).ok()).collect();
    let text = format!("{}\r\nhooksight: all is well\n", texts.join(" "));
    let escaped = |char: char| match char {
        ' '..='~' => char.to_string(),
        _ => format!("\\u{{{:x}}}", u32::from(char)),
    };
    text.chars().filter(|char| !"\0\"'\\".contains(*char)).map(escaped).collect()
}

fn write(home: &Home) {
    let text = r#"(
    rules: [
        (name: "EVIL", when: (path: "/evil", headers: {"x-a": "!EVIL"}), reply: "503 body=\"EVIL\""),
        (name: "2 EVIL", when: (path: "/EVIL", query: {"EVIL": "EVIL"}, form: {"EVIL": "EVIL"}, event: "EVIL"), reply: "200",
         callbacks: [(url: "EVIL", body: "EVIL")]),
    ],
    endpoints: [(path: "/EVIL", public_url: "http://x/EVIL", target: "http://127.0.0.1:1/a", secret: "EVIL"), (path: "/a", secret: "EVIL", provider: "github")],
    replies: {"/EVIL": "200 body=\"EVIL\""},
    secrets: {"stripe": "EVIL"},
)"#;
    home.write("hooksight.ron", text.replace("EVIL", &hostile()));
}

#[test]
fn no_byte_of_somebody_elses_configuration_reaches_the_terminal_from_any_command() {
    let home = Home::new();
    write(&home);
    let checked = home.run(&["check"]).code(0);
    assert!(checked.text().contains("2 rules"), "{checked:?}");
    let listening = home.listen(&["-s", "s.jsonl"]);
    assert_eq!(send(listening.address, &post("/evil", &[("X-Hub-Signature-256", "sha256=00")], b"{}")).status, 503);
    let (code, lines) = listening.stop("TERM");
    assert_eq!(code, Some(0));
    inspect(lines.join("\n").as_bytes()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let commands = [
        "check",
        "check --json",
        "ls s.jsonl",
        "show s.jsonl 1",
        "show s.jsonl 1 --json",
        "verify s.jsonl",
        "explain s.jsonl 1",
        "respond --dry-run s.jsonl 1",
        "respond --dry-run --json s.jsonl 1",
        "resend s.jsonl 1",
        "replay s.jsonl",
        "export s.jsonl --format curl",
    ];
    let script: String = commands.iter().map(|command| format!("\"$HS\" {command}\n")).collect();
    let script = format!("{script}echo the end\n");
    let mut recording = recorded(&home, (COLUMNS, 50), &script, &[("HOOKSIGHT_LOG", "trace")]);
    wait_for(&mut recording.screen, "the end");
    let told = inspect(&recording.end()).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(told.text.contains(ESCAPE), "nothing of it is shown");
    assert!(!told.text.lines().any(|line| line.starts_with("hooksight: all is well")), "a line of it looks like ours");
    log_is_visible(&home);
}

#[test]
fn no_byte_of_somebody_elses_configuration_reaches_the_terminal_from_any_view() {
    let home = Home::new();
    write(&home);
    let script = "exec \"$HS\" -p 0 -s s.jsonl --theme dark";
    let mut recording = recorded(&home, (COLUMNS, 50), script, &[("HOOKSIGHT_LOG", "trace")]);
    let address = address_on(&mut recording.screen);
    assert_eq!(send(address, &post("/evil", &[("X-Hub-Signature-256", "sha256=00")], b"{}")).status, 503);
    let screen = &mut recording.screen;
    wait_for(screen, "503");
    press(screen, "\r5");
    wait_for(screen, ESCAPE);
    for key in ["1", "2", "3", "4", "5", "6", "7", "z", "1", "G", "4", "G", "5", "G", "z"] {
        press(screen, key);
    }
    to_list(screen);
    // The rules, the replies, the secrets, where to.
    for (key, seen) in [("L", ESCAPE), ("R", "╭"), ("s", "endpoint /␛[8;1337m"), ("T", "╭"), ("?", "╭")] {
        press(screen, key);
        wait_for(screen, seen);
        to_list(screen);
    }
    leave(&mut recording);
    let bytes = recording.end();
    let told = inspect(&bytes).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(told.sequences > 100 && told.copies.is_empty(), "{} sequences, {:?}", told.sequences, told.copies);
    stays_in_its_rows(&bytes, usize::from(COLUMNS)).unwrap_or_else(|wrong| panic!("{wrong}"));
    log_is_visible(&home);
}
