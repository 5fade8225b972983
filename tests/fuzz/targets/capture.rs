//! A listener on loopback: bytes go in, rows are kept, every connection is closed, and what is kept is what was sent.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{ExchangeId, HttpVersion, Request};
use hooksight::domain::reply::ReplyRules;
use hooksight::domain::ring::RingLimits;
use hooksight::io::inbox::{Inbox, InboxLimits};
use hooksight::io::listener::{Listener, ListenerLimits, PortChoice, SharedReplies, bind};
use hooksight::io::store::{Store, StoreLimits};

use super::make::split_once;

/// No connection whose sender has said all takes this long.
const DEADLINE: Duration = Duration::from_secs(20);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct House {
    store: Store,
    address: SocketAddr,
    listener: Listener,
    /// One connection at a time: which rows are whose is known by the port, when all of it is over by its end.
    turn: Mutex<()>,
}

/// The bytes of one connection, whose sender then closes its half.
pub fn run(data: &[u8]) {
    let house = house();
    let _turn = house.turn.lock().unwrap_or_else(PoisonError::into_inner);
    let before = house.store.last_id();
    let port = converse(house.address, data).unwrap_or_else(|error| panic!("the connection failed: {error}"));
    let begun = Instant::now();
    while house.listener.connections() > 0 {
        assert!(begun.elapsed() < DEADLINE, "the connection stays open");
        std::thread::yield_now();
    }
    let rows: Vec<_> = (before.0 + 1..=house.store.last_id().0)
        .filter_map(|id| house.store.request(ExchangeId(id)).ok())
        .filter(|request| request.peer.is_some_and(|peer| peer.port() == port))
        .collect();
    if data.starts_with(PREFACE) {
        return;
    }
    let mut rest = data;
    for row in &rows {
        rest = sent(row, rest);
    }
    let is_blank = data.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
    assert!(!rows.is_empty() || is_blank, "something came and nothing was kept: {:?}", String::from_utf8_lossy(data));
}

/// Sends all of it, closes its half, and reads until the listener closes. The port it came from.
fn converse(address: SocketAddr, data: &[u8]) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    let port = stream.local_addr()?.port();
    // A listener that has heard enough may close before all is sent: then there is nothing to read either.
    let sent = stream.write_all(data).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut scratch = [0; 16 * 1024];
    loop {
        match stream.read(&mut scratch) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => return Err(error),
        }
    }
    match sent {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(error),
        _ => Ok(port),
    }
}

/// The row was sent in these bytes; what follows it.
fn sent<'a>(row: &Request, bytes: &'a [u8]) -> &'a [u8] {
    let head = row.head_bytes();
    if row.refused().is_some() {
        // Its first bytes, as far as they are kept.
        let raw = row.raw_head.as_deref().unwrap_or(&head);
        let at = memchr::memmem::find(bytes, raw);
        return &bytes[at.unwrap_or_else(|| panic!("these bytes were not sent: {row:?}"))..];
    }
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let Some(after) = bytes[blank..].strip_prefix(&head[..]) else {
        panic!("this head was not sent there: {row:?} in {:?}", String::from_utf8_lossy(bytes));
    };
    let is_chunked = row.version != HttpVersion::Http10 && row.headers.get("transfer-encoding").is_some();
    let length = row.headers.get_str("content-length").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let (body, rest) = match is_chunked {
        true => unchunked(after),
        false => (after[..length.min(after.len())].to_vec(), &after[length.min(after.len())..]),
    };
    if row.is_whole() {
        assert!(body == row.body.bytes, "another body was sent: {row:?} for {:?}", String::from_utf8_lossy(&body));
        return rest;
    }
    assert!(body.starts_with(&row.body.bytes), "this body was not sent: {row:?}");
    rest
}

/// The chunks joined, as far as they are chunks, and what follows the trailers: nothing, when they broke off.
fn unchunked(mut bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut body = Vec::new();
    while let Some((line, after)) = split_once(bytes, b"\n") {
        let digits: &[u8] = line.split(|byte| !byte.is_ascii_hexdigit()).next().unwrap_or_default();
        let Ok(size) = usize::from_str_radix(&String::from_utf8_lossy(digits), 16) else { break };
        if size == 0 {
            // Trailer lines up to a blank one.
            let mut rest = after;
            while let Some((line, after)) = split_once(rest, b"\n") {
                rest = after;
                if matches!(line, b"" | b"\r") {
                    break;
                }
            }
            return (body, rest);
        }
        body.extend_from_slice(&after[..size.min(after.len())]);
        let behind = after.get(size..).unwrap_or_default();
        let Some(next) = behind.strip_prefix(b"\r\n") else { break };
        bytes = next;
    }
    (body, b"")
}

fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(|| start().unwrap_or_else(|error| panic!("the listener does not start: {error}")))
}

fn start() -> Result<House, Box<dyn std::error::Error>> {
    let limits = ListenerLimits {
        threads: 1,
        body_bytes: 16 * 1024,
        head_bytes: 8 * 1024,
        header_count: 64,
        linger_timeout: Duration::from_millis(200),
        ..ListenerLimits::default()
    };
    let store_limits = StoreLimits { ring: RingLimits { count: 2000, bytes: 8 << 20 }, ..StoreLimits::default() };
    let store = Store::in_memory(store_limits, Inbox::new(InboxLimits { count: 1, bytes: 1 }));
    let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Any)?;
    let address = bound.addr;
    let listener = Listener::start(bound, store.clone(), SharedReplies::new(ReplyRules::default()), limits)?;
    Ok(House { store, address, listener, turn: Mutex::new(()) })
}
