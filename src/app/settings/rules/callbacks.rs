//! `rules[].callbacks` of the configuration, understood.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;

use super::replies::read_body;
use crate::app::config::rules::{CallbackInFile, Wait};
use crate::app::mistakes::Mistakes;
use crate::domain::callback::{CALLBACKS_MAX, Callback};
use crate::domain::headers::Headers;
use crate::domain::reply::{Spread, parse_header};

/// All callbacks of one rule; `place` makes the start of a message about a field.
pub(super) fn callbacks(
    written: &[CallbackInFile],
    locate: &dyn Fn(&Path) -> PathBuf,
    place: &dyn Fn(&str) -> String,
) -> anyhow::Result<Vec<Callback>> {
    if written.len() > CALLBACKS_MAX {
        bail!("{}: a rule has {CALLBACKS_MAX} callbacks at most", place("callbacks"));
    }
    let one = |(index, written): (usize, &CallbackInFile)| {
        let place = |field: &str| place(&format!("callbacks[{index}].{field}"));
        let mut headers = Headers::new();
        for (name, value) in &written.headers {
            let (name, value) = parse_header(&format!("{name}: {value}"))
                .map_err(|message| anyhow!("{}: {message}", place(&format!("headers.{name}"))))?;
            headers.push(name, value);
        }
        let text = written.body.as_deref().unwrap_or_default();
        let body_file = written.file();
        let body = match body_file {
            Some(file) => read_body(&locate(Path::new(file))).with_context(|| place("body"))?,
            None => Bytes::from(text.strip_prefix('@').unwrap_or(text).to_owned()),
        };
        let Wait(after_ms, spread) = written.after.map_or(Wait(0, Spread::None), |after| after.0);
        let callback = Callback {
            url: written.url.clone(),
            method: written.method.as_ref().map_or_else(|| "POST".to_owned(), |method| method.0.0.clone()),
            headers,
            body,
            body_file: body_file.map(str::to_owned),
            after_ms,
            spread,
            hosts: written.hosts.0.clone(),
        };
        let mut wrong = Mistakes::default();
        for (field, message) in callback.mistakes() {
            wrong.add(match body_file.filter(|_| field == "body") {
                Some(file) => anyhow!("{}: {}: {message}", place(&field), locate(Path::new(file)).display()),
                None => anyhow!("{}: {message}", place(&field)),
            });
        }
        wrong.unless_any(callback)
    };
    let mut wrong = Mistakes::default();
    let made = written.iter().enumerate().filter_map(|written| wrong.take(one(written))).collect();
    wrong.unless_any(made)
}
