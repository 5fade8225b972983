//! The idempotence probe: one delivery sent several times to a real app, and what is said of its answers.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use termlens::Key;

use super::support::{Home, address_on, post, read_request, send, terminal};

/// An app that takes each path and body once and says 409 from then on, but for `/again`, which it takes every time.
struct Once {
    address: SocketAddr,
    /// The most requests that were there at the same time.
    most: Arc<AtomicUsize>,
}

fn once() -> Once {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (most, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::new(Mutex::new(HashMap::<Vec<u8>, usize>::new()));
    let counts = Arc::clone(&most);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (most, open, seen) = (counts.clone(), open.clone(), seen.clone());
            std::thread::spawn(move || {
                let Some(request) = read_request(&mut stream) else { return };
                most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Long enough for others to come meanwhile.
                std::thread::sleep(std::time::Duration::from_millis(30));
                let times = {
                    let mut seen = seen.lock().unwrap();
                    let count = seen.entry(request.clone()).or_default();
                    *count += 1;
                    *count
                };
                open.fetch_sub(1, Ordering::SeqCst);
                let answer: &[u8] = match times {
                    2.. if !request.starts_with(b"POST /again") => {
                        b"HTTP/1.1 409 Conflict\r\nContent-Length: 5\r\n\r\ntwice"
                    }
                    _ => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                };
                let _ = stream.write_all(answer);
            });
        }
    });
    Once { address, most }
}

#[test]
fn answers_to_one_delivery_sent_several_times_are_compared() {
    let app = once();
    let home = Home::new();
    let mut screen =
        terminal(&home, &["listen", "--port", "0", "--endpoint", &format!("/*,target=http://{}", app.address)]);
    let address = address_on(&mut screen);
    for (path, body) in [("/again", "a"), ("/once", "first"), ("/once", "second"), ("/once", "third")] {
        assert_eq!(send(address, &post(path, &[], body.as_bytes())).status, 200);
    }
    screen.wait_until(|screen| screen.text().matches("/once").count() >= 3).expect("rows");
    let key = Key::Char;
    // Esc by itself: with a letter behind it, it would be another key.
    let mut probe = |moves: &[Key], order: &[Key], orders: &str| {
        for key in moves {
            screen.send(*key).unwrap();
        }
        screen.send(key('P')).unwrap();
        screen.wait_until(|screen| screen.contains("5 times") && screen.contains(orders)).expect("the choice");
        for key in order {
            screen.send(*key).unwrap();
        }
        screen.send(Key::Enter).unwrap();
        screen.wait_until(|screen| screen.contains("The answers")).expect("a table");
        let text = screen.screen().text();
        screen.send(Key::Esc).unwrap();
        screen.wait_until(|screen| !screen.contains("What came back")).expect("it closes");
        text
    };
    // What is taken again and again is the same each time, all of them at once.
    let again = probe(&[key('g')], &[key('j')], "all at once");
    assert!(again.contains("The answers are the same: 200 x5, the same body"), "{again}");
    assert!(app.most.load(Ordering::SeqCst) >= 2, "none were there at the same time");
    let once = probe(&[key('G')], &[], "one after the other");
    assert!(once.contains("The answers differ: 200 x1, 409 x4, 2 different bodies"), "{once}");
    let shuffled = probe(&[key('k')], &[key('G')], "2 others to the same path");
    assert!(shuffled.contains("request 2") && shuffled.contains("request 4"), "{shuffled}");
    screen.send(key('q')).unwrap();
    assert!(screen.wait_exit().expect("it ends").success());
    let file = std::fs::read_dir(home.sessions()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    let attempts: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["event"] == "attempt")
        .collect();
    assert!(attempts.len() >= 15 && attempts.iter().all(|one| one["kind"] == "probe"), "{}", attempts.len());
    let statuses: Vec<u64> = attempts.iter().filter_map(|one| one["status"].as_u64()).collect();
    assert!(statuses.contains(&200) && statuses.contains(&409), "{statuses:?}");
    // The shuffled one went between its neighbours.
    let bodies: Vec<&str> = attempts.iter().skip(10).filter_map(|one| one["sent_body"].as_str()).collect();
    assert!(bodies.contains(&"first") && bodies.contains(&"second") && bodies.contains(&"third"), "{bodies:?}");
}

#[test]
fn the_answer_that_was_recorded_stands_first_and_an_app_has_the_time_that_it_has_when_forwarded_to() {
    // It takes a body once, answers it twice, and is asleep from the third time on.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let app = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut asleep = Vec::new();
        for (at, stream) in listener.incoming().flatten().enumerate() {
            let mut stream = stream;
            if read_request(&mut stream).is_none() {
                continue;
            }
            let answer: &[u8] = match at {
                0 => b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nConnection: close\r\n\r\nfirst",
                1 => b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecond",
                _ => {
                    asleep.push(stream);
                    continue;
                }
            };
            let _ = stream.write_all(answer);
        }
    });
    let home = Home::new();
    let url = format!("http://{app}");
    let mut screen = terminal(&home, &["listen", "--port", "0", "--forward", &url, "--forward-timeout", "700ms"]);
    let address = address_on(&mut screen);
    assert_eq!(send(address, &post("/hook", &[], b"x")).status, 201);
    screen.wait_until(|screen| screen.contains("/hook")).expect("a row");
    let begun = std::time::Instant::now();
    for key in [Key::Char('P'), Key::Char('-'), Key::Char('-'), Key::Char('-'), Key::Enter] {
        screen.send(key).unwrap();
    }
    screen.wait_until(|screen| screen.contains("The answers differ")).expect("a table");
    let text = screen.screen().text();
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "it waits longer than --forward-timeout: {text}");
    for part in ["recorded, app", "201", "the recorded one was 201: 0 of 2 are like it"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let file = std::fs::read_dir(home.sessions()).unwrap().next().unwrap().unwrap().path();
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept.contains("within 700 ms"), "{kept}");
}
