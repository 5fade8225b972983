//! The check and the signing, with every profile and with any: they never panic and never take long.

use std::path::Path;
use std::time::{Duration, Instant};

use hooksight::domain::exchange::Request;
use hooksight::domain::own_profile;
use hooksight::domain::signature::template::{Condition, Source, Template};
use hooksight::domain::signature::{
    CheckInput, NamedSecret, Outcome, Profile, Profiles, Secret, SignInput, check as check_request, sign,
};
use hooksight::domain::time::Timestamp;

use super::make;
use super::text::assert_visible;

/// One check of a small request with its whole autopsy, also on a slow and busy machine.
const TIME_MAX: Duration = Duration::from_secs(5);
/// What most profiles may spend: the one that the first byte names gets a whole autopsy.
const SMALL_AUTOPSY_BYTES: u64 = 32 << 10;

const SECRETS: [&str; 4] = [
    "secret",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
];

/// Profiles that one run checks: all of them would be seconds.
const PROFILES_A_RUN: usize = 5;

/// A byte that names the first of the profiles, one for secret and URL, a request.
pub fn check(data: &[u8]) {
    let [number, choice, text @ ..] = data else { return };
    let request = make::request(text);
    let profiles = Profiles::builtin();
    let all: Vec<_> = profiles.iter().collect();
    for at in 0..PROFILES_A_RUN {
        let work = if at == 0 { CheckInput::AUTOPSY_WORK_BYTES } else { SMALL_AUTOPSY_BYTES };
        check_with(all[(usize::from(*number) + at) % all.len()], &request, *choice, work);
    }
    if let Some(profile) = profiles.recognise(&request) {
        assert!(profile.recognises(&request));
        let _ = (profile.event_type(&request), profile.delivery_id(&request));
        check_with(profile, &request, *choice, SMALL_AUTOPSY_BYTES);
    }
}

fn check_with(profile: &Profile, request: &Request, choice: u8, work: u64) {
    let secrets: Vec<Secret> = SECRETS
        .iter()
        .skip(usize::from(choice % 4))
        .take(1 + usize::from(choice >> 2 & 1))
        .map(|text| Secret::new(*text))
        .collect();
    let others = [NamedSecret { name: "endpoint /other".into(), secret: Secret::new("other") }];
    let public_url = [None, Some("https://hooks.example:8443/in?a=b"), Some("https://hooks.example"), Some("")]
        [usize::from(choice >> 3 & 3)];
    let begun = Instant::now();
    let input = CheckInput {
        others: &others,
        public_url,
        now: Timestamp::from_secs(make::NOW_SECS + 60),
        autopsy_work_bytes: work,
        ..CheckInput::new(profile, &secrets, request)
    };
    let verdict = check_request(&input);
    let took = begun.elapsed();
    assert!(took < TIME_MAX, "{took:?} to check {} bytes for {}", request.body.bytes.len(), profile.name);
    let words = [&verdict.detail, &verdict.rule, &verdict.place].into_iter().chain(&verdict.tried);
    words.chain(&verdict.remarks).for_each(|text| assert_visible(text));
    assert_eq!(verdict.cause.is_none(), verdict.outcome == Outcome::Valid, "{verdict:?}");
    // The long search may name another cause, never another outcome than what is not valid.
    let quick = check_request(&CheckInput { autopsy_work_bytes: 0, ..input });
    assert_eq!(quick.outcome == Outcome::Valid, verdict.outcome == Outcome::Valid);
    for secret in &secrets {
        signs(profile, request, secret);
    }
}

/// What is signed fits.
fn signs(profile: &Profile, request: &Request, secret: &Secret) {
    let now = Timestamp::from_secs(make::NOW_SECS);
    let url =
        String::from_utf8_lossy(&[b"http://hooks.example".as_slice(), request.path_and_query()].concat()).into_owned();
    let input = SignInput {
        profile,
        secret,
        method: &request.method,
        url: &url,
        headers: &request.headers,
        body: &request.body.bytes,
        now,
    };
    let Ok(written) = sign(&input) else { return };
    let mut signed = request.clone();
    signed.pseudo = Default::default();
    signed.marks.clear();
    for (name, value) in written {
        signed.headers.set(&name, value);
    }
    let secrets = [secret.clone()];
    let verdict = check_request(&CheckInput {
        public_url: Some(&url),
        now,
        autopsy_work_bytes: 0,
        ..CheckInput::new(profile, &secrets, &signed)
    });
    let is_own = Profiles::builtin().by_name(&profile.name).is_some_and(|known| **known == *profile);
    // A profile of a user's own may contradict itself; ours do not, for requests that a server can have got.
    let is_plain = request.path_and_query().first() == Some(&b'/')
        && request.path_and_query().iter().all(u8::is_ascii_graphic)
        && !request.path_and_query().windows(3).any(|window| window == b"://");
    if is_own && is_plain {
        // A time inside the body is not ours to set, so more than the signature cannot be asked.
        assert!(verdict.fitting.is_some(), "{}: {verdict:?} of {signed:?}", profile.name);
    }
}

/// The scheme language: a byte that says which of its texts this is, then the text.
pub fn scheme(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let request = sample();
    match choice % 4 {
        0 => {
            if let Ok(source) = Source::parse(text) {
                assert!(!source.describe().is_empty());
            }
        }
        1 => {
            if let Ok(template) = Template::parse(text) {
                assert_eq!(template.text, text);
                let material = hooksight::domain::signature::material::Material::new(&request);
                let _ = (material.render(&template), template.sources().count());
            }
        }
        2 => {
            if let Ok(condition) = Condition::parse(text) {
                let material = hooksight::domain::signature::material::Material::new(&request);
                let negated = Condition { negated: !condition.negated, ..condition.clone() };
                assert_ne!(material.holds(&condition), material.holds(&negated));
                let _ = condition.describe();
            }
        }
        _ => {
            if let Ok(profile) = Profiles::builtin().resolve(text) {
                check_with(&profile, &request, *choice >> 2, SMALL_AUTOPSY_BYTES);
            }
        }
    }
}

/// The text of a user's own profile.
pub fn profile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match own_profile::read("profiles/own.ron", text) {
        Ok(profile) => {
            assert_eq!(profile.name, "own");
            let request = sample();
            check_with(&profile, &request, 0, SMALL_AUTOPSY_BYTES);
            let own = Profiles::builtin().with([profile]);
            let _ =
                own.recognise(&request).map(|profile| (profile.event_type(&request), profile.delivery_id(&request)));
        }
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.split('\n').count() + 1, "{error}");
            assert!(!error.message.is_empty());
        }
    }
}

fn sample() -> Request {
    make::request(
        b"POST /in/x?a=b&c=%20d\nHost: hooks.example\nContent-Type: application/x-www-form-urlencoded\nX-Signature: t=1700000000,v1=abc\n\
          X-Timestamp: 1700000000\nX-Id: 7\n\nb=2&a=1&a=1&payload=%7B%22a%22%3A%7B%220%22%3A1%7D%7D",
    )
}

/// The built-in profiles.
pub fn profile_seeds(repository: &Path) -> Vec<Vec<u8>> {
    let Ok(files) = std::fs::read_dir(repository.join("src/providers")) else { return Vec::new() };
    let mut paths: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}
