//! Forwarding: throughput through Hooksight and through a bare relay with the same HTTP client, to the same app.

use super::load::{self, Case, Measured};
use super::options::Options;
use super::server::{Contender, Kind, Programs};

/// What is sent.
const CASES: [Case; 3] = [
    Case { body_bytes: 1024, connections: 32 },
    Case { body_bytes: 20 * 1024, connections: 1 },
    Case { body_bytes: 20 * 1024, connections: 32 },
];

/// In alternating rounds; the app is one bare handler for all of a case.
pub fn measure(programs: &Programs, options: &Options) -> anyhow::Result<Vec<Measured>> {
    let mut all = Vec::new();
    for case in CASES.into_iter().filter(|case| options.wants_case(&case.name())) {
        eprintln!("  {}", case.name());
        let app = programs.start(&load::bare())?;
        let url = format!("http://{}", app.address);
        let contenders = [
            Contender { name: "bare relay".into(), kind: Kind::Relay { app: app.address.to_string() } },
            load::hooksight(options, load::DEFAULT, &["--forward", &url]),
            load::hooksight(options, "hooksight, acknowledged first", &["--forward", &url, "--ack"]),
        ];
        let contenders = if options.no_session { &contenders[..] } else { &contenders[..2] };
        all.push(load::measure(programs, contenders, case, options)?);
    }
    Ok(all)
}
