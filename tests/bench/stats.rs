//! Medians and spreads.

/// Figures of several rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// In the middle.
    pub median: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Spread {
    /// Of these; zeros for none.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let (Some(low), Some(high)) = (values.first().copied(), values.last().copied()) else { return Self::default() };
        let half = values.len() / 2;
        let upper = values.get(half).copied().unwrap_or(high);
        let lower = values.get((values.len() - 1) / 2).copied().unwrap_or(low);
        Self { median: (lower + upper) / 2.0, low, high }
    }

    /// Half of the distance between the ends, as a share of the median: what one round may be off.
    pub fn noise(&self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.high - self.low) / 2.0 / self.median }
    }
}

/// By how much memory grew for each request: the slope of a straight line through all samples (least squares), which one
/// jump of the allocator does not turn.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let over: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let under: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    if under == 0.0 { 0.0 } else { over / under }
}
