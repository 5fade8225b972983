//! Handshakes that name a URL which has to be fetched (SNS): what would be fetched, when the user says so. A stranger can name
//! any URL in such a request, so that nothing is ever fetched by itself.

use bytes::Bytes;

use super::shake::{BODY_BYTES_MAX, find};
use crate::domain::draft::Draft;
use crate::domain::exchange::Request;
use crate::domain::headers::Headers;
use crate::domain::signature::Profiles;
use crate::domain::signature::handshake::HandshakeKind;
use crate::domain::signature::material::Material;

/// A URL that a handshake wants to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Whose handshake, as people write it.
    pub title: String,
    /// The URL: http or https, without blanks or controls.
    pub url: String,
    /// Its host, and its port where one is named.
    pub authority: String,
}

/// A longer URL is nobody's.
const URL_BYTES_MAX: usize = 4096;

impl Visit {
    /// What a request asks to be fetched.
    pub fn of(profiles: &Profiles, request: &Request) -> Option<Self> {
        if request.body.bytes.len() > BODY_BYTES_MAX || request.refused().is_some() {
            return None;
        }
        let shake = find(profiles, None, request).filter(|shake| shake.handshake.kind == HandshakeKind::Visit)?;
        let value = Material::new(request).value(&shake.handshake.value.as_ref()?.0)?;
        let url = std::str::from_utf8(&value).ok()?.to_owned();
        let is_plain = |byte: u8| byte.is_ascii_graphic();
        let parsed = url::Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = parsed.host_str().filter(|host| !host.is_empty())?;
        if url.len() > URL_BYTES_MAX || !url.bytes().all(is_plain) || !parsed.username().is_empty() {
            return None;
        }
        let authority = parsed.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(Self { title: shake.profile.title.clone(), url, authority })
    }

    /// The request that fetches it. Nothing of what was captured goes with it.
    pub fn draft(&self) -> Draft {
        let agent = concat!("hooksight/", env!("CARGO_PKG_VERSION"));
        let headers =
            Headers::from_pairs([("Host", self.authority.as_str()), ("User-Agent", agent), ("Accept", "*/*")]);
        Draft { method: Bytes::from_static(b"GET"), url: self.url.clone().into(), headers, body: Bytes::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::tests::request;

    #[test]
    fn only_a_whole_web_address_is_offered() {
        let of = |url: &str| {
            let body = serde_json::json!({"Type": "SubscriptionConfirmation", "SubscribeURL": url}).to_string();
            let headers = [("x-amz-sns-message-type", "SubscriptionConfirmation")];
            Visit::of(Profiles::builtin(), &request("POST", "/", &headers, body.as_bytes()))
        };
        let visit = of("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336").unwrap();
        assert_eq!(visit.authority, "sns.us-east-1.amazonaws.com");
        let text = visit.draft().to_text();
        assert!(
            text.starts_with("GET https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336\n"),
            "{text}"
        );
        assert!(text.contains("\nHost: sns.us-east-1.amazonaws.com\n"), "{text}");
        assert_eq!(of("http://127.0.0.1:99/x").unwrap().authority, "127.0.0.1:99");
        for wrong in
            ["", "file:///etc/passwd", "/x", "https://", "https://a b/", "https://user@host/", "https://x/\r\nA: b"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        let other = request("POST", "/", &[("X-GitHub-Event", "push")], br#"{"SubscribeURL":"https://x.example/"}"#);
        assert_eq!(Visit::of(Profiles::builtin(), &other), None);
    }
}
