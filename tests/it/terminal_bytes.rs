//! Every byte that the program writes to a terminal, and a reader of them that lets through only what the program means to
//! say: whatever else is in them came from a stranger.

use std::path::PathBuf;

use termlens::Terminal;

use crate::support::{DEADLINE, Home};

/// The program in a terminal whose every byte is kept, by `script` of util-linux (or of the BSDs).
pub struct Recorded {
    pub screen: Terminal,
    log: PathBuf,
}

/// Starts a shell script in a recorded terminal.
pub fn recorded(home: &Home, size: (u16, u16), script: &str, more: &[(&str, &str)]) -> Recorded {
    let log = home.path().join("terminal-bytes");
    let run = home.write("run.sh", format!("{script}\n"));
    let (run, log_arg) = (run.display().to_string(), log.display().to_string());
    let in_shell = format!("exec sh '{run}'");
    let args: Vec<&str> = if cfg!(target_os = "linux") {
        vec!["-q", "-f", "-e", "-c", &in_shell, &log_arg]
    } else {
        vec!["-q", "-F", &log_arg, "sh", &run]
    };
    let screen = Terminal::builder()
        .size(size.0, size.1)
        .env_clear()
        .envs(home.environment())
        .env("TERM", "xterm-256color")
        .env("COLORTERM", "truecolor")
        .env("SHELL", "/bin/sh")
        .envs(more.iter().copied())
        .current_dir(home.path())
        .timeout(DEADLINE)
        .args(args)
        .spawn("script")
        .expect("script starts a terminal");
    Recorded { screen, log }
}

impl Recorded {
    /// Waits for the end, which must be a good one, and gives every byte that was written.
    #[track_caller]
    pub fn end(mut self) -> Vec<u8> {
        let status = self.screen.wait_exit().expect("it ends");
        assert!(status.success(), "{status:?}: {}", self.screen.screen());
        let log = std::fs::read(&self.log).expect("the recording");
        // `script` frames what it records by lines of its own.
        let begin = if log.starts_with(b"Script started") {
            log.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1)
        } else {
            0
        };
        let end = find_last(&log, b"\nScript done").unwrap_or(log.len());
        log[begin..end.max(begin)].to_vec()
    }
}

fn find_last(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).rposition(|window| window == part)
}

/// What the program wrote, taken apart.
#[derive(Debug, Default)]
pub struct Told {
    /// The text between the sequences.
    pub text: String,
    /// What went out by OSC 52, decoded by nobody yet.
    pub copies: Vec<String>,
    /// How many sequences there were.
    pub sequences: usize,
}

/// Takes the bytes apart.
///
/// # Errors
/// The first thing that the program has no business to write, with what stands round it.
pub fn inspect(bytes: &[u8]) -> Result<Told, String> {
    let mut told = Told::default();
    let mut at = 0;
    let mut is_on_alternate_screen = false;
    let mut marks = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let wrong = |what: &str| {
            let from = at.saturating_sub(60);
            let round = String::from_utf8_lossy(&bytes[from..(at + 60).min(bytes.len())]).escape_debug().to_string();
            Err(format!("{what} at byte {at}, in: {round}"))
        };
        match byte {
            0x1b => {
                let length = sequence(rest, &mut told);
                if length == 0 {
                    return wrong("a sequence that is not ours");
                }
                match &rest[..length] {
                    b"\x1b[?1049h" => is_on_alternate_screen = true,
                    b"\x1b[?1049l" => is_on_alternate_screen = false,
                    _ => {}
                }
                told.sequences += 1;
                marks = 0;
                at += length;
            }
            b'\r' | b'\n' if !is_on_alternate_screen => {
                told.text.push(char::from(*byte));
                at += 1;
            }
            _ => {
                let chunk = rest[..rest.len().min(4)].utf8_chunks().next().expect("a chunk");
                let Some(char) = chunk.valid().chars().next() else { return wrong("a byte that is not UTF-8") };
                if is_unseen(char) {
                    return wrong(&format!("U+{:04X}", u32::from(char)));
                }
                marks = if is_mark(char) { marks + 1 } else { 0 };
                if marks > 4 {
                    return wrong("a tower of marks");
                }
                told.text.push(char);
                at += char.len_utf8();
            }
        }
    }
    Ok(told)
}

/// Reads what [`inspect`] took as a terminal does that gives each character its own columns, and knows no clusters.
///
/// # Errors
/// The first character that has no room left in its row: it would go on in the next one, over what stands there.
pub fn stays_in_its_rows(bytes: &[u8], columns: usize) -> Result<(), String> {
    let (mut at, mut column, mut is_on_alternate_screen) = (0, 1, false);
    while let Some(byte) = bytes.get(at) {
        if *byte == 0x1b {
            let length = sequence(&bytes[at..], &mut Told::default()).max(1);
            let text = std::str::from_utf8(&bytes[at..at + length]).unwrap_or_default();
            match text {
                "\x1b[?1049h" => is_on_alternate_screen = true,
                "\x1b[?1049l" => is_on_alternate_screen = false,
                _ => {
                    if let Some((_, place)) = text.strip_suffix('H').and_then(|text| text.rsplit_once(';')) {
                        column = place.parse().expect("a column");
                    }
                }
            }
            at += length;
            continue;
        }
        let rest = &bytes[at..bytes.len().min(at + 4)];
        let char = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).unwrap_or(' ');
        let width = unicode_width::UnicodeWidthChar::width(char).unwrap_or(0);
        if is_on_alternate_screen && width > 0 && column + width - 1 > columns {
            let round = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..bytes.len().min(at + 20)]).into_owned();
            return Err(format!("{char:?} in column {column} of {columns}: {}", round.escape_debug()));
        }
        column += width;
        at += char.len_utf8();
    }
    Ok(())
}

/// The length of the sequence that begins here, 0 when it is none of ours.
fn sequence(bytes: &[u8], told: &mut Told) -> usize {
    match bytes.get(1) {
        Some(b'[') => control_sequence(bytes),
        Some(b']') => system_command(bytes, told),
        _ => 0,
    }
}

/// `ESC [ parameters final`.
fn control_sequence(bytes: &[u8]) -> usize {
    let Some(end) = bytes.iter().skip(2).position(|byte| !matches!(byte, 0x30..=0x3f)).map(|at| at + 2) else {
        return 0;
    };
    let parameters = std::str::from_utf8(&bytes[2..end]).expect("ASCII");
    let numbers = || parameters.split(';').map(|number| number.parse::<u16>().ok());
    let is_ours = match bytes[end] {
        b'm' => is_style(parameters),
        // To a place on the screen.
        b'H' => numbers().count() == 2 && numbers().all(|number| number.is_some_and(|number| number > 0)),
        // Clear the screen, the rest of the line.
        b'J' => parameters == "2",
        b'h' | b'l' => {
            let Some(mode) = parameters.strip_prefix('?') else { return 0 };
            // Cursor, alternate screen, bracketed paste, synchronised update, mouse.
            ["25", "1049", "2004", "2026", "1000", "1002", "1003", "1006", "1015"].contains(&mode)
        }
        // "Who are you": ends the question for the colours.
        b'c' => parameters.is_empty(),
        _ => false,
    };
    if is_ours { end + 1 } else { 0 }
}

/// Select Graphic Rendition with the parameters that styles of ours can have.
fn is_style(parameters: &str) -> bool {
    let numbers: Vec<u16> = match parameters.split(';').map(str::parse).collect() {
        Ok(numbers) => numbers,
        Err(_) => return parameters.is_empty(),
    };
    let mut rest = &numbers[..];
    loop {
        rest = match rest {
            [] => return true,
            [38 | 48, 2, r, g, b, rest @ ..] if [r, g, b].iter().all(|part| **part < 256) => rest,
            [38 | 48, 5, index, rest @ ..] if *index < 256 => rest,
            // Without blinking (5, 6) and hidden (8).
            [0..=4 | 7 | 9 | 22..=25 | 27 | 29..=37 | 39..=47 | 49 | 59 | 90..=97 | 100..=107, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// The questions for the terminal's colours, and a copy.
fn system_command(bytes: &[u8], told: &mut Told) -> usize {
    let Some(end) = bytes.iter().skip(2).position(|byte| matches!(byte, 0x07 | 0x1b)).map(|at| at + 2) else {
        return 0;
    };
    let length = match &bytes[end..] {
        [0x07, ..] => end + 1,
        [0x1b, b'\\', ..] => end + 2,
        _ => return 0,
    };
    match &bytes[2..end] {
        b"10;?" | b"11;?" => length,
        copy if copy.starts_with(b"52;c;") => {
            let base64 = &copy[5..];
            if !base64.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)) {
                return 0;
            }
            told.copies.push(String::from_utf8_lossy(base64).into_owned());
            length
        }
        _ => 0,
    }
}

/// Characters that nobody sees, or that move what is seen: by hand from Unicode's own lists (DerivedGeneralCategory.txt: Cc,
/// Cf, Co, Zl, Zp, Zs but the blank; DerivedCoreProperties.txt: Default_Ignorable; noncharacters), not from the program's.
fn is_unseen(char: char) -> bool {
    let number = u32::from(char);
    number & 0xfffe == 0xfffe
        || matches!(number,
            0..=0x1f | 0x7f..=0xa0 | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
            | 0x115f..=0x1160 | 0x1680 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x2000..=0x200f | 0x2028..=0x202f
            | 0x205f..=0x206f | 0x2800 | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
            | 0xfff0..=0xfffb | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
            | 0xe0000..=0x10ffff)
}

/// Marks of the blocks that floods are made of.
fn is_mark(char: char) -> bool {
    matches!(u32::from(char), 0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5bd | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

/// Whatever the log holds, at its most talkative, is lines and nothing that a terminal obeys: somebody will look at it in one.
#[track_caller]
pub fn log_is_visible(home: &Home) {
    let log = std::fs::read(home.path().join("state/hooksight/hooksight.log")).expect("a log");
    if let Err(wrong) = inspect(&log) {
        panic!("the log: {wrong}");
    }
}

#[test]
fn the_reader_knows_ours_from_a_strangers() {
    let ours: &[u8] =
        b"\x1b[?1049h\x1b[?25l\x1b[2J\x1b[1;1H\x1b[38;2;1;2;3mtext\xe2\x90\x9b\x1b[0m\x1b[?1049l\r\n\x1b]52;c;aGk=\x07";
    let told = inspect(ours).expect("ours");
    for (text, is_fine) in
        [("日x", true), ("👍🏽", false), ("xxx日", false), ("\u{1780}\u{17d2}\u{1780}x\x1b[2;1Hy", true)]
    {
        let drawn = format!("\x1b[?1049h\x1b[1;8H{text}");
        assert_eq!(stays_in_its_rows(drawn.as_bytes(), 10).is_ok(), is_fine, "{text}");
    }
    assert_eq!((told.text.as_str(), &told.copies[..]), ("text␛\r\n", &["aGk=".to_owned()][..]));
    for wrong in [
        &b"\x1b[8m"[..],
        b"\x1b[8;1337m",
        b"\x1b]0;title\x07",
        b"\x1b]8;;http://x\x07",
        b"\x1bPq\x1b\\",
        b"\x1b_x\x1b\\",
        b"\x1bc",
        b"\x1b[6n",
        b"\x1b[3J",
        b"\x1b[?5h",
        b"\x1b[5A",
        b"\x1b]52;c;?\x07",
        b"\x07",
        b"\x08",
        b"\t",
        b"\x9b31m",
        b"\xc2\x9b31m",
        "\u{202e}".as_bytes(),
        "\u{200b}".as_bytes(),
        "\u{e0041}".as_bytes(),
        "\u{fe0f}".as_bytes(),
        "a\u{301}\u{301}\u{301}\u{301}\u{301}".as_bytes(),
        b"\x1b[?1049h\n",
        b"\x1b",
        b"\x1b[",
    ] {
        assert!(inspect(wrong).is_err(), "{}", String::from_utf8_lossy(wrong).escape_debug());
    }
}
