//! `export SESSION [ID]...`: requests in other shapes.

use anyhow::bail;

use super::saved::{Judged, Saved, filter, say_unchecked};
use crate::app::args::ExportArgs;
use crate::app::console::{Console, Done};
use crate::domain::exchange::ExchangeId;
use crate::domain::printable::{visible_str, without_login};

/// Exports the named requests, or all that the filter lets through.
pub fn run(args: &ExportArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let filter = filter(args.filter.as_deref())?;
    let saved = Saved::open_judging(&args.session, &args.judging, args.config.as_deref(), console)?;
    if let Some(to) = args.to.as_deref().filter(|to| args.format.is_command && without_login(to) != **to) {
        let shown = visible_str(&without_login(to)).into_owned();
        (console.warn)(&format!("--to {shown}: its login is written into each command: whoever reads one can use it"));
    }
    let mut count = 0_u64;
    let mut skipped = 0_u64;
    let mut take = |judged: &Judged, named: bool, console: &mut Console<'_>| -> anyhow::Result<()> {
        let request = &judged.exchange.request;
        let bytes = match (args.format.print)(request, args.to.as_deref()) {
            Ok(bytes) => bytes,
            Err(words) if named => bail!("cannot export request {}: {words}", request.id),
            Err(words) => {
                skipped += 1;
                (console.warn)(&format!("request {} is left out: {words}", request.id));
                return Ok(());
            }
        };
        count += 1;
        match args.format.is_command {
            // No byte in it is one that a terminal obeys.
            true => console.out.write_all(&[bytes.as_slice(), b"\n"].concat())?,
            false => console.exact(&bytes)?,
        }
        Ok(())
    };
    if args.id.is_empty() {
        let unchecked = saved.each(filter.as_ref(), |judged| take(&judged, false, console))?;
        if args.filter.is_some() {
            say_unchecked(unchecked, args.filter.as_deref(), console);
        }
    } else {
        if args.filter.is_some() {
            bail!("give either numbers of requests or --filter, not both");
        }
        // All are looked at before the first is written: half an export is none.
        let judged: Result<Vec<_>, _> = args.id.iter().map(|id| saved.judged(ExchangeId(*id))).collect();
        for judged in judged? {
            take(&judged, true, console)?;
        }
    }
    Ok(if count == 0 && (skipped > 0 || args.filter.is_some()) { Done::No } else { Done::Yes })
}
