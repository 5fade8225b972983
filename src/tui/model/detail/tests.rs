use super::*;
use crate::domain::pretty::{Line, Role};

/// An overview with what changed in its line 40 of 60.
fn overview() -> Arc<Document> {
    let mut document = Document::new();
    for number in 0..60 {
        let text = if number == 40 { "changed    since the first try" } else { "other" };
        document.push(Line::of(Role::Plain, text));
    }
    Arc::new(document)
}

fn asked(detail: &mut Detail) -> RenderKey {
    let effects = detail.settle(Some(ExchangeId(3)), Some(80), true);
    let key = effects.into_iter().find_map(|effect| if let Effect::Render(key) = effect { Some(key) } else { None });
    key.expect("a document is asked for")
}

#[test]
fn what_changed_is_scrolled_to_whether_its_document_is_there_or_comes() {
    let mut detail = Detail::default();
    let key = asked(&mut detail);
    detail.rendered(key, overview(), 10);
    assert_eq!(detail.scroll(), 0);
    detail.show_changes(10);
    assert_eq!((detail.tab, detail.scroll()), (Tab::Overview, 40));
    let mut detail = Detail { tab: Tab::Body, ..Detail::default() };
    asked(&mut detail);
    detail.show_changes(10);
    let key = asked(&mut detail);
    detail.rendered(key.clone(), overview(), 10);
    assert_eq!(detail.scroll(), 40);
    // Once: who scrolls on is not taken back.
    detail.scroll_to(0, 10);
    detail.rendered(key, overview(), 10);
    assert_eq!(detail.scroll(), 0);
}
