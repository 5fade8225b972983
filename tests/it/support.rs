//! What the tests run the program with: a home of its own, a listener without interface, a terminal, a local app.
//! Every wait has a deadline.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use crate::children::signal as kill;
use crate::children::{rest, settle_in};

/// Longest wait for anything: long, because it only counts when something is wrong.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_hooksight");

/// A home folder of its own, thrown away at the end.
pub struct Home {
    folder: TempDir,
}

/// What a finished run left.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Finished {
    /// stdout as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("stdout is UTF-8")
    }

    /// The lines of stdout as JSON.
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Itself, when the exit code is this one.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", String::from_utf8_lossy(&self.stdout), self.stderr);
        self
    }
}

impl Home {
    /// A new one.
    pub fn new() -> Self {
        settle_in();
        Self { folder: TempDir::new().expect("a folder") }
    }

    /// The folder, which is the working folder too.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where sessions are saved.
    pub fn sessions(&self) -> PathBuf {
        self.path().join("data/hooksight/sessions")
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// The environment of the program: nothing of ours but what it needs to run, and `HS`, by which shell scripts of tests name the
    /// program: its path may hold blanks.
    pub fn environment(&self) -> Vec<(String, String)> {
        let under = |name: &str| self.path().join(name).display().to_string();
        let mut all = vec![
            ("HOME".to_owned(), under("")),
            ("XDG_CONFIG_HOME".to_owned(), under("config")),
            ("XDG_DATA_HOME".to_owned(), under("data")),
            ("XDG_STATE_HOME".to_owned(), under("state")),
            ("TZ".to_owned(), "UTC".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("HS".to_owned(), PROGRAM.to_owned()),
        ];
        all.extend(std::env::var("PATH").ok().map(|path| ("PATH".to_owned(), path)));
        all
    }

    /// The program with these arguments, not started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear().envs(self.environment()).current_dir(self.path());
        command
    }

    /// Runs the program to its end, without input.
    pub fn run(&self, args: &[&str]) -> Finished {
        self.run_with(args, b"")
    }

    /// Runs the program to its end with this on stdin.
    pub fn run_with(&self, args: &[&str], stdin: &[u8]) -> Finished {
        let mut command = self.command(args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut pipe = child.stdin.take().expect("stdin");
        let input = stdin.to_vec();
        // A program that does not read its input must not fail the test.
        std::thread::spawn(move || drop(pipe.write_all(&input)));
        let (done, finished) = channel();
        let pid = child.id();
        std::thread::spawn(move || drop(done.send(child.wait_with_output())));
        let Ok(output) = finished.recv_timeout(DEADLINE) else {
            kill(pid, "KILL");
            panic!("`hooksight {}` did not end within {DEADLINE:?}", args.join(" "));
        };
        let output = output.expect("output");
        Finished {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts a listener without interface on a free port and waits until it is ready.
    pub fn listen(&self, args: &[&str]) -> Listening {
        let mut all = vec!["listen", "--headless", "-p", "0"];
        all.extend(args);
        Listening::start(self.command(&all))
    }
}

/// A running listener without interface.
pub struct Listening {
    child: Child,
    lines: Receiver<String>,
    words: Receiver<String>,
    /// The first line of stdout.
    pub ready: String,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Listening {
    /// Starts the command and waits for its ready line.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = lines_of(child.stdout.take().expect("stdout"));
        let words = lines_of(child.stderr.take().expect("stderr"));
        let ready = match lines.recv_timeout(DEADLINE) {
            Ok(ready) => ready,
            Err(_) => {
                let _ = child.kill();
                panic!("not ready: {:?}", rest(&words));
            }
        };
        let at = ready.find("http://").expect("a URL in the ready line") + "http://".len();
        let address: String = ready[at..].chars().take_while(|c| c.is_ascii_digit() || ".:[]".contains(*c)).collect();
        Self { child, lines, words, address: address.parse().expect("an address"), ready }
    }

    /// The next line of stdout.
    #[track_caller]
    pub fn line(&self) -> String {
        self.lines.recv_timeout(DEADLINE).expect("a line on stdout within the deadline")
    }

    /// The next line of stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let line = self.line();
        serde_json::from_str(&line).expect(&line)
    }

    /// Waits for a line of stderr that holds this.
    #[track_caller]
    pub fn wait_for_words(&self, part: &str) -> String {
        let until = Instant::now() + DEADLINE;
        let mut seen = Vec::new();
        loop {
            match self.words.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => seen.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!("no `{part}` in {seen:?}"),
            }
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it ever had resident, in bytes.
    pub fn peak_memory(&self) -> u64 {
        peak_memory_of(self.child.id())
    }

    /// Lowers its limit on open files, so that it can open so many more than it has now.
    pub fn leave_descriptors(&self, count: u64) {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let open = self.open_files();
        let pid = Pid::from_raw(self.child.id() as i32);
        let limit = Rlimit { current: Some(open + count), maximum: Some(open + count) };
        prlimit(pid, Resource::Nofile, limit).expect("a lower limit");
    }

    /// How many files it has open once its threads have opened theirs: on a busy machine some begin behind the ready line.
    fn open_files(&self) -> u64 {
        let count =
            || std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("its descriptors").count() as u64;
        let until = Instant::now() + DEADLINE;
        let (mut open, mut since) = (count(), Instant::now());
        while since.elapsed() < Duration::from_millis(200) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
            let now = count();
            if now != open {
                (open, since) = (now, Instant::now());
            }
        }
        open
    }

    /// Processor time that it has used, in user and system mode (proc(5): fields 14 and 15 of stat, in ticks of 10 ms).
    pub fn cpu_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a process");
        let behind_name = stat.rsplit(')').next().expect("a name");
        let ticks = |field: usize| -> u64 {
            behind_name.split_whitespace().nth(field - 3).and_then(|ticks| ticks.parse().ok()).expect("ticks")
        };
        Duration::from_millis((ticks(14) + ticks(15)) * 10)
    }

    /// The lines of stderr since the last look.
    pub fn words_so_far(&self) -> Vec<String> {
        self.words.try_iter().collect()
    }

    /// Ends it with a signal (`TERM`, `INT`, ...), and gives its exit code and what was left on stdout.
    pub fn stop(mut self, signal: &str) -> (Option<i32>, Vec<String>) {
        kill(self.child.id(), signal);
        let status = wait(&mut self.child);
        (status.code(), rest(&self.lines))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The most memory that a process ever had resident, in bytes (proc_pid_status(5): VmHWM).
pub fn peak_memory_of(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1024
}

/// Waits for the end of a child.
#[track_caller]
fn wait(child: &mut Child) -> std::process::ExitStatus {
    let until = Instant::now() + DEADLINE;
    loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            return status;
        }
        assert!(Instant::now() < until, "the program did not end within {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(5)); // a poll under a deadline: std has no wait with one
    }
}

/// Lines as they come, read on a thread.
fn lines_of(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// An answer as its bytes came.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// Sends exactly these bytes on a new connection and reads one answer.
#[track_caller]
pub fn send(address: SocketAddr, bytes: &[u8]) -> Answered {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE).expect("a connection");
    stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    stream.write_all(bytes).expect("written");
    read_answer(&mut stream)
}

/// Reads one answer with a `content-length` or to the end of the connection.
#[track_caller]
pub fn read_answer(stream: &mut TcpStream) -> Answered {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let count = reader.read_line(&mut head).expect("a head within the deadline");
        assert!(count > 0, "the connection ended in the head: {head:?}");
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = Vec::new();
    match length {
        _ if matches!(status, 204 | 304) => {}
        Some(length) => {
            body.resize(length, 0);
            reader.read_exact(&mut body).expect("a body within the deadline");
        }
        None => drop(reader.read_to_end(&mut body).expect("a body within the deadline")),
    }
    Answered { status, head, body }
}

/// A POST with this body, as a plain client sends it.
pub fn post(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("POST {path} HTTP/1.1\r\nHost: hooks.test\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// A file under tests/fixtures.
#[track_caller]
pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A program that webhooks are for: answers every request alike and gives out what came, byte for byte.
pub struct LocalApp {
    pub address: SocketAddr,
    requests: Receiver<Vec<u8>>,
}

impl LocalApp {
    /// Starts it with the answer that it gives.
    pub fn start(answer: &'static [u8]) -> Self {
        Self::start_at(std::net::Ipv4Addr::LOCALHOST.into(), answer)
    }

    /// The same at another address of this machine.
    pub fn start_at(address: std::net::IpAddr, answer: &'static [u8]) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let Some(request) = read_request(&mut stream) else { continue };
                let _ = stream.write_all(answer);
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Self { address, requests }
    }

    /// The next request that came.
    #[track_caller]
    pub fn request(&self) -> Vec<u8> {
        self.requests.recv_timeout(DEADLINE).expect("a request at the local app within the deadline")
    }
}

/// Head and body (by `Content-Length`) of one request.
pub fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    let mut bytes = Vec::new();
    let mut byte = [0_u8];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    bytes.extend_from_slice(&body);
    Some(bytes)
}

/// The program in a terminal of 140 columns and 40 rows (other sizes by [`termlens::Terminal::resize`]).
pub fn terminal(home: &Home, args: &[&str]) -> termlens::Terminal {
    terminal_with(home, args, &[])
}

/// The same with more environment.
pub fn terminal_with(home: &Home, args: &[&str], more: &[(&str, &str)]) -> termlens::Terminal {
    termlens::Terminal::builder()
        .size(140, 40)
        .env_clear()
        .envs(home.environment())
        .env("TERM", "xterm-256color")
        .env("COLORTERM", "truecolor")
        .envs(more.iter().copied())
        .current_dir(home.path())
        .timeout(DEADLINE)
        .args(args)
        .spawn(PROGRAM)
        .expect("the program starts in a terminal")
}

/// The address in the top line: the first `http://IP:PORT` on the screen.
#[track_caller]
pub fn address_on(screen: &mut termlens::Terminal) -> SocketAddr {
    let find = |text: &str| -> Option<SocketAddr> {
        let at = text.find("http://")? + "http://".len();
        let address: String = text[at..].chars().take_while(|c| c.is_ascii_digit() || ".:[]".contains(*c)).collect();
        address.parse().ok()
    };
    screen.wait_until(|screen| find(&screen.text()).is_some()).expect("an address on the screen");
    find(&screen.screen().text()).expect("an address")
}
