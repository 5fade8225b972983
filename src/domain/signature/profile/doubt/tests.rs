use crate::domain::signature::tests::vectors;
use crate::domain::signature::{Profiles, Secret};

#[test]
fn a_secret_of_another_kind_is_told() {
    for (name, secret, words) in [
        ("stripe", "sk_live_0123456789", Some("a secret API key")),
        ("stripe", "a secret of one's own tests", None),
        ("stripe", "whsec_abc", None),
        ("svix", "not base64 at all", Some("no signing secret")),
        ("github", "anything goes", None),
        ("adobe", "just words", Some("no public key of Adobe")),
        (
            "github",
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----",
            Some("it is a public key"),
        ),
    ] {
        let said = Profiles::builtin().by_name(name).unwrap().wrong_secret(&Secret::new(secret));
        match words {
            None => assert_eq!(said, None, "{name}"),
            Some(words) => {
                assert!(said.as_deref().is_some_and(|said| said.contains(words)), "{name} {secret}: {said:?}")
            }
        }
    }
}

/// No secret that verifies something is doubted.
#[test]
fn secrets_of_the_vectors_are_none_of_another_kind() {
    let mut count = 0;
    for vector in vectors().into_iter().filter(|vector| vector.valid) {
        let Some(profile) = Profiles::builtin().by_name(&vector.scheme) else { continue };
        count += 1;
        if let [secret] = vector.secrets.as_slice() {
            assert_eq!(profile.wrong_secret(secret), None, "{} {}", vector.scheme, vector.name);
        }
    }
    assert!(count > 100, "{count}");
}
