//! The line of a request, version 1.

use serde::Deserialize;

use super::fields::{MarkLineV1, Text, Time, body, bytes, headers, malformed, marks, optional_bytes, version};
use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::record::event::RecordError;

#[derive(Deserialize)]
pub(super) struct RequestV1 {
    id: u64,
    at: Time,
    #[serde(default)]
    complete_us: u64,
    peer: Option<String>,
    http: String,
    method: Option<String>,
    method_base64: Option<String>,
    target: Option<String>,
    target_base64: Option<String>,
    #[serde(default)]
    headers: Vec<(Text, Text)>,
    #[serde(default)]
    pseudo: Vec<(Text, Text)>,
    #[serde(default)]
    trailers: Vec<(Text, Text)>,
    #[serde(default)]
    marks: Vec<MarkLineV1>,
    raw_head: Option<String>,
    raw_head_base64: Option<String>,
    size: Option<u64>,
    body: Option<String>,
    body_base64: Option<String>,
}

impl RequestV1 {
    pub(super) fn into_domain(self) -> Result<Request, RecordError> {
        let peer = self.peer.map(|peer| peer.parse().map_err(|_| malformed("a peer that is no address")));
        Ok(Request {
            id: ExchangeId(self.id),
            peer: peer.transpose()?,
            first_byte: self.at.0,
            body_complete_us: self.complete_us,
            version: version(&self.http)?,
            method: bytes(self.method, self.method_base64)?,
            target: bytes(self.target, self.target_base64)?,
            headers: headers(self.headers),
            pseudo: headers(self.pseudo),
            raw_head: optional_bytes(self.raw_head, self.raw_head_base64)?,
            body: body(self.size, self.body, self.body_base64)?,
            trailers: headers(self.trailers),
            marks: marks(self.marks),
        })
    }
}
