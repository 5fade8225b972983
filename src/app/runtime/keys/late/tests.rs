use super::*;

fn press(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

/// As the library reads them: ESC with what follows is Alt, unless the piece ends there (`|`).
fn read(bytes: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut rest = bytes.chars().peekable();
    while let Some(c) = rest.next() {
        events.push(match c {
            '|' => continue,
            '\x1b' => match rest.next_if(|next| *next != '|') {
                Some(next) => press(KeyCode::Char(next), KeyModifiers::ALT),
                None => press(KeyCode::Esc, KeyModifiers::NONE),
            },
            '\x07' => press(KeyCode::Char('g'), KeyModifiers::CONTROL),
            '\r' => press(KeyCode::Enter, KeyModifiers::NONE),
            c => press(KeyCode::Char(c), KeyModifiers::NONE),
        });
    }
    events
}

fn sieved(bytes: &str) -> Vec<Event> {
    let mut sieve = Sieve::default();
    let mut given: Vec<Event> = read(bytes).into_iter().flat_map(|event| sieve.take(event)).collect();
    given.extend(sieve.silence());
    given
}

#[test]
fn answers_are_no_keys() {
    for answer in [
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
        "\x1b]10;rgb:ffff/ffff/ffff\x07",
        "\x1b]10;rgb:f/f/f\x1b\\\x1b]11;rgb:0/0/0\x1b\\",
        "\x1b]4;1;rgb:ffff/0000/0000\x1b\\",
        "\x1b]52;c;aGFsbG8=\x07",
        // In pieces, wherever they are cut.
        "\x1b]1|1;rgb:1e1e/|1e1e/2e2e|\x1b\\",
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b|\\",
    ] {
        assert_eq!(sieved(&format!("j{answer}k")), read("jk"), "{answer:?}");
    }
    // ESC alone is a key before anybody can know better.
    assert_eq!(sieved("\x1b|]11;rgb:1/1/1\x07k"), read("\x1b|k"));
}

#[test]
fn what_somebody_types_comes_through_in_order() {
    for typed in [
        "q",
        "\x1b]",
        "\x1b]k",
        "\x1b]1",
        "\x1b]12k",
        "\x1b];",
        "\x1b]12345;r",
        "\x1b\\",
        "\x1b|\x1b|",
        "\x1b|]",
        "\x1b|]4r",
        "]11;r",
        "\x1b]\x1b]",
        "\x07",
    ] {
        assert_eq!(sieved(typed), read(typed), "{typed:?}");
    }
}

#[test]
fn sizes_and_the_mouse_are_not_held_back() {
    let mut sieve = Sieve::default();
    for event in read("\x1b]11;rgb") {
        assert_eq!(sieve.take(event), []);
        assert_eq!(sieve.take(Event::Resize(80, 24)), [Event::Resize(80, 24)]);
    }
}

#[test]
fn one_that_stops_short_is_not_waited_for() {
    let mut sieve = Sieve::default();
    for event in read("\x1b]11") {
        assert_eq!(sieve.take(event), []);
    }
    assert_eq!(sieve.patience(), Some(UNSURE));
    assert_eq!(sieve.silence(), read("\x1b]11"), "it may have been typed");
    assert_eq!(sieve.patience(), None);
    for event in read("\x1b]11;rgb:12") {
        sieve.take(event);
    }
    assert_eq!(sieve.patience(), Some(SURE));
    assert_eq!(sieve.silence(), [], "nobody types that");
    assert_eq!(sieve.take(press(KeyCode::Char('q'), KeyModifiers::NONE)), read("q"));
    // Whoever does something else meanwhile does it.
    for event in read("\x1b]11;rgb:12") {
        sieve.take(event);
    }
    assert_eq!(sieve.take(press(KeyCode::Enter, KeyModifiers::NONE)), read("\r"));
    assert_eq!(sieve.patience(), None);
}

#[test]
fn it_holds_a_bounded_number() {
    let mut sieve = Sieve::default();
    for event in read("\x1b]52;c;") {
        sieve.take(event);
    }
    let given = (0..TEXT_MAX + 10).flat_map(|_| sieve.take(press(KeyCode::Char('a'), KeyModifiers::NONE))).count();
    assert!((1..20).contains(&given), "{given}");
    assert!(sieve.held.is_empty());
}
