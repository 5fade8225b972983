//! All targets in one program: `HOOKSIGHT_FUZZ_TARGET` names the one that runs. One program instead of one a target,
//! because each would be linked anew with the whole of Hooksight in it.
//!
//! With `HOOKSIGHT_FUZZ_SEEDS=FOLDER` it writes the target's seeds and its dictionary there and ends.

#![no_main]

mod targets;

use std::path::Path;
use std::sync::OnceLock;

use targets::Target;

static TARGET: OnceLock<&'static Target> = OnceLock::new();

/// `tests/fuzz`.
const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("HOOKSIGHT_FUZZ_TARGET").unwrap_or_default();
        let Some(target) = targets::ALL.iter().find(|target| target.name == name) else {
            let names: Vec<&str> = targets::ALL.iter().map(|target| target.name).collect();
            eprintln!("HOOKSIGHT_FUZZ_TARGET must be one of: {}", names.join(" "));
            std::process::exit(2);
        };
        if let Ok(folder) = std::env::var("HOOKSIGHT_FUZZ_SEEDS") {
            if let Err(error) = targets::write_seeds(target, Path::new(FOLDER), Path::new(&folder)) {
                eprintln!("cannot write the seeds of {name} to {folder}: {error}");
                std::process::exit(2);
            }
            std::process::exit(0);
        }
        let _ = TARGET.set(target);
    },
    |data: &[u8]| {
        if let Some(target) = TARGET.get() {
            (target.run)(data);
        }
    }
);
