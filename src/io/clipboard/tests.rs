use std::os::unix::fs::PermissionsExt;

use super::*;

fn clipboard(method: Method, surroundings: Surroundings, dir: &Path) -> Clipboard {
    Clipboard::new(method, surroundings, dir.join("made/copies"))
}

fn file_of(copied: Copied) -> PathBuf {
    match copied {
        Copied::File(path) => path,
        other => panic!("no file but {other:?}"),
    }
}

#[test]
fn with_nothing_around_it_is_a_private_file() {
    let dir = tempfile::tempdir().unwrap();
    let clipboard = clipboard(Method::Auto, Surroundings::default(), dir.path());
    let path = file_of(clipboard.copy("curl command", b"curl http://x").unwrap());
    assert!(path.file_name().unwrap().to_string_lossy().starts_with("curl-command-"), "{path:?}");
    assert_eq!(fs::read(&path).unwrap(), b"curl http://x");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    let other = file_of(clipboard.copy("curl command", b"again").unwrap());
    assert_ne!(path, other);
    assert_eq!(fs::read(&path).unwrap(), b"curl http://x");
}

#[test]
fn over_ssh_the_terminal_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let ssh = Surroundings { ssh: true, desktop: true, ..Surroundings::default() };
    let clipboard = clipboard(Method::Auto, ssh, dir.path());
    let copied = clipboard.copy("curl command", "grüß".as_bytes()).unwrap();
    assert_eq!(copied, Copied::WriteToTerminal(b"\x1b]52;c;Z3LDvMOf\x1b\\".to_vec()));
}

#[test]
fn what_a_terminal_would_drop_goes_to_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let clipboard = clipboard(Method::Osc52, Surroundings::default(), dir.path());
    assert!(matches!(
        clipboard.copy("curl command", &vec![b'x'; OSC52_BYTES_MAX]).unwrap(),
        Copied::WriteToTerminal(_)
    ));
    let path = file_of(clipboard.copy("curl command", &vec![b'x'; OSC52_BYTES_MAX + 1]).unwrap());
    assert_eq!(fs::metadata(path).unwrap().len(), OSC52_BYTES_MAX as u64 + 1);
}

#[test]
fn bytes_that_are_no_text_go_to_a_file_whole() {
    let dir = tempfile::tempdir().unwrap();
    let clipboard = clipboard(Method::Osc52, Surroundings::default(), dir.path());
    for bytes in [b"a\xffb".as_slice(), b"a\0b"] {
        let path = file_of(clipboard.copy("curl command", bytes).unwrap());
        assert_eq!(path.extension().unwrap(), "bin");
        assert_eq!(fs::read(path).unwrap(), bytes);
    }
}

#[test]
fn a_desktop_that_is_not_there_accepts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // A display that no test machine has: the connection fails, and the copy is not claimed.
    if Surroundings::from_env().desktop {
        return;
    }
    let desktop = Surroundings { desktop: true, ..Surroundings::default() };
    file_of(clipboard(Method::Auto, desktop, dir.path()).copy("curl command", b"x").unwrap());
}

#[test]
fn a_tmux_that_is_gone_accepts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = format!("{},1,0", dir.path().join("no-socket").display());
    let tmux = Surroundings { tmux: Some(server.into()), ..Surroundings::default() };
    file_of(clipboard(Method::Auto, tmux, dir.path()).copy("curl command", b"x").unwrap());
}

#[test]
fn no_place_for_a_file_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("made"), "a file where a folder should be").unwrap();
    let words = clipboard(Method::File, Surroundings::default(), dir.path()).copy("curl command", b"x").unwrap_err();
    assert!(words.starts_with("could not copy: no clipboard here, and no file in "), "{words}");
}

#[test]
fn a_method_that_hangs_is_given_up() {
    let mut command = Command::new("sleep");
    command.arg("60").stdin(Stdio::piped());
    let begun = Instant::now();
    assert_eq!(feed(command, &"x".repeat(1 << 20), Duration::from_millis(100)), Err("it took too long".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(30));
}
