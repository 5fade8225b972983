//! Lines of the session file: reading any bytes, and reading back what is written.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hooksight::domain::draft::Outgoing;
use hooksight::domain::exchange::{
    Answer, AnswerOutcome, Attempt, AttemptKind, AttemptOutcome, ExchangeId, HttpVersion, Request, SignatureChoice,
    Timing,
};
use hooksight::domain::record::{self, Event, Marked, Mode, Note, decode, encode};

use super::make::Input;

/// A line as a stranger may have written it.
pub fn line(data: &[u8]) {
    let peeked = record::peek(data);
    let Ok(event) = decode(data) else { return };
    let peeked = peeked.unwrap_or_else(|error| panic!("decoded, but not peeked: {error}"));
    let (name, id) = name_and_id(&event);
    assert_eq!(peeked.event, name, "peek and decode do not say the same");
    if !matches!(event, Event::Unknown { .. }) {
        assert_eq!(peeked.id, id, "peek and decode do not say the same");
        written(&event);
    }
}

/// Any event comes back as it was.
pub fn event(data: &[u8]) {
    written(&make(&mut Input(data)));
}

fn written(event: &Event) {
    let line = encode(event);
    let text = std::str::from_utf8(&line).unwrap_or_else(|error| panic!("a line that is no UTF-8: {error}"));
    let inside = text.strip_suffix('\n').unwrap_or_else(|| panic!("a line without its end: {text}"));
    assert!(!inside.contains(char::is_control), "a control character in a line: {inside:?}");
    assert_eq!(decode(&line).as_ref(), Ok(event), "{inside}");
    assert_eq!(decode(inside.as_bytes()).as_ref(), Ok(event), "without its newline");
    let peeked = record::peek(&line).unwrap_or_else(|error| panic!("{error}: {inside}"));
    let (name, id) = name_and_id(event);
    assert_eq!((&*peeked.event, peeked.id), (&*name, id), "{inside}");
}

fn name_and_id(event: &Event) -> (String, Option<ExchangeId>) {
    let (name, id) = match event {
        Event::Request(request) => ("request", Some(request.id)),
        Event::Answer(answer) => ("answer", Some(answer.exchange)),
        Event::Attempt(attempt) => ("attempt", Some(attempt.exchange)),
        Event::Note(note) => ("note", note.exchange),
        Event::Mark(mark) => ("mark", Some(mark.exchange)),
        Event::Mode(_) => ("mode", None),
        Event::Unknown { event } => (event.as_str(), None),
    };
    (name.to_owned(), id)
}

fn make(input: &mut Input<'_>) -> Event {
    match input.byte() % 6 {
        0 => Event::Request(Arc::new(request(input))),
        1 => Event::Answer(Arc::new(answer(input))),
        2 => Event::Attempt(Arc::new(attempt(input))),
        3 => {
            let exchange = (input.byte() % 2 == 1).then(|| ExchangeId(input.number()));
            Event::Note(Note { exchange, at: input.time(), text: input.text() })
        }
        4 => Event::Mark(Marked {
            exchange: ExchangeId(input.number()),
            at: input.time(),
            marked: input.byte() % 2 == 1,
        }),
        _ => Event::Mode(Mode { at: input.time(), mode: input.text(), detail: input.text() }),
    }
}

fn version(input: &mut Input<'_>) -> HttpVersion {
    match input.byte() % 3 {
        0 => HttpVersion::Http10,
        1 => HttpVersion::Http11,
        _ => HttpVersion::Http2,
    }
}

fn bytes(input: &mut Input<'_>) -> Bytes {
    Bytes::copy_from_slice(input.piece())
}

fn request(input: &mut Input<'_>) -> Request {
    Request {
        id: ExchangeId(input.number()),
        peer: (input.byte() % 2 == 1).then(|| ([127, 0, 0, input.byte()], 4711).into()),
        first_byte: input.time(),
        body_complete_us: input.number(),
        version: version(input),
        method: bytes(input),
        target: bytes(input),
        headers: input.headers(),
        pseudo: input.headers(),
        raw_head: (input.byte() % 2 == 1).then(|| bytes(input)),
        body: input.body(),
        trailers: input.headers(),
        marks: input.marks(),
    }
}

fn answer(input: &mut Input<'_>) -> Answer {
    let outcomes = [AnswerOutcome::Sent, AnswerOutcome::SenderLeft, AnswerOutcome::Reset, AnswerOutcome::NeverAnswered];
    Answer {
        exchange: ExchangeId(input.number()),
        begun: (input.byte() % 2 == 1).then(|| input.time()),
        done: input.time(),
        outcome: outcomes[usize::from(input.byte() % 4)],
        status: (input.byte() % 2 == 1).then(|| u16::from(input.byte())),
        headers: input.headers(),
        body: input.body(),
        rule: input.text(),
        choice: None,
    }
}

fn attempt(input: &mut Input<'_>) -> Attempt {
    let choices = [SignatureChoice::Kept, SignatureChoice::Resigned, SignatureChoice::Broken];
    let mut step = || (input.byte() % 2 == 1).then(|| input.number());
    let timing = Timing {
        dns_us: step(),
        connect_us: step(),
        tls_us: step(),
        first_byte_us: step(),
        download_us: step(),
        total_us: 9,
    };
    let outcome = match input.byte() % 2 {
        0 => AttemptOutcome::Failed { message: input.text() },
        _ => AttemptOutcome::Answered {
            version: version(input),
            status: u16::from(input.byte()),
            reason: bytes(input),
            headers: input.headers(),
            body: input.body(),
            marks: input.marks(),
        },
    };
    let (exchange, number, at) = (ExchangeId(input.number()), u32::from(input.byte()), input.time());
    let kind = AttemptKind::ALL[usize::from(input.byte()) % AttemptKind::ALL.len()];
    let (origin, head, body) = (input.text(), bytes(input), bytes(input));
    // What was forwarded is the exchange's own body, and is not written again.
    let body = if kind.is_forwarded() { Bytes::new() } else { body };
    Attempt {
        exchange,
        number,
        at,
        kind,
        sent: Outgoing { origin, head, body },
        signature: choices[usize::from(input.byte() % 3)],
        outcome,
        timing,
    }
}

/// Lines of every event, as the writer writes them.
pub fn seeds(_: &Path) -> Vec<Vec<u8>> {
    (0..12u8)
        .map(|number| encode(&make(&mut Input(&[&[number][..], &[number.wrapping_mul(37) | 1; 300]].concat()))))
        .collect()
}
