//! A user's app: a thread a connection, which reads whole requests and answers as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use crate::capture_harness::DEADLINE;

/// What came.
#[derive(Debug)]
pub struct Came {
    pub head: Vec<u8>,
    pub body: Vec<u8>,
    /// The body as it came, chunks and all.
    pub framed: Vec<u8>,
}

impl Came {
    pub fn line(&self) -> String {
        String::from_utf8_lossy(&self.head).lines().next().unwrap_or_default().to_owned()
    }
}

pub struct App {
    port: u16,
    got: Receiver<Came>,
    connections: Arc<AtomicUsize>,
}

type Answer = dyn Fn(&mut TcpStream, usize) -> bool + Send + Sync;

impl App {
    /// `answer` gets the stream when a whole request came, and its number from 0; whether the connection goes on.
    pub fn new(answer: impl Fn(&mut TcpStream, usize) -> bool + Send + Sync + 'static) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").expect("a port"), answer)
    }

    /// At a port that the test chose.
    pub fn at(listener: TcpListener, answer: impl Fn(&mut TcpStream, usize) -> bool + Send + Sync + 'static) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let (sender, got) = channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let (count, answer): (_, Arc<Answer>) = (Arc::clone(&connections), Arc::new(answer));
        let sender = Arc::new(Mutex::new(sender));
        let number = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                count.fetch_add(1, Ordering::SeqCst);
                let (answer, sender, number) = (Arc::clone(&answer), Arc::clone(&sender), Arc::clone(&number));
                std::thread::spawn(move || serve(stream, &*answer, &sender, &number));
            }
        });
        Self { port, got, connections }
    }

    /// Always these bytes.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |stream, _| stream.write_all(&answer).is_ok())
    }

    /// These bytes, and then the connection's end.
    pub fn closing(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |stream, _| {
            let _ = stream.write_all(&answer);
            false
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.authority())
    }

    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The next request that came.
    pub fn got(&self) -> Came {
        self.got.recv_timeout(DEADLINE).expect("a request comes")
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn serve(stream: TcpStream, answer: &Answer, got: &Mutex<Sender<Came>>, number: &AtomicUsize) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut stream = stream;
    while let Some(came) = read(&mut reader) {
        let number = number.fetch_add(1, Ordering::SeqCst);
        let _ = got.lock().expect("a lock").send(came);
        if !answer(&mut stream, number) {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Came> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head).ok()? == 0 {
            return None;
        }
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(|value| value.trim().to_owned())
    };
    if value("transfer-encoding").is_some() {
        let (mut framed, mut body) = (Vec::new(), Vec::new());
        loop {
            let from = framed.len();
            reader.read_until(b'\n', &mut framed).ok()?;
            let size = String::from_utf8_lossy(&framed[from..]).trim().to_owned();
            let size = usize::from_str_radix(&size, 16).expect("a chunk's size");
            if size == 0 {
                while !framed.ends_with(b"\r\n\r\n") {
                    reader.read_until(b'\n', &mut framed).ok()?;
                }
                return Some(Came { head, body, framed });
            }
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            body.extend_from_slice(&chunk[..size]);
            framed.extend_from_slice(&chunk);
        }
    }
    let length = value("content-length").map_or(0, |value| value.parse().expect("a length"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Came { head, framed: body.clone(), body })
}
