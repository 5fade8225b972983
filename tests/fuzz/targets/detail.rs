//! Every tab of any exchange.

use std::time::{Duration, Instant};

use hooksight::domain::detail::{DetailContext, Reader, Tab, document};
use hooksight::domain::pretty::Limits;
use hooksight::domain::signature::{CheckInput, Profiles, Secret, check};
use hooksight::domain::summary::{Recognised, Summary};
use hooksight::domain::time::Timestamp;

use super::bodies::assert_shown;
use super::make;

/// All tabs of one exchange with a small body, also on a slow and busy machine.
const TIME_MAX: Duration = Duration::from_secs(10);

/// A byte for the width, then a request.
pub fn run(data: &[u8]) {
    let Some((width, text)) = data.split_first() else { return };
    let width = u16::from(*width).max(1);
    let exchange = make::exchange(text);
    let begun = Instant::now();
    let profile = Profiles::builtin().recognise(&exchange.request);
    let secrets = [Secret::new("secret")];
    let verdict = profile.map(|profile| {
        check(&CheckInput { autopsy_work_bytes: 64 << 10, ..CheckInput::new(profile, &secrets, &exchange.request) })
    });
    let recognised = Recognised {
        provider: profile.map(|profile| profile.name.as_str().into()),
        event_type: profile.and_then(|profile| profile.event_type(&exchange.request)),
        delivery: profile.and_then(|profile| profile.delivery_id(&exchange.request)),
    };
    let summary = Summary::of(&exchange.request, &recognised);
    for text in [&summary.method, &summary.target, &summary.peer] {
        super::text::assert_visible(text);
    }
    let reader = if width % 2 == 0 { Reader::Screen } else { Reader::Print };
    let context = DetailContext {
        verdict: verdict.as_ref(),
        summary: Some(&summary),
        base_url: "http://127.0.0.1:7070",
        now: Timestamp::from_secs(make::NOW_SECS + 60),
        reader,
        limits: Limits { width, ..Limits::default() },
        ..DetailContext::default()
    };
    for tab in Tab::ALL {
        assert_shown(document(tab, &exchange, &context), width, 2 * context.limits.lines_max);
    }
    let took = begun.elapsed();
    assert!(took < TIME_MAX, "{took:?} for {} bytes", data.len());
}
