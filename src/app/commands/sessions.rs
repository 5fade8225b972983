//! `sessions`: what is saved.

use std::path::Path;

use serde_json::json;

use crate::app::args::SessionsArgs;
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::words;
use crate::domain::exchange::ExchangeId;
use crate::domain::printable;
use crate::domain::quantity::size;
use crate::domain::time::Timestamp;
use crate::io::store::{Store, StoreError};

/// Columns where no terminal says how many it has.
const COLUMNS: usize = 80;
/// A name is never cut shorter.
const NAME_COLUMNS_MIN: usize = 8;

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
    for line in table(&lines, console.columns.unwrap_or(COLUMNS)) {
        writeln!(console.out, "{line}")?;
    }
    Ok(Done::Yes)
}

/// A head and a line a session, in so many columns: each column as wide as it must be. What does not fit goes in this order: the
/// seconds, the day of the last request where it is that of the first, the first request, the end of long names.
fn table(lines: &[Line], columns: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for shape in [Times::Whole, Times::Minutes, Times::OneDay, Times::Last] {
        rows = laid_out(lines, shape, usize::MAX);
        let widest = rows.iter().map(|row| printable::width(row)).max().unwrap_or(0);
        if widest <= columns {
            return rows;
        }
        if shape == Times::Last {
            let name = name_columns(lines).saturating_sub(widest - columns).max(NAME_COLUMNS_MIN);
            rows = laid_out(lines, shape, name);
            rows.iter_mut().for_each(|row| *row = printable::clip(row, columns).into_owned());
        }
    }
    rows
}

/// How much of its times a line says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Whole,
    Minutes,
    OneDay,
    Last,
}

fn name_columns(lines: &[Line]) -> usize {
    lines.iter().map(|line| printable::width(&line.name)).max().unwrap_or_default().max("NAME".len())
}

fn laid_out(lines: &[Line], shape: Times, name_columns_max: usize) -> Vec<String> {
    let name = name_columns(lines).min(name_columns_max);
    let cells: Vec<[String; 4]> = lines
        .iter()
        .map(|line| {
            let (first, last) = times(line, shape);
            [line.requests.to_string(), size(line.size_bytes), first, last]
        })
        .collect();
    let head = ["REQUESTS", "SIZE", "FIRST", "LAST"].map(str::to_owned);
    let width = |at: usize| {
        let all = std::iter::once(&head).chain(&cells).filter_map(|row| row.get(at));
        all.map(|cell| printable::width(cell)).max().unwrap_or(0)
    };
    let widths = [0, 1, 2].map(width);
    let line = |label: &str, [requests, size, first, last]: &[String; 4]| {
        let label = words::padded(&printable::clip(label, name), name);
        let [a, b, c] = widths;
        match shape {
            Times::Last => format!("{label}  {requests:>a$}  {size:>b$}  {last}"),
            _ => format!("{label}  {requests:>a$}  {size:>b$}  {first:<c$}  {last}"),
        }
    };
    let rows = lines.iter().zip(&cells).map(|(session, cells)| line(&session.name, cells));
    std::iter::once(line("NAME", &head)).chain(rows).collect()
}

/// First and last request.
fn times(line: &Line, shape: Times) -> (String, String) {
    let minutes = |text: String| match shape {
        Times::Whole => text,
        _ => text.rsplit_once(':').map_or(text.clone(), |(minutes, _)| minutes.to_owned()),
    };
    let said = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| minutes(words::clock(time)));
    let (first, last) = (said(line.first), said(line.last));
    match (shape, first.split_once(' '), last.split_once(' ')) {
        (Times::OneDay, Some((day, _)), Some((last_day, time))) if day == last_day => (first.clone(), time.to_owned()),
        _ => (first, last),
    }
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

#[cfg(test)]
mod tests;
