//! The program as others meet it: real sockets, files, shells and terminals.

mod clipboard;
mod copy_curl;
