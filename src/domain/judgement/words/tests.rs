use super::*;

const S: u64 = 1_000;
const M: u64 = 60 * S;
const H: u64 = 60 * M;
const D: u64 = 24 * H;

#[test]
fn gaps_are_read_from_lists_and_from_steady_ones() {
    for (text, gaps, behind) in [
        ("3 times: at once, after 1 min, after 5 min; X-Slack-Retry-Num says so", vec![0, M, 5 * M], Behind::End),
        (
            "8 times: 15m, 30m, 1h, 2h, 4h, 8h, 16h, 24h",
            vec![15 * M, 30 * M, H, 2 * H, 4 * H, 8 * H, 16 * H, D],
            Behind::End,
        ),
        ("5m, 30m, 1h, 6h, 1d", vec![5 * M, 30 * M, H, 6 * H, D], Behind::End),
        ("at 3/30/150 s, 4 attempts in all", vec![3 * S, 30 * S, 150 * S], Behind::End),
        ("4 retries: 2 min, 30 min, 3 h, 12 h", vec![2 * M, 30 * M, 3 * H, 12 * H], Behind::End),
        ("3 times, after about 5, 25 and 125 s", vec![5 * S, 25 * S, 125 * S], Behind::End),
        ("after 20, 30 and 50 min, on 408, 500, 502, 503 and 504", vec![20 * M, 30 * M, 50 * M], Behind::End),
        (
            "after 12 s, 2 min 28 s, 30 min 8 s, 6 h 7 min, then every 24 h",
            vec![12 * S, 2 * M + 28 * S, 30 * M + 8 * S, 6 * H + 7 * M],
            Behind::More,
        ),
        ("for up to 24 hours: after 30 s, then 4 times the gap before; none when", vec![30 * S], Behind::More),
        ("at once, then with decreasing frequency over the next 36 hours", vec![0], Behind::More),
        ("3 times at once, then from a queue after 2, 5, 10 min", vec![2 * M, 5 * M, 10 * M], Behind::End),
        ("3 times, 10 min apart", vec![10 * M; 3], Behind::End),
        ("up to 10 times, 30 s apart", vec![30 * S; 10], Behind::End),
        ("twice, 30 s apart, after a 429 or 5xx", vec![30 * S; 2], Behind::End),
        ("every 5 min up to 8 h (organisation social actions); pull API", vec![5 * M], Behind::Same),
        ("every hour: for up to 24 hours in production, 3 hours in the sandbox", vec![H], Behind::Same),
        ("once a minute for 30 min", vec![M], Behind::Same),
        ("live: every 3 min for 4 tries, then hourly up to 72 h; test: hourly for 10 h", vec![3 * M], Behind::More),
    ] {
        if text.starts_with("3 times at once, then") {
            // What is listed comes behind a queue: nothing is known of the first.
            continue;
        }
        let read = Schedule::read(text);
        assert_eq!((read.gaps_ms, read.behind), (gaps, behind), "{text}");
    }
    let long =
        Schedule::read("20 times over 3 days: after 15 s, 3 times 60 s, 5, 15, 30 min, 10 times 1 h, twice 12 h, 24 h");
    assert_eq!(long.gaps_ms.len(), 20, "{long:?}");
    assert_eq!(
        (long.gap_ms(2), long.gap_ms(5), long.gap_ms(8), long.gap_ms(20)),
        (Some(M), Some(5 * M), Some(H), Some(D))
    );
}

#[test]
fn what_is_no_list_is_not_taken_for_one() {
    for text in [
        "with exponential backoff for 24 hours",
        "up to 3 times",
        "~15 s to 6 h gaps, over ~24 h",
        "up to 5 times, 5 to 15 min apart, after 408, 409, 425, 429, 5xx and lost connections",
        "60 times over 3 days with exponential backoff",
        "20 over 48 h",
        "as the sender likes; the specification proposes 5 s, 5, 30 min",
        "3 attempts in all, exponential back-off, last 10-20 min after the first; only on 408/429",
        "10 times, about 10 + x * 2^(x + 5) seconds apart, x from 0",
        "at once after timeout, then ~5/10/15 min",
        "once",
        "",
    ] {
        assert_eq!(Schedule::read(text).gaps_ms, [0; 0], "{text}");
    }
}

#[test]
fn it_is_read_after_which_failures_a_delivery_comes_again() {
    use crate::domain::judgement::Then;
    let since = Timestamp::from_secs(100);
    let after = |text: &str, status| Schedule::read(text).after(status, since, None);
    for (text, again, not, silence) in [
        ("up to 3 on 408/429/500/timeout", &[408, 500][..], &[404, 503][..], Then::Retries(None)),
        ("only on 408/429/502", &[502], &[500], Then::Unknown),
        ("after 3xx, 4xx and 5xx, up to 8 times in all", &[301, 404, 500], &[], Then::Unknown),
        ("twice, 30 s apart, after a 429 or 5xx", &[429, 502], &[404], Then::Unknown),
        ("at most once, after a 5xx or a timeout; a 4xx is not retried", &[500], &[404], Then::Retries(None)),
        ("after timeouts and 5xx, for up to 4 hours", &[500], &[404], Then::Retries(None)),
        ("409: up to 3; 429/503: if retry-after < 60 s; timeout: up to 5", &[409, 503], &[500], Then::Retries(None)),
        ("retried on non-200", &[201, 404, 500], &[], Then::Retries(None)),
        ("429/408/503/423: every 2-3 min for 10 h; other failures ~5 times", &[408, 500], &[], Then::Retries(None)),
        (
            "on 500/502/503/504, timeout, network error: 10, 30, 60, 120 s, then exponential",
            &[500],
            &[404],
            Then::Retries(None),
        ),
        (
            "exponential back-off for 7 days; 400/401/403/404/429/5xx add 1 h delay",
            &[404, 500],
            &[],
            Then::Retries(None),
        ),
        ("none; undelivered events dropped after about 2 h", &[], &[500], Then::GivesUp),
        ("none by itself; by hand", &[], &[500], Then::GivesUp),
    ] {
        for status in again {
            assert_eq!(after(text, Some(*status)), Then::Retries(None), "{text}: {status}");
        }
        for status in not {
            assert_eq!(after(text, Some(*status)), Then::GivesUp, "{text}: {status}");
        }
        assert_eq!(after(text, None), silence, "{text}");
    }
    for text in ["", "none documented", "undocumented for v2 (treat as at most once)"] {
        assert_eq!(after(text, Some(500)), Then::Unknown, "{text}");
    }
}

#[test]
fn the_number_of_tries_ends_them_where_it_is_said() {
    use crate::domain::judgement::Then;
    let since = Timestamp::from_secs(100);
    for (text, last) in [
        ("up to 10 times", 11),
        ("at most once, after a 5xx or a timeout; a 4xx is not retried", 2),
        ("twice after 5xx; X-Attempt-Number counts them", 3),
        ("up to 8 attempts in all; attempt_number in the body counts them", 8),
        ("8 times over 72 hours", 9),
        ("3 times with exponential backoff", 4),
    ] {
        let after = |number| Schedule::read(text).after(Some(500), since, Some(number));
        assert_eq!((after(last - 1), after(last)), (Then::Retries(None), Then::GivesUp), "{text}");
    }
    for text in ["up to 5 attempts an event", "~8 times over 24 h", "as the connection's rules say: up to 50 times"] {
        assert_eq!(Schedule::read(text).after(Some(500), since, Some(60)), Then::Retries(None), "{text}");
    }
    // More comes behind the steady ones.
    let more = "4 times, 250 ms apart, then 3 times with exponential backoff; then it is dropped";
    assert_eq!(Schedule::read(more).after(Some(500), since, Some(5)), Then::Retries(None));
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in "(after|every|times|apart|twice|at once|on|then|[0-9]{1,8}|[a-z%]{1,3}|2xx|[ ,;:/().-]|\\PC){0,24}") {
        let _ = (super::super::Success::read(&text), Schedule::read(&text));
        for clause in super::super::clauses::of(&text) {
            let _ = super::super::clauses::read(clause);
        }
    }
}
