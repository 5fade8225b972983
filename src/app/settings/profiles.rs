//! The providers that are known: those compiled in, and the user's own.

use anyhow::{Context as _, anyhow};

use crate::app::folders::Folders;
use crate::app::plain_file;
use crate::domain::own_profile;
use crate::domain::ron_text;
use crate::domain::signature::{Profile, ProfileError, Profiles};

/// A file that is longer is no profile.
const PROFILE_BYTES_MAX: u64 = 1 << 20;

/// The compiled-in profiles and the user's own in `providers/*.ron` of the configuration folder.
pub fn load_profiles(folders: &Folders) -> anyhow::Result<Profiles> {
    let folder = folders.config.join("providers");
    let builtin = Profiles::builtin();
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(builtin.clone()),
        Err(error) => return Err(anyhow!(error).context(format!("cannot read {}", folder.display()))),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "ron") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut own: Vec<Profile> = Vec::new();
    for path in paths {
        let file = path.display().to_string();
        let bytes = plain_file::read(&path, PROFILE_BYTES_MAX)
            .with_context(|| format!("cannot read the provider profile {file}"))?;
        let text = std::str::from_utf8(&bytes).map_err(|error| not_text(&file, &bytes, error.valid_up_to()))?;
        let profile = own_profile::read(&file, text)?;
        // Of two that have a name, only one would ever be meant by it, and nothing would say which.
        let names = |profile: &Profile| [&[profile.name.clone()][..], &profile.aliases].concat();
        for other in &own {
            if let Some(name) = names(&profile).into_iter().find(|name| names(other).contains(name)) {
                let (line, column) = ron_text::find(text, "aliases").unwrap_or((1, 1));
                let message = format!("aliases: `{name}` is a name of {}.ron too: take another", other.name);
                return Err(ProfileError { file, line, column, message }.into());
            }
        }
        own.push(profile);
    }
    Ok(builtin.with(own))
}

/// A profile in which a byte is no UTF-8: where the first such byte is.
fn not_text(file: &str, bytes: &[u8], at: usize) -> ProfileError {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
    let message = "this byte is no UTF-8: save the file as UTF-8".to_owned();
    ProfileError { file: file.to_owned(), line, column, message }
}
