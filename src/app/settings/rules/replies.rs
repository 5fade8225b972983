//! Replies that are written: their body files read.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;

use crate::app::config::LoadedConfig;
use crate::app::mistakes::Mistakes;
use crate::app::plain_file;
use crate::domain::reply::{Make, Reply, ReplyRules, ReplyText, Scope};
use crate::domain::template;

/// A body file of a reply, at most.
const REPLY_BODY_BYTES_MAX: u64 = 64 << 20;

/// The replies of a file, by path and for all.
pub fn file_replies(loaded: &LoadedConfig, wrong: &mut Mistakes) -> ReplyRules {
    let mut replies = ReplyRules::default();
    if let Some(reply) = loaded.config.reply.as_ref().and_then(|text| wrong.take(file_reply(&text.0, "reply", loaded)))
    {
        replies.all = reply;
    }
    for (path, text) in &loaded.config.replies {
        if let Some(reply) = wrong.take(file_reply(&text.0, &format!("replies.{path}"), loaded)) {
            replies.set(Scope::Path(path.clone()), reply);
        }
    }
    for (index, endpoint) in loaded.config.endpoints.iter().enumerate() {
        let Some(text) = &endpoint.reply else { continue };
        if let Some(reply) = wrong.take(file_reply(&text.0, &format!("endpoints[{index}].reply"), loaded)) {
            replies.set_endpoint(&endpoint.path.0.0, reply);
        }
    }
    replies
}

/// One reply of a file; `field` is where it stands.
pub fn file_reply(text: &ReplyText, field: &str, loaded: &LoadedConfig) -> anyhow::Result<Reply> {
    finish_reply(text, &|path| loaded.beside(path)).with_context(|| loaded.place(field))
}

/// Puts the bytes of the body files in that the text names.
pub fn finish_reply(text: &ReplyText, locate: &dyn Fn(&Path) -> PathBuf) -> anyhow::Result<Reply> {
    let reply = text.finish(&mut |name| read_body(&locate(Path::new(name))))?;
    let steps = reply.script.iter().flat_map(|script| &script.steps).map(|step| &step.reply);
    for reply in std::iter::once(&reply).chain(steps).filter(|reply| reply.make == Make::Template) {
        template::check(reply).map_err(|message| anyhow!(message))?;
    }
    Ok(reply)
}

/// The bytes of a body file.
pub fn read_body(path: &Path) -> anyhow::Result<Bytes> {
    let mut bytes = plain_file::read(path, REPLY_BODY_BYTES_MAX)
        .with_context(|| format!("cannot read the reply's body from {}", path.display()))?;
    Ok(std::mem::take(&mut *bytes).into())
}
