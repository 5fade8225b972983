//! Offset, bytes in hex, characters.

use super::builder::Builder;
use super::document::Role;

/// Bytes a row on a screen of so many columns (0: not known), so that a row stays one line.
pub(super) fn row_bytes(width: u16) -> usize {
    match width {
        0 | 77.. => 16,
        44..=76 => 8,
        _ => 4,
    }
}

/// Adds rows; `first_offset` is the offset of the first byte.
pub(super) fn lines(bytes: &[u8], width: u16, out: &mut Builder) {
    let row_bytes = row_bytes(width);
    let digits = if width != 0 && width < 44 { 6 } else { 8 };
    for (row, chunk) in bytes.chunks(row_bytes).enumerate() {
        if out.is_full() {
            out.end_line_always();
            return;
        }
        out.push(Role::Offset, &format!("{:0digits$x}", row * row_bytes));
        out.push(Role::Plain, "  ");
        for at in 0..row_bytes {
            match chunk.get(at) {
                Some(byte) => push_hex(*byte, out),
                None => out.push(Role::Plain, "  "),
            }
            out.push(Role::Plain, if at == 7 && row_bytes == 16 { "  " } else { " " });
        }
        out.push(Role::Plain, " ");
        for byte in chunk {
            match byte {
                b' '..=b'~' => out.push(Role::Text, char::from(*byte).encode_utf8(&mut [0; 4])),
                _ => out.push(Role::Dim, "·"),
            }
        }
        out.end_line();
    }
}

fn push_hex(byte: u8, out: &mut Builder) {
    const DIGITS: &str = "0123456789abcdef";
    let role = match byte {
        0 => Role::Dim,
        b' '..=b'~' => Role::Text,
        _ => Role::Number,
    };
    for digit in [byte >> 4, byte & 15] {
        let digit = usize::from(digit);
        out.push(role, DIGITS.get(digit..=digit).unwrap_or_default());
    }
}
