//! `main -> app -> { io, tui } -> domain`, and what a floor may not know. Reads every path under `src/`.

mod circles;

use std::path::{Path, PathBuf};

/// What stands in a file of a floor, and may not: the floor, what to look for, why.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "crate::app",
            "crate::io",
            "crate::tui",
            "tokio",
            "axum",
            "hyper",
            "ratatui",
            "crossterm",
            "arboard",
            "syntect",
            "rustix",
            "directories",
            "tempfile",
            "clap",
            "tracing",
            "std::fs",
            "std::env",
            "std::net::Tcp",
            "std::net::Udp",
            "std::process",
            "std::thread",
            "std::io::stdin",
            "std::io::stdout",
            "std::io::stderr",
            "std::time::SystemTime",
            "std::time::Instant",
            "SystemTime::now",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "chrono::Local",
            "chrono::Utc",
        ],
    ),
    (
        "tui",
        &[
            "crate::app",
            "crate::io",
            "tokio",
            "axum",
            "hyper",
            "crossterm",
            "arboard",
            "syntect",
            "rustix",
            "directories",
            "tempfile",
            "clap",
            "tracing",
            "std::fs",
            "std::env",
            "std::net::Tcp",
            "std::net::Udp",
            "std::process",
            "std::thread",
            "std::sync::mpsc",
            "std::io::stdin",
            "std::io::stdout",
            "std::io::stderr",
            "std::time::SystemTime",
            "std::time::Instant",
            "SystemTime::now",
            "Instant::now",
            "Utc::now",
            "Local::now",
        ],
    ),
    ("io", &["crate::app", "crate::tui", "clap"]),
    ("app", &[]),
];

/// A path in the code: where it is, and itself with `use` groups written out.
struct Found {
    line: usize,
    path: String,
}

#[test]
fn imports_run_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut broken = Vec::new();
    let mut floors_seen = std::collections::BTreeSet::new();
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).expect("under src");
        let floor = inside.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let Some((_, forbidden)) = FORBIDDEN.iter().find(|(name, _)| *name == floor) else { continue };
        floors_seen.insert(floor.clone());
        let text = std::fs::read_to_string(&file).expect("readable");
        // Tests may read and write files; floors and crates hold for them too.
        let is_test = is_test(inside);
        let source_lines: Vec<&str> = text.lines().collect();
        for found in paths(&text, &module_of(inside)) {
            if let Some(word) =
                forbidden.iter().find(|word| begins_with(&found.path, word) && !(is_test && is_of_the_machine(word)))
            {
                let source = source_lines.get(found.line - 1).unwrap_or(&"").trim();
                broken.push(format!("src/{}:{}: {word} in `{source}`", inside.display(), found.line));
            }
        }
    }
    assert_eq!(floors_seen.len(), FORBIDDEN.len(), "floors: {floors_seen:?}");
    assert!(broken.is_empty(), "the floors are broken:\n{}", broken.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_what_it_must() {
    let text = "use crate::{io::store, tui};\nuse super::super::app::x; // use tokio::a\nlet a = std::fs::read(\"tokio::x\");\nuse ::tokio as t;\n/* crate::io */ fn f(x: crate::io::A) {}\n";
    let all: Vec<String> =
        paths(text, "domain::room").into_iter().map(|found| format!("{} {}", found.line, found.path)).collect();
    for expected in
        ["1 crate::io::store", "1 crate::tui", "2 crate::app::x", "3 std::fs::read", "4 tokio", "5 crate::io::A"]
    {
        assert!(all.iter().any(|found| found == expected), "{expected} is not in {all:?}");
    }
    assert!(!all.iter().any(|found| found.contains("tokio::a") || found.contains("tokio::x")), "{all:?}");
}

#[test]
fn main_is_thin_and_every_file_has_a_docstring() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let main = std::fs::read_to_string(src.join("main.rs")).expect("main.rs");
    assert!(main.lines().count() <= 60, "src/main.rs is for parsing, running and the exit code");
    for file in rust_files(&src) {
        let text = std::fs::read_to_string(&file).expect("readable");
        assert!(is_test(&file) || text.starts_with("//!"), "{} does not begin with what it is for", file.display());
        assert!(file.file_name().is_some_and(|name| name != "mod.rs"), "{}: rooms are foo.rs + foo/", file.display());
    }
}

/// Files, clocks and the like: tests may use them.
fn is_of_the_machine(word: &str) -> bool {
    word.starts_with("std::") || word.ends_with("::now")
}

fn is_test(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "tests") || file.components().any(|part| part.as_os_str() == "tests")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `app::settings` of `app/settings.rs`.
fn module_of(inside: &Path) -> String {
    inside.with_extension("").components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("::")
}

/// Whether a path is this one or goes on from it: `tokio` fits `tokio::net`, not `tokio_rustls`.
fn begins_with(path: &str, start: &str) -> bool {
    // `std::net::Tcp` stands for all names that begin so.
    let open_end = start.rsplit("::").next().is_some_and(|last| last == "Tcp" || last == "Udp");
    path.strip_prefix(start).is_some_and(|rest| open_end || rest.is_empty() || rest.starts_with("::"))
}

/// All paths of a text: in `use` with their groups written out, and inline. `self` and `super` are resolved.
fn paths(text: &str, module: &str) -> Vec<Found> {
    let code = without_comments_and_strings(text);
    let mut found = Vec::new();
    let bytes = code.as_bytes();
    let mut at = 0;
    let mut line = 1;
    while at < bytes.len() {
        let c = bytes[at];
        if c == b'\n' {
            line += 1;
        }
        let starts_word = is_word(c) && (at == 0 || !is_word(bytes[at - 1]));
        let continues_path =
            at >= 2 && &bytes[at - 2..at] == b"::" && at >= 3 && (is_word(bytes[at - 3]) || bytes[at - 3] == b'>');
        if !starts_word || continues_path {
            at += 1;
            continue;
        }
        let rest = &code[at..];
        if let Some(tree) = rest.strip_prefix("use ").filter(|_| !rest.starts_with("use <")) {
            let end = tree.find(';').unwrap_or(tree.len());
            let (mut all, tree_line) = (Vec::new(), line);
            expand(&tree[..end], "", &mut all);
            found.extend(all.into_iter().map(|path| Found { line: tree_line, path: resolve(&path, module) }));
            line += tree[..end].matches('\n').count();
            at += "use ".len() + end;
            continue;
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let path = rest[..end].trim_end_matches(':');
        if path.contains("::") {
            found.push(Found { line, path: resolve(path, module) });
        }
        at += end.max(1);
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `a::{b, c::d}` -> `a::b`, `a::c::d`.
fn expand(tree: &str, prefix: &str, out: &mut Vec<String>) {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim().trim_start_matches("::");
        let path = format!("{prefix}{name}");
        let path = path.strip_suffix("::self").map(str::to_owned).unwrap_or(path);
        if !name.is_empty() {
            out.push(path);
        }
        return;
    };
    let start = tree[..open].trim_start_matches("::");
    let prefix = format!("{prefix}{start}");
    let close = tree.rfind('}').unwrap_or(tree.len());
    let (mut depth, mut begin) = (0, open + 1);
    for (at, c) in tree.char_indices().skip_while(|(at, _)| *at <= open).take_while(|(at, _)| *at < close) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&tree[begin..at], &prefix, out);
                begin = at + 1;
            }
            _ => {}
        }
    }
    expand(&tree[begin..close], &prefix, out);
}

/// `super::x` in `app::settings` -> `crate::app::x`.
fn resolve(path: &str, module: &str) -> String {
    let mut parents: Vec<&str> = module.split("::").collect();
    let mut rest = path;
    let mut relative = false;
    loop {
        if let Some(after) = rest.strip_prefix("super::") {
            parents.pop();
            (rest, relative) = (after, true);
        } else if let Some(after) = rest.strip_prefix("self::") {
            (rest, relative) = (after, true);
        } else {
            break;
        }
    }
    if !relative {
        return path.to_owned();
    }
    let mut parts = vec!["crate"];
    parts.extend(parents);
    parts.push(rest);
    parts.join("::")
}

/// The code with comments, strings and characters blanked out; lines stay where they are.
fn without_comments_and_strings(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let next_is = |at: usize, c: char| chars.get(at + 1) == Some(&c);
    while at < chars.len() {
        let end = match chars[at] {
            '/' if next_is(at, '/') => (at..chars.len()).find(|at| chars[*at] == '\n').unwrap_or(chars.len()),
            '/' if next_is(at, '*') => {
                (at + 2..chars.len()).find(|at| chars[*at] == '*' && next_is(*at, '/')).map_or(chars.len(), |at| at + 2)
            }
            'r' if (next_is(at, '"') || next_is(at, '#')) && (at == 0 || !chars[at - 1].is_alphanumeric()) => {
                raw_string_end(&chars, at).unwrap_or(at)
            }
            '"' => string_end(&chars, at),
            '\'' => character_end(&chars, at),
            _ => at,
        };
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

fn string_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    (open + 1..chars.len())
        .find(|at| chars[*at] == '"' && chars[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes)
        .map(|at| at + 1 + hashes)
}

/// A lifetime is no character.
fn character_end(chars: &[char], start: usize) -> usize {
    match (chars.get(start + 1), chars.get(start + 2)) {
        (Some('\\'), _) => (start + 3..chars.len()).find(|at| chars[*at] == '\'').map_or(chars.len(), |at| at + 1),
        (Some(_), Some('\'')) => start + 3,
        _ => start,
    }
}
