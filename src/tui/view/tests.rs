use std::time::{Duration, Instant};

use crate::domain::durability::Durability;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;
use crate::tui::model::Options;
use crate::tui::msg::{Forwarding, Identity, Level, Msg, Notice, RecordingState};
use crate::tui::testing::{NOON_S, Stage, deliveries, morning, row, rows};

/// One line a screen: its name, its size, the keys that lead to it.
macro_rules! screens {
    ($($name:ident: $width:literal x $height:literal, $rows:expr, $keys:literal;)*) => {
        $(#[test]
        fn $name() {
            let mut stage = Stage::showing($width, $height, $rows);
            stage.keys($keys);
            insta::assert_snapshot!(stringify!($name), stage.styled());
        })*
    };
}

screens! {
    wide_list: 140 x 40, morning(), "";
    wide_body_with_search: 140 x 40, morning(), "k k 2 / 'text' Enter n";
    wide_zoomed_list: 140 x 40, morning(), "z";
    normal_list: 100 x 30, morning(), "g";
    normal_detail_at_its_end: 100 x 30, morning(), "k Enter G";
    small_filtered: 80 x 24, morning(), "f 'status:500' Enter";
    small_nothing_marked: 80 x 24, rows(1..=3), "M";
    narrow_list: 40 x 12, morning(), "k k";
    narrow_detail: 40 x 12, morning(), "2";
    empty: 100 x 30, Vec::new(), "";
    empty_narrow: 40 x 12, Vec::new(), "";
    ledger_wide: 140 x 40, deliveries(), "l g Space j j";
    ledger_normal: 80 x 24, deliveries(), "l g";
    ledger_narrow: 40 x 12, deliveries(), "l g Space";
    too_small: 20 x 5, morning(), "";
}

#[test]
fn monochrome() {
    let mut stage = Stage::showing(80, 24, morning()).theme("monochrome");
    stage.keys("k Enter 2");
    insta::assert_snapshot!("monochrome", stage.styled());
}

#[test]
fn alarms_are_in_the_top_line_at_every_size() {
    for (width, height) in [(140, 40), (80, 24), (40, 12)] {
        let mut stage = Stage::new(width, height);
        stage.send(Msg::Arrived { batch: morning(), missed: 1_204 });
        let reason = "no space left on device".to_owned();
        stage.send(Msg::Recording(RecordingState::NotRecording { reason, unrecorded: 12 }));
        let screen = stage.text();
        let top = screen.lines().next().unwrap_or_default();
        assert!(top.contains("NOT RECORDING") && top.contains("1,204 missed"), "{width}: {top}");
    }
}

#[test]
fn the_top_line_says_who_where_and_what_is_answered() {
    let mut stage = Stage::showing(160, 40, rows(1..=3));
    let url = "http://0.0.0.0:7070".to_owned();
    let forward = Some("http://localhost:3000".to_owned());
    let session = "monday".to_owned();
    stage.send(Msg::Identity(Identity { url, exposed: true, session, forward, ..Identity::default() }));
    let paths = ["/a", "/b"].map(|path| (path.to_owned(), crate::domain::reply::Reply::default())).to_vec();
    stage.send(Msg::ReplyInForce { all: "500 after 2s".to_owned(), text: String::new(), paths });
    stage.send(Msg::Tick(Timestamp::from_secs(NOON_S + 4)));
    let screen = stage.text();
    let top = screen.lines().next().unwrap_or_default();
    let left_wanted = "hooksight  http://0.0.0.0:7070  open to the network  monday  resend to http://localhost:3000  answers 500 after 2s, 2 paths otherwise  3 requests";
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(top), words(left_wanted));
}

#[test]
fn a_filter_that_lets_nothing_through_says_what_a_star_would() {
    let mut stage = Stage::showing(100, 30, morning());
    let mut filtered = |text: &str| {
        stage.keys("f");
        for char in text.chars() {
            stage.keys(&char.to_string());
        }
        stage.keys("Enter");
        let version = stage.model.list.filter().expect("a filter").version;
        stage.send(Msg::Filtered { version, ids: Vec::new() });
        let screen = stage.text();
        stage.keys("Esc");
        screen
    };
    let screen = filtered("type:order");
    assert!(screen.contains("A value is compared whole: event:order* would let 5 through."), "{screen}");
    let screen = filtered("type:nobody");
    assert!(screen.contains("No request fits this filter. f changes it, Esc drops it."), "{screen}");
}

#[test]
fn a_durability_that_is_not_the_default_is_said() {
    let mut stage = Stage::showing(140, 40, rows(1..=3));
    for (durability, is_said) in [(Durability::Process, false), (Durability::Disk, true), (Durability::None, true)] {
        let session = "monday".to_owned();
        stage.send(Msg::Identity(Identity { session, durability, ..Identity::default() }));
        let screen = stage.text();
        let top = screen.lines().next().unwrap_or_default();
        assert_eq!(top.contains(&format!("monday  durability {durability}")), is_said, "{top}");
    }
}

#[test]
fn replies_that_are_no_answer_are_said_as_such() {
    let mut stage = Stage::showing(140, 40, rows(1..=3));
    for (all, said) in [("never answer", "  never answers  "), ("reset after 2 s", "  resets after 2 s  ")] {
        stage.send(Msg::ReplyInForce { all: all.to_owned(), text: String::new(), paths: Vec::new() });
        let screen = stage.text();
        let top = screen.lines().next().unwrap_or_default();
        assert!(top.contains(said), "{top}");
    }
}

#[test]
fn the_top_line_says_where_it_forwards_and_what_is_wrong_there() {
    let mut stage = Stage::showing(140, 40, rows(1..=3));
    let top = |stage: &mut Stage| stage.text().lines().next().unwrap_or_default().to_owned();
    stage.send(Msg::ReplyInForce { all: "forward".to_owned(), text: String::new(), paths: Vec::new() });
    let well = Forwarding { app: Some("http://localhost:3000".to_owned()), ..Forwarding::default() };
    stage.send(Msg::Forwarding(well.clone()));
    assert!(top(&mut stage).contains("  forwards to http://localhost:3000  "), "{}", top(&mut stage));
    stage.send(Msg::ReplyInForce { all: "202".to_owned(), text: String::new(), paths: Vec::new() });
    let wanted = "  then forwards to http://localhost:3000 and 2 other apps  answers 202  ";
    stage.send(Msg::Forwarding(Forwarding { others: 2, ..well.clone() }));
    assert!(top(&mut stage).contains(wanted), "{}", top(&mut stage));
    let mut failed = row(2);
    failed.onward = Some(crate::domain::forward::Onward::Answered(500));
    stage.send(Msg::Changed { batch: vec![failed.clone().into()] });
    let down = vec![("http://localhost:3000".to_owned(), "connection refused".to_owned())];
    stage.send(Msg::Forwarding(Forwarding { down, waiting: 7, ..well.clone() }));
    for (columns, rows) in [(140, 40), (80, 24), (60, 16)] {
        stage.send(Msg::Resize { width: columns, height: rows });
        assert!(top(&mut stage).contains(" APP DOWN"), "{}", top(&mut stage));
    }
    stage.send(Msg::Resize { width: 200, height: 40 });
    let said = top(&mut stage);
    assert!(
        said.contains("connection refused") && said.contains("1 not taken") && said.contains("7 waiting"),
        "{said}"
    );
    let slow = vec![("http://localhost:3000".to_owned(), "no answer within 30 s".to_owned())];
    stage.send(Msg::Forwarding(Forwarding { slow, ..well.clone() }));
    assert!(top(&mut stage).contains(" APP SLOW ") && !top(&mut stage).contains("DOWN"), "{}", top(&mut stage));
    // A further target, though its URL begins like the app's, is not the app.
    let down = vec![("http://localhost:300".to_owned(), "connection refused".to_owned())];
    stage.send(Msg::Forwarding(Forwarding { down, others: 1, ..well.clone() }));
    assert!(
        top(&mut stage).contains(" localhost:300 DOWN ") && !top(&mut stage).contains("APP DOWN"),
        "{}",
        top(&mut stage)
    );
    // What the app has taken by now is told no more.
    failed.onward = Some(crate::domain::forward::Onward::Answered(200));
    stage.send(Msg::Changed { batch: vec![failed.into()] });
    assert!(!top(&mut stage).contains("not taken"), "{}", top(&mut stage));
}

#[test]
fn the_top_line_says_how_quick_the_app_is_and_names_what_is_down() {
    let mut stage = Stage::showing(200, 40, rows(1..=3));
    let top = |stage: &mut Stage| stage.text().lines().next().unwrap_or_default().to_owned();
    let forward: Reply = Reply::parse("forward").expect("a reply");
    let paths = |count: usize| (0..count).map(|at| (format!("/{at}"), forward.clone())).collect::<Vec<_>>();
    stage.send(Msg::ReplyInForce { all: "forward".to_owned(), text: String::new(), paths: paths(5) });
    let up =
        |up_us| Forwarding { app: Some("http://localhost:3000".to_owned()), up_us, others: 5, ..Forwarding::default() };
    let end_of = |stage: &mut Stage, us| {
        stage.send(Msg::Forwarding(up(Some(us))));
        let top = top(stage);
        assert!(top.contains("● up "), "{top}");
        top.split_once("requests").expect("how many").0.chars().count()
    };
    // As wide whatever it took.
    assert_eq!(end_of(&mut stage, 340), end_of(&mut stage, 12_000));
    let said = top(&mut stage);
    assert!(said.contains("forwards to http://localhost:3000 and 5 other apps  ● up 12 ms"), "{said}");
    assert!(!said.contains("paths"), "those that forward are the apps: {said}");
    let down = vec![("http://127.0.0.1:17102".to_owned(), "connection refused".to_owned())];
    stage.send(Msg::Forwarding(Forwarding { down, ..up(Some(900)) }));
    assert!(top(&mut stage).contains(" 127.0.0.1:17102 DOWN "), "{}", top(&mut stage));
    assert!(top(&mut stage).contains("● up"), "the app itself is well");
}

#[test]
fn a_broken_configuration_stays_in_the_top_line_until_it_is_mended() {
    for (width, height) in [(140, 40), (80, 24), (60, 18)] {
        let mut stage = Stage::showing(width, height, rows(1..=3));
        let top = |stage: &mut Stage| stage.text().lines().next().unwrap_or_default().to_owned();
        let why = "/home/me/hooksight.ron:7:5: rules[0].reply: no such kind".to_owned();
        stage.send(Msg::Configuration(Some(why)));
        assert!(top(&mut stage).contains(" configuration: old rules, line 7"), "{}", top(&mut stage));
        stage.send(Msg::Configuration(None));
        assert!(!top(&mut stage).contains("configuration"), "{}", top(&mut stage));
    }
}

#[test]
fn before_the_first_request_there_is_a_line_that_sends_one() {
    let mut stage = Stage::new(80, 24);
    assert!(stage.text().contains("curl -d hello=world http://127.0.0.1:7070/webhook"));
    let url = "http://[::]:7070".to_owned();
    stage.send(Msg::Identity(Identity { url, exposed: true, ..Identity::default() }));
    assert!(stage.text().contains("curl -d hello=world http://[::1]:7070/webhook"), "{}", stage.text());
}

#[test]
fn what_was_searched_is_shown_through_the_gate() {
    let mut stage = Stage::showing(140, 40, rows(1..=3));
    stage.keys("/");
    stage.send(Msg::Paste("a\u{2028}b".to_owned()));
    stage.keys("Enter");
    let screen = stage.text();
    assert!(screen.contains("/a⟨U+2028⟩b"), "{screen}");
    assert!(!screen.contains('\u{2028}'));
}

#[test]
fn long_bad_news_are_wrapped_and_leave_the_layout_alone() {
    let mut stage = Stage::showing(60, 20, rows(1..=30));
    let before = stage.text();
    let text =
        "Request 7 was not sent to http://localhost:3000: the connection was refused; is the program running there?";
    stage.send(Msg::Notice(Notice { level: Level::Bad, text: text.to_owned() }));
    let after = stage.text();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    // But the numbers of the lines that are seen.
    let is_position = |line: &String| line.contains(" of 43 ");
    for (before, after) in lines(&before)[..17].iter().zip(&lines(&after)[..17]) {
        assert!(before == after || is_position(before) && is_position(after), "{before}\n{after}");
    }
    assert_eq!(lines(&before)[19], lines(&after)[19], "the keys stay");
    insta::assert_snapshot!(lines(&after)[17..19].join("\n"), @r"
    ✗ Request 7 was not sent to http://localhost:3000: the
      connection was refused; is the program running there?
    ");
}

#[test]
fn a_million_rows_are_drawn_and_moved_in_quickly() {
    let mut stage = Stage::new(200, 50);
    let rows: Vec<_> = (1..=1_000_000).map(|id| std::sync::Arc::new(row(id))).collect();
    stage.send(Msg::Arrived { batch: rows, missed: 0 });
    let begun = Instant::now();
    for keys in ["g", "^f", "G", "k", "^b"].repeat(8) {
        stage.keys(keys);
        assert!(stage.text().contains("1,000,000 requests"));
    }
    // Building every row takes more than a second a draw; forty draws of what is seen take a fraction of one.
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn a_million_rows_are_grouped_and_moved_in_quickly() {
    let mut stage = Stage::new(200, 50);
    let made = |id: u64| {
        let mut row = row(id);
        // Every tenth comes again with the next.
        if id.is_multiple_of(10) {
            (row.delivery_first, row.delivery_number) = (crate::domain::exchange::ExchangeId(id - 1), 2);
        }
        std::sync::Arc::new(row)
    };
    stage.send(Msg::Arrived { batch: (1..=1_000_000).map(made).collect(), missed: 0 });
    let begun = Instant::now();
    stage.keys("l");
    assert!(stage.text().contains("Deliveries 900,000 of 1,000,000 requests"), "{}", stage.text());
    let grouped = begun.elapsed();
    for keys in ["g", "^f", "G", "k", "Space", "^b"].repeat(6) {
        stage.keys(keys);
    }
    for id in 1_000_001..=1_000_200 {
        stage.send(Msg::Arrived { batch: vec![made(id)], missed: 0 });
        let _ = stage.text();
    }
    // Grouping all anew with each row would take minutes.
    assert!(begun.elapsed() < Duration::from_secs(12), "{grouped:?}, {:?}", begun.elapsed());
}

#[test]
fn columns_stay_where_they_are_while_one_scrolls() {
    for (width, height) in [(140, 40), (100, 30), (80, 24), (44, 14)] {
        let mut rows = rows(1..=200);
        let odd = std::sync::Arc::make_mut(&mut rows[100]);
        (odd.event_type, odd.delivery_count) = (Some("payment_intent.succeeded".into()), 2);
        odd.target = "/a/target/that/is/longer/than/all/others".into();
        let mut stage = Stage::showing(width, height, rows);
        let head = |stage: &Stage| stage.text().lines().nth(2).map(|line| line.split('│').next().map(str::to_owned));
        let mut heads = vec![head(&stage)];
        for _ in 0..199 {
            stage.keys("k");
            heads.push(head(&stage));
        }
        // One row needs more: once, as it comes.
        heads.dedup();
        assert!(heads.len() <= 2, "{width}: {heads:#?}");
        stage.keys("G");
        for _ in 0..20 {
            let before = head(&stage);
            stage.send(Msg::Arrived {
                batch: crate::tui::testing::rows([1000 + stage.model.list.total() as u64]),
                missed: 0,
            });
            assert_eq!(head(&stage), before, "{width}");
        }
    }
}

#[test]
fn after_a_smaller_screen_the_list_stands_where_it_stood() {
    for keys in ["", "Enter"] {
        let mut stage = Stage::showing(140, 40, rows(1..=300));
        stage.keys("g ^f ^f k k k");
        stage.keys(keys);
        let seen = stage.text();
        for (width, height) in [(100, 30), (80, 24), (40, 12), (3, 2), (60, 20), (140, 40)] {
            stage.send(Msg::Resize { width, height });
        }
        assert_eq!(stage.text(), seen);
    }
}

#[test]
fn a_wide_screen_shows_no_less_than_a_small_one() {
    for (width, height) in [(140, 40), (80, 24)] {
        let mut rows = rows(1..=30);
        for row in rows.iter_mut().map(std::sync::Arc::make_mut) {
            (row.target, row.event_type) = ("/webhooks".into(), Some("invoice.paid".into()));
        }
        let mut stage = Stage::showing(width, height, rows);
        let head = |stage: &Stage| stage.text().lines().nth(2).unwrap_or_default().to_owned();
        for title in ["Time", "Method", "Path", "Event", "Verdict", "Ans"] {
            assert!(head(&stage).contains(title), "{width}: {}", head(&stage));
        }
        stage.keys("z");
        // There is room for what the detail says too.
        for title in ["Size", "Took"].into_iter().filter(|_| width == 140) {
            assert!(head(&stage).contains(title), "{width}: {}", head(&stage));
        }
    }
}

#[test]
fn rows_of_another_day_say_which() {
    let now = Timestamp::from_secs(NOON_S + 86_400);
    let identity = Identity { session: "monday".to_owned(), ..Identity::default() };
    let mut stage = Stage::with(Options { now, identity, utc_offset_s: 3_600, ..Options::default() });
    stage.send(Msg::Arrived { batch: rows(1..=2), missed: 0 });
    assert!(stage.text().contains("11-22 15:02"), "{}", stage.text());
}

#[test]
fn nothing_is_drawn_outside_a_terminal_that_shrank() {
    let stage = Stage::showing(140, 40, morning());
    for (width, height) in [(0, 0), (1, 1), (30, 4), (139, 39)] {
        let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, width, height));
        super::draw(&stage.model, &mut buffer);
    }
}

#[test]
fn a_notice_hides_neither_the_keys_nor_the_selected_row_at_any_size() {
    for (width, height) in [(140, 40), (120, 36), (100, 30), (80, 24), (40, 12), (24, 6)] {
        for keys in ["", "g", "z", "Enter", "Enter z"] {
            let mut stage = Stage::showing(width, height, rows(1..=60));
            stage.keys(keys);
            let before = stage.text();
            stage.send(Msg::Notice(Notice { level: Level::Good, text: "it is done ".repeat(12) }));
            let after = stage.text();
            let line = |text: &str, at: u16| text.lines().nth(usize::from(at)).unwrap_or_default().to_owned();
            assert!(after.contains("✓ it is done"), "{width}x{height} {keys}: {after}");
            assert_eq!(line(&before, height - 1), line(&after, height - 1), "{width}x{height} {keys}");
            if let Some(at) = before.lines().position(|line| line.starts_with('▌')) {
                // Beside the list there is room for both.
                let list = |text: &str| {
                    let line = text.lines().nth(at).unwrap_or_default();
                    line.split('│').next().unwrap_or_default().to_owned()
                };
                assert_eq!(list(&before), list(&after), "{width}x{height} {keys}:\n{after}");
            }
        }
    }
}

/// The text ends above it: every line can be scrolled to while it is there.
#[test]
fn a_notice_hides_no_line_of_the_detail() {
    for (width, height) in [(140, 40), (100, 30), (80, 24), (40, 12)] {
        let mut stage = Stage::showing(width, height, morning());
        stage.keys("k Enter 7 G");
        let last = stage.model.detail.document().expect("a document").lines.last().expect("a line").text().to_owned();
        assert!(stage.text().contains(&last), "{width}x{height}: {}", stage.text());
        stage.send(Msg::Notice(Notice { level: Level::Good, text: "it is done".to_owned() }));
        stage.keys("G");
        let after = stage.text();
        assert!(after.contains("✓ it is done") && after.contains(&last), "{width}x{height}: {after}");
    }
}

#[test]
fn a_blank_stands_between_the_longest_line_and_the_scroll_mark() {
    for (width, height) in [(140, 40), (100, 30), (80, 24), (40, 12)] {
        let mut stage = Stage::showing(width, height, morning());
        stage.keys("k Enter 2");
        let text = stage.text();
        let marked: Vec<&str> = text.lines().filter(|line| line.ends_with('▐')).collect();
        assert!(!marked.is_empty(), "{width}x{height}: {text}");
        assert!(marked.iter().all(|line| line.ends_with(" ▐")), "{width}x{height}: {text}");
    }
}

/// What a request needs comes first; what the app missed calls from the top line.
#[test]
fn the_first_key_opens_the_request_also_when_the_app_missed_some() {
    let mut stage = Stage::showing(40, 12, rows(1..=3));
    let app = Some("http://localhost:3000".to_owned());
    stage.send(Msg::Forwarding(Forwarding { app, ..Forwarding::default() }));
    let mut failed = row(2);
    failed.onward = Some(crate::domain::forward::Onward::Answered(500));
    stage.send(Msg::Changed { batch: vec![failed.into()] });
    let keys = |stage: &Stage| stage.text().lines().last().unwrap_or_default().trim().to_owned();
    assert!(keys(&stage).starts_with("Enter open  A forward"), "{}", keys(&stage));
    stage.keys("Enter");
    assert!(keys(&stage).starts_with("Esc to the list"), "{}", keys(&stage));
}

/// The sign and the weight of the row say it: a line under it would hide the underscores of `payment_intent`.
#[test]
fn no_row_and_no_notice_is_underlined() {
    for name in ["terminal", "monochrome"] {
        let mut stage = Stage::showing(140, 40, rows(1..=3)).theme(name);
        stage.keys("Enter");
        stage.send(Msg::Notice(Notice { level: Level::Bad, text: "cannot write a_b".to_owned() }));
        let buffer = stage.buffer();
        let is_lined = |x: u16, y: u16| buffer[(x, y)].modifier.contains(ratatui::style::Modifier::UNDERLINED);
        let notice = (0..40).find(|y| buffer[(78, *y)].symbol() == "✗").expect("a notice");
        assert!((80..140).all(|x| !is_lined(x, notice)), "{name}");
        let row = (0..40).find(|y| buffer[(0, *y)].symbol() == "▌").expect("a selected row");
        let list = (0..60).map(|x| buffer[(x, row)].modifier);
        let is_bold = |modifier: ratatui::style::Modifier| modifier.contains(ratatui::style::Modifier::BOLD);
        assert!(list.clone().any(is_bold), "{name}");
        assert!((0..60).all(|x| !is_lined(x, row)), "{name}");
    }
}

#[test]
fn a_narrow_list_has_the_word_of_the_verdict_where_paths_leave_room() {
    let mut stage = Stage::new(40, 12);
    let verdict = Some((crate::domain::signature::Outcome::Valid, None));
    let rows = rows(1..=3).into_iter().map(|row| {
        let mut row = (*row).clone();
        (row.target, row.verdict) = ("/stripe".into(), verdict);
        row.into()
    });
    stage.send(Msg::Arrived { batch: rows.collect(), missed: 0 });
    assert!(stage.text().contains("✓ valid"), "{}", stage.text());
}
