//! Kinds of replies as bytes: what hyper does not write by itself, one file each.

pub mod drip;
pub mod wrong;
