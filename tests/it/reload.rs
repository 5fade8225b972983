//! Files that change while the program runs: what replies name is watched like the configuration, and its secrets count at once.

use std::time::Instant;

use super::support::{DEADLINE, Home, Listening, post, send};

/// Asks until the answer is this.
#[track_caller]
fn until(listening: &Listening, request: &[u8], expected: (u16, &str)) {
    let begun = Instant::now();
    loop {
        let answered = send(listening.address, request);
        let got = (answered.status, String::from_utf8_lossy(&answered.body).into_owned());
        if got == (expected.0, expected.1.to_owned()) {
            return;
        }
        assert!(begun.elapsed() < DEADLINE, "still {got:?}, not {expected:?}");
        std::thread::sleep(std::time::Duration::from_millis(20)); // a poll under a deadline
    }
}

#[test]
fn files_of_bodies_are_read_again_when_they_change() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("answers")).unwrap();
    let one = home.write("answers/one.txt", "1");
    let two = home.write("answers/two.txt", "{{ request.method }} 1");
    home.write(
        "hooksight.ron",
        r#"(
    rules: [(when: (path: "/two"), reply: "200 template=@answers/two.txt")],
    replies: {"/one": "fail 503 x1, then 200 body=@answers/one.txt"},
)"#,
    );
    let typed = home.write("typed.txt", "typed 1");
    let listening = home.listen(&["-s", "s.jsonl", "--respond", "202 body=@typed.txt"]);
    let [first, second, other] = ["/one", "/two", "/other"].map(|path| post(path, &[], b""));
    until(&listening, &first, (200, "1"));
    until(&listening, &second, (200, "POST 1"));
    until(&listening, &other, (202, "typed 1"));
    std::fs::write(&one, "one, and longer").unwrap();
    until(&listening, &first, (200, "one, and longer"));
    listening.wait_for_words("replies have what is in ");
    // As editors do: another file in its place.
    let new = home.write("answers/new", "{{ request.method }} 2");
    std::fs::rename(new, &two).unwrap();
    until(&listening, &second, (200, "POST 2"));
    std::fs::write(typed, "typed 2, longer").unwrap();
    until(&listening, &other, (202, "typed 2, longer"));
    // Broken: said, and the old one stays.
    std::fs::write(&two, "{{ open").unwrap();
    let words = listening.wait_for_words("the old rules stay in force");
    assert!(words.contains("rules[0].reply") && words.contains("line 1 of the template"), "{words}");
    until(&listening, &second, (200, "POST 2"));
    std::fs::write(&two, "mended").unwrap();
    until(&listening, &second, (200, "mended"));
}

#[test]
fn secrets_of_a_changed_configuration_count_at_once() {
    let home = Home::new();
    let config = |secret: &str, endpoint: &str, more: &str| {
        format!(
            r#"(
    secrets: {{"github": "{secret}"}},
    endpoints: [(path: "/own", provider: "github", secret: "{endpoint}"){more}],
    rules: [(when: (verdict: "valid"), reply: "202")],
)"#
        )
    };
    home.write("hooksight.ron", config("before", "first", ""));
    let listening = home.listen(&["-s", "s.jsonl"]);
    let signed = |path: &str, secret: &[u8]| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let signature = format!("sha256={}", hex::encode(ring::hmac::sign(&key, b"{}").as_ref()));
        post(path, &[("X-Hub-Signature-256", &signature)], b"{}")
    };
    until(&listening, &signed("/", b"before"), (202, ""));
    until(&listening, &signed("/own", b"first"), (202, ""));
    home.write("hooksight.ron", config("after, and longer", "second", ""));
    until(&listening, &signed("/", b"after, and longer"), (202, ""));
    until(&listening, &signed("/own", b"second"), (202, ""));
    assert_eq!(send(listening.address, &signed("/", b"before")).status, 200);
    listening.wait_for_words("are in force, and its secrets");
    // An endpoint that comes anew needs a start, and it is said.
    home.write(
        "hooksight.ron",
        config("after, and longer", "second", r#", (path: "/new", provider: "github", secret: "x")"#),
    );
    listening.wait_for_words("the secret of /new too");
}

#[test]
fn a_broken_file_is_told_by_its_first_mistake_and_how_many_there_are() {
    let home = Home::new();
    home.write("hooksight.ron", r#"(rules: [(reply: "201")])"#);
    let listening = home.listen(&["--no-session"]);
    let request = post("/", &[], b"");
    until(&listening, &request, (201, ""));
    home.write(
        "hooksight.ron",
        r#"(rules: [(reply: "2o1"), (reply: "200", when: (nth: "x")), (reply: "200 body=@none")])"#,
    );
    let words = listening.wait_for_words("the old rules stay in force");
    assert!(
        words.contains("hooksight.ron:1:19: rules[0].reply: ") && words.contains("; and 1 more (hooksight check)"),
        "{words}"
    );
    until(&listening, &request, (201, ""));
    home.write("hooksight.ron", r#"(rules: [(reply: "202")], replies: {})"#);
    until(&listening, &request, (202, ""));
}

#[test]
fn whatever_takes_the_place_of_the_file_the_old_rules_go_on() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    let file = home.write("hooksight.ron", r#"(rules: [(reply: "201")])"#);
    let listening = home.listen(&["--no-session"]);
    let request = post("/", &[], b"");
    until(&listening, &request, (201, ""));
    let links_to = |target: &str| {
        let (target, file) = (target.to_owned(), file.clone());
        move || symlink(&target, &file).unwrap()
    };
    let endless = home.write("large.ron", vec![b' '; (1 << 20) + 1]);
    let fifo = home.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    type Put<'a> = Box<dyn Fn() + 'a>;
    let place: [(Put<'_>, &str); 6] = [
        (Box::new(|| std::fs::create_dir(&file).unwrap()), "it is a directory"),
        (Box::new(|| std::fs::rename(&fifo, &file).unwrap()), "it is a FIFO"),
        (Box::new(links_to("/dev/zero")), "it is a device"),
        (Box::new(links_to("/proc/self/mem")), "hooksight.ron"),
        (Box::new(links_to(endless.to_str().unwrap())), "it is larger than"),
        (Box::new(|| std::fs::write(&file, b"(rules: [(reply: \"20\xff\")])").unwrap()), "is not UTF-8"),
    ];
    for (put, said) in &place {
        match std::fs::symlink_metadata(&file).unwrap().is_dir() {
            true => std::fs::remove_dir(&file).unwrap(),
            false => std::fs::remove_file(&file).unwrap(),
        }
        put();
        let words = listening.wait_for_words("the old rules stay in force");
        assert!(words.contains(said), "{said}: {words}");
        let begun = Instant::now();
        assert_eq!(send(listening.address, &request).status, 201);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{said}");
    }
    // A link that leads nowhere is a file that is not there for a moment, and one that leads to a good file is that file.
    std::fs::remove_file(&file).unwrap();
    symlink(home.path().join("nowhere"), &file).unwrap();
    assert_eq!(send(listening.address, &request).status, 201);
    home.write("nowhere", r#"(rules: [(reply: "202")])"#);
    until(&listening, &request, (202, ""));
}
