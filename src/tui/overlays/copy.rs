//! What to copy: curl first.

use bytes::Bytes;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame;
use super::list::{Cursor, Letters, Row};
use super::window::{Hint, OverlayContext, Step, Window, is_close};
use crate::domain::exchange::ExchangeId;
use crate::domain::export::SHAPES;
use crate::domain::printable;
use crate::tui::effect::{CopyWhat, Effect};
use crate::tui::key::{Key, KeyCode, Mouse};
use crate::tui::theme::{Theme, Ui};

const WIDTH: u16 = 64;

/// A header value is shown up to so many columns.
const VALUE_COLUMNS_MAX: usize = 200;

/// Something that can be copied.
#[derive(Clone, Debug)]
struct Item {
    key: char,
    name: &'static str,
    words: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Part(CopyWhat),
    HeaderList,
    Text(String),
}

/// A header line of the request, as shown.
#[derive(Clone, Debug)]
struct HeaderRow {
    name: String,
    value: String,
}

/// Which list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Items,
    Headers,
}

/// The menu, and the list of headers behind one of its rows.
#[derive(Clone, Debug)]
pub struct CopyMenu {
    id: Option<ExchangeId>,
    items: Vec<Item>,
    headers: Vec<HeaderRow>,
    page: Page,
    cursor: Cursor,
}

impl CopyMenu {
    /// For the selected request, or for the listener while there is none.
    ///
    /// # Errors
    /// In words, when there is nothing to copy.
    pub fn open(context: &OverlayContext<'_>) -> Result<Self, String> {
        let (items, headers) = match context.selected {
            Some(_) => request_items(context),
            None if context.is_listening() => (listener_items(&context.identity.url), Vec::new()),
            None => return Err("no request is selected: there is nothing to copy".to_owned()),
        };
        let id = context.selected.map(|row| row.id);
        Ok(Self { id, items, headers, page: Page::Items, cursor: Cursor::default() })
    }

    fn count(&self) -> usize {
        match self.page {
            Page::Items => self.items.len(),
            Page::Headers => self.headers.len(),
        }
    }

    fn choose(&mut self, at: usize) -> Step {
        let copy = |what| self.id.map_or(Step::Close, |id| Step::done([Effect::Copy { id, what }]));
        if self.page == Page::Headers {
            return copy(CopyWhat::HeaderValue(at));
        }
        match self.items.get(at).map(|item| (&item.what, item.name)) {
            Some((What::Part(what), _)) => copy(what.clone()),
            Some((What::Text(text), name)) => {
                Step::done([Effect::CopyText { what: name.to_owned(), text: Bytes::copy_from_slice(text.as_bytes()) }])
            }
            Some((What::HeaderList, _)) => {
                if !self.headers.is_empty() {
                    self.page = Page::Headers;
                    self.cursor = Cursor::default();
                }
                Step::Stay
            }
            None => Step::Stay,
        }
    }

    fn frame(&self, area: Rect) -> Rect {
        let rows = u16::try_from(self.count()).unwrap_or(u16::MAX).clamp(1, 20);
        let width = if self.page == Page::Headers { WIDTH + 24 } else { WIDTH };
        frame::place(area, width, rows.saturating_add(2))
    }
}

fn request_items(context: &OverlayContext<'_>) -> (Vec<Item>, Vec<HeaderRow>) {
    let request = context.exchange().map(|exchange| &*exchange.request);
    let headers: Vec<HeaderRow> = request
        .iter()
        .flat_map(|request| &request.headers)
        .map(|header| HeaderRow {
            name: printable::visible_within(&header.name, 40),
            value: printable::visible_within(&header.value, VALUE_COLUMNS_MAX),
        })
        .collect();
    let size = context.selected.map_or(0, |row| row.size_bytes);
    let lines = match request {
        Some(_) => format!("{} lines", headers.len()),
        None => "being loaded".to_owned(),
    };
    let part = |key, name, words: String, what| Item { key, name, words, what: What::Part(what) };
    let shapes =
        SHAPES.iter().map(|shape| part(shape.key, shape.words, shape.about.to_owned(), CopyWhat::Shape(shape)));
    let others = [
        part('h', "headers", lines.clone(), CopyWhat::Headers),
        part('b', "body", format!("{size} bytes"), CopyWhat::Body),
        Item { key: 'v', name: "header value", words: "choose one".to_owned(), what: What::HeaderList },
        part('u', "URL", "as the sender called it".to_owned(), CopyWhat::Url),
    ];
    (shapes.chain(others).collect(), headers)
}

fn listener_items(url: &str) -> Vec<Item> {
    let curl = format!("curl -i {url}/ -H 'Content-Type: application/json' -d '{{\"hello\":\"world\"}}'");
    vec![
        Item { key: 'c', name: "curl command", words: "a first request".to_owned(), what: What::Text(curl) },
        Item { key: 'u', name: "URL", words: url.to_owned(), what: What::Text(url.to_owned()) },
    ]
}

impl Window for CopyMenu {
    fn update(&mut self, key: Key, _context: &OverlayContext<'_>) -> Step {
        let count = self.count();
        if is_close(key) || key.code == KeyCode::Char('q') {
            if self.page == Page::Headers {
                self.page = Page::Items;
                self.cursor =
                    Cursor::new(self.items.iter().position(|item| matches!(item.what, What::HeaderList)).unwrap_or(0));
                return Step::Stay;
            }
            return Step::Close;
        }
        if key.code == KeyCode::Enter {
            return self.choose(self.cursor.at(count));
        }
        if self.page == Page::Items
            && !key.ctrl
            && let Some(at) = self.items.iter().position(|item| key.code == KeyCode::Char(item.key))
        {
            self.cursor = Cursor::new(at);
            return self.choose(at);
        }
        // A second `y` takes the first row, as `yy` does elsewhere.
        if key.code == KeyCode::Char('y') && !key.ctrl {
            return self.choose(self.cursor.at(count));
        }
        self.cursor.update(key, count, Letters::Move);
        Step::Stay
    }

    fn mouse(&mut self, mouse: Mouse, context: &OverlayContext<'_>) -> Step {
        let count = self.count();
        let room = frame::room(self.frame(Rect::new(0, 0, context.size.0, context.size.1)), &self.hints());
        if self.cursor.click(mouse, room, count) {
            return self.choose(self.cursor.at(count));
        }
        self.cursor.mouse(mouse, count);
        Step::Stay
    }

    fn view(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let title = if self.page == Page::Items { "Copy" } else { "Copy the value of" };
        let room = frame::draw(self.frame(area), buffer, theme, title, &self.hints());
        let names = self.headers.iter().map(|header| printable::width(&header.name)).max().unwrap_or(0);
        let names = u16::try_from(names).unwrap_or(u16::MAX);
        self.cursor.view(room, buffer, theme, self.count(), |at, draw| match self.page {
            Page::Items => {
                let Some(item) = self.items.get(at) else { return };
                let key = item.key.to_string();
                draw(&Row {
                    cells: &[(&key, 1, Ui::KeyHint), (item.name, 14, Ui::Base), (&item.words, 0, Ui::Muted)],
                    right: "",
                });
            }
            Page::Headers => {
                let Some(header) = self.headers.get(at) else { return };
                let width = names.min(room.width / 3);
                draw(&Row { cells: &[(&header.name, width, Ui::Base), (&header.value, 0, Ui::Muted)], right: "" });
            }
        });
    }

    fn hints(&self) -> Vec<Hint> {
        match self.page {
            Page::Items => vec![("Enter", "copy"), ("j k", "choose"), ("Esc", "close")],
            Page::Headers => vec![("Enter", "copy"), ("j k", "choose"), ("Esc", "back")],
        }
    }
}
