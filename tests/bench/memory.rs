//! Memory: after a million requests, and over ten minutes at a steady rate.

use std::time::{Duration, Instant};

use hooksight::io::session_file::SessionReader;

use super::client::{self, End, Plan};
use super::load;
use super::options::Options;
use super::server::Programs;
use super::stats;

/// What a million requests left.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    /// Requests captured.
    pub requests: u64,
    /// In memory before the first one.
    pub idle_bytes: u64,
    /// In memory after the last one.
    pub resident_bytes: u64,
    /// The most that was in memory.
    pub peak_bytes: u64,
    /// Of the session file.
    pub file_bytes: u64,
    /// Requests in it.
    pub file_requests: u64,
}

/// Captures a million requests of 1 KB (fewer when it must be quick) as fast as they come.
pub fn fill(programs: &Programs, options: &Options) -> anyhow::Result<Filled> {
    let requests = if options.quick { 100_000 } else { 1_000_000 };
    let server = programs.start(&load::hooksight(options, load::DEFAULT, &[]))?;
    let watched = server.watched();
    let idle_bytes = watched.resident_bytes();
    let plan = Plan {
        address: server.address,
        body_bytes: 1024,
        connections: 32,
        threads: options.threads,
        end: End::Count(requests),
        rate: None,
    };
    let sent = client::send(&plan)?;
    anyhow::ensure!(sent.failed == 0, "{} answers were not 200", sent.failed);
    let mut reader = SessionReader::open(&server.session())?;
    let mut file_requests = 0;
    while let Some(line) = reader.next_peek()? {
        file_requests += u64::from(line.peek.is_ok_and(|peek| peek.event == "request"));
    }
    Ok(Filled {
        requests: sent.answered,
        idle_bytes,
        resident_bytes: watched.resident_bytes(),
        peak_bytes: watched.resident_peak_bytes(),
        file_bytes: std::fs::metadata(server.session()).map_or(0, |data| data.len()),
        file_requests,
    })
}

/// How memory went over time.
#[derive(Clone, Debug)]
pub struct Soaked {
    /// Requests captured.
    pub requests: u64,
    /// Answers a second.
    pub rate: f64,
    /// Seconds since the start and bytes in memory.
    pub samples: Vec<(f64, u64)>,
    /// Bytes that memory grew by for each request after the first quarter, when the ring was full. The index of the session
    /// file takes [`INDEX_BYTES`]; more is a leak.
    pub bytes_a_request: f64,
    /// 99 in 100 answers took at most that long, in microseconds.
    pub p99_us: f64,
}

/// What the program keeps of each request for as long as it runs, by design: the places of its lines in the session file
/// (two offsets of 8 bytes), doubled because a vector grows by doubling.
pub const INDEX_BYTES: f64 = 32.0;

/// Sends at a steady rate and looks at the memory each second.
pub fn soak(programs: &Programs, options: &Options) -> anyhow::Result<Soaked> {
    let server = programs.start(&load::hooksight(options, load::DEFAULT, &[]))?;
    let watched = server.watched();
    let time = Duration::from_secs_f64(options.soak_minutes * 60.0);
    let plan = Plan {
        address: server.address,
        body_bytes: 1024,
        connections: 32,
        threads: 1,
        end: End::After(time),
        rate: Some(options.soak_rate),
    };
    let started = Instant::now();
    let sender = std::thread::spawn(move || client::send(&plan));
    let mut samples = Vec::new();
    while !sender.is_finished() {
        samples.push((started.elapsed().as_secs_f64(), watched.resident_bytes()));
        std::thread::sleep(Duration::from_secs(1));
    }
    let Ok(sent) = sender.join() else { anyhow::bail!("the sender failed") };
    let sent = sent?;
    let rate = sent.answered as f64 / sent.elapsed.as_secs_f64();
    let full = time.as_secs_f64() / 4.0;
    let after: Vec<(f64, f64)> =
        samples.iter().filter(|(at, _)| *at >= full).map(|(at, bytes)| (*at * rate, *bytes as f64)).collect();
    Ok(Soaked { requests: sent.answered, rate, bytes_a_request: stats::slope(&after), samples, p99_us: sent.p99_us })
}
