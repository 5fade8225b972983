//! Times of answers: every one is counted, in buckets less than two per cent wide.

/// Buckets of one doubling.
const STEPS: u64 = 64;
const STEPS_LOG2: u32 = 6;
/// Up to 2^40 ns, about 18 minutes.
const BUCKETS: usize = (STEPS * (40 - STEPS_LOG2 as u64 + 1)) as usize;

/// Counts of times in nanoseconds.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], count: 0 }
    }
}

impl Histogram {
    /// One more of that many nanoseconds.
    pub fn add(&mut self, nanos: u64) {
        if let Some(count) = self.counts.get_mut(bucket(nanos)) {
            *count += 1;
        }
        self.count += 1;
    }

    /// All of another one too.
    pub fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
    }

    /// The time in microseconds within which that share (0 to 1) was done; 0 without any.
    pub fn quantile_us(&self, share: f64) -> f64 {
        let wanted = (self.count as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return middle(at) / 1000.0;
            }
        }
        0.0
    }
}

/// Linear below [`STEPS`], then [`STEPS`] for each doubling.
fn bucket(nanos: u64) -> usize {
    if nanos < STEPS {
        return nanos as usize;
    }
    let doubling = nanos.ilog2() - STEPS_LOG2;
    let step = (nanos >> doubling) - STEPS;
    ((u64::from(doubling) + 1) * STEPS + step).min(BUCKETS as u64 - 1) as usize
}

fn middle(bucket: usize) -> f64 {
    let bucket = bucket as u64;
    if bucket < STEPS {
        return bucket as f64;
    }
    let doubling = bucket / STEPS - 1;
    let low = (STEPS + bucket % STEPS) << doubling;
    low as f64 + (1u64 << doubling) as f64 / 2.0
}
