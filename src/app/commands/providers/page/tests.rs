use super::*;

fn page(columns: usize, write: impl Fn(&mut Page<'_>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut Page::new(&mut out, Some(columns), false)).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn words_are_wrapped_beside_their_label_and_the_note_goes_with_the_last() {
    let text = page(40, |page| page.noted("retries", "for up to three days with growing gaps between them", "[2]"));
    assert_eq!(
        text,
        "retries         for up to three days\n                with growing gaps\n                between them [2]\n"
    );
    assert_eq!(page(40, |page| page.noted("retries", "none", "[2]")), "retries         none [2]\n");
    assert_eq!(page(40, |page| page.row("retries", "")), "");
}

#[test]
fn a_url_stays_whole_and_a_formula_breaks_before_a_brace() {
    let url = "https://docs.example.com/a/very/long/path/that/is/wider/than/the/room";
    assert_eq!(page(40, |page| page.row("docs", url)), format!("docs            {url}\n"));
    let text = page(40, |page| page.row("signed bytes", "{method}\\n{url}\\n{header:x-time}\\n{body}"));
    assert_eq!(text, "signed bytes    {method}\\n{url}\\n\n                {header:x-time}\\n{body}\n");
}

#[test]
fn what_is_not_visible_does_not_reach_the_terminal() {
    let text = page(40, |page| page.row("title", "a\u{1b}[31mb"));
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.contains("␛[31m"), "{text}");
}

#[test]
fn the_name_stands_at_the_right_margin() {
    assert_eq!(page(40, |page| page.heading("Stripe", "stripe")), format!("Stripe{}stripe\n", " ".repeat(28)));
}

#[test]
fn a_body_keeps_every_character() {
    let body = r#"{"a":"two  blanks","b":[1,2,3]}"#;
    let text = page(40, |page| page.exact("sample", body));
    let joined: String = text.lines().map(|line| line.get(16..).unwrap_or_default()).collect();
    assert_eq!(joined, body);
    assert!(text.lines().all(|line| line.len() <= 40), "{text}");
}
