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

/// In alternating rounds; the app is one bare handler for all of them.
pub fn measure(programs: &Programs, options: &Options) -> anyhow::Result<Vec<Measured>> {
    let app = programs.start(&load::bare())?;
    let url = format!("http://{}", app.address);
    let mut contenders = vec![
        Contender { name: "bare relay".into(), kind: Kind::Relay { app: app.address.to_string() } },
        load::hooksight(options, load::DEFAULT, &["--forward", &url]),
    ];
    if options.no_session {
        contenders.push(load::hooksight(options, "hooksight, acknowledged first", &["--forward", &url, "--ack"]));
    }
    let cases = CASES.into_iter().filter(|case| options.wants_case(&case.name()));
    let cases: Vec<_> = cases.map(|case| (case, contenders.clone())).collect();
    load::measure(programs, &cases, options)
}
