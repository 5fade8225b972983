//! Floor 0: what a webhook is. Pure and total; knows no clock, file, socket, terminal or environment.

pub mod body;
pub mod caseless;
pub mod credentials;
pub mod decoding;
pub mod detail;
pub mod draft;
pub mod durability;
pub mod exchange;
pub mod export;
pub mod filter;
pub mod handshake;
pub mod headers;
pub mod nearest;
pub mod pretty;
pub mod printable;
pub mod quantity;
pub mod record;
pub mod reply;
pub mod ring;
pub mod rule;
pub mod search;
pub mod signature;
pub mod summary;
pub mod target_rules;
pub mod template;
pub mod time;
