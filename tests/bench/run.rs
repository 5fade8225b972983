//! From what was asked to what is printed.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use super::options::{Measure, Options};
use super::report::Report;
use super::server::Programs;
use super::{forward, load, memory, micro, procfs, pty, start};

/// What stands between these in a document is replaced by the tables of a run.
const BEGIN: &str = "<!-- figures: written by cargo bench -- --write docs/performance.md -->";
const END: &str = "<!-- end of figures -->";

/// Measures what was asked and prints it.
pub fn run() -> ExitCode {
    let options = Options::parse().settle();
    match measure(&options) {
        Ok(report) => {
            println!("{}", report.markdown());
            println!("{}", report.verdicts());
            match options.check && report.targets().iter().any(|target| !target.is_met()) {
                true => ExitCode::FAILURE,
                false => ExitCode::SUCCESS,
            }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn measure(options: &Options) -> anyhow::Result<Report> {
    let programs = Programs::find(options.program.clone(), options.folder.clone())?;
    let machine = procfs::machine();
    println!("{machine}; load average {:.1}; session files in {}", procfs::load_average(), programs.folder.display());
    let mut report = Report::default();
    for measure in &options.measures {
        eprintln!("{measure:?}");
        match measure {
            Measure::Load => {
                for _ in 0..if options.twice { 2 } else { 1 } {
                    report.load.push(load_cases(&programs, options)?);
                }
            }
            Measure::Forward => report.forward = forward::measure(&programs, options)?,
            Measure::Start => report.start = Some(start::measure(&programs, options)?),
            Measure::Memory => report.filled = Some(memory::fill(&programs, options)?),
            Measure::Soak => report.soaked = Some(memory::soak(&programs, options)?),
            Measure::Pty => report.shown = Some(pty::measure(&programs, options)?),
            Measure::Micro => report.micro = micro::measure(options)?,
        }
    }
    if let Some(path) = &options.write {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (before, rest) = text.split_once(BEGIN).with_context(|| format!("{} has no {BEGIN}", path.display()))?;
        let (_, after) = rest.split_once(END).with_context(|| format!("{} has no {END}", path.display()))?;
        let commit = procfs::commit();
        let tables = format!("{BEGIN}\n{machine}; {commit}.\n{}\n{END}", report.markdown());
        std::fs::write(path, format!("{before}{tables}{after}"))?;
    }
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&report.json(&machine))?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report)
}

fn load_cases(programs: &Programs, options: &Options) -> anyhow::Result<Vec<load::Measured>> {
    let cases = load::CASES.into_iter().filter(|case| options.wants_case(&case.name()));
    let cases: Vec<_> = cases.map(|case| (case, load::contenders(options, programs, case))).collect();
    load::measure(programs, &cases, options)
}
