//! The frames that hyper writes: how a stream or the connection ended is known from them, and when an answer is out.

use super::frame::{Code, DATA, END_STREAM, FrameHead, GOAWAY, HEAD_BYTES, HEADERS, RST_STREAM, number};

/// Kept of a payload: the codes of RST_STREAM and GOAWAY with some of its text.
const PAYLOAD_KEPT: usize = 64;

/// A frame whose last byte is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    Headers { stream: u32, bytes: usize, ends: bool },
    Data { stream: u32, bytes: usize, ends: bool },
    Reset { stream: u32, code: Code },
    GoAway { code: Code, text: String },
}

/// Between two writes.
#[derive(Clone, Debug)]
pub struct Writer {
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    frame: FrameHead,
    left: usize,
    payload: [u8; PAYLOAD_KEPT],
    payload_bytes: usize,
}

impl Writer {
    pub fn new() -> Self {
        Self {
            head: [0; HEAD_BYTES],
            head_bytes: 0,
            frame: FrameHead::default(),
            left: 0,
            payload: [0; PAYLOAD_KEPT],
            payload_bytes: 0,
        }
    }

    /// Whether another frame may follow here.
    pub fn is_between_frames(&self) -> bool {
        self.head_bytes == 0 && self.left == 0
    }

    /// Bytes that leave.
    pub fn write(&mut self, mut bytes: &[u8], mut told: impl FnMut(Written)) {
        while !bytes.is_empty() {
            let passed = if self.left > 0 { self.payload(bytes) } else { self.head(bytes) };
            bytes = bytes.get(passed..).unwrap_or_default();
            if self.head_bytes == HEAD_BYTES && self.left == 0 {
                self.head_bytes = 0;
                if let Some(written) = self.whole() {
                    told(written);
                }
            }
        }
    }

    fn head(&mut self, bytes: &[u8]) -> usize {
        let mut passed = 0;
        for (place, byte) in self.head.iter_mut().skip(self.head_bytes).zip(bytes) {
            *place = *byte;
            passed += 1;
        }
        self.head_bytes += passed;
        if self.head_bytes == HEAD_BYTES {
            self.frame = FrameHead::new(self.head);
            self.left = self.frame.length;
            self.payload_bytes = 0;
        }
        passed
    }

    fn payload(&mut self, bytes: &[u8]) -> usize {
        let passed = self.left.min(bytes.len());
        for (place, byte) in self.payload.iter_mut().skip(self.payload_bytes).zip(bytes.iter().take(passed)) {
            *place = *byte;
            self.payload_bytes += 1;
        }
        self.left -= passed;
        passed
    }

    fn whole(&self) -> Option<Written> {
        let (stream, bytes, ends) = (self.frame.stream, self.frame.length, self.frame.has(END_STREAM));
        let payload = self.payload.get(..self.payload_bytes).unwrap_or_default();
        match self.frame.kind {
            HEADERS => Some(Written::Headers { stream, bytes, ends }),
            DATA => Some(Written::Data { stream, bytes, ends }),
            RST_STREAM => Some(Written::Reset { stream, code: Code(number(payload)) }),
            GOAWAY => Some(Written::GoAway {
                code: Code(number(payload.get(4..).unwrap_or_default())),
                text: String::from_utf8_lossy(payload.get(8..).unwrap_or_default()).into_owned(),
            }),
            _ => None,
        }
    }
}
