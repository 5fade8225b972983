//! Throughput with the interface up and following the list, against headless, in alternating rounds.
//!
//! The terminal is a real emulator that reads and understands everything that is drawn, as the user's would: its time is
//! taken from both cores too, so this is the harder comparison.

use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;

use super::client;
use super::load::{self, Case, Measured, Rounds, Sample};
use super::options::{Client, Options};
use super::procfs::Watched;
use super::server::{self, Contender, Kind, Programs};
use super::warm::Warm;

/// What is sent.
const CASE: Case = Case { body_bytes: 1024, connections: 32 };

/// Columns and rows.
const SIZE: (u16, u16) = (200, 50);

/// Sends 1 KB bodies over 32 connections to each in turn. The first contender is headless.
pub fn measure(programs: &Programs, options: &Options) -> anyhow::Result<Measured> {
    let (mut headless, mut interface) = (Vec::new(), Vec::new());
    // A program in a terminal is in a login session of its own, and Linux shares the processors by session (sched(7), "The autogroup
    // feature"): in the harness's session it would have another part of them.
    let kind = Kind::Hooksight { args: options.args.clone(), session: true, apart: true };
    let alone = Contender { name: "headless".into(), kind };
    for round in 0..options.rounds {
        if round % 2 == 0 {
            headless.push(load::sample(programs, &alone, CASE, options)?);
        }
        interface.push(with(programs, options)?);
        if round % 2 == 1 {
            headless.push(load::sample(programs, &alone, CASE, options)?);
        }
    }
    let shown = format!("interface, {}x{}, following", SIZE.0, SIZE.1);
    let rounds = vec![Rounds { name: alone.name, samples: headless }, Rounds { name: shown, samples: interface }];
    Ok(Measured { case: CASE, rounds })
}

fn with(programs: &Programs, options: &Options) -> anyhow::Result<Sample> {
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
    client::send(&load::plan(CASE, options, address, 0.2))?;
    warm.release();
    let watched = Watched::new(terminal.pid().context("the terminal has no process")?);
    let sample = load::timed(&watched, &load::plan(CASE, options, address, 1.0), Client::Own)?;
    // The newest row is on the screen: the list did follow.
    let newest = sample.answered;
    terminal
        .wait_until(|screen| screen.text().lines().any(|line| ids_on(line).any(|id| id >= newest)))
        .context("the list did not follow")?;
    terminal.send_str("q").ok();
    terminal.wait_exit().ok();
    Ok(sample)
}

/// Numbers that stand by themselves in a line of the screen.
fn ids_on(line: &str) -> impl Iterator<Item = u64> + '_ {
    line.split_whitespace().filter_map(|word| word.replace(',', "").parse().ok())
}
