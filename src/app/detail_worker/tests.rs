use super::*;
use crate::domain::body::Body;
use crate::domain::detail::Tab;
use crate::domain::headers::Headers;
use crate::domain::pretty::{self, BodyView};

fn key(id: u64) -> RenderKey {
    RenderKey { id: ExchangeId(id), tab: Tab::Body, view: BodyView::Raw, width: 80, compared: None, revision: 0 }
}

fn kept(documents: &Documents) -> Vec<u64> {
    documents.0.iter().map(|(key, ..)| key.id.0).collect()
}

fn document(lines: usize) -> Arc<Document> {
    let bytes: bytes::Bytes = "x\n".repeat(lines).into();
    let body = Body { length_bytes: bytes.len() as u64, bytes };
    Arc::new(pretty::body(&body, &Headers::new(), BodyView::Raw, Limits::default()))
}

#[test]
fn small_documents_are_kept_by_count() {
    let mut documents = Documents::default();
    let small = document(3);
    for id in 1..=20 {
        documents.keep(key(id), Arc::clone(&small));
    }
    documents.keep(key(20), small);
    assert_eq!(kept(&documents), [20, 19, 18, 17, 16, 15, 14, 13]);
    assert!(documents.get(&key(13)).is_some() && documents.get(&key(12)).is_none());
}

#[test]
fn large_documents_are_kept_by_bytes_and_the_newest_always() {
    let mut documents = Documents::default();
    let large = document(150_000);
    assert!(large.held_bytes() * DOCUMENTS_MAX > 2 * DOCUMENTS_BYTES_MAX, "{}", large.held_bytes());
    for id in 1..=8 {
        documents.keep(key(id), Arc::clone(&large));
    }
    let fit = (DOCUMENTS_BYTES_MAX / large.held_bytes()).max(1) as u64;
    assert_eq!(kept(&documents), ((9 - fit)..=8).rev().collect::<Vec<_>>());
    documents.keep(key(9), document(1));
    assert_eq!(kept(&documents)[0], 9);
}
