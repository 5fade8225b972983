//! Pieces of the program by themselves: where a change in the load figures comes from.

use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hooksight::app::judge::Judge;
use hooksight::app::settings::Checks;
use hooksight::domain::body::Body;
use hooksight::domain::exchange::{ExchangeId, HttpVersion, Request};
use hooksight::domain::headers::Headers;
use hooksight::domain::pretty::{self, BodyView, Limits};
use hooksight::domain::record::{self, Event, LineWriter};
use hooksight::domain::signature::{
    Cause, CheckInput, Outcome, Profiles, Secret, SignInput, check, explain, neighbours, sign,
};
use hooksight::domain::summary::Summary;
use hooksight::domain::time::Timestamp;
use hooksight::io::session_file::SessionReader;
use hooksight::io::store::Store;
use hooksight::io::tap::{HeadLimits, h1};
use hooksight::tui::model::{Model, Options as Interface};
use hooksight::tui::msg::{Identity, Msg};
use hooksight::tui::{update, view};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};

use super::bodies;
use super::options::Options;
use super::stats::Spread;

/// Samples of each piece.
const SAMPLES: usize = 15;
/// How long one sample takes at least.
const SAMPLE: Duration = Duration::from_millis(20);

/// Samples of a piece whose slowest ones are wanted.
const TAIL_SAMPLES: usize = 500;

/// Time on the processor of this thread, in nanoseconds. The system brings it up to date when the thread gives way.
fn thread_cpu_nanos() -> anyhow::Result<f64> {
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").context("the time of this thread")?;
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).context("the time of this thread")
}

/// A piece and its time.
#[derive(Clone, Debug)]
pub struct Timed {
    /// What.
    pub name: String,
    /// Nanoseconds each.
    pub nanos: Spread,
    /// Bytes that one goes through, for a rate.
    pub bytes: Option<u64>,
    /// Nanoseconds of processor time within which 99 in 100 are done, where each is timed by itself.
    pub p99: Option<f64>,
}

impl Timed {
    /// A row of the table.
    pub fn row(&self) -> String {
        let Spread { median, low, high } = self.nanos;
        let rate = self.bytes.map(|bytes| format!("{:.2} GB/s", bytes as f64 / median)).unwrap_or_default();
        let p99 = self.p99.map(time).unwrap_or_default();
        format!("| {} | {} | {} .. {} | {p99} | {rate} |\n", self.name, time(median), time(low), time(high))
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let Spread { median, low, high } = self.nanos;
        json!({ "name": self.name, "median_ns": median, "low_ns": low, "high_ns": high, "p99_ns": self.p99, "bytes": self.bytes })
    }
}

fn time(nanos: f64) -> String {
    match nanos {
        ..1e3 => format!("{nanos:.0} ns"),
        ..1e6 => format!("{:.2} µs", nanos / 1e3),
        ..1e9 => format!("{:.2} ms", nanos / 1e6),
        _ => format!("{:.2} s", nanos / 1e9),
    }
}

/// What was timed, and what is wanted of it.
struct Bench<'a> {
    options: &'a Options,
    all: Vec<Timed>,
}

impl Bench<'_> {
    /// Times a piece that is short: in each sample as often as fills [`SAMPLE`].
    fn each(&mut self, name: &str, bytes: Option<u64>, mut piece: impl FnMut()) {
        if !self.options.wants(name) {
            return;
        }
        let mut times = 1u32;
        let mut sample = |times: u32| {
            let started = Instant::now();
            (0..times).for_each(|_| piece());
            started.elapsed()
        };
        while sample(times) < SAMPLE / 2 && times < 1 << 24 {
            times *= 2;
        }
        let nanos = (0..SAMPLES).map(|_| sample(times).as_nanos() as f64 / f64::from(times)).collect();
        self.add(name, bytes, nanos);
    }

    /// Times a piece that is long, a few times.
    fn long(
        &mut self,
        name: &str,
        bytes: Option<u64>,
        mut piece: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if !self.options.wants(name) {
            return Ok(());
        }
        let mut nanos = Vec::new();
        for _ in 0..3 {
            let started = Instant::now();
            piece().with_context(|| name.to_owned())?;
            nanos.push(started.elapsed().as_nanos() as f64);
        }
        self.add(name, bytes, nanos);
        Ok(())
    }

    /// Times a piece each time by itself, in processor time of this thread, for its slowest ones: what else the machine does
    /// must not count.
    fn tail(&mut self, name: &str, mut piece: impl FnMut(usize)) -> anyhow::Result<()> {
        if !self.options.wants(name) {
            return Ok(());
        }
        let count = if self.options.quick { TAIL_SAMPLES / 5 } else { TAIL_SAMPLES };
        (0..5).for_each(&mut piece);
        let mut nanos = Vec::with_capacity(count);
        for at in 0..count {
            let started = thread_cpu_nanos()?;
            piece(at);
            nanos.push(thread_cpu_nanos()? - started);
        }
        nanos.sort_by(f64::total_cmp);
        let p99 = nanos.get(nanos.len() * 99 / 100).copied();
        self.add(name, None, nanos);
        if let Some(last) = self.all.last_mut() {
            last.p99 = p99;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, bytes: Option<u64>, nanos: Vec<f64>) {
        eprintln!("  {name}");
        self.all.push(Timed { name: name.to_owned(), nanos: Spread::of(nanos), bytes, p99: None });
    }
}

/// Times all pieces that are wanted.
pub fn measure(options: &Options) -> anyhow::Result<Vec<Timed>> {
    let mut bench = Bench { options, all: Vec::new() };
    for body_bytes in [1024, 20 * 1024] {
        a_request(&mut bench, body_bytes);
    }
    a_body(&mut bench);
    a_signature(&mut bench)?;
    a_list(&mut bench);
    a_session(&mut bench)?;
    Ok(bench.all)
}

/// What is done for each request.
fn a_request(bench: &mut Bench<'_>, body_bytes: usize) {
    let size = format!("{} KB", body_bytes / 1024);
    let prepared = &bodies::requests(body_bytes, "127.0.0.1:7070")[0].bytes;
    let shown = as_hyper_shows_it();
    bench.each(&format!("tap: follow a request of {size}"), Some(prepared.len() as u64), || {
        let mut parser = h1::Parser::new(HeadLimits { bytes: 128 * 1024, count: 1000 });
        parser.read(black_box(prepared), Timestamp::from_secs(1));
        black_box(parser.claim(&shown));
    });
    let request = request(body_bytes, 0);
    let mut line = LineWriter::default();
    bench.each(&format!("record: encode a request of {size}"), Some(request.kept_bytes() as u64), || {
        line.clear(1 << 20);
        record::encode::request_rest(&mut line, black_box(&request));
        black_box(line.bytes());
    });
    let text = record::encode(&Event::Request(Arc::new(request.clone())));
    bench.each(&format!("record: decode a request of {size}"), Some(text.len() as u64), || {
        black_box(record::decode(black_box(&text))).ok();
    });
    let judge = judge();
    bench.each(&format!("index: row and first look of a request of {size}"), None, || {
        let (recognised, verdict) = judge.first_look(black_box(&request));
        black_box((Summary::of(&request, &recognised), verdict));
    });
}

/// Showing a large body.
fn a_body(bench: &mut Bench<'_>) {
    let body = Body::whole(bodies::body(7, 1 << 20));
    let headers = Headers::from_pairs([("Content-Type", "application/json")]);
    bench.each("pretty: JSON of 1 MB", Some(1 << 20), || {
        black_box(pretty::body(black_box(&body), &headers, BodyView::Pretty, Limits::default()));
    });
}

/// Checking the signature of 20 KB, and looking for the cause when it fails, whatever is tried and whatever is signed: ten
/// secrets, none of which fits.
fn a_signature(bench: &mut Bench<'_>) -> anyhow::Result<()> {
    let secret = |number: usize| Secret::new(format!("whsec_{number:032x}"));
    let ten: Vec<Secret> = (1..=10).map(secret).collect();
    let deliveries = |profile: &str, form: bool| -> anyhow::Result<Vec<Request>> {
        (0..bodies::VARIANTS as u64).map(|variant| delivery(profile, form, variant)).collect()
    };
    let profile = |name: &str| Profiles::builtin().by_name(name).with_context(|| name.to_owned());
    let url = Some(DELIVERY_URL);
    let (stripe, requests) = (profile("stripe")?, deliveries("stripe", false)?);
    let right = [secret(0)];
    bench.tail("signature: verify 20 KB", |at| {
        let request = &requests[at % requests.len()];
        let verdict = check(&CheckInput { public_url: url, ..CheckInput::new(stripe, &right, request) });
        assert_eq!(black_box(verdict).outcome, Outcome::Valid);
    })?;
    for (what, name, form) in [
        ("time and JSON of 20 KB", "stripe", false),
        ("JSON of 20 KB", "github", false),
        ("URL and JSON of 20 KB", "square", false),
        ("URL and form of 20 KB", "twilio", true),
    ] {
        let (profile, requests) = (profile(name)?, deliveries(name, form)?);
        let others: Vec<_> = (0..neighbours::NEIGHBOURS_MAX as u64)
            .zip(requests.iter().cycle())
            .map(|(number, request)| Arc::new(Request { id: ExchangeId(1_000 + number), ..request.clone() }))
            .collect();
        bench.tail(&format!("signature: failed autopsy, {what}, 10 secrets"), |at| {
            let request = &requests[at % requests.len()];
            let input = CheckInput { public_url: url, ..CheckInput::new(profile, &ten, request) };
            let mut verdict = check(&input);
            // As for a row: then the other requests of the session are looked through.
            neighbours::examine(&input, &others, &mut verdict);
            assert_eq!(black_box(verdict).cause, Some(Cause::SignatureMismatch));
        })?;
        bench.tail(&format!("signature: explain, {what}, 10 secrets"), |at| {
            let request = &requests[at % requests.len()];
            black_box(explain(&CheckInput { public_url: url, ..CheckInput::new(profile, &ten, request) }, None));
        })?;
    }
    let digest = "5f".repeat(32);
    bench.tail("signature: where a digest comes from, time and JSON of 20 KB, 10 secrets", |at| {
        let request = &requests[at % requests.len()];
        let input = CheckInput { public_url: url, ..CheckInput::new(stripe, &ten, request) };
        assert!(black_box(explain(&input, Some(&digest))).computed.is_some_and(|one| one.origin.is_none()));
    })
}

/// Where the providers call.
const DELIVERY_URL: &str = "https://hooks.example/hooks/in";

/// A delivery of 20 KB as a provider signs it, with a secret that nobody has.
fn delivery(name: &str, form: bool, variant: u64) -> anyhow::Result<Request> {
    let profile = Profiles::builtin().by_name(name).with_context(|| name.to_owned())?;
    let mut body = bodies::body(variant, 20 * 1024);
    let mut media = "application/json";
    if form {
        // Many fields, blanks and escapes among them.
        let text: String =
            body.chunks(48).enumerate().map(|(at, part)| format!("field{at}={}&", hex_of(part))).collect();
        body = text.into_bytes();
        body.truncate(20 * 1024);
        media = "application/x-www-form-urlencoded";
    }
    let headers = Headers::from_pairs([("Content-Type", media), ("Host", "127.0.0.1:7070")]);
    let secret = Secret::new(format!("whsec_{:032x}", 0));
    let now = Timestamp::from_secs(1_795_356_120);
    let input =
        SignInput { profile, secret: &secret, method: b"POST", url: DELIVERY_URL, headers: &headers, body: &body, now };
    let signed = sign(&input)?;
    let mut request = request(1024, variant);
    request.headers = headers;
    signed.into_iter().for_each(|(name, value)| request.headers.set(&name, value));
    (request.body, request.first_byte, request.target) = (Body::whole(body), now, "/hooks/in".into());
    Ok(request)
}

/// Text with blanks and escapes, as forms have them.
fn hex_of(part: &[u8]) -> String {
    part.iter()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(*byte).to_string() } else { "+%2C".into() })
        .collect()
}

/// Drawing a list that is long.
fn a_list(bench: &mut Bench<'_>) {
    if !bench.options.wants("list: a frame") && !bench.options.wants("list: 1000 rows") {
        return;
    }
    let rows = if bench.options.quick { 100_000 } else { 1_000_000 };
    let judge = judge();
    let sample = request(1024, 0);
    let row = Summary::of(&sample, &judge.recognised(&sample));
    let batch = |from: u64, count: u64| -> Vec<Arc<Summary>> {
        (from..from + count).map(|id| Arc::new(Summary { id: ExchangeId(id), ..row.clone() })).collect()
    };
    let identity = Identity { url: "http://127.0.0.1:7070".to_owned(), ..Identity::default() };
    let size = (200, 50);
    let mut model = Model::new(Interface { size, identity, ..Interface::default() });
    update::update(&mut model, Msg::Arrived { batch: batch(1, rows), missed: 0 });
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    bench.each(&format!("list: a frame of 200x50 over {rows} rows"), None, || {
        view::draw(black_box(&model), &mut buffer);
    });
    let mut next = rows + 1;
    bench.each("list: 1000 rows arrive", None, || {
        update::update(&mut model, Msg::Arrived { batch: batch(next, 1000), missed: 0 });
        next += 1000;
    });
}

/// Reading a large session.
fn a_session(bench: &mut Bench<'_>) -> anyhow::Result<()> {
    if !bench.options.wants("session: ") {
        return Ok(());
    }
    let lines: u64 = if bench.options.quick { 100_000 } else { 1_000_000 };
    let folder = bench.options.folder.clone().unwrap_or_else(std::env::temp_dir);
    let file = tempfile::Builder::new().prefix("hooksight-bench-").suffix(".jsonl").tempfile_in(folder)?;
    let mut out = std::io::BufWriter::with_capacity(1 << 20, file.as_file());
    let requests: Vec<Request> = (0..bodies::VARIANTS as u64).map(|variant| request(512, variant)).collect();
    let mut bytes = 0;
    for id in 1..=lines {
        let request = Request { id: ExchangeId(id), ..requests[(id % bodies::VARIANTS as u64) as usize].clone() };
        let line = record::encode(&Event::Request(Arc::new(request)));
        bytes += line.len() as u64;
        out.write_all(&line)?;
    }
    out.flush()?;
    drop(out);
    let path = file.path();
    bench.long(&format!("session: pass over {lines} lines"), Some(bytes), || {
        let mut reader = SessionReader::open(path)?;
        while let Some(text) = reader.next_text()? {
            black_box(text);
        }
        Ok(())
    })?;
    bench.long(&format!("session: open one of {lines} requests"), Some(bytes), || {
        let (store, report) = Store::open(path)?;
        anyhow::ensure!(report.requests == lines, "{} requests", report.requests);
        black_box(store.last_id());
        Ok(())
    })?;
    let (store, _) = Store::open(path)?;
    let mut id = 0;
    bench.each("session: one request read back", None, || {
        id = (id + 7919) % lines;
        black_box(store.request(ExchangeId(id + 1))).ok();
    });
    Ok(())
}

fn judge() -> Judge {
    Judge::new(Checks {
        profiles: Profiles::builtin().clone(),
        endpoints: Vec::new(),
        scheme: None,
        secrets: Vec::new(),
        provider_secrets: Vec::new(),
        public_url: None,
        trust_proxy: false,
    })
}

/// What the tap compares a head with before it gives it out.
fn as_hyper_shows_it() -> http::request::Parts {
    let (parts, ()) = http::Request::post("/hooks/github").body(()).expect("a request").into_parts();
    parts
}

/// The request that a sender's bytes become.
fn request(body_bytes: usize, variant: u64) -> Request {
    let prepared = &bodies::requests(body_bytes, "127.0.0.1:7070")[variant as usize].bytes;
    let mut parser = h1::Parser::new(HeadLimits { bytes: 128 * 1024, count: 1000 });
    parser.read(prepared, Timestamp::from_secs(1_795_356_120));
    let head = parser.claim(&as_hyper_shows_it()).expect("a whole head");
    Request {
        id: ExchangeId(1),
        peer: Some("127.0.0.1:40000".parse().expect("an address")),
        first_byte: head.first_byte,
        body_complete_us: 40,
        version: HttpVersion::Http11,
        method: head.method,
        target: head.target,
        headers: head.headers,
        pseudo: Headers::new(),
        raw_head: None,
        body: Body::whole(bodies::body(variant, body_bytes)),
        trailers: Headers::new(),
        marks: Vec::new(),
    }
}
