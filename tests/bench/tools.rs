//! Other people's load generators, as a check on ours.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::bodies;
use super::client::{End, Plan, Sent};

/// Whether that hooksight has `--durability`.
pub fn knows_durability(program: &Path) -> bool {
    let help = Command::new(program).args(["listen", "--help"]).output();
    help.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("--durability"))
}

/// Sends with wrk.
pub fn wrk(plan: &Plan) -> anyhow::Result<Sent> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("post.lua");
    let body = bodies::body(0, plan.body_bytes);
    std::fs::write(folder.path().join("body"), body)?;
    let lua = format!(
        "local file = io.open({:?}, 'rb')\nwrk.method = 'POST'\nwrk.body = file:read('*a')\n\
         wrk.headers['Content-Type'] = 'application/json'\nwrk.headers['X-GitHub-Event'] = 'push'\n",
        folder.path().join("body").display().to_string()
    );
    std::fs::write(&script, lua)?;
    let time = seconds(plan)?;
    let output = run(Command::new("wrk")
        .args(["--latency", "-t", &threads(plan), "-c", &plan.connections.to_string()])
        .args(["-d", &format!("{}s", time.as_secs()), "-s"])
        .arg(&script)
        .arg(url(plan)))?;
    let line = |start: &str| output.lines().find_map(|line| line.trim().strip_prefix(start)).map(str::trim);
    let counted = output.lines().find(|line| line.contains(" requests in ")).context("wrk says no requests")?;
    let answered = counted.split_whitespace().next().and_then(|count| count.parse().ok()).context("no count")?;
    let rate: f64 = line("Requests/sec:").and_then(|rate| rate.parse().ok()).context("no rate")?;
    let bad = line("Non-2xx or 3xx responses:").and_then(|count| count.parse().ok()).unwrap_or(0);
    Ok(Sent {
        answered,
        failed: bad,
        elapsed: Duration::from_secs_f64(answered as f64 / rate),
        p50_us: line("50%").and_then(micros).unwrap_or(0.0),
        p99_us: line("99%").and_then(micros).unwrap_or(0.0),
    })
}

/// Sends with h2load over HTTP/1.1, which tells no percentiles: they are 0.
pub fn h2load(plan: &Plan) -> anyhow::Result<Sent> {
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body");
    std::fs::write(&body, bodies::body(0, plan.body_bytes))?;
    let time = seconds(plan)?;
    let output = run(Command::new("h2load")
        .args(["--h1", "-t", &threads(plan), "-c", &plan.connections.to_string(), "-D", &time.as_secs().to_string()])
        .args(["-H", "Content-Type: application/json", "-H", "X-GitHub-Event: push", "-d"])
        .arg(&body)
        .arg(url(plan)))?;
    // finished in 2.00s, 61234.50 req/s, 5.1MB/s
    let line = output.lines().find(|line| line.starts_with("finished in")).context("h2load did not finish")?;
    let rate: f64 = line.split(", ").nth(1).and_then(|part| part.split(' ').next()?.parse().ok()).context("no rate")?;
    // status codes: 122469 2xx, 0 3xx, 0 4xx, 0 5xx
    let codes = output.lines().find_map(|line| line.strip_prefix("status codes:")).context("no status codes")?;
    let counts: Vec<u64> = codes.split(',').filter_map(|part| part.split_whitespace().next()?.parse().ok()).collect();
    let answered = counts.first().copied().unwrap_or(0);
    let failed = counts.iter().skip(1).sum();
    Ok(Sent { answered, failed, elapsed: Duration::from_secs_f64(answered as f64 / rate), p50_us: 0.0, p99_us: 0.0 })
}

/// Both take whole seconds.
fn seconds(plan: &Plan) -> anyhow::Result<Duration> {
    let End::After(time) = plan.end else { bail!("only timed runs can be sent by other programs") };
    Ok(Duration::from_secs(time.as_secs_f64().round().max(1.0) as u64))
}

fn threads(plan: &Plan) -> String {
    plan.threads.clamp(1, plan.connections).to_string()
}

fn url(plan: &Plan) -> String {
    format!("http://{}/hooks/github", plan.address)
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run {program}: is it installed?"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{program} failed: {text}{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(text)
}

/// `1.25ms` in microseconds.
fn micros(text: &str) -> Option<f64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let scale = match unit {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}
