//! What stands between the chunks of a body, read exactly as hyper reads it: where hyper gives a body up, nothing behind it
//! may be taken for a request, and where it goes on, so must the tap.

use bytes::Bytes;

use crate::domain::headers::{Header, Headers};

/// Bytes of all extensions of a body: from here on hyper gives it up.
pub const EXTENSIONS_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a trailer section: from here on hyper gives the body up.
pub const TRAILERS_BYTES_MAX: usize = 16 * 1024;

/// What a chunk's size line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeLine {
    /// All of it is there.
    Whole {
        /// Bytes of the line, CR LF included.
        length: usize,
        /// The chunk's.
        size: u64,
        /// Bytes of it behind the semicolon.
        extension_bytes: usize,
    },
    /// More is to come.
    Partial,
    /// It is none.
    Wrong,
}

/// Reads a size line (RFC 9112 section 7.1): digits, blanks, an extension, CR LF. An extension must not hold a bare LF,
/// because others take it for the line's end.
pub fn size_line(bytes: &[u8]) -> SizeLine {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (number, rest) = bytes.split_at(digits);
    let add = |size: u64, digit: &u8| {
        let value = char::from(*digit).to_digit(16)?;
        size.checked_mul(16)?.checked_add(u64::from(value))
    };
    let Some(size) = number.iter().try_fold(0, add) else { return SizeLine::Wrong };
    let blanks = rest.iter().take_while(|byte| matches!(byte, b'\t' | b' ')).count();
    let rest = &rest[blanks..];
    let extension = match rest.first() {
        Some(_) if digits == 0 => return SizeLine::Wrong,
        None if digits == 0 && blanks > 0 => return SizeLine::Wrong,
        None => return SizeLine::Partial,
        Some(b'\r') => 0,
        Some(b';') => match memchr::memchr2(b'\r', b'\n', rest) {
            Some(at) if rest.get(at) == Some(&b'\r') => at,
            Some(_) => return SizeLine::Wrong,
            None => return SizeLine::Partial,
        },
        Some(_) => return SizeLine::Wrong,
    };
    match rest.get(extension + 1) {
        None => SizeLine::Partial,
        Some(b'\n') => SizeLine::Whole {
            length: digits + blanks + extension + 2,
            size,
            extension_bytes: extension.saturating_sub(1),
        },
        Some(_) => SizeLine::Wrong,
    }
}

/// Where a trailer section ends: behind a line of nothing but CR LF. The first `before` bytes were looked at already.
pub fn trailers_end(section: &[u8], before: usize) -> Option<usize> {
    if section.starts_with(b"\r\n") {
        return Some(2);
    }
    let from = before.saturating_sub(3);
    let at = memchr::memmem::find(section.get(from..)?, b"\r\n\r\n")?;
    Some(from + at + 4)
}

/// Where an LF stands that ends no CR LF, in a trailer section of which the first `before` bytes were looked at already.
pub fn bare_lf(section: &[u8], before: usize) -> Option<usize> {
    let new = section.get(before..)?;
    memchr::memchr_iter(b'\n', new)
        .map(|at| before + at)
        .find(|at| at.checked_sub(1).is_none_or(|at| section.get(at) != Some(&b'\r')))
}

/// The lines of a whole trailer section; `None` when hyper gives the body up over it.
pub fn trailers(section: &[u8], count_max: usize) -> Option<Headers> {
    let lines = memchr::memmem::find_iter(section, b"\r\n").count().saturating_sub(1);
    // A CR ends a line, so LF must follow.
    if memchr::memchr_iter(b'\r', section).count() != lines + 1 || lines > count_max {
        return None;
    }
    let mut fields = vec![httparse::EMPTY_HEADER; lines];
    let Ok(httparse::Status::Complete((_, fields))) = httparse::parse_headers(section, &mut fields) else {
        return None;
    };
    let copy = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    Some(fields.iter().map(|field| Header { name: copy(field.name.as_bytes()), value: copy(field.value) }).collect())
}

#[cfg(test)]
mod tests;
