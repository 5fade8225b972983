//! What looks at a saved session: `sessions`, `ls`, `show`, `export`, `verify`, `explain`, `respond`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::common::{ColorWish, SESSION};
use crate::app::secrets::SecretSource;
use crate::domain::export::{SHAPES, Shape, shape};

/// `sessions`
#[derive(Clone, Debug, ClapArgs)]
pub struct SessionsArgs {
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
}

/// `ls`
#[derive(Clone, Debug, ClapArgs)]
pub struct LsArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Only requests that this filter lets through, such as 'path:/stripe -status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// What they are judged with
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `show`
#[derive(Clone, Debug, ClapArgs)]
pub struct ShowArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request in its session
    #[arg(value_parser = request_number)]
    pub id: u64,
    /// The request's exact bytes
    #[arg(long, conflicts_with_all = ["body", "json"])]
    pub raw: bool,
    /// The body's exact bytes
    #[arg(long, conflicts_with = "json")]
    pub body: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorWish,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// The number of a request.
pub(super) fn request_number(text: &str) -> Result<u64, String> {
    match text.trim_start_matches('#').parse() {
        Ok(0) | Err(_) => Err("expected the number of a request, from 1, as `hooksight ls` shows it".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// The shapes of an export, by their names.
fn shapes() -> impl TypedValueParser<Value = &'static Shape> {
    let values = SHAPES.iter().map(|shape| PossibleValue::new(shape.name).help(shape.help));
    PossibleValuesParser::new(values).try_map(|name| shape(&name).ok_or("there is no such shape"))
}

/// `export`
#[derive(Clone, Debug, ClapArgs)]
pub struct ExportArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Numbers of requests [default: all]
    #[arg(value_parser = request_number)]
    pub id: Vec<u64>,
    /// Only requests that this filter lets through, such as 'path:/stripe -status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Shape
    #[arg(long, value_name = "FORMAT", value_parser = shapes())]
    pub format: &'static Shape,
    /// Where the curl command sends to, in place of the address that the sender named
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// What they are judged with
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// What rows are judged with, where a session was recorded with more than the configuration says.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct JudgingArgs {
    /// Signature scheme [default: recognised by the headers]
    #[arg(long, value_name = "SCHEME", env = "HOOKSIGHT_SCHEME")]
    pub scheme: Option<String>,
    /// Secret: env:NAME, file:PATH, - (asks), or the secret itself; again for a rotation
    #[arg(long, value_name = "SECRET")]
    pub secret: Vec<SecretSource>,
    /// The URL that the provider was given, for schemes that sign it
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Take that URL from X-Forwarded-* or Forwarded: only when a proxy of your own set them
    #[arg(long)]
    pub trust_proxy: bool,
}

/// What `verify` and `explain` check with.
#[derive(Clone, Debug, ClapArgs)]
pub struct CheckingArgs {
    /// What they are judged with
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Judge ages at this time, in Unix seconds [default: when the request came]
    #[arg(long, value_name = "UNIX")]
    pub now: Option<i64>,
}

/// `verify`
#[derive(Clone, Debug, ClapArgs)]
pub struct VerifyArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request [default: all]
    #[arg(value_parser = request_number)]
    pub id: Option<u64>,
    /// Only requests that this filter lets through, such as 'path:/stripe -status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// How to check
    #[command(flatten)]
    pub checking: CheckingArgs,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `explain`
#[derive(Clone, Debug, ClapArgs)]
pub struct ExplainArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request
    pub id: u64,
    /// A digest that your own code computed: hex, base64 or base64url, with or without a prefix, whole or its beginning
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub computed: Option<String>,
    /// How to check
    #[command(flatten)]
    pub checking: CheckingArgs,
    /// One JSON object; the expected signature is masked in it
    #[arg(long)]
    pub json: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value_t, value_enum)]
    pub color: ColorWish,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `respond`
#[derive(Clone, Debug, ClapArgs)]
pub struct RespondArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request in its session
    pub id: u64,
    /// Only say it: nothing is sent, nothing is counted
    #[arg(long)]
    pub dry_run: bool,
    /// Which time it is for rules and scripts that count
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub nth: u32,
    /// What to answer to all, as for `listen`
    #[arg(long, value_name = "REPLY", env = "HOOKSIGHT_RESPOND")]
    pub respond: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Configuration file whose rules, endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}
