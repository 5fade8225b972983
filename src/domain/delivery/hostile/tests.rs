use std::collections::BTreeMap;

use super::super::sample::Payload;
use super::super::tests::{FRESH, place, profiles, secret_for};
use super::*;
use crate::domain::signature::scheme::KeyKind;
use crate::domain::signature::tests::page_part;

fn all_cases(profile: &Profile) -> Result<(Vec<Case>, Vec<LeftOut>), String> {
    let (secret, place) = (secret_for(profile), place());
    let payload = Payload::of_sample(&profile.events[0]);
    let order = Order {
        profile,
        secret: Some(&secret),
        payload: &payload,
        place: &place,
        public_url: None,
        headers: &[],
        id: None,
        fresh: FRESH,
    };
    cases(&order)
}

/// Every trial has the verdict of our own check behind it; what cannot be tried says why.
#[test]
fn every_profile_can_be_tried() {
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut reasons: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for profile in profiles() {
        let (cases, left_out) = match all_cases(profile) {
            Ok(made) => made,
            Err(words) => {
                wrong.push(format!("{}: {words}", profile.name));
                continue;
            }
        };
        assert_eq!(cases.len() + left_out.len(), NAMES.len());
        for case in &cases {
            *counts.entry(case.name).or_default() += 1;
        }
        for one in left_out {
            reasons.entry((one.name, one.why)).or_default().push(&profile.name);
        }
        for name in ["valid", "duplicate", "no-signature", "wrong-secret"] {
            let is_rsa = profile.schemes.iter().any(|scheme| scheme.algorithm.key_kind() == Some(KeyKind::Rsa));
            let is_there = cases.iter().any(|case| case.name == name);
            if !is_there && (name != "wrong-secret" || !is_rsa) {
                wrong.push(format!("{}: no {name}", profile.name));
            }
        }
    }
    if std::env::var_os("SHOW").is_some() {
        for (name, count) in &counts {
            println!("{name} {count}");
        }
        for ((name, why), who) in &reasons {
            println!("{name}: {why}: {} {}", who.len(), who.iter().take(9).copied().collect::<Vec<_>>().join(" "));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn docs_list_every_trial() {
    let rows = NAMES.iter().map(|(name, what)| format!("| `{name}` | {what} |\n"));
    let table = format!("\n| trial | what is sent |\n|---|---|\n{}\n", rows.collect::<String>());
    page_part("sending.md", "trials", &table);
}
