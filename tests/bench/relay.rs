//! What Hooksight's forwarding is compared with: the relay that somebody would write in an hour with axum and hyper's client. It
//! reads the whole body, sends it on over connections that stay open, reads the whole answer and gives it back.
//!
//! `cargo bench` runs it too, without `serve`: then it does nothing.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Where to, and the connections that wait.
struct Relay {
    authority: String,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
}

impl Relay {
    async fn connection(&self) -> std::io::Result<SendRequest<Full<Bytes>>> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(mut kept) => {
                    if kept.ready().await.is_ok() {
                        return Ok(kept);
                    }
                }
                None => break,
            }
        }
        let stream = TcpStream::connect(&self.authority).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn send(&self, request: Request) -> std::io::Result<Response> {
        let (mut parts, body) = request.into_parts();
        let body = to_bytes(body, 10 << 20).await.map_err(std::io::Error::other)?;
        parts.headers.remove(header::CONNECTION);
        let host = HeaderValue::from_str(&self.authority).map_err(std::io::Error::other)?;
        parts.headers.insert(header::HOST, host);
        let mut connection = self.connection().await?;
        let outgoing = Request::from_parts(parts, Full::new(body));
        let answer = connection.send_request(outgoing).await.map_err(std::io::Error::other)?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

async fn relay(State(relay): State<Arc<Relay>>, request: Request) -> Response {
    relay.send(request).await.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some("serve"), Some(port), Some(authority)) = (args.next().as_deref(), args.next(), args.next()) else {
        return Ok(());
    };
    let state = Arc::new(Relay { authority, idle: Mutex::default() });
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
        axum::serve(listener, Router::new().fallback(relay).with_state(state)).await
    })
}
