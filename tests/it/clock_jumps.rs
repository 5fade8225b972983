//! A clock that is set while the program runs: what asks the system what time it is gets another answer, by a library that stands
//! before the system's. Linux lets nobody give one process a clock of its own.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hooksight::domain::record::Event;
use hooksight::io::session_file::SessionReader;

use crate::capture_harness::until;
use crate::children::output_within;
use crate::support::{DEADLINE, Home, Listening, post, send};

/// Adds the seconds that stand in the file that `CLOCK_OFFSET` names.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static volatile long long *offset;
__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CLOCK_OFFSET");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *seen = mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (seen != MAP_FAILED) offset = seen;
    close(file);
}
int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += *offset;
    return result;
}
"#;

/// Seconds from now to before 1970, and to behind the year 9999.
const ODD: [i64; 2] = [-9_000_000_000, 900_000_000_000];

/// The clock of a program.
struct Clock {
    library: PathBuf,
    offset: PathBuf,
}

impl Clock {
    /// `None` where there is no C compiler: rustc links with one, mostly.
    fn new(home: &Home) -> Option<Self> {
        let (source, library) = (home.write("clock.c", LIBRARY), home.path().join("clock.so"));
        let mut made = Command::new("cc");
        made.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
        let clock = Self { library, offset: home.write("offset", 0_i64.to_ne_bytes()) };
        output_within(&mut made, DEADLINE).is_ok_and(|made| made.status.success()).then_some(clock)
    }

    fn set(&self, seconds: i64) {
        use std::os::unix::fs::FileExt as _;
        // In place: the program has mapped it.
        let file = fs::OpenOptions::new().write(true).open(&self.offset).expect("the offset");
        file.write_all_at(&seconds.to_ne_bytes(), 0).expect("written");
    }

    fn listen(&self, home: &Home, args: &[&str]) -> Listening {
        let mut command = home.command(&[&["listen", "--headless", "-p", "0"], args].concat());
        command.env("LD_PRELOAD", &self.library).env("CLOCK_OFFSET", &self.offset);
        Listening::start(command)
    }
}

/// Targets and years of the requests, in the order of the file; every line can be read and ids go on.
fn kept(file: &Path) -> Vec<(String, String)> {
    let mut reader = SessionReader::open(file).expect("a session");
    let mut kept = Vec::new();
    while let Some(line) = reader.next_line().expect("a file to read") {
        match line.event {
            Ok(Event::Request(request)) => {
                assert_eq!(request.id.0, kept.len() as u64 + 1);
                let target = String::from_utf8_lossy(&request.target).into_owned();
                kept.push((target, request.first_byte.to_rfc3339()[..4].to_owned()));
            }
            Ok(_) => {}
            Err(error) => panic!("line {}: {error}", line.number),
        }
    }
    kept
}

#[test]
fn a_clock_that_is_set_loses_nothing_and_holds_nobody_up() {
    for durability in ["process", "disk", "none"] {
        let home = Home::new();
        let Some(clock) = Clock::new(&home) else { return };
        let file = home.path().join("a.jsonl");
        let listening = clock.listen(&home, &["-s", "a.jsonl", "--durability", durability]);
        let mut answered = Vec::new();
        let mut years = std::collections::BTreeSet::new();
        for seconds in [0, 86_400, -86_400, 1, -1, ODD[0], 3_600, ODD[1], -3_600, i64::MIN / 4, i64::MAX / 4, 0] {
            clock.set(seconds);
            for number in 0..3 {
                let target = format!("/{seconds}/{number}");
                let begun = std::time::Instant::now();
                assert_eq!(send(listening.address, &post(&target, &[], b"{}")).status, 200, "{target}");
                assert!(begun.elapsed().as_secs() < 5, "{durability}: {target} took {:?}", begun.elapsed());
                answered.push(target);
            }
        }
        until("all of them in the file", || (kept(&file).len() == answered.len()).then_some(()));
        for ((target, year), answered) in kept(&file).into_iter().zip(&answered) {
            assert_eq!(&target, answered, "{durability}: in the order in which they were answered");
            years.insert(year);
        }
        assert!(years.contains("1970") && years.contains("9999"), "the clock was not set: {years:?}");
        assert_eq!(listening.stop("TERM").0, Some(0), "{durability}");
        // What was kept opens, and goes on.
        assert_eq!(home.run(&["ls", "a.jsonl"]).code(0).text().lines().count(), answered.len());
        let listening = home.listen(&["-s", "a.jsonl"]);
        assert_eq!(send(listening.address, &post("/again", &[], b"")).status, 200);
        listening.stop("TERM");
        assert_eq!(kept(&file).last().expect("one").0, "/again");
    }
}

/// A machine without a battery begins in 1970, or before.
#[test]
fn it_starts_whatever_the_clock_says() {
    let home = Home::new();
    let Some(clock) = Clock::new(&home) else { return };
    for (seconds, year) in [(ODD[0], "1970-01-01"), (ODD[1], "9999-12-31")] {
        clock.set(seconds);
        let listening = clock.listen(&home, &[]);
        assert_eq!(send(listening.address, &post("/a", &[], b"")).status, 200);
        assert_eq!(listening.stop("TERM").0, Some(0));
        let names: Vec<_> =
            fs::read_dir(home.sessions()).expect("sessions").map(|entry| entry.expect("one").file_name()).collect();
        assert!(names.iter().any(|name| name.to_string_lossy().starts_with(year)), "{names:?}");
    }
}
