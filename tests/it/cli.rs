//! The commands as scripts see them: stdout, stderr, exit codes.

use crate::support::{Home, post, send};

#[test]
fn every_command_has_help_with_an_example() {
    let home = Home::new();
    let top = home.run(&["--help"]).code(0).text();
    for command in
        ["listen", "open", "sessions", "ls", "show", "export", "verify", "sign", "providers", "completions", "man"]
    {
        assert!(top.contains(&format!("  {command} ")), "`{command}` is not in the help");
        let help = home.run(&[command, "--help"]).code(0).text();
        assert!(help.contains("Example"), "{command}: {help}");
        assert!(help.contains(&format!("hooksight {command}")), "{command}: {help}");
    }
}

#[test]
fn headless_says_ready_then_a_line_a_request() {
    let home = Home::new();
    let listening = home.listen(&[]);
    assert!(listening.ready.starts_with("listening on http://127.0.0.1:"), "{}", listening.ready);
    let answered = send(listening.address, &post("/hook?x=1", &[], b"hello"));
    assert_eq!(answered.status, 200);
    let line = listening.line();
    for part in ["POST", "/hook?x=1", "5 B", "200"] {
        assert!(line.contains(part), "`{part}` is not in `{line}`");
    }
    let (code, rest) = listening.stop("TERM");
    assert_eq!((code, rest), (Some(0), Vec::new()));
}
