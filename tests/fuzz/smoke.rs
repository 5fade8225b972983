//! Every fuzz target over its seeds and some thousand mutations of them, always the same ones. `tests/fuzz/run` is the long
//! run with libFuzzer.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail the test; clippy lets only the test functions themselves"
)]

mod bombs;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, Once};

use targets::Target;

/// Longest input that mutations make.
const INPUT_BYTES_MAX: usize = 8 * 1024;

/// Panics of threads that belong to no test: a task that panics is only a connection that ends.
static ELSEWHERE: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn watch_other_threads() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let known = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name().is_some_and(|name| name.starts_with("capture-")) {
                ELSEWHERE.lock().unwrap().push(info.to_string());
            }
            known(info);
        }));
    });
}

fn smoke(name: &str) {
    watch_other_threads();
    let target = targets::ALL.iter().find(|target| target.name == name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let seeds = targets::seeds(target, &folder).unwrap();
    assert!(!seeds.is_empty(), "{name} has no seeds");
    run(target, b"");
    for seed in &seeds {
        run(target, seed);
    }
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..target.smoke_runs {
        let input = mutated(&seeds, target.words, &mut chance);
        run(target, &input);
    }
}

fn run(target: &Target, input: &[u8]) {
    let result = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let elsewhere = std::mem::take(&mut *ELSEWHERE.lock().unwrap());
    if result.is_err() || !elsewhere.is_empty() {
        panic!("{} panicked {elsewhere:?} over: b\"{}\"", target.name, input.escape_ascii());
    }
}

/// xorshift64*: chance enough, and the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }
}

fn mutated(seeds: &[Vec<u8>], words: &[&str], chance: &mut Chance) -> Vec<u8> {
    let mut input = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(input.len() + 1);
        let until = (at + chance.below(32)).min(input.len());
        match chance.below(8) {
            0 if at < input.len() => input[at] ^= 1 << chance.below(8),
            1 => input.insert(at, chance.below(256) as u8),
            2 => drop(input.drain(at..until)),
            3 => {
                let piece = input[at..until].to_vec();
                let again = piece.repeat(1 + chance.below(40));
                input.splice(at..at, again);
            }
            4 | 5 if !words.is_empty() => {
                let word = words[chance.below(words.len())];
                input.splice(at..until, word.bytes());
            }
            6 => {
                let other = &seeds[chance.below(seeds.len())];
                input.truncate(at);
                input.extend_from_slice(&other[chance.below(other.len() + 1)..]);
            }
            _ => {
                let odd = [0, 1, 9, 10, 13, 27, 0x7f, 0x80, 0xc2, 0xff];
                if at < input.len() {
                    input[at] = odd[chance.below(odd.len())];
                }
            }
        }
        input.truncate(INPUT_BYTES_MAX);
    }
    input
}

/// A test a target, so that they run side by side and one that fails has its name.
macro_rules! smoke {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            smoke(stringify!($name));
        })*

        #[test]
        fn every_target_has_its_test() {
            let names: Vec<&str> = targets::ALL.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            // `run` takes its list from the folders.
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
            let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            folders.sort();
            let mut names = names;
            names.sort_unstable();
            assert_eq!(folders, names);
        }
    };
}

smoke! {
    capture tap_h1 tap_h2 session_line session_event filter printable reply draft keymap body multipart decoding detail export
    signature scheme profile config theme
}
