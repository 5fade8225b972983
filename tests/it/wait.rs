//! `wait`: a script goes on when what it waits for has come.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::children::end_of;
use crate::support::{Home, fixture, post, send};

const SECRET: &str = "It's a Secret to Everybody";

fn start(home: &Home, args: &[&str]) -> Child {
    let mut all = vec!["wait"];
    all.extend(args);
    home.command(&all)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Exit code, lines of stdout, words on stderr.
fn end(child: Child) -> (Option<i32>, Vec<String>, String) {
    let output = end_of(child);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout).lines().map(str::to_owned).collect(), text(&output.stderr))
}

#[test]
fn it_ends_with_the_last_of_so_many_and_counts_those_that_came_before() {
    let home = Home::new();
    let listening = home.listen(&["-s", "run.jsonl"]);
    send(listening.address, &post("/first", &[], b"1"));
    listening.line();
    let waiting = start(&home, &["-s", "./run.jsonl", "--count", "3", "--timeout", "1m"]);
    for path in ["/second", "/third"] {
        send(listening.address, &post(path, &[], b"2"));
    }
    let (code, lines, words) = end(waiting);
    assert_eq!(code, Some(0), "{words}");
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, path) in lines.iter().zip(["/first", "/second", "/third"]) {
        assert!(line.contains(path), "{line}");
    }
}

#[test]
fn what_matches_is_a_line_of_json_with_who_sent_it() {
    let home = Home::new();
    let listening = home.listen(&["-s", "run.jsonl", "--scheme", "github", "--secret", SECRET]);
    send(listening.address, &post("/other", &[], b"1"));
    send(listening.address, &fixture("deliveries/github-push.http"));
    let filter = "event:push verdict:valid status:200";
    let args = ["-s", "./run.jsonl", "--filter", filter, "--scheme", "github", "--secret", SECRET, "--json"];
    let (code, lines, words) = end(start(&home, &args));
    assert_eq!((code, lines.len()), (Some(0), 1), "{lines:?} {words}");
    let row: serde_json::Value = serde_json::from_str(&lines[0]).expect("JSON");
    assert_eq!((&row["id"], &row["type"], &row["status"]), (&2.into(), &"push".into(), &200.into()));
}

#[test]
fn a_filter_for_answers_waits_for_the_answer() {
    let home = Home::new();
    let listening = home.listen(&["-s", "run.jsonl", "--respond", "500 delay=400ms"]);
    let address = listening.address;
    let sender = std::thread::spawn(move || send(address, &post("/slow", &[], b"1")));
    let begun = Instant::now();
    let (code, lines, words) = end(start(&home, &["-s", "./run.jsonl", "--filter", "-status:2xx"]));
    assert_eq!((code, lines.len()), (Some(0), 1), "{lines:?} {words}");
    assert!(lines[0].contains("500"), "{lines:?}");
    assert!(begun.elapsed() >= Duration::from_millis(300), "it did not wait for the answer");
    sender.join().expect("a sender");
}

#[test]
fn when_too_few_come_in_time_it_says_which_came_closest() {
    let home = Home::new();
    let listening = home.listen(&["-s", "run.jsonl"]);
    for path in ["/stripe", "/github", "/stripe?a=1"] {
        send(listening.address, &post(path, &[], b"1"));
        listening.line();
    }
    let filter = "path:/stripe status:404";
    let (code, lines, words) =
        end(start(&home, &["-s", "./run.jsonl", "--count", "2", "--filter", filter, "--timeout", "200ms"]));
    assert_eq!((code, lines), (Some(1), Vec::new()), "{words}");
    let words: Vec<&str> = words.lines().collect();
    assert!(words[0].contains("0 of 2 requests") && words[0].contains("3 in all"), "{words:?}");
    // Those that miss one term, the newest first.
    for (at, (path, unmet)) in [
        ("/stripe?a=1", ": not status:404"),
        ("/stripe", ": not status:404"),
        ("/github", ": not path:/stripe, not status:404"),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(words[at + 1].contains(path) && words[at + 1].ends_with(unmet), "{words:?}");
    }
    let (code, _, words) = end(start(&home, &["-s", "./run.jsonl", "--count", "4", "--timeout", "50ms"]));
    assert_eq!(code, Some(1));
    assert!(words.contains("3 of 4 requests"), "{words}");
}

#[test]
fn it_may_begin_before_the_listener() {
    let home = Home::new();
    let named = start(&home, &["-s", "./run.jsonl", "--timeout", "1m"]);
    let listening = home.listen(&["-s", "run.jsonl"]);
    send(listening.address, &post("/named", &[], b"1"));
    let (code, lines, words) = end(named);
    assert_eq!((code, lines.len()), (Some(0), 1), "{words}");

    let (code, _, words) = end(start(&home, &["-s", "./none.jsonl", "--timeout", "50ms"]));
    assert_eq!(code, Some(2));
    assert!(words.contains("no session file ./none.jsonl"), "{words}");
}

#[test]
fn without_a_name_it_is_the_session_that_is_being_written() {
    let home = Home::new();
    let yesterday = home.listen(&[]);
    send(yesterday.address, &post("/yesterday", &[], b"1"));
    yesterday.line();
    assert_eq!(yesterday.stop("TERM").0, Some(0));
    let (code, _, words) = end(start(&home, &["--timeout", "50ms"]));
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("no listener is writing"), "{words}");

    let listening = home.listen(&[]);
    let waiting = start(&home, &["-s", "latest", "--timeout", "1m"]);
    send(listening.address, &post("/today", &[], b"1"));
    let (code, lines, words) = end(waiting);
    assert_eq!((code, lines.len()), (Some(0), 1), "{lines:?} {words}");
    assert!(lines[0].contains("/today"), "{lines:?}");
}
