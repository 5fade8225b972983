//! The official vectors over real sockets: each request goes to a listener as its sender would write it, and what the
//! capture kept is judged. Then the same through the program, one run of `verify --json` for each profile.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hooksight::domain::headers::Headers;
use hooksight::domain::signature::{CheckInput, Outcome, Profiles, Secret, SignInput, check, public_url, sign};
use hooksight::domain::time::Timestamp;
use serde_json::Value;

use super::capture_harness::house;
use super::support::{Home, post, send};

struct Vector {
    label: String,
    scheme: String,
    secrets: Vec<String>,
    url: Option<String>,
    now: Option<i64>,
    valid: bool,
    /// What the answer to the handshake that it is contains.
    answer: Option<String>,
    /// The request as it goes over the wire.
    wire: Vec<u8>,
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let list: Vec<Value> = serde_json::from_str(&text).unwrap();
        let stem = file.file_stem().unwrap().to_str().unwrap();
        all.extend(list.iter().map(|value| vector(stem, value)));
    }
    all
}

fn vector(file: &str, value: &Value) -> Vector {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let secrets = match (&value["public_key"], &value["secret"]) {
        (Value::String(key), _) => vec![key.clone()],
        (_, Value::String(secret)) => vec![secret.clone()],
        (_, Value::Array(list)) => list.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        (_, Value::Object(map)) => map.values().map(|one| one.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    };
    let answer = ["response_body", "response_signature"].iter().find_map(|name| value["handshake"][name].as_str());
    Vector {
        label: format!("{file} {}", text("name").unwrap()),
        scheme: text("scheme").unwrap(),
        secrets,
        url: text("url"),
        now: value["now"].as_i64(),
        valid: value["expect"] == "valid",
        answer: answer.map(str::to_owned),
        wire: wire(value),
    }
}

/// The request line, the vector's headers, those that every sender adds, and the body.
fn wire(value: &Value) -> Vec<u8> {
    let url = value["url"].as_str().unwrap_or("http://localhost/");
    let target = String::from_utf8(public_url::target_of(url)).unwrap();
    let body = STANDARD.decode(value["body_base64"].as_str().unwrap()).unwrap();
    let headers = value["headers"].as_object().unwrap();
    let mut head = format!("{} {target} HTTP/1.1\r\n", value["method"].as_str().unwrap());
    let has = |name: &str| headers.keys().any(|known| known.eq_ignore_ascii_case(name));
    if !has("host") {
        let (origin, _) = public_url::split(url.as_bytes());
        let host = std::str::from_utf8(origin).unwrap().split_once("://").unwrap().1;
        head.push_str(&format!("Host: {}\r\n", host.rsplit('@').next().unwrap()));
    }
    if !has("content-length") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
    }
    head.push_str("Connection: close\r\n\r\n");
    [head.as_bytes(), &body].concat()
}

#[test]
fn every_vector_is_judged_as_expected_after_a_real_capture() {
    let vectors = vectors();
    assert!(vectors.len() >= 251, "only {}", vectors.len());
    let house = house();
    let mut wrong = Vec::new();
    for (number, vector) in (1..).zip(&vectors) {
        house.send(&vector.wire);
        let request = house.request(number);
        let profile = Profiles::builtin().resolve(&vector.scheme).unwrap();
        let secrets: Vec<Secret> = vector.secrets.iter().map(|secret| Secret::new(secret.as_bytes())).collect();
        if let Some(wanted) = &vector.answer {
            let handshake = profile.handshake(&request).unwrap();
            let answer = handshake.answer(&profile, &request, secrets.first(), vector.url.as_deref()).unwrap();
            assert!(String::from_utf8(answer.body).unwrap().contains(wanted), "{}", vector.label);
            continue;
        }
        let input = CheckInput::new(&profile, &secrets, &request);
        let now = vector.now.map_or(input.now, Timestamp::from_secs);
        let verdict = check(&CheckInput { public_url: vector.url.as_deref(), now, ..input });
        let right = match vector.valid {
            true => verdict.outcome == Outcome::Valid,
            false => matches!(verdict.outcome, Outcome::Invalid | Outcome::Unsigned),
        };
        if !right {
            wrong.push(format!("{}: {:?} {:?} {}", vector.label, verdict.outcome, verdict.cause, verdict.detail));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
}

#[test]
fn verify_says_the_same_of_one_vector_of_each_profile_and_kind() {
    let mut chosen: BTreeMap<(String, bool), Vector> = BTreeMap::new();
    for vector in vectors().into_iter().filter(|vector| vector.answer.is_none() && !vector.secrets.is_empty()) {
        chosen.entry((vector.scheme.clone(), vector.valid)).or_insert(vector);
    }
    let home = Home::new();
    std::fs::create_dir_all(home.sessions()).unwrap();
    let path = home.sessions().join("day.jsonl").display().to_string();
    let listening = home.listen(&["-s", &path]);
    for vector in chosen.values() {
        send(listening.address, &vector.wire);
        listening.line();
    }
    assert_eq!(listening.stop("TERM").0, Some(0));
    for (id, vector) in (1..).zip(chosen.values()) {
        let id = format!("{id}");
        let mut args: Vec<String> = vec!["verify".into(), "day".into(), id, "--json".into()];
        args.extend(["--scheme".into(), vector.scheme.clone()]);
        for (number, secret) in vector.secrets.iter().enumerate() {
            let path = home.write(&format!("secret-{number}"), secret);
            args.extend(["--secret".into(), format!("file:{}", path.display())]);
        }
        args.extend(vector.url.iter().flat_map(|url| ["--public-url".into(), url.clone()]));
        args.extend(vector.now.iter().flat_map(|now| ["--now".into(), now.to_string()]));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let line = &home.run(&args).code(i32::from(!vector.valid)).json()[0];
        assert_eq!(line["outcome"] == "valid", vector.valid, "{}: {line}", vector.label);
    }
}

/// A delivery of Twilio, signed for `url`, as it comes through a proxy.
fn twilio_for(url: &str, secret: &str) -> Vec<u8> {
    let profile = Profiles::builtin().resolve("twilio").unwrap();
    let headers = Headers::from_pairs([("Content-Type", "application/x-www-form-urlencoded")]);
    let secret = Secret::new(secret.as_bytes());
    let body = b"MessageSid=SM1&MessageStatus=delivered";
    let now = Timestamp::from_secs(1_700_000_000);
    let signed =
        sign(&SignInput { profile: &profile, secret: &secret, method: b"POST", url, headers: &headers, body, now });
    let (name, value) = signed.unwrap().remove(0);
    let signature = String::from_utf8(value).unwrap();
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "in.example"),
        (name.as_str(), signature.as_str()),
    ];
    post("/sms?x=1", &headers, body)
}

#[test]
fn the_signed_url_is_the_set_one_or_that_of_a_trusted_proxy_and_nothing_else() {
    let secret = "00112233445566778899aabbccddeeff";
    for (args, url, verdict) in [
        (vec!["--trust-proxy"], "https://in.example/sms?x=1", "valid"),
        (vec![], "https://in.example/sms?x=1", "invalid"),
        (vec!["--public-url", "https://set.example"], "https://set.example/sms?x=1", "valid"),
        (vec!["--public-url", "https://set.example", "--trust-proxy"], "https://in.example/sms?x=1", "invalid"),
        (
            vec![
                "--public-url",
                "https://no.example",
                "--endpoint",
                "/sms,provider=twilio,public-url=https://own.example",
            ],
            "https://own.example/sms?x=1",
            "valid",
        ),
    ] {
        let home = Home::new();
        let key = format!("file:{}", home.write("key", secret).display());
        let mut all = vec!["--json", "--scheme", "twilio", "--secret", &key];
        all.extend(&args);
        let listening = home.listen(&all);
        send(listening.address, &twilio_for(url, secret));
        assert_eq!(listening.json()["verdict"], verdict, "{args:?} {url}");
    }
}

/// The vectors that were captured from providers: where a profile says that types and ids are, they are, and the list shows
/// and finds them.
#[test]
fn types_and_ids_of_the_vectors_are_listed_and_found() {
    let house = house();
    let mut wanted: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    let all = vectors();
    for (number, vector) in (1..).zip(&all) {
        house.send(&vector.wire);
        let Some(profile) = Profiles::builtin().by_name(&vector.scheme) else { continue };
        let request = house.request(number);
        let counts = wanted.entry(profile.name.as_str()).or_default();
        for (at, is_told, found) in [
            (0, !profile.event_type.is_empty(), profile.event_type(&request)),
            (2, !profile.delivery_id.is_empty(), profile.delivery_id(&request)),
        ] {
            counts[at] += u32::from(is_told);
            counts[at + 1] += u32::from(found.is_some());
        }
    }
    // Many vectors are cut down to what is signed; the others must show what their profile names.
    let profiles = |at: usize| wanted.values().filter(|counts| counts[at] > 0).count();
    let [_, with_type, _, with_id] = [0, 1, 2, 3].map(profiles);
    assert!(
        with_type >= TYPED_MIN && with_id >= WITH_ID_MIN,
        "{with_type} with a type, {with_id} with an id: {wanted:?}"
    );
}

/// Profiles of whose vectors some hold an event type, and a delivery id.
const TYPED_MIN: usize = 28;
const WITH_ID_MIN: usize = 23;
