use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::domain::body::Body;
use crate::domain::headers::Headers;
use crate::domain::pretty::{BodyView, Limits, body};

fn document(content_type: &str, text: &str) -> Document {
    let headers = Headers::from_pairs([("Content-Type", content_type)]);
    body(&Body::whole(text.to_owned()), &headers, BodyView::Pretty, Limits::default())
}

fn role_of(document: &Document, text: &str) -> Option<Role> {
    document.lines.iter().flat_map(Line::spans).find(|span| span.text.contains(text)).map(|span| span.role)
}

#[test]
fn tags_strings_and_comments_get_their_roles() {
    let html = colour_now(document("text/html", "<html><!-- note -->\n<a href=\"https://x\">y</a></html>"));
    assert_eq!(role_of(&html, "note"), Some(Role::Comment));
    assert_eq!(role_of(&html, "href"), Some(Role::Key));
    assert_eq!(role_of(&html, "https://x"), Some(Role::Text));
    let yaml = colour_now(document("application/yaml", "name: \"x\" # why\ncount: 12\n"));
    assert_eq!(role_of(&yaml, "name"), Some(Role::Keyword));
    assert_eq!(role_of(&yaml, "why"), Some(Role::Comment));
    assert_eq!(role_of(&yaml, "12"), Some(Role::Number));
}

#[test]
fn colours_change_no_text_and_leave_stand_ins_alone() {
    let plain = document("text/html", "<p>\x1b[31m日本\u{202e}</p>\n<script>let x = 1;</script>");
    let coloured = colour_now(plain.clone());
    assert_eq!(coloured.to_text(), plain.to_text());
    assert_eq!(role_of(&coloured, "␛"), Some(Role::Control));
    assert_eq!(role_of(&coloured, "⟨U+202E⟩"), Some(Role::Control));
}

#[test]
fn long_lines_stay_plain_and_the_next_ones_do_not() {
    let text = format!("a: 1\nb: {}\nc: 2", "x".repeat(LINE_BYTES_MAX));
    let coloured = colour_now(document("text/yaml", &text));
    let roles: Vec<usize> = coloured.lines.iter().map(|line| line.spans().count()).collect();
    assert_eq!(roles.get(1), Some(&1));
    assert!(roles.get(2).is_some_and(|runs| *runs > 1));
}

#[test]
fn the_thread_gives_the_visible_part_first_and_then_all() {
    let text = "key: value\n".repeat(FIRST_LINES * 3);
    let (give, take) = mpsc::channel();
    let highlighter = Highlighter::start().unwrap();
    highlighter.colour(document("text/yaml", &text), Box::new(move |document| give.send(document).unwrap()));
    let coloured = |document: &Document| document.lines.iter().filter(|line| line.spans().count() > 1).count();
    let first = take.recv_timeout(Duration::from_secs(20)).unwrap();
    let whole = take.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(coloured(&first), FIRST_LINES);
    assert_eq!(coloured(&whole), FIRST_LINES * 3);
}

#[test]
fn the_newest_job_is_done() {
    let (give, take) = mpsc::channel();
    let highlighter = Highlighter::start().unwrap();
    for number in 0..20 {
        let give = give.clone();
        let done = Box::new(move |_: Document| give.send(number).unwrap());
        highlighter.colour(document("text/yaml", &format!("job: {number}")), done);
    }
    let mut last = None;
    while last != Some(19) {
        last = Some(take.recv_timeout(Duration::from_secs(20)).unwrap());
    }
}

#[test]
fn a_panic_over_one_document_keeps_the_next_one_from_nothing() {
    let highlighter = Highlighter::start().unwrap();
    let (begun, began) = mpsc::channel();
    let job = Box::new(move |_| {
        begun.send(()).unwrap();
        panic!("on purpose")
    });
    highlighter.colour(document("text/yaml", "a: 1\n"), job);
    began.recv_timeout(Duration::from_secs(20)).unwrap();
    let (give, take) = mpsc::channel();
    highlighter.colour(document("text/yaml", "b: 1\n"), Box::new(move |document| give.send(document).unwrap()));
    assert!(take.recv_timeout(Duration::from_secs(20)).is_ok());
}
