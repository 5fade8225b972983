//! HTTP/2 senders that break a rule, send floods of what breaks none, or take their time: each is told in rows, and the
//! next sender is served.

mod floods;
mod flow;
mod patience;
mod shapes;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::capture_harness::House;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 0x1;
const ACK: u8 = 0x1;
pub const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const WITH_PRIORITY: u8 = 0x20;
const ALL: u8 = END_STREAM | END_HEADERS;

const NO_ERROR: u32 = 0;
const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const STREAM_CLOSED: u32 = 5;
const FRAME_SIZE_ERROR: u32 = 6;
const COMPRESSION_ERROR: u32 = 9;
const ENHANCE_YOUR_CALM: u32 = 11;

/// A frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A field that is never indexed, without Huffman coding.
pub fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    let length = |length: usize| match u8::try_from(length) {
        Ok(short @ ..127) => vec![short],
        _ => {
            let rest = length - 127;
            assert!(rest < 1 << 14);
            vec![127, (rest & 0x7f) as u8 | 0x80, (rest >> 7) as u8]
        }
    };
    [&[0x10][..], &length(name.len()), name, &length(value.len()), value].concat()
}

fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| field(name.as_bytes(), value.as_bytes())).collect()
}

const GOOD: [(&str, &str); 4] = [(":method", "POST"), (":scheme", "http"), (":path", "/hostile"), (":authority", "a")];

fn good_block(more: &[(&str, &str)]) -> Vec<u8> {
    [block(&GOOD), block(more)].concat()
}

/// A request without a body.
fn whole(stream: u32) -> Vec<u8> {
    frame(HEADERS, ALL, stream, &good_block(&[]))
}

/// A request whose body is to come.
fn open(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &good_block(&[]))
}

/// A sender that hears what is said to it.
struct Sender {
    stream: TcpStream,
    heard: Vec<u8>,
    /// Where the first frame begins that was not looked at.
    at: usize,
}

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Sender {
    fn new(house: &House) -> Self {
        let mut sender = Self { stream: house.connect(), heard: Vec::new(), at: 0 };
        sender.write(PREFACE);
        sender
    }

    fn with_settings(house: &House) -> Self {
        let mut sender = Self::new(house);
        sender.write(&frame(SETTINGS, 0, 0, &[]));
        sender
    }

    /// The listener may have closed already: what it said is read all the same.
    fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// The next frame; `None` at the end.
    fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(head) = self.heard.get(self.at..).and_then(|rest| rest.first_chunk::<9>()) {
                let &[l0, l1, l2, kind, flags, s0, s1, s2, s3] = head;
                let end = self.at + 9 + u32::from_be_bytes([0, l0, l1, l2]) as usize;
                if let Some(payload) = self.heard.get(self.at + 9..end) {
                    let payload = payload.to_vec();
                    self.at = end;
                    return Some(Frame { kind, flags, stream: u32::from_be_bytes([s0, s1, s2, s3]), payload });
                }
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(0) => return None,
                Ok(count) => self.heard.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The first frame that is right.
    fn until(&mut self, mut is_right: impl FnMut(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.frame().expect("the connection was closed");
            if is_right(&frame) {
                return frame;
            }
        }
    }

    /// Until the end: the code of the last GOAWAY.
    fn end(&mut self) -> Option<u32> {
        let mut code = None;
        while let Some(frame) = self.frame() {
            if frame.kind == GOAWAY {
                code = frame.payload[4..].first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
            }
        }
        code
    }

    /// Whether it still answers.
    fn answers_a_ping(&mut self) -> bool {
        self.write(&frame(PING, 0, 0, b"hostile!"));
        while let Some(frame) = self.frame() {
            if frame.kind == PING && frame.flags & ACK != 0 && frame.payload == b"hostile!" {
                return true;
            }
        }
        false
    }
}

/// Another sender is served within two seconds.
fn serves(house: &House, name: &str) {
    let begun = Instant::now();
    let answer = house.send(b"GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{name}: {answer}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{name}: after {:?}", begun.elapsed());
}
