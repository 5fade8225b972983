//! More connections than there is room for.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hooksight::domain::exchange::{AnswerOutcome, ExchangeId, Mark};
use hooksight::domain::reply::{Make, Reply, ReplyRules};
use hooksight::io::inbox::Notice;
use hooksight::io::listener::ListenerLimits;
use hooksight::io::store::StoreLimits;

use crate::capture_harness::{DEADLINE, House, house_with, read_all, read_until, replying, until};
use crate::support::{self, Home, Listening};

/// Within this time a normal sender has its answer.
const NEXT: Duration = Duration::from_secs(2);

fn limited(limits: ListenerLimits) -> House {
    house_with(limits, ReplyRules::default(), StoreLimits::default())
}

/// A normal request, in time.
#[track_caller]
fn normal(address: SocketAddr) {
    let begun = Instant::now();
    assert_eq!(support::send(address, &support::post("/normal", &[], b"ok")).status, 200);
    assert!(begun.elapsed() < NEXT, "answered after {:?}", begun.elapsed());
}

fn silent(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    (0..count).map(|_| TcpStream::connect(address).unwrap()).collect()
}

/// The program without interface, with a limit on its open files.
fn with_open_files(home: &Home, limit: u32, args: &[&str]) -> Listening {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -n {limit} && exec \"$0\" \"$@\""), support::PROGRAM])
        .args(["listen", "--headless", "-p", "0"])
        .args(args)
        .env_clear()
        .envs(home.environment())
        .current_dir(home.path());
    Listening::start(command)
}

#[test]
fn senders_that_say_nothing_lock_nobody_out() {
    let home = Home::new();
    let listening = home.listen(&["--no-session"]);
    let crowd = silent(listening.address, 1300);
    for _ in 0..3 {
        normal(listening.address);
    }
    drop(crowd);
    normal(listening.address);
}

#[test]
fn senders_that_dribble_lock_nobody_out() {
    let house = limited(ListenerLimits { connections: 20, ..ListenerLimits::default() });
    let mut crowd = silent(house.addr, 40);
    for stream in &mut crowd {
        // Some are closed already.
        let _ = stream.write_all(b"POST /slow HT");
    }
    normal(house.addr);
    let rows = (1..=house.store.last_id().0).map(|id| house.request(id));
    let refused: Vec<_> = rows.filter_map(|request| request.refused().map(str::to_owned)).collect();
    assert!(refused.iter().any(|reason| reason.contains("closed for another sender")), "{refused:?}");
}

/// HTTP/2 requests that are reset at once, and their connection closed before anything of it is read.
fn resets(count: u32) -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    for stream in (1..).step_by(2).take(count as usize) {
        let stream = u32::to_be_bytes(stream);
        bytes.extend([&b"\0\0\x06\x01\x05"[..], &stream, b"\x83\x86\x84\x01\x01x"].concat());
        bytes.extend([&b"\0\0\x04\x03\0"[..], &stream, b"\0\0\0\x08"].concat());
    }
    bytes
}

/// What is missing of these, each of which stands between quotes in a line of the session file behind `field`, until none is.
fn wait_for_lines(house: &House, field: &str, mut missing: HashSet<String>) {
    let mut lines = BufReader::new(File::open(house.store.path().unwrap()).unwrap());
    let field = format!("\"{field}\":\"");
    until("a row of each", || {
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
            let value = line.split(&field).nth(1).and_then(|rest| rest.split('"').next());
            missing.remove(value.unwrap_or_default());
            line.clear();
        }
        // Half a line comes again.
        lines.seek_relative(-i64::try_from(line.len()).unwrap()).unwrap();
        missing.is_empty().then_some(())
    });
}

/// Four senders that connect, send what `bytes` makes of a number and close, so often each, beside normal requests. Returns who came.
fn come_back(address: SocketAddr, times: usize, bytes: impl Fn(usize) -> Vec<u8> + Sync) -> HashSet<SocketAddr> {
    let come_back = |sender: usize| {
        let mut peers = HashSet::new();
        for time in 0..times {
            let mut stream = TcpStream::connect(address).unwrap();
            let peer = stream.local_addr().unwrap();
            if stream.write_all(&bytes(sender * times + time)).is_ok() {
                peers.insert(peer);
            }
        }
        peers
    };
    let come_back = &come_back;
    std::thread::scope(|scope| {
        let crowd: Vec<_> = (0..4).map(|sender| scope.spawn(move || come_back(sender))).collect();
        while crowd.iter().any(|sender| !sender.is_finished()) {
            normal(address);
        }
        normal(address);
        crowd.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    })
}

#[test]
fn senders_that_close_and_come_back_at_once_are_all_shown_and_lock_nobody_out() {
    for (bytes, times) in [(resets(30), 1000), (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(300), 300)] {
        let house = limited(ListenerLimits::default());
        let peers = come_back(house.addr, times, |_| bytes.clone());
        wait_for_lines(&house, "peer", peers.iter().map(SocketAddr::to_string).collect());
    }
}

#[test]
fn what_is_sent_by_who_waits_for_no_answer_is_all_there() {
    let http1 = |path: &str| format!("POST {path} HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi").into_bytes();
    let http2 = |path: &str| {
        let length = u8::try_from(path.len()).unwrap();
        let block = [&b"\x83\x86\x01\x01x\x04"[..], &[length], path.as_bytes()].concat();
        let head = [0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1];
        [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"[..], &head, &block].concat()
    };
    let house = limited(ListenerLimits::default());
    let (one, two) = (|number| format!("/one/{number}"), |number| format!("/two/{number}"));
    come_back(house.addr, 1000, |number| http1(&one(number)));
    come_back(house.addr, 1000, |number| http2(&two(number)));
    wait_for_lines(&house, "target", (0..4000).map(one).chain((0..4000).map(two)).collect());
}

#[test]
fn bodies_that_stall_on_every_connection_make_way() {
    for framing in ["Content-Length: 10\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"] {
        let house = limited(ListenerLimits { connections: 20, ..ListenerLimits::default() });
        let head = format!("POST /stalls HTTP/1.1\r\n{framing}");
        let mut crowd = silent(house.addr, 20);
        crowd.iter_mut().for_each(|stream| stream.write_all(head.as_bytes()).unwrap());
        for _ in 0..3 {
            normal(house.addr);
        }
        let is_told = |id: u64| {
            let request = house.request(id);
            // One whose head nobody had looked at yet never became a request.
            let refused = request.refused().map(str::to_owned);
            let why = match request.marks.first() {
                Some(Mark::Incomplete { reason }) => Some(reason.clone()),
                _ => refused,
            };
            why.is_some_and(|why| why.contains("closed for another sender"))
        };
        until("its row", || (1..=house.store.last_id().0).any(is_told).then_some(()));
    }
}

#[test]
fn answers_that_nobody_takes_make_way() {
    let house = house_with(
        ListenerLimits { connections: 4, ..ListenerLimits::default() },
        replying(Reply { make: Make::Echo, ..Reply::default() }),
        StoreLimits::default(),
    );
    let body = vec![b'x'; 8 * 1024 * 1024];
    let head = format!("POST /unread HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut crowd = silent(house.addr, 4);
    for stream in &mut crowd {
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    }
    for id in 1..=4 {
        house.request(id);
    }
    normal(house.addr);
    let unread = |id: &u64| {
        house
            .store
            .exchange(ExchangeId(*id))
            .is_ok_and(|exchange| exchange.answer.is_some_and(|answer| answer.outcome == AnswerOutcome::Unread))
    };
    until("an answer that was not taken", || (1..=4).any(|id| unread(&id)).then_some(()));
}

#[test]
fn the_connection_that_is_idle_for_longest_goes_first() {
    let house = limited(ListenerLimits { connections: 3, ..ListenerLimits::default() });
    let mut streams: Vec<_> = (0..3).map(|_| house.connect()).collect();
    for (at, id) in [(2, 1), (0, 2), (1, 3)] {
        streams[at].write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        read_until(&mut streams[at], "\r\n\r\n");
        // It counts as idle from when its answer is known to have left.
        house.request(id);
        house.answer(id);
    }
    normal(house.addr);
    assert_eq!(read_all(&mut streams[2]), "", "the first to be idle is closed");
    for at in [0, 1] {
        streams[at].write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        assert!(read_until(&mut streams[at], "\r\n\r\n").starts_with("HTTP/1.1 200"));
    }
    assert_eq!(house.listener.as_ref().unwrap().turned_away(), 0);
}

#[test]
fn when_all_are_at_work_new_senders_are_told_to_come_back() {
    let reply = Reply { delay_ms: 3000, ..Reply::default() };
    let limits = ListenerLimits { connections: 2, threads: 2, ..ListenerLimits::default() };
    let house = house_with(limits, replying(reply), StoreLimits::default());
    let mut busy: Vec<_> = (0..2).map(|_| house.connect()).collect();
    for (index, stream) in busy.iter_mut().enumerate() {
        stream.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
        house.request(index as u64 + 1);
    }
    let begun = Instant::now();
    for _ in 0..30 {
        let answer = house.send(b"POST /third HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1\r\n"), "{answer}");
    }
    assert!(begun.elapsed() < NEXT, "{:?}", begun.elapsed());
    assert_eq!(house.listener.as_ref().unwrap().turned_away(), 30);
    let mut said = 0;
    house.notice("the answers", |notice| {
        match notice {
            Notice::Said(words) if words.contains("503") => said += 1,
            Notice::Answered(answer) if answer.exchange.0 == 2 => return Some(()),
            _ => {}
        }
        None
    });
    assert_eq!(said, 1, "once, not thirty times");
    for (index, stream) in busy.iter_mut().enumerate() {
        assert!(read_all(stream).starts_with("HTTP/1.1 200"), "they are served whatever happens");
        assert_eq!(house.answer(index as u64 + 1).outcome, AnswerOutcome::Sent);
    }
    // With the fault of the reply gone there is room again.
    house.replies.set(ReplyRules::default());
    until("a place is free", || (house.listener.as_ref().unwrap().connections() < 2).then_some(()));
    normal(house.addr);
}

#[test]
fn few_descriptors_make_few_connections_and_no_deaf_listener() {
    let home = Home::new();
    let listening = with_open_files(&home, 64, &[]);
    let words = listening.wait_for_words("limit on open files");
    assert!(words.contains("not 1024"), "{words}");
    let crowd = silent(listening.address, 120);
    for _ in 0..3 {
        normal(listening.address);
    }
    drop(crowd);
    normal(listening.address);
}

/// Each comes again as soon as it is closed.
#[test]
fn few_descriptors_and_a_crowd_that_comes_back_keep_nobody_waiting() {
    let home = Home::new();
    let begins: [&[u8]; 2] = [b"", b"POST /half HTTP/1.1\r\nHost"];
    for begin in begins {
        let listening = with_open_files(&home, 32, &[]);
        let address = listening.address;
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        let Ok(mut stream) = TcpStream::connect(address) else { continue };
                        let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
                        let _ = stream.write_all(begin);
                        while matches!(stream.read(&mut [0; 1024]), Ok(1..)) {}
                    }
                });
            }
            let asked = (0..3).map(|_| {
                let begun = Instant::now();
                let status = support::send(address, &support::post("/normal", &[], b"ok")).status;
                (status, begun.elapsed())
            });
            let asked: Vec<_> = asked.collect();
            is_over.store(true, Ordering::Relaxed);
            // An unoptimised build, and 40 threads that compete with it for the same cores.
            let within = if cfg!(debug_assertions) { 3 * NEXT } else { NEXT };
            let is_well = |(status, took): &(u16, Duration)| *status == 200 && *took < within;
            assert!(asked.iter().all(is_well), "{}: {asked:?}", String::from_utf8_lossy(begin));
        });
    }
}

#[test]
fn a_listener_without_descriptors_says_so_does_not_spin_and_recovers() {
    let home = Home::new();
    let listening = home.listen(&["--respond", "200 delay=3s"]);
    // Somebody takes them away while it runs: the limit that it found at its start was larger.
    listening.leave_descriptors(5);
    // Each speaks before the next comes: who has said nothing may be closed to make room, without an answer.
    let at_work = |_| {
        let mut stream = TcpStream::connect(listening.address).unwrap();
        stream.write_all(b"GET /busy HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    };
    let mut busy: Vec<TcpStream> = (0..40).map(at_work).collect();
    listening.wait_for_words("cannot accept connections");
    let answers: Vec<String> = busy.iter_mut().map(read_all).collect();
    let of = |status: &str| answers.iter().filter(|answer| answer.starts_with(status)).count();
    assert!(of("HTTP/1.1 200") > 0 && of("HTTP/1.1 503") > 0, "{answers:?}");
    assert_eq!(of("HTTP/1.1 200") + of("HTTP/1.1 503"), 40, "nobody is left without an answer: {answers:?}");
    assert!(listening.cpu_time() < Duration::from_secs(2), "{:?}", listening.cpu_time());
    assert_eq!(support::send(listening.address, &support::post("/normal", &[], b"ok")).status, 200);
}

#[test]
fn silent_senders_that_use_up_all_descriptors_make_way() {
    let home = Home::new();
    let listening = home.listen(&[]);
    listening.leave_descriptors(5);
    let crowd = silent(listening.address, 50);
    for _ in 0..3 {
        normal(listening.address);
    }
    drop(crowd);
    normal(listening.address);
}

#[test]
fn a_start_without_descriptors_says_what_to_do() {
    let home = Home::new();
    for limit in [10, 14, 16, 20, 24] {
        let program = home.command(&["listen", "--headless", "-p", "0"]);
        let mut command = std::process::Command::new("sh");
        command.env_clear().envs(home.environment()).current_dir(home.path());
        command.arg("-c").arg(format!("ulimit -n {limit}; exec \"$0\" \"$@\""));
        let output = command.arg(program.get_program()).args(program.get_args()).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{limit}: {words}");
        let tried = words.contains("hooksight: cannot ");
        assert!(tried && words.contains("Too many open files") && words.contains("ulimit -n"), "{limit}: {words}");
    }
}
