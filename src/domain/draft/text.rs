//! The text form of a draft: `METHOD URL`, `Name: value` lines, a blank line, the body.

use super::super::exchange::Request;
use super::error::DraftError;
use super::{Draft, body, head};

impl Draft {
    /// The text to edit: `METHOD URL`, `Name: value` lines, a blank line, the body.
    ///
    /// A body of text is there with LF line ends. One that is not text is there as base64 behind a line `base64:`, or, when
    /// large, as one line that stands for it.
    pub fn to_text(&self) -> String {
        let mut text = head::request_line(self);
        text.push('\n');
        for header in &self.headers {
            text.push_str(&head::header_line(header));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&body::to_text(&self.body));
        text
    }

    /// Understands an edited text. What the editing left alone keeps the original's exact bytes, also those that text
    /// cannot show; the content length follows a changed body.
    ///
    /// # Errors
    /// The line of the first mistake and what was expected there.
    pub fn from_text(text: &str, original: &Request) -> Result<Self, DraftError> {
        let original = Self::from_request(original);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rest = text;
        let mut head_lines = Vec::new();
        while let Some(line) = take_line(&mut rest) {
            if line.is_empty() && !head_lines.is_empty() {
                break;
            }
            head_lines.push(line);
        }
        let body_line = head_lines.len() + 2;
        let (first, header_lines) = head_lines.split_first().unwrap_or((&"", &[]));
        let (method, url) = head::parse_request_line(first, &original)?;
        let headers = head::parse_headers(header_lines, 2, &original.headers)?;
        let body = body::from_text(rest, &original.body)
            .map_err(|(line, message)| DraftError { line: body_line + line, message })?;
        let is_changed = body != original.body;
        let mut draft = Self { method, url, headers, body };
        if is_changed {
            draft.fit_content_length();
        }
        Ok(draft)
    }
}

/// The next line without its end; `None` behind the last one.
fn take_line<'a>(rest: &mut &'a str) -> Option<&'a str> {
    if rest.is_empty() {
        return None;
    }
    let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
    *rest = behind;
    Some(line.strip_suffix('\r').unwrap_or(line))
}
