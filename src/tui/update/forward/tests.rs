use std::sync::Arc;

use super::*;
use crate::domain::forward::{Route, Routes, Target};
use crate::tui::msg::{Forwarding, Msg};
use crate::tui::testing::{Stage, rows};

fn route(url: &str) -> Arc<Route> {
    Arc::new(Route::to(Target::parse(url).expect("a target")))
}

/// Requests 1 to 7 to `/webhooks/N`; 7 has an app of its own, which is down.
fn stage(all: Option<&str>) -> Stage {
    let mut stage = Stage::showing(120, 40, rows(1..=7));
    let paths = vec![("/webhooks/7".to_owned(), route("http://127.0.0.1:1"))];
    let routes = Routes { paths, all: all.map(route) };
    let down = vec![("http://127.0.0.1:1".to_owned(), "connection refused".to_owned())];
    stage.send(Msg::Forwarding(Forwarding {
        app: all.map(str::to_owned),
        others: 1,
        down,
        routes,
        ..Forwarding::default()
    }));
    stage
}

fn asked(all: Option<&str>, ids: std::ops::RangeInclusive<u64>) -> String {
    question(&stage(all).model, &ids.map(ExchangeId).collect::<Vec<_>>())
}

#[test]
fn the_question_names_every_app_with_what_it_gets() {
    let words = asked(Some("http://127.0.0.1:2/hook"), 1..=7);
    assert!(
        words.starts_with("6 to http://127.0.0.1:2, 1 to http://127.0.0.1:1 (which does not answer now). Forward them"),
        "{words}"
    );
    let words = asked(Some("http://127.0.0.1:2"), 1..=3);
    assert!(words.starts_with("Forward them to http://127.0.0.1:2 now,"), "{words}");
    let words = asked(None, 6..=7);
    assert!(
        words.contains("to http://127.0.0.1:1 (which does not answer now) now") && words.ends_with(" 1 has no app."),
        "{words}"
    );
}
