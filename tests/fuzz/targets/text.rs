//! What people write (filters, replies, drafts, keys), and the gate that a stranger's text goes through.

use hooksight::domain::draft::Draft;
use hooksight::domain::filter::Filter;
use hooksight::domain::pretty::{Line, Role};
use hooksight::domain::printable::{clip, visible, visible_str, visible_within, width};
use hooksight::domain::reply::{Reply, ReplyText, Scope};
use hooksight::domain::summary::{Recognised, Summary};
use hooksight::tui::keymap::{Keymap, parse_key, show_key};

use super::make;

/// Text only.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// What reaches a terminal: nothing in it moves the cursor, hides or reorders.
pub fn assert_visible(text: &str) {
    for char in text.chars() {
        let is_hidden = char.is_control()
            || matches!(char, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(char, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
            || matches!(char, '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
        assert!(!is_hidden, "{char:?} in {text:?}");
    }
}

/// The gate.
pub fn printable(data: &[u8]) {
    let all = visible(data);
    assert_visible(&all);
    assert_eq!(visible(all.as_bytes()), all, "what is visible stays as it is");
    if let Ok(text) = std::str::from_utf8(data) {
        assert_eq!(visible_str(text), all);
    }
    let mut line = Line::new();
    line.push_bytes(Role::Plain, data);
    assert_eq!(line.text(), all);
    assert_eq!(line.spans().map(|span| span.text).collect::<String>(), all);
    assert_eq!(line.width(), width(&all));
    let columns = usize::from(data.first().copied().unwrap_or(0));
    for columns_max in [0, 1, 2, columns] {
        let cut = clip(&all, columns_max);
        assert!(width(&cut) <= columns_max, "{cut:?} in {columns_max} columns");
        let within = visible_within(data, columns_max);
        assert_visible(&within);
        assert!(width(&within) <= columns_max, "{within:?} in {columns_max} columns");
    }
}

/// A filter prints what it parses to, and decides the same with more knowledge.
pub fn filter(data: &[u8]) {
    let Some(written) = text(data) else { return };
    let filter = match Filter::parse(written) {
        Ok(filter) => filter,
        Err(error) => {
            assert_visible(&error.message);
            assert!(error.column >= 1 && error.column <= written.chars().count() + 1, "{error}");
            return;
        }
    };
    let printed = filter.to_string();
    match Filter::parse(&printed) {
        Ok(again) => assert_eq!(again, filter, "{written:?} prints {printed:?}"),
        // What is longer than the limit once it is quoted is the one exception.
        Err(error) => assert!(printed.chars().count() > written.chars().count(), "{printed:?}: {error}"),
    }
    let request = make::request(
        b"POST /a/b?c=d\nX-GitHub-Event: push\nContent-Type: text/plain\n\nHello W\xf6rld, \xc3\x89t\xc3\xa9",
    );
    let summary = Summary::of(&request, &Recognised::default());
    let matches = filter.matches(&summary, Some(&request));
    if let Some(decided) = filter.decide(&summary) {
        assert_eq!(decided, matches, "{written:?}: decided without the request, and otherwise with it");
    }
    if !filter.needs_request() {
        assert!(filter.decide(&summary).is_some());
    }
}

/// A reply prints what it parses to.
pub fn reply(data: &[u8]) {
    let Some(written) = text(data) else { return };
    let _ = Scope::parse(written);
    match ReplyText::parse(written) {
        Ok(parsed) => {
            let printed = parsed.reply.to_string();
            assert!(!printed.contains(char::is_control), "{printed:?}");
            assert_eq!(Reply::parse(&printed).as_ref(), Ok(&parsed.reply), "{written:?} prints {printed:?}");
            assert!((200..=599).contains(&parsed.reply.status));
            let _ = parsed.reply.describe();
        }
        Err(error) => {
            assert!(!error.message.contains(char::is_control), "{error:?}");
            assert!(error.column >= 1 && error.column <= written.chars().count() + 1, "{error}");
        }
    }
}

/// A draft: the request's own text gives the request; any other text gives a draft or a line to look at.
pub fn draft(data: &[u8]) {
    let (request, edited) = make::split_once(data, b"\0").unwrap_or((data, b""));
    let request = make::request(request);
    let draft = Draft::from_request(&request);
    let shown = draft.to_text();
    if is_sendable(&draft) {
        match Draft::from_text(&shown, &request) {
            Ok(again) => assert_eq!(again, draft, "{shown:?}"),
            Err(error) => panic!("the text of a request is no draft: {error}: {shown:?}"),
        }
    }
    let Some(edited) = text(edited) else { return };
    match Draft::from_text(edited, &request) {
        Ok(draft) => assert!(!draft.changes(&request).words().contains(char::is_control)),
        Err(error) => {
            assert_visible(&error.message);
            assert!(error.line >= 1 && error.line <= edited.lines().count() + 2, "{error} in {edited:?}");
        }
    }
}

/// Whether a listener can have captured it: an empty line in its head would end the head.
fn is_sendable(draft: &Draft) -> bool {
    !draft.method.is_empty()
        && !draft.url.is_empty()
        && !draft.method.contains(&b' ')
        && draft.headers.iter().all(|header| !header.name.is_empty() && header.value.trim_ascii() == header.value)
}

/// Lines of `ACTION KEY KEY ...`.
pub fn keymap(data: &[u8]) {
    let Some(written) = text(data) else { return };
    let mut changes = Vec::new();
    for line in written.lines() {
        let mut words = line.split(' ');
        let action = words.next().unwrap_or_default();
        let keys: Vec<&str> = words.collect();
        for text in &keys {
            if let Some(key) = parse_key(text) {
                assert_eq!(parse_key(&show_key(key)), Some(key), "{text:?} is shown as {:?}", show_key(key));
            }
        }
        changes.push((action, keys));
    }
    match Keymap::with(changes) {
        Ok(map) => assert!(!map.keys(hooksight::tui::action::Action::Interrupt).is_empty()),
        Err(errors) => assert!(!errors.is_empty() && errors.iter().all(|error| !error.to_string().is_empty())),
    }
}
