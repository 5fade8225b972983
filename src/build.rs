//! Lists the data files that are compiled in, so that adding a provider or a theme is adding a file.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    embed(&root.join("src/providers"), &out.join("providers.rs"))?;
    embed(&root.join("themes"), &out.join("themes.rs"))?;
    println!("cargo:rerun-if-changed=src/build.rs");
    Ok(())
}

/// Writes a Rust slice of `(file stem, text)` for each RON file in `folder`, sorted by name.
fn embed(folder: &Path, target: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "ron"))
        .collect();
    files.sort();
    let mut text = String::from("&[\n");
    for file in files {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        text.push_str(&format!("    ({stem:?}, include_str!({:?})),\n", file.display().to_string()));
    }
    text.push(']');
    fs::write(target, text)
}
