//! Headers of one name on several lines. Receivers do not read them alike: Go and Java take the first line, Node, Python and
//! Ruby join all of them by commas. What holds for one may fail for the other, and a signature that only some receivers
//! take is not valid. Sources: Node.js documentation, `message.headers`; Go, `net/http` `Header.Get`; Jakarta Servlet,
//! `HttpServletRequest.getHeader`; RFC 3875 section 4.1.18 (CGI, so WSGI and Rack: lines are joined).

use super::scheme::{Form, Scheme};
use super::template::Source;
use crate::domain::headers::Headers;

/// Lines of one name that are looked at one by one.
const LINES_MAX: usize = 8;

/// The headers that a scheme reads and that came on several lines. Not those of message signatures, whose own rule joins
/// them (RFC 9421 section 2.1), nor signatures that the provider sends on a line each.
pub fn repeated(scheme: &Scheme, headers: &Headers) -> Vec<String> {
    if matches!(scheme.form, Form::HttpMessage(_)) {
        return Vec::new();
    }
    let places = scheme.signature.iter().filter(|_| !scheme.line_each).map(|place| &place.0);
    let clock = scheme.timestamp.iter().map(|clock| &clock.from.0);
    let id = scheme.id.iter().map(|id| &id.0);
    let signed = scheme.message.iter().flat_map(|message| message.sources());
    let guards = scheme.guards.iter().flat_map(|guard| guard.left.sources().chain(guard.right.sources()));
    let mut names: Vec<String> = Vec::new();
    for source in places.chain(clock).chain(id).chain(signed).chain(guards) {
        if let Source::Header(name) = source
            && headers.get_all(name).nth(1).is_some()
            && !names.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            names.push(name.clone());
        }
    }
    names
}

/// The headers as receivers read them that take the first line of these, and as those do that join them.
pub fn readings(headers: &Headers, names: &[String]) -> [Headers; 2] {
    let mut first = headers.clone();
    let mut joined = headers.clone();
    for name in names {
        let lines: Vec<&[u8]> = headers.get_all(name).collect();
        first.set(name, lines.first().copied().unwrap_or_default().to_vec());
        // Node drops all but the first of this one.
        let is_single = name.eq_ignore_ascii_case("authorization");
        joined.set(
            name,
            if is_single { lines.first().copied().unwrap_or_default().to_vec() } else { lines.join(&b", "[..]) },
        );
    }
    [first, joined]
}

/// The headers with one line of this name alone, with the line's number, from 1.
pub fn each(headers: &Headers, name: &str) -> Vec<(usize, Headers)> {
    let lines = headers.get_all(name).take(LINES_MAX).enumerate();
    let alone = lines.map(|(at, value)| {
        let mut alone = headers.clone();
        alone.set(name, value.to_vec());
        (at + 1, alone)
    });
    alone.collect()
}
