//! Answers that are wrong on purpose, as they go over the wire past hyper.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::domain::reply::{Fault, Reply};

/// No HTTP, no TLS, nothing that a client could take for an answer.
pub const GARBAGE: &[u8] = b"\x00\xfe\x13\x37 this is no HTTP answer \xff\xff\x80\x81\r\n\r\n\x00\x01\x02\x03\x04\x05";

/// The head of an HTTP/1.1 answer with this `Content-Length`.
pub fn head(reply: &Reply, content_length: u64) -> Vec<u8> {
    let reason = StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason()).unwrap_or("");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", reply.status).into_bytes();
    for header in &reply.headers {
        head.extend_from_slice(&header.name);
        head.extend_from_slice(b": ");
        head.extend_from_slice(&header.value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(format!("content-length: {content_length}\r\n\r\n").as_bytes());
    head
}

/// The first half of a body: less than all of it, unless there is none.
pub fn half(body: &Bytes) -> &[u8] {
    body.get(..body.len() / 2).unwrap_or_default()
}

/// The same for HTTP/2, where hyper has to write it: a body that ends too early by an error (the stream is reset), or whose
/// length nobody is told.
#[derive(Debug)]
pub struct WrongBody {
    data: Option<Bytes>,
    /// Until it breaks off. A reset takes back what still waits to be written: what leaves before it needs a moment.
    breaks: Option<Pin<Box<Sleep>>>,
}

/// How long what leaves before a stream is reset has for that.
const BEFORE_RESET: Duration = Duration::from_millis(50);

impl WrongBody {
    /// Of a reply with [`Fault::Cut`] or [`Fault::WrongLength`].
    pub fn new(reply: &Reply) -> Self {
        let breaks = reply.fault == Some(Fault::Cut);
        let data = if breaks { Bytes::copy_from_slice(half(&reply.body)) } else { reply.body.clone() };
        let breaks = breaks.then(|| Box::pin(tokio::time::sleep(BEFORE_RESET)));
        Self { data: Some(data).filter(|data| !data.is_empty()), breaks }
    }
}

/// It is cut.
#[derive(Debug, thiserror::Error)]
#[error("cut, as the rule asked")]
pub struct CutShort;

impl Body for WrongBody {
    type Data = Bytes;
    type Error = CutShort;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        let Some(breaks) = &mut self.breaks else { return Poll::Ready(None) };
        ready!(breaks.as_mut().poll(cx));
        self.breaks = None;
        Poll::Ready(Some(Err(CutShort)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
