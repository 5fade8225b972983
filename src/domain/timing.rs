//! Where time went.

use std::time::Duration;

/// Where the time of an attempt went, in microseconds. `None`: the step did not happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Looking the name up.
    pub dns_us: Option<u64>,
    /// TCP connect.
    pub connect_us: Option<u64>,
    /// TLS handshake.
    pub tls_us: Option<u64>,
    /// From the first byte sent to the first byte of the answer.
    pub first_byte_us: Option<u64>,
    /// From the first byte of the answer to its last.
    pub download_us: Option<u64>,
    /// All of it.
    pub total_us: u64,
}

/// Whole microseconds; saturates.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
