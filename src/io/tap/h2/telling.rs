//! What is told of requests that came to nothing, and of connections.

use bytes::Bytes;

use crate::domain::exchange::HttpVersion;
use crate::domain::time::Timestamp;
use crate::io::tap::head::{Head, Refusal};

use super::frame::{Broken, Code, SETTINGS, WINDOW_UPDATE};
use super::streams::{Stage, Stream};
use super::written::Written;
use super::{Parser, REFUSED_BYTES_MAX, ROWS_MAX};

impl Parser {
    /// The connection is over: what was never told. `reason` is why it ended, for what has no better one.
    pub fn leftovers(&mut self, reason: Option<&str>) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let block = self.block.take();
        let reason = self.fault.as_ref().map(|fault| &*fault.broken.reason).or(reason).map(str::to_owned);
        // The reason is told with the request of the stream, where it has one to come.
        let is_told = self.is_told
            || self.fault.as_ref().is_some_and(|fault| {
                let stream = self.streams.get(u64::from(fault.stream));
                let is_to_come = |stream: &Stream| match stream.stage {
                    Stage::Waiting { .. } => true,
                    Stage::Claimed => !stream.ended,
                    Stage::Sealed | Stage::Answering { .. } => false,
                };
                fault.broken.code != Code::ENHANCE_YOUR_CALM && stream.is_some_and(is_to_come)
            });
        for stream in self.streams.take_waiting_below(u32::MAX) {
            refusals.extend(self.refuse(stream, reason.as_deref()));
        }
        if let Some(fault) = self.fault.as_mut().filter(|_| !is_told) {
            let (raw, head) = (std::mem::take(&mut fault.raw), fault.head.take());
            let (first_byte, broken) = (fault.first_byte, fault.broken.clone());
            let reason = self.with_counts(broken);
            refusals.push(of_connection(first_byte, raw, head, reason));
        } else if let Some(block) = block.filter(|_| !is_told) {
            let why = reason.unwrap_or_else(|| "the sender closed the connection".to_owned());
            let reason = format!("{why}: the header block is not whole (RFC 9113 section 4.3)");
            let head = self.decode_part(&block);
            refusals.push(of_connection(block.begun, cut(&block.bytes), head, reason));
        }
        self.is_told = true;
        if self.unsaid > 0 {
            let (unsaid, first_byte) = (std::mem::take(&mut self.unsaid), self.frame_begun);
            let reason = format!("{unsaid} more requests on this connection were refused like those before");
            refusals.push(of_connection(first_byte, Vec::new(), None, reason));
        }
        refusals
    }

    pub(super) fn about_to_write(&mut self, written: Written, refusals: &mut Vec<(Refusal, Option<u16>)>) {
        let (stream, code, status) = match written {
            Written::Reset { stream, code } => (stream, code, None),
            Written::Headers { stream, .. } => (stream, Code::REFUSED_STREAM, Some(431)),
            Written::GoAway { code, text } if code != Code::NO_ERROR && !self.is_told => {
                self.is_told = true;
                refusals.extend(self.lost(code, &text).into_iter().map(|refusal| (refusal, None)));
                return;
            }
            _ => return,
        };
        let Some(known) = self.streams.get_mut(u64::from(stream)) else { return };
        match &known.stage {
            // One that hyper takes up later all the same is told then.
            Stage::Waiting { verdict, .. } if verdict.is_some() || code == Code::REFUSED_STREAM => {}
            _ => {
                let reason = || format!("the stream was reset: {}", code.name());
                known.reset.get_or_insert_with(reason);
                return;
            }
        }
        let reason = match status {
            Some(_) => "the head is larger than the limit",
            None => "more streams at a time than allowed: it may be sent again (RFC 9113 section 5.1.2)",
        };
        if let Some(known) = self.streams.remove(u64::from(stream)) {
            refusals.extend(self.refuse(known, Some(reason)).map(|refusal| (refusal, status)));
        }
    }

    /// hyper ends the connection.
    fn lost(&mut self, code: Code, text: &str) -> Vec<Refusal> {
        let flood = match text {
            "too_many_resets" => Some("a rapid reset: too many streams were reset before they were taken up"),
            "too_many_internal_resets" => Some("too many streams broke a rule and had to be reset"),
            "too_many_data_frames" => Some("a flood of small DATA frames"),
            "too_many_continuations" => Some("a flood of CONTINUATION frames"),
            _ => None,
        };
        let reason = match (flood, self.suspect.take(), code) {
            (Some(flood), ..) => format!("{flood} (RFC 9113 section 10.5)"),
            (None, Some(suspect), _) => suspect,
            (None, None, Code::FLOW_CONTROL_ERROR) if matches!(self.frame.kind, WINDOW_UPDATE | SETTINGS) => {
                "a flow-control window over 2,147,483,647 bytes (RFC 9113 section 6.9.1)".to_owned()
            }
            (None, None, Code::FLOW_CONTROL_ERROR) => {
                "more bytes than the flow-control window allows (RFC 9113 section 6.9.1)".to_owned()
            }
            _ => format!("the HTTP/2 connection was ended: {} {text}", code.name()).trim_end().to_owned(),
        };
        let waiting = self.streams.take_waiting_below(u32::MAX);
        let is_verdict = |stream: &Stream| matches!(&stream.stage, Stage::Waiting { verdict: Some(_), .. });
        let is_explained = flood.is_none() && (waiting.iter().any(is_verdict) || self.streams.is_troubled());
        let mut refusals: Vec<Refusal> =
            waiting.into_iter().filter_map(|stream| self.refuse(stream, Some(&reason))).collect();
        self.suspect = Some(reason.clone());
        if !is_explained {
            let raw = [&self.head[..], &self.payload].concat();
            let reason = self.with_counts(Broken { code, reason });
            refusals.push(of_connection(self.frame_begun, cut(&raw), None, reason));
        }
        refusals
    }

    /// The reason for the row of a connection: for a flood with what there was of it.
    fn with_counts(&self, Broken { code, reason }: Broken) -> String {
        match code {
            Code::ENHANCE_YOUR_CALM => {
                let Self { opened, resets, .. } = self;
                format!("{reason}; {opened} streams were opened and {resets} resets sent on this connection")
            }
            _ => reason,
        }
    }

    /// A request that hyper never showed. `None` when there were many already: it is counted.
    pub(super) fn refuse(&mut self, stream: Stream, reason: Option<&str>) -> Option<Refusal> {
        let Stage::Waiting { head, verdict } = stream.stage else { return None };
        self.rows += 1;
        if self.rows > ROWS_MAX {
            self.unsaid += 1;
            return None;
        }
        let behind_head = || stream.trouble.or(stream.reset.map(|reset| format!("{reset} before it was taken up")));
        let reason = verdict
            .map(|verdict| verdict.reason)
            .or_else(behind_head)
            .or_else(|| reason.map(str::to_owned))
            .unwrap_or_else(|| "the connection ended before the request was taken up".to_owned());
        Some(of_connection(head.first_byte, Vec::new(), Some(*head), reason))
    }
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..REFUSED_BYTES_MAX).unwrap_or(bytes).to_vec()
}

fn of_connection(first_byte: Timestamp, raw: Vec<u8>, head: Option<Head>, reason: String) -> Refusal {
    let raw = Bytes::from(raw);
    Refusal { first_byte, raw, version: HttpVersion::Http2, request_line: None, reason: Some(reason), head }
}
