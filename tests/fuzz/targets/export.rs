//! What is copied: curl commands that are safe to paste and say the same, URLs, raw bytes.
//!
//! The command is read here by a small shell of its own: single quotes, backslashes, and `"$(printf '...')"`. Anything else
//! that a shell would act on is a broken promise.

use std::path::Path;

use hooksight::domain::exchange::{HttpVersion, Request};
use hooksight::domain::export::{curl, headers, raw, url};

use super::make;

/// A request; its command, when there is one, holds it.
pub fn run(data: &[u8]) {
    let request = make::request(data);
    let _ = (headers::lines(&request), raw::bytes(&request));
    for origin in [None, Some("https://hooks.example:8443/")] {
        let url = url::url(&request, origin);
        assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url:?}");
        let Ok(command) = curl::command(&request, origin) else { continue };
        assert!(command.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')), "{command:?}");
        // Shorter than what a terminal cuts off.
        assert!(command.lines().all(|line| line.len() < 4096), "{command:?}");
        rebuilds(&request, &command);
    }
}

fn rebuilds(request: &Request, command: &str) {
    let (printed, rest) = match command.strip_prefix("printf ") {
        Some(_) => {
            let at = command.find(" | curl").unwrap_or_else(|| panic!("printf that nobody reads: {command:?}"));
            let words = words(&command[..at]);
            assert_eq!(words.len(), 2, "{command:?}");
            (Some(printf(&words[1])), &command[at + 3..])
        }
        None => (None, command),
    };
    let words = words(rest);
    let mut words = words.iter().map(Vec::as_slice);
    assert_eq!(words.next(), Some(&b"curl"[..]));
    let (mut method, mut lines, mut body, mut plain) = (None, Vec::new(), None, Vec::new());
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("an option without its value: {command:?}")).to_vec();
        match word {
            b"-X" => method = Some(value()),
            b"--head" => method = Some(b"HEAD".to_vec()),
            b"-H" => lines.push(value()),
            b"--data-raw" => body = Some(value()),
            b"--data-binary" => {
                assert_eq!(value(), b"@-");
                body = printed.clone();
            }
            b"--request-target" => assert_eq!(value(), request.target, "{command:?}"),
            b"--max-time" => drop(value()),
            b"--globoff" | b"--path-as-is" | b"--http1.0" | b"--http1.1" => {}
            other => plain.push(other.to_vec()),
        }
    }
    assert_eq!(plain.len(), 1, "one URL and nothing else: {command:?}");
    assert!(!plain[0].starts_with(b"-"), "{command:?}");
    let default: &[u8] = if body.is_some() { b"POST" } else { b"GET" };
    assert_eq!(method.as_deref().unwrap_or(default), &*request.method, "{command:?}");
    assert_eq!(body.as_deref().unwrap_or_default(), &*request.body.bytes, "{command:?}");
    if request.version != HttpVersion::Http2 && request.is_whole() {
        for header in &request.headers {
            let line = match header.value.is_empty() {
                true => [&header.name[..], b";"].concat(),
                false => [&header.name[..], b": ", &header.value].concat(),
            };
            let is_curls_own = *header.name == *b"Content-Length" && body.is_some();
            assert!(lines.contains(&line) || is_curls_own, "{header:?} is not in {command:?}");
        }
    }
}

/// The words of a command line.
fn words(command: &str) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut rest = command;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        let into = |word: &mut Option<Vec<u8>>, bytes: &[u8]| word.get_or_insert_default().extend_from_slice(bytes);
        match char {
            ' ' => words.extend(word.take()),
            '\\' if rest.starts_with('\n') => rest = &rest[1..],
            '\\' => {
                let next = rest.chars().next().unwrap_or_else(|| panic!("a backslash at the end: {command:?}"));
                assert!(matches!(next, '\'' | '\\'), "\\{next} is not the same in every shell: {command:?}");
                into(&mut word, &[next as u8]);
                rest = &rest[1..];
            }
            '\'' => {
                let (inside, after) = rest.split_once('\'').unwrap_or_else(|| panic!("an open quote: {command:?}"));
                assert!(
                    !inside.contains('\\') || after.starts_with(")\"") || command.starts_with("printf "),
                    "fish reads escapes: {command:?}"
                );
                into(&mut word, inside.as_bytes());
                rest = after;
            }
            '"' => {
                let after = rest.strip_prefix("$(printf '").unwrap_or_else(|| panic!("double quotes: {command:?}"));
                let (format, after) = after.split_once("')").unwrap_or_else(|| panic!("an open quote: {command:?}"));
                let format = format.replace("'\\\n'", "");
                assert!(!format.contains('\''), "{command:?}");
                let bytes = printf(format.as_bytes());
                assert!(!bytes.ends_with(b"\n") && !bytes.contains(&0), "the shell would drop it: {command:?}");
                into(&mut word, &bytes);
                rest = after.strip_prefix('"').unwrap_or_else(|| panic!("more than printf: {command:?}"));
            }
            _ => {
                assert!(
                    char.is_ascii_alphanumeric() || "-_./:@".contains(char),
                    "{char:?} outside of quotes: {command:?}"
                );
                into(&mut word, char.to_string().as_bytes());
            }
        }
    }
    words.extend(word);
    words
}

/// What `printf` writes of a format: octal escapes of three digits, `\n`, `%%`.
fn printf(format: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = format;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [b'%', after @ ..]) => {
                out.push(b'%');
                rest = after;
            }
            (b'\\', [b'n', after @ ..]) => {
                out.push(b'\n');
                rest = after;
            }
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                assert!(!after.first().is_some_and(u8::is_ascii_digit), "zsh reads a fourth digit: {format:?}");
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            (b'%' | b'\\', _) => panic!("printf reads more than that: {:?}", String::from_utf8_lossy(format)),
            _ => out.push(*byte),
        }
    }
    out
}

/// Recorded deliveries, as requests; each behind two bytes that other targets read.
pub fn seeds(repository: &Path) -> Vec<Vec<u8>> {
    let folder = repository.join("tests/fixtures/deliveries");
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "http"));
    let texts = paths.iter().filter_map(|path| std::fs::read(path).ok());
    texts.map(|text| [b"P\x04", &text[..text.len().min(4000)]].concat()).collect()
}
