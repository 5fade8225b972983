//! Senders that mean harm: whatever they send, the next one is served, and what they sent is shown.

mod bombs;
mod crowds;
mod interface;
mod memory;
mod shapes;
mod slow;
