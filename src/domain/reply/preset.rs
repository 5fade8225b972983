//! The replies that have a name.

/// A reply with a name, for `--respond`, the configuration, the chooser and the docs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// What one writes.
    pub name: &'static str,
    /// What the sender sees.
    pub words: &'static str,
    /// The reply in the language of [`super::Reply::parse`], written out.
    pub text: &'static str,
}

const fn preset(name: &'static str, words: &'static str, text: &'static str) -> Preset {
    Preset { name, words, text }
}

/// All presets, in the order in which they are shown. The redirects lead back to this listener, so that a sender that follows
/// them is seen doing it.
pub const PRESETS: &[Preset] = &[
    preset("200", "OK, empty body", "status=200"),
    preset("200-json", "OK, JSON body", r#"status=200 header="Content-Type: application/json" body='{"ok":true}'"#),
    preset("201", "Created", "status=201"),
    preset("202", "Accepted: will do it later", "status=202"),
    preset("204", "No Content", "status=204"),
    preset("301", "Moved Permanently, to /moved", r#"status=301 header="Location: /moved""#),
    preset("302", "Found, at /found", r#"status=302 header="Location: /found""#),
    preset("307", "Temporary Redirect: same method, to /temporary", r#"status=307 header="Location: /temporary""#),
    preset("400", "Bad Request", "status=400"),
    preset("401", "Unauthorized", r#"status=401 header="WWW-Authenticate: Bearer""#),
    preset("403", "Forbidden", "status=403"),
    preset("404", "Not Found", "status=404"),
    preset("409", "Conflict", "status=409"),
    preset("410", "Gone: many senders then stop for good", "status=410"),
    preset("413", "Content Too Large", "status=413"),
    preset("422", "Unprocessable Content", "status=422"),
    preset("429", "Too Many Requests, Retry-After 30 s", r#"status=429 header="Retry-After: 30""#),
    preset("500", "Internal Server Error", "status=500"),
    preset("502", "Bad Gateway", "status=502"),
    preset("503", "Service Unavailable", "status=503"),
    preset("delay:5s", "200 after five seconds", "status=200 delay=5s"),
    preset("delay:30s", "200 after thirty seconds: most senders give up", "status=200 delay=30s"),
    preset("never", "silence until the sender gives up", "never"),
    preset("reset", "connection reset instead of an answer", "reset"),
    preset("forward", "what your own app answers (--forward URL)", "forward"),
];

/// A reply of each kind, to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text of a reply.
    pub text: &'static str,
    /// What it does.
    pub words: &'static str,
}

const fn example(text: &'static str, words: &'static str) -> Example {
    Example { text, words }
}

/// All kinds of replies, one each.
pub const EXAMPLES: &[Example] = &[
    example("503 retry-after=5s", "a status with Retry-After"),
    example(r#"200 header="X-A: b" body='{"ok":true}'"#, "a header and a body"),
    example("200 body=@FILE", "a body from a file"),
    example("200 template='{{ request.json.id }}'", "a body made from the request"),
    example("200 template=@FILE", "a template from a file"),
    example("200 echo", "the request's own body"),
    example("302 redirect=https://example.com/", "a redirect"),
    example("200 delay=5s", "late"),
    example("200 delay=1s..3s", "late by a time between two"),
    example("200 delay=lognormal:300ms/0.8", "late as real services are"),
    example("200 body='0123456789' drip=2", "slow: bytes a second"),
    example("200 body='0123456789' fault=cut", "half of the body, then the end"),
    example("200 body=short length=99", "a Content-Length that is wrong"),
    example("never delay=0s", "silence until the sender gives up"),
    example("reset delay=2s", "a connection reset"),
    example("close", "the connection's end without an answer"),
    example("garbage", "bytes that are no HTTP"),
    example("fail 500 x2, timeout 20s, reset, then 200", "a script, for each delivery by itself"),
];

/// The preset of that name.
pub(super) fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name.eq_ignore_ascii_case(name))
}
