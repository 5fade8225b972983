use super::*;
use crate::domain::body::Body;
use crate::domain::exchange::Request;
use crate::domain::headers::Headers;
use crate::domain::testing;
use crate::domain::time::Timestamp;

fn request(headers: Headers) -> Request {
    Request { first_byte: Timestamp::from_secs(1), headers, body: Body::whole("{}"), ..testing::request() }
}

#[test]
fn whether_there_is_one_is_told_as_finding_it_tells() {
    const VALUES: [&str; 8] = ["", "v", "sha256=", "sha256=ab", "v0=ab", "t=1,v1=ab", "Bearer x", "v1,ab v1,cd"];
    for profile in super::super::Profiles::builtin().iter() {
        for scheme in &profile.schemes {
            let names = scheme.signature.iter().filter_map(|place| match &place.0 {
                Source::Header(name) => Some(name.replace('#', "1")),
                _ => None,
            });
            let prefixed = format!("{}ab", scheme.prefix);
            for name in names.chain(["X-Other".to_owned()]) {
                for first in VALUES.iter().copied().chain([prefixed.as_str()]) {
                    for second in [None, Some(""), Some(prefixed.as_str())] {
                        let values = std::iter::once(first).chain(second);
                        let headers = Headers::from_pairs(values.map(|value| (name.clone(), value.to_owned())));
                        let request = request(headers);
                        let material = Material::new(&request);
                        let found = find(scheme, &material).none.is_none();
                        assert_eq!(
                            is_there(scheme, &material),
                            found,
                            "{}: {name}: {first:?}, {second:?}",
                            profile.name
                        );
                    }
                }
            }
        }
    }
}
