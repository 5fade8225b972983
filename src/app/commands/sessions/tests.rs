use super::*;

fn lines(name: &str) -> Vec<Line> {
    let at = |seconds: i64| Some(Timestamp::from_secs(seconds));
    vec![
        Line {
            name: name.to_owned(),
            requests: 7,
            size_bytes: 12_345,
            first: at(1_767_225_600),
            last: at(1_767_225_660),
        },
        Line { name: "b".to_owned(), requests: 1_234_567, size_bytes: 9, first: None, last: None },
    ]
}

#[test]
fn no_line_is_wider_than_the_room_and_names_stay_whole_while_they_can() {
    for name in ["2026-01-01-0000", "2026-11-22-140259-3-with-words", &"n".repeat(60)] {
        for columns in [40, 60, 80, 120] {
            let table = table(&lines(name), columns);
            for line in &table {
                assert!(printable::width(line) <= columns, "{columns}: {line}");
            }
            assert!(table[1].contains(name) || table[1].contains('…'), "{columns}: {}", table[1]);
        }
        assert!(table(&lines(name), 120)[1].contains(name));
    }
    assert!(table(&lines("2026-11-22-140259-3"), 80)[1].starts_with("2026-11-22-140259-3 "));
}

#[test]
fn columns_stand_below_their_heads() {
    let table = table(&lines("a"), 100);
    let at = table[0].find("LAST").unwrap();
    assert!(table[0].starts_with("NAME  REQUESTS") && table[2].get(at..) == Some("-"), "{table:#?}");
}
