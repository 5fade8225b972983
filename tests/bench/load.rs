//! Requests a second, times of answers and processor time a request, against the bare handler in the same minutes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::client::{self, End, Plan};
use super::options::{Client, Options};
use super::procfs::{Cpu, Watched};
use super::server::{Contender, Kind, Programs};
use super::stats::Spread;
use super::tools;
use super::warm::Warm;

/// A size of body and a number of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Bytes of each body.
    pub body_bytes: usize,
    /// Keep-alive connections.
    pub connections: usize,
}

impl Case {
    /// `20k/32`
    pub fn name(&self) -> String {
        format!("{}k/{}", self.body_bytes / 1024, self.connections)
    }
}

/// All of them.
pub const CASES: [Case; 6] = [
    Case { body_bytes: 1024, connections: 1 },
    Case { body_bytes: 1024, connections: 32 },
    Case { body_bytes: 1024, connections: 256 },
    Case { body_bytes: 20 * 1024, connections: 1 },
    Case { body_bytes: 20 * 1024, connections: 32 },
    Case { body_bytes: 20 * 1024, connections: 256 },
];

/// What one round of one contender gave.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Answers.
    pub answered: u64,
    /// Answers a second.
    pub rate: f64,
    /// Answers that were not 200.
    pub failed: u64,
    /// Half of the answers took at most that long, in microseconds.
    pub p50_us: f64,
    /// 99 in 100 did.
    pub p99_us: f64,
    /// Processor time of the server a request.
    pub cpu: Cpu,
    /// Processor time of server and harness (which sends, and is the terminal where there is one) together a request; of the server alone when another program sends.
    pub both_us: f64,
    /// The server's by thread.
    pub threads: BTreeMap<String, f64>,
    /// In memory at the end of the round.
    pub resident_bytes: u64,
}

/// All rounds of one contender in one case.
#[derive(Clone, Debug)]
pub struct Rounds {
    /// Who.
    pub name: String,
    /// In order.
    pub samples: Vec<Sample>,
}

impl Rounds {
    /// Of a figure of each round.
    pub fn spread(&self, figure: fn(&Sample) -> f64) -> Spread {
        Spread::of(self.samples.iter().map(figure).collect())
    }

    /// Of the figure's ratio to that of another contender in the same round.
    pub fn ratio(&self, other: &Self, figure: fn(&Sample) -> f64) -> Spread {
        let pairs = self.samples.iter().zip(&other.samples);
        Spread::of(pairs.map(|(mine, theirs)| figure(mine) / figure(theirs).max(f64::MIN_POSITIVE)).collect())
    }

    /// Microseconds a request by thread, medians of the rounds.
    pub fn threads(&self) -> BTreeMap<String, f64> {
        let mut all = BTreeMap::<String, Vec<f64>>::new();
        for (name, time) in self.samples.iter().flat_map(|sample| &sample.threads) {
            all.entry(name.clone()).or_default().push(*time);
        }
        all.into_iter().map(|(name, times)| (name, Spread::of(times).median)).collect()
    }
}

/// A case measured. The first contender is the bare handler.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Which.
    pub case: Case,
    /// By contender.
    pub rounds: Vec<Rounds>,
}

impl Measured {
    /// Nothing yet.
    fn empty(case: Case, contenders: &[Contender]) -> Self {
        let rounds = contenders.iter().map(|contender| Rounds { name: contender.name.clone(), samples: Vec::new() });
        Self { case, rounds: rounds.collect() }
    }
}

/// Answers a second.
pub fn rate(sample: &Sample) -> f64 {
    sample.rate
}

/// The 99th percentile of the answer time.
pub fn p99(sample: &Sample) -> f64 {
    sample.p99_us
}

/// Half of the answers.
pub fn p50(sample: &Sample) -> f64 {
    sample.p50_us
}

/// Processor time a request.
pub fn cpu(sample: &Sample) -> f64 {
    sample.cpu.sum_us()
}

/// The processor time of a request that was spent in the program, not in the system.
pub fn user(sample: &Sample) -> f64 {
    sample.cpu.user_us
}

/// Answers a second for each processor that server and sender have to themselves: what the rate would be on a machine that
/// nobody else uses. It hardly changes with the load of the machine, which the rate itself does.
pub fn rate_by_processor(sample: &Sample) -> f64 {
    1e6 / sample.both_us.max(f64::MIN_POSITIVE)
}

/// Runs cases: in each round every contender of every case is started anew, with a new session file, and gets its seconds. Who
/// begins changes from round to round, so that a machine that becomes slower is nobody's fault; and a case has its rounds all over
/// the run, so that a minute in which the machine is another one is in one round of each and not in all rounds of one.
pub fn measure(
    programs: &Programs,
    cases: &[(Case, Vec<Contender>)],
    options: &Options,
) -> anyhow::Result<Vec<Measured>> {
    let mut all: Vec<Measured> = cases.iter().map(|(case, contenders)| Measured::empty(*case, contenders)).collect();
    for round in 0..options.rounds {
        eprintln!("  round {}", round + 1);
        for ((case, contenders), measured) in cases.iter().zip(&mut all) {
            for step in 0..contenders.len() {
                let at = (round + step) % contenders.len();
                let sample = sample(programs, &contenders[at], *case, options)
                    .with_context(|| format!("{} in {}", contenders[at].name, case.name()))?;
                measured.rounds[at].samples.push(sample);
            }
        }
    }
    Ok(all)
}

/// What a case sends to a server at this address for a share of the seconds of a round.
pub fn plan(case: Case, options: &Options, address: SocketAddr, share: f64) -> Plan {
    Plan {
        address,
        body_bytes: case.body_bytes,
        connections: case.connections,
        threads: options.threads,
        end: End::After(Duration::from_secs_f64(options.seconds * share)),
        rate: None,
    }
}

/// One round of a server that runs headless.
pub fn sample(programs: &Programs, contender: &Contender, case: Case, options: &Options) -> anyhow::Result<Sample> {
    let warm = Warm::for_case(case, options.seconds);
    let server = programs.start(contender)?;
    client::send(&plan(case, options, server.address, 0.2)).context("warming up")?;
    warm.release();
    let sample = timed(&server.watched(), &plan(case, options, server.address, 1.0), options.client)?;
    let words = server.words();
    ensure!(!words.contains("NOT RECORDING"), "it did not record: {words}");
    Ok(sample)
}

/// Sends to a server that was warmed up, and looks at what it takes.
pub fn timed(watched: &Watched, plan: &Plan, client: Client) -> anyhow::Result<Sample> {
    let harness = Watched::new(std::process::id());
    let (before, threads_before) = (watched.cpu()?, watched.threads()?);
    let harness_before = harness.own_cpu()?;
    let sent = match client {
        Client::Own => client::send(plan)?,
        Client::Wrk => tools::wrk(plan)?,
        Client::H2load => tools::h2load(plan)?,
    };
    let (after, threads_after) = (watched.cpu()?.since(before), watched.threads()?);
    let harness = harness.own_cpu()?.since(harness_before);
    let answered = sent.answered.max(1) as f64;
    let threads = threads_after.into_iter().map(|(name, cpu)| {
        let before = threads_before.get(&name).copied().unwrap_or_default();
        (name, cpu.since(before).sum_us() / answered)
    });
    Ok(Sample {
        answered: sent.answered,
        rate: sent.answered as f64 / sent.elapsed.as_secs_f64(),
        failed: sent.failed,
        p50_us: sent.p50_us,
        p99_us: sent.p99_us,
        cpu: Cpu { user_us: after.user_us / answered, system_us: after.system_us / answered },
        both_us: (after.sum_us() + harness.sum_us()) / answered,
        threads: threads.collect(),
        resident_bytes: watched.resident_bytes(),
    })
}

/// Who is compared in a case: the bare handler first.
pub fn contenders(options: &Options, programs: &Programs, case: Case) -> Vec<Contender> {
    let mut all = vec![bare()];
    if options.durability.is_empty() {
        all.push(hooksight(options, DEFAULT, &[]));
        if case.connections >= 32 && tools::knows_durability(&programs.hooksight) {
            all.push(hooksight(options, DISK, &["--durability", "disk"]));
        }
    }
    for mode in &options.durability {
        all.push(hooksight(options, &format!("hooksight, {mode}"), &["--durability", mode]));
    }
    if options.no_session {
        let kind = Kind::Hooksight { args: options.args.clone(), session: false, apart: false };
        all.push(Contender { name: "hooksight, no session".into(), kind });
    }
    for (name, line) in &options.peers {
        all.push(Contender { name: name.clone(), kind: Kind::Peer(line.clone()) });
    }
    all
}

/// The name of Hooksight as it is without being told anything.
pub const DEFAULT: &str = "hooksight";

/// The name of the same when it was told.
pub const PROCESS: &str = "hooksight, process";

/// The name of Hooksight with an `fdatasync` before each answer.
pub const DISK: &str = "hooksight, disk";

/// The bare handler.
pub fn bare() -> Contender {
    Contender { name: "bare axum".into(), kind: Kind::Bare }
}

/// Hooksight headless with a session file and these arguments.
pub fn hooksight(options: &Options, name: &str, more: &[&str]) -> Contender {
    let args = options.args.iter().cloned().chain(more.iter().map(|arg| (*arg).to_owned())).collect();
    Contender { name: name.to_owned(), kind: Kind::Hooksight { args, session: true, apart: false } }
}
