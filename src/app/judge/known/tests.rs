use super::*;

fn listed(known: &KnownSecrets) -> Vec<(String, Option<String>, u64)> {
    known.list().into_iter().map(|one| (one.origin, one.provider, one.fitted)).collect()
}

#[test]
fn what_was_typed_comes_first_and_a_guess_that_never_fitted_makes_room() {
    let known = KnownSecrets::default();
    known.configure(Scope::Provider("github".into()), "configuration".into(), &Secret::new("conf"));
    known.type_in("github", Secret::new("guess"));
    known.type_in("github", Secret::new("right"));
    let tried: Vec<Secret> = known.for_request("github", None, b"/").into_iter().map(|(_, secret)| secret).collect();
    assert_eq!(tried, [Secret::new("right"), Secret::new("conf")]);
    let right = known.list().first().expect("one").number;
    known.note_fit(right, ExchangeId(7));
    known.note_fit(right, ExchangeId(7));
    known.note_fit(right, ExchangeId(300));
    known.note_fit(right, ExchangeId(u64::MAX));
    known.type_in("github", Secret::new("newer"));
    let github = || Some("github".to_owned());
    assert_eq!(
        listed(&known),
        [
            ("typed here".to_owned(), github(), 0),
            ("typed here".to_owned(), github(), 2),
            ("configuration".to_owned(), github(), 0)
        ]
    );
    assert_eq!(known.forget(right), Some(github()));
    assert_eq!(known.forget(right), None);
    assert_eq!(known.list().len(), 2);
}

#[test]
fn an_endpoint_has_its_own_and_the_others_are_named_for_the_autopsy() {
    let known = KnownSecrets::default();
    known.configure(Scope::Any, "--secret".into(), &Secret::new("any"));
    known.configure(Scope::Endpoint(1, Some("stripe".into())), "endpoint /b".into(), &Secret::new("b"));
    known.configure(Scope::Provider("stripe".into()), "configuration".into(), &Secret::new("s"));
    let tried = |endpoint| -> Vec<Secret> {
        known.for_request("stripe", endpoint, b"/b").into_iter().map(|(_, secret)| secret).collect()
    };
    assert_eq!(tried(Some(1)), [Secret::new("b"), Secret::new("s"), Secret::new("any")]);
    assert_eq!(tried(Some(0)), [Secret::new("s"), Secret::new("any")]);
    let others: Vec<String> = known.others(&tried(None)).into_iter().map(|one| one.name).collect();
    assert_eq!(others, ["endpoint /b"]);
}

#[test]
fn what_a_handshake_brought_is_for_its_path_and_a_stranger_pushes_none_out() {
    let known = KnownSecrets::default();
    let real = Secret::new("real");
    let tried = |path: &[u8]| -> Vec<Secret> {
        known.for_request("asana", None, path).into_iter().map(|(_, secret)| secret).collect()
    };
    assert_eq!(known.takes("asana", None, b"/hook", &real), Taking::Taken);
    assert!(known.bring("asana", None, b"/hook", real.clone()));
    assert!(known.bring("asana", None, b"/hook", real.clone()));
    assert_eq!((tried(b"/hook"), tried(b"/other"), tried(b"/hook/")), (vec![real.clone()], vec![], vec![]));
    assert!(known.for_request("stripe", None, b"/hook").is_empty());
    let taken = (0..40).filter(|number| {
        let (path, secret) = (format!("/{}", number % 5), Secret::new(format!("stranger {number}")));
        let takes = known.takes("asana", None, path.as_bytes(), &secret) == Taking::Taken;
        assert_eq!(known.bring("asana", None, path.as_bytes(), secret), takes, "{number}");
        takes
    });
    assert_eq!((taken.count(), known.list().len()), (31, 32));
    assert_eq!(tried(b"/hook"), vec![real.clone()]);
    assert_eq!(known.takes("asana", None, b"/hook", &real), Taking::Taken);
    assert_eq!(known.takes("asana", None, b"/hook", &Secret::new("new")), Taking::Full(32));
    assert_eq!(known.takes("linear", None, b"/hook", &Secret::new("new")), Taking::Taken);
    let last = known.list().first().expect("one").number;
    assert_eq!(known.forget(last), Some(Some("asana".to_owned())));
    assert_eq!(known.takes("asana", None, b"/hook", &Secret::new("new")), Taking::Taken);
    // What is full elsewhere leaves an endpoint of the settings its own room, and one path does not take all of that.
    let new = Secret::new("of an endpoint");
    assert_eq!(known.takes("asana", Some(0), b"/hooks/asana", &new), Taking::Taken);
    let flood =
        (0..20).filter(|number| known.bring("asana", Some(0), b"/hooks/a", Secret::new(format!("flood {number}"))));
    assert_eq!(flood.count(), 8);
    assert_eq!(known.takes("asana", Some(0), b"/hooks/a", &new), Taking::Full(8));
    assert_eq!(known.takes("asana", Some(0), b"/hooks/asana", &new), Taking::Taken);
    assert!(known.bring("asana", Some(0), b"/hooks/asana", new));
    known.type_in("asana", Secret::new("mine"));
    assert_eq!(known.takes("asana", None, b"/hook", &real), Taking::HasOwn);
}
