//! What Hooksight's capture is compared with: the server that somebody would write in five minutes with axum, on tokio's
//! multi-threaded runtime. It reads the whole body and answers 200.
//!
//! A program of its own, as small as such a server is, so that its start and its memory are those of such a server.
//! `cargo bench` runs it too, without `serve`: then it does nothing.

use axum::Router;
use axum::http::StatusCode;
use bytes::Bytes;

async fn take(body: Bytes) -> StatusCode {
    std::hint::black_box(body.len());
    StatusCode::OK
}

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some("serve"), Some(port)) = (args.next().as_deref(), args.next()) else { return Ok(()) };
    let address = format!("127.0.0.1:{port}");
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        axum::serve(listener, Router::new().fallback(take)).await
    })
}
