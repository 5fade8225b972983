//! The wrong one of several public keys.

use super::*;

/// A key pair of the algorithm: the private half, and the public one as a user pastes it.
fn key_pair(algorithm: scheme::Algorithm) -> (String, String) {
    use crypto::private;
    let rule = scheme::Key { decode: scheme::KeyForm::Public, ..scheme::Key::default() };
    let kind = algorithm.key_kind().unwrap();
    let rsa = || include_str!("../../../../../tests/fixtures/keys/rsa-2048.pem").to_owned();
    let pem = private::generate_pem(kind).map_or_else(rsa, |pem| pem.to_string());
    let public = private::read(&rule, algorithm, pem.as_bytes()).unwrap().public();
    (pem, private::public_pem(&public))
}

/// Another RSA key than that of the fixture: the public half of RFC 9500 section 2.1's 2048 bit test key.
const OTHER_RSA: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsPnoGUOnrpiSqt4XynxA
+HRP7S+BSObI6qJ7fQAVSPtRkqsotWxQYLEYzNEx5ZSHTGypibVsJylvCfuToDTf
Mul8b/CZjP2Ob0LdpYrNH6l5hvFE89FU1nZQF15oVLOpUgA7wGiHuEVawrGfey92
UE68mOyUVXGweJIVDdxqdMoPvNNUl86BU02vlBiESxOuox+dWmuVV7vfYZ79Toh/
LUK43YvJh+rhv4nKuF7iHjVjBd9sB6iDjj70HFldzOQ9r8SRI+9NirupPTkF5AKN
e6kUhKJ1luB7S27ZkvB3tSTT3P593VVJvnzOjaA1z6Cz+4+eRvcysqhrRgFlwI9T
EwIDAQAB
-----END PUBLIC KEY-----
";

#[test]
fn the_wrong_one_of_several_public_keys_is_named() {
    let (mut tried, mut algorithms, mut wrongly) = (Vec::new(), BTreeSet::new(), Vec::new());
    for profile in Profiles::builtin().iter() {
        let Some(algorithm) =
            profile.schemes.first().map(|scheme| scheme.algorithm).filter(|algorithm| algorithm.is_public())
        else {
            continue;
        };
        let Some(event) = profile.events.first() else { continue };
        let (private, public) = key_pair(algorithm);
        let mut headers = crate::domain::headers::Headers::from_pairs([("Content-Type", event.content_type.as_str())]);
        event.headers.iter().for_each(|(name, value)| headers.set(name, value.clone()));
        let secret = Secret::new(private.into_bytes());
        let (now, body) = (Timestamp::from_secs(NOW), event.body.as_bytes());
        let url = "https://x.example/hook";
        let input = SignInput { profile, secret: &secret, method: b"POST", url, headers: &headers, body, now };
        // Some need more than a key, and ring makes no signatures with SHA-1.
        let Ok(signed) = sign_whole(&input) else { continue };
        signed.headers.into_iter().for_each(|(name, value)| headers.set(&name, value));
        let mut request = request("POST", "/hook", &[], &signed.body.unwrap_or_else(|| body.to_vec()));
        request.headers = headers;
        let judged = |own: &str, others: &[NamedSecret]| {
            let own = [Secret::new(own.as_bytes())];
            let public_url = Some("https://x.example");
            check(&CheckInput { public_url, others, now, ..CheckInput::new(profile, &own, &request) })
        };
        if judged(&public, &[]).outcome != Outcome::Valid {
            continue;
        }
        tried.push(profile.name.clone());
        algorithms.insert(algorithm.name());
        let is_rsa = algorithm.key_kind() == Some(scheme::KeyKind::Rsa);
        let wrong = if is_rsa { OTHER_RSA.to_owned() } else { key_pair(algorithm).1 };
        let right = [NamedSecret { name: "endpoint /live".into(), secret: Secret::new(public.into_bytes()) }];
        for (own, others, wanted) in [
            (wrong.as_str(), &[][..], Cause::SignatureMismatch),
            (&wrong, &right, Cause::OtherSecret),
            ("no key at all", &right, Cause::OtherSecret),
        ] {
            let verdict = judged(own, others);
            if (verdict.outcome, verdict.cause) != (Outcome::Invalid, Some(wanted)) {
                wrongly.push(format!(
                    "{} wanted {}: {:?} {}",
                    profile.name,
                    wanted.as_str(),
                    verdict.cause,
                    verdict.detail
                ));
            }
        }
    }
    assert!(wrongly.is_empty(), "{}", wrongly.join("\n"));
    assert!(tried.len() >= 15 && algorithms.len() >= 5, "{tried:?} {algorithms:?}");
}
