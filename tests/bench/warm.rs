//! Memory that is there when it is asked for.
//!
//! On a virtual machine a page that nobody has touched since the machine started, or that its balloon gave back to the host (free page
//! reporting does that two seconds after a page became free), is made by the host at its first touch: 7 µs a page where a page that was
//! touched costs 1.5 (measured on Firecracker). A program that writes a file touches new pages all the time, the bare handler never
//! does. So each round begins on memory that was touched before, as it is on a machine of one's own.

use super::load::Case;

/// More is not touched, whatever a round may need.
const BYTES_MAX: u64 = 4 << 30;
/// Requests a second that no machine surpasses in these cases.
const RATE_MAX: f64 = 100_000.0;
/// Bytes of a line beside its body's.
const LINE_BYTES: usize = 1500;
/// A page of the smallest kind.
const PAGE_BYTES: usize = 4096;

/// Memory of which every page was touched. Dropped, it is the first that the system gives out.
#[derive(Debug)]
pub struct Warm(Vec<u8>);

impl Warm {
    /// As much as the session file of a case takes in so many seconds, but never more than half of what is free.
    pub fn for_case(case: Case, seconds: f64) -> Self {
        let bytes = seconds * RATE_MAX * (case.body_bytes + LINE_BYTES) as f64;
        let bytes = (bytes as u64).min(BYTES_MAX).min(super::procfs::available_bytes() / 2);
        let mut memory = vec![0; usize::try_from(bytes).unwrap_or(0)];
        for page in memory.chunks_mut(PAGE_BYTES) {
            page[0] = 1;
        }
        Self(std::hint::black_box(memory))
    }

    /// Gives it back to the system.
    pub fn release(self) {
        drop(self.0);
    }
}
