//! Headers as they came: in order, with duplicates, in their own case, as bytes.

mod shapes;

use bytes::Bytes;

pub use shapes::Shapes;

/// One header line. Names and values are bytes, because senders are not bound to UTF-8 (RFC 9110 section 5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name in its original case (HTTP/2: lower case by protocol).
    pub name: Bytes,
    /// The value without the blanks round it.
    pub value: Bytes,
}

impl Header {
    /// Whether it is of that name, whatever its case.
    pub fn is(&self, name: &[u8]) -> bool {
        let last = |name: &[u8]| name.last().map(u8::to_ascii_lowercase);
        // Nearly all others have another length or end in another letter, which is told sooner.
        self.name.len() == name.len() && last(&self.name) == last(name) && self.name.eq_ignore_ascii_case(name)
    }
}

/// Header lines in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a line at the end.
    pub fn push(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.0.push(Header { name: name.into(), value: value.into() });
    }

    /// The value of the first header of that name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let header = self.0.iter().find(|header| header.is(name.as_bytes()))?;
        Some(&header.value)
    }

    /// The first value of that name when it is UTF-8.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The values of all headers of that name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.0.iter().filter(move |header| header.is(name.as_bytes())).map(|header| header.value.as_ref())
    }

    /// Replaces the value of the first header of that name in place and removes later ones; adds it at the end when
    /// there is none.
    pub fn set(&mut self, name: &str, value: impl Into<Bytes>) {
        let value = value.into();
        let mut seen = false;
        self.0.retain_mut(|header| {
            if !header.is(name.as_bytes()) {
                return true;
            }
            if seen {
                return false;
            }
            seen = true;
            header.value = value.clone();
            true
        });
        if !seen {
            self.push(name.to_owned(), value);
        }
    }

    /// Removes every header of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|header| !header.is(name.as_bytes()));
    }

    /// The lines in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of all names and values.
    pub fn size_bytes(&self) -> usize {
        self.0.iter().map(|header| header.name.len() + header.value.len()).sum()
    }

    /// Name and value pairs from text, for tests and for headers that we write ourselves.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut headers = Self::new();
        for (name, value) in pairs {
            headers.push(name.as_ref().to_owned(), value.as_ref().to_owned());
        }
        headers
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Header> for Headers {
    fn from_iter<T: IntoIterator<Item = Header>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}
