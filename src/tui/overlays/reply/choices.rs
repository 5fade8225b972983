//! The rows of the list: presets, replies that something has already, examples, the form.

use super::ReplyChooser;
use super::choice::{Choice, Saved};
use crate::domain::reply::{EXAMPLES, Example, PRESETS, Preset, ReplyText};

impl ReplyChooser {
    pub(super) fn fitting(&self) -> Vec<&'static Preset> {
        let typed = self.typed.text().to_ascii_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let fits = |preset: &&Preset| {
            let words_of = preset.words.to_ascii_lowercase();
            words.iter().all(|word| preset.name.starts_with(word) || words_of.contains(word))
        };
        PRESETS.iter().filter(fits).collect()
    }

    /// Examples of kinds that fit what was typed; all of them where nothing is.
    pub(super) fn examples(&self) -> Vec<&'static Example> {
        let typed = self.typed.text().to_ascii_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        // What is a reply already needs none to begin with.
        if !words.is_empty() && ReplyText::parse(&typed).is_ok() {
            return Vec::new();
        }
        let fits =
            |example: &&Example| words.iter().all(|word| example.words.contains(word) || example.text.contains(word));
        EXAMPLES.iter().filter(fits).collect()
    }

    /// Replies of rules and paths that fit what was typed.
    pub(super) fn fitting_saved(&self) -> Vec<usize> {
        let typed = self.typed.text().to_ascii_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let fits = |saved: &Saved| {
            let text = format!("{} {}", saved.name, saved.text).to_ascii_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        self.saved.iter().enumerate().filter(|(_, saved)| fits(saved)).map(|(at, _)| at).collect()
    }

    /// Whether the path that it is for has a reply of its own that can be taken back.
    pub(super) fn can_clear(&self) -> bool {
        if self.held.is_some() {
            return true;
        }
        let own = |path: &String| self.own_paths.iter().any(|(known, _)| known == path);
        self.target.only_path && self.target.path.as_ref().is_some_and(own)
    }

    /// The row of the first preset: behind the one that takes the path's reply back.
    pub(super) fn first_preset(&self) -> usize {
        usize::from(self.can_clear() && self.typed.text().is_empty())
    }

    /// The row that takes the path's reply back, presets that fit, and the row for an own reply.
    pub(super) fn count(&self) -> usize {
        self.first_preset() + self.fitting().len() + self.fitting_saved().len() + 1 + self.examples().len()
    }

    /// What a row stands for.
    pub(super) fn choice(&self, row: usize) -> Choice {
        match row.checked_sub(self.first_preset()) {
            None => Choice::AsOthers,
            Some(at) => {
                let presets = self.fitting().into_iter().map(Choice::Preset);
                let saved = self.fitting_saved().into_iter().map(Choice::Saved);
                // The user's own come first, but a status that is typed means the preset.
                let both: Vec<Choice> = match self.typed.text().is_empty() {
                    true => saved.chain(presets).collect(),
                    false => presets.chain(saved).collect(),
                };
                if let Some(choice) = both.get(at) {
                    return *choice;
                }
                let behind = (at - both.len()).checked_sub(1);
                let examples = self.examples();
                behind.and_then(|at| examples.get(at).copied()).map_or(Choice::Own, Choice::Example)
            }
        }
    }

    pub(super) fn chosen(&self) -> Choice {
        self.choice(self.cursor.at(self.count()))
    }
}
