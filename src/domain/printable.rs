//! The one gate from a stranger's bytes to text that may reach a terminal.
//!
//! What comes out holds no control, format, private-use, unassigned or otherwise invisible character and no line end.
//! Nothing is dropped: C0 controls become control pictures (`␛`, `␀`), TAB `→`, DEL `␡`; other invisible characters
//! `⟨U+202E⟩`, but the wide blank of Japanese text (U+3000) stays; bytes that are not UTF-8 `⟨FF⟩`. Variation selectors and joiners count as invisible: terminals disagree
//! about their width, and two bodies that differ by one would look alike. For the same reason the halves of flags are named, and
//! whatever takes other columns behind the character before it than alone (skin tones, letters below a Khmer one).
//!
//! Sources: Unicode 16 general categories by way of `char::escape_debug`, which escapes exactly Cc, Cf, Co, Cn, Zl, Zp
//! and every Zs but the space (of them U+3000 is let through here); widths by `unicode-width`.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks that may follow one base character. Scripts in use need three or four; more is a tower over other lines.
const MARKS_MAX: u8 = 4;

/// Bytes of one cluster of characters that a cell of the screen may hold. Scripts in use need half of it; some let letters join
/// without end, which is looked at anew for each, and is lost where it is wider than the line.
const CLUSTER_BYTES_MAX: usize = 64;

/// The visible form of bytes.
pub fn visible(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    gate(bytes, |piece| out.push_str(piece.text()));
    out
}

/// A URL without what stands before its `@`, for messages about it: a name and a password are nobody's business. What is no
/// URL is looked at too: it may be meant as one.
pub fn without_login(text: &str) -> Cow<'_, str> {
    let begin = text.find("://").map_or(0, |at| at + 3);
    let rest = text.get(begin..).unwrap_or_default();
    match rest.rfind('@') {
        // Blanks, slashes and the like do not end it: in a password that is not encoded they may stand.
        Some(at) if begin > 0 || rest.get(..at).is_some_and(|login| login.contains(':')) => Cow::Owned(format!(
            "{}[login]{}",
            text.get(..begin).unwrap_or_default(),
            rest.get(at..).unwrap_or_default()
        )),
        _ => Cow::Borrowed(text),
    }
}

/// The visible form of text; borrowed when it is visible as it is.
pub fn visible_str(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(visible(text.as_bytes()))
}

/// The visible form of the first bytes, at most `columns_max` columns; `…` in the last column stands for what is cut off.
pub fn visible_within(bytes: &[u8], columns_max: usize) -> String {
    if bytes.len() <= columns_max && bytes.iter().all(|byte| matches!(byte, 0x20..=0x7e)) {
        // It is ASCII.
        return String::from_utf8(bytes.to_vec()).unwrap_or_default();
    }
    // Four bytes a character and its marks: enough to fill the columns, whatever the rest.
    let some = &bytes[..bytes.len().min(columns_max.saturating_mul(32).saturating_add(64))];
    let text = visible(some);
    clip(&text, columns_max).into_owned()
}

/// Visible text cut to `columns_max` columns, with `…` in the last one when something is cut off.
pub fn clip(text: &str, columns_max: usize) -> Cow<'_, str> {
    if width(text) <= columns_max {
        return Cow::Borrowed(text);
    }
    if columns_max == 0 {
        return Cow::Borrowed("");
    }
    let mut columns = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let more = grapheme.width();
        if columns + more > columns_max - 1 {
            break;
        }
        columns += more;
        end = at + grapheme.len();
    }
    let mut out = text.get(..end).unwrap_or_default().to_owned();
    out.push('…');
    Cow::Owned(out)
}

/// Columns that visible text takes: the sum over its graphemes, which is how a screen of cells counts.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// What the gate gives out.
pub enum Piece<'a> {
    /// Text as it came.
    Plain(&'a str),
    /// What stands for something that cannot be shown.
    StandIn(&'a str),
}

impl Piece<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::StandIn(text) => text,
        }
    }
}

/// Bytes piece by piece, from left to right: visible text, and what stands for the rest.
pub fn gate(bytes: &[u8], mut out: impl FnMut(Piece<'_>)) {
    let mut lead = None;
    for chunk in bytes.utf8_chunks() {
        gate_str(chunk.valid(), lead, &mut out);
        for byte in chunk.invalid() {
            out(Piece::StandIn(&format!("⟨{byte:02X}⟩")));
        }
        lead = Some('⟩');
    }
}

/// Plain runs go out whole, stand-ins one by one. `lead`: the last character of the stand-in before the text, which what comes
/// first joins as it joins any other.
fn gate_str(text: &str, mut lead: Option<char>, out: &mut impl FnMut(Piece<'_>)) {
    let mut run_start = 0;
    // Marks that the next character may not exceed: none may come first, where it would sit on our own text.
    let mut marks_left = 0;
    let mut before = ' ';
    // Where the cluster of characters begins that the next one may join.
    let mut cluster = 0;
    for (at, char) in text.char_indices() {
        let behind = at + char.len_utf8();
        let with_cluster = || {
            let own = text.get(cluster..behind).unwrap_or_default();
            lead.map_or(Cow::Borrowed(own), |lead| Cow::Owned(format!("{lead}{own}")))
        };
        let shown = match class(char) {
            Class::Base => {
                (marks_left, cluster, lead) = (MARKS_MAX, at, None);
                true
            }
            Class::Extending if marks_left > 0 && joins(before, char) && fits(&with_cluster()) => {
                marks_left -= 1;
                true
            }
            Class::Touchy => {
                let with_cluster = with_cluster();
                let is_of_it = with_cluster.graphemes(true).nth(1).is_none();
                let shown = if is_of_it { fits(&with_cluster) } else { !drifts(&with_cluster) };
                if shown {
                    marks_left = MARKS_MAX;
                    if !is_of_it {
                        (cluster, lead) = (at, None);
                    }
                }
                shown
            }
            Class::Extending | Class::Hidden => false,
        };
        if shown {
            before = char;
            continue;
        }
        if let Some(run) = text.get(run_start..at).filter(|run| !run.is_empty()) {
            out(Piece::Plain(run));
        }
        run_start = behind;
        (marks_left, cluster) = (0, behind);
        let mut buffer = [0; 4];
        let picture = picture(char);
        lead = picture.or(Some('⟩'));
        match picture {
            Some(picture) => out(Piece::StandIn(picture.encode_utf8(&mut buffer))),
            None => out(Piece::StandIn(&format!("⟨U+{:04X}⟩", u32::from(char)))),
        }
    }
    if let Some(run) = text.get(run_start..).filter(|run| !run.is_empty()) {
        out(Piece::Plain(run));
    }
}

enum Class {
    /// Takes columns of its own.
    Base,
    /// Takes columns of its own, but behind some characters other ones.
    Touchy,
    /// Sits on the character before it.
    Extending,
    /// Cannot be shown as it is.
    Hidden,
}

fn class(char: char) -> Class {
    match char {
        ' '..='~' => return Class::Base,
        '\0'..='\u{a0}' | '\u{ad}' => return Class::Hidden,
        // Letters of scripts that fill whole blocks: the common case, without the table walk below.
        '\u{a1}'..='\u{2ff}'
        | '\u{400}'..='\u{482}'
        | '\u{48a}'..='\u{52f}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{3000}' => return Class::Base,
        _ => {}
    }
    // Half-width sound marks, where libraries count different columns for the same cluster, and the letters of flags, where
    // terminals do.
    if matches!(char, '\u{ff9e}' | '\u{ff9f}' | '\u{1f1e6}'..='\u{1f1ff}')
        || is_default_ignorable(char)
        || !is_printable(char)
    {
        return Class::Hidden;
    }
    match char.width() {
        None => Class::Hidden,
        Some(0) => Class::Extending,
        Some(_) => Class::Touchy,
    }
}

/// Whether a character without columns of its own sits on the one before it. A few (U+A8FA, letters that wait for the next
/// one) do not: a screen of cells would lose them.
fn joins(before: char, char: char) -> bool {
    let mut pair = String::with_capacity(8);
    pair.push(before);
    pair.push(char);
    pair.graphemes(true).count() == 1
}

/// Whether a cluster is one that a cell may hold.
fn fits(cluster: &str) -> bool {
    cluster.len() <= CLUSTER_BYTES_MAX && !drifts(cluster)
}

/// Whether a terminal that adds up the columns of the characters would come to others than we do.
fn drifts(cluster: &str) -> bool {
    width(cluster) != cluster.chars().map(|char| char.width().unwrap_or(0)).sum::<usize>()
}

/// Whether bytes begin with a character that has columns of its own and is shown as it is.
pub(super) fn begins_with_a_base(bytes: &[u8]) -> bool {
    let first = bytes.get(..4).unwrap_or(bytes).utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    first.is_some_and(|char| matches!(class(char), Class::Base | Class::Touchy))
}

/// Neither Cc, Cf, Co, Cn, Zl, Zp nor a blank other than the space.
fn is_printable(char: char) -> bool {
    let mut pair = String::with_capacity(8);
    pair.push('a');
    pair.push(char);
    // `str::escape_debug` leaves an extending character alone unless it comes first.
    !matches!(pair.escape_debug().nth(1), Some('\\'))
}

/// `Default_Ignorable_Code_Point` as far as it is not Cf or Cn already (Unicode 16, `DerivedCoreProperties.txt`), and the
/// blank braille pattern.
fn is_default_ignorable(char: char) -> bool {
    matches!(
        char,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// The one-column stand-in of a control character.
fn picture(char: char) -> Option<char> {
    match char {
        '\t' => Some('→'),
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(char)),
        '\u{7f}' => Some('␡'),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
