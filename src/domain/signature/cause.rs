//! Why an outcome is not `valid`: a closed set of stable words, each with its paragraph for docs/signatures.md.

/// Declares the causes once: variant, word, paragraph. The order is that of the documentation.
macro_rules! causes {
    ($($variant:ident $word:literal $title:literal $text:literal)*) => {
        /// Why an outcome is not `valid`, as one stable kebab-case word. Causes are added, none is renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Cause {
            $(#[doc = $title] $variant,)*
        }

        impl Cause {
            /// Every cause, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it means, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it means and what to do: the paragraph of docs/signatures.md.
            pub const fn paragraph(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

causes! {
    NoSecret "no-secret" "The secret is not known."
        "Nothing was checked. Give the secret that the provider shows for this webhook: `--secret` for a command or the listener, a `secrets` entry in the configuration, or the key `s` on the request in the interface."
    NoProvider "no-provider" "No profile fits the request."
        "None of the known providers is recognised by the request's headers. Name one with `--scheme`, or describe your own scheme (see \"Your own scheme\" above)."
    BodyIncomplete "body-incomplete" "The kept body is not all that was sent."
        "The body went over the size limit, or the sender left before its end. A signature covers the whole body, so it cannot be told whether it was right. Raise the limit (`--max-body`) and let the provider send again."
    NotARequest "not-a-request" "What arrived never became a request."
        "The bytes that arrived were refused before a request could be read from them, so there is nothing to check."
    Handshake "handshake" "Not signed by design: a handshake."
        "By its provider's documentation this request (a challenge, a validation, a first call to a new endpoint) is not signed, so there is nothing to check, whatever secrets are set. Anybody can send one: give nothing away in the answer that is not in the request. `verify` does not count it as a failure."
    SecretMalformed "secret-malformed" "The secret cannot be turned into a key."
        "The scheme wants the secret in a certain form (base64, hex, a public key in PEM), and the one that is set cannot be read as that; nor did any other reading of it fit. Copy it again from where the provider shows it."
    SignatureMissing "signature-missing" "The request carries no signature."
        "The header (or field) that this provider puts its signature into is not there. Usually no secret is set for the webhook at the provider; sometimes a proxy on the way drops headers that it does not know."
    SignatureEmpty "signature-empty" "The signature is there, and empty."
        "The header that carries the signature came without a value. Some senders do that when no secret is set for the webhook."
    WrongHeader "wrong-header" "The right signature came under another header name."
        "A header that the scheme does not name holds the signature that was expected. Something on the way renamed it, or the scheme names another header than the sender uses."
    SignatureMalformed "signature-malformed" "The signature cannot be read."
        "The header is there, but what it holds is not what this provider sends: wrong length, characters outside hex or base64, or a list without the expected names, and no part of the right signature either. It was made by another rule, or by hand."
    SignatureTruncated "signature-truncated" "The signature is the right one, but only a part of it came."
        "What came is the beginning of the right signature (or its end, or the right one with its middle replaced by dots, or without leading zeros). A matching part proves that secret and signed bytes are right; of a signature with a public key the length alone is known, which proves the cut and nothing else. Something cut it: a database column or variable that is too short, a log line or a table that it was copied from, a proxy's limit for headers, a number format that drops zeros. Pass on the whole value."
    SignatureWrapped "signature-wrapped" "The signature is the right one, with other characters round it or in it."
        "The right signature stands in quotes, blanks, brackets or line ends, or has such characters in it. Secret and signed bytes are right. The value was printed as JSON, read from a file with its line end, or folded at a column; have the sender write it bare."
    SignatureAltered "signature-altered" "The signature is the right one but for some characters."
        "Too many characters are those of the right signature for that to be chance, so secret and signed bytes are right, and the signature itself was changed: by hand, as a test of the receiver, or by a conversion to capital or small letters where these count. The Signature tab shows where the two differ."
    SignaturePrefix "signature-prefix" "The digest is right, its prefix is not."
        "The value is the right digest, but the prefix that the scheme demands (like `sha256=`) is missing, or another stands in front of it."
    SignatureVersion "signature-version" "No signature of the right version is in the header."
        "The header lists signatures under version names, and none under the name that counts. Stripe's `v0` is a test scheme, for example, and never enough."
    SignatureRepeated "signature-repeated" "A signed header or field came several times, and receivers read that differently."
        "The header of the signature (or another that it rests on) stands in the request more than once. Go and Java read the first line, Node, Python and Ruby all of them joined by commas, so that one receiver takes this request and another refuses it. It is valid only when it is for all of them. The same goes for a named item of the signature's header (a second `t=`) and for a field of a form or query that stand there twice with different values: some receivers take the first, others the last. The detail says which line fits, or what came twice. Look for a proxy that adds the header anew instead of replacing it, or a sender that signs twice; send it once."
    SignatureOfAnotherRequest "signature-of-another-request" "The signature belongs to another request of this session."
        "Either the signature fits the body of another captured request, so that bodies were mixed up between signing and here; or another request carries the very same signature and holds, so that it was put on this one a second time. The detail names that request. Looked for among the nearest requests of the session, those of the same path first, once nothing else explains the failure. A shared buffer, a queue that keeps headers and bodies apart, or a loop that signs one event and sends the next mixes bodies up; a signature that is used again comes of kept headers, or of somebody who replays it."
    SignaturePartial "signature-partial" "Only some of several signatures fit."
        "The request carries several signatures, or several items that are each signed, and some of them fit while one that has to fit does not. The detail says which. The secret is right: something changed a part of the request on the way, or one of the signatures is made by another rule."
    TimestampMissing "timestamp-missing" "The signed timestamp is not there."
        "The scheme signs a timestamp, and the request does not carry it. Without it the signature cannot be checked."
    ValueMissing "value-missing" "Something that is signed is not there."
        "The scheme signs a header or field beside the body (the id of the delivery, `Signature-Input`), and the request does not carry it. Without it the signature cannot be checked: look for a proxy that drops headers which it does not know, or a sender that left it out."
    TimestampMalformed "timestamp-malformed" "The timestamp cannot be read."
        "The timestamp is there, but it is not a time in the form that this provider sends."
    TimestampStale "timestamp-stale" "The signature is right, but too old."
        "The signature fits, and its timestamp lies further in the past than the provider's tolerance. Normal for a saved request that is sent or checked again later (sign it anew); when it was that old on arrival already, look for a queue on the way, the sender's clock, or a replay."
    TimestampFuture "timestamp-future" "The signature is right, but from the future."
        "The signature fits, and its timestamp lies further in the future than the provider's tolerance. One of the two clocks is wrong: check NTP on this computer."
    TimestampUnit "timestamp-unit" "The timestamp is in another unit."
        "The signature fits, but its timestamp is written in another unit than the scheme says: milliseconds read as seconds lie tens of thousands of years ahead, seconds read as milliseconds in January 1970. Or it was signed in another unit or form than it is sent in: sign the text of the timestamp as it is sent."
    TimestampAltered "timestamp-altered" "The timestamp is not the one that was signed."
        "The signature fits a timestamp a few seconds (or milliseconds) from the one that came, so that secret and body are right. Mostly a sender of one's own that reads the clock twice, once for the signature and once for the header; or somebody changed it to make an old delivery look fresh."
    OtherSecret "other-secret" "Another configured secret fits."
        "The request is signed with a secret that you have configured, but for another endpoint or mode (test and live, an old and a new one). The detail names it."
    SecretWhitespace "secret-whitespace" "The secret has blanks or a line end that do not belong to it, or lost one."
        "The signature fits when blanks, tabs or line ends around the secret (or invisible characters in it) are removed, or when a blank, tab or line end is added that the sender had set with it. Files read without trimming and copied cells do this."
    SecretQuotes "secret-quotes" "The secret is wrapped in quotes or an assignment."
        "The signature fits when the quotes or brackets around the secret, the `NAME=` before it, or the JSON that it stands in are removed, or when they are added because the sender took them for a part of it. An environment file or the answer of a secret store was read as plain text."
    SecretPrefix "secret-prefix" "The secret's prefix was kept, or taken away, wrongly."
        "The signature fits when the prefix of the secret (like `whsec_`) is kept where this provider strips it, or stripped where it keeps it, or completed where it was cut off."
    SecretEncoding "secret-encoding" "The secret was decoded where it is text, or the other way round."
        "The signature fits when the secret is used as text, or decoded from hex, base64 or base64url, or without URL or JSON escapes: another reading than the scheme's. The detail says which one fits."
    SecretUnset "secret-unset" "The sender signed with no secret, or with what stands for one."
        "The signature fits with an empty key, with the word that a program prints for nothing (`undefined`, `null`, `None`), or with the name of a variable that was never put in (`$GITHUB_SECRET`). Set the secret at the sender, and let it stop when there is none: anybody can sign so. Such a signature is never valid."
    SecretAltered "secret-altered" "The secret is the right one but for its case, an end, or being there twice or with others."
        "The signature fits with the secret in small or capital letters, without its first or last character, pasted twice, or with one of several that stand in one text. Sender and check do not have the same text: copy it again from where the provider shows it, whole and once."
    SecretWrongKind "secret-wrong-kind" "This is another kind of key."
        "The secret looks like another key of the same provider (an API key, a publishable key, the id of the webhook), which never signs webhooks; or it is none at all: the private half of a key pair, a variable that nobody put in, a masked copy. The detail says which, and where the right one is found."
    SecretTestKey "secret-test-key" "Signed with the provider's documented test secret."
        "The provider's \"send test\" signs with a fixed, public secret instead of yours. Real deliveries will be signed with yours."
    BodyJsonRewritten "body-json-rewritten" "The JSON was parsed and written again."
        "The signature fits the same JSON written another way (compact, with blanks, indented, sorted keys). Something between sender and check parsed the body and wrote it again. On the way here that is a proxy, gateway or forwarder, which has to pass the body on as it is; in a receiver it is the framework, before the handler sees the body: check the raw bytes, before any JSON parser."
    BodyEscapes "body-escapes" "Characters in the JSON were escaped, or unescaped."
        "The signature fits the same JSON with other escapes: `\\uXXXX` for non-ASCII or for `<`, `>` and `&`, `\\/` for a slash, HTML entities, or backslashes before its quotes. Something decoded and encoded it again: a proxy on the way, or the framework before the handler. Check the raw bytes."
    BodyNewline "body-newline" "A line end at the end of the body was added or lost."
        "The signature fits the body with one more, or without, the blanks, line ends or zero bytes at its end. Editors, `echo` and `trim()` do this."
    BodyLineEnds "body-line-ends" "Line ends were converted."
        "The signature fits the body with CRLF in place of LF, or the other way round. The body went through a text conversion."
    BodyCharset "body-charset" "The body's characters were converted."
        "The signature fits the body in another character encoding, or with or without a byte order mark. It was decoded and encoded again with the wrong charset."
    BodyBase64 "body-base64" "The body is wrapped in base64."
        "The signature fits the bytes that the body's base64 stands for. A gateway wrapped the body: decode it first (API Gateway and Lambda: `isBase64Encoded`)."
    BodyCompressed "body-compressed" "Compressed and plain bytes were mixed up."
        "The signature fits the body after its content coding is undone. It was signed before it was compressed: check it after decompressing."
    BodyForm "body-form" "The form field was signed, not the form (or the form, not the field)."
        "The signature fits the decoded `payload` field of the form, the name of its only field, or the form made from this body. Senders differ: GitHub signs the form's bytes, Gitea the JSON before it was put into the form."
    BodyFormRewritten "body-form-rewritten" "The form was decoded and encoded again."
        "The signature fits the same form written another way: `+` or `%20`, other escapes, empty fields dropped or kept, repeated fields kept or merged."
    BodyEmpty "body-empty" "An empty body was signed."
        "The signature fits an empty body. The check (or the signing) ran without the body: read twice, or not yet there."
    BodyObjectText "body-object-text" "The text form of an object was signed."
        "The signature fits what a program prints for the parsed body (`[object Object]`, a Python dict) or the body as a JSON string, not the body's bytes. Sign the bytes that are sent."
    BodyMalformed "body-malformed" "The fields that are signed are right, but the body is not JSON as a whole."
        "The provider puts the signature into the JSON body and signs some of its fields, and these hold. But the body around them is no JSON in UTF-8: cut off, with something behind its end, or changed in a place that is not signed. Every receiver parses the body before it looks for the signature, and refuses this one. The detail says where the parser stops. Look for what cuts, adds to or rewrites the body on the way."
    BodyMissing "body-missing" "No body came."
        "The request came without its body, or with the text that a program prints in its place (`[object Object]`), and the signature does not fit that. Something on the way, or the sender's own code, read the body and did not pass it on. Whether the secret is right cannot be told from such a request: look at what sends it, and send it again."
    BodyCut "body-cut" "The body ends in the middle."
        "The JSON that came ends before it is closed, and the signature does not fit it: its end was lost on the way (a limit of a proxy, a column that is too short, a stream that was read once only in part). Whether the secret is right cannot be told from such a request. Send the whole body again."
    BodyHash "body-hash" "The digest of the body does not fit the body."
        "The request carries a digest of its body (like Twilio's `bodySHA256`), and the body that came has another one. It was changed on the way."
    UrlHash "url-hash" "The digest of the URL does not fit the URL."
        "The signature fits, and it carries a digest of the URL that the sender called (like MessageBird's `url_hash`), which is not that of the URL of this check, nor of any URL that can be made from the request. Give `--public-url` as it is set at the provider."
    UrlScheme "url-scheme" "The signed URL has another scheme."
        "The signature fits with `https` for `http`, or the other way round. A proxy ends TLS before the check: set the public URL."
    UrlHost "url-host" "The signed URL has another host."
        "The signature fits another host: the one in a forwarding header, or with or without `www.`. Set the public URL to the one that the provider calls."
    UrlPort "url-port" "The signed URL has another port."
        "The signature fits with the port left out, or with another one. Set the public URL as the provider knows it."
    UrlPath "url-path" "The signed URL has another path."
        "The signature fits another path: one in a forwarding header, that of the public URL, or this one with other percent-escapes. A proxy changes the path on the way."
    UrlSlash "url-slash" "The signed URL has one slash more or less at its end."
        "The signature fits with a slash added to the end of the path, or taken from it. A router or proxy did that: give the whole URL, as it is set at the provider, as `--public-url`."
    UrlQuery "url-query" "The signed URL has another query."
        "The signature fits with the query left out, in another order, or with other escapes. The check takes the query as it came, so no setting mends this: have the proxy pass path and query on unchanged, or set at the provider the URL that arrives."
    UrlUnknown "url-unknown" "The scheme signs the public URL, which is not known."
        "This provider signs the URL that it calls. No public URL is set, and the URLs that can be made from the request do not fit: either the URL is another, or the secret is. Give `--public-url` as it is set at the provider."
    MethodDiffers "method-differs" "The signed request has another method."
        "The provider signs the HTTP method, and the signature fits another one than that of the request (`POST` for `PUT`), or another spelling of it (`post`). The sender signs another method than it sends, or something on the way changed it: a redirect that was followed with another method, a proxy. Have the method signed that is sent, in capital letters."
    AlgorithmDiffers "algorithm-differs" "Another algorithm was used."
        "The signature fits with another algorithm than the scheme's (SHA-1 for SHA-256, a plain digest for an HMAC)."
    EncodingDiffers "encoding-differs" "The digest is written in another encoding."
        "The digest is right, but written in another encoding than the scheme's (base64 for hex, the base64 of the hex text, no padding)."
    MessageDiffers "message-differs" "Other pieces, or another order of them, were signed."
        "The signature fits another join of body, timestamp and id than the scheme's. The sender follows another version of the scheme, or signs by hand: have it join the pieces as the scheme says, or describe its own rule with `--scheme`."
    TokenRefused "token-refused" "The token or message signature asks for what is not allowed."
        "A JSON Web Token or HTTP message signature names its own algorithm, and this one names none (`none`), one that the provider does not use, or one of another kind than the key; or it leaves out what the provider signs. A token that chooses its own rule proves nothing."
    TokenClaim "token-claim" "The token says something else than it must."
        "The token's signature fits, but a claim in it (issuer, audience, or one that must be there) is not what this provider sends. It was made for another receiver, or by another sender."
    KeyPlace "key-place" "The key is said to lie at a place that is not the provider's."
        "The signature fits the key that is set here, but the request names a URL for the key that does not belong to the provider. A receiver that fetches the key from there would believe anybody."
    KeyId "key-id" "The key that the request names is not the one that fits, or is not among those given."
        "A token or message signature names the key that it was made with (`kid`, `keyid`), and a receiver takes that one of the provider's key set and no other. Here another key of the set verifies it, or the one that is named is not in the set. In the first case the sender labels its signatures wrongly, or the set has its names mixed up; in the second the provider has new keys (fetch the set anew), or this is the set of another environment. The detail says which key was named, which there are, and which one verifies."
    OtherProvider "other-provider" "This is another provider's request."
        "The request's headers are those of another provider than the one that the check was made for, or the signature fits by another provider's rule with this very secret. Name the right one with `--scheme` (or as the endpoint's provider), or look at which URL is set at the provider."
    TokenMismatch "token-mismatch" "The token is not the configured one."
        "This provider sends a shared token instead of a signature, and the one that came is not the one that is set here."
    SignatureMismatch "signature-mismatch" "The signature does not fit, and no known variant explains it."
        "The exact rule fails, and so did every variant that was tried (the Signature tab lists them). A wrong secret and a changed body look the same from here: check first that the secret is the one of this very webhook and mode, then that nothing between the sender and here changes the body; where the URL is signed, the URL before both."
}

#[cfg(test)]
mod tests;
