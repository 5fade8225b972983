//! One character at a time, and where steps of any width gather what they make.

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Escaped text is gathered here before it joins the line, so that each step may store eight bytes without a bounds check
/// against the line's end.
pub(super) const SCRATCH_BYTES: usize = 4096;

/// Byte by byte, until `text` is read at least to `stop`; gives where it is read to: two bytes may go together.
#[cfg(target_arch = "x86_64")]
pub(super) fn step_by_step(text: &[u8], from: usize, stop: usize, out: &mut Vec<u8>) -> usize {
    let mut from = from;
    while from < stop.min(text.len()) {
        let (read, escape, length) = escape_of(text.get(from..).unwrap_or_default());
        out.extend_from_slice(escape.get(..length).unwrap_or_default());
        from += read;
    }
    from
}

/// What the first byte (or two) becomes: bytes read, up to six bytes to write, how many of them.
pub(super) fn escape_of(text: &[u8]) -> (usize, [u8; 6], usize) {
    let Some(&byte) = text.first() else { return (0, [0; 6], 0) };
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        0xc2 => {
            return match text.get(1) {
                Some(&second @ 0x80..=0x9f) => (2, unicode_escape(second), 6),
                _ => (1, [byte, 0, 0, 0, 0, 0], 1),
            };
        }
        0x00..=0x1f | 0x7f => return (1, unicode_escape(byte), 6),
        _ => return (1, [byte, 0, 0, 0, 0, 0], 1),
    };
    (1, [b'\\', short, 0, 0, 0, 0], 2)
}

fn unicode_escape(byte: u8) -> [u8; 6] {
    [b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}
