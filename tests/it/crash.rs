//! Killed at any moment: what was answered is in the file, and the next start goes on with it.
//!
//! The moments are random and the seed is printed: `HOOKSIGHT_CRASH_SEED=N` runs the same ones again, as far as the machine lets it.

#![allow(clippy::print_stdout, reason = "the seed and the counts, for whoever has to look into a failure")]

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{SystemTime, UNIX_EPOCH};

use hooksight::domain::exchange::ExchangeId;
use hooksight::domain::record::{Event, RecordError};
use hooksight::io::inbox::Inbox;
use hooksight::io::session_file::SessionReader;
use hooksight::io::store::{Store, StoreLimits};

use crate::support::{DEADLINE, Home};

const SENDERS: u64 = 8;

/// splitmix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let given = std::env::var("HOOKSIGHT_CRASH_SEED").ok().map(|seed| seed.parse().expect("a seed"));
        let seed = given.unwrap_or_else(now);
        println!("HOOKSIGHT_CRASH_SEED={seed}");
        Self(seed)
    }

    /// Below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// A request by who sent it and which of theirs it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Unique {
    round: u64,
    sender: u64,
    number: u64,
}

impl Unique {
    fn body(self, padding: usize) -> String {
        let Self { round, sender, number } = self;
        format!("{round} {sender} {number} {}", "\"x\n".repeat(padding / 3))
    }

    fn of(body: &[u8]) -> Self {
        let text = String::from_utf8(body.to_vec()).expect("a body of this test");
        let mut numbers = text.split(' ').map(|word| word.parse::<u64>());
        let mut next = || numbers.next().expect("three numbers").expect("a number");
        Self { round: next(), sender: next(), number: next() }
    }
}

/// Posts until the listener dies, and tells what was answered: the first byte of an answer counts.
fn post_until_it_dies(address: SocketAddr, round: u64, sender: u64, mut random: Random, answered: &Sender<Unique>) {
    let Ok(mut stream) = TcpStream::connect(address) else { return };
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    for number in 0.. {
        let unique = Unique { round, sender, number };
        let padding = if random.below(4) == 0 { random.below(60_000) } else { random.below(1_000) };
        let body = unique.body(padding as usize);
        let head = format!("POST /{sender} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut byte = [0];
        if stream.write_all((head + &body).as_bytes()).is_err() || !matches!(stream.read(&mut byte), Ok(1)) {
            return;
        }
        answered.send(unique).unwrap();
        let mut head = byte.to_vec();
        while !head.ends_with(b"\r\n\r\n") {
            if !matches!(stream.read(&mut byte), Ok(1)) {
                return;
            }
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    }
}

/// One life of a listener on this file: posts from many sides, a kill. Gives out what was answered.
fn live_and_die(home: &Home, file: &Path, durability: &str, round: u64, random: &mut Random) -> Vec<Unique> {
    let listening = home.listen(&["-s", file.to_str().unwrap(), "--durability", durability]);
    let (sender, answers) = channel();
    let address = listening.address;
    let senders: Vec<_> = (0..SENDERS)
        .map(|number| {
            let (sender, random) = (sender.clone(), Random(random.below(u64::MAX)));
            std::thread::spawn(move || post_until_it_dies(address, round, number, random, &sender))
        })
        .collect();
    drop(sender);
    let enough = 1 + random.below(if durability == "disk" { 60 } else { 200 });
    let mut answered = take(&answers, enough);
    let (code, _) = listening.stop("KILL");
    assert_eq!(code, None, "it ended by itself");
    answered.extend(answers.iter());
    for sender in senders {
        sender.join().expect("a sender");
    }
    answered
}

fn take(answers: &Receiver<Unique>, count: u64) -> Vec<Unique> {
    (0..count).map(|_| answers.recv_timeout(DEADLINE).expect("an answer within the deadline")).collect()
}

/// Where the check of a file got to.
#[derive(Default)]
struct Checked {
    offset: u64,
    lines: u64,
    last_id: u64,
    torn: u64,
}

impl Checked {
    /// Reads what a life left: every line readable but a torn last one, ids in order without a gap. Gives out the requests.
    fn go_on(&mut self, file: &Path) -> Vec<Unique> {
        let mut reader = SessionReader::open(file).unwrap();
        reader.seek(self.offset, self.lines + 1).unwrap();
        let mut found = Vec::new();
        while let Some(line) = reader.next_line().unwrap() {
            self.lines = line.number;
            match line.event {
                Ok(Event::Request(request)) => {
                    assert_eq!(request.id, ExchangeId(self.last_id + 1), "line {}", line.number);
                    self.last_id = request.id.0;
                    found.push(Unique::of(&request.body.bytes));
                }
                Ok(_) => {}
                Err(error) => panic!("line {}: {error}", line.number),
            }
        }
        if let Some(torn) = reader.torn() {
            assert_eq!(torn.event, Err(RecordError::Torn));
            self.torn += 1;
        }
        self.offset = reader.offset();
        found
    }
}

/// The whole file once more, through the door that the next start takes.
fn goes_on(file: &Path, checked: &Checked) {
    let (store, report) = Store::append_to(file, StoreLimits::default(), Inbox::default()).unwrap();
    assert_eq!((report.requests, store.last_id()), (checked.last_id, ExchangeId(checked.last_id)));
    assert!(report.said.iter().all(|said| said.contains("torn")), "{:?}", report.said);
}

fn nothing_answered_is_lost(durability: &str, rounds: u64) {
    let mut random = Random::seeded();
    let home = Home::new();
    let file = home.path().join("crash.jsonl");
    let mut checked = Checked::default();
    let mut count = 0;
    for round in 0..rounds {
        let answered = live_and_die(&home, &file, durability, round, &mut random);
        count += answered.len();
        let found = checked.go_on(&file);
        assert!(found.iter().all(|unique| unique.round == round), "lines of an earlier round came late");
        let lost: Vec<_> = answered.iter().filter(|unique| !found.contains(unique)).collect();
        assert!(lost.is_empty(), "round {round}: {} of {} answered are lost: {lost:?}", lost.len(), answered.len());
    }
    goes_on(&file, &checked);
    println!("{durability}: {rounds} kills, {count} answered, {} kept, {} torn", checked.last_id, checked.torn);
}

#[test]
fn fifty_kills_lose_nothing_that_was_answered() {
    nothing_answered_is_lost("process", 50);
}

#[test]
fn kills_lose_nothing_that_was_synced() {
    nothing_answered_is_lost("disk", 8);
}

#[test]
fn without_durability_a_kill_loses_only_the_newest() {
    let mut random = Random::seeded();
    let home = Home::new();
    let file = home.path().join("crash.jsonl");
    let mut checked = Checked::default();
    for round in 0..8 {
        let answered = live_and_die(&home, &file, "none", round, &mut random);
        let found = checked.go_on(&file);
        let mut known: HashMap<u64, u64> = HashMap::new();
        for unique in &found {
            let next = known.entry(unique.sender).or_default();
            assert_eq!((unique.round, unique.number), (round, *next), "a hole before {unique:?}");
            *next += 1;
        }
        let lost = answered.iter().filter(|unique| !found.contains(unique)).count();
        println!("round {round}: {lost} of {} answered are lost", answered.len());
    }
    goes_on(&file, &checked);
}
