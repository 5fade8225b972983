//! The running program and a session file that is taken from it: a full disk, a removed, replaced or cut file, no permission, no
//! descriptors. Nothing that was answered is lost, or it is said; capture goes on, and so does recording once it can.

use std::collections::HashSet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use hooksight::domain::record::Event;
use hooksight::io::session_file::SessionReader;

use crate::capture_harness::until;
use crate::children::output_within;
use crate::support::{DEADLINE, Home, Listening, PROGRAM, post, send};

/// Every durability that promises something.
const FIRM: [&str; 2] = ["process", "disk"];

/// The program behind a shell that does something first.
fn behind(home: &Home, shell: &str, args: &[&str]) -> Command {
    let plain = home.command(&[]);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{shell} exec \"$0\" \"$@\"")).arg(PROGRAM);
    command.args(["listen", "--headless", "-p", "0"]).args(args);
    command.env_clear().envs(home.environment()).current_dir(plain.get_current_dir().expect("a folder"));
    command
}

/// Targets of the requests that can be read.
fn targets(file: &Path) -> HashSet<String> {
    let Ok(mut reader) = SessionReader::open(file) else { return HashSet::new() };
    let lines = std::iter::from_fn(|| reader.next_line().expect("a file to read"));
    lines
        .filter_map(|line| match line.event {
            Ok(Event::Request(request)) => Some(String::from_utf8_lossy(&request.target).into_owned()),
            _ => None,
        })
        .collect()
}

/// Posts on one connection; `false` when it ended.
fn post_on(stream: &mut TcpStream, target: &str, body: &str) -> bool {
    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
    if stream.write_all((head + body).as_bytes()).is_err() {
        return false;
    }
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return false;
        }
        head.push(byte[0]);
    }
    head.starts_with(b"HTTP/1.1 200")
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, DEADLINE).expect("a connection");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    stream
}

/// Senders that post without a pause until they are told to stop.
struct Stream {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
    senders: Vec<JoinHandle<Vec<String>>>,
}

impl Stream {
    fn start(address: SocketAddr) -> Self {
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (begins, begun) = channel();
        let senders = (0..3)
            .map(|sender| {
                let (stop, count, begins) = (stop.clone(), count.clone(), begins.clone());
                std::thread::spawn(move || {
                    let mut stream = connect(address);
                    let mut answered = Vec::new();
                    while !stop.load(Ordering::SeqCst) {
                        let target = format!("/{sender}-{}", answered.len());
                        assert!(post_on(&mut stream, &target, "{\"a\":1}"), "no answer to {target}");
                        if answered.is_empty() {
                            begins.send(()).unwrap();
                        }
                        answered.push(target);
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    answered
                })
            })
            .collect();
        // Each has its connection: one that still waits for it would be let in at the cost of another, or not at all.
        for _ in 0..3 {
            begun.recv_timeout(DEADLINE).expect("an answer to each sender");
        }
        Self { stop, count, senders }
    }

    /// Waits for so many answers more.
    fn goes_on(&self, more: usize) {
        let now = self.count.load(Ordering::SeqCst);
        until("more answers", || (self.count.load(Ordering::SeqCst) >= now + more).then_some(()));
    }

    fn finish(self) -> Vec<String> {
        self.stop.store(true, Ordering::SeqCst);
        self.senders.into_iter().flat_map(|sender| sender.join().expect("a sender")).collect()
    }
}

/// Waits until everything that was answered can be read from the file.
#[track_caller]
fn has_all(file: &Path, answered: &[String]) {
    let begun = std::time::Instant::now();
    loop {
        let kept = targets(file);
        let lost: Vec<_> = answered.iter().filter(|target| !kept.contains(*target)).collect();
        if lost.is_empty() {
            return;
        }
        assert!(begun.elapsed() < DEADLINE, "{} of {} are not in the file: {lost:?}", lost.len(), answered.len());
        std::thread::sleep(std::time::Duration::from_millis(1)); // a poll under a deadline
    }
}

/// Whether it has said this since the last look.
fn has_said(listening: &Listening, part: &str) -> bool {
    listening.words_so_far().iter().any(|line| line.contains(part))
}

fn post_one(listening: &Listening, target: &str, body: &str) {
    let answer = send(listening.address, &post(target, &[("Connection", "close")], body.as_bytes()));
    assert_eq!(answer.status, 200, "{target}");
}

/// Posts until the listener says that it does not record; gives out what was answered.
fn post_until_not_recording(listening: &Listening, body: &str) -> Vec<String> {
    let mut answered = Vec::new();
    while !has_said(listening, "NOT RECORDING") {
        let target = format!("/{}", answered.len());
        post_one(listening, &target, body);
        answered.push(target);
        assert!(answered.len() < 10_000, "it never says so");
    }
    for more in 0..5 {
        let target = format!("/more-{more}");
        post_one(listening, &target, body);
        answered.push(target);
    }
    answered
}

#[test]
fn a_file_size_limit_is_said_and_recording_goes_on_when_it_is_lifted() {
    for durability in FIRM {
        let home = Home::new();
        let file = home.path().join("a.jsonl");
        let args = ["-s", file.to_str().unwrap(), "--durability", durability];
        let listening = Listening::start(behind(&home, "ulimit -S -f 40;", &args));
        let answered = post_until_not_recording(&listening, &"b".repeat(3000));
        let free = Rlimit { current: None, maximum: None };
        prlimit(Pid::from_raw(listening.pid().cast_signed()), Resource::Fsize, free).unwrap();
        listening.wait_for_words("recording again");
        has_all(&file, &answered);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("not recorded since") && text.contains("Lost: 0."), "{text}");
        assert_eq!(listening.stop("TERM").0, Some(0));
    }
}

#[test]
fn a_limit_that_takes_not_even_the_first_line_does_not_kill() {
    let home = Home::new();
    let listening = Listening::start(behind(&home, "ulimit -S -f 0;", &["-s", "a.jsonl"]));
    listening.wait_for_words("NOT RECORDING");
    post_one(&listening, "/", "x");
    post_one(&listening, "/", "y");
    // What was answered and is in no file is told in the end.
    crate::support::kill(listening.pid(), "TERM");
    listening.wait_for_words("2 requests are lost, they were never recorded: cannot write a.jsonl: File too large");
    assert_eq!(listening.stop("CONT").0, Some(0));
}

/// A listener over a file system of 8 MiB, in a name space of its own, and the folder as it is seen from here. `None`: this
/// system lets nobody mount.
fn on_a_small_disk(home: &Home, durability: &str) -> Option<(Listening, PathBuf)> {
    let folder = home.path().join("small");
    fs::create_dir(&folder).unwrap();
    let mount = "mount -t tmpfs -o size=8m none small";
    let enter = ["--user", "--map-root-user", "--mount"];
    let mut tried = Command::new("unshare");
    let tried = tried.args(enter).args(["sh", "-c", mount]).current_dir(home.path());
    if !output_within(tried, DEADLINE).is_ok_and(|tried| tried.status.success()) {
        return None;
    }
    let args = ["-s", "small/a.jsonl", "--durability", durability];
    let inner = behind(home, &format!("{mount} &&"), &args);
    let mut command = Command::new("unshare");
    command.args(enter).arg(inner.get_program()).args(inner.get_args());
    command.env_clear().envs(home.environment()).current_dir(home.path());
    let listening = Listening::start(command);
    let seen = PathBuf::from(format!("/proc/{}/root{}", listening.pid(), folder.display()));
    Some((listening, seen))
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that cannot run here says so")]
fn a_full_disk_is_said_and_recording_goes_on_when_there_is_room() {
    for durability in FIRM {
        let home = Home::new();
        let Some((listening, folder)) = on_a_small_disk(&home, durability) else {
            return eprintln!("skipped: no file system can be mounted here");
        };
        fs::write(folder.join("filler"), vec![0; 7900 * 1024]).unwrap();
        let answered = post_until_not_recording(&listening, &"b".repeat(3000));
        listening.wait_for_words("No space left");
        fs::remove_file(folder.join("filler")).unwrap();
        listening.wait_for_words("recording again");
        has_all(&folder.join("a.jsonl"), &answered);
        assert_eq!(listening.stop("TERM").0, Some(0));
    }
}

#[test]
fn a_file_that_goes_while_requests_come_is_made_again_with_everything() {
    for durability in FIRM {
        let home = Home::new();
        let file = home.path().join("sessions/a.jsonl");
        fs::create_dir(file.parent().unwrap()).unwrap();
        let listening = home.listen(&["-s", file.to_str().unwrap(), "--durability", durability]);
        let stream = Stream::start(listening.address);
        for _ in 0..3 {
            stream.goes_on(50);
            fs::remove_file(&file).unwrap();
            listening.wait_for_words("was removed: made again");
        }
        stream.goes_on(50);
        fs::remove_dir_all(file.parent().unwrap()).unwrap();
        listening.wait_for_words("was removed: made again");
        stream.goes_on(50);
        let answered = stream.finish();
        has_all(&file, &answered);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        assert_eq!(listening.stop("TERM").0, Some(0));
    }
}

#[test]
fn a_file_replaced_while_requests_come_is_left_alone() {
    for durability in FIRM {
        let home = Home::new();
        let file = home.write("a.jsonl", "");
        let listening = home.listen(&["-s", file.to_str().unwrap(), "--durability", durability]);
        let stream = Stream::start(listening.address);
        stream.goes_on(50);
        let other = home.write("other", "mine\n");
        fs::rename(&other, &file).unwrap();
        listening.wait_for_words("was replaced by another file");
        stream.goes_on(50);
        let answered = stream.finish();
        has_all(&home.path().join("a-2.jsonl"), &answered);
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine\n");
        assert_eq!(listening.stop("TERM").0, Some(0));
    }
}

#[test]
fn lines_cut_off_while_requests_come_are_written_again_from_memory() {
    for durability in ["process", "disk", "none"] {
        let home = Home::new();
        let file = home.path().join("a.jsonl");
        let args = ["-s", file.to_str().unwrap(), "--durability", durability, "--ring-count", "1000000"];
        let listening = home.listen(&args);
        let stream = Stream::start(listening.address);
        for part in [0, 3, 2] {
            stream.goes_on(100);
            // Without durability what was answered is not in the file at once; a cut that takes no request is not told.
            until("requests in the file", || (targets(&file).len() >= 100).then_some(()));
            let outside = OpenOptions::new().write(true).open(&file).unwrap();
            // Inside a line, for all that is known here.
            outside.set_len(outside.metadata().unwrap().len() * part / 4).unwrap();
            let said = listening.wait_for_words("written again from memory");
            assert!(said.contains(", 0 lost"), "{said}");
        }
        stream.goes_on(100);
        let answered = stream.finish();
        has_all(&file, &answered);
        let last = format!("{}", answered.len());
        assert_eq!(home.run(&["show", file.to_str().unwrap(), &last]).code, Some(0), "the session opens");
        assert_eq!(listening.stop("TERM").0, Some(0));
    }
}

#[test]
fn lines_that_another_program_adds_move_nothing() {
    let home = Home::new();
    let file = home.path().join("a.jsonl");
    let listening = home.listen(&["-s", file.to_str().unwrap(), "--ring-count", "1"]);
    let stream = Stream::start(listening.address);
    for foreign in ["{\"v\":1,\"event\":\"note\",\"text\":\"mine\"}\n", "half a line"] {
        stream.goes_on(50);
        OpenOptions::new().append(true).open(&file).unwrap().write_all(foreign.as_bytes()).unwrap();
        listening.wait_for_words("was changed by another program");
    }
    stream.goes_on(50);
    let answered = stream.finish();
    // A line that stands behind half a foreign one can be read by nobody, and with such a memory it is gone: at most one.
    let kept = targets(&file);
    let lost = answered.iter().filter(|target| !kept.contains(*target)).count();
    assert!(lost <= 1, "{lost} of {} lost", answered.len());
    assert_eq!(listening.stop("TERM").0, Some(0));
}

#[test]
fn a_file_cut_and_removed_at_once_is_made_again() {
    let home = Home::new();
    let file = home.path().join("a.jsonl");
    let listening = home.listen(&["-s", file.to_str().unwrap()]);
    let stream = Stream::start(listening.address);
    for _ in 0..3 {
        stream.goes_on(50);
        OpenOptions::new().write(true).open(&file).unwrap().set_len(10).unwrap();
        fs::remove_file(&file).unwrap();
        listening.wait_for_words("was removed: made again");
    }
    let answered = stream.finish();
    has_all(&file, &answered);
    assert_eq!(listening.stop("TERM").0, Some(0));
}

/// Nobody in particular: root may write everywhere, whatever the permissions say.
const NOBODY: u32 = 65534;

#[test]
fn permission_taken_away_is_said_when_it_is_needed_and_waited_for() {
    let home = Home::new();
    let folder = home.path().join("sessions");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("a.jsonl");
    let mut command = home.command(&["listen", "--headless", "-p", "0", "-s", file.to_str().unwrap()]);
    if rustix::process::geteuid().is_root() {
        for path in [home.path(), &folder] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    let listening = Listening::start(command);
    let stream = Stream::start(listening.address);
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    // The open descriptor goes on writing whatever becomes of the names.
    set(&file, 0o000);
    set(&folder, 0o000);
    stream.goes_on(50);
    assert!(!has_said(&listening, "NOT RECORDING"));
    loop {
        set(&folder, 0o700);
        fs::remove_file(&file).unwrap();
        set(&folder, 0o500);
        // It may be made again between the two.
        if !file.exists() {
            break;
        }
    }
    let said = listening.wait_for_words("NOT RECORDING");
    assert!(said.contains("cannot be made again") && said.contains("denied"), "{said}");
    stream.goes_on(50);
    set(&folder, 0o700);
    listening.wait_for_words("recording again");
    let answered = stream.finish();
    has_all(&file, &answered);
    assert_eq!(listening.stop("TERM").0, Some(0));
}

#[test]
fn without_descriptors_a_removed_file_waits_in_memory() {
    for durability in FIRM {
        let home = Home::new();
        let file = home.path().join("a.jsonl");
        let listening = home.listen(&["-s", file.to_str().unwrap(), "--durability", durability]);
        let stream = Stream::start(listening.address);
        stream.goes_on(50);
        // What is open stays open; nothing more can be opened.
        let process = Pid::from_raw(listening.pid().cast_signed());
        let before = rustix::process::getrlimit(Resource::Nofile);
        prlimit(process, Resource::Nofile, Rlimit { current: Some(0), ..before }).unwrap();
        fs::remove_file(&file).unwrap();
        let said = listening.wait_for_words("NOT RECORDING");
        assert!(said.contains("Too many open files"), "{said}");
        stream.goes_on(50);
        assert_eq!(fs::metadata(&file).unwrap_err().kind(), ErrorKind::NotFound);
        prlimit(process, Resource::Nofile, before).unwrap();
        listening.wait_for_words("recording again");
        let answered = stream.finish();
        has_all(&file, &answered);
        assert_eq!(listening.stop("TERM").0, Some(0));
    }
}
