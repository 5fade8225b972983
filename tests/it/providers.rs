//! `hooksight providers`: what is listed and explained, and what a profile of one's own does.

use serde_json::Value;

use crate::support::Home;

const OWN: &str = r#"(
    title: "Acme",
    docs: "https://acme.example/docs",
    sources: ["Acme documentation"],
    recognise: [["header:x-acme-signature"]],
    secret: (called: "signing secret", find: "Acme > Settings"),
    schemes: [(
        signature: ["header:X-Acme-Signature"],
        algorithm: HmacSha256,
        message: "{body}",
    )],
    delivery: (retries: "once", redirects: "followed once", source: "Acme documentation"),
)"#;

#[test]
fn all_are_listed_and_each_is_explained() {
    let home = Home::new();
    let list = home.run(&["providers"]).code(0).text();
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 200 && names.is_sorted(), "{list}");
    assert!(list.lines().any(|line| line.starts_with("stripe ") && line.contains(" ✓ ") && line.ends_with("Stripe")));
    let json = home.run(&["providers", "--json"]).code(0).text();
    let objects: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(objects.len(), names.len());
    for part in ["recognised by", "signed bytes", "{timestamp}.{body}", "5 min either way", "whsec_", "not followed"] {
        let page = home.run(&["providers", "stripe"]).code(0).text();
        assert!(page.contains(part), "`{part}` is not in\n{page}");
    }
    let one = home.run(&["providers", "github", "--json"]).code(0).text();
    let one: Value = serde_json::from_str(&one).expect("JSON");
    assert_eq!(one["delivery"]["deadline_ms"], 10_000);
    assert!(one["source_of"]["retries"][0].as_str().is_some_and(|source| source.contains("GitHub")), "{one}");
}

#[test]
fn a_name_that_nobody_has_gets_the_nearest_and_code_2() {
    let home = Home::new();
    let refused = home.run(&["providers", "strpe"]).code(2);
    assert!(refused.stderr.contains("did you mean stripe?"), "{}", refused.stderr);
    assert!(refused.stdout.is_empty());
}

#[test]
fn ones_own_profile_counts_from_the_folder_on() {
    let home = Home::new();
    home.run(&["providers", "acme"]).code(2);
    home.write("config/hooksight/providers/acme.ron", OWN);
    let page = home.run(&["providers", "acme"]).code(0).text();
    assert!(page.starts_with("Acme") && page.contains("followed once"), "{page}");
    assert!(home.run(&["providers"]).code(0).text().contains("\nacme "));
    home.write("config/hooksight/providers/stripe.ron", OWN.replace("title: \"Acme\"", "title: \"My own Stripe\""));
    let page = home.run(&["providers", "stripe"]).code(0).text();
    assert!(page.starts_with("My own Stripe"), "{page}");
}

#[test]
fn a_mistake_in_ones_own_profile_names_file_line_and_field() {
    let home = Home::new();
    for (from, to, line, field) in [
        ("algorithm:", "algoritm:", 9, "algoritm"),
        ("{body}", "{bodi}", 10, "bodi"),
        ("retries:", "source_of: 1, retries:", 12, "source_of"),
    ] {
        home.write("config/hooksight/providers/acme.ron", OWN.replace(from, to));
        let refused = home.run(&["providers", "acme"]).code(2);
        assert!(refused.stderr.contains(&format!("acme.ron:{line}:")), "{}", refused.stderr);
        assert!(refused.stderr.contains(field), "{}", refused.stderr);
    }
}

/// Whatever stands in the folder: the file is named, with line and field where it has some, and nothing panics.
#[test]
fn every_kind_of_wrong_file_is_told_by_its_name() {
    let home = Home::new();
    let place = "config/hooksight/providers/acme.ron";
    let told = |words: &[&str]| {
        let refused = home.run(&["providers", "acme"]).code(2);
        for words in words {
            assert!(refused.stderr.contains(words), "`{words}` is not in\n{}", refused.stderr);
        }
        assert!(!refused.stderr.contains("panicked") && refused.stderr.len() < 1000, "{}", refused.stderr);
        assert!(refused.stdout.is_empty());
    };
    for (from, to, words) in [
        ("title: \"Acme\",", "", &["acme.ron:13:", "the field `title` is missing"][..]),
        ("title: \"Acme\"", "title: 5", &["acme.ron:2:", "title: expected text in quotes, found 5"]),
        ("called: \"signing secret\"", "called: [1]", &["acme.ron:6:", "secret.called: expected text"]),
        ("title: \"Acme\",", "title: \"Acme\", title: \"B\",", &["acme.ron:2:", "`title` is there twice"]),
        ("{body}", "{body", &["acme.ron:10:", "schemes[0].message: `{` is never closed"]),
        ("{body}", "{body|sha3}", &["acme.ron:10:", "`sha3` is no filter"]),
        ("HmacSha256", "HmacSha3", &["acme.ron:9:", "schemes[0].algorithm", "did you mean `HmacSha1`"]),
        ("retries: \"once\"", "deadline_ms: -5", &["acme.ron:12:", "delivery.deadline_ms"]),
        ("retries: \"once\"", "deadline_ms: 99999999999", &["acme.ron:12:", "delivery.deadline_ms"]),
        ("source: \"Acme documentation\"),\n)", "", &["acme.ron:", "is not closed"]),
        ("[\"header:X-Acme-Signature\"]", "\"header\"", &["acme.ron:8:", "schemes[0].signature"]),
        (
            "delivery:",
            "handshakes: [(kind: Confirm, when: [\"query:a\"], status: 65535)], delivery:",
            &["acme.ron:12:", "handshakes[0].status: expected a status from 200 to 599, found 65535"],
        ),
        (
            "{body}",
            "{body|base64|base64|base64|base64|base64|base64|base64|base64|base64}",
            &["acme.ron:10:", "schemes[0].message: there are 9 filters behind one value, and at most 8 may be"],
        ),
    ] {
        assert!(OWN.contains(from), "{from}");
        home.write(place, OWN.replace(from, to));
        told(words);
    }
    home.write(place, format!("{OWN} more"));
    told(&["acme.ron:13:"]);
    home.write(place, OWN.replace("Acme documentation", "Acm\u{e9}").into_bytes());
    home.run(&["providers", "acme"]).code(0);
    let latin: Vec<u8> = OWN.replace("\"Acme\"", "\"Acm\u{e9}\"").chars().map(|char| char as u8).collect();
    home.write(place, latin);
    told(&["acme.ron:2:16: this byte is no UTF-8"]);
    for text in ["", " \n\t\n", "\0\0\0", "null", "[]"] {
        home.write(place, text);
        told(&["acme.ron:1:1: "]);
    }
    home.write(place, "(".repeat(500_000));
    told(&["acme.ron:"]);
    home.write(place, "x".repeat(10 << 20));
    told(&["acme.ron", "larger than 1048576 bytes"]);
    home.write(place, OWN);
    home.write("config/hooksight/providers/beta.ron", OWN.replace("docs:", "aliases: [\"acme\"],\n    docs:"));
    told(&["beta.ron:3:", "aliases: `acme` is a name of acme.ron too"]);
    home.write("config/hooksight/providers/beta.ron", OWN);
    std::fs::create_dir(home.path().join("config/hooksight/providers/folder.ron")).unwrap();
    told(&["folder.ron", "it is a directory"]);
}
