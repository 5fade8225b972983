use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::app::config::LoadedConfig;
use crate::app::secrets::SecretSource;

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo.ron");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    path
}

/// What `act` comes to; a failure when it waits for ever.
fn soon<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || done.send(act()));
    result.recv_timeout(Duration::from_secs(20)).expect("an end")
}

#[test]
fn only_regular_files_are_read_and_only_so_much() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    std::fs::write(&file, "0123456789").expect("a file");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    assert_eq!(read(&link, 10).expect("the file").as_slice(), b"0123456789");
    assert!(read(&file, 9).expect_err("long").to_string().contains("larger than 9 bytes"));
    // It has no length of its own, and yet content: the bound counts what is read.
    assert!(read(Path::new("/proc/self/status"), 9).expect_err("long").to_string().contains("larger than 9 bytes"));
    assert_eq!(read(&folder.path().join("none"), 9).expect_err("none").kind(), ErrorKind::NotFound);
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    for (path, what) in [
        (fifo(folder.path()), "it is a FIFO or pipe: put the content into a regular file"),
        (PathBuf::from("/dev/zero"), "it is a device:"),
        (folder.path().to_owned(), "it is a directory:"),
        (socket, "it is a socket:"),
    ] {
        let error = soon(move || read(&path, 1 << 20)).expect_err(what).to_string();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn secrets_replies_and_the_configuration_come_from_regular_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = fifo(folder.path());
    let config = {
        let pipe = pipe.clone();
        soon(move || {
            LoadedConfig::find(Some(&pipe), None)
                .map(|_| ())
                .map_err(|error| format!("{:#}", anyhow::Error::new(error)))
        })
    };
    let said = config.expect_err("a FIFO");
    assert!(said.contains("cannot read the configuration") && said.contains("it is a FIFO"), "{said}");
    for (path, what) in [("/dev/zero".to_owned(), "it is a device"), (pipe.display().to_string(), "it is a FIFO")] {
        let source: SecretSource = format!("file:{path}").parse().expect("a source");
        let secret = soon(move || source.fetch(&mut |_| {}).map(|_| ()).map_err(|error| format!("{error:#}")));
        let said = secret.expect_err("no secret");
        assert!(said.contains(&format!("cannot read the secret from {path}: {what}")), "{said}");
    }
    let long = folder.path().join("long.key");
    std::fs::write(&long, vec![b'a'; (64 << 10) + 1]).expect("a file");
    let source: SecretSource = format!("file:{}", long.display()).parse().expect("a source");
    let said = format!("{:#}", source.fetch(&mut |_| {}).expect_err("long"));
    assert!(said.contains("larger than 65536 bytes"), "{said}");
}

#[test]
fn a_pipe_that_the_user_names_is_read_to_its_end_and_not_waited_for_without_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = fifo(folder.path());
    let (written, to_write) = (path.clone(), "x".repeat(10_000));
    let writer = std::thread::spawn(move || std::fs::write(written, to_write));
    let from = path.clone();
    assert_eq!(soon(move || read_given(&from, 10_000)).expect("what was written").len(), 10_000);
    writer.join().expect("a writer").expect("written");
    let (written, from) = (path.clone(), path.clone());
    // It may be gone before all is written.
    std::thread::spawn(move || drop(std::fs::write(written, "y".repeat(10_000))));
    let said = soon(move || read_given(&from, 9_999)).expect_err("long").to_string();
    assert!(said.contains("larger than 9999 bytes"), "{said}");
    let silent = soon(move || read_pipe(&path, 9, Duration::from_millis(50))).expect_err("nobody writes");
    assert_eq!(silent.kind(), ErrorKind::TimedOut);
    let file = folder.path().join("file");
    std::fs::write(&file, "0123456789").expect("a file");
    assert_eq!(read_given(&file, 10).expect("the file").as_slice(), b"0123456789");
    assert!(read_given(Path::new("/dev/null"), 9).expect("nothing").is_empty());
    assert!(soon(|| read_given(Path::new("/dev/zero"), 9)).expect_err("a device").to_string().contains("a device"));
}
