//! The text form of a reply: `503 delay=2s header="Retry-After: 5" body='{"a":1}'`.

use std::sync::Arc;

use bytes::Bytes;

use super::error::{ReplyError, visible};
use super::one::{self, One};
use super::preset::Preset;
use super::script::{self, Piece, StepReply, describe_steps};
use super::{Reply, Script, ScriptStep};

/// A reply as it was written, before a body file that it names was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyText {
    /// The reply; its body is empty when `body_file` is given.
    pub reply: Reply,
    /// `body=@FILE` or `template=@FILE`: whoever may read files puts its bytes into the reply.
    pub body_file: Option<String>,
    /// The steps, when it is a script: the reply says nothing then.
    pub steps: Vec<StepText>,
}

/// A step as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepText {
    /// What goes back.
    pub text: ReplyText,
    /// How many times.
    pub times: u32,
}

impl ReplyText {
    /// Understands a reply text: first a preset's name or a status, then settings in any order (docs/replies.md lists
    /// them), such as `delay=2s`, `header="Name: value"` (again and again), `body='...'` or `body=@FILE` (a body that begins
    /// with `@` is written `body=@@...`). Steps of a script are such texts with commas and blanks between them.
    pub fn parse(text: &str) -> Result<Self, ReplyError> {
        let Some(pieces) = script::cut(text)? else { return Ok(Self::of_one(one::parse(text)?)) };
        let steps = pieces.iter().map(StepText::read).collect::<Result<_, _>>()?;
        Ok(Self { reply: Reply::default(), body_file: None, steps })
    }

    fn of_one(One { reply, body_file }: One) -> Self {
        Self { reply, body_file, steps: Vec::new() }
    }

    /// The reply, with the bytes of the files that it names.
    ///
    /// # Errors
    /// Those of `read`, and what is wrong with a template, both as `read` says it.
    pub fn finish<E>(&self, read: &mut dyn FnMut(&str) -> Result<Bytes, E>) -> Result<Reply, E> {
        let mut reply = self.reply.clone();
        if let Some(file) = &self.body_file {
            reply.body = read(file)?;
        }
        if !self.steps.is_empty() {
            let mut steps = Vec::new();
            for step in &self.steps {
                steps.push(ScriptStep { reply: step.text.finish(read)?, times: step.times });
            }
            reply.script = Some(Arc::new(Script { steps }));
        }
        Ok(reply)
    }

    /// In a few words, as [`Reply::describe`]; a body that is still in its file has no length yet.
    pub fn describe(&self) -> String {
        match (self.steps.is_empty(), &self.body_file) {
            (false, _) => describe_steps(self.steps.iter().map(|step| step.times)),
            (true, Some(file)) => format!("{} with {}", self.reply.status, visible(file.as_bytes())),
            (true, None) => self.reply.describe(),
        }
    }

    /// The files that it names, as it names them.
    pub fn files(&self) -> Vec<&str> {
        let of_steps = self.steps.iter().filter_map(|step| step.text.body_file.as_deref());
        self.body_file.as_deref().into_iter().chain(of_steps).collect()
    }
}

impl StepText {
    fn read(piece: &Piece<'_>) -> Result<Self, ReplyError> {
        let (reply, times) = piece.read()?;
        let one = match reply {
            StepReply::Timeout(reply) => One { reply, body_file: None },
            StepReply::Text(column, text) => one::parse(text).map_err(|error| error.behind(column))?,
        };
        Ok(Self { text: ReplyText::of_one(one), times })
    }
}

impl Reply {
    /// Understands a reply text that names no body file; see [`ReplyText::parse`].
    pub fn parse(text: &str) -> Result<Self, ReplyError> {
        ReplyText::parse(text)?
            .finish(&mut |_| Err(ReplyError::new(1, "a body from a file is not possible here: write body='...'")))
    }
}

impl Preset {
    /// The reply.
    pub fn reply(&self) -> Reply {
        // Each text of the table is parsed by a test; the default stands for what cannot happen.
        Reply::parse(self.text).unwrap_or_default()
    }
}
