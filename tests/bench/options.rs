//! What was asked for.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Throughput, times of answers, processor time: in alternating rounds with the bare handler
    Load,
    /// Forwarding to an app, in alternating rounds with a bare relay that has the same HTTP client
    Forward,
    /// From start to the first answered request
    Start,
    /// Resident memory after a million captured requests
    Memory,
    /// Resident memory over ten minutes at a steady rate
    Soak,
    /// Throughput with the interface up, following the list, in a pseudo terminal
    Pty,
    /// Pieces of the program by themselves
    Micro,
}

/// Who sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Client {
    /// This program
    #[default]
    Own,
    /// wrk
    Wrk,
    /// h2load, over HTTP/1.1
    H2load,
}

/// How fast Hooksight is, against a bare axum handler in the same run.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo bench --", max_term_width = 100)]
pub struct Options {
    /// What to measure [default: load forward start pty memory micro]
    pub measures: Vec<Measure>,
    /// A first impression in two minutes: fewer rounds, only 32 connections, fewer requests
    #[arg(long)]
    pub quick: bool,
    /// Exit with 1 when a target is missed
    #[arg(long)]
    pub check: bool,
    /// Measure the load twice and say whether the two agree within the noise
    #[arg(long)]
    pub twice: bool,
    /// Only load cases (`1k/32`) and micro benchmarks whose name holds this
    #[arg(long = "case", value_name = "PART")]
    pub cases: Vec<String>,
    /// Rounds of each load case
    #[arg(long, default_value_t = 7)]
    pub rounds: usize,
    /// Seconds of each contender in a round
    #[arg(long, default_value_t = 1.5)]
    pub seconds: f64,
    /// Threads of the sender
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
    /// Who sends in the load cases
    #[arg(long, value_enum, default_value_t)]
    pub client: Client,
    /// Durability to compare, as hooksight spells it; again for more
    #[arg(long, value_name = "MODE", value_delimiter = ',')]
    pub durability: Vec<String>,
    /// Compare hooksight without a session file too
    #[arg(long)]
    pub no_session: bool,
    /// One more argument for hooksight
    #[arg(long = "arg", value_name = "ARG", allow_hyphen_values = true)]
    pub args: Vec<String>,
    /// Compare another program: `NAME=COMMAND` with {port} and {folder}
    #[arg(long = "peer", value_name = "NAME=COMMAND", value_parser = peer)]
    pub peers: Vec<(String, String)>,
    /// Minutes of the soak
    #[arg(long, default_value_t = 10.0)]
    pub soak_minutes: f64,
    /// Requests a second of the soak
    #[arg(long, default_value_t = 2000.0)]
    pub soak_rate: f64,
    /// Measure this program instead of the one built beside it
    #[arg(long, value_name = "PATH")]
    pub program: Option<PathBuf>,
    /// Where session files are made [default: the folder for temporary files]
    #[arg(long, value_name = "PATH")]
    pub folder: Option<PathBuf>,
    /// Write all figures as JSON too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Put the tables between the marks of this file too: docs/performance.md
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    pub bench: bool,
}

impl Options {
    /// As typed, with what `--quick` means.
    pub fn settle(mut self) -> Self {
        if self.quick {
            self.rounds = self.rounds.min(3);
            self.seconds = self.seconds.min(0.7);
            self.soak_minutes = self.soak_minutes.min(0.5);
        }
        if self.measures.is_empty() {
            self.measures =
                vec![Measure::Load, Measure::Forward, Measure::Start, Measure::Pty, Measure::Memory, Measure::Micro];
        }
        self.rounds = self.rounds.max(1);
        self
    }

    /// Whether a load case of that name is wanted.
    pub fn wants_case(&self, name: &str) -> bool {
        match self.cases.is_empty() {
            true => !self.quick || name.ends_with("/32"),
            false => self.wants(name),
        }
    }

    /// Whether a piece of that name is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|part| name.contains(part.as_str()))
    }
}

fn peer(text: &str) -> Result<(String, String), String> {
    let (name, command) = text.split_once('=').ok_or("give NAME=COMMAND")?;
    Ok((name.to_owned(), command.to_owned()))
}
