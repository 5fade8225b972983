use super::*;

#[test]
fn every_default_key_is_a_key_and_belongs_to_one_action() {
    let map = Keymap::with(Vec::<(&str, Vec<&str>)>::new()).expect("defaults");
    assert_eq!(map, Keymap::default());
    for row in TABLE {
        for text in row.keys {
            let key = parse_key(text).unwrap_or_else(|| panic!("{text} of {}", row.name));
            assert_eq!(map.action(key), Some(row.action), "{text}");
            assert_eq!(show_key(key), *text);
        }
    }
}

#[test]
fn names_are_kebab_case_and_no_two_are_the_same() {
    let mut names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TABLE.len());
    assert!(TABLE.iter().all(|row| row.action.info() == row));
}

#[test]
fn keys_are_read_in_every_spelling() {
    let plain = |code| Key { code, ctrl: false, alt: false, shift: false };
    assert_eq!(parse_key("ctrl-d"), parse_key("^d"));
    assert_eq!(parse_key("Ctrl+D"), parse_key("^d"));
    assert_eq!(parse_key("^"), Some(plain(KeyCode::Char('^'))));
    assert_eq!(parse_key("shift-g"), Some(plain(KeyCode::Char('G'))));
    assert_eq!(parse_key("shift-tab"), Some(plain(KeyCode::BackTab)));
    assert_eq!(parse_key("space"), Some(plain(KeyCode::Char(' '))));
    assert_eq!(parse_key("f12"), Some(plain(KeyCode::F(12))));
    assert_eq!(parse_key("alt-^x").map(show_key).as_deref(), Some("alt-^x"));
    for wrong in ["", "F0", "F13", "Entr", "jj", "ctrl-", "\u{1b}", "\t"] {
        assert_eq!(parse_key(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_change_replaces_the_defaults() {
    let map = Keymap::with([("resend", vec!["F5", "alt-r"]), ("pause", vec![])]).expect("no conflict");
    assert_eq!(parse_key("F5").and_then(|key| map.action(key)), Some(Action::Resend));
    assert_eq!(parse_key("r").and_then(|key| map.action(key)), None);
    assert_eq!(parse_key("p").and_then(|key| map.action(key)), None);
    assert_eq!(map.hint(Action::Resend), "F5");
    assert_eq!(map.hint(Action::Pause), "");
}

#[test]
fn every_mistake_is_named_at_once() {
    let changes = [("resned", vec!["x"]), ("mark", vec!["Entr", "r"]), ("interrupt", vec![])];
    let said: Vec<String> = Keymap::with(changes).expect_err("mistakes").iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    keys: there is no action `resned`; did you mean `resend`?
    keys: `Entr` of `mark` is no key; write for example `r`, `^d`, `alt-x`, `Enter`, `PageDown`, `F5`
    keys: `r` would do both `mark` and `resend`; give one of them another key
    keys: `interrupt` needs a key, so that there is always a way out
    ");
}

#[test]
fn the_docs_are_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
    let made = keys_markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &made).expect("docs/keys.md");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == made, "docs/keys.md is not what the table says: run UPDATE_DOCS=1 cargo test keymap");
}
