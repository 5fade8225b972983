//! The named functions that a template's filters can be.

/// The functions that profiles name as filters, because their rule cannot be said as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `hubspot-unescape`: the escapes that HubSpot decodes in a URL.
    HubspotUnescape,
    /// `contentful-path`: the query escaped twice, as Contentful's package does.
    ContentfulPath,
    /// `contentful-headers`: of a list of header names, `name:value` sorted, joined by semicolons.
    ContentfulHeaders,
    /// `header-values`: of a list of header names, their values joined by dots (hook0).
    HeaderValues,
    /// `paddle-serialise`: form fields sorted, without `p_signature`, as PHP's `serialize` writes an array.
    PaddleSerialise,
    /// `vonage-pairs`: form fields sorted, without `sig`, as `&name=value` with `&` and `=` in values as `_`.
    VonagePairs,
    /// `plivo-url`: Plivo's V3 form of the URL with its query sorted.
    PlivoUrl,
    /// `qq-signature`: the signature that QQ wants over time and token of its validation.
    QqSignature,
    /// `ebay-challenge`: the digest that eBay wants over challenge, verification token and endpoint.
    EbayChallenge,
    /// `cavage-lines`: the lines that a signature of draft-cavage-http-signatures covers.
    CavageLines,
    /// `body-digest`: the Digest header (RFC 3230) that the body should have.
    BodyDigest,
    /// `jws-detached`: what a JSON Web Signature without its payload signs.
    JwsDetached,
    /// `atlassian-qsh`: the canonical form of method and URL of Atlassian Connect.
    AtlassianQsh,
}

impl Function {
    /// All of them with their names and what they do, for the documentation.
    pub const ALL: &[(Self, &str, &str)] = &[
        (
            Self::HubspotUnescape,
            "hubspot-unescape",
            "decodes the twelve escapes of a URL that HubSpot's documentation lists",
        ),
        (Self::ContentfulPath, "contentful-path", "escapes the query of a path as Contentful's package does, twice"),
        (
            Self::ContentfulHeaders,
            "contentful-headers",
            "turns a list of header names into `name:value;name:value`, sorted",
        ),
        (Self::HeaderValues, "header-values", "turns a list of header names into their values, joined by dots (hook0)"),
        (
            Self::PaddleSerialise,
            "paddle-serialise",
            "writes form fields without `p_signature`, sorted, as PHP's `serialize` does",
        ),
        (
            Self::VonagePairs,
            "vonage-pairs",
            "writes form fields without `sig`, sorted, as `&name=value`; `&` and `=` in values become `_`",
        ),
        (
            Self::PlivoUrl,
            "plivo-url",
            "writes a URL with its query decoded and sorted, then the sorted form fields, as Plivo does",
        ),
        (
            Self::QqSignature,
            "qq-signature",
            "signs time and token of QQ's validation with the key that is made from the secret",
        ),
        (
            Self::EbayChallenge,
            "ebay-challenge",
            "makes the digest of challenge, verification token and URL that eBay wants back",
        ),
        (
            Self::CavageLines,
            "cavage-lines",
            "whatever it is applied to: the `name: value` lines that a signature of draft-cavage-http-signatures signs",
        ),
        (
            Self::BodyDigest,
            "body-digest",
            "turns a Digest header into the one that the body should have, with the same algorithms",
        ),
        (
            Self::JwsDetached,
            "jws-detached",
            "puts the body as payload behind the header of a detached JSON Web Signature (RFC 7515 appendix F, RFC 7797)",
        ),
        (
            Self::AtlassianQsh,
            "atlassian-qsh",
            "writes method, path and sorted query of a URL as Atlassian Connect's `qsh` wants them, without the secret's part `base_path`",
        ),
    ];
}
