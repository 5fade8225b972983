//! Frames that break no rule, too many of them.

use std::net::Shutdown;

use hooksight::domain::exchange::{ExchangeId, Mark};

use crate::capture_harness::{DEADLINE, House, house, until};

use super::*;

/// What comes again and again, behind `begin`; the reason of the row.
struct Flood {
    name: &'static str,
    begin: Vec<u8>,
    /// Number by number, so that streams can rise.
    next: fn(u32) -> Vec<u8>,
    reason: &'static str,
}

/// Sends until the listener hangs up, while others are served. What it said at the end, and how many frames went out.
fn pour(house: &House, flood: &Flood) -> (Option<u32>, u32) {
    let mut sender = Sender::with_settings(house);
    sender.write(&flood.begin);
    let mut writer = sender.stream.try_clone().unwrap();
    let (next, name) = (flood.next, flood.name);
    let pouring = std::thread::spawn(move || {
        let begun = Instant::now();
        for number in 0.. {
            assert!(begun.elapsed() < DEADLINE, "{name}: not closed after {number}");
            let batch: Vec<u8> = (0..64).flat_map(|place| next(number * 64 + place)).collect();
            if writer.write_all(&batch).is_err() {
                return number * 64;
            }
        }
        0
    });
    serves(house, flood.name);
    let end = sender.end();
    // Nobody reads any more.
    let _ = sender.stream.shutdown(Shutdown::Both);
    (end, pouring.join().unwrap())
}

fn stream(number: u32) -> u32 {
    number * 2 + 1
}

#[rustfmt::skip]
fn floods() -> Vec<Flood> {
    vec![
        Flood { name: "pings", begin: vec![], next: |_| frame(PING, 0, 0, &[7; 8]), reason: "a flood of PING frames" },
        Flood { name: "acknowledged pings", begin: vec![], next: |_| frame(PING, ACK, 0, &[7; 8]), reason: "a flood of PING frames" },
        Flood { name: "settings", begin: vec![], next: |_| frame(SETTINGS, 0, 0, &[]), reason: "a flood of SETTINGS frames" },
        Flood { name: "priorities", begin: vec![], next: |number| frame(PRIORITY, 0, stream(number), &[0; 5]), reason: "a flood of PRIORITY frames" },
        Flood { name: "window updates", begin: vec![], next: |_| frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]), reason: "a flood of WINDOW_UPDATE frames" },
        Flood { name: "frames of unknown type", begin: vec![], next: |_| frame(0xee, 0, 0, &[]), reason: "a flood of other frames" },
        Flood { name: "empty data", begin: open(1), next: |_| frame(DATA, 0, 1, &[]), reason: "a flood of small DATA frames" },
        Flood { name: "a mixture", begin: vec![], next: |number| match number % 3 {
            0 => frame(PING, 0, 0, &[7; 8]),
            1 => frame(SETTINGS, 0, 0, &[]),
            _ => frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
        }, reason: "a flood of" },
        Flood { name: "rapid reset", begin: vec![], next: |number| [whole(stream(number)), frame(RST_STREAM, 0, stream(number), &[0, 0, 0, 8])].concat(), reason: "reset" },
        Flood { name: "rapid reset of open streams", begin: vec![], next: |number| [open(stream(number)), frame(RST_STREAM, 0, stream(number), &[0, 0, 0, 8])].concat(), reason: "reset" },
        // CVE-2025-8671: the sender has us reset its streams.
        Flood { name: "streams that have to be reset", begin: vec![], next: |number| {
            let declared = frame(HEADERS, END_HEADERS, stream(number), &good_block(&[("content-length", "1")]));
            [declared, frame(DATA, 0, stream(number), b"12")].concat()
        }, reason: "" },
    ]
}

#[test]
fn a_flood_ends_its_connection_and_is_told_in_few_rows() {
    for flood in floods() {
        let name = flood.name;
        let mut house = house();
        let (end, sent) = pour(&house, &flood);
        assert_eq!(end, Some(ENHANCE_YOUR_CALM), "{name} after {sent}");
        house.stop();
        let rows = house.store.last_id().0;
        let told: Vec<String> = (1..=rows)
            .filter_map(|id| {
                let request = house.request(id);
                match request.marks.first()? {
                    Mark::Refused { reason } | Mark::Incomplete { reason } => Some(reason.clone()),
                    Mark::Truncated { .. } | Mark::Note { .. } => None,
                }
            })
            .collect();
        let last = told.iter().filter(|reason| reason.contains("streams were opened")).collect::<Vec<_>>();
        assert_eq!(last.len(), 1, "{name}: {:?}", told.last());
        assert!(last[0].contains(flood.reason), "{name}: {}", last[0]);
        let most = if name.contains("reset") { 2500 } else { 3 };
        assert!(rows <= most, "{name}: {rows} rows after {sent} frames");
    }
}

#[test]
fn a_rapid_reset_in_one_write_is_told_in_a_row_with_its_numbers() {
    let mut house = house();
    let mut sender = Sender::with_settings(&house);
    let reset = |number: u32| frame(RST_STREAM, 0, number * 2 + 1, &[0, 0, 0, 8]);
    let burst: Vec<u8> = (0..2000).flat_map(|number| [whole(number * 2 + 1), reset(number)].concat()).collect();
    sender.write(&burst);
    assert_eq!(sender.end(), Some(ENHANCE_YOUR_CALM));
    serves(&house, "rapid reset");
    house.stop();
    let rows = house.store.last_id().0;
    assert!((20..600).contains(&rows), "{rows} rows");
    let whole = (1..=rows).filter(|id| house.request(*id).target == "/hostile").count();
    assert!(whole >= 20, "requests that were whole are rows: {whole}");
    let is_counted = |id: &u64| house.request(*id).refused().is_some_and(|why| why.contains("streams were opened and"));
    assert_eq!((1..=rows).filter(is_counted).count(), 1);
}

#[test]
fn a_sender_that_pings_now_and_then_and_resets_a_few_is_left_alone() {
    let house = house();
    let mut sender = Sender::with_settings(&house);
    for number in 0..400u32 {
        sender.write(&whole(number * 2 + 1));
        sender.until(|frame| frame.stream == number * 2 + 1 && frame.flags & END_STREAM != 0);
        sender.write(&frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]));
        if number % 4 == 0 {
            assert!(sender.answers_a_ping());
        }
    }
    assert_eq!(house.store.last_id(), ExchangeId(400));
}

#[test]
fn of_a_thousand_streams_at_a_time_128_are_served_and_the_rest_refused() {
    let mut house = house();
    let mut sender = Sender::with_settings(&house);
    let burst: Vec<u8> = (0..1000).flat_map(|number| open(number * 2 + 1)).collect();
    sender.write(&burst);
    for _ in 0..872 {
        let refused = sender.until(|frame| frame.kind == RST_STREAM);
        assert_eq!(refused.payload, [0, 0, 0, 7], "REFUSED_STREAM: it may be sent again");
    }
    assert!(sender.answers_a_ping());
    let ends: Vec<u8> = (0..128).flat_map(|number| frame(DATA, END_STREAM, number * 2 + 1, b"body")).collect();
    sender.write(&ends);
    for _ in 0..128 {
        sender.until(|frame| frame.kind == HEADERS);
    }
    serves(&house, "a thousand streams");
    drop(sender);
    until("the connection is over", || (house.listener.as_ref()?.connections() == 0).then_some(()));
    house.stop();
    let rows = house.store.last_id().0;
    let requests: Vec<_> = (1..=rows).map(|id| house.request(id)).collect();
    assert_eq!(requests.iter().filter(|request| request.body.bytes == "body").count(), 128);
    let refused: Vec<&str> = requests.iter().filter_map(|request| request.refused()).collect();
    assert_eq!(refused.len(), 65, "{:?}", refused.last());
    assert!(refused[0].contains("more streams at a time than allowed"), "{}", refused[0]);
    assert!(refused[64].starts_with("808 more requests"), "{}", refused[64]);
}
