//! Words of the languages that the targets read, for mutations.

#[rustfmt::skip] // a word a line would be pages
pub const HTTP: &[&str] = &[
    "POST ", "GET ", "CONNECT ", "OPTIONS * ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/2.0\r\n", "\r\n\r\n", "\r\n",
    "\n\n", "Host: x\r\n", "Content-Length: 5\r\n", "Content-Length: 5, 5\r\n", "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: \x0bchunked\r\n", "Connection: close\r\n",
    "Connection: keep-alive\r\n", "Expect: 100-continue\r\n", "Upgrade: h2c\r\n", "Content-Encoding: gzip\r\n",
    "0\r\n\r\n", "5\r\nhello\r\n", "ffffffffffffffff\r\n", "5;ext=\"a\"\r\n", "Trailer: x\r\n",
    "Content-Type: application/json\r\n", "Content-Type: multipart/form-data; boundary=b\r\n",
    "Content-Type: application/x-www-form-urlencoded\r\n", "http://a/", "%h2\n", "%refused why\n", "%truncated\n",
    "%incomplete why\n", "%trailer ", "%raw ", "%answer ", "\x1b[31m", "\u{202e}", "'", "$(", "`", "\\", "!",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

#[rustfmt::skip] // a word a line would be pages
pub const RECORD: &[&str] = &[
    "{\"v\":1,\"event\":\"", "request", "answer", "attempt", "note", "mark", "mode", "\",\"id\":", ",\"at\":\"",
    "\"headers\":[[", "{\"base64\":\"", "\"body_base64\":\"", "\"marks\":[{\"truncated\":1}]", "\"refused\":",
    "2026-11-22T02:30:00.123456Z", "9999-12-31T23:59:60-23:59", "\\ud800", "\\u0000", "18446744073709551615", "1e400",
    "null", "[", "{", "\"v\":2",
];

#[rustfmt::skip] // a word a line would be pages
pub const FILTER: &[&str] = &[
    "method:", "verdict:", "cause:", "provider:", "type:", "delivery:", "peer:", "path:", "header:", "body:",
    "status:", "id:", "size:", "is:", "marked", "refused", "5xx", ">=", "<=", "10kb", "18446744073709551615", " or ",
    " and ", "!", "-", "(", ")", "\"", "*", "\\\"", "://", "none", "valid", "\u{130}", "\u{1e9e}",
];

#[rustfmt::skip] // a word a line would be pages
pub const ODD: &[&str] = &[
    "\x1b[2J", "\x1b]52;c;", "\x07", "\u{9b}", "\u{202e}", "\u{200d}", "\u{fe0f}", "\u{301}", "\u{1f1e9}\u{1f1ea}",
    "\u{1f468}", "\u{1f3fd}", "\u{94d}\u{200d}", "\u{e0041}", "\u{ff9e}", "\u{1100}\u{1161}\u{11a8}", "\u{d4dd}",
    "\u{a8fa}", "\u{e33}", "\u{27e8}", "\u{27e9}", "\u{2028}", "\u{3000}", "\u{ad}", "\u{feff}", "\u{10ffff}",
];

#[rustfmt::skip] // a word a line would be pages
pub const REPLY: &[&str] = &[
    "status=", "delay=", "header=", "body=", "body=@", "body=@@", "never", "reset", "200-json", "delay:5s", "1.5s",
    "250ms", "2m", "Retry-After: 5", "\"", "'", "\\x00", "\\n", "\\\\", "599", "204", "content-length: 1",
    "99999999999999999999s",
];

#[rustfmt::skip] // a word a line would be pages
pub const KEYS: &[&str] = &[
    "ctrl-", "alt-", "shift-", "^", "Enter", "Esc", "Tab", "BackTab", "Space", "PageDown", "F1", "F12", "F13",
    "interrupt", "resend", "quit", "\u{df}", "\u{149}", "\u{130}", "+", "-",
];

#[rustfmt::skip] // a word a line would be pages
pub const BODY: &[&str] = &[
    "application/json\n", "application/xml\n", "text/html\n", "text/plain; charset=utf-16\n",
    "application/octet-stream\n", "application/x-www-form-urlencoded\n", "multipart/mixed; boundary=b\n", "{\"a\":",
    "[[", "]]", "\\u12", "1e999", "007", "<!DOCTYPE a [", "<!--", "-->", "<![CDATA[", "]]>", "<?xml", "&amp;", "&#",
    "<a b='", "\r\n--b\r\n", "--b--", "payload=%7B", "\u{feff}", "\x1b", "\t", "\u{1f468}\u{200d}\u{1f469}",
];

#[rustfmt::skip] // a word a line would be pages
pub const MULTIPART: &[&str] = &[
    "\r\n--b\r\n", "\n--b\n", "--b--", "--b  \t", "\r\n\r\n", "Content-Type: ", "application/json",
    "multipart/mixed; boundary=b", "multipart/mixed; boundary=\"c d\"", "Content-Disposition: form-data; name=\"",
    "filename*=UTF-8''", "\\\"", "--c",
];

#[rustfmt::skip] // a word a line would be pages
pub const SIGNED: &[&str] = &[
    "X-Hub-Signature-256: sha256=", "Stripe-Signature: t=1,v1=", "X-Slack-Signature: v0=",
    "X-Slack-Request-Timestamp: ", "webhook-id: ", "webhook-timestamp: ", "webhook-signature: v1,",
    "X-Twilio-Signature: ", "X-Forwarded-Proto: https\n", "X-Forwarded-Host: ", "Forwarded: host=a;proto=https\n",
    "Authorization: Basic ", "Content-Type: application/json\n", "Content-Type: application/x-www-form-urlencoded\n",
    "X-GitHub-Event: push\n", "{\"id\":", "\\u00e9", "[[[[", "signature=",
];

#[rustfmt::skip] // a word a line would be pages
pub const SCHEME: &[&str] = &[
    "hmac-sha256:", "hmac-md5:", "token:", "ed25519:", "ecdsa-p256:", "rsa-sha256:", "basic:", "header=", "query=",
    "form=", "encoding=", "base64url", "prefix=", "key=", "whsec", "timestamp=", "list:t", "unit=", "rfc3339",
    "http-date", "tolerance=", "list=", "comma/equals", "accept=", "id=", "message=", "{timestamp}", "{body}", "{url}",
    "{json:a.0.*}", "{?a~form:b~c}", "|sha256|hex", "|base64-decode", "|hubspot-unescape", "{{", "}}", "header:", "^=",
    "*=", "!", "params-all", "secret", "recognise: [[", "schemes: [(", "signature: [", "algorithm: ", "Some(",
    "guards: [(",
];

#[rustfmt::skip] // a word a line would be pages
pub const CONFIG: &[&str] = &[
    "(", ")", "[", "]", "{", "}", "//", "/*", "*/", "r#\"", "\"#", "port: ", "bind: ", "limits: (", "body: \"10mb\"",
    "endpoints: [", "path: \"/x\"", "secret: \"env:X\"", "secrets: {", "reply: \"503\"", "keys: {", "ring: (",
    "mouse: false", "Some(", "None", "99999999999999999999", "\\u{110000}", "base: \"dark\"", "palette: {", "ui: (",
    "roles: (", "fg: \"#12345g\"", "bold: true",
];
