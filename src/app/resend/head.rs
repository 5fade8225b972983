//! A head as lines of bytes, so that one line can change while all others stay exactly as they came.

/// The lines of a head, each with its line end; the blank line last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadLines {
    lines: Vec<Vec<u8>>,
}

impl HeadLines {
    /// From the bytes of a whole head.
    pub fn new(head: &[u8]) -> Self {
        Self { lines: head.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect() }
    }

    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.lines.concat()
    }

    /// Puts another target between the first and the last blank of the request line.
    pub fn set_target(&mut self, target: &[u8]) {
        // A captured head may begin with blank lines, which servers skip (RFC 9112 section 2.2).
        let Some(line) = self.lines.iter_mut().find(|line| !is_blank(line)) else { return };
        let first = line.iter().position(|byte| *byte == b' ');
        let last = line.iter().rposition(|byte| *byte == b' ');
        if let (Some(first), Some(last)) = (first, last)
            && first < last
        {
            line.splice(first + 1..last, target.iter().copied());
        }
    }

    /// Gives the first header of that name another value and removes later ones, or adds the header at the end. The
    /// name and what stands between it and the value stay as they are.
    pub fn set_header(&mut self, name: &str, value: &[u8]) {
        let mut seen = false;
        let mut at = 0;
        self.lines.retain_mut(|line| {
            at += 1;
            let Some(range) = value_range(line, name).filter(|_| at > 1) else { return true };
            if !seen {
                line.splice(range, value.iter().copied());
            }
            !std::mem::replace(&mut seen, true)
        });
        if !seen {
            let line = [name.as_bytes(), b": ", value, b"\r\n"].concat();
            let end = if self.lines.last().is_some_and(|line| is_blank(line)) { 1 } else { 0 };
            self.lines.insert(self.lines.len() - end, line);
        }
    }

    /// Takes every header of that name out.
    pub fn remove_header(&mut self, name: &str) {
        let mut at = 0;
        self.lines.retain(|line| {
            at += 1;
            at == 1 || value_range(line, name).is_none()
        });
    }

    /// Changes the value of every header of that name.
    pub fn map_header(&mut self, name: &str, change: impl Fn(&[u8]) -> Vec<u8>) {
        for line in self.lines.iter_mut().skip(1) {
            if let Some(range) = value_range(line, name) {
                let value = change(line.get(range.clone()).unwrap_or_default());
                line.splice(range, value);
            }
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
}

/// Where the value stands in a line of that name, without the blanks round it.
fn value_range(line: &[u8], name: &str) -> Option<std::ops::Range<usize>> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    if !line.get(..colon)?.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes()) {
        return None;
    }
    let rest = line.get(colon + 1..)?;
    let start = colon + 1 + (rest.len() - rest.trim_ascii_start().len());
    let end = colon + 1 + rest.trim_ascii_end().len();
    // A value of blanks alone: keep one blank, end before the line end.
    if start >= end {
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        return Some(colon + 1 + blank..colon + 1 + blank);
    }
    Some(start..end)
}
