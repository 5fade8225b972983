//! What the parser of the command line says: help, version, and why something is no use. It quotes arguments and variables of the
//! environment, which a link or a script may have brought: nothing in it may be obeyed by a terminal.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue};

use super::Args;
use super::endpoint::without_value;
use crate::domain::printable::visible_str;

/// What was typed.
///
/// # Errors
/// How to end, after the parser's words were said.
pub fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|mut error| {
        let code = u8::try_from(error.exit_code()).unwrap_or(2);
        quote(&mut error);
        let said = match gated(&error) {
            // As it is, with its colours.
            None => error.print(),
            Some(words) if error.use_stderr() => std::io::stderr().write_all(words.as_bytes()),
            Some(words) => std::io::stdout().write_all(words.as_bytes()),
        };
        // When that fails there is nobody to tell.
        drop(said);
        ExitCode::from(code)
    })
}

/// Puts the visible form in place of what it quotes: a line end in it would begin a line that looks like ours. A secret in an
/// endpoint is not quoted.
fn quote(error: &mut clap::Error) {
    let visible = |text: &String| visible_str(text).into_owned();
    if let Some(ContextValue::String(arg)) = error.get(ContextKind::InvalidArg)
        && arg.starts_with("--endpoint")
        && let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue)
    {
        let shown = without_value(value);
        error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
    }
    let quoted: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(visible(text)))),
            ContextValue::Strings(all) => Some((kind, ContextValue::Strings(all.iter().map(visible).collect()))),
            ContextValue::StyledStrs(all) => {
                let plain: Vec<String> = all.iter().map(ToString::to_string).collect();
                // As it is, with its colours, where it is visible as it is.
                let is_hidden = plain.iter().any(|text| visible(text) != *text);
                is_hidden
                    .then(|| (kind, ContextValue::StyledStrs(plain.iter().map(|text| visible(text).into()).collect())))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in quoted {
        error.insert(kind, value);
    }
}

/// Its words without colours in visible form, where they are not visible as they are.
fn gated(error: &clap::Error) -> Option<String> {
    let words = error.render().to_string();
    let lines: Vec<_> = words.split('\n').map(visible_str).collect();
    let gated = lines.join("\n");
    (gated != words).then_some(gated)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\u{1b}]0;PWN\u{7}\u{9b}31m\u{202e}\u{200b}\u{2066}\r\nhooksight: all is well";

    fn said(line: &[&str]) -> String {
        let mut error = Args::try_parse_from(line).expect_err("no use");
        quote(&mut error);
        gated(&error).unwrap_or_else(|| error.render().to_string())
    }

    #[test]
    fn a_secret_is_not_quoted() {
        for spec in
            ["secret=quite", "/a,secrt=quite", " /a,secret=quite,secret=quiter", "x,provider=stripe,secret=quite"]
        {
            for line in [&["hooksight", "--endpoint", spec][..], &["hooksight", &format!("--endpoint={spec}")]] {
                let Err(mut error) = Args::try_parse_from(line) else { continue };
                quote(&mut error);
                let said = gated(&error).unwrap_or_else(|| error.render().to_string());
                assert!(!said.contains("quite"), "{said}");
            }
        }
        assert!(said(&["hooksight", "--endpoint", "secret=quite"]).contains("not with `secret=…`"));
    }

    #[test]
    fn what_it_quotes_is_visible_and_on_its_line() {
        for line in [
            &["hooksight", HOSTILE][..],
            &["hooksight", "ls", "latest", HOSTILE],
            &["hooksight", &format!("--{HOSTILE}")],
            &["hooksight", "ls", &format!("--{HOSTILE}")],
            &["hooksight", "show", "latest", &format!("--{HOSTILE}={HOSTILE}")],
            &["hooksight", "--port", HOSTILE],
            &["hooksight", "--durability", HOSTILE],
            &["hooksight", "--max-body", HOSTILE],
            &["hooksight", "--endpoint", HOSTILE],
            &["hooksight", "show", "latest", HOSTILE],
            &["hooksight", "export", "latest", "--format", HOSTILE],
            &["hooksight", "completions", HOSTILE],
        ] {
            let said = said(line);
            let ours = |c: char| c == '\n' || !c.is_control();
            assert!(said.chars().all(ours), "{line:?}: {said:?}");
            assert!(!said.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{line:?}: {said:?}");
            assert!(!said.lines().any(|line| line.starts_with("hooksight: all")), "{line:?}: {said}");
            assert!(said.starts_with("error: "), "{said}");
        }
        assert!(said(&["hooksight", "--help"]).contains("Usage: hooksight"));
        // What starts a program chooses how it is called.
        for line in [&[HOSTILE, "--help"][..], &[HOSTILE, "ls"], &[HOSTILE, "help", "ls"], &[HOSTILE, "--bogus"]] {
            let error = Args::try_parse_from(line).expect_err("no use");
            let printed = error.render().ansi().to_string();
            assert!(printed.contains("hooksight") && !printed.contains(['\u{7}', '\u{9b}', '\r']), "{printed:?}");
        }
    }
}
