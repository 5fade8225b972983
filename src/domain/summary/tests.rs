use bytes::Bytes;

use super::*;
use crate::domain::body::Body;
use crate::domain::exchange::Mark;
use crate::domain::testing;

fn request(method: &'static [u8], target: &'static [u8]) -> Request {
    Request {
        id: ExchangeId(7),
        peer: Some(([192, 0, 2, 1], 5000).into()),
        first_byte: Timestamp::from_secs(1_700_000_000),
        body_complete_us: 1500,
        method: Bytes::from_static(method),
        target: Bytes::from_static(target),
        body: Body { bytes: Bytes::from_static(b"abc"), length_bytes: 10 },
        marks: vec![Mark::Incomplete { reason: "the sender left".to_owned() }],
        ..testing::request()
    }
}

#[test]
fn a_row_holds_visible_text_alone() {
    let recognised = Recognised {
        provider: Some(Arc::from("github")),
        event_type: Some("push\u{1b}[2J".to_owned()),
        delivery: Some(String::new()),
    };
    let row = Summary::of(&request(b"PO\x07ST", b"http://x.example/a\x1b\xff?q"), &recognised);
    assert_eq!(&*row.method, "PO␇ST");
    assert_eq!(&*row.target, "/a␛⟨FF⟩?q");
    assert_eq!(row.event_type.as_deref(), Some("push␛[2J"));
    assert_eq!(row.delivery, None);
    assert_eq!((&*row.peer, row.size_bytes, row.cut, row.refused), ("192.0.2.1", 10, true, false));
}

#[test]
fn rows_that_share_texts_are_those_that_do_not() {
    let recognised = |event_type: &str| Recognised { event_type: Some(event_type.to_owned()), ..Recognised::default() };
    let long = "x".repeat(400);
    let targets: [&[u8]; 7] =
        [b"/a", b"/a", b"/\x1b", "/\u{241b}".as_bytes(), b"/\xff", "/\u{27e8}FF\u{27e9}".as_bytes(), b"/a"];
    let mut texts = Texts::default();
    for (target, event_type) in targets.into_iter().zip(["push", "push", "\x07", "\u{2407}", &long, &long, ""]) {
        let request = request(b"POST", target);
        let recognised = recognised(event_type);
        assert_eq!(Summary::after(&mut texts, &request, &recognised), Summary::of(&request, &recognised));
    }
    let first = Summary::after(&mut texts, &request(b"POST", b"/b"), &Recognised::default());
    let second = Summary::after(&mut texts, &request(b"POST", b"/b"), &Recognised::default());
    assert!(Arc::ptr_eq(&first.target, &second.target) && Arc::ptr_eq(&first.peer, &second.peer));
}

#[test]
fn a_row_is_bounded_whatever_comes() {
    let recognised = Recognised { event_type: Some("x".repeat(1 << 20)), ..Recognised::default() };
    let mut request = request(b"POST", b"/");
    request.target = Bytes::from(vec![b'/'; 1 << 20]);
    request.method = Bytes::from(vec![0xff; 1 << 16]);
    let row = Summary::of(&request, &recognised);
    let kept = row.target.len() + row.method.len() + row.event_type.map_or(0, |text| text.len());
    assert!(kept < 2000, "{kept}");
}

#[test]
fn the_answer_is_timed_from_the_end_of_the_request() {
    let request = request(b"POST", b"/");
    let answer = Answer { done: request.first_byte.plus_micros(2750), ..testing::answer(request.id) };
    assert_eq!(AnswerBrief::of(&answer, &request).answer_us, 1250);
}

/// What a profile knows of type and id reaches the row, and the words of a filter find it there: with the sample events of
/// every profile that has some.
#[test]
fn types_and_ids_of_every_profile_reach_the_row_and_the_filter() {
    use crate::domain::filter::Filter;
    use crate::domain::signature::Profiles;
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let (mut types, mut ids) = (0, 0);
    for profile in Profiles::builtin().iter() {
        for sample in &profile.events {
            let mut request = request(b"POST", b"/hook");
            request.headers.push("Content-Type", sample.content_type.clone());
            for (name, value) in &sample.headers {
                request.headers.push(name.clone(), value.clone());
            }
            request.body = Body::whole(Bytes::from(sample.body.clone()));
            request.marks.clear();
            let recognised = Recognised {
                provider: Some(Arc::from(profile.name.as_str())),
                event_type: profile.event_type(&request),
                delivery: profile.delivery_id(&request),
            };
            let row = Summary::of(&request, &recognised);
            let finds = |field: &str, value: &str| {
                let filter = Filter::parse(&format!("{field}:{}", quoted(value))).expect("a filter");
                filter.matches(&row, None)
            };
            let name = &profile.name;
            assert!(finds("provider", name), "{name}");
            if !profile.event_type.is_empty() {
                let event = row.event_type.as_deref().unwrap_or_else(|| panic!("{name}: no type in {}", sample.name));
                assert!(finds("event", event) && finds("type", event), "{name}: {event}");
                types += 1;
            }
            if let Some(delivery) = &row.delivery {
                assert!(finds("delivery", delivery) && !finds("delivery", "none"), "{name}: {delivery}");
                ids += 1;
            }
        }
    }
    assert!(types > 50 && ids > 50, "{types} types, {ids} ids");
}
