//! All that is wrong with what the user wrote, found in one go: whoever shows one of them says how many there are.

use std::fmt;

/// Everything that was found to be wrong, in the order in which it was.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<String>);

impl Mistakes {
    /// One more. Several that came as one are several.
    pub fn add(&mut self, error: anyhow::Error) {
        match error.downcast::<Self>() {
            Ok(Self(several)) => self.0.extend(several),
            Err(error) => self.0.push(format!("{error:#}")),
        }
    }

    /// What is fine; what is not is added.
    pub fn take<T>(&mut self, result: anyhow::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// That, unless something is wrong.
    ///
    /// # Errors
    /// All of it.
    pub fn unless_any<T>(self, value: T) -> anyhow::Result<T> {
        if self.0.is_empty() { Ok(value) } else { Err(self.into()) }
    }

    /// Each by itself.
    pub fn each(self) -> Vec<String> {
        self.0
    }
}

impl fmt::Display for Mistakes {
    /// The first, and how many there are behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.first().cloned().unwrap_or_default();
        f.write_str(&with_others(first, self.0.len().saturating_sub(1)))
    }
}

impl std::error::Error for Mistakes {}

/// A mistake, and how many more there are.
pub fn with_others(first: String, others: usize) -> String {
    match others {
        0 => first,
        others => format!("{first}; and {others} more (hooksight check)"),
    }
}
