//! The table of causes: deliveries of many providers, each signed by our signer or by hand, then changed in one way in which
//! they are changed in life, and the cause that has to be named. Nothing here uses a variant of the diagnosis: what was signed
//! and what came are written down, or made by other libraries.

mod bodies;
mod secrets;
mod senders;
mod signatures;
mod times;
mod urls;

use std::collections::{BTreeMap, BTreeSet};

use hooksight::domain::signature::{CheckInput, NamedSecret, Outcome, Secret, Verdict, check};

use senders::Sent;

/// One line of the table.
struct Row {
    provider: String,
    mutation: &'static str,
    wanted: &'static str,
    verdict: Verdict,
}

/// What a delivery is checked with.
struct Setting {
    secrets: Vec<Secret>,
    others: Vec<NamedSecret>,
    public_url: Option<String>,
}

impl Setting {
    /// The secret that the sender has, and the URL that it calls.
    fn right(sent: &Sent) -> Self {
        Self { secrets: vec![Secret::new(sent.secret.clone())], others: Vec::new(), public_url: Some(sent.url.clone()) }
    }

    fn with_secret(sent: &Sent, secret: impl Into<Vec<u8>>) -> Self {
        Self { secrets: vec![Secret::new(secret.into())], ..Self::right(sent) }
    }
}

/// Checks a delivery as of its arrival.
fn judged(sent: &Sent, setting: &Setting) -> Verdict {
    let request = sent.request();
    check(&CheckInput {
        others: &setting.others,
        public_url: setting.public_url.as_deref(),
        ..CheckInput::new(&sent.profile, &setting.secrets, &request)
    })
}

#[derive(Default)]
struct Table(Vec<Row>);

impl Table {
    /// Adds a line; the delivery must have been valid before it was changed.
    fn add(&mut self, mutation: &'static str, wanted: &'static str, sent: &Sent, setting: &Setting) {
        let verdict = judged(sent, setting);
        self.0.push(Row { provider: sent.profile.name.clone(), mutation, wanted, verdict });
    }
}

/// Every delivery that the lines begin with holds: so each cause comes of its change.
#[test]
fn what_is_not_changed_is_valid() {
    let all = senders::all();
    assert!(all.len() >= 120, "{}", all.len());
    for sent in &all {
        let verdict = judged(sent, &Setting::right(sent));
        assert_eq!(verdict.outcome, Outcome::Valid, "{}: {}", sent.profile.name, verdict.detail);
        assert_eq!((verdict.tried.len(), verdict.cause), (0, None), "{}", sent.profile.name);
    }
}

#[test]
fn every_change_is_named() {
    let mut table = Table::default();
    secrets::rows(&mut table);
    bodies::rows(&mut table);
    times::rows(&mut table);
    urls::rows(&mut table);
    signatures::rows(&mut table);
    let mut wrong: Vec<String> = Vec::new();
    for row in &table.0 {
        let cause = row.verdict.cause.map(|cause| cause.as_str()).unwrap_or("valid");
        if cause != row.wanted || row.verdict.outcome == Outcome::Valid {
            wrong.push(format!(
                "{} | {} | wanted {}, got {cause}: {}",
                row.mutation, row.provider, row.wanted, row.verdict.detail
            ));
        }
    }
    let of = |pick: fn(&Row) -> String| table.0.iter().map(pick).collect::<BTreeSet<_>>().len();
    let (pairs, providers) = (of(|row| format!("{} {}", row.provider, row.mutation)), of(|row| row.provider.clone()));
    let (mutations, causes) = (of(|row| row.mutation.to_owned()), of(|row| row.wanted.to_owned()));
    println!("{pairs} pairs of {providers} providers and {mutations} changes, {causes} causes");
    let mut by_mutation: BTreeMap<&str, usize> = BTreeMap::new();
    table.0.iter().for_each(|row| *by_mutation.entry(row.mutation).or_default() += 1);
    println!("{by_mutation:#?}");
    assert!(wrong.is_empty(), "{} of {} lines are wrong:\n{}", wrong.len(), table.0.len(), wrong.join("\n"));
    let enough = pairs >= 3000 && providers >= 120 && mutations >= 90 && causes >= 40;
    assert!(enough, "fewer lines than there were");
}
