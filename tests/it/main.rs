//! The program as others meet it: real sockets, files, shells and terminals.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may fail the test; clippy lets only the test functions themselves"
)]

mod autopsy;
mod by_hand;
mod callbacks;
mod capture;
mod capture_h2;
mod capture_harness;
mod capture_limits;
mod children;
mod cli;
mod clipboard;
mod clock_jumps;
mod closed_pipes;
mod copy_curl;
mod crash;
mod dear_checks;
mod disk;
mod fast_lane;
mod floors;
mod follow;
mod forward;
mod handshake;
mod hostile;
mod hostile_answers;
mod hostile_configuration;
mod hostile_h2;
mod hostile_requests;
mod hostile_screen;
mod hostile_session;
mod hostile_views;
mod job_control;
mod judgement;
mod keep;
mod odd_screens;
mod odd_session;
mod probe;
mod providers;
mod pty;
mod raw_pty;
mod reach;
mod reload;
mod reply_kinds;
mod resend;
mod rules;
mod rules_screen;
mod safety;
mod screen_width;
mod sdk;
mod send;
mod support;
mod terminal_bytes;
mod vectors;
mod wait;
mod ways_out;
#[cfg(debug_assertions)]
mod worker_panics;
