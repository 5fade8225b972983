//! Frames that break a rule, in a table: a new shape is a line.

use hooksight::domain::exchange::Mark;

use crate::capture_harness::{House, house};

use super::*;

/// What one of the rows of a shape is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    /// A request.
    Whole,
    /// A request that broke off; the mark contains this.
    Broken(&'static str),
    /// Refused; the reason contains this.
    Refused(&'static str),
}

use Row::{Broken, Refused, Whole};

/// How the connection goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    /// It answers a ping.
    Open,
    /// GOAWAY with this code, then its end.
    Closed(u32),
}

use Then::{Closed, Open};

struct Shape {
    name: &'static str,
    /// What follows the preface and the settings.
    bytes: Vec<u8>,
    rows: Vec<Row>,
    then: Then,
}

fn shape(name: &'static str, frames: &[Vec<u8>], rows: &[Row], then: Then) -> Shape {
    Shape { name, bytes: [frame(SETTINGS, 0, 0, &[]), frames.concat()].concat(), rows: rows.to_vec(), then }
}

/// A request of these fields.
fn fields(name: &'static str, fields: &[(&str, &str)], row: Row, then: Then) -> Shape {
    shape(name, &[frame(HEADERS, ALL, 1, &block(fields))], &[row], then)
}

/// A header block.
fn hpack(name: &'static str, block: &[u8], reason: &'static str) -> Shape {
    let block = [good_block(&[]), block.to_vec()].concat();
    shape(name, &[frame(HEADERS, ALL, 1, &block)], &[Refused(reason)], Closed(COMPRESSION_ERROR))
}

fn number(number: u32) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

fn setting(name: u16, value: u32) -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[name.to_be_bytes().to_vec(), number(value)].concat())
}

fn shapes() -> Vec<Shape> {
    let mut shapes = shapes_of_connections();
    shapes.extend(shapes_of_streams());
    shapes.extend(shapes_of_blocks());
    shapes.extend(shapes_of_fields());
    shapes.extend(shapes_of_bodies());
    shapes
}

#[rustfmt::skip]
fn shapes_of_connections() -> Vec<Shape> {
    let size = Closed(FRAME_SIZE_ERROR);
    let protocol = Closed(PROTOCOL_ERROR);
    let raw = |name, bytes: &[u8], reason| Shape { name, bytes: bytes.to_vec(), rows: vec![Refused(reason)], then: protocol };
    vec![
        raw("garbage behind the preface", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "no SETTINGS frame behind the preface (RFC 9113 section 3.4)"),
        raw("no settings", &whole(1), "no SETTINGS frame"),
        raw("an acknowledgement first", &frame(SETTINGS, ACK, 0, &[]), "no SETTINGS frame"),
        shape("settings of 5 bytes", &[frame(SETTINGS, 0, 0, &[0; 5])], &[Refused("SETTINGS of 5 bytes (RFC 9113 section 6.5)")], size),
        shape("settings on a stream", &[frame(SETTINGS, 0, 1, &[])], &[Refused("SETTINGS on stream 1 (RFC 9113 section 6.5)")], protocol),
        shape("an acknowledgement with payload", &[frame(SETTINGS, ACK, 0, &[0; 6])], &[Refused("SETTINGS with ACK of 6 bytes")], size),
        shape("push that is neither 0 nor 1", &[setting(2, 2)], &[Refused("SETTINGS_ENABLE_PUSH is 2 (RFC 9113 section 6.5.2)")], protocol),
        shape("a window over the limit", &[setting(4, 0x8000_0000)], &[Refused("SETTINGS_INITIAL_WINDOW_SIZE is 2147483648")], Closed(FLOW_CONTROL_ERROR)),
        shape("a frame size below the limit", &[setting(5, 16_383)], &[Refused("SETTINGS_MAX_FRAME_SIZE is 16383")], protocol),
        shape("a frame size over the limit", &[setting(5, 0x100_0000)], &[Refused("SETTINGS_MAX_FRAME_SIZE is 16777216")], protocol),
        shape("an unknown setting", &[setting(0xfafa, 7), whole(1)], &[Whole], Open),
        shape("a huge header table", &[setting(1, u32::MAX), whole(1)], &[Whole], Open),
        shape("no header table", &[setting(1, 0), whole(1)], &[Whole], Open),
        shape("a ping of 7 bytes", &[frame(PING, 0, 0, &[0; 7])], &[Refused("PING of 7 bytes (RFC 9113 section 6.7)")], size),
        shape("a ping on a stream", &[frame(PING, 0, 3, &[0; 8])], &[Refused("PING on stream 3 (RFC 9113 section 6.7)")], protocol),
        shape("a good-bye of 7 bytes", &[frame(GOAWAY, 0, 0, &[0; 7])], &[Refused("GOAWAY of 7 bytes (RFC 9113 section 6.8)")], size),
        shape("a window update of 3 bytes", &[frame(WINDOW_UPDATE, 0, 0, &[0; 3])], &[Refused("WINDOW_UPDATE of 3 bytes (RFC 9113 section 6.9)")], size),
        shape("a window update by 0", &[frame(WINDOW_UPDATE, 0, 0, &number(0))], &[Refused("WINDOW_UPDATE by 0 (RFC 9113 section 6.9)")], protocol),
        shape("a window update over the limit", &[frame(WINDOW_UPDATE, 0, 0, &number(0x7fff_ffff))], &[Refused("a flow-control window over 2,147,483,647 bytes")], Closed(FLOW_CONTROL_ERROR)),
        shape("a promise", &[open(1), frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82])], &[Broken("PUSH_PROMISE from a client (RFC 9113 section 8.4)")], protocol),
        shape("a promise alone", &[frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82])], &[Refused("PUSH_PROMISE from a client (RFC 9113 section 8.4)")], protocol),
        shape("a frame over the size", &[frame(0xee, 0, 0, &[0; 16_385])], &[Refused("a frame of unknown type of 16385 bytes: 16,384 are allowed (RFC 9113 section 4.2)")], size),
        shape("frames of unknown types", &[frame(0xee, 0xff, 7, &[0; 16_384]), whole(1)], &[Whole], Open),
        shape("broken behind a good request", &[whole(1), frame(PING, 0, 0, &[0; 7])], &[Whole, Refused("PING of 7 bytes")], size),
    ]
}

#[rustfmt::skip]
fn shapes_of_streams() -> Vec<Shape> {
    let size = Closed(FRAME_SIZE_ERROR);
    let protocol = Closed(PROTOCOL_ERROR);
    let depends = |on: u32| [number(on), vec![9]].concat();
    let with_priority = |on: u32| frame(HEADERS, ALL | WITH_PRIORITY, 1, &[depends(on), good_block(&[])].concat());
    vec![
        shape("data on stream 0", &[frame(DATA, 0, 0, b"x")], &[Refused("DATA on stream 0 (RFC 9113 section 6.1)")], protocol),
        shape("data on an idle stream", &[frame(DATA, 0, 5, b"x")], &[Refused("DATA on stream 5, which was never opened (RFC 9113 section 5.1)")], protocol),
        shape("data on an even stream", &[whole(3), frame(DATA, 0, 2, b"x")], &[Whole, Refused("DATA on stream 2, which was never opened")], protocol),
        shape("data with too much padding", &[open(1), frame(DATA, PADDED, 1, &[5, 1, 2, 3, 4])], &[Broken("padding longer than its DATA frame (RFC 9113 section 6.1)")], protocol),
        shape("data without its padding's length", &[open(1), frame(DATA, PADDED, 1, &[])], &[Broken("DATA of 0 bytes (RFC 9113 section 6.1)")], size),
        shape("data that is all padding", &[open(1), frame(DATA, PADDED | END_STREAM, 1, &[4, 0, 0, 0, 0])], &[Whole], Open),
        shape("headers on stream 0", &[frame(HEADERS, ALL, 0, &good_block(&[]))], &[Refused("HEADERS on stream 0 (RFC 9113 section 6.2)")], protocol),
        shape("headers on an even stream", &[whole(2)], &[Refused("HEADERS on the even stream 2 (RFC 9113 section 5.1.1)")], protocol),
        shape("a stream number going back", &[whole(5), whole(3)], &[Whole, Refused("HEADERS on stream 3, which is over or was left out, as 5 is open (RFC 9113 section 5.1)")], Closed(STREAM_CLOSED)),
        shape("a stream used twice", &[whole(1), frame(PING, ACK, 0, &[0; 8]), whole(1)], &[Whole, Refused("HEADERS on stream 1, which is over")], Closed(STREAM_CLOSED)),
        shape("headers with too much padding", &[frame(HEADERS, ALL | PADDED, 1, &[&[200][..], &good_block(&[])].concat())], &[Refused("padding longer than its HEADERS frame (RFC 9113 section 6.2)")], protocol),
        shape("headers that depend on themselves", &[with_priority(1)], &[Refused("stream 1 depends on itself (RFC 7540 section 5.3.1)")], protocol),
        shape("headers that depend on another", &[with_priority(0x8000_0003)], &[Whole], Open),
        shape("headers too short for their priority", &[frame(HEADERS, ALL | WITH_PRIORITY, 1, &[0; 4])], &[Refused("HEADERS too short for its priority (RFC 9113 section 6.2)")], size),
        shape("a priority of 4 bytes", &[frame(PRIORITY, 0, 1, &[0; 4])], &[Refused("PRIORITY of 4 bytes (RFC 9113 section 6.3)")], size),
        shape("a priority on stream 0", &[frame(PRIORITY, 0, 0, &depends(1))], &[Refused("PRIORITY on stream 0 (RFC 9113 section 6.3)")], protocol),
        shape("a priority on itself", &[frame(PRIORITY, 0, 1, &depends(1))], &[Refused("stream 1 depends on itself")], protocol),
        shape("a priority before its stream", &[frame(PRIORITY, 0, 1, &depends(0)), whole(1)], &[Whole], Open),
        shape("a reset of 3 bytes", &[open(1), frame(RST_STREAM, 0, 1, &[0; 3])], &[Broken("RST_STREAM of 3 bytes (RFC 9113 section 6.4)")], size),
        shape("a reset of stream 0", &[frame(RST_STREAM, 0, 0, &number(8))], &[Refused("RST_STREAM on stream 0 (RFC 9113 section 6.4)")], protocol),
        shape("a reset of an idle stream", &[frame(RST_STREAM, 0, 1, &number(8))], &[Refused("RST_STREAM on stream 1, which was never opened (RFC 9113 section 5.1)")], protocol),
        shape("a reset with an unknown code", &[open(1), frame(RST_STREAM, 0, 1, &number(0xdead))], &[Broken("the sender reset the stream (error 0xdead)")], Open),
        shape("a whole request that is reset at once", &[whole(1), frame(RST_STREAM, 0, 1, &number(8))], &[Whole], Open),
        shape("a whole body that is reset at once", &[open(1), frame(DATA, END_STREAM, 1, b"all of it"), frame(RST_STREAM, 0, 1, &number(8))], &[Whole], Open),
        shape("a window update of an idle stream", &[frame(WINDOW_UPDATE, 0, 1, &number(1))], &[Refused("WINDOW_UPDATE on stream 1, which was never opened (RFC 9113 section 5.1)")], protocol),
        shape("a window update of a stream by 0", &[open(1), frame(WINDOW_UPDATE, 0, 1, &number(0))], &[Broken("WINDOW_UPDATE by 0 (RFC 9113 section 6.9)")], protocol),
        shape("a window update of a stream over the limit", &[open(1), frame(WINDOW_UPDATE, 0, 1, &number(0x7fff_ffff))], &[Broken("FLOW_CONTROL_ERROR")], Open),
    ]
}

#[rustfmt::skip]
fn shapes_of_blocks() -> Vec<Shape> {
    let protocol = Closed(PROTOCOL_ERROR);
    let calm = Closed(ENHANCE_YOUR_CALM);
    let begin = frame(HEADERS, END_STREAM, 1, &good_block(&[]));
    let more = |payload: &[u8]| frame(CONTINUATION, 0, 1, payload);
    // One entry of the table, of 3,000 bytes, and its name so many times.
    let bomb = |times: usize| {
        let entry = [&[0x40, 1, b'b', 0x7f, 0xb9, 0x16][..], &[b'x'; 3000]].concat();
        vec![frame(HEADERS, ALL, 1, &[good_block(&[]), entry, vec![0xbe; times]].concat())]
    };
    let many = vec![frame(HEADERS, ALL, 1, &[good_block(&[]), [0x10, 1, b'a', 0].repeat(2900)].concat())];
    let large = field(b"a", &[b'x'; 16_000]);
    let large = [vec![begin.clone()], vec![more(&large); 8], vec![frame(CONTINUATION, END_HEADERS, 1, &large)]].concat();
    vec![
        shape("a continuation alone", &[more(&[])], &[Refused("CONTINUATION without HEADERS before it (RFC 9113 section 6.10)")], protocol),
        shape("a continuation of another stream", &[begin.clone(), frame(CONTINUATION, END_HEADERS, 3, &[])], &[Refused("CONTINUATION on stream 3 inside the header block of stream 1 (RFC 9113 section 6.10)")], protocol),
        shape("a ping inside a header block", &[begin.clone(), frame(PING, 0, 0, &[0; 8])], &[Refused("PING on stream 0 inside the header block of stream 1")], protocol),
        shape("headers inside a header block", &[begin.clone(), whole(3)], &[Refused("HEADERS on stream 3 inside the header block of stream 1")], protocol),
        shape("a header block in pieces", &[begin.clone(), more(&[]), frame(CONTINUATION, END_HEADERS, 1, &[])], &[Whole], Open),
        shape("endless empty continuations", &[begin.clone(), more(&[]).repeat(1000)], &[Refused("an endless header block")], calm),
        shape("endless continuations", &[begin.clone(), more(&block(&[("x", "y")]).repeat(3000)).repeat(30)], &[Refused("an endless header block")], calm),
        shape("2,900 header lines", &many, &[Refused("2900 header fields: 1000 are allowed")], Open),
        shape("a header list over the limit", &large, &[Refused("bytes of header fields: fewer than 131072 are allowed")], Open),
        shape("a large entry that is named some times", &bomb(3), &[Whole], Open),
        shape("a large entry that is named again and again", &bomb(60), &[Refused("names the same fields again and again")], calm),
        shape("a header bomb", &bomb(10_000), &[Refused("names the same fields again and again")], calm),
        hpack("index 0", &[0x80], "a field's index is in no table (RFC 7541 section 2.3.3)"),
        hpack("an index beyond the table", &[0xc6], "a field's index is in no table"),
        hpack("an endless integer", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "an integer is longer than 5 bytes (RFC 7541 section 5.1)"),
        hpack("half a field", &[0x00, 0x05, b'a'], "the block ends inside a field (RFC 7541 section 5.2)"),
        hpack("huffman padding of a byte", &[0x00, 1, b'a', 0x82, 0x1f, 0xff], "a Huffman-coded string has wrong padding"),
        hpack("huffman padding of zeros", &[0x00, 1, b'a', 0x81, 0x18], "a Huffman-coded string has wrong padding"),
        hpack("the huffman end mark", &[0x00, 1, b'a', 0x84, 0xff, 0xff, 0xff, 0xff], "a Huffman-coded string has wrong padding or an end mark"),
        hpack("a change of the table behind a field", &[0x20], "the dynamic table's size is changed behind a field (RFC 7541 section 4.2)"),
        shape("a table over the limit", &[frame(HEADERS, ALL, 1, &[0x3f, 0xe2, 0x1f, 0x82])], &[Refused("the dynamic table is to be larger than the 4,096 bytes granted")], Closed(COMPRESSION_ERROR)),
        shape("changes of the table before the first field", &[frame(HEADERS, ALL, 1, &[&[0x20, 0x3f, 0xe1, 0x1f][..], &good_block(&[])].concat())], &[Whole], Open),
    ]
}

#[rustfmt::skip]
fn shapes_of_fields() -> Vec<Shape> {
    // What hyper finds while it decodes ends the connection, what it finds later the stream.
    let protocol = Closed(PROTOCOL_ERROR);
    let [method, scheme, path, authority] = GOOD;
    let with = |name: &'static str, more: &[(&str, &str)], reason: &'static str, then: Then| {
        shape(name, &[frame(HEADERS, ALL, 1, &good_block(more))], &[Refused(reason)], then)
    };
    vec![
        fields("no method", &[scheme, path, authority], Refused("no :method (RFC 9113 section 8.3.1)"), Open),
        fields("no scheme", &[method, path, authority], Refused("no :scheme (RFC 9113 section 8.3.1)"), Open),
        fields("no path", &[method, scheme, authority], Refused("no :path (RFC 9113 section 8.3.1)"), Open),
        fields("no path and no authority", &[method, scheme], Refused("no :path (RFC 9113 section 8.3.1)"), Open),
        fields("an empty path", &[method, scheme, (":path", ""), authority], Refused("an empty :path (RFC 9113 section 8.3.1)"), Open),
        fields("a path with a blank", &[method, scheme, (":path", "/a b"), authority], Refused(":path is not valid: "), Open),
        fields("a path with a fragment", &[method, scheme, (":path", "/a#b"), authority], Whole, Open),
        fields("an asterisk", &[(":method", "OPTIONS"), scheme, (":path", "*"), authority], Whole, Open),
        fields("an authority that is none", &[method, scheme, path, (":authority", "a b")], Refused(":authority is not valid: "), Open),
        fields("a scheme that is none", &[method, (":scheme", "h ttp"), path, authority], Refused(":scheme is not valid: "), Open),
        fields("no authority", &[method, scheme, path], Whole, Open),
        fields("a method that is no token", &[(":method", "PO ST"), scheme, path, authority], Refused(":method is no token (RFC 9110 section 9.1)"), protocol),
        fields("a method twice", &[method, method, scheme, path], Refused("the pseudo-header :method twice (RFC 9113 section 8.3)"), Open),
        fields("a path twice", &[method, scheme, path, (":path", "/other")], Refused("the pseudo-header :path twice (RFC 9113 section 8.3)"), Open),
        fields("a pseudo-header behind a field", &[method, scheme, path, ("x", "y"), authority], Refused("the pseudo-header :authority behind a regular field (RFC 9113 section 8.3)"), Open),
        fields("a status in a request", &[method, scheme, path, (":status", "200")], Refused("the pseudo-header :status of a response in a request (RFC 9113 section 8.3)"), Open),
        fields("an unknown pseudo-header", &[method, scheme, path, (":new", "x")], Refused("an unknown pseudo-header :new (RFC 9113 section 8.3)"), protocol),
        with("upper case", &[("X-Upper", "1")], "upper case in the field name X-Upper (RFC 9113 section 8.2.1)", protocol),
        with("a name with a blank", &[("a b", "1")], "a character that field names must not have, in a b (RFC 9113 section 8.2.1)", protocol),
        with("no name", &[("", "1")], "a field without a name (RFC 9113 section 8.2.1)", protocol),
        with("no name many times", &[("", ""); 500], "a field without a name (RFC 9113 section 8.2.1)", protocol),
        with("a value with a line end", &[("x", "a\r\nb: c")], "a control character in the value of x (RFC 9113 section 8.2.1)", protocol),
        with("connection", &[("connection", "close")], "the connection-specific field connection (RFC 9113 section 8.2.2)", Open),
        with("transfer-encoding", &[("transfer-encoding", "chunked")], "the connection-specific field transfer-encoding (RFC 9113 section 8.2.2)", Open),
        with("upgrade", &[("upgrade", "h2c")], "the connection-specific field upgrade (RFC 9113 section 8.2.2)", Open),
        with("te", &[("te", "gzip")], "te with another value than \"trailers\" (RFC 9113 section 8.2.2)", Open),
        with("a length that is no number", &[("content-length", "1x")], "content-length is no number (RFC 9110 section 8.6)", Open),
        with("lengths that differ", &[("content-length", "0"), ("content-length", "1")], "several content-length fields that differ (RFC 9110 section 8.6)", Open),
        with("a length and no body", &[("content-length", "5")], "content-length is 5 and no DATA follows (RFC 9113 section 8.1.1)", Open),
        fields("te for trailers", &[method, scheme, path, ("te", "trailers")], Whole, Open),
        fields("connect", &[(":method", "CONNECT"), authority], Whole, Open),
        fields("connect with a path", &[(":method", "CONNECT"), path, authority], Refused(":path in a CONNECT request (RFC 9113 section 8.5)"), Open),
        fields("connect with a scheme", &[(":method", "CONNECT"), scheme, authority], Refused(":scheme in a CONNECT request (RFC 9113 section 8.5)"), Open),
        fields("extended connect", &[(":method", "CONNECT"), scheme, path, authority, (":protocol", "websocket")], Refused("an extended CONNECT, which was not offered (RFC 8441 section 3)"), Open),
        shape("connect with a length", &[frame(HEADERS, END_HEADERS, 1, &block(&[(":method", "CONNECT"), authority, ("content-length", "5")]))], &[Refused("a CONNECT request with a content-length (RFC 9110 section 9.3.6)")], protocol),
        shape("two bad ones and a good one", &[frame(HEADERS, ALL, 1, &block(&[method])), frame(HEADERS, ALL, 3, &block(&[path])), whole(5)], &[Refused("no :scheme"), Refused("no :method"), Whole], Open),
    ]
}

#[rustfmt::skip]
fn shapes_of_bodies() -> Vec<Shape> {
    let declared = |length: &str| frame(HEADERS, END_HEADERS, 1, &good_block(&[("content-length", length)]));
    let trailers = |flags: u8, fields: &[(&str, &str)]| frame(HEADERS, flags, 1, &block(fields));
    vec![
        shape("more data than declared", &[declared("4"), frame(DATA, 0, 1, b"12345")], &[Broken("more DATA than content-length says, 4 bytes (RFC 9113 section 8.1.1)")], Open),
        shape("less data than declared", &[declared("4"), frame(DATA, END_STREAM, 1, b"123")], &[Broken("3 bytes of DATA where content-length says 4 (RFC 9113 section 8.1.1)")], Open),
        shape("as much data as declared", &[declared("4"), frame(DATA, 0, 1, b"12"), frame(DATA, END_STREAM | PADDED, 1, b"\x0134\0")], &[Whole], Open),
        shape("data behind the end", &[open(1), frame(DATA, END_STREAM, 1, b"1"), frame(DATA, 0, 1, b"2")], &[Whole, Refused("DATA on stream 1, which is over")], Closed(STREAM_CLOSED)),
        shape("data behind a reset", &[open(1), frame(RST_STREAM, 0, 1, &number(8)), frame(DATA, 0, 1, b"2")], &[Broken("the sender reset the stream (CANCEL)"), Refused("DATA on stream 1, which is over")], Closed(STREAM_CLOSED)),
        shape("trailers without the end", &[open(1), trailers(END_HEADERS, &[("t", "v")])], &[Broken("trailers without END_STREAM (RFC 9113 section 8.1)")], Open),
        shape("trailers in upper case", &[open(1), trailers(ALL, &[("T", "v")])], &[Broken("upper case in the field name T (RFC 9113 section 8.2.1)")], Closed(PROTOCOL_ERROR)),
        shape("trailers", &[open(1), frame(DATA, 0, 1, b"1"), trailers(ALL, &[("t", "v")])], &[Whole], Open),
    ]
}

fn row(house: &House, id: u64) -> (Option<String>, Option<String>) {
    let request = house.request(id);
    let broken = request.marks.iter().find_map(|mark| match mark {
        Mark::Incomplete { reason } => Some(reason.clone()),
        _ => None,
    });
    (request.refused().map(str::to_owned), broken)
}

/// Compares one row; what is wrong with it.
fn compare(house: &House, id: u64, expected: Row) -> Option<String> {
    let (refused, broken) = row(house, id);
    let is_right = match (expected, &refused, &broken) {
        (Whole, None, None) => true,
        (Refused(reason), Some(text), None) | (Broken(reason), None, Some(text)) => text.contains(reason),
        _ => false,
    };
    (!is_right).then(|| format!("expected {expected:?}, refused: {refused:?}, broken: {broken:?}"))
}

/// Sends a shape, then looks at its rows, of which the first has the number `first`.
fn send(house: &House, shape: &Shape, first: u64) -> Option<String> {
    let mut sender = Sender::new(house);
    sender.write(&shape.bytes);
    let then = match shape.then {
        Closed(_) => sender.end().map_or(Open, Closed),
        Open if sender.answers_a_ping() => Open,
        Open => Closed(u32::MAX),
    };
    if then != shape.then {
        return Some(format!("{then:?}"));
    }
    let wrong = (first..).zip(&shape.rows).find_map(|(id, expected)| compare(house, id, *expected));
    drop(sender);
    serves(house, shape.name);
    let next = house.request(first + shape.rows.len() as u64);
    wrong.or_else(|| (next.target != "/next").then(|| format!("one row more: {:?} {:?}", next.target, next.marks)))
}

#[test]
fn each_broken_rule_is_told_once_and_by_its_name() {
    let mut house = house();
    let mut wrong = Vec::new();
    for shape in shapes() {
        let first = house.store.last_id().0 + 1;
        if let Some(what) = send(&house, &shape, first) {
            wrong.push(format!("{}: {what}", shape.name));
            // What comes late must not be taken for rows of the next one.
            house.stop();
            house = crate::capture_harness::house();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let rows = house.store.last_id();
    house.stop();
    assert_eq!(house.store.last_id(), rows, "nothing is told again at the end");
}

#[test]
fn what_ended_a_connection_is_there_with_its_first_bytes_and_what_could_be_read() {
    let house = house();
    let garbage = b"GET /mistaken HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut sender = Sender::new(&house);
    sender.write(garbage);
    assert_eq!(sender.end(), Some(PROTOCOL_ERROR));
    assert_eq!(house.request(1).raw_head.as_deref(), Some(&garbage[..]));
    // The fields before the mistake.
    let mut sender = Sender::with_settings(&house);
    let block = good_block(&[("x-before", "1")]);
    sender.write(&frame(HEADERS, ALL, 1, &[&block[..], &[0x80], &block].concat()));
    assert_eq!(sender.end(), Some(COMPRESSION_ERROR));
    let request = house.request(2);
    assert_eq!((&*request.method, &*request.target), (&b"POST"[..], &b"/hostile"[..]));
    assert_eq!(request.headers.get_str("x-before"), Some("1"));
    assert!(request.raw_head.as_ref().is_some_and(|raw| raw.ends_with(&block)));
}
