//! Requests a second as a row of bars.

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// One bar a count, the highest one full; a second without a request is the lowest bar.
pub fn bars(counts: impl Iterator<Item = u32>) -> String {
    let counts: Vec<u32> = counts.collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    counts.iter().map(|count| bar(*count, most)).collect()
}

fn bar(count: u32, most: u32) -> &'static str {
    let step = u64::from(count) * 7;
    let level = step.div_ceil(u64::from(most));
    BARS.get(usize::try_from(level).unwrap_or(0)).copied().unwrap_or("█")
}
