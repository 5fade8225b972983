//! Turning a sender away: an answer that says when to come back, and the end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// RFC 9110 sections 15.6.4 and 10.2.3.
const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 30\r\n\
    retry-after: 1\r\nconnection: close\r\n\r\nToo many connections are open\n";
/// Senders whose connection stays a moment longer, so that they can read the answer.
const LINGERING_MAX: usize = 8;
/// For how long.
const LINGER: Duration = Duration::from_millis(500);
/// How much is read and dropped meanwhile.
const LINGER_BYTES_MAX: usize = 256 * 1024;

static LINGERING: AtomicUsize = AtomicUsize::new(0);

/// Answers and closes. Closing on bytes that were not read would destroy the answer on its way (RFC 9112 section 9.6): so they
/// are read, as long as not too many are turned away at once.
pub fn turn_away(stream: TcpStream) {
    if LINGERING.fetch_add(1, Ordering::Relaxed) >= LINGERING_MAX {
        LINGERING.fetch_sub(1, Ordering::Relaxed);
        return turn_away_now(&stream);
    }
    tokio::spawn(async move {
        let _counted = Counted;
        let _ = tokio::time::timeout(LINGER, linger(stream)).await;
    });
}

/// Answers as far as that needs no waiting; to be closed at once.
pub fn turn_away_now(stream: &TcpStream) {
    let mut scratch = [0; 16 * 1024];
    let _ = stream.try_read(&mut scratch);
    let _ = stream.try_write(ANSWER);
}

async fn linger(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(ANSWER).await?;
    stream.shutdown().await?;
    let mut scratch = vec![0; 16 * 1024];
    let mut left = LINGER_BYTES_MAX;
    while left > 0 {
        match stream.read(&mut scratch).await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}

struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        LINGERING.fetch_sub(1, Ordering::Relaxed);
    }
}
