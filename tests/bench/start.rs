//! From before the program is started to the first byte of its first answer.

use super::load;
use super::options::Options;
use super::server::Programs;
use super::stats::Spread;

/// Milliseconds of both, and their ratio round by round.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Of the bare handler.
    pub bare_ms: Spread,
    /// Of Hooksight.
    pub hooksight_ms: Spread,
    /// Of the two in the same round.
    pub ratio: Spread,
}

/// Starts each of them in turn.
pub fn measure(programs: &Programs, options: &Options) -> anyhow::Result<Start> {
    let (bare, hooksight) = (load::bare(), load::hooksight(options, load::DEFAULT, &[]));
    let rounds = if options.quick { 15 } else { 41 };
    let (mut of_bare, mut of_hooksight, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let time = |contender| programs.start(contender).map(|running| running.first_answer.as_secs_f64() * 1000.0);
        let (first, second) = match round % 2 {
            0 => (time(&bare)?, time(&hooksight)?),
            _ => {
                let hooksight = time(&hooksight)?;
                (time(&bare)?, hooksight)
            }
        };
        of_bare.push(first);
        of_hooksight.push(second);
        ratio.push(second / first);
    }
    Ok(Start { bare_ms: Spread::of(of_bare), hooksight_ms: Spread::of(of_hooksight), ratio: Spread::of(ratio) })
}
