//! A reply written out in its own language, so that reading it gives the same reply.

use std::fmt;

use super::text::ReplyText;
use super::words::quote;
use super::{Fault, Make, Reply, Script, Spread, delay};

impl fmt::Display for Reply {
    /// The reply in the language of [`Reply::parse`]: parsing it gives the same reply.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.script {
            Some(script) => script.fmt(f),
            None => write_one(f, self, None),
        }
    }
}

impl fmt::Display for ReplyText {
    /// As it may be written, files by their names: parsing it gives the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return write_one(f, &self.reply, self.body_file.as_deref());
        }
        f.write_str("script ")?;
        for (at, step) in self.steps.iter().enumerate() {
            f.write_str(if at > 0 { ", " } else { "" })?;
            write!(f, "{}", step.text)?;
            if step.times > 1 {
                write!(f, " x{}", step.times)?;
            }
        }
        Ok(())
    }
}

/// A reply that is no script; its body is that of the file, when there is one.
fn write_one(f: &mut fmt::Formatter<'_>, reply: &Reply, body_file: Option<&str>) -> fmt::Result {
    match reply.fault {
        Some(fault) if fault.is_wordless() => f.write_str(fault.as_str())?,
        None if reply.make == Make::Forward => f.write_str("forward")?,
        _ => write!(f, "status={}", reply.status)?,
    }
    if reply.delay_ms > 0 || reply.spread != Spread::None {
        write!(f, " delay={}", delay::show(reply.delay_ms, reply.spread))?;
    }
    match reply.fault {
        Some(fault) if fault.is_wordless() => return Ok(()),
        Some(Fault::WrongLength(length)) => write!(f, " length={length}")?,
        Some(fault) => write!(f, " fault={}", fault.as_str())?,
        None => {}
    }
    if let Some(rate) = reply.drip {
        write!(f, " drip={rate}")?;
    }
    for header in &reply.headers {
        let line = [&header.name[..], b": ", &header.value[..]].concat();
        write!(f, " header={}", quote(&line))?;
    }
    let name = match reply.make {
        Make::Forward => return Ok(()),
        Make::Echo => return f.write_str(" echo"),
        Make::Template => "template",
        Make::Exact => "body",
    };
    match (body_file, reply.body.first()) {
        (Some(file), _) => write!(f, " {name}={}", quote(format!("@{file}").as_bytes())),
        (None, None) if reply.make == Make::Exact => Ok(()),
        (None, Some(b'@')) => write!(f, " {name}={}", quote(&[b"@", &reply.body[..]].concat())),
        (None, _) => write!(f, " {name}={}", quote(&reply.body)),
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("script ")?;
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{}", step.reply)?;
            if step.times > 1 {
                write!(f, " x{}", step.times)?;
            }
        }
        Ok(())
    }
}
