//! What HTTP/2 frames look like, and the rules that a single frame can break (RFC 9113 section 6).

/// Bytes before a frame's payload.
pub const HEAD_BYTES: usize = 9;
/// The largest payload that hyper is told to grant; nobody may send more before a setting allows it (section 4.2).
pub const PAYLOAD_BYTES_MAX: usize = 16 * 1024;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

/// `END_STREAM` of DATA and HEADERS, `ACK` of SETTINGS and PING.
pub const END_STREAM: u8 = 0x1;
pub const ACK: u8 = 0x1;
pub const END_HEADERS: u8 = 0x4;
pub const PADDED: u8 = 0x8;
pub const WITH_PRIORITY: u8 = 0x20;

/// Frames that carry no body, of a connection that brings a few requests.
const FEW_FRAMES: usize = 32;

/// Whether these bytes behind a preface are a crowd: more requests than that, one that was reset, or a flood of other frames.
pub fn are_crowded(mut bytes: &[u8], requests_max: usize) -> bool {
    let (mut requests, mut frames) = (0, 0);
    while let Some((head, rest)) = bytes.split_first_chunk::<HEAD_BYTES>() {
        let frame = FrameHead::new(*head);
        requests += usize::from(frame.kind == HEADERS);
        frames += usize::from(frame.kind != DATA);
        if frame.kind == RST_STREAM || requests > requests_max || frames > FEW_FRAMES {
            return true;
        }
        bytes = rest.get(frame.length..).unwrap_or_default();
    }
    false
}

/// Why a connection is ended (section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u32);

impl Code {
    /// Nothing went wrong.
    pub const NO_ERROR: Self = Self(0);
    /// A rule was broken for which there is no other code.
    pub const PROTOCOL_ERROR: Self = Self(1);
    /// A window was overrun, or opened too far.
    pub const FLOW_CONTROL_ERROR: Self = Self(3);
    /// A frame on a stream that is over.
    pub const STREAM_CLOSED: Self = Self(5);
    /// A frame of a wrong length.
    pub const FRAME_SIZE_ERROR: Self = Self(6);
    /// A stream of which nothing was done.
    pub const REFUSED_STREAM: Self = Self(7);
    /// The tables of header compression are lost.
    pub const COMPRESSION_ERROR: Self = Self(9);
    /// Too much of something.
    pub const ENHANCE_YOUR_CALM: Self = Self(11);

    /// Its name, or its number.
    pub fn name(self) -> String {
        const NAMES: [&str; 14] = [
            "NO_ERROR",
            "PROTOCOL_ERROR",
            "INTERNAL_ERROR",
            "FLOW_CONTROL_ERROR",
            "SETTINGS_TIMEOUT",
            "STREAM_CLOSED",
            "FRAME_SIZE_ERROR",
            "REFUSED_STREAM",
            "CANCEL",
            "COMPRESSION_ERROR",
            "CONNECT_ERROR",
            "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY",
            "HTTP_1_1_REQUIRED",
        ];
        let name = usize::try_from(self.0).ok().and_then(|index| NAMES.get(index));
        name.map_or_else(|| format!("error {:#x}", self.0), |name| (*name).to_owned())
    }
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub code: Code,
    pub reason: String,
}

impl Broken {
    pub fn protocol(reason: impl Into<String>) -> Self {
        Self { code: Code::PROTOCOL_ERROR, reason: reason.into() }
    }

    pub fn size(reason: impl Into<String>) -> Self {
        Self { code: Code::FRAME_SIZE_ERROR, reason: reason.into() }
    }

    pub fn calm(reason: impl Into<String>) -> Self {
        Self { code: Code::ENHANCE_YOUR_CALM, reason: reason.into() }
    }
}

/// The first nine bytes of a frame (section 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameHead {
    pub length: usize,
    pub kind: u8,
    pub flags: u8,
    /// The reserved bit is not looked at.
    pub stream: u32,
}

impl FrameHead {
    pub fn new([l0, l1, l2, kind, flags, s0, s1, s2, s3]: [u8; HEAD_BYTES]) -> Self {
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]) as usize,
            kind,
            flags,
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & 0x7fff_ffff,
        }
    }

    pub fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The name of its type.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 10] = [
            "DATA",
            "HEADERS",
            "PRIORITY",
            "RST_STREAM",
            "SETTINGS",
            "PUSH_PROMISE",
            "PING",
            "GOAWAY",
            "WINDOW_UPDATE",
            "CONTINUATION",
        ];
        NAMES.get(usize::from(self.kind)).copied().unwrap_or("a frame of unknown type")
    }

    /// The rules of length, type and stream number.
    pub fn check(self) -> Result<(), Broken> {
        let Self { length, kind, .. } = self;
        let name = self.name();
        if length > PAYLOAD_BYTES_MAX {
            return Err(Broken::size(format!("{name} of {length} bytes: 16,384 are allowed (RFC 9113 section 4.2)")));
        }
        let is_wrong_length = match kind {
            PRIORITY => length != 5,
            RST_STREAM | WINDOW_UPDATE => length != 4,
            PING => length != 8,
            GOAWAY => length < 8,
            SETTINGS if self.has(ACK) => length != 0,
            SETTINGS => !length.is_multiple_of(6),
            DATA => self.has(PADDED) && length == 0,
            _ => false,
        };
        if is_wrong_length {
            let ack = if kind == SETTINGS && self.has(ACK) { " with ACK" } else { "" };
            let section = self.section();
            return Err(Broken::size(format!("{name}{ack} of {length} bytes (RFC 9113 section {section})")));
        }
        let needs_stream = matches!(kind, DATA | HEADERS | PRIORITY | RST_STREAM | CONTINUATION);
        if needs_stream && self.stream == 0 {
            return Err(Broken::protocol(format!("{name} on stream 0 (RFC 9113 section {})", self.section())));
        }
        if matches!(kind, SETTINGS | PING | GOAWAY) && self.stream != 0 {
            let (stream, section) = (self.stream, self.section());
            return Err(Broken::protocol(format!("{name} on stream {stream} (RFC 9113 section {section})")));
        }
        if kind == PUSH_PROMISE {
            return Err(Broken::protocol("PUSH_PROMISE from a client (RFC 9113 section 8.4)"));
        }
        Ok(())
    }

    /// Where its type is defined.
    fn section(self) -> String {
        format!("6.{}", u16::from(self.kind) + 1)
    }

    /// The rules of a payload that was read whole: SETTINGS, WINDOW_UPDATE.
    pub fn check_payload(self, payload: &[u8]) -> Result<(), Broken> {
        match self.kind {
            SETTINGS => payload.as_chunks::<6>().0.iter().try_for_each(|setting| check_setting(*setting)),
            WINDOW_UPDATE if number(payload) & 0x7fff_ffff == 0 => {
                Err(Broken::protocol("WINDOW_UPDATE by 0 (RFC 9113 section 6.9)"))
            }
            PRIORITY if number(payload) & 0x7fff_ffff == self.stream => {
                Err(Broken::protocol(format!("stream {} depends on itself (RFC 7540 section 5.3.1)", self.stream)))
            }
            _ => Ok(()),
        }
    }
}

/// The first four bytes as a number; 0 when there are fewer.
pub fn number(payload: &[u8]) -> u32 {
    payload.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// The values that a setting may have (section 6.5.2).
fn check_setting([i0, i1, v0, v1, v2, v3]: [u8; 6]) -> Result<(), Broken> {
    let (name, value) = (u16::from_be_bytes([i0, i1]), u32::from_be_bytes([v0, v1, v2, v3]));
    let (code, name) = match name {
        2 if value > 1 => (Code::PROTOCOL_ERROR, "SETTINGS_ENABLE_PUSH"),
        4 if value > 0x7fff_ffff => (Code::FLOW_CONTROL_ERROR, "SETTINGS_INITIAL_WINDOW_SIZE"),
        5 if !(16_384..=16_777_215).contains(&value) => (Code::PROTOCOL_ERROR, "SETTINGS_MAX_FRAME_SIZE"),
        8 if value > 1 => {
            let reason = format!("SETTINGS_ENABLE_CONNECT_PROTOCOL is {value} (RFC 8441 section 3)");
            return Err(Broken::protocol(reason));
        }
        _ => return Ok(()),
    };
    Err(Broken { code, reason: format!("{name} is {value} (RFC 9113 section 6.5.2)") })
}
