//! `ls SESSION`: one line a request.

use super::saved::{Saved, filter, row_json, say_unchecked};
use crate::app::args::LsArgs;
use crate::app::console::{Console, Done};
use crate::app::words;

/// Lists the requests of a session.
pub fn run(args: &LsArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let filter = filter(args.filter.as_deref())?;
    let saved = Saved::open_judging(&args.session, &args.judging, args.config.as_deref(), console)?;
    let unchecked = saved.each(filter.as_ref(), |judged| {
        let row = &judged.summary;
        if args.json {
            writeln!(console.out, "{}", words::safe_json(&row_json(&judged).to_string()))?;
        } else {
            let mut line = format!("{:>5}  ", row.id);
            let columns = console.columns.map(|columns| columns.saturating_sub(line.len()));
            words::push_row(&mut line, row, columns);
            writeln!(console.out, "{line}")?;
        }
        Ok(())
    })?;
    say_unchecked(unchecked, args.filter.as_deref(), console);
    Ok(Done::Yes)
}
