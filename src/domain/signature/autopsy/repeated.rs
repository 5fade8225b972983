//! Headers that came on several lines, of which one by itself fits.

use super::{Diagnosis, Search};
use crate::domain::signature::Cause;
use crate::domain::signature::evaluate;
use crate::domain::signature::lines;
use crate::domain::signature::material::Material;

impl Search<'_> {
    /// A line fits by itself, and what all of them are read as does not: two times, or two ids, in the lines of one header.
    pub(super) fn one_of_several_lines(&mut self) -> Option<Diagnosis> {
        let closed = self.corpse.closed;
        let base = self.corpse.input.material();
        if lines::repeated(closed, base.headers).is_empty() {
            return None;
        }
        self.tried.push("each line of a header that came several times".into());
        let mut fitting = false;
        let words = evaluate::of_lines(closed, base.headers, |headers| {
            let alone = Material { headers, ..base };
            let fits = self.evaluated(closed, &alone).is_some_and(|evaluation| evaluation.stage.signature_fits());
            fitting |= fits;
            fits
        });
        let (_, words) = words.filter(|_| fitting)?;
        self.invalid(
            Cause::SignatureRepeated,
            format!("{words}: send it once, and look for a proxy that adds it anew, or a sender that sets it twice"),
        )
    }
}
