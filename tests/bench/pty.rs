//! Throughput with the interface up and following the list, against headless, in alternating rounds.
//!
//! The terminal is a real emulator that reads and understands everything that is drawn, as the user's would: its time is
//! taken from both cores too, so this is the harder comparison.

use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;

use super::client::{self, End, Plan};
use super::load::{self, Case};
use super::options::Options;
use super::procfs::Watched;
use super::server::{self, Programs};
use super::stats::Spread;
use super::warm::Warm;

/// Answers a second of both, and their ratio round by round.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Without the interface.
    pub headless: Spread,
    /// With it.
    pub interface: Spread,
    /// Of the two in the same round.
    pub ratio: Spread,
    /// Processor microseconds a request with the interface.
    pub cpu_us: Spread,
}

/// What is sent.
const CASE: Case = Case { body_bytes: 1024, connections: 32 };

/// Columns and rows.
const SIZE: (u16, u16) = (200, 50);

/// Sends 1 KB bodies over 32 connections to each in turn.
pub fn measure(programs: &Programs, options: &Options) -> anyhow::Result<Shown> {
    let (mut headless, mut interface, mut ratio, mut cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let (first, second) = match round % 2 {
            0 => (without(programs, options)?, with(programs, options)?),
            _ => {
                let shown = with(programs, options)?;
                (without(programs, options)?, shown)
            }
        };
        headless.push(first);
        interface.push(second.0);
        cpu.push(second.1);
        ratio.push(second.0 / first);
    }
    Ok(Shown {
        headless: Spread::of(headless),
        interface: Spread::of(interface),
        ratio: Spread::of(ratio),
        cpu_us: Spread::of(cpu),
    })
}

fn plan(options: &Options, address: std::net::SocketAddr, share: f64) -> Plan {
    Plan {
        address,
        body_bytes: CASE.body_bytes,
        connections: CASE.connections,
        threads: options.threads,
        end: End::After(Duration::from_secs_f64(options.seconds * share)),
        rate: None,
    }
}

fn without(programs: &Programs, options: &Options) -> anyhow::Result<f64> {
    let warm = Warm::for_case(CASE, options.seconds);
    let server = programs.start(&load::hooksight(options, load::DEFAULT, &[]))?;
    client::send(&plan(options, server.address, 0.2))?;
    warm.release();
    let sent = client::send(&plan(options, server.address, 1.0))?;
    Ok(sent.answered as f64 / sent.elapsed.as_secs_f64())
}

fn with(programs: &Programs, options: &Options) -> anyhow::Result<(f64, f64)> {
    let warm = Warm::for_case(CASE, options.seconds);
    let folder = TempDir::with_prefix_in("hooksight-bench-", &programs.folder).context("cannot make a folder")?;
    let address = server::free_address()?;
    let home = folder.path().display().to_string();
    let session = folder.path().join(server::SESSION).display().to_string();
    let mut terminal = termlens::Terminal::builder()
        .size(SIZE.0, SIZE.1)
        .env_clear()
        .env("HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .env("XDG_DATA_HOME", &home)
        .env("XDG_STATE_HOME", &home)
        .env("TERM", "xterm-256color")
        .env("COLORTERM", "truecolor")
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .current_dir(folder.path())
        .timeout(Duration::from_secs(20))
        .args(["listen", "-p", &address.port().to_string(), "--session", &session])
        .args(options.args.iter().map(String::as_str))
        .spawn(&programs.hooksight)
        .context("cannot start hooksight in a terminal")?;
    let shown = format!("http://{address}");
    terminal.wait_until(|screen| screen.text().contains(&shown)).context("no address in the top line")?;
    client::send(&plan(options, address, 0.2))?;
    warm.release();
    let watched = Watched::new(terminal.pid().context("the terminal has no process")?);
    let before = watched.cpu()?;
    let sent = client::send(&plan(options, address, 1.0))?;
    let cpu = watched.cpu()?.since(before).sum_us() / sent.answered.max(1) as f64;
    // The newest row is on the screen: the list did follow.
    let newest = sent.answered;
    terminal
        .wait_until(|screen| screen.text().lines().any(|line| ids_on(line).any(|id| id >= newest)))
        .context("the list did not follow")?;
    terminal.send_str("q").ok();
    terminal.wait_exit().ok();
    Ok((sent.answered as f64 / sent.elapsed.as_secs_f64(), cpu))
}

/// Numbers that stand by themselves in a line of the screen.
fn ids_on(line: &str) -> impl Iterator<Item = u64> + '_ {
    line.split_whitespace().filter_map(|word| word.replace(',', "").parse().ok())
}
