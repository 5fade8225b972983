//! Copies in a real tmux.

use std::path::Path;
use std::process::{Command, Output};

use hooksight::io::clipboard::{Clipboard, Copied, Method, Surroundings};

use crate::children::output_within;
use crate::support::DEADLINE;

/// A tmux server of its own; ends with the test.
struct Tmux<'a> {
    socket: &'a Path,
}

impl Tmux<'_> {
    fn run(&self, args: &[&str]) -> Result<Output, String> {
        let mut tmux = Command::new("tmux");
        output_within(tmux.arg("-S").arg(self.socket).args(args).env_remove("TMUX"), DEADLINE)
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        let _ = self.run(&["kill-server"]);
    }
}

#[test]
fn inside_tmux_its_buffer_holds_what_was_copied() {
    let dir = tempfile::tempdir().expect("a folder");
    let socket = dir.path().join("socket");
    let tmux = Tmux { socket: &socket };
    let Ok(started) = tmux.run(&["-f", "/dev/null", "new-session", "-d", "-s", "test", "sleep 600"]) else {
        return; // No tmux on this machine: nothing to be inside of.
    };
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let surroundings =
        Surroundings { ssh: true, desktop: true, tmux: Some(format!("{},1,0", socket.display()).into()) };
    let clipboard = Clipboard::new(Method::Auto, surroundings, dir.path().join("copies"));
    let text = "curl -X POST \\\n  'http://127.0.0.1/é' # 'quotes' and $things\n".repeat(4000);
    assert_eq!(clipboard.copy("curl command", text.as_bytes()), Ok(Copied::Accepted("tmux buffer")));
    let shown = tmux.run(&["show-buffer"]).expect("tmux");
    assert_eq!(String::from_utf8(shown.stdout).expect("text"), text);
}
