//! What strangers cannot make of the file system, who else can read what is ours, and that SECURITY.md tells the truth.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use termlens::Key;

use crate::support::{Home, address_on, post, send, terminal};
use crate::terminal_bytes::recorded;

/// All files and folders below.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        found.push(path);
    }
    found
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// Names that a program which makes paths of them would trip over.
fn hostile_names() -> Vec<String> {
    let mut names: Vec<String> =
        ["../../x", "/etc/passwd", "//etc/passwd", "..%2f..%2fx", "-rf", "--config=x", ".", "..", "~/x"]
            .map(str::to_owned)
            .to_vec();
    names.extend(
        ["a%00b", "CON", "a;b|c", "$(touch pwned)", "`touch pwned`", "*", "\u{9b}8m", "\u{202e}gpj.x", "a\u{200b}"]
            .map(str::to_owned),
    );
    names.push("n".repeat(5000));
    names
}

#[test]
fn nothing_of_a_request_becomes_a_file_name() {
    let outside = Home::new(); // beside the home, where `..` would lead
    let home = Home::new();
    home.write("hooksight.ron", "(clipboard: \"file\")");
    let mut screen = terminal(&home, &["-p", "0"]);
    let address = address_on(&mut screen);
    for name in hostile_names() {
        let target = if name.starts_with('/') { name.clone() } else { format!("/{name}") };
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\nx\r\n--b--\r\n"
        );
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: {name}\r\nX-GitHub-Event: {name}\r\nX-GitHub-Delivery: {name}\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\nContent-Type: multipart/form-data; boundary=b\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            target.replace(' ', "%20"),
            body.len()
        );
        send(address, request.as_bytes());
    }
    let count = hostile_names().len();
    screen.wait_until(|screen| screen.contains(&format!("{count} requests"))).expect("all of them");
    // Every copy of the one that stands there; each is a file, because that is the clipboard here.
    for key in ["c", "r", "h", "b", "u"] {
        screen.send(Key::Char('y')).expect("a key");
        screen.wait_until(|screen| screen.contains("curl command")).expect("the menu");
        screen.send_str(key).expect("a key");
        screen.wait_until(|screen| !screen.contains("curl command") || screen.contains("is in ")).expect("copied");
    }
    screen.send(Key::Char(':')).expect("a key");
    screen.send_str("save ../../evil").expect("text");
    screen.send(Key::Enter).expect("a key");
    screen.wait_until(|screen| screen.contains("a name cannot")).expect("it is refused");
    screen.send_str("\x03").expect("a key");
    screen.wait_until(|screen| !screen.contains("a name cannot")).expect("it closes");
    screen.send_str("\x03").expect("a key");
    assert!(screen.wait_exit().expect("it ends").success());
    for id in 1..=count {
        for format in ["curl", "raw"] {
            // What never became a request is refused here: 2.
            let run = home.run(&["export", "latest", &id.to_string(), "--format", format]);
            assert!(matches!(run.code, Some(0 | 2)), "{run:?}");
        }
        home.run(&["show", "latest", &id.to_string()]).code(0);
    }
    let copies = home.path().join("data/hooksight/copies");
    for path in tree(home.path()) {
        let inside = path.strip_prefix(home.path()).expect("in it").display().to_string();
        let is_ours = inside == "hooksight.ron"
            || ["data", "data/hooksight", "data/hooksight/sessions", "data/hooksight/copies"]
                .contains(&inside.as_str())
            || path.parent() == Some(&home.sessions()) && inside.ends_with(".jsonl") && !inside.contains("evil")
            || path.parent() == Some(&copies) && is_copy(&path);
        assert!(is_ours, "{inside} was made");
        if inside != "hooksight.ron" && inside != "data" {
            assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{inside}");
        }
    }
    assert!(tree(&copies).len() >= 3, "the copies are files");
    assert_eq!(tree(outside.path()), Vec::<PathBuf>::new());
}

/// `curl-command-XXXXXX.txt`: what it is, and letters of our own.
fn is_copy(path: &Path) -> bool {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    ["curl", "raw", "headers", "body", "URL"].iter().any(|start| name.starts_with(start))
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}

#[test]
fn what_is_kept_is_for_its_owner_even_where_the_surroundings_are_lax() {
    let home = Home::new();
    std::fs::create_dir_all(home.sessions()).expect("folders");
    std::fs::set_permissions(home.sessions(), std::fs::Permissions::from_mode(0o777)).expect("open to all");
    let old = home.write("state/hooksight/hooksight.log", "");
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o666)).expect("open to all");
    let listen = |args: &str| {
        let script = format!("umask 000; exec \"$HS\" listen --headless -p 0 {args}");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script]).env_clear().envs(home.environment()).current_dir(home.path());
        command.env("HOOKSIGHT_LOG", "debug");
        crate::support::Listening::start(command)
    };
    let listening = listen("");
    assert!(listening.wait_for_words("open to other users").contains("closed"), "it says what it did");
    assert_eq!(send(listening.address, &post("/a", &[], b"")).status, 200);
    listening.stop("TERM");
    assert_eq!(mode(&home.sessions()), 0o700);
    for path in tree(&home.sessions()).into_iter().chain([old]) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    // A file that the user named stays as the user has it, and is told of.
    let own = home.write("own.jsonl", "");
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o644)).expect("open to all");
    let listening = listen("-s own.jsonl");
    assert!(listening.wait_for_words("may open own.jsonl").contains("chmod 600"));
    listening.stop("TERM");
    assert_eq!(mode(&own), 0o644);
    let listening = listen("-s new.jsonl");
    listening.stop("TERM");
    assert_eq!(mode(&home.path().join("new.jsonl")), 0o600);
}

/// A session that is kept elsewhere gets its name in a folder that nobody has made or looked at.
#[test]
fn a_copy_under_a_name_is_for_its_owner_alone() {
    let home = Home::new();
    for (name, said) in [("first", "Copied to"), ("second", "was open to other users")] {
        let script = "umask 000; exec \"$HS\" -p 0 -s own.jsonl";
        let mut screen = recorded(&home, (120, 30), script, &[]).screen;
        address_on(&mut screen);
        screen.send(Key::Char('w')).expect("a key");
        screen.wait_until(|screen| screen.contains("Name this session")).expect("the question");
        screen.send_str(&format!("{name}\r")).expect("text");
        screen.wait_until(|screen| screen.contains(said)).expect("it is said");
        screen.send(Key::Ctrl('c')).expect("a key");
        assert!(screen.wait_exit().expect("it ends").success());
        assert!(home.sessions().join(format!("{name}.jsonl")).exists(), "{name}");
        for path in tree(&home.path().join("data")) {
            assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        }
        // Opened by hand before the next one.
        std::fs::set_permissions(home.sessions(), std::fs::Permissions::from_mode(0o777)).expect("open to all");
    }
}

/// The compiler refuses `unsafe` in all of it, and nothing lifts that.
#[test]
fn unsafe_is_forbidden() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let lints = manifest.split("[lints.rust]").nth(1).expect("lints").split("\n[").next().expect("a part");
    assert!(lints.lines().any(|line| line.trim() == "unsafe_code = \"forbid\""), "{lints}");
    for path in tree(&root.join("src")).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(!text.contains("unsafe {") && !text.contains("unsafe fn"), "{}", path.display());
    }
}

/// A stranger's file in a folder for all (`/tmp`) could have ours answered to him.
#[test]
fn what_another_user_put_there_is_used_by_nobody_who_did_not_name_it() {
    if !rustix::process::geteuid().is_root() {
        return; // only root can give a file away
    }
    let home = Home::new();
    let file = home.write("hooksight.ron", "(theme: \"dark\")");
    std::os::unix::fs::chown(&file, Some(1234), None).expect("given away");
    for command in [&["listen", "--headless", "-p", "0"][..], &["check"][..]] {
        let refused = home.run(command);
        assert!(matches!(refused.code, Some(1 | 2)), "{refused:?}");
        assert!(refused.stderr.contains("belongs to another user (uid 1234)"), "{refused:?}");
    }
    home.listen(&["--config", "hooksight.ron"]).stop("TERM");
    // A link of theirs is theirs, wherever it leads.
    std::fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink("own.ron", &file).expect("a link");
    home.write("own.ron", "(theme: \"dark\")");
    home.listen(&[]).stop("TERM");
    std::os::unix::fs::lchown(&file, Some(1234), None).expect("given away");
    assert!(home.run(&["check"]).stderr.contains("belongs to another user"));
    std::fs::remove_file(&file).expect("removed");
    // A folder of somebody else is told of.
    std::fs::create_dir_all(home.sessions()).expect("folders");
    std::os::unix::fs::chown(home.sessions(), Some(1234), None).expect("given away");
    let listening = home.listen(&[]);
    assert!(listening.wait_for_words("belongs to another user").contains("remove and replace"));
    listening.stop("TERM");
}

/// What `open` and `listen` read from the working folder is said.
#[test]
fn open_says_which_configuration_it_uses() {
    let home = Home::new();
    let listening = home.listen(&[]);
    assert_eq!(send(listening.address, &post("/a", &[], b"")).status, 200);
    listening.stop("TERM");
    home.write("hooksight.ron", "(theme: \"dark\")");
    let mut screen = terminal(&home, &["open", "latest"]);
    screen.wait_until(|screen| screen.contains("configuration: ./hooksight.ron")).expect("it says so");
}

/// Each promise of SECURITY.md names a test, and that test is there.
#[test]
fn every_promise_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md");
    let table = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise"));
    let sources: Vec<(PathBuf, String)> = ["src", "tests/it"]
        .iter()
        .flat_map(|folder| tree(&root.join(folder)))
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| (path.clone(), std::fs::read_to_string(path).expect("readable")))
        .collect();
    let mut promises = 0;
    for line in table {
        let named: Vec<&str> = line.split('`').skip(1).step_by(2).filter(|word| word.contains("::")).collect();
        assert!(!named.is_empty(), "no test is named in: {line}");
        for name in named {
            let (room, test) = name.rsplit_once("::").expect("a path");
            let file = room.rsplit("::").find(|part| !matches!(*part, "tests" | "panics")).expect("a file");
            let is_there = sources.iter().any(|(path, text)| {
                path.components().any(|part| Path::new(part.as_os_str()).file_stem().is_some_and(|stem| stem == file))
                    && text.contains(&format!("fn {test}("))
            });
            assert!(is_there, "{name} is not there");
        }
        promises += 1;
    }
    assert!(promises >= 15, "{promises} promises");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let limits = hooksight::io::listener::ListenerLimits::default();
    for figure in [
        format!("up to {} MiB, a head", limits.body_bytes >> 20),
        format!("up to {} KiB and {} lines", limits.head_bytes >> 10, limits.header_count),
        format!("head has {} s, a body {} s with", limits.head_timeout.as_secs(), limits.body_timeout.as_secs()),
        format!("with {} s between", limits.body_idle_timeout.as_secs()),
        format!("; {} connections", limits.connections),
        format!("; {} MiB for the bodies", limits.bodies_bytes >> 20),
        format!("; {} MiB for what stays", hooksight::domain::ring::RingLimits::default().bytes >> 20),
    ] {
        assert!(text.contains(&figure), "SECURITY.md does not say `{figure}`");
    }
}
