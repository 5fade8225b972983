//! Figures as Markdown for docs/performance.md, as JSON, and against the targets.

use serde_json::{Value, json};

use super::load::{self, Measured, Rounds, Sample};
use super::memory::{self, Filled, Soaked};
use super::micro::Timed;
use super::start::Start;
use super::stats::Spread;

/// What must be reached.
#[derive(Clone, Debug)]
pub struct Target {
    /// Of what.
    pub name: String,
    /// What was measured.
    pub value: f64,
    /// What it may be.
    pub bound: Bound,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Not less.
    AtLeast(f64),
    /// Not more.
    AtMost(f64),
}

impl Target {
    fn new(name: impl Into<String>, value: f64, bound: Bound) -> Self {
        Self { name: name.into(), value, bound }
    }

    /// Whether it is reached.
    pub fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast(least) => self.value >= least,
            Bound::AtMost(most) => self.value <= most,
        }
    }
}

/// One figure of a round.
type Figure = fn(&Sample) -> f64;

/// Everything measured in a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Load cases, once for each pass.
    pub load: Vec<Vec<Measured>>,
    /// Forwarding, against a bare relay.
    pub forward: Vec<Measured>,
    /// From start to the first answer.
    pub start: Option<Start>,
    /// After a million.
    pub filled: Option<Filled>,
    /// Over time.
    pub soaked: Option<Soaked>,
    /// With the interface.
    pub shown: Option<Measured>,
    /// Pieces.
    pub micro: Vec<Timed>,
}

impl Report {
    /// All targets of what was measured.
    pub fn targets(&self) -> Vec<Target> {
        let mut all = Vec::new();
        for measured in self.load.first().into_iter().flatten() {
            load_targets(measured, &mut all);
        }
        for measured in self.forward.iter().filter(|measured| measured.case.name() == "20k/32") {
            let [relay, forwarding, ..] = measured.rounds.as_slice() else { continue };
            let rate = forwarding.ratio(relay, load::rate).median;
            all.push(Target::new("20k/32 forwarding: throughput", rate, Bound::AtLeast(0.6)));
        }
        if let Some(start) = &self.start {
            all.push(Target::new("start to first answer, ratio", start.ratio.median, Bound::AtMost(3.0)));
        }
        for piece in &self.micro {
            let failed = piece.p99.filter(|_| piece.name.starts_with("signature: failed autopsy"));
            all.extend(
                failed.map(|nanos| Target::new(format!("{}, p99 ms", piece.name), nanos / 1e6, Bound::AtMost(50.0))),
            );
        }
        if let Some(Measured { rounds, .. }) = &self.shown
            && let [headless, interface] = rounds.as_slice()
        {
            let rate = interface.ratio(headless, load::rate).median;
            all.push(Target::new("interface / headless, throughput", rate, Bound::AtLeast(0.9)));
        }
        if let Some(filled) = &self.filled {
            let mb = filled.resident_bytes as f64 / 1e6;
            all.push(Target::new(format!("MB in memory after {} requests", filled.requests), mb, Bound::AtMost(100.0)));
            let kept = filled.file_requests as f64 / filled.requests.max(1) as f64;
            all.push(Target::new("requests in the file / answered", kept, Bound::AtLeast(1.0)));
        }
        if let Some(soaked) = &self.soaked {
            let bound = Bound::AtMost(memory::INDEX_BYTES);
            all.push(Target::new("soak: bytes of growth a request", soaked.bytes_a_request, bound));
        }
        all
    }

    /// Whether the two passes agree within their noise, case by case.
    pub fn agreement(&self) -> String {
        let [first, second, ..] = self.load.as_slice() else { return String::new() };
        let mut text = "\n| case | who | ratio of | run 1 | run 2 | apart | spread of a round | |\n|---|---|---|--:|--:|--:|--:|---|\n"
            .to_owned();
        let figures: [(&str, Figure); 3] =
            [("requests/s", load::rate), ("CPU a request", load::cpu), ("p99", load::p99)];
        for (one, two) in first.iter().zip(second) {
            let ([bare_one, rest_one @ ..], [bare_two, rest_two @ ..]) = (one.rounds.as_slice(), two.rounds.as_slice())
            else {
                continue;
            };
            for (mine, again) in rest_one.iter().zip(rest_two) {
                for (name, figure) in figures {
                    let (a, b) = (mine.ratio(bare_one, figure), again.ratio(bare_two, figure));
                    let apart = (a.median - b.median).abs() / a.median.max(f64::MIN_POSITIVE);
                    let noise = a.noise().max(b.noise());
                    let words = if apart <= noise { "agree" } else { "APART" };
                    text += &format!(
                        "| {} | {} | {name} | {:.2} | {:.2} | {:.1} % | ±{:.1} % | {words} |\n",
                        one.case.name(),
                        mine.name,
                        a.median,
                        b.median,
                        apart * 100.0,
                        noise * 100.0
                    );
                }
            }
        }
        text
    }

    /// All figures as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        for measured in &self.load {
            text += &load_table(measured);
        }
        if !self.forward.is_empty() {
            text += "\nForwarding to an app:\n";
            text += &load_table(&self.forward);
            text += &threads_table(&self.forward);
        }
        text += &self.agreement();
        if let Some(measured) = self.load.first() {
            text += &threads_table(measured);
        }
        if let Some(start) = &self.start {
            text += &format!(
                "\n| start to first answer | ms | |\n|---|--:|--:|\n| bare axum | {} | |\n| hooksight | {} | {} |\n",
                spread(&start.bare_ms, 1),
                spread(&start.hooksight_ms, 1),
                spread(&start.ratio, 2)
            );
        }
        if let Some(shown) = &self.shown {
            text += &load_table(std::slice::from_ref(shown));
            text += &threads_table(std::slice::from_ref(shown));
        }
        if let Some(filled) = &self.filled {
            text += &format!(
                "\n| memory | MB |\n|---|--:|\n| started | {:.1} |\n| after {} requests of 1 KB | {:.1} |\n| most | {:.1} |\n| session file | {:.0} |\n\n{} requests answered, {} in the file (one asked whether it was ready).\n",
                filled.idle_bytes as f64 / 1e6,
                filled.requests,
                filled.resident_bytes as f64 / 1e6,
                filled.peak_bytes as f64 / 1e6,
                filled.file_bytes as f64 / 1e6,
                filled.requests,
                filled.file_requests
            );
        }
        if let Some(soaked) = &self.soaked {
            text += &soak_table(soaked);
        }
        if !self.micro.is_empty() {
            text += "\n| piece | median | lowest .. highest | p99 | |\n|---|--:|--:|--:|--:|\n";
            text.extend(self.micro.iter().map(Timed::row));
        }
        text
    }

    /// One line a target.
    pub fn verdicts(&self) -> String {
        let line = |target: &Target| {
            let word = if target.is_met() { "PASS" } else { "MISS" };
            let bound = match target.bound {
                Bound::AtLeast(least) => format!(">= {least}"),
                Bound::AtMost(most) => format!("<= {most}"),
            };
            format!("{word}  {:<48} {:>8.2}  (target {bound})\n", target.name, target.value)
        };
        self.targets().iter().map(line).collect()
    }

    /// All figures as JSON.
    pub fn json(&self, machine: &str) -> Value {
        let load = |measured: &Measured| {
            let [bare, ..] = measured.rounds.as_slice() else { return Value::Null };
            let rounds: Vec<Value> = measured.rounds.iter().map(|rounds| rounds_json(rounds, bare)).collect();
            json!({ "case": measured.case.name(), "contenders": rounds })
        };
        json!({
            "machine": machine,
            "load": self.load.iter().map(|pass| pass.iter().map(load).collect::<Vec<_>>()).collect::<Vec<_>>(),
            "forward": self.forward.iter().map(load).collect::<Vec<_>>(),
            "start": self.start.map(|start| json!({
                "bare_ms": spread_json(&start.bare_ms),
                "hooksight_ms": spread_json(&start.hooksight_ms),
                "ratio": spread_json(&start.ratio),
            })),
            "interface": self.shown.as_ref().map(load),
            "memory": self.filled.map(|filled| json!({
                "requests": filled.requests,
                "idle_bytes": filled.idle_bytes,
                "resident_bytes": filled.resident_bytes,
                "peak_bytes": filled.peak_bytes,
                "file_bytes": filled.file_bytes,
                "file_requests": filled.file_requests,
            })),
            "soak": self.soaked.as_ref().map(|soaked| json!({
                "requests": soaked.requests,
                "rate": soaked.rate,
                "bytes_a_request": soaked.bytes_a_request,
                "p99_us": soaked.p99_us,
                "samples": soaked.samples,
            })),
            "micro": self.micro.iter().map(Timed::json).collect::<Vec<_>>(),
            "targets": self.targets().iter().map(|target| json!({
                "name": target.name,
                "value": target.value,
                "met": target.is_met(),
            })).collect::<Vec<_>>(),
        })
    }
}

/// The targets of a case: throughput and processor time are set for 32 connections.
fn load_targets(measured: &Measured, all: &mut Vec<Target>) {
    let Some(bare) = measured.rounds.first() else { return };
    let (throughput, processor) = match measured.case.body_bytes {
        1024 => (0.85, 1.7),
        _ => (0.55, 2.6),
    };
    if measured.case.connections != 32 {
        return;
    }
    // The other ways to run it promise other things.
    let promised = [load::DEFAULT, load::PROCESS, load::DISK];
    for rounds in measured.rounds.iter().filter(|rounds| promised.contains(&rounds.name.as_str())) {
        let name = |what: &str| format!("{} {}: {what}", measured.case.name(), rounds.name);
        let rate = rounds.ratio(bare, load::rate).median;
        if rounds.name == load::DISK {
            if measured.case.body_bytes == 1024 {
                all.push(Target::new(name("throughput"), rate, Bound::AtLeast(0.3)));
            }
            continue;
        }
        all.push(Target::new(name("throughput"), rate, Bound::AtLeast(throughput)));
        all.push(Target::new(name("p99"), rounds.ratio(bare, load::p99).median, Bound::AtMost(1.5)));
        all.push(Target::new(name("CPU a request"), rounds.ratio(bare, load::cpu).median, Bound::AtMost(processor)));
    }
}

/// Two tables: what a request takes, and what a second brings.
fn load_table(measured: &[Measured]) -> String {
    let mut rates = "\n| case | who | requests/s | ratio | ratio by processor time | p50 µs | p99 µs | ratio | not 200 |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let mut costs = "\n| case | who | CPU µs a request | of it in the program | ratio | MB in memory |\n|---|---|--:|--:|--:|--:|\n".to_owned();
    for measured in measured {
        let Some(bare) = measured.rounds.first() else { continue };
        for rounds in &measured.rounds {
            let is_bare = std::ptr::eq(rounds, bare);
            let ratio = |figure| if is_bare { "1".to_owned() } else { spread(&rounds.ratio(bare, figure), 2) };
            let start = format!("| {} | {} ", measured.case.name(), rounds.name);
            rates += &format!(
                "{start}| {:.0} | {} | {} | {:.0} | {:.0} | {} | {} |\n",
                rounds.spread(load::rate).median,
                ratio(load::rate),
                ratio(load::rate_by_processor),
                rounds.spread(load::p50).median,
                rounds.spread(load::p99).median,
                ratio(load::p99),
                rounds.samples.iter().map(|sample| sample.failed).sum::<u64>(),
            );
            costs += &format!(
                "{start}| {:.1} | {:.1} | {} | {:.0} |\n",
                rounds.spread(load::cpu).median,
                rounds.spread(load::user).median,
                ratio(load::cpu),
                rounds.spread(|sample| sample.resident_bytes as f64 / 1e6).median,
            );
        }
    }
    rates + &costs
}

fn threads_table(measured: &[Measured]) -> String {
    let mut text = "\n| case | who | CPU µs a request by thread |\n|---|---|---|\n".to_owned();
    for measured in measured {
        for rounds in &measured.rounds {
            let mut threads: Vec<(String, f64)> = rounds.threads().into_iter().collect();
            threads.sort_by(|a, b| b.1.total_cmp(&a.1));
            let threads: Vec<String> = threads.iter().map(|(name, time)| format!("{name} {time:.1}")).collect();
            text += &format!("| {} | {} | {} |\n", measured.case.name(), rounds.name, threads.join(", "));
        }
    }
    text
}

fn soak_table(soaked: &Soaked) -> String {
    let mut text = format!(
        "\n{} requests at {:.0}/s, p99 {:.0} µs; growth after the first quarter: {:.1} bytes a request (the index takes up to {}).\n\n| minute | MB |\n|--:|--:|\n",
        soaked.requests,
        soaked.rate,
        soaked.p99_us,
        soaked.bytes_a_request,
        memory::INDEX_BYTES
    );
    let mut next = 0.0;
    for (at, bytes) in &soaked.samples {
        if *at >= next {
            text += &format!("| {:.1} | {:.1} |\n", at / 60.0, *bytes as f64 / 1e6);
            next += 60.0;
        }
    }
    text
}

fn rounds_json(rounds: &Rounds, bare: &Rounds) -> Value {
    let figure = |figure| json!({ "value": spread_json(&rounds.spread(figure)), "ratio": spread_json(&rounds.ratio(bare, figure)) });
    json!({
        "name": rounds.name,
        "rate": figure(load::rate),
        "rate_by_processor": figure(load::rate_by_processor),
        "p50_us": figure(load::p50),
        "p99_us": figure(load::p99),
        "cpu_us": figure(load::cpu),
        "user_us": figure(load::user),
        "threads_us": rounds.threads(),
        "resident_bytes": rounds.spread(|sample| sample.resident_bytes as f64).median,
        "failed": rounds.samples.iter().map(|sample| sample.failed).sum::<u64>(),
    })
}

fn spread(spread: &Spread, digits: usize) -> String {
    format!("{:.digits$} ({:.digits$}..{:.digits$})", spread.median, spread.low, spread.high)
}

fn spread_json(spread: &Spread) -> Value {
    json!({ "median": spread.median, "low": spread.low, "high": spread.high })
}
