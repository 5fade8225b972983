//! What was answered is in the file; what is in the file is found again; a file that fails is no reason to stop.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use hooksight::domain::draft::Outgoing;
use hooksight::domain::exchange::{Attempt, AttemptOutcome, ExchangeId, SignatureChoice, Timing};
use hooksight::domain::record::Event;
use hooksight::domain::reply::ReplyRules;
use hooksight::domain::ring::RingLimits;
use hooksight::domain::time::Timestamp;
use hooksight::io::inbox::{Inbox, Notice};
use hooksight::io::listener::ListenerLimits;
use hooksight::io::recording::Recording;
use hooksight::io::session_file::SessionReader;
use hooksight::io::store::{Store, StoreError, StoreLimits};

use crate::capture_harness::{House, house, house_over, house_with, read_until, until};
use crate::children::output;

fn small_ring() -> StoreLimits {
    StoreLimits { ring: RingLimits { count: 2, bytes: 1 << 20 }, ..StoreLimits::default() }
}

fn post(house: &House, path: &str, body: &str) -> String {
    let head = format!("POST {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    house.send(format!("{head}{body}").as_bytes())
}

fn attempt(id: u64) -> Attempt {
    Attempt {
        exchange: ExchangeId(id),
        number: 0,
        kind: Default::default(),
        at: Timestamp::from_secs(1_800_000_000),
        sent: Outgoing {
            origin: "http://127.0.0.1:1".to_owned(),
            head: Bytes::from_static(b"POST / HTTP/1.1\r\n\r\n"),
            body: Bytes::from_static(b"\xff"),
        },
        signature: SignatureChoice::Kept,
        outcome: AttemptOutcome::Failed { message: "refused".to_owned() },
        timing: Timing::default(),
    }
}

/// Paths of the requests in a file, in order.
fn paths(file: &std::path::Path) -> Vec<String> {
    let mut reader = SessionReader::open(file).unwrap();
    let lines = std::iter::from_fn(|| reader.next_line().unwrap());
    lines
        .filter_map(|line| match line.event.unwrap() {
            Event::Request(request) => Some(String::from_utf8_lossy(&request.target).into_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_file_is_for_its_owner_only_and_named_by_time() {
    let house = house();
    let path = house.store.path().unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("20") && name.ends_with(".jsonl"), "{name}");
    let again = Store::create(path.parent().unwrap(), StoreLimits::default(), Inbox::default()).unwrap();
    assert_ne!(again.path(), Some(path));
}

#[test]
fn a_sender_that_has_a_byte_of_its_answer_finds_its_line_in_the_file() {
    let house = house();
    let path = house.store.path().unwrap();
    std::thread::scope(|scope| {
        for sender in 0..4 {
            let (house, path) = (&house, &path);
            scope.spawn(move || {
                let mut stream = house.connect();
                for number in 0..200 {
                    let target = format!("/s{sender}-{number}-");
                    stream
                        .write_all(format!("POST {target} HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").as_bytes())
                        .unwrap();
                    read_until(&mut stream, "H");
                    let text = fs::read_to_string(path).unwrap();
                    assert!(
                        text.contains(&format!("\"target\":\"{target}\"")),
                        "{target} is answered, not in the file"
                    );
                    read_until(&mut stream, "\r\n\r\n");
                }
            });
        }
    });
    assert_eq!(paths(&path).len(), 800);
}

#[test]
fn what_left_memory_is_read_back_from_the_file() {
    let house = house_with(ListenerLimits::default(), ReplyRules::default(), small_ring());
    for number in 1..=6 {
        post(&house, &format!("/{number}"), &format!("body {number}"));
    }
    house.store.flush();
    for number in 1..=6u64 {
        let exchange =
            until("the answer", || Some(house.exchange(number)).filter(|exchange| exchange.answer.is_some()));
        assert_eq!(exchange.request.id, ExchangeId(number));
        assert_eq!(exchange.request.body.bytes, format!("body {number}"));
        assert_eq!(exchange.answer.unwrap().status, Some(200));
    }
    assert!(matches!(house.store.request(ExchangeId(7)), Err(StoreError::NoSuch(_))));
    assert!(matches!(house.store.request(ExchangeId(0)), Err(StoreError::NoSuch(_))));
}

#[test]
fn attempts_are_numbered_kept_and_found_again() {
    let mut house = house();
    post(&house, "/", "x");
    for number in 1..=3 {
        assert_eq!(house.store.append_attempt(attempt(1)).unwrap().number, number);
    }
    assert!(matches!(house.store.append_attempt(attempt(9)), Err(StoreError::NoSuch(_))));
    house.store.append_mark(ExchangeId(1), true).unwrap();
    house.store.append_note(Some(ExchangeId(1)), "look here").unwrap();
    let before = house.exchange(1);
    assert_eq!(before.attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2, 3]);
    house.stop();
    let path = house.store.path().unwrap();
    let (saved, report) = Store::open(&path).unwrap();
    assert_eq!((report.requests, report.said.len()), (1, 0));
    assert_eq!(saved.exchange(ExchangeId(1)).unwrap(), house.exchange(1));
    // The listener's store still has the lock.
    let error = saved.append_attempt(attempt(1)).unwrap_err().to_string();
    assert!(error.contains("another hooksight") && error.contains(path.to_str().unwrap()), "{error}");
    let House { store, folder, .. } = house;
    drop(store);
    assert_eq!(saved.append_attempt(attempt(1)).unwrap().number, 4);
    assert_eq!(saved.exchange(ExchangeId(1)).unwrap().attempts.len(), 4);
    drop(folder);
}

#[test]
fn a_second_writer_is_locked_out_and_told_where() {
    let house = house();
    let path = house.store.path().unwrap();
    let error = Store::append_to(&path, StoreLimits::default(), Inbox::default()).unwrap_err().to_string();
    assert!(error.contains("another hooksight") && error.contains(path.to_str().unwrap()), "{error}");
}

#[test]
fn an_existing_session_goes_on_with_the_next_id_and_a_torn_line_is_cut_off() {
    let mut first = house();
    post(&first, "/1", "a");
    post(&first, "/2", "b");
    first.stop();
    let path = first.store.path().unwrap();
    let House { store, folder, .. } = first;
    drop(store);
    let whole = fs::read(&path).unwrap();
    OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"{\"v\":1,\"event\":\"request\",\"id\":3,\"a")
        .unwrap();
    let inbox = Inbox::default();
    let (store, report) = Store::append_to(&path, StoreLimits::default(), inbox.clone()).unwrap();
    assert_eq!(report.requests, 2);
    assert!(report.said[0].contains("torn"), "{:?}", report.said);
    assert_eq!(fs::read(&path).unwrap(), whole);
    let house = house_over(store, inbox, folder, ListenerLimits::default(), ReplyRules::default());
    post(&house, "/3", "c");
    assert_eq!(house.request(3).target, "/3");
    assert_eq!(house.request(1).target, "/1");
    assert_eq!(paths(&path), ["/1", "/2", "/3"]);
}

#[test]
fn what_is_no_session_file_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("foreign"), "my notes\n").unwrap();
    fs::write(at("foreign-line"), "my notes").unwrap();
    fs::write(at("later"), "{\"v\":2,\"event\":\"request\",\"id\":1}\n").unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink(at("foreign"), at("link")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let cases = [
        ("foreign", "no session file"),
        ("foreign-line", "no session file"),
        ("later", "version 2"),
        ("folder", "a folder"),
        ("link", "symbolic link"),
        ("fifo", "a FIFO"),
    ];
    for (name, reason) in cases {
        let error = Store::append_to(&at(name), StoreLimits::default(), Inbox::default()).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(name), "{error}");
    }
    assert_eq!(fs::read_to_string(at("foreign")).unwrap(), "my notes\n");
    assert_eq!(fs::read_to_string(at("foreign-line")).unwrap(), "my notes");
}

#[test]
fn a_removed_file_is_made_again_with_everything_in_it() {
    let house = house();
    let path = house.store.path().unwrap();
    post(&house, "/1", "a");
    house.store.flush();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    let said = house.notice("the file is said to be back", |notice| match notice {
        Notice::Said(text) if text.contains("removed") => Some(text.clone()),
        _ => None,
    });
    assert!(said.contains(path.to_str().unwrap()), "{said}");
    post(&house, "/2", "b");
    assert_eq!(paths(&path), ["/1", "/2"]);
    assert!(house.file_text().contains("\"event\":\"note\""));
    assert_eq!(house.request(1).body.bytes, "a");
    assert_eq!(house.store.recording(), Recording::On);
    let error = Store::append_to(&path, StoreLimits::default(), Inbox::default()).unwrap_err();
    assert!(error.to_string().contains("another hooksight"), "the new file is locked too");
}

#[test]
fn a_file_cut_inside_a_line_from_outside_takes_whole_lines_behind_the_half_one() {
    let house = house();
    let path = house.store.path().unwrap();
    post(&house, "/1", "a");
    house.store.flush();
    let length = fs::read_to_string(&path).unwrap().find("\"body\"").unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length as u64).unwrap();
    house.notice("the change is said", |notice| match notice {
        Notice::Said(text) if text.contains("changed by another program") => Some(()),
        _ => None,
    });
    post(&house, "/2", "b");
    let text = house.file_text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(!lines[0].contains("\"event\":\"note\""), "{text}");
    assert!(lines[1].starts_with("{\"v\":1,\"event\":\"note\""), "{text}");
    assert!(text.contains("\"target\":\"/2\""), "{text}");
}

#[test]
fn a_file_replaced_by_another_is_left_alone_and_the_session_goes_on_beside_it() {
    let house = house();
    let path = house.store.path().unwrap();
    post(&house, "/1", "a");
    house.store.flush();
    let other = path.with_extension("other");
    fs::write(&other, "mine").unwrap();
    fs::rename(&other, &path).unwrap();
    let beside = until("the session moved", || house.store.path().filter(|now| *now != path));
    post(&house, "/2", "b");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(paths(&beside), ["/1", "/2"]);
}

#[test]
fn saving_under_a_name_moves_the_file_and_never_over_another() {
    let house = house();
    post(&house, "/1", "a");
    let taken = house.folder.path().join("taken.jsonl");
    fs::write(&taken, "x").unwrap();
    let error = house.store.rename(&taken).unwrap_err().to_string();
    assert!(error.contains("exists"), "{error}");
    let named = house.folder.path().join("sessions").join("named.jsonl");
    assert_eq!(house.store.rename(&named).unwrap(), named);
    post(&house, "/2", "b");
    assert_eq!(paths(&named), ["/1", "/2"]);
    assert_eq!(fs::read_to_string(&taken).unwrap(), "x");
}

#[test]
fn without_a_session_file_everything_works_from_memory() {
    let inbox = Inbox::default();
    let store = Store::in_memory(small_ring(), inbox.clone());
    let folder = tempfile::tempdir().unwrap();
    let house = house_over(store, inbox, folder, ListenerLimits::default(), ReplyRules::default());
    for number in 1..=3 {
        post(&house, &format!("/{number}"), "x");
    }
    assert_eq!(house.answer(3).status, Some(200));
    house.store.append_attempt(attempt(3)).unwrap();
    assert_eq!(house.exchange(3).attempts.len(), 1);
    assert!(matches!(house.store.request(ExchangeId(1)), Err(StoreError::Gone(_))));
    assert_eq!((house.store.recording(), house.store.path()), (Recording::Off, None));
}

/// Runs one of the tests below in a process of its own, through a shell that sets limits first.
fn child(test: &str, limits: &str) -> Command {
    let mut command = Command::new("sh");
    let exe = std::env::current_exe().unwrap();
    command
        .arg("-c")
        .arg(format!("{limits} exec \"$0\" --exact {test} --nocapture --test-threads=1"))
        .arg(exe)
        .env("HOOKSIGHT_TEST_CHILD", test);
    command
}

fn is_child(test: &str) -> bool {
    std::env::var("HOOKSIGHT_TEST_CHILD").is_ok_and(|name| name == test)
}

#[test]
fn a_full_disk_is_said_capture_goes_on_and_recording_resumes() {
    const NAME: &str = "keep::a_full_disk_is_said_capture_goes_on_and_recording_resumes";
    if !is_child(NAME) {
        // A limit on the size of files fails a write in the middle, as a full disk does.
        let output = output(&mut child(NAME, "ulimit -S -f 40;"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let house = house_with(ListenerLimits::default(), ReplyRules::default(), small_ring());
    let path = house.store.path().unwrap();
    let body = "b".repeat(3000);
    let mut sent = 0;
    while house.store.recording() == Recording::On {
        sent += 1;
        assert!(post(&house, &format!("/{sent}"), &body).starts_with("HTTP/1.1 200"));
        assert!(sent < 1000, "the limit is never reached");
    }
    for _ in 0..5 {
        sent += 1;
        assert!(post(&house, &format!("/{sent}"), &body).starts_with("HTTP/1.1 200"));
    }
    let Recording::Not { reason, unrecorded } = house.store.recording() else { panic!("recording again?") };
    assert!(reason.contains(path.to_str().unwrap()), "{reason}");
    assert!(unrecorded >= 5, "{unrecorded}");
    house.notice("NOT RECORDING is told", |notice| {
        matches!(notice, Notice::Recording(Recording::Not { .. })).then_some(())
    });
    assert_eq!(fs::read(&path).unwrap().last(), Some(&b'\n'), "a torn line was left");
    assert!(house.store.request(ExchangeId(sent)).is_ok(), "memory goes on");
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, raised).unwrap();
    until("recording resumes", || (house.store.recording() == Recording::On).then_some(()));
    assert!(post(&house, "/after", "x").starts_with("HTTP/1.1 200"));
    let mut expected: Vec<String> = (1..=sent).map(|number| format!("/{number}")).collect();
    expected.push("/after".to_owned());
    assert_eq!(paths(&path), expected);
    assert!(house.file_text().contains("not recorded since"));
    for id in 1..=sent {
        assert_eq!(house.request(id).target, format!("/{id}"));
    }
}

#[test]
fn a_backlog_over_its_bound_gives_up_the_oldest_and_says_how_many() {
    const NAME: &str = "keep::a_backlog_over_its_bound_gives_up_the_oldest_and_says_how_many";
    if !is_child(NAME) {
        let output = output(&mut child(NAME, "ulimit -S -f 1;"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let limits = StoreLimits { backlog_bytes: 10_000, ..small_ring() };
    let house = house_with(ListenerLimits::default(), ReplyRules::default(), limits);
    for number in 1..=10 {
        post(&house, &format!("/{number}"), &"b".repeat(3000));
    }
    assert!(matches!(house.store.recording(), Recording::Not { unrecorded: 10, .. }), "{:?}", house.store.recording());
    assert!(matches!(house.store.request(ExchangeId(2)), Err(StoreError::Gone(_))));
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, raised).unwrap();
    until("recording resumes", || (house.store.recording() == Recording::On).then_some(()));
    let kept = paths(&house.store.path().unwrap());
    assert!(!kept.is_empty() && kept.len() < 5, "{kept:?}");
    assert_eq!(kept.last().map(String::as_str), Some("/10"));
    assert!(house.file_text().contains(&format!("Lost: {}", 10 - kept.len())));
    assert!(matches!(house.store.request(ExchangeId(1)), Err(StoreError::Gone(_))));
}

#[test]
fn a_killed_listener_has_every_answered_request_in_its_file() {
    const NAME: &str = "keep::a_killed_listener_has_every_answered_request_in_its_file";
    if is_child(NAME) {
        let house = house();
        println!("\nlistening {} {}", house.addr, house.store.path().unwrap().display());
        std::io::stdout().flush().unwrap();
        loop {
            std::thread::park();
        }
    }
    let mut listener = child(NAME, "").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(listener.stdout.take().unwrap()).lines();
    let ready = lines.find_map(|line| line.unwrap().strip_prefix("listening ").map(str::to_owned)).unwrap();
    let (addr, path) = ready.split_once(' ').unwrap();
    let enough = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let (addr, enough) = (addr.to_owned(), enough.clone());
            std::thread::spawn(move || {
                let mut answered = Vec::new();
                let mut stream = TcpStream::connect(addr).unwrap();
                for number in 0.. {
                    let target = format!("/{sender}-{number}");
                    let request = format!("POST {target} HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
                    let mut byte = [0; 1];
                    if stream.write_all(request.as_bytes()).is_err()
                        || !matches!(std::io::Read::read(&mut stream, &mut byte), Ok(1))
                    {
                        break;
                    }
                    answered.push(target);
                    if number == 300 {
                        enough.store(true, Ordering::SeqCst);
                    }
                    let mut head = BufReader::new(&mut stream);
                    let mut line = String::new();
                    while head.read_line(&mut line).is_ok_and(|count| count > 2) {
                        line.clear();
                    }
                }
                answered
            })
        })
        .collect();
    until("hundreds are answered", || enough.load(Ordering::SeqCst).then_some(()));
    listener.kill().unwrap();
    listener.wait().unwrap();
    let answered: Vec<String> = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
    let file = std::path::Path::new(path);
    let kept: std::collections::HashSet<String> = paths(file).into_iter().collect();
    let lost: Vec<_> = answered.iter().filter(|target| !kept.contains(*target)).collect();
    assert!(answered.len() > 300 && lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), answered.len());
    let (_, report) = Store::append_to(file, StoreLimits::default(), Inbox::default()).unwrap();
    assert_eq!(report.requests as usize, kept.len());
    fs::remove_dir_all(file.ancestors().nth(2).unwrap()).unwrap();
}

#[test]
fn a_reader_follows_while_the_listener_writes() {
    let house = house();
    let mut reader = SessionReader::open(&house.store.path().unwrap()).unwrap();
    for number in 1..=3 {
        post(&house, &format!("/{number}"), "x");
        let line = until("the line", || {
            reader.next_line().unwrap().filter(|line| matches!(line.event, Ok(Event::Request(_))))
        });
        let Ok(Event::Request(request)) = line.event else { unreachable!() };
        assert_eq!(request.target, format!("/{number}"));
    }
}
