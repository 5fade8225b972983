//! Declared character encodings other than UTF-8, turned into UTF-8 for the eye.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use crate::domain::body::parameter;

/// The bytes as UTF-8 (which may still hold invalid bytes when UTF-8 was declared), and what was done.
pub(super) fn to_utf8<'a>(bytes: &'a [u8], content_type: &str) -> (Cow<'a, [u8]>, Option<String>) {
    let declared = parameter(content_type, "charset");
    let encoding = match (Encoding::for_bom(bytes), &declared) {
        // UTF-16 without being declared: only its mark tells.
        (Some((encoding, _)), _) if encoding != UTF_8 => encoding,
        (_, Some(label)) => match Encoding::for_label(label.as_bytes()) {
            Some(encoding) => encoding,
            None => {
                let label = crate::domain::printable::visible_within(label.as_bytes(), 40);
                return (Cow::Borrowed(bytes), Some(format!("unknown charset {label}: shown as UTF-8")));
            }
        },
        _ => return (Cow::Borrowed(bytes), None),
    };
    if encoding == UTF_8 {
        return (Cow::Borrowed(bytes), None);
    }
    let (text, _, had_faults) = encoding.decode(bytes);
    let faults = if had_faults { ", with bytes that it does not have" } else { "" };
    (Cow::Owned(text.into_owned().into_bytes()), Some(format!("{}{faults}", encoding.name())))
}
