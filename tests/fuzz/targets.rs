//! The fuzz targets: plain functions over bytes that panic when a promise is broken. libFuzzer runs them (`libfuzzer.rs`,
//! `run`), and so does `cargo test` over the seeds and some thousand mutations of them (`smoke.rs`).

mod bodies;
mod capture;
mod detail;
mod export;
mod files;
mod make;
mod record;
mod signature;
mod tap;
mod text;
mod words;

use std::fs;
use std::io;
use std::path::Path;

use words::{BODY, CONFIG, FILTER, HTTP, KEYS, MULTIPART, ODD, RECORD, REPLY, SCHEME, SIGNED};

/// One target.
pub struct Target {
    /// Its name, and that of its folder of seeds.
    pub name: &'static str,
    /// Takes any bytes; panics when a promise is broken.
    pub run: fn(&[u8]),
    /// Seeds that are made from what the repository has already: profiles, themes, recorded deliveries.
    pub made: fn(repository: &Path) -> Vec<Vec<u8>>,
    /// Words of its language, for mutations.
    pub words: &'static [&'static str],
    #[allow(dead_code, reason = "libFuzzer runs as long as it is told")]
    /// Mutations that the smoke run in `cargo test` tries: few where one takes long.
    pub smoke_runs: usize,
}

/// All of them.
pub const ALL: &[Target] = &[
    Target { name: "capture", run: capture::run, made: none, words: HTTP, smoke_runs: 600 },
    Target { name: "tap_h1", run: tap::h1, made: tap::h1_seeds, words: HTTP, smoke_runs: 3000 },
    Target { name: "tap_h2", run: tap::h2, made: tap::h2_seeds, words: &[], smoke_runs: 3000 },
    Target { name: "session_line", run: record::line, made: record::seeds, words: RECORD, smoke_runs: 3000 },
    Target { name: "session_event", run: record::event, made: none, words: &[], smoke_runs: 3000 },
    Target { name: "filter", run: text::filter, made: none, words: FILTER, smoke_runs: 3000 },
    Target { name: "printable", run: text::printable, made: none, words: ODD, smoke_runs: 3000 },
    Target { name: "reply", run: text::reply, made: none, words: REPLY, smoke_runs: 3000 },
    Target { name: "draft", run: text::draft, made: none, words: HTTP, smoke_runs: 3000 },
    Target { name: "keymap", run: text::keymap, made: none, words: KEYS, smoke_runs: 3000 },
    Target { name: "body", run: bodies::body, made: bodies::seeds, words: BODY, smoke_runs: 2000 },
    Target { name: "multipart", run: bodies::multipart, made: none, words: MULTIPART, smoke_runs: 2000 },
    Target { name: "decoding", run: bodies::decoding, made: bodies::coded_seeds, words: &[], smoke_runs: 1000 },
    Target { name: "detail", run: detail::run, made: export::seeds, words: HTTP, smoke_runs: 300 },
    Target { name: "export", run: export::run, made: export::seeds, words: HTTP, smoke_runs: 2000 },
    Target { name: "signature", run: signature::check, made: export::seeds, words: SIGNED, smoke_runs: 500 },
    Target { name: "scheme", run: signature::scheme, made: none, words: SCHEME, smoke_runs: 2000 },
    Target { name: "profile", run: signature::profile, made: signature::profile_seeds, words: SCHEME, smoke_runs: 500 },
    Target { name: "config", run: files::config, made: none, words: CONFIG, smoke_runs: 2000 },
    Target { name: "theme", run: files::theme, made: files::theme_seeds, words: CONFIG, smoke_runs: 500 },
];

/// The seeds of a target: the files of its folder, then those that are made.
pub fn seeds(target: &Target, fuzz_folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let folder = fuzz_folder.join("seeds").join(target.name);
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut seeds = Vec::new();
    for path in paths {
        seeds.push(fs::read(path)?);
    }
    seeds.extend((target.made)(&fuzz_folder.join("../..")));
    Ok(seeds)
}

/// Writes the seeds of a target into `folder/corpus`, and its words as `folder/dictionary`.
#[allow(dead_code, reason = "only the libFuzzer program writes them")]
pub fn write_seeds(target: &Target, fuzz_folder: &Path, folder: &Path) -> io::Result<()> {
    let corpus = folder.join("corpus");
    fs::create_dir_all(&corpus)?;
    for (number, seed) in seeds(target, fuzz_folder)?.iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number:03}")), seed)?;
    }
    let mut dictionary = String::new();
    for word in target.words {
        dictionary.push('"');
        for byte in word.bytes() {
            match byte {
                b'"' | b'\\' | ..=0x1f | 0x7f.. => dictionary.push_str(&format!("\\x{byte:02X}")),
                _ => dictionary.push(char::from(byte)),
            }
        }
        dictionary.push_str("\"\n");
    }
    // libFuzzer refuses an empty one.
    if dictionary.is_empty() {
        dictionary.push_str("\"\\x00\"\n");
    }
    fs::write(folder.join("dictionary"), dictionary)
}

/// For targets whose folder says it all.
fn none(_: &Path) -> Vec<Vec<u8>> {
    Vec::new()
}
