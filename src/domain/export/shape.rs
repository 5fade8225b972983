//! What a shape is: a whole request as something one can take away, for `export --format` and the copy menu.

use std::fmt;

use crate::domain::exchange::Request;

/// Makes the bytes of a request, or says why not. The origin (`http://host:port`) is where a command sends it; `None`: where the
/// request says that it was sent ([`super::url::origin`]).
pub type Make = fn(&Request, Option<&str>) -> Result<Vec<u8>, String>;

/// One shape: all that the rest of the program knows of it.
pub struct Shape {
    /// The word for `--format`.
    pub name: &'static str,
    /// What it is, where `--format` lists it.
    pub help: &'static str,
    /// What it is called in the copy menu and in notices: `curl command`.
    pub words: &'static str,
    /// What it is, in the copy menu.
    pub about: &'static str,
    /// Its key in the copy menu.
    pub key: char,
    /// Whether it sends the request when it is run, so that it goes where a resend would.
    pub is_command: bool,
    /// The request in this shape, for the clipboard. Text ends without a newline.
    pub make: Make,
    /// The same for a script or a file: printed with a line end behind it where it is a command.
    pub print: Make,
    /// What it does not do as the captured request did, one sentence each.
    pub caveats: fn(&Request) -> Vec<String>,
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Shape {}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
