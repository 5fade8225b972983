//! Bodies that hold them as they are where no format allows it, or below another coding: names of fields, parts and files,
//! keys of JSON, base64, compressions, binary formats.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Hostile, Unit, joined, request, shown, typed};

/// One of each.
pub(super) fn requests(both: &[Unit]) -> Vec<Hostile> {
    let lines = joined(both, b"\n");
    let mut requests = names(both);
    requests.extend([
        // The session file keeps it as base64: it is no UTF-8.
        typed(
            "image",
            "image/png",
            &[b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", lines.as_slice()].concat(),
            vec![("2", vec!["89 50 4e 47".into()])],
        ),
        typed(
            "mail",
            "multipart/mixed; boundary=\"B\u{9b}8;1337m\"",
            &mail(both),
            vec![("2", vec!["␛[3J␛[6n␛[5i".into(), "␛]0;pwned␇".into()])],
        ),
        compressed("brotli", "br", &brotli(&lines), shown(both)),
        compressed("zstd", "zstd", &zstd(&lines), shown(both)),
        compressed("not-gzip", "gzip", &lines, vec!["␛[8;1337m".into()]),
    ]);
    requests
}

/// As names, raw and in the coding of their format.
fn names(both: &[Unit]) -> Vec<Hostile> {
    let few: Vec<&Unit> = both.iter().filter(|(bytes, _)| !bytes.contains(&b'"')).step_by(3).collect();
    let raw_form =
        few.iter().map(|(bytes, _)| [bytes.as_slice(), b"=", bytes].concat()).collect::<Vec<_>>().join(&b'&');
    let raw_json: Vec<Vec<u8>> =
        few.iter().map(|(bytes, _)| [b"\"", bytes.as_slice(), b"\":\"", bytes, b"\""].concat()).collect();
    let escaped = |bytes: &[u8]| -> String {
        String::from_utf8_lossy(bytes).encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    let escaped_json: Vec<String> = few
        .iter()
        .map(|(bytes, _)| format!("\"{0}\":[\"{0}\",\"{1}\"]", escaped(bytes), STANDARD.encode(bytes)))
        .collect();
    let mut parts = Vec::new();
    for (bytes, _) in both.iter().rev().take(14) {
        let star: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        for part in [
            b"--B\r\nContent-Disposition: form-data; name=\"n".as_slice(),
            bytes,
            b"\"; filename=\"../../f",
            bytes,
            b"\"; filename*=UTF-8''",
            star.as_bytes(),
            b"\r\nContent-Type: text/",
            bytes,
            b"\r\n\r\n",
            bytes,
            b"\r\n",
        ] {
            parts.extend_from_slice(part);
        }
    }
    parts.extend_from_slice(b"--B--\r\n");
    let seen: Vec<String> = few.iter().map(|(_, shown)| shown.clone()).collect();
    vec![
        typed("raw-form", "application/x-www-form-urlencoded", &raw_form, vec![("2", seen)]),
        typed(
            "raw-json",
            "application/json",
            &[b"{", raw_json.join(&b",\n"[..]).as_slice(), b"}"].concat(),
            vec![("2", vec!["␛[8;1337m".into()])],
        ),
        typed(
            "escaped-json",
            "application/json",
            format!("{{{}}}", escaped_json.join(",")).as_bytes(),
            vec![("2", vec!["\\u001b\\u005b\\u0038".into()])],
        ),
        typed(
            "parts",
            "multipart/form-data; boundary=B",
            &parts,
            vec![("2", vec!["na⟨U+E0041⟩z  ../../fa⟨U+E0041⟩z".into(), "text/a⟨U+E0041⟩z".into()])],
        ),
    ]
}

/// Parts in transfer encodings of mail.
fn mail(both: &[Unit]) -> Vec<u8> {
    let boundary = "--B\u{9b}8;1337m";
    let encoded = STANDARD.encode(joined(both, b"\n"));
    let quoted: String = both[0].0.iter().map(|byte| format!("={byte:02X}")).collect();
    let mut body = format!(
        "{boundary}\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n\
         {boundary}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}\r\n{boundary}\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(&joined(&both[..4], b"\r\n"));
    body.extend_from_slice(format!("\r\n{boundary}--\r\n").as_bytes());
    body
}

fn compressed(name: &'static str, coding: &str, body: &[u8], expected: Vec<String>) -> Hostile {
    let headers = [("Content-Type", b"text/plain".to_vec()), ("Content-Encoding", coding.into())];
    Hostile { name, bytes: request(name, &headers, body), views: vec![("2", expected)] }
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &Default::default()).expect("brotli");
    compressed
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}
