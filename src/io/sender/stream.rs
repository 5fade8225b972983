//! An open connection, with or without TLS, as the sender uses it.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionread;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// An open way to the target.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// What the socket has that was not read. Asks the system, past what the runtime knows of the socket: that may be older.
    fn unread(&self) -> Unread;
}

/// What a socket has that was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Nothing at all.
    Nothing,
    /// The other side's end, an error, or what only the next read can tell.
    End,
    /// Bytes of the other side.
    Bytes,
}

impl Stream for TcpStream {
    fn unread(&self) -> Unread {
        let mut asked = [PollFd::new(self, PollFlags::IN)];
        if matches!(poll(&mut asked, Some(&Timespec::default())), Ok(0)) {
            return Unread::Nothing;
        }
        match ioctl_fionread(self) {
            Ok(1..) => Unread::Bytes,
            _ => Unread::End,
        }
    }
}

impl Stream for TlsStream<TcpStream> {
    fn unread(&self) -> Unread {
        match self.get_ref().0.unread() {
            // A good-bye is a record too.
            Unread::Bytes => Unread::End,
            other => other,
        }
    }
}
