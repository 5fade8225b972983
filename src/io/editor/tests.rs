use std::os::unix::fs::PermissionsExt;

use super::*;

/// An editor that is a shell script; the file is `$1`.
fn script(lines: &str) -> Editor {
    Editor { program: "sh".to_owned(), args: vec!["-c".to_owned(), lines.to_owned(), "editor".to_owned()] }
}

#[test]
fn what_the_editor_saves_comes_back() {
    let editor = script("printf 'PUT /b\\n' >> \"$1\"");
    assert_eq!(editor.edit("GET /a\n", ".http").unwrap(), "GET /a\nPUT /b\n");
}

#[test]
fn a_file_put_in_the_place_of_ours_is_read() {
    let editor = script("printf new > \"$1.new\" && mv \"$1.new\" \"$1\"");
    assert_eq!(editor.edit("old", ".http").unwrap(), "new");
}

#[test]
fn the_file_is_private_has_the_suffix_and_goes_away() {
    let dir = tempfile::tempdir().unwrap();
    let note = dir.path().join("note");
    let editor = script(&format!("stat -c %a \"$1\" > {0} && echo \"$1\" >> {0}", note.display()));
    editor.edit("secret", ".http").unwrap();
    let note = fs::read_to_string(note).unwrap();
    let (mode, path) = note.trim_end().split_once('\n').unwrap();
    assert_eq!(mode, "600");
    assert!(path.ends_with(".http"), "{path}");
    assert!(!fs::exists(path).unwrap(), "{path} is left");
}

#[test]
fn a_failing_editor_cancels() {
    let error = script("exit 3").edit("text", ".http").unwrap_err();
    assert_eq!(error.to_string(), "the editor sh ended with exit code 3: nothing was changed");
}

#[test]
fn an_editor_that_is_not_there_is_said() {
    let editor = Editor::parse("EDITOR", "no-such-editor-here --wait").unwrap();
    let words = editor.edit("text", ".http").unwrap_err().to_string();
    assert!(words.starts_with("could not start the editor no-such-editor-here: "), "{words}");
    assert!(words.ends_with("set $VISUAL or $EDITOR"), "{words}");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let error = script("printf 'ab\\377' > \"$1\"").edit("text", ".http").unwrap_err();
    assert!(matches!(error, EditorError::NotText { at: 2 }), "{error}");
}

#[test]
fn arguments_are_read_as_a_shell_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("my editor");
    fs::write(&program, "#!/bin/sh\necho \"$1|$2\" > \"$3\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let editor = Editor::parse("VISUAL", &format!("'{}' --wait 'a b'", program.display())).unwrap();
    assert_eq!(editor.edit("", ".http").unwrap(), "--wait|a b\n");
    let error = Editor::parse("VISUAL", "vim 'oops").unwrap_err().to_string();
    assert!(error.starts_with("$VISUAL is no command: vim 'oops: "), "{error}");
    assert!(Editor::parse("EDITOR", "  ").is_err());
}
