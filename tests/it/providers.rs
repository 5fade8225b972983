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
    home.write("config/hooksight/providers/stripe.ron", OWN.replace("Acme", "My own Stripe"));
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
