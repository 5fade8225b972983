//! Bodies that may have been signed in place of the one that came.

use std::borrow::Cow;

use base64::Engine;

use super::rewrite::{Escapes, Spacing, Style, rewrite};
use crate::domain::decoding::decode;
use crate::domain::form::{form_decode, form_fields};
use crate::domain::signature::crypto::BASE64_LOOSE;
use crate::domain::signature::material::Material;
use crate::domain::signature::{Cause, handlers, json};

/// A body that may have been signed.
pub struct BodyVariant {
    /// What it shows when it fits.
    pub cause: Cause,
    /// What it is: `the body without the line end at its end`.
    pub what: Cow<'static, str>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Decompressed bytes are bounded.
const INFLATED_BYTES_MAX: usize = 4 << 20;

/// Rewriting JSON may cost so many times the bytes that can be tried.
const REWRITE_WORK_FACTOR: usize = 16;

/// Variants, the likeliest first, none equal to the body or to another. `bytes_max` is what can be tried of them: the
/// last one goes over it, so that whoever tries them notices that there are more.
pub fn variants(material: &Material<'_>, bytes_max: usize) -> Vec<BodyVariant> {
    let rewrite_work_bytes = bytes_max.saturating_mul(REWRITE_WORK_FACTOR);
    let mut all =
        Collector { body: material.body, variants: Vec::new(), room_bytes: Some(bytes_max), rewrite_work_bytes };
    for make in [line_ends, escapes, programs, rewritten, forms, wrapped, charsets, empty, objects] {
        // Making what cannot be held costs as much as what can.
        if all.room_bytes.is_none() {
            break;
        }
        make(&mut all);
    }
    all.variants
}

struct Collector<'a> {
    body: &'a [u8],
    variants: Vec<BodyVariant>,
    /// What more may be held; `None` when it is full.
    room_bytes: Option<usize>,
    rewrite_work_bytes: usize,
}

impl Collector<'_> {
    fn add(&mut self, cause: Cause, what: impl Into<Cow<'static, str>>, bytes: Vec<u8>) {
        let Some(room_bytes) = self.room_bytes else { return };
        if bytes != self.body && self.variants.iter().all(|variant| variant.bytes != bytes) {
            self.room_bytes = room_bytes.checked_sub(bytes.len());
            self.variants.push(BodyVariant { cause, what: what.into(), bytes });
        }
    }

    fn rewrite(&mut self, style: Style) -> Option<Vec<u8>> {
        self.room_bytes?;
        rewrite(self.body, style, &mut self.rewrite_work_bytes)
    }

    fn style(&mut self, cause: Cause, what: &'static str, style: Style) {
        if let Some(bytes) = self.rewrite(style) {
            let line = [bytes.as_slice(), b"\n"].concat();
            self.add(cause, what, bytes);
            if style.spacing != Spacing::Kept {
                self.add(cause, what, line);
            }
        }
    }
}

fn line_ends(all: &mut Collector<'_>) {
    let body = all.body;
    let without = |end: &[u8]| body.strip_suffix(end).map(<[u8]>::to_vec);
    let newline = Cause::BodyNewline;
    all.add(newline, "the body with a line end (LF) at its end", [body, b"\n"].concat());
    all.add(newline, "the body with a line end (CRLF) at its end", [body, b"\r\n"].concat());
    if let Some(bytes) = without(b"\r\n") {
        all.add(newline, "the body without the line end (CRLF) at its end", bytes);
    }
    if let Some(bytes) = without(b"\n") {
        all.add(newline, "the body without the line end (LF) at its end", bytes);
    }
    all.add(newline, "the body without the blanks at its end", body.trim_ascii_end().to_vec());
    all.add(newline, "the body without the blanks around it", body.trim_ascii().to_vec());
    let zeros = body.iter().rev().take_while(|byte| **byte == 0).count();
    all.add(newline, "the body without the zero bytes at its end", body[..body.len() - zeros].to_vec());
    let unix = replace(body, b"\r\n", b"\n");
    let windows = replace(&unix, b"\n", b"\r\n");
    let ends = Cause::BodyLineEnds;
    all.add(ends, "the body with CRLF line ends", [windows.as_slice(), b"\r\n"].concat());
    all.add(ends, "the body with CRLF line ends", windows);
    all.add(ends, "the body with LF line ends", [unix.as_slice(), b"\n"].concat());
    all.add(ends, "the body with LF line ends", unix);
}

const KEPT: Style = Style { spacing: Spacing::Kept, escapes: Escapes::Kept, slash: false, html: false, sorted: false };

fn escapes(all: &mut Collector<'_>) {
    let cause = Cause::BodyEscapes;
    all.style(cause, "the JSON with non-ASCII written as \\uxxxx", Style { escapes: Escapes::Ascii, ..KEPT });
    all.style(cause, "the JSON with non-ASCII written as \\uXXXX", Style { escapes: Escapes::AsciiUpper, ..KEPT });
    all.style(cause, "the JSON without escapes", Style { escapes: Escapes::Few, ..KEPT });
    all.style(cause, "the JSON with slashes written as \\/", Style { slash: true, ..KEPT });
    all.style(cause, "the JSON with <, > and & escaped", Style { html: true, ..KEPT });
    all.style(cause, "the JSON as PHP escapes it", Style { escapes: Escapes::Ascii, slash: true, ..KEPT });
    if memchr::memmem::find(all.body, b"&").is_some() {
        all.add(cause, "the body with its HTML entities (`&quot;`, `&lt;`) undone", without_entities(all.body));
    }
    if memchr::memmem::find(all.body, b"\\\"").is_some() {
        all.add(cause, "the body without the backslashes that PHP's addslashes writes", without_slashes(all.body));
    }
}

/// The five entities of HTML's special characters, as sanitisers write them.
fn without_entities(body: &[u8]) -> Vec<u8> {
    let pairs: [(&[u8], &[u8]); 8] = [
        (b"&quot;", b"\""),
        (b"&#34;", b"\""),
        (b"&#39;", b"'"),
        (b"&#039;", b"'"),
        (b"&#x27;", b"'"),
        (b"&lt;", b"<"),
        (b"&gt;", b">"),
        (b"&amp;", b"&"),
    ];
    pairs.iter().fold(body.to_vec(), |text, (entity, char)| replace(&text, entity, char))
}

/// What PHP's stripslashes makes of it.
fn without_slashes(body: &[u8]) -> Vec<u8> {
    let mut bytes = body.iter();
    let mut out = Vec::with_capacity(body.len());
    while let Some(byte) = bytes.next() {
        let kept = if *byte == b'\\' { bytes.next() } else { Some(byte) };
        out.extend(kept);
    }
    out
}

/// JSON as the common programs write it.
fn programs(all: &mut Collector<'_>) {
    if let Some(inner) = twice_encoded(all.body) {
        all.add(Cause::BodyJsonRewritten, "the JSON inside the JSON string that came: it was encoded twice", inner);
    }
    let sorted = handlers::json_sorted(all.body);
    for one in handlers::json(all.body) {
        let line = [one.bytes.as_slice(), b"\n"].concat();
        // Sorted and compact may be either's.
        let same = sorted.iter().find(|other| other.bytes == one.bytes);
        let by = same.map_or_else(|| one.by.to_owned(), |other| format!("{} or {}", one.by, other.by));
        all.add(Cause::BodyJsonRewritten, format!("this JSON as {by} writes it"), one.bytes);
        all.add(Cause::BodyJsonRewritten, format!("this JSON as {} writes it, with a line end", one.by), line);
    }
    for one in sorted {
        all.add(Cause::BodyJsonRewritten, format!("this JSON as {} writes it", one.by), one.bytes);
    }
}

/// What a JSON string holds, when that is JSON itself.
fn twice_encoded(body: &[u8]) -> Option<Vec<u8>> {
    let is_string = body.trim_ascii_start().starts_with(b"\"");
    let inner = is_string.then(|| serde_json::from_slice::<String>(body).ok())??;
    matches!(inner.trim_start().as_bytes().first(), Some(b'{' | b'[')).then(|| inner.into_bytes())
}

fn rewritten(all: &mut Collector<'_>) {
    let cause = Cause::BodyJsonRewritten;
    let spacings = [
        (Spacing::Compact, "this JSON written compactly", "this JSON written compactly with sorted keys"),
        (Spacing::Spaced, "this JSON with a blank after commas and colons", "this JSON spaced, with sorted keys"),
        (Spacing::Indented("  "), "this JSON indented by two", "this JSON indented by two, with sorted keys"),
        (Spacing::Indented("    "), "this JSON indented by four", "this JSON indented by four, with sorted keys"),
        (Spacing::Indented("\t"), "this JSON indented by tabs", "this JSON indented by tabs, with sorted keys"),
    ];
    for sorted in [false, true] {
        for (spacing, plain, by_name) in spacings {
            let base = Style { spacing, sorted, ..KEPT };
            let what = if sorted { by_name } else { plain };
            all.style(cause, what, base);
            all.style(cause, what, Style { escapes: Escapes::Few, ..base });
            all.style(cause, what, Style { escapes: Escapes::Ascii, ..base });
            all.style(cause, what, Style { escapes: Escapes::Ascii, slash: true, ..base });
            all.style(cause, what, Style { escapes: Escapes::Few, slash: true, ..base });
            all.style(cause, what, Style { escapes: Escapes::Few, html: true, ..base });
        }
    }
}

fn forms(all: &mut Collector<'_>) {
    let body = all.body;
    let fields: Vec<_> = form_fields(body).take(512).collect();
    if let Some((_, payload)) = fields.iter().find(|(name, _)| name == b"payload") {
        all.add(Cause::BodyForm, "the decoded `payload` field of the form", payload.clone());
    }
    let looks_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
    if looks_json {
        let encoded: String = form_urlencoded::byte_serialize(body).collect();
        all.add(Cause::BodyForm, "the form `payload=` made from this body", format!("payload={encoded}").into_bytes());
        return;
    }
    // A body that a form's parser took for the name of a field, and wrote again as one.
    if body.starts_with(b"%7B") || body.starts_with(b"%7b") || body.starts_with(b"%5B") || body.starts_with(b"%5b") {
        let name = form_decode(body.strip_suffix(b"=").unwrap_or(body));
        all.add(Cause::BodyForm, "the decoded name of the form's only field", name);
    }
    if !body.contains(&b'=') {
        return;
    }
    let cause = Cause::BodyFormRewritten;
    for one in handlers::form(body) {
        all.add(cause, format!("the form as {} writes it", one.by), one.bytes);
    }
    let full: Vec<_> = fields.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
    all.add(cause, "the form without its empty fields", write_form(&full));
    let mut sorted = fields.clone();
    sorted.sort();
    all.add(cause, "the form with sorted fields", write_form(&sorted));
    all.add(cause, "the form with its escapes undone", form_decode(body));
    all.add(cause, "the form with lower-case escapes", lower_escapes(body));
}

fn write_form(fields: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let encode = |text: &[u8]| form_urlencoded::byte_serialize(text).collect::<String>();
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&").into_bytes()
}

/// `%2F` as `%2f`.
fn lower_escapes(body: &[u8]) -> Vec<u8> {
    let mut out = body.to_vec();
    for at in memchr::memchr_iter(b'%', body) {
        if let Some(digits) = out.get_mut(at + 1..at + 3) {
            digits.make_ascii_lowercase();
        }
    }
    out
}

fn wrapped(all: &mut Collector<'_>) {
    let body = all.body;
    if let Ok(bytes) = BASE64_LOOSE.decode(body.trim_ascii()) {
        all.add(Cause::BodyBase64, "the bytes that the body's base64 stands for", bytes);
    }
    if let Some(inner) = json::scalar(body, &["body".to_owned()]) {
        if let Ok(bytes) = BASE64_LOOSE.decode(&inner) {
            all.add(Cause::BodyBase64, "the decoded `body` of the gateway's envelope", bytes);
        }
        all.add(Cause::BodyBase64, "the `body` of the gateway's envelope", inner);
    }
    let encoded = base64::engine::general_purpose::STANDARD.encode(body);
    all.add(Cause::BodyBase64, "the body written in base64", encoded.into_bytes());
    for bytes in inflated(body) {
        all.add(Cause::BodyCompressed, "the decompressed body", bytes);
    }
}

/// What the known content codings make of it, where that is whole.
fn inflated(body: &[u8]) -> Vec<Vec<u8>> {
    let codings: &[&str] = if body.starts_with(&[0x1f, 0x8b]) {
        &["gzip"]
    } else if body.first().is_some_and(|byte| byte & 0x0f == 8) {
        &["deflate"]
    } else if body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        &["zstd"]
    } else if body.len() < 1 << 20 && std::str::from_utf8(body).is_err() {
        &["br", "deflate"]
    } else {
        &[]
    };
    let whole = |coding: &&str| {
        let decoded = decode(body, &[(*coding).to_owned()], INFLATED_BYTES_MAX);
        (decoded.is_whole && !decoded.bytes.is_empty()).then(|| decoded.bytes.into_owned())
    };
    codings.iter().filter_map(whole).collect()
}

fn charsets(all: &mut Collector<'_>) {
    let body = all.body;
    let cause = Cause::BodyCharset;
    match body.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => {
            all.add(cause, "the body without its byte order mark", rest.to_vec());
            let trimmed = rest.trim_ascii_end().to_vec();
            all.add(cause, "the body without its byte order mark and the line end at its end", trimmed);
        }
        None => all.add(cause, "the body with a byte order mark", [b"\xef\xbb\xbf", body].concat()),
    }
    wide(all);
    if body.is_ascii() {
        return;
    }
    let latin: String = body.iter().map(|byte| char::from(*byte)).collect();
    all.add(cause, "the body read as Latin-1 and written as UTF-8", latin.into_bytes());
    if let Ok(text) = std::str::from_utf8(body) {
        let narrow: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
        if let Some(bytes) = narrow {
            all.add(cause, "the body in Latin-1", bytes);
        }
        let (narrow, _, is_lossy) = encoding_rs::WINDOWS_1252.encode(text);
        if !is_lossy {
            all.add(cause, "the body in Windows-1252", narrow.into_owned());
        }
        let (wide, _, _) = encoding_rs::WINDOWS_1252.decode(body);
        all.add(cause, "the body read as Windows-1252 and written as UTF-8", wide.into_owned().into_bytes());
        let asked: Vec<u8> = text.chars().map(|char| if char.is_ascii() { char as u8 } else { b'?' }).collect();
        all.add(cause, "the body with ? for each non-ASCII character", asked);
    } else {
        let (text, _, _) = encoding_rs::WINDOWS_1252.decode(body);
        all.add(cause, "the body read as Windows-1252 and written as UTF-8", text.into_owned().into_bytes());
        all.add(cause, "the body with replacement characters", String::from_utf8_lossy(body).into_owned().into_bytes());
    }
}

/// The text in UTF-8 and UTF-16, with its byte order mark and without.
fn wide(all: &mut Collector<'_>) {
    let Some(text) = text_of(all.body) else { return };
    let cause = Cause::BodyCharset;
    let units = |bytes_of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes_of).collect::<Vec<u8>>();
    all.add(cause, "the body in UTF-8", text.clone().into_bytes());
    all.add(cause, "the body in UTF-8 with a byte order mark", [b"\xef\xbb\xbf", text.as_bytes()].concat());
    let little = units(u16::to_le_bytes);
    let marked = [b"\xff\xfe", little.as_slice()].concat();
    all.add(cause, "the body in UTF-16, little end first", little);
    all.add(cause, "the body in UTF-16, little end first, with a byte order mark", marked);
    // Making what cannot be held costs as much as what can.
    if all.room_bytes.is_none() {
        return;
    }
    let big = units(u16::to_be_bytes);
    let marked = [b"\xfe\xff", big.as_slice()].concat();
    all.add(cause, "the body in UTF-16, big end first", big);
    all.add(cause, "the body in UTF-16, big end first, with a byte order mark", marked);
}

/// The text of a body in UTF-16 or UTF-8, without its byte order mark. Without one the zeros tell the order of bytes, because
/// what is sent begins with an ASCII character (RFC 4627, section 3, for JSON).
fn text_of(body: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2);
        let is_whole = pairs.remainder().is_empty();
        let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(unit);
        is_whole.then(|| char::decode_utf16(units).collect::<Result<String, _>>().ok())?
    };
    match body {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [1..=u8::MAX, 0, ..] => wide(body, u16::from_le_bytes),
        [0, 1..=u8::MAX, ..] => wide(body, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(body.to_vec()).ok(),
    }
}

fn empty(all: &mut Collector<'_>) {
    all.add(Cause::BodyEmpty, "an empty body", Vec::new());
}

fn objects(all: &mut Collector<'_>) {
    let cause = Cause::BodyObjectText;
    if !matches!(all.body.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return;
    }
    all.add(cause, "the text `[object Object]`", b"[object Object]".to_vec());
    all.add(cause, "the text `{}`", b"{}".to_vec());
    all.add(cause, "the text `undefined`", b"undefined".to_vec());
    all.add(cause, "the text `null`", b"null".to_vec());
    all.add(cause, "Python's bytes as text (`b'...'`)", python_bytes(all.body));
    if let Ok(text) = std::str::from_utf8(all.body)
        && let Ok(string) = serde_json::to_vec(text)
    {
        let ascii = rewrite(&string, Style { escapes: Escapes::Ascii, ..KEPT }, &mut all.rewrite_work_bytes);
        all.add(cause, "the body written as a JSON string: it was encoded twice to be signed", string);
        if let Some(ascii) = ascii {
            all.add(cause, "the body written as a JSON string in ASCII: it was encoded twice to be signed", ascii);
        }
    }
    let spaced = Style { spacing: Spacing::Spaced, escapes: Escapes::Few, ..KEPT };
    if let Some(python) = all.rewrite(spaced).map(|json| python_text(&json)) {
        all.add(cause, "a Python dict as text", python);
    }
}

/// Bytes as Python prints them (`bytes.__repr__`).
fn python_bytes(body: &[u8]) -> Vec<u8> {
    let quote = if body.contains(&b'\'') && !body.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = vec![b'b', quote];
    for byte in body {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte if *byte == quote => out.extend_from_slice(&[b'\\', quote]),
            0x20..=0x7e => out.push(*byte),
            _ => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
        }
    }
    out.push(quote);
    out
}

/// JSON as Python prints the parsed value: single quotes, `True`, `False`, `None`.
fn python_text(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        let rest = json.get(at..).unwrap_or_default();
        if *byte == b'"' {
            let mut end = 1;
            while let Some(byte) = rest.get(end).filter(|byte| **byte != b'"') {
                end += if *byte == b'\\' { 2 } else { 1 };
            }
            let inside = rest.get(1..end).unwrap_or_default();
            let quote = if inside.contains(&b'\'') { b'"' } else { b'\'' };
            out.push(quote);
            out.extend_from_slice(&replace(inside, b"\\\"", b"\""));
            out.push(quote);
            at += end + 1;
            continue;
        }
        let words = [(&b"true"[..], &b"True"[..]), (b"false", b"False"), (b"null", b"None")];
        if let Some((json_word, word)) = words.iter().find(|(word, _)| rest.starts_with(word)) {
            out.extend_from_slice(word);
            at += json_word.len();
            continue;
        }
        out.push(*byte);
        at += 1;
    }
    out
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for found in memchr::memmem::find_iter(text, from) {
        out.extend_from_slice(text.get(at..found).unwrap_or_default());
        out.extend_from_slice(to);
        at = found + from.len();
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}
