//! A listener over a session file in a folder of its own, and a sender that writes bytes as they are.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{Answer, Exchange, ExchangeId, Request};
use hooksight::domain::reply::{Reply, ReplyRules};
use hooksight::io::inbox::{Inbox, Notice};
use hooksight::io::listener::{Listener, ListenerLimits, PortChoice, SharedReplies, bind};
use hooksight::io::store::{Store, StoreLimits};

use crate::children::settle_in;

/// No wait in these tests takes this long unless something is broken.
pub const DEADLINE: Duration = Duration::from_secs(60);

pub struct House {
    pub store: Store,
    pub replies: SharedReplies,
    pub inbox: Inbox,
    pub addr: SocketAddr,
    pub listener: Option<Listener>,
    pub folder: tempfile::TempDir,
}

pub fn house() -> House {
    house_with(ListenerLimits::default(), ReplyRules::default(), StoreLimits::default())
}

pub fn house_with(limits: ListenerLimits, rules: ReplyRules, store_limits: StoreLimits) -> House {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::default();
    let store = Store::create(&folder.path().join("sessions"), store_limits, inbox.clone()).unwrap();
    house_over(store, inbox, folder, limits, rules)
}

pub fn house_over(
    store: Store,
    inbox: Inbox,
    folder: tempfile::TempDir,
    limits: ListenerLimits,
    rules: ReplyRules,
) -> House {
    house_of(store, inbox, folder, limits, SharedReplies::new(rules))
}

/// The same with all that has a say in the answer.
pub fn house_answering(limits: ListenerLimits, replies: SharedReplies, store_limits: StoreLimits) -> House {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::default();
    let store = Store::create(&folder.path().join("sessions"), store_limits, inbox.clone()).unwrap();
    house_of(store, inbox, folder, limits, replies)
}

fn house_of(
    store: Store,
    inbox: Inbox,
    folder: tempfile::TempDir,
    limits: ListenerLimits,
    replies: SharedReplies,
) -> House {
    settle_in();
    let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Any).unwrap();
    let addr = bound.addr;
    let listener = Listener::start(bound, store.clone(), replies.clone(), limits).unwrap();
    House { store, replies, inbox, addr, listener: Some(listener), folder }
}

pub fn replying(reply: Reply) -> ReplyRules {
    ReplyRules { all: reply, ..ReplyRules::default() }
}

impl House {
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// Writes these bytes and reads until the listener closes.
    pub fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        read_all(&mut stream)
    }

    pub fn request(&self, id: u64) -> Arc<Request> {
        until("the request is kept", || self.store.request(ExchangeId(id)).ok())
    }

    pub fn answer(&self, id: u64) -> Arc<Answer> {
        until("the answer is known", || self.exchange(id).answer)
    }

    pub fn exchange(&self, id: u64) -> Exchange {
        self.store.exchange(ExchangeId(id)).unwrap()
    }

    /// Waits for a notice.
    pub fn notice<T>(&self, what: &str, mut pick: impl FnMut(&Notice) -> Option<T>) -> T {
        let begun = Instant::now();
        while begun.elapsed() < DEADLINE {
            let batch = self.inbox.recv_batch(Duration::from_millis(200), Duration::ZERO);
            if let Some(found) = batch.notices.iter().find_map(&mut pick) {
                return found;
            }
        }
        panic!("no notice in time: {what}");
    }

    pub fn file_text(&self) -> String {
        std::fs::read_to_string(self.store.path().unwrap()).unwrap()
    }

    pub fn stop(&mut self) {
        if let Some(listener) = self.listener.take() {
            listener.shutdown(Duration::from_secs(2));
        }
    }
}

/// What comes until the other side closes; a reset ends it too.
pub fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until the bytes so far contain `end`.
pub fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 1];
    while !bytes.ends_with(end.as_bytes()) {
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Asks again until there is something.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(1)); // a poll under a deadline: the others need the processor
    }
}

/// Runs a client that waits for many things at once to its end, for which there is a deadline.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE, test).await }).expect("in time")
}

pub fn pairs(headers: &hooksight::domain::headers::Headers) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    headers.iter().map(|header| (text(&header.name), text(&header.value))).collect()
}
