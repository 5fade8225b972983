use super::*;

const INDENTED: Style =
    Style { spacing: Spacing::Indented("    "), escapes: Escapes::Kept, slash: false, html: false, sorted: false };

#[test]
fn what_indents_would_blow_up_is_not_written() {
    // Half a million values at a depth of 250: a thousand blanks in front of each.
    let json = [vec![b'['; 250], b"0,".repeat(500_000), b"0".to_vec(), vec![b']'; 250]].concat();
    assert_eq!(rewrite(&json, INDENTED, &mut usize::MAX.clone()), None);
    let small = [vec![b'['; 3], b"0".to_vec(), vec![b']'; 3]].concat();
    let written = rewrite(&small, INDENTED, &mut usize::MAX.clone()).unwrap();
    assert_eq!(written, b"[\n    [\n        [\n            0\n        ]\n    ]\n]");
}

#[test]
fn rewriting_ends_when_its_work_is_spent() {
    // A long string inside 250 arrays is written 250 times over.
    let json = [vec![b'['; 250], b"\"".to_vec(), vec![b'x'; 100_000], b"\"".to_vec(), vec![b']'; 250]].concat();
    let compact = Style { spacing: Spacing::Compact, ..INDENTED };
    let mut work_bytes = 10 << 20;
    assert_eq!(rewrite(&json, compact, &mut work_bytes), None);
    assert!(work_bytes < 200_000, "{work_bytes}");
    assert_eq!(rewrite(&json, compact, &mut (100 << 20)), Some(json));
}
