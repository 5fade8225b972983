//! The program as others meet it: real sockets, files, shells and terminals.

mod cli;
mod clipboard;
mod copy_curl;
mod floors;
mod pty;
mod resend;
mod screen_width;
mod support;
