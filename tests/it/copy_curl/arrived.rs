//! What arrives at a bare socket, and what must.

use std::io::{Read, Write};
use std::net::TcpStream;

use hooksight::domain::exchange::{HttpVersion, Request};
use hooksight::domain::export::raw;

use crate::support::DEADLINE;

/// What arrived at the socket.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrived {
    pub method: String,
    pub target: Vec<u8>,
    pub version: u8,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// Reads one request off a connection and answers it.
pub fn read_request(stream: &mut TcpStream) -> Arrived {
    stream.set_read_timeout(Some(DEADLINE)).expect("timeout");
    let mut bytes = Vec::new();
    let mut buffer = [0; 65536];
    let mut more = |bytes: &mut Vec<u8>, stream: &mut TcpStream| {
        let count = stream.read(&mut buffer).expect("the command sends a whole request in time");
        assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(bytes));
        bytes.extend_from_slice(&buffer[..count]);
    };
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        more(&mut bytes, stream);
    };
    let head = bytes[..head_end - 4].to_vec();
    // By hand: httparse refuses targets that a sender may have sent all the same.
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut first = lines.next().expect("a request line").splitn(3, |byte| *byte == b' ').map(<[u8]>::to_vec);
    let (method, target, version) = (first.next(), first.next(), first.next());
    let headers: Vec<_> = lines
        .map(|line| {
            let colon = line.iter().position(|byte| *byte == b':').expect("a colon");
            (String::from_utf8(line[..colon].to_vec()).expect("a token"), line[colon + 1..].trim_ascii().to_vec())
        })
        .collect();
    let value =
        |name: &str| headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    if value("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").expect("100");
    }
    let mut body = bytes[head_end..].to_vec();
    if value("transfer-encoding").is_some() {
        body = read_chunks(body, stream, &mut more);
    } else {
        let length: usize = value("content-length")
            .map_or(0, |value| String::from_utf8(value).expect("digits").parse().expect("a number"));
        while body.len() < length {
            more(&mut body, stream);
        }
    }
    let arrived = Arrived {
        method: String::from_utf8(method.expect("a method")).expect("a token"),
        target: target.expect("a target"),
        version: if version.as_deref() == Some(b"HTTP/1.0") { 0 } else { 1 },
        headers,
        body,
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").expect("answer");
    arrived
}

fn read_chunks(
    mut bytes: Vec<u8>,
    stream: &mut TcpStream,
    more: &mut impl FnMut(&mut Vec<u8>, &mut TcpStream),
) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(&bytes).expect("a chunk size") {
                httparse::Status::Complete((start, size)) => break (start, size as usize),
                httparse::Status::Partial => more(&mut bytes, stream),
            }
        };
        while bytes.len() < start + size + 2 {
            more(&mut bytes, stream);
        }
        body.extend_from_slice(&bytes[start..start + size]);
        bytes.drain(..start + size + 2);
        if size == 0 {
            return body;
        }
    }
}

/// What must arrive: every captured header, and nothing that was not captured but the length that frames a body.
pub fn expected(request: &Request) -> Arrived {
    let (_, headers) = raw::head(request);
    Arrived {
        method: String::from_utf8(request.method.to_vec()).expect("a token"),
        target: request.target.to_vec(),
        version: if request.version == HttpVersion::Http10 { 0 } else { 1 },
        headers: headers
            .iter()
            .map(|header| {
                (String::from_utf8(header.name.to_vec()).expect("a token"), header.value.trim_ascii().to_vec())
            })
            .collect(),
        body: request.body.bytes.to_vec(),
    }
}
