use proptest::prelude::*;
use serde_json::Value;

use super::walk::{BLOCK_BYTES, Block};
use super::*;

fn members(json: &[u8]) -> Vec<(String, usize)> {
    let mut all = Vec::new();
    each_member(json, 0, |key, value| {
        all.push((String::from_utf8_lossy(key).into_owned(), value));
        true
    });
    all
}

/// JSON as others write it: strings full of what could be taken for structure, deep and shallow, dense and with blanks.
fn value() -> impl Strategy<Value = Value> {
    let text = prop::collection::vec(
        prop::sample::select(vec!["\"", "\\", "{", "}", "[", "]", ":", ",", "a", " ", "é"]),
        0..12,
    )
    .prop_map(|parts| parts.concat());
    let leaf = prop_oneof![text.clone().prop_map(Value::from), any::<i32>().prop_map(Value::from), Just(Value::Null)];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(text.clone(), inner, 0..8).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn keys_and_values_are_those_of_a_parser(members_of in prop::collection::vec(value(), 0..9), pretty: bool) {
        let object: serde_json::Map<String, Value> =
            members_of.into_iter().enumerate().map(|(at, value)| (format!("k{at}\"\\"), value)).collect();
        let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) }.unwrap();
        let found = members(text.as_bytes());
        prop_assert_eq!(found.len(), object.len());
        for ((key, at), (name, value)) in found.iter().zip(&object) {
            prop_assert_eq!(&serde_json::from_str::<String>(&format!("\"{key}\"")).unwrap(), name);
            let mut values = serde_json::Deserializer::from_str(&text[*at..]).into_iter::<Value>();
            prop_assert_eq!(&values.next().unwrap().unwrap(), value);
        }
    }

    #[test]
    fn any_bytes_end_it(bytes: Vec<u8>, dense in prop::collection::vec(prop::sample::select(b"{}[]\":,\\a".to_vec()), 0..300)) {
        for json in [[b"{".as_slice(), &bytes].concat(), [b"{".as_slice(), &dense].concat()] {
            for (key, at) in members(&json) {
                prop_assert!(key.len() <= json.len() * 3 && at <= json.len());
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn both_ways_find_the_same_places(block in prop::collection::vec(any::<u8>(), BLOCK_BYTES)) {
        let block: Block = block.try_into().unwrap();
        if let Some(wide) = wide::Wide::detect() {
            prop_assert_eq!(wide.places(&block), Places::of(&block));
        }
    }
}

#[test]
fn a_cut_object_has_the_members_before_the_cut_and_long_values_hide_nothing() {
    let long =
        format!("{{\"a\":{{\"s\":\"{}\",\"t\":[{}]}},\"b\" : 2,\"c\":\"x", "\\\"}".repeat(300), "[],".repeat(300));
    let found: Vec<_> = members(long.as_bytes()).into_iter().map(|(key, _)| key).collect();
    assert_eq!(found, ["a", "b", "c"]);
    assert_eq!(members(b"{} {\"a\":1}"), []);
    assert_eq!(members(b"{\"a\":1}, \"b\":2}").len(), 1);
}
