//! The signature fits, its time does not; or the time was signed in another writing.

use hooksight::domain::signature::scheme::{Algorithm, Unit};
use hooksight::domain::signature::template::Source;
use hooksight::domain::time::Timestamp;

use super::senders::{self, JSON, NOW, Sent, mac, plain, signed_at, stamp_of, with_digest};
use super::{Setting, Table};

const DAY_S: i64 = 86_400;

pub fn rows(table: &mut Table) {
    header_altered(table);
    for sent in senders::all() {
        let clock = sent.profile.schemes.first().and_then(|scheme| scheme.timestamp.clone());
        let Some(clock) = clock.filter(|_| plain(&sent).is_some()) else { continue };
        let came = |at: i64| Sent { came: Timestamp::from_secs(at), ..sent.clone() };
        if clock.past_s.is_some() {
            table.add("came ten days late", "timestamp-stale", &came(NOW + 10 * DAY_S), &Setting::right(&sent));
        }
        if clock.future_s.is_some() {
            table.add("came a day early", "timestamp-future", &came(NOW - DAY_S), &Setting::right(&sent));
        }
        if clock.unit == Unit::Seconds && clock.past_s.is_some() && clock.future_s.is_some() {
            let millis =
                signed_at(&sent.profile, JSON, "application/json", Timestamp::from_secs(NOW * 1000)).expect("signed");
            let millis = Sent { came: Timestamp::from_secs(NOW), ..millis };
            table.add("timestamp in milliseconds", "timestamp-unit", &millis, &Setting::right(&sent));
        }
        signed_otherwise(table, &sent);
        if let Source::Header(name) = &clock.from.0 {
            let mut without = sent.clone();
            without.headers.remove(name);
            let wanted = if clock.optional { continue } else { "timestamp-missing" };
            table.add("timestamp header lost", wanted, &without, &Setting::right(&sent));
        }
    }
}

/// The header of the time is signed as a header, and was changed a little.
fn header_altered(table: &mut Table) {
    let all = senders::all();
    let sent = all.iter().find(|sent| sent.profile.name == "contentful").expect("a provider that signs headers");
    let name = "x-contentful-timestamp";
    let millis: i64 = sent.header(name).parse().expect("milliseconds");
    for other in [millis + 2, millis + 3000, millis - 1000] {
        let changed = sent.with_header(name, &other.to_string());
        table.add("signed time header altered", "timestamp-altered", &changed, &Setting::right(sent));
    }
}

/// The text that was signed for the time is not the one that was sent.
fn signed_otherwise(table: &mut Table, sent: &Sent) {
    let Some(made) = plain(sent) else { return };
    if !made.scheme.message.as_ref().is_some_and(|message| message.uses(&Source::Timestamp)) {
        return;
    }
    let stamp = stamp_of(made.scheme, sent);
    let mut with = |mutation, other: String| {
        let message = String::from_utf8(made.message.clone()).expect("text").replacen(&stamp, &other, 1);
        let digest = mac(made.scheme.algorithm, &made.key, message.as_bytes());
        let sent = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
        table.add(mutation, "timestamp-unit", &sent, &Setting::right(&sent));
    };
    match made.scheme.timestamp.as_ref().map(|clock| clock.unit) {
        Some(Unit::Seconds) => {
            with("signed in milliseconds, sent in seconds", format!("{stamp}000"));
            with("signed with a fraction", format!("{stamp}.0"));
        }
        Some(Unit::Millis) => with("signed in seconds, sent in milliseconds", stamp[..stamp.len() - 3].to_owned()),
        _ => {}
    }
    // The body alone was signed, without its time.
    let digest = mac(made.scheme.algorithm, &made.key, &sent.body);
    let alone = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
    table.add("time left out when signing", "message-differs", &alone, &Setting::right(sent));
    if made.scheme.algorithm == Algorithm::HmacSha256 {
        let joined = [stamp.as_bytes(), b":", &sent.body].concat();
        let is_it = joined == made.message;
        let digest = mac(made.scheme.algorithm, &made.key, &joined);
        let colon = with_digest(sent, &made, &senders::encoded(made.scheme.encoding, &digest));
        if !is_it {
            table.add("time and body joined by a colon", "message-differs", &colon, &Setting::right(sent));
        }
    }
}
