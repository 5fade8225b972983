//! What tests start beside the program under test: each has a deadline, and begins as it would from a terminal, whatever started the tests.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, kill_process_group, setrlimit};
use tokio::signal::unix::{SignalKind, signal as catch};

use crate::support::DEADLINE;

/// So many files the tests may have open, where the system lets them.
const OPEN_FILES: u64 = 8192;

/// Runs a command without input to its end, or ends it and all that it started when it takes longer than this.
///
/// # Errors
/// The command and why it did not run, or that it was ended.
pub fn output_within(command: &mut Command, longest: Duration) -> Result<Output, String> {
    let shown = format!("{command:?}");
    settle_in();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = command.spawn().map_err(|error| format!("{shown}: {error}"))?;
    let group = Pid::from_child(&child);
    ending(child, longest).map_err(|why| {
        let _ = kill_process_group(group, Signal::KILL);
        format!("{shown}: {why}")
    })
}

/// What a child still says until it ends and nobody holds its pipes any more; why not, when it takes longer than this.
fn ending(child: Child, longest: Duration) -> Result<Output, String> {
    let (done, finished) = channel();
    std::thread::spawn(move || drop(done.send(child.wait_with_output())));
    let ended = finished.recv_timeout(longest).map_err(|_| format!("it did not end within {longest:?}"))?;
    ended.map_err(|error| error.to_string())
}

/// The same for one that must run, and soon.
#[track_caller]
pub fn output(command: &mut Command) -> Output {
    output_within(command, DEADLINE).unwrap_or_else(|why| panic!("{why}"))
}

/// What a child that runs still says, and how it ends, which must be soon.
#[track_caller]
pub fn end_of(child: Child) -> Output {
    let pid = Pid::from_child(&child);
    ending(child, DEADLINE).unwrap_or_else(|why| {
        let _ = kill_process(pid, Signal::KILL);
        panic!("{why}")
    })
}

/// Whether a program of this name is on this machine: with these arguments it must end well.
pub fn is_installed(name: &str, args: &[&str]) -> bool {
    output_within(Command::new(name).args(args), DEADLINE).is_ok_and(|done| done.status.success())
}

/// Sends a signal by its name (`TERM`, `INT`, ...).
#[track_caller]
pub fn signal(pid: u32, name: &str) {
    let signal = match name {
        "CONT" => Signal::CONT,
        "HUP" => Signal::HUP,
        "INT" => Signal::INT,
        "KILL" => Signal::KILL,
        "QUIT" => Signal::QUIT,
        "STOP" => Signal::STOP,
        "TERM" => Signal::TERM,
        "TSTP" => Signal::TSTP,
        name => panic!("no test sends {name} yet"),
    };
    let process = Pid::from_raw(pid as i32).expect("a process");
    kill_process(process, signal).unwrap_or_else(|error| panic!("cannot signal {pid}: {error}"));
}

/// Whether copied commands can be run here; says so when not: a test that cannot run passes.
pub fn has_curl() -> bool {
    let has = is_installed("curl", &["--version"]);
    if !has {
        let _ = writeln!(std::io::stderr(), "skipped: curl is not installed, copied commands are not run");
    }
    has
}

/// Everything that still comes until the sender is gone, for which there is a deadline too: another process may hold a pipe open.
pub fn rest<T>(receiver: &Receiver<T>) -> Vec<T> {
    let until = Instant::now() + DEADLINE;
    std::iter::from_fn(|| receiver.recv_timeout(until.saturating_duration_since(Instant::now())).ok()).collect()
}

/// Makes of whatever started the tests the surroundings that they count on.
pub fn settle_in() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        catch_what_is_ignored();
        raise_open_files();
    });
}

/// Gives children back the signals that whoever started the tests has ignored, as `nohup` does and a shell for what runs in its
/// background: that is inherited, and a program that respects it would not end by them. What is caught here begins anew in a child; it
/// does nothing here, as before.
fn catch_what_is_ignored() {
    // proc_pid_status(5): a bit for each signal, the lowest is signal 1.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _entered = runtime.enter();
    for signal in [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::TSTP] {
        if ignored & (1 << (signal.as_raw() - 1)) != 0 {
            drop(catch(SignalKind::from_raw(signal.as_raw())).expect("a handler"));
        }
    }
}

/// Many systems begin with 1024 open files: tests that are crowds of senders need some thousand.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(OPEN_FILES, |maximum| maximum.min(OPEN_FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }).expect("a higher limit");
    }
}

#[test]
fn a_child_that_does_not_end_is_ended_with_what_it_started() {
    let begun = Instant::now();
    let told = output_within(Command::new("sh").args(["-c", "sleep 600 & sleep 600"]), Duration::from_millis(100));
    assert!(told.is_err_and(|why| why.contains("sleep 600") && why.contains("within 100ms")));
    assert!(begun.elapsed() < DEADLINE);
}
