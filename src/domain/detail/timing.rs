//! Where the time of a try went.

use super::lines::labelled;
use crate::domain::exchange::Timing;
use crate::domain::pretty::{Document, Role};
use crate::domain::quantity::duration_us;

/// Columns of the longest bar.
const BAR_COLUMNS: u64 = 20;

/// A bar a step, as long as its share of the whole.
pub(super) fn push(timing: &Timing, document: &mut Document) {
    let steps = [
        ("name", timing.dns_us),
        ("connect", timing.connect_us),
        ("TLS", timing.tls_us),
        ("wait", timing.first_byte_us),
        ("download", timing.download_us),
    ];
    let whole = timing.total_us.max(1);
    for (name, micros) in steps {
        let Some(micros) = micros else { continue };
        let columns = (micros.min(whole).saturating_mul(BAR_COLUMNS) / whole).max(u64::from(micros > 0));
        let bar = "▇".repeat(usize::try_from(columns).unwrap_or_default());
        let padding = " ".repeat(usize::try_from(BAR_COLUMNS - columns).unwrap_or_default());
        document.push(
            labelled(name)
                .with(Role::Number, bar)
                .with(Role::Plain, padding + " ")
                .with(Role::Plain, duration_us(micros)),
        );
    }
    document.push(labelled("in all").with(Role::Number, duration_us(timing.total_us)));
}
