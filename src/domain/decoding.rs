//! Undoing content codings (gzip, deflate, br, zstd) for the eye, within a bound. The kept bytes are never touched.

use std::borrow::Cow;
use std::io::{self, Read};

use super::printable::visible_within;
use super::quantity::size;

/// Codings that are undone one after the other: more than anybody uses, and each costs a pass.
const CODINGS_MAX: usize = 4;

/// The largest window that a zstd body may ask for, as RFC 9659 section 3 has it for this content coding.
const ZSTD_WINDOW_BYTES_MAX: u64 = 8 << 20;

/// A body with its content codings undone, as far as that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// What to show: the decoded bytes, or the bytes as they came when nothing could be decoded.
    pub bytes: Cow<'a, [u8]>,
    /// What was done, or why not: `gzip, decoded (1.2 KiB -> 14 KiB)`. `None` when there is no content coding.
    pub note: Option<String>,
    /// Whether `bytes` are all that the sender meant: decoded to the end, or not coded.
    pub is_whole: bool,
}

/// Undoes the codings, the last one applied first (RFC 9110 section 8.4), each bounded by `decoded_bytes_max`. Knows
/// nothing of the type; an empty body has nothing to decode.
pub fn decode<'a>(bytes: &'a [u8], codings: &[String], decoded_bytes_max: usize) -> Decoded<'a> {
    if codings.is_empty() || bytes.is_empty() {
        return Decoded { bytes: Cow::Borrowed(bytes), note: None, is_whole: true };
    }
    let names = visible_within(codings.join(", ").as_bytes(), 60);
    if codings.len() > CODINGS_MAX {
        let note = format!("{names}: not decoded, {} codings one over the other", codings.len());
        return Decoded { bytes: Cow::Borrowed(bytes), note: Some(note), is_whole: false };
    }
    let mut current = Cow::Borrowed(bytes);
    let mut fault = None;
    for coding in codings.iter().rev() {
        let step = undo(&current, coding, decoded_bytes_max);
        fault = step.fault;
        // Nothing came out: what went in says more.
        if fault.is_some() && step.bytes.is_empty() {
            break;
        }
        current = Cow::Owned(step.bytes);
        if fault.is_some() {
            break;
        }
    }
    let sizes = format!("{} -> {}", size(bytes.len() as u64), size(current.len() as u64));
    let is_untouched = matches!(current, Cow::Borrowed(_));
    let note = match &fault {
        None => format!("{names}, decoded ({sizes})"),
        Some(why) if is_untouched => format!("{names}: not decoded, {why}"),
        Some(why) => format!("{names}, decoded in part ({sizes}): {why}"),
    };
    Decoded { bytes: current, note: Some(note), is_whole: fault.is_none() }
}

struct Step {
    bytes: Vec<u8>,
    fault: Option<String>,
}

fn undo(bytes: &[u8], coding: &str, decoded_bytes_max: usize) -> Step {
    match coding {
        "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(bytes), decoded_bytes_max),
        "deflate" => {
            // The standard says zlib; some senders mean raw deflate (RFC 9110 section 8.4.1.2).
            let zlib = read(flate2::read::ZlibDecoder::new(bytes), decoded_bytes_max);
            if zlib.fault.is_some() && zlib.bytes.is_empty() {
                let raw = read(flate2::read::DeflateDecoder::new(bytes), decoded_bytes_max);
                return if raw.bytes.is_empty() { zlib } else { raw };
            }
            zlib
        }
        // "Large window" streams begin so; `br` has none (RFC 7932 section 9.1), and they may ask for a gigabyte.
        "br" if bytes.first().is_some_and(|first| first & 0x7f == 0x11) => {
            Step { bytes: Vec::new(), fault: Some("a window that br does not have".to_owned()) }
        }
        "br" => read(brotli::Decompressor::new(bytes, 4096), decoded_bytes_max),
        "zstd" => zstd(bytes, decoded_bytes_max),
        other => {
            let name = visible_within(other.as_bytes(), 40);
            Step { bytes: Vec::new(), fault: Some(format!("{name} is not a coding that is known here")) }
        }
    }
}

/// Reads up to the bound; what came before a fault is kept.
fn read(mut decoder: impl Read, decoded_bytes_max: usize) -> Step {
    let mut out = Vec::new();
    let mut chunk = vec![0; 32 << 10];
    loop {
        match decoder.read(&mut chunk) {
            Ok(0) => return Step { bytes: out, fault: None },
            Ok(count) => {
                let room = decoded_bytes_max - out.len();
                out.extend_from_slice(chunk.get(..count.min(room)).unwrap_or_default());
                if count > room {
                    let fault = format!("stopped at {}", size(decoded_bytes_max as u64));
                    return Step { bytes: out, fault: Some(fault) };
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Step { bytes: out, fault: Some(words(&error)) },
        }
    }
}

/// Frame after frame, as the format allows.
fn zstd(bytes: &[u8], decoded_bytes_max: usize) -> Step {
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let before = rest.len();
        let decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(&mut rest, ZSTD_WINDOW_BYTES_MAX);
        let step = match decoder {
            Ok(decoder) => read(decoder, decoded_bytes_max - out.len()),
            Err(error) => Step { bytes: Vec::new(), fault: Some(words(&error)) },
        };
        out.extend_from_slice(&step.bytes);
        if step.fault.is_some() || rest.len() == before {
            return Step { bytes: out, fault: step.fault };
        }
    }
    Step { bytes: out, fault: None }
}

fn words(error: &dyn std::error::Error) -> String {
    visible_within(error.to_string().as_bytes(), 80)
}

#[cfg(test)]
mod tests;
