//! `sessions`: what is saved.

use std::path::Path;

use serde_json::json;

use super::{Console, Done};
use crate::app::args::SessionsArgs;
use crate::app::folders::Folders;
use crate::app::words;
use crate::domain::exchange::ExchangeId;
use crate::domain::printable;
use crate::domain::quantity::size;
use crate::domain::time::Timestamp;
use crate::io::store::{Store, StoreError};

/// A saved session in a line.
struct Line {
    name: String,
    requests: u64,
    size_bytes: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Lists saved sessions, the one written to last at the end.
pub fn run(args: &SessionsArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let mut saved = folders.saved_sessions()?;
    saved.sort_by(|(a_path, a_time), (b_path, b_time)| (a_time, a_path).cmp(&(b_time, b_path)));
    let mut lines = Vec::new();
    for (path, _) in &saved {
        match read(path) {
            Ok(line) => lines.push(line),
            Err(error) => (console.warn)(&format!("{} is left out: {error:#}", path.display())),
        }
    }
    if args.json {
        for line in &lines {
            let time = |time: Option<Timestamp>| time.map(Timestamp::to_rfc3339);
            let object = json!({
                "name": line.name, "requests": line.requests, "size": line.size_bytes,
                "first": time(line.first), "last": time(line.last),
            });
            writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
        }
        return Ok(Done::Yes);
    }
    if lines.is_empty() {
        (console.warn)(&format!("there is no saved session in {}", folders.sessions().display()));
        return Ok(Done::Yes);
    }
    let width = lines.iter().map(|line| printable::width(&line.name)).max().unwrap_or_default().max(4);
    writeln!(console.out, "{:<width$}  {:>8}  {:>9}  {:<19}  LAST", "NAME", "REQUESTS", "SIZE", "FIRST")?;
    for line in &lines {
        let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), words::clock);
        writeln!(
            console.out,
            "{}  {:>8}  {:>9}  {:<19}  {}",
            words::padded(&line.name, width),
            line.requests,
            size(line.size_bytes),
            time(line.first),
            time(line.last),
        )?;
    }
    Ok(Done::Yes)
}

fn read(path: &Path) -> anyhow::Result<Line> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let (store, report) = Store::open(path)?;
    let last_id = store.last_id();
    let mut ids = (1..=last_id.0).map(ExchangeId);
    let first = ids.find_map(|id| match store.request(id) {
        Ok(request) => Some(Ok(request.first_byte)),
        Err(StoreError::NoSuch(_)) => None,
        Err(error) => Some(Err(error)),
    });
    let last = if last_id.0 == 0 { None } else { Some(store.request(last_id)?.first_byte) };
    Ok(Line {
        name: printable::visible_str(&name).into_owned(),
        requests: report.requests,
        size_bytes: std::fs::metadata(path)?.len(),
        first: first.transpose()?,
        last,
    })
}
