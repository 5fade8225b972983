//! What the index tells, as messages for the interface.

use crate::app::index::{IndexEvent, Told};
use crate::io::recording::Recording;
use crate::tui::msg::{Level, Msg, Notice, RecordingState};

use super::traffic;

/// What answers a key is drawn at once, like the key. `is_awaited`: there was one a moment ago. Else arrivals chose what is opened, in
/// a list that follows, and that can wait for the next frame: in a flood it would be drawn several times in each.
pub(super) fn is_answer_to_the_user(msg: &Msg, is_awaited: bool) -> bool {
    match msg {
        Msg::Loaded { .. } | Msg::Rendered { .. } => is_awaited,
        Msg::Found { .. } | Msg::Copied { .. } => true,
        other => traffic::is_urgent(other),
    }
}

/// The messages that an event of the index comes to.
pub(super) fn messages(event: IndexEvent) -> Vec<Msg> {
    match event {
        IndexEvent::Arrived { rows, missed } => {
            vec![Msg::Arrived { batch: rows.into_iter().map(|(row, _)| row).collect(), missed }]
        }
        IndexEvent::Changed(batch) => vec![Msg::Changed { batch }],
        // Their rows changed with them.
        IndexEvent::Attempted(_) => Vec::new(),
        IndexEvent::Answered(answers) => {
            let mut by: Vec<(String, u64)> = Vec::new();
            for answer in &answers {
                match by.iter_mut().find(|(known, _)| *known == answer.rule) {
                    Some((_, count)) => *count += 1,
                    None => by.push((answer.rule.clone(), 1)),
                }
            }
            vec![Msg::Answered(by)]
        }
        IndexEvent::Filtered { version, ids } => vec![Msg::Filtered { version, ids }],
        IndexEvent::FilterMatched { version, ids } => vec![Msg::FilterMatched { version, ids }],
        IndexEvent::Rechecked { after: Told::Secret, provider, valid, checked } => {
            vec![Msg::SecretSet { provider, result: Ok((valid, checked)) }]
        }
        IndexEvent::Rechecked { after: Told::PublicUrl, provider, valid, checked } => {
            vec![Msg::PublicUrlChecked { provider, valid, checked }]
        }
        IndexEvent::Recording(state) => vec![Msg::Recording(recording_state(&state))],
        IndexEvent::Said(text) => {
            let text = crate::domain::printable::visible_str(&text).into_owned();
            vec![Msg::Notice(Notice { level: Level::Info, text })]
        }
    }
}

/// Whether the session file takes what comes, as the interface shows it.
pub(super) fn recording_state(recording: &Recording) -> RecordingState {
    match recording {
        Recording::On => RecordingState::Recording,
        Recording::Off => RecordingState::Off,
        Recording::Not { reason, unrecorded } => {
            RecordingState::NotRecording { reason: reason.clone(), unrecorded: *unrecorded }
        }
    }
}
