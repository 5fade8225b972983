//! Which port: the default one and its successors, an explicit one, any.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};

use thiserror::Error;

/// The port when none is asked for.
pub const DEFAULT_PORT: u16 = 7070;

/// Which port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortChoice {
    /// [`DEFAULT_PORT`], or the next free one.
    Default,
    /// This one or none.
    Explicit(u16),
    /// Any free one.
    Any,
}

/// A bound socket that does not accept yet.
#[derive(Debug)]
pub struct Bound {
    /// The socket.
    pub listener: TcpListener,
    /// Where it is bound.
    pub addr: SocketAddr,
    /// Whether the default port was taken and the next free one was used.
    pub moved: bool,
}

/// Why the listener cannot listen.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct ListenError(pub String);

/// Successors of the default port that are tried.
const SUCCESSORS: u16 = 100;

/// Binds the socket. No `SO_REUSEPORT`: a second program on the same port is an error.
///
/// # Errors
/// [`ListenError`]: what was tried, what happened, what to do.
pub fn bind(address: IpAddr, port: PortChoice) -> Result<Bound, ListenError> {
    match port {
        PortChoice::Any => bound(address, 0, false),
        PortChoice::Explicit(port) => bound(address, port, false),
        PortChoice::Default => default_or_next(address),
    }
    .map_err(|(port, error)| ListenError(explain(address, port, &error)))
}

type Tried<T> = Result<T, (u16, std::io::Error)>;

fn bound(address: IpAddr, port: u16, moved: bool) -> Tried<Bound> {
    // std sets SO_REUSEADDR, so that a port in TIME_WAIT can be bound again; a port that somebody listens on cannot.
    let bind = || {
        let listener = TcpListener::bind(SocketAddr::new(address, port))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        Ok(Bound { listener, addr, moved })
    };
    bind().map_err(|error| (port, error))
}

fn default_or_next(address: IpAddr) -> Tried<Bound> {
    let mut last = None;
    for port in DEFAULT_PORT..=DEFAULT_PORT + SUCCESSORS {
        match bound(address, port, port != DEFAULT_PORT) {
            Err((port, error)) if error.kind() == ErrorKind::AddrInUse => last = Some((port, error)),
            other => return other,
        }
    }
    Err(last.unwrap_or((DEFAULT_PORT, ErrorKind::AddrInUse.into())))
}

fn explain(address: IpAddr, port: u16, error: &std::io::Error) -> String {
    let remedy = match error.kind() {
        ErrorKind::AddrInUse => {
            "another program listens there: choose another port with -p PORT, or -p 0 for any free one"
        }
        ErrorKind::PermissionDenied => "ports below 1024 need more rights: choose one above with -p PORT",
        ErrorKind::AddrNotAvailable => "this machine has no such address: choose another with --bind ADDRESS",
        _ => "choose another with --bind ADDRESS and -p PORT",
    };
    format!("cannot listen on {}: {error}; {remedy}", SocketAddr::new(address, port))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_taken_explicit_port_is_an_error_that_says_what_to_do() {
        let first = bind(HERE, PortChoice::Any).unwrap();
        let error = bind(HERE, PortChoice::Explicit(first.addr.port())).unwrap_err().to_string();
        assert!(error.contains(&first.addr.to_string()) && error.contains("-p"), "{error}");
    }

    #[test]
    fn the_default_port_gives_way_to_the_next_free_one() {
        // Another program may have some of them: each of ours must differ, and say whether it moved.
        let bounds: Vec<Bound> = (0..3).map(|_| bind(HERE, PortChoice::Default).unwrap()).collect();
        for (index, bound) in bounds.iter().enumerate() {
            assert_eq!(bound.moved, bound.addr.port() != DEFAULT_PORT);
            assert!(bounds.iter().skip(index + 1).all(|other| other.addr.port() > bound.addr.port()));
        }
    }
}
