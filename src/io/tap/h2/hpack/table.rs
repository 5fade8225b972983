//! The tables by which fields are named (RFC 7541 section 2.3 and appendix A).

use std::collections::VecDeque;

use bytes::Bytes;

/// What an entry counts beside its bytes (section 4.1).
const ENTRY_BYTES: usize = 32;

/// Both tables; indices begin at 1, the newest dynamic entry follows the last static one.
#[derive(Debug)]
pub struct Table {
    entries: VecDeque<(Bytes, Bytes)>,
    bytes: usize,
    bytes_max: usize,
}

impl Table {
    pub fn new(bytes_max: usize) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, bytes_max }
    }

    /// The field of that number.
    pub fn get(&self, index: usize) -> Option<(Bytes, Bytes)> {
        let index = index.checked_sub(1)?;
        if let Some((name, value)) = STATIC.get(index) {
            return Some((Bytes::from_static(name.as_bytes()), Bytes::from_static(value.as_bytes())));
        }
        self.entries.get(index - STATIC.len()).cloned()
    }

    /// Adds a copy of a field: a slice would keep its whole block in memory.
    pub fn insert(&mut self, name: &[u8], value: &[u8]) {
        let bytes = ENTRY_BYTES + name.len() + value.len();
        self.shrink_to(self.bytes_max.saturating_sub(bytes));
        // One that is larger than the table empties it and is no error (section 4.4).
        if bytes <= self.bytes_max {
            self.bytes += bytes;
            self.entries.push_front((Bytes::copy_from_slice(name), Bytes::copy_from_slice(value)));
        }
    }

    /// From now on at most so large.
    pub fn resize(&mut self, bytes_max: usize) {
        self.bytes_max = bytes_max;
        self.shrink_to(bytes_max);
    }

    fn shrink_to(&mut self, bytes_max: usize) {
        while self.bytes > bytes_max
            && let Some((name, value)) = self.entries.pop_back()
        {
            self.bytes -= ENTRY_BYTES + name.len() + value.len();
        }
    }
}

/// Appendix A.
#[rustfmt::skip]
static STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];
