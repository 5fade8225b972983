//! Events into lines. Fields in the order of docs/session-format.md: the head first, the body last.

use crate::domain::body::Body;
use crate::domain::exchange::{Answer, Attempt, AttemptKind, AttemptOutcome, ExchangeId, Mark, Request, Timing};
use crate::domain::reply::{Choice, ChosenBy, Fault};

use super::event::{Event, Marked, Mode, Note};
use super::line::LineWriter;

/// The start of a request's line up to its id. The rest, from [`request_rest`], does not depend on the id: it can be made
/// before the id is given.
pub fn request_start(id: ExchangeId, out: &mut Vec<u8>) {
    use std::io::Write as _;
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{{\"v\":1,\"event\":\"request\",\"id\":{id}");
}

/// [`request_start`] with room for an id of so many digits, which [`fill_in`] writes there.
pub fn request_start_without_id(digits: usize, line: &mut LineWriter) {
    line.raw(b"{\"v\":1,\"event\":\"request\",\"id\":");
    for _ in 0..digits {
        line.raw(b"0");
    }
}

/// Writes the id into a line that [`request_start_without_id`] began. `false`: it has another number of digits.
pub fn fill_in(id: ExchangeId, digits: usize, line: &mut [u8]) -> bool {
    let mut rest = id.0;
    let Some(room) = line.get_mut(ID_AT..ID_AT + digits).filter(|_| digits_of(id) == digits) else { return false };
    for digit in room.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    true
}

/// What stands behind the room for the id in a line that [`request_start_without_id`] began.
pub fn after_id(digits: usize, line: &[u8]) -> &[u8] {
    line.get(ID_AT + digits..).unwrap_or_default()
}

/// How many digits an id has.
pub fn digits_of(id: ExchangeId) -> usize {
    id.0.checked_ilog10().unwrap_or(0) as usize + 1
}

/// Where the id stands in a request's line.
const ID_AT: usize = r#"{"v":1,"event":"request","id":"#.len();

/// Bodies larger than this are written in pieces.
pub const LARGE_BODY_BYTES: usize = 256 * 1024;
/// Bytes of a body in one piece, which escaping makes up to six times as many. A multiple of three, so that base64 needs
/// padding only at its end.
const PIECE_BYTES: usize = 96 * 1024;

/// The line of a request from after its id to its newline.
pub fn request_rest(line: &mut LineWriter, request: &Request) {
    request_head(line, request);
    body(line, &request.body);
    line.raw(b"}\n");
}

/// What [`request_rest`] begins with, up to the body: [`body_in_pieces`] gives the rest.
pub fn request_head(line: &mut LineWriter, request: &Request) {
    line.time_field("at", request.first_byte);
    line.number_field("complete_us", request.body_complete_us);
    if let Some(peer) = request.peer {
        line.peer_field("peer", peer);
    }
    line.text_field("http", request.version.as_str());
    line.bytes_field("method", &request.method);
    line.bytes_field("target", &request.target);
    line.headers_field("headers", &request.headers);
    if !request.pseudo.is_empty() {
        line.headers_field("pseudo", &request.pseudo);
    }
    if !request.trailers.is_empty() {
        line.headers_field("trailers", &request.trailers);
    }
    marks(line, &request.marks);
    if let Some(raw_head) = &request.raw_head {
        line.bytes_field("raw_head", raw_head);
    }
}

/// The end of a request's line, from its body on, given out in pieces, each made in `line`: escaped, a body can be six times as
/// large, and its line should not stand in memory whole.
///
/// # Errors
/// Those of `give`, at once.
pub fn body_in_pieces<E>(
    line: &mut LineWriter,
    body: &Body,
    mut give: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let is_text = simdutf8::basic::from_utf8(&body.bytes).is_ok();
    line.clear(usize::MAX);
    line.number_field("size", body.length_bytes);
    line.raw(if is_text { b",\"body\":\"" } else { b",\"body_base64\":\"" });
    let mut rest = &body.bytes[..];
    while !rest.is_empty() {
        let mut at = rest.len().min(PIECE_BYTES);
        // Not within a character.
        while is_text && rest.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte)) {
            at -= 1;
        }
        let (piece, behind) = rest.split_at(at);
        match is_text {
            true => line.inside_string(piece),
            false => line.inside_base64(piece),
        }
        give(line.bytes())?;
        line.clear(usize::MAX);
        rest = behind;
    }
    line.raw(b"\"}\n");
    give(line.bytes())
}

/// The whole line of an event.
pub fn event(line: &mut LineWriter, event: &Event) {
    match event {
        Event::Request(request) => {
            start(line, "request", Some(request.id));
            request_rest(line, request);
        }
        Event::Answer(inner) => answer(line, inner),
        Event::Attempt(inner) => attempt(line, inner),
        Event::Note(inner) => note(line, inner),
        Event::Mark(inner) => marked(line, inner),
        Event::Mode(inner) => mode(line, inner),
        Event::Unknown { event } => {
            line.raw(b"{\"v\":1");
            line.text_field("event", event);
            line.raw(b"}\n");
        }
    }
}

fn start(line: &mut LineWriter, event: &str, id: Option<ExchangeId>) {
    line.raw(b"{\"v\":1,\"event\":\"");
    line.raw(event.as_bytes());
    line.raw(b"\"");
    line.optional_number_field("id", id.map(|id| id.0));
}

/// The line of an answer.
pub fn answer(line: &mut LineWriter, answer: &Answer) {
    start(line, "answer", Some(answer.exchange));
    line.time_field("at", answer.done);
    if let Some(begun) = answer.begun {
        line.time_field("begun", begun);
    }
    line.text_field("outcome", answer.outcome.as_str());
    line.optional_number_field("status", answer.status.map(u64::from));
    line.text_field("rule", &answer.rule);
    if let Some(choice) = &answer.choice {
        chosen(line, choice);
    }
    line.headers_field("headers", &answer.headers);
    body(line, &answer.body);
    line.raw(b"}\n");
}

/// How an answer was chosen, as far as there is something to say.
fn chosen(line: &mut LineWriter, choice: &Choice) {
    if choice.by != ChosenBy::default() {
        line.text_field("by", choice.by.as_str());
    }
    if let Some(step) = choice.step {
        line.number_field("step", u64::from(step.number));
        line.number_field("steps", u64::from(step.of));
    }
    texts_field(line, "passed", &choice.passed);
    texts_field(line, "notes", &choice.notes);
    if choice.is_queued {
        line.raw(b",\"queued\":true");
    }
    if let Some(wrong) = choice.wrong {
        line.text_field("wrong", wrong.as_str());
        line.number_field("wrong_of", wrong.whole_bytes);
        if let Fault::WrongLength(length) = wrong.fault {
            line.number_field("wrong_length", length);
        }
    }
    if let Some(forwarded) = &choice.forwarded {
        line.text_field("origin", &forwarded.origin);
        line.bytes_field("sent_head", &forwarded.head);
        timing(line, &forwarded.timing);
        if let Some(error) = &forwarded.error {
            line.text_field("error", error);
        }
    }
}

/// `,"name":["..."]`, or nothing.
fn texts_field(line: &mut LineWriter, name: &str, texts: &[String]) {
    for (at, text) in texts.iter().enumerate() {
        match at {
            0 => line.name(name),
            _ => line.raw(b","),
        }
        line.raw(if at == 0 { b"[" } else { b"" });
        line.string(text.as_bytes());
    }
    line.raw(if texts.is_empty() { b"" } else { b"]" });
}

fn attempt(line: &mut LineWriter, attempt: &Attempt) {
    if let Some(answer) = attempt_head(line, attempt) {
        body(line, answer);
    }
    line.raw(b"}\n");
}

/// What the line of an attempt begins with, up to the body of its answer, which is given back when there is one: its rest is
/// that of [`body_in_pieces`], too.
pub fn attempt_head<'a>(line: &mut LineWriter, attempt: &'a Attempt) -> Option<&'a Body> {
    start(line, "attempt", Some(attempt.exchange));
    line.number_field("number", u64::from(attempt.number));
    line.time_field("at", attempt.at);
    if attempt.kind != AttemptKind::default() {
        line.text_field("kind", attempt.kind.as_str());
    }
    line.text_field("signature", attempt.signature.as_str());
    line.text_field("origin", &attempt.sent.origin);
    line.bytes_field("sent_head", &attempt.sent.head);
    // The body of what was forwarded is the exchange's: once in the file is enough.
    if !attempt.kind.is_forwarded() {
        line.bytes_field("sent_body", &attempt.sent.body);
    }
    timing(line, &attempt.timing);
    match &attempt.outcome {
        AttemptOutcome::Failed { message } => {
            line.text_field("error", message);
            None
        }
        AttemptOutcome::Answered { version, status, reason, headers, body: answer, marks: said } => {
            line.text_field("http", version.as_str());
            line.number_field("status", u64::from(*status));
            line.bytes_field("reason", reason);
            line.headers_field("headers", headers);
            marks(line, said);
            Some(answer)
        }
    }
}

fn timing(line: &mut LineWriter, timing: &Timing) {
    line.optional_number_field("dns_us", timing.dns_us);
    line.optional_number_field("connect_us", timing.connect_us);
    line.optional_number_field("tls_us", timing.tls_us);
    line.optional_number_field("first_byte_us", timing.first_byte_us);
    line.optional_number_field("download_us", timing.download_us);
    line.number_field("total_us", timing.total_us);
}

fn note(line: &mut LineWriter, note: &Note) {
    start(line, "note", note.exchange);
    line.time_field("at", note.at);
    line.text_field("text", &note.text);
    line.raw(b"}\n");
}

fn marked(line: &mut LineWriter, mark: &Marked) {
    start(line, "mark", Some(mark.exchange));
    line.time_field("at", mark.at);
    line.raw(if mark.marked { b",\"marked\":true}\n" } else { b",\"marked\":false}\n" });
}

fn mode(line: &mut LineWriter, mode: &Mode) {
    start(line, "mode", None);
    line.time_field("at", mode.at);
    line.text_field("mode", &mode.mode);
    line.text_field("detail", &mode.detail);
    line.raw(b"}\n");
}

/// `,"marks":[{"truncated":10485760},{"refused":"why"}]`, or nothing.
fn marks(line: &mut LineWriter, marks: &[Mark]) {
    if marks.is_empty() {
        return;
    }
    line.name("marks");
    for (index, mark) in marks.iter().enumerate() {
        line.raw(if index == 0 { b"[" } else { b"," });
        match mark {
            Mark::Truncated { limit_bytes } => {
                line.raw(b"{\"truncated\":");
                line.number(*limit_bytes);
            }
            Mark::Incomplete { reason } => {
                line.raw(b"{\"incomplete\":");
                line.string(reason.as_bytes());
            }
            Mark::Refused { reason } => {
                line.raw(b"{\"refused\":");
                line.string(reason.as_bytes());
            }
            Mark::Note { text } => {
                line.raw(b"{\"note\":");
                line.string(text.as_bytes());
            }
        }
        line.raw(b"}");
    }
    line.raw(b"]");
}

fn body(line: &mut LineWriter, body: &Body) {
    line.number_field("size", body.length_bytes);
    line.bytes_field("body", &body.bytes);
}
