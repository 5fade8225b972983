//! The program as others meet it: real sockets, files, shells and terminals.

mod capture;
mod capture_h2;
mod capture_harness;
mod capture_limits;
mod cli;
mod clipboard;
mod copy_curl;
mod floors;
mod keep;
mod pty;
mod resend;
mod screen_width;
mod support;
