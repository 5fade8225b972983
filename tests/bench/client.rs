//! Who sends: keep-alive connections on a few threads, each with its epoll, one request under way a connection.
//!
//! The sender shares the machine with what it measures, so it does as little as it can: requests are made before, an answer
//! is read up to its end and not understood beyond that.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll;

use super::bodies::{self, Prepared};
use super::histogram::Histogram;

/// When it ends.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// After that time.
    After(Duration),
    /// After that many answers.
    Count(u64),
}

/// What to send.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// To whom.
    pub address: SocketAddr,
    /// Bytes of each body.
    pub body_bytes: usize,
    /// Open connections.
    pub connections: usize,
    /// Threads that share them.
    pub threads: usize,
    /// When it ends.
    pub end: End,
    /// Requests a second; `None`: as many as are answered.
    pub rate: Option<f64>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Answers with status 200.
    pub answered: u64,
    /// Other answers and lost connections.
    pub failed: u64,
    /// From the first request to the end.
    pub elapsed: Duration,
    /// Half of the answers took at most that long, in microseconds: from the first byte of a request written to the last of
    /// its answer read.
    pub p50_us: f64,
    /// 99 in 100 did.
    pub p99_us: f64,
}

/// What one thread has.
#[derive(Default)]
struct Share {
    answered: u64,
    failed: u64,
    elapsed: Duration,
    times: Histogram,
}

/// Waits at most this long for the answers of a run that counts.
const PATIENCE: Duration = Duration::from_secs(120);

/// Sends by the plan, on threads of its own.
pub fn send(plan: &Plan) -> anyhow::Result<Sent> {
    let threads = plan.threads.clamp(1, plan.connections);
    let together = Arc::new(Barrier::new(threads));
    let shares = (0..threads).map(|thread| share(plan, threads, thread)).collect::<Vec<_>>();
    let mut workers = Vec::new();
    for (number, plan) in shares.into_iter().enumerate() {
        let together = Arc::clone(&together);
        workers.push(std::thread::spawn(move || Worker::new(plan, number as u64).map(|worker| worker.run(&together))));
    }
    let (mut sum, mut times) = (Sent::default(), Histogram::default());
    for worker in workers {
        let Ok(sent) = worker.join() else { bail!("a sending thread failed") };
        let sent = sent??;
        sum.answered += sent.answered;
        sum.failed += sent.failed;
        sum.elapsed = sum.elapsed.max(sent.elapsed);
        times.join(&sent.times);
    }
    (sum.p50_us, sum.p99_us) = (times.quantile_us(0.5), times.quantile_us(0.99));
    Ok(sum)
}

/// What one of the threads does.
fn share(plan: &Plan, threads: usize, thread: usize) -> Plan {
    let part = |whole: usize| whole / threads + usize::from(thread < whole % threads);
    Plan {
        connections: part(plan.connections),
        end: match plan.end {
            End::After(time) => End::After(time),
            End::Count(count) => End::Count(part(count as usize) as u64),
        },
        rate: plan.rate.map(|rate| rate / threads as f64),
        ..*plan
    }
}

struct Connection {
    stream: TcpStream,
    /// Which request is being written, and how much of it was.
    request: usize,
    written: usize,
    begun: Instant,
    /// What came of an answer that was not whole yet.
    partial: Vec<u8>,
    /// Whether epoll tells when there is room to write.
    wants_room: bool,
}

struct Worker {
    plan: Plan,
    epoll: rustix::fd::OwnedFd,
    connections: Vec<Connection>,
    requests: Vec<Prepared>,
    /// Connections without a request under way, when a rate is kept: the one that waited longest is next, or the server would
    /// close it one day.
    idle: VecDeque<usize>,
    /// Next number of a delivery.
    number: u64,
    sent: u64,
    result: Share,
}

impl Worker {
    fn new(plan: Plan, thread: u64) -> anyhow::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).context("cannot make an epoll")?;
        let now = Instant::now();
        let mut connections = Vec::with_capacity(plan.connections);
        for number in 0..plan.connections {
            let stream =
                TcpStream::connect(plan.address).with_context(|| format!("cannot connect to {}", plan.address))?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            epoll::add(&epoll, &stream, epoll::EventData::new_u64(number as u64), epoll::EventFlags::IN)?;
            let partial = Vec::new();
            connections.push(Connection { stream, request: 0, written: 0, begun: now, partial, wants_room: false });
        }
        Ok(Self {
            plan,
            epoll,
            connections,
            requests: bodies::requests(plan.body_bytes, &plan.address.to_string()),
            idle: VecDeque::new(),
            // Numbers differ from run to run: a session that goes on must not see a delivery again.
            number: (u64::from(std::process::id()) << 40) ^ (thread << 36) ^ u64::from(rand_of_clock()),
            sent: 0,
            result: Share::default(),
        })
    }

    fn run(mut self, together: &Barrier) -> anyhow::Result<Share> {
        together.wait();
        let started = Instant::now();
        let deadline = match self.plan.end {
            End::After(time) => started + time,
            End::Count(_) => started + PATIENCE * 10,
        };
        if self.plan.rate.is_some() {
            self.idle = (0..self.connections.len()).collect();
        } else {
            for at in 0..self.connections.len() {
                self.begin(at, Instant::now())?;
            }
        }
        let mut events: Vec<epoll::Event> = Vec::with_capacity(256);
        let mut buffer = vec![0; 64 * 1024];
        let wait = match self.plan.rate {
            Some(_) => Timespec { tv_sec: 0, tv_nsec: 1_000_000 },
            None => Timespec { tv_sec: 1, tv_nsec: 0 },
        };
        loop {
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error).context("cannot wait for answers"),
            }
            let mut now = Instant::now();
            for event in events.drain(..) {
                let (at, flags) = (event.data.u64() as usize, event.flags);
                if flags.contains(epoll::EventFlags::OUT) {
                    self.write(at)?;
                }
                if flags.intersects(epoll::EventFlags::IN | epoll::EventFlags::HUP | epoll::EventFlags::ERR) {
                    now = self.read(at, &mut buffer)?;
                }
            }
            if now >= deadline || self.is_done() {
                self.result.elapsed = now - started;
                return Ok(self.result);
            }
            self.keep_rate(started, now)?;
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.plan.end, End::Count(count) if self.result.answered + self.result.failed >= count)
    }

    /// Whether one more may be sent.
    fn goes_on(&self) -> bool {
        match self.plan.end {
            End::After(_) => true,
            End::Count(count) => self.sent < count,
        }
    }

    /// Sends what is due.
    fn keep_rate(&mut self, started: Instant, now: Instant) -> anyhow::Result<()> {
        let Some(rate) = self.plan.rate else { return Ok(()) };
        let due = ((now - started).as_secs_f64() * rate) as u64;
        while self.sent < due && self.goes_on() {
            let Some(at) = self.idle.pop_front() else { return Ok(()) };
            self.begin(at, Instant::now())?;
        }
        Ok(())
    }

    fn begin(&mut self, at: usize, now: Instant) -> anyhow::Result<()> {
        if !self.goes_on() {
            return Ok(());
        }
        self.number += 1;
        let request = (self.number % self.requests.len() as u64) as usize;
        self.requests[request].number(self.number);
        self.sent += 1;
        let connection = &mut self.connections[at];
        connection.request = request;
        connection.written = 0;
        connection.begun = now;
        self.write(at)
    }

    fn write(&mut self, at: usize) -> anyhow::Result<()> {
        let connection = &mut self.connections[at];
        let bytes = &self.requests[connection.request].bytes;
        while connection.written < bytes.len() {
            match connection.stream.write(&bytes[connection.written..]) {
                Ok(count) => connection.written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("cannot write a request"),
            }
        }
        let wants_room = connection.written < bytes.len();
        if wants_room != connection.wants_room {
            connection.wants_room = wants_room;
            let out = if wants_room { epoll::EventFlags::OUT } else { epoll::EventFlags::empty() };
            let data = epoll::EventData::new_u64(at as u64);
            epoll::modify(&self.epoll, &connection.stream, data, epoll::EventFlags::IN | out)?;
        }
        Ok(())
    }

    /// Reads what came; when the answer is whole the next request goes out. Gives the time that it is.
    fn read(&mut self, at: usize, buffer: &mut [u8]) -> anyhow::Result<Instant> {
        let connection = &mut self.connections[at];
        let count = match connection.stream.read(buffer) {
            Ok(0) => bail!("the server closed a connection"),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return Ok(Instant::now());
            }
            Err(error) => return Err(error).context("cannot read an answer"),
        };
        let came = buffer.get(..count).unwrap_or_default();
        let status = if connection.partial.is_empty() {
            whole(came)
        } else {
            connection.partial.extend_from_slice(came);
            whole(&connection.partial)
        };
        let now = Instant::now();
        let Some(is_ok) = status else {
            if connection.partial.is_empty() {
                connection.partial.extend_from_slice(came);
            }
            return Ok(now);
        };
        connection.partial.clear();
        let nanos = u64::try_from((now - connection.begun).as_nanos()).unwrap_or(u64::MAX);
        self.result.times.add(nanos);
        match is_ok {
            true => self.result.answered += 1,
            false => self.result.failed += 1,
        }
        if self.plan.rate.is_some() {
            self.idle.push_back(at);
        } else {
            self.begin(at, now)?;
        }
        Ok(now)
    }
}

/// Whether these bytes are a whole answer, and then whether its status is in 200 to 299.
fn whole(bytes: &[u8]) -> Option<bool> {
    let head = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let is_ok = bytes.get(9) == Some(&b'2');
    let body = bytes.get(head..)?;
    match length(bytes.get(..head)?) {
        Some(length) => (body.len() >= length).then_some(is_ok),
        // Chunked: its last chunk has no bytes.
        None => body.ends_with(b"0\r\n\r\n").then_some(is_ok),
    }
}

fn length(head: &[u8]) -> Option<usize> {
    for line in head.split(|byte| *byte == b'\n') {
        let name = b"content-length:";
        if line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name) {
            return std::str::from_utf8(&line[name.len()..]).ok()?.trim().parse().ok();
        }
    }
    None
}

fn rand_of_clock() -> u32 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.subsec_nanos())
}
