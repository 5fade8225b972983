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
use hooksight::domain::signature::Profiles;
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

/// A piece and its time.
#[derive(Clone, Debug)]
pub struct Timed {
    /// What.
    pub name: String,
    /// Nanoseconds each.
    pub nanos: Spread,
    /// Bytes that one goes through, for a rate.
    pub bytes: Option<u64>,
}

impl Timed {
    /// A row of the table.
    pub fn row(&self) -> String {
        let Spread { median, low, high } = self.nanos;
        let rate = self.bytes.map(|bytes| format!("{:.2} GB/s", bytes as f64 / median)).unwrap_or_default();
        format!("| {} | {} | {} .. {} | {rate} |\n", self.name, time(median), time(low), time(high))
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let Spread { median, low, high } = self.nanos;
        json!({ "name": self.name, "median_ns": median, "low_ns": low, "high_ns": high, "bytes": self.bytes })
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

    fn add(&mut self, name: &str, bytes: Option<u64>, nanos: Vec<f64>) {
        eprintln!("  {name}");
        self.all.push(Timed { name: name.to_owned(), nanos: Spread::of(nanos), bytes });
    }
}

/// Times all pieces that are wanted.
pub fn measure(options: &Options) -> anyhow::Result<Vec<Timed>> {
    let mut bench = Bench { options, all: Vec::new() };
    for body_bytes in [1024, 20 * 1024] {
        a_request(&mut bench, body_bytes);
    }
    a_body(&mut bench);
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
