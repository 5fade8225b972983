//! Where a request goes on to: an origin, and what of the URL joins the request's path.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;

/// A target as the configuration or the command line gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `http://host:port` or `https://host:port`.
    pub origin: String,
    /// What goes out as `Host`: the host, with the port where it is not the scheme's own.
    pub authority: String,
    /// What of its URL joins the request's path.
    pub path: Path,
    /// Whether any certificate is believed.
    pub is_insecure: bool,
    /// Whose certificates are believed in place of those that this system believes.
    pub authorities: Option<Arc<Authorities>>,
    /// Whether the sender's `Host` goes on.
    pub keeps_host: bool,
    /// Whether it gets what logs the sender in, also when it is another machine that the sender did not name.
    pub takes_logins: bool,
}

/// Certificates that the user named: of private authorities, or an app's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorities {
    /// The file that they were read from, for words.
    pub file: String,
    /// Each one (DER).
    pub certificates: Vec<Bytes>,
}

/// What of a target's URL joins the request's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Nothing: the request's path and query go on as they came.
    Captured,
    /// It stands before the request's path; it ends without `/`.
    Before(String),
    /// It stands in place of the request's path; the request's query follows, behind the URL's own where it has one.
    Instead(String),
}

impl Target {
    /// Understands a URL: `http://localhost:3000` (paths go on as they came), `http://localhost:3000/api/` (that stands before
    /// them) or `http://localhost:3000/webhook` (everything goes there).
    ///
    /// # Errors
    /// In words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = url::Url::parse(text).map_err(|error| format!("{error}: expected http://host:port/path"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("the scheme {}: only http:// and https:// can be forwarded to", url.scheme()));
        }
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err("no host: expected http://host:port/path".to_owned());
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "a name or password before @: it would add a header to what came, and stand in every message; \
                        have the app trust this machine instead"
                    .to_owned(),
            );
        }
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or("port 0: expected another one")?;
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        // As it was typed: parsing would resolve dots and encode.
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        let rest = rest.split('#').next().unwrap_or_default();
        let own = rest.find(['/', '?', '\\']).and_then(|at| rest.get(at..)).unwrap_or_default();
        if own.bytes().any(|byte| byte <= b' ' || byte == 0x7f || byte == b'\\') {
            return Err("a blank, a backslash or a control character in its path: write it as %20".to_owned());
        }
        let path = match own {
            "" | "/" => Path::Captured,
            own if own.ends_with('/') && !own.contains('?') => Path::Before(own.trim_end_matches('/').to_owned()),
            own if own.starts_with('?') => Path::Instead(format!("/{own}")),
            own => Path::Instead(own.to_owned()),
        };
        let origin = format!("{}://{host}:{port}", url.scheme());
        Ok(Self {
            origin,
            authority,
            path,
            is_insecure: false,
            authorities: None,
            keeps_host: false,
            takes_logins: false,
        })
    }

    /// The request target for a captured path with its query.
    pub fn join(&self, captured: &[u8]) -> Vec<u8> {
        let query = captured.iter().position(|byte| *byte == b'?').and_then(|at| captured.get(at + 1..));
        // A query without a path, as an absolute target may have it, is one of the root.
        let root: &[u8] = if captured.starts_with(b"?") { b"/" } else { b"" };
        match &self.path {
            Path::Captured => [root, captured].concat(),
            Path::Before(own) if captured.starts_with(b"/") || !root.is_empty() => {
                [own.as_bytes(), root, captured].concat()
            }
            // `*`, of OPTIONS.
            Path::Before(own) => [own.as_bytes(), b"/"].concat(),
            Path::Instead(own) => match query {
                None => own.clone().into_bytes(),
                Some(query) => {
                    let parting: &[u8] = if own.contains('?') { b"&" } else { b"?" };
                    [own.as_bytes(), parting, query].concat()
                }
            },
        }
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl fmt::Display for Target {
    /// As a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls() { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)?;
        match &self.path {
            Path::Captured => Ok(()),
            Path::Before(own) => write!(f, "{own}/"),
            Path::Instead(own) => f.write_str(own),
        }
    }
}
