//! What waits for requests: `wait`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::saved::JudgingArgs;
use super::size::Duration;

/// `wait`
#[derive(Clone, Debug, ClapArgs)]
pub struct WaitArgs {
    /// Path or saved session's name; it need not be there yet [default: the saved one that a listener is writing]
    #[arg(short, long, value_name = "SESSION")]
    pub session: Option<String>,
    /// How many matching requests, with those that came before
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub count: u64,
    /// Only requests that this filter lets through, such as 'path:/stripe status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// For how long
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub timeout: Duration,
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
