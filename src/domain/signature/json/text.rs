//! The text of JSON, place by place: where strings and values end, and what escapes stand for.

/// Behind the byte order mark, if there is one.
pub(super) fn skip_bom(json: &[u8]) -> usize {
    if json.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// The next place that is not blank.
pub(super) fn skip_blank(json: &[u8], at: usize) -> usize {
    let rest = json.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// From an opening quote to behind the closing one.
pub(super) fn string_end(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', json.get(at..)?)?;
        if json.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// From the first byte of a value to behind its last.
pub(super) fn value_end(json: &[u8], at: usize) -> Option<usize> {
    match json.get(at)? {
        b'"' => string_end(json, at),
        b'{' | b'[' => {
            let (mut at, mut depth) = (at, 0usize);
            loop {
                let byte = *json.get(at)?;
                match byte {
                    b'"' => at = string_end(json, at)?,
                    b'{' | b'[' => {
                        depth += 1;
                        at += 1;
                    }
                    b'}' | b']' => {
                        depth -= 1;
                        at += 1;
                        if depth == 0 {
                            return Some(at);
                        }
                    }
                    _ => at += 1,
                }
            }
        }
        _ => {
            let rest = json.get(at..)?;
            let end = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'));
            Some(at + end.unwrap_or(rest.len()))
        }
    }
}

/// The characters that a JSON string's inside stands for; a broken escape stays as it is.
pub fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte != b'\\' {
            out.push(*byte);
            at += 1;
            continue;
        }
        let plain = match text.get(at + 1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'u') => {
                let (character, width) = unicode_escape(text, at);
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                at += width;
                continue;
            }
            Some(other) => *other,
            None => b'\\',
        };
        out.push(plain);
        at += 2;
    }
    out
}

/// The character of `\uXXXX` (or a pair of surrogates) and how many bytes it takes; never less than two.
fn unicode_escape(text: &[u8], at: usize) -> (char, usize) {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(text.get(at + 2..at + 6)?).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(at) else { return (char::REPLACEMENT_CHARACTER, 2) };
    if let Some(character) = char::from_u32(first.into()) {
        return (character, 6);
    }
    let second = (text.get(at + 6..at + 8) == Some(b"\\u".as_slice())).then(|| unit(at + 6)).flatten();
    let pair = second.and_then(|second| char::decode_utf16([first, second]).next()).and_then(Result::ok);
    pair.map_or((char::REPLACEMENT_CHARACTER, 6), |character| (character, 12))
}
