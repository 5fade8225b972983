//! The URL that the provider called is not the one that the check takes.

use hooksight::domain::signature::Outcome;
use hooksight::domain::signature::scheme::Form;

use super::senders::{self, Sent, URL};
use super::{Setting, Table, judged};

/// What is set here in place of the URL that was called, and the cause.
const SET: &[(&str, &str, &str)] = &[
    ("http for https", "http://hooks.example/in?b=2&a=1%202", "url-scheme"),
    ("another host (www.)", "https://www.hooks.example/in?b=2&a=1%202", "url-host"),
    ("another port", "https://hooks.example:8443/in?b=2&a=1%202", "url-port"),
    ("slash added", "https://hooks.example/in/?b=2&a=1%202", "url-slash"),
    ("another path", "https://hooks.example/app/in?b=2&a=1%202", "url-path"),
];

pub fn rows(table: &mut Table) {
    // Told by what it does, not by the profile: it does not hold for another URL.
    // What a message signature covers is its sender's choice, and has its own lines below.
    let signs_url = |sent: &&Sent| {
        let elsewhere = Setting { public_url: Some(URL.replace("https", "http")), ..Setting::right(sent) };
        judged(sent, &elsewhere).outcome != Outcome::Valid
    };
    let all = senders::all();
    let (mut count, mut unexplained) = (0, 0);
    for sent in
        all.iter().filter(signs_url).filter(|sent| !matches!(sent.profile.schemes[0].form, Form::HttpMessage(_)))
    {
        count += 1;
        for (mutation, set, wanted) in SET {
            let takes_ports = sent.profile.schemes.iter().any(|scheme| !scheme.url_forms.is_empty());
            if *wanted == "url-port" && takes_ports {
                continue;
            }
            table.add(mutation, wanted, sent, &Setting { public_url: Some((*set).to_owned()), ..Setting::right(sent) });
        }
        // The sender called with another order of the query than the proxy passed on.
        let reordered = Sent { url: "https://hooks.example/in?a=1%202&b=2".into(), ..sent.clone() };
        if !sorts_query(sent) {
            table.add("query in another order", "url-query", &reordered, &Setting::right(&reordered));
        }
        // A proxy in front says what was called, and nothing is set.
        let unset = Setting { public_url: None, ..Setting::right(sent) };
        let mut proxied = sent.clone();
        proxied.headers.push("X-Forwarded-Proto", "https");
        proxied.headers.push("X-Forwarded-Host", "hooks.example");
        table.add("forwarded host", "url-host", &proxied, &unset);
        let mut forwarded = sent.clone();
        forwarded.headers.push("Forwarded", "for=1.2.3.4;proto=https;host=\"hooks.example\"");
        table.add("forwarded host (RFC 7239)", "url-host", &forwarded, &unset);
        let wanted = if matches!(sent.profile.schemes[0].form, Form::Jwt(_)) { "url-hash" } else { "url-unknown" };
        table.add("public URL not set", wanted, sent, &unset);
        let unseen = Setting { public_url: Some("https://unseen.example/other".into()), ..Setting::right(sent) };
        let verdict = judged(sent, &unseen);
        if verdict.cause.is_some_and(|cause| cause.as_str() == "signature-mismatch") {
            let words = &verdict.detail;
            let says_url = words.contains("check first that https://unseen.example/other");
            assert!(says_url && words.contains("is the URL that the provider calls"), "{}: {words}", sent.profile.name);
            assert!(verdict.check_next[0].starts_with("the URL"), "{}: {:?}", sent.profile.name, verdict.check_next);
            unexplained += 1;
        }
    }
    assert!(unexplained >= 5, "{unexplained}");
    for sent in all.iter().filter(|sent| matches!(sent.profile.schemes[0].form, Form::HttpMessage(_))).filter(signs_url)
    {
        let host = Some("https://www.hooks.example/in?b=2&a=1%202".to_owned());
        table.add("another host (www.)", "url-host", sent, &Setting { public_url: host, ..Setting::right(sent) });
        table.add("public URL not set", "url-unknown", sent, &Setting { public_url: None, ..Setting::right(sent) });
    }
    assert!(count >= 8, "{count}");
    assert_eq!(all[0].url, URL);
}

/// Providers whose rule sorts or escapes the query itself.
fn sorts_query(sent: &Sent) -> bool {
    let parts = sent.profile.schemes.iter().filter_map(|scheme| scheme.message.as_ref());
    parts.into_iter().any(|message| message.text.contains("plivo-url"))
}
