use super::*;
use crate::app::args::Args;
use crate::app::config::LoadedConfig;
use crate::app::folders::Folders;
use crate::app::judge::Judge;
use crate::app::resend::Signing;
use crate::app::settings::Settings;
use crate::app::settings::merge::Surroundings;
use crate::domain::exchange::ExchangeId;
use crate::domain::signature::{Expected, Profiles};
use crate::tui::effect::Effect;
use clap::Parser as _;

const SECRET: &str = "hush-7f3a-whisper";

/// Whatever holds a secret, from the command line to the check, prints none of it.
#[test]
fn nothing_that_holds_a_secret_prints_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hooksight.ron");
    let text = format!(
        "(secrets: {{\"github\": \"{SECRET}\"}}, endpoints: [(path: \"/a\", provider: \"stripe\", secret: \"{SECRET}\")])"
    );
    std::fs::write(&file, text).unwrap();
    let loaded = LoadedConfig::find(Some(&file), None).unwrap();
    let endpoint = format!("/b,provider=github,secret={SECRET}");
    let config = file.display().to_string();
    let words = ["hooksight", "--scheme", "github", "--secret", SECRET, "--endpoint", &endpoint, "--config", &config];
    let args = Args::parse_from(words);
    let folders = Folders { config: folder.path().into(), data: folder.path().into(), state: folder.path().into() };
    let mut said = String::new();
    let mut warn = |words: &str| said.push_str(words);
    let mut around = Surroundings { folders: &folders, stdout_is_terminal: true, no_color: false, warn: &mut warn };
    let settings = Settings::listen(&args.listen, &mut around).unwrap();
    let judge = Judge::new(settings.checks.clone());
    let secret = Secret::new(SECRET);
    judge.add_secret("github", secret.clone(), None);
    let profile = Profiles::builtin().by_name("github").unwrap().clone();
    let signing = Signing { profile, secret: Some(secret.clone()), public_url: None };
    let effect =
        Effect::SetSecret { provider: "github".into(), id: ExchangeId(1), secret: secret.clone(), replaces: None };
    let expected = (Expected::digest(SECRET.to_owned()), Expected::token(SECRET.to_owned()));
    let source: SecretSource = SECRET.parse().unwrap();
    let printed = [
        format!("{args:?}"),
        format!("{loaded:?}"),
        format!("{settings:?}"),
        format!("{judge:?}"),
        format!("{signing:?}"),
        format!("{effect:?}"),
        format!("{expected:?}"),
        format!("{source:?} {secret:?} {:#?}", settings.checks),
        said,
    ];
    for text in printed {
        assert!(!text.is_empty() && !text.contains("hush") && !text.contains("whisper"), "{text}");
        // Nor as the list of its bytes.
        assert!(!text.contains("104, 117, 115, 104"), "{text}");
    }
}

#[test]
fn secrets_are_equal_when_all_of_them_is() {
    assert_eq!(Secret::new("abc"), Secret::new("abc"));
    for other in ["abd", "ab", "abcd", "xbc", ""] {
        assert_ne!(Secret::new("abc"), Secret::new(other));
    }
}

/// `env:$SECRET` in a shell: the value stands where a name should.
#[test]
fn what_may_be_a_secret_is_not_quoted_as_the_name_of_a_variable() {
    let said = |name: &str| {
        let source: SecretSource = format!("env:{name}").parse().unwrap();
        source.fetch(&mut |_| {}).unwrap_err().to_string()
    };
    for name in ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "hunter2!"] {
        assert!(!said(name).contains(name) && said(name).contains("without env:"), "{}", said(name));
    }
    for name in ["HOOKSIGHT_NOT_SET", "not_set_2026", "V2_KEY"] {
        assert!(said(name).contains(name), "{}", said(name));
    }
}
