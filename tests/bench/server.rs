//! Starting and ending what is measured.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use super::procfs::Watched;

/// Longest wait for a first answer: peers may start a virtual machine first.
const START_MAX: Duration = Duration::from_secs(60);

/// What can be measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The bare handler: what the others are compared with.
    Bare,
    /// The bare relay.
    Relay {
        /// `127.0.0.1:3000`: where to.
        app: String,
    },
    /// Hooksight headless.
    Hooksight {
        /// More arguments.
        args: Vec<String>,
        /// Whether there is a session file.
        session: bool,
        /// Whether it has a login session of its own, as a program in a terminal has.
        apart: bool,
    },
    /// Another program: a command line for `sh` in which `{port}` and `{folder}` are replaced.
    Peer(String),
}

/// One of those that are compared.
#[derive(Clone, Debug)]
pub struct Contender {
    /// In the tables.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `hooksight`.
    pub hooksight: PathBuf,
    /// The bare handler.
    pub bare: PathBuf,
    /// The bare relay.
    pub relay: PathBuf,
    /// Where folders with session files are made.
    pub folder: PathBuf,
}

impl Programs {
    /// The bare handler stands beside this program: cargo builds all benches into one folder.
    pub fn find(hooksight: Option<PathBuf>, folder: Option<PathBuf>) -> anyhow::Result<Self> {
        let here = std::env::current_exe().context("cannot find this program")?;
        let beside = here.parent().context("this program is in no folder")?;
        let (bare, relay) = (newest(beside, "bare-")?, newest(beside, "relay-")?);
        // Servers run in folders of their own.
        let hooksight = std::path::absolute(hooksight.unwrap_or_else(|| env!("CARGO_BIN_EXE_hooksight").into()))?;
        Ok(Self { hooksight, bare, relay, folder: folder.unwrap_or_else(std::env::temp_dir) })
    }

    /// Starts it and waits for its first answer.
    pub fn start(&self, contender: &Contender) -> anyhow::Result<Running> {
        let mut last = None;
        // The port was free a moment ago; on a busy machine somebody else may have taken it since.
        for _ in 0..3 {
            match self.start_once(contender) {
                Ok(running) => return Ok(running),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| anyhow::anyhow!("never tried")))
    }

    fn start_once(&self, contender: &Contender) -> anyhow::Result<Running> {
        let folder = TempDir::with_prefix_in("hooksight-bench-", &self.folder)
            .with_context(|| format!("cannot make a folder in {}", self.folder.display()))?;
        let address = free_address()?;
        let mut command = self.command(contender, address, folder.path());
        let words = folder.path().join(WORDS);
        let stderr = File::create(&words).context("cannot make a file")?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", contender.name))?;
        let mut running = Running { child, address, folder, first_answer: Duration::ZERO };
        while !answers(address) {
            if started.elapsed() > START_MAX || running.child.try_wait()?.is_some() {
                let words = std::fs::read_to_string(&words).unwrap_or_default();
                bail!("{} does not answer on {address}: {words}", contender.name);
            }
            std::thread::sleep(Duration::from_micros(50));
        }
        running.first_answer = started.elapsed();
        Ok(running)
    }

    fn command(&self, contender: &Contender, address: SocketAddr, folder: &Path) -> Command {
        let port = address.port().to_string();
        let mut command = match &contender.kind {
            Kind::Bare => {
                let mut command = Command::new(&self.bare);
                command.args(["serve", &port]);
                command
            }
            Kind::Relay { app } => {
                let mut command = Command::new(&self.relay);
                command.args(["serve", &port, app]);
                command
            }
            Kind::Hooksight { args, session, apart } => {
                let mut command = Command::new(if *apart { Path::new("setsid") } else { &self.hooksight });
                if *apart {
                    command.arg(&self.hooksight);
                }
                command.args(["listen", "--headless", "-p", &port]).args(args);
                match session {
                    true => command.arg("--session").arg(folder.join(SESSION)),
                    false => command.arg("--no-session"),
                };
                // Nothing of the user's configuration.
                own_home(&mut command, folder);
                command
            }
            Kind::Peer(line) => {
                let line = line.replace("{port}", &port).replace("{folder}", &folder.display().to_string());
                let mut command = Command::new("sh");
                command.args(["-c", &format!("exec {line}")]);
                command
            }
        };
        command.current_dir(folder);
        command
    }
}

/// The program that was built last of those whose names begin so.
fn newest(folder: &Path, start: &str) -> anyhow::Result<PathBuf> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(start) && !name.contains('.') {
            newest = newest.max(Some((entry.metadata()?.modified()?, entry.path())));
        }
    }
    let Some((_, path)) = newest else {
        bail!("no {start}... in {}: build all benches with `cargo bench --no-run`", folder.display());
    };
    Ok(path)
}

/// What a server says on stderr, in its folder.
const WORDS: &str = "stderr";

/// The session file in a server's folder.
pub const SESSION: &str = "bench.hooksight.jsonl";

/// Folders of its own for a program that would use the user's.
pub fn own_home(command: &mut Command, folder: &Path) {
    command.env_clear().env("HOME", folder).env("TZ", "UTC");
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(name, folder);
    }
}

/// A port that nobody has now.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot find a free port")?;
    Ok(listener.local_addr()?)
}

/// Whether a POST is answered there.
pub fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let asked =
        stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(Duration::from_secs(5)))).and_then(|()| {
            stream.write_all(b"POST /hooks/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
        });
    let mut answer = [0; 12];
    asked.is_ok() && stream.read_exact(&mut answer).is_ok() && answer.starts_with(b"HTTP/1.1 2")
}

/// A running server.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    folder: TempDir,
    /// From before it was started to its first answer.
    pub first_answer: Duration,
}

impl Running {
    /// What the system says of it.
    pub fn watched(&self) -> Watched {
        Watched::new(self.child.id())
    }

    /// What it said on stderr: a server that says that it does not record must not be measured as one that does.
    pub fn words(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(WORDS)).unwrap_or_default()
    }

    /// Its session file.
    pub fn session(&self) -> PathBuf {
        self.folder.path().join(SESSION)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A peer behind a script: what it started goes first.
        for pid in self.watched().family().into_iter().skip(1) {
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
