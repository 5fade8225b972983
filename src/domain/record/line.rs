//! Writes JSON lines fast: numbers and times without formatting machinery, strings by [`super::escape`].

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::escape::{Escaper, is_plain};
use crate::domain::headers::{Header, Headers};
use crate::domain::time::Timestamp;

/// Bytes of a text that may be looked at whole before it is known to need no escape.
const SHORT_BYTES_MAX: usize = 512;

/// A line being written. Made once and reused: it keeps its memory.
#[derive(Debug)]
pub struct LineWriter {
    out: Vec<u8>,
    escaper: Escaper,
    /// The second of the last time written, and its words: thousands fall into one.
    second: (i64, [u8; 27]),
}

impl Default for LineWriter {
    fn default() -> Self {
        let second = (0, rfc3339(Timestamp::from_secs(0)));
        Self { out: Vec::with_capacity(2048), escaper: Escaper::default(), second }
    }
}

impl LineWriter {
    /// What was written so far.
    pub fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// The same, for numbers that are known later.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.out
    }

    /// Starts anew. Memory beyond `keep_bytes` is given back, so that one large body does not stay for ever.
    pub fn clear(&mut self, keep_bytes: usize) {
        self.out.clear();
        if self.out.capacity() > keep_bytes {
            self.out = Vec::with_capacity(keep_bytes.min(2048));
        }
    }

    /// The written bytes; the writer is empty afterwards.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A number in decimal.
    pub(super) fn number(&mut self, mut value: u64) {
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[at..]);
    }

    /// `,"name":` and a number.
    #[inline(always)]
    pub(super) fn number_field(&mut self, name: &str, value: u64) {
        self.name(name);
        self.number(value);
    }

    /// `,"name":` and a number, or nothing.
    #[inline(always)]
    pub(super) fn optional_number_field(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.number_field(name, value);
        }
    }

    /// `,"name":`. Names are ours and need no escape.
    #[inline(always)] // with its length known each copy is a store or two
    pub(super) fn name(&mut self, name: &str) {
        self.out.reserve(name.len() + 4);
        self.raw(b",\"");
        self.raw(name.as_bytes());
        self.raw(b"\":");
    }

    /// `,"name":"text"`.
    #[inline(always)]
    pub(super) fn text_field(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text(text.as_bytes());
    }

    /// `,"name":"127.0.0.1:50000"`.
    pub(super) fn peer_field(&mut self, name: &str, peer: SocketAddr) {
        let SocketAddr::V4(peer) = peer else { return self.text_field(name, &peer.to_string()) };
        self.name(name);
        for (place, part) in peer.ip().octets().into_iter().enumerate() {
            self.out.push(if place == 0 { b'"' } else { b'.' });
            self.number(part.into());
        }
        self.out.push(b':');
        self.number(peer.port().into());
        self.out.push(b'"');
    }

    /// `,"name":"text"` when the bytes are UTF-8, else `,"name_base64":"..."`.
    #[inline(always)]
    pub(super) fn bytes_field(&mut self, name: &str, bytes: &[u8]) {
        if is_short(bytes) || simdutf8::basic::from_utf8(bytes).is_ok() {
            self.name(name);
            self.text(bytes);
        } else {
            self.raw(b",\"");
            self.raw(name.as_bytes());
            self.raw(b"_base64\":");
            self.base64(bytes);
        }
    }

    /// `,"name":"2026-11-22T02:30:00.123456Z"`.
    #[inline(always)]
    pub(super) fn time_field(&mut self, name: &str, time: Timestamp) {
        self.name(name);
        self.time(time);
    }

    fn time(&mut self, time: Timestamp) {
        let micros = writable(time);
        let (second, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
        if self.second.0 == second {
            digits(&mut self.second.1[20..26], fraction);
        } else {
            self.second = (second, rfc3339(time));
        }
        let text = self.second.1;
        self.quoted(&text);
    }

    /// `,"name":[["Host","x"],...]`.
    pub(super) fn headers_field(&mut self, name: &str, headers: &Headers) {
        self.name(name);
        self.out.push(b'[');
        for (index, Header { name, value }) in headers.iter().enumerate() {
            self.raw(if index == 0 { b"[" } else { b",[" });
            if is_short(name) && is_short(value) {
                self.out.reserve(name.len() + value.len() + 6);
                self.raw(b"\"");
                self.raw(name);
                self.raw(b"\",\"");
                self.raw(value);
                self.raw(b"\"]");
            } else {
                self.text_or_base64(name);
                self.out.push(b',');
                self.text_or_base64(value);
                self.out.push(b']');
            }
        }
        self.out.push(b']');
    }

    /// `"text"`, or `{"base64":"..."}` for bytes that are not UTF-8.
    fn text_or_base64(&mut self, bytes: &[u8]) {
        if is_short(bytes) || simdutf8::basic::from_utf8(bytes).is_ok() {
            self.text(bytes);
        } else {
            self.raw(b"{\"base64\":");
            self.base64(bytes);
            self.out.push(b'}');
        }
    }

    fn base64(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        self.inside_base64(bytes);
        self.out.push(b'"');
    }

    /// A part of base64: all but the last one of a length that three divides.
    pub(super) fn inside_base64(&mut self, bytes: &[u8]) {
        let start = self.out.len();
        let most = bytes.len().div_ceil(3) * 4;
        self.out.resize(start + most, 0);
        let written = STANDARD.encode_slice(bytes, &mut self.out[start..]).unwrap_or(0);
        self.out.truncate(start + written);
    }

    /// As [`Self::string`], without the escape where there is nothing to escape.
    fn text(&mut self, bytes: &[u8]) {
        if is_short(bytes) {
            self.quoted(bytes);
        } else {
            self.string(bytes);
        }
    }

    /// Bytes as they are, in quotes.
    fn quoted(&mut self, bytes: &[u8]) {
        self.out.reserve(bytes.len() + 2);
        self.out.push(b'"');
        self.out.extend_from_slice(bytes);
        self.out.push(b'"');
    }

    /// A JSON string of bytes that are known to be UTF-8.
    pub(super) fn string(&mut self, text: &[u8]) {
        self.out.push(b'"');
        self.inside_string(text);
        self.out.push(b'"');
    }

    /// A part of a string, whole characters.
    pub(super) fn inside_string(&mut self, text: &[u8]) {
        self.escaper.escape(text, &mut self.out);
    }
}

/// Microseconds since 1970 of the nearest time that RFC 3339 can write: years 0000 to 9999.
fn writable(time: Timestamp) -> i64 {
    const FIRST: i64 = -62_167_219_200_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    time.micros().clamp(FIRST, LAST)
}

/// Whether it is short and stands for itself in a JSON string, as names and values of headers do: one look instead of one for UTF-8, one
/// for quotes and one for the end of what needs none.
fn is_short(bytes: &[u8]) -> bool {
    bytes.len() <= SHORT_BYTES_MAX && is_plain(bytes)
}

/// RFC 3339 in UTC with microseconds. Years outside 0000 to 9999, which it cannot write, become the nearest that it can.
pub(super) fn rfc3339(time: Timestamp) -> [u8; 27] {
    let micros = writable(time);
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    digits(&mut text[0..4], year);
    digits(&mut text[5..7], month);
    digits(&mut text[8..10], day);
    digits(&mut text[11..13], second / 3600);
    digits(&mut text[14..16], second / 60 % 60);
    digits(&mut text[17..19], second % 60);
    digits(&mut text[20..26], fraction);
    text
}

fn digits(place: &mut [u8], mut value: i64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar: days are counted from
/// 0000-03-01, so that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
