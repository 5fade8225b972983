//! What the world tells: rows, documents, outcomes.

use crate::domain::detail::Tab;
use crate::domain::printable::visible_str;
use crate::domain::signature::Outcome;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::layout;
use crate::tui::model::Model;
use crate::tui::msg::{CopiedTo, Level, Msg, Notice, RecordingState, SavedAs};
use crate::tui::widgets::numbers::count;

use super::act::obey;
use super::stack;

/// Takes what is no key, mouse event, paste or resize.
pub fn take(model: &mut Model, news: Msg) -> Vec<Effect> {
    match news {
        Msg::Tick(now) => {
            model.now = now;
            model.rate.tick(now);
            model.notices.tick(now);
            model.detail.tick();
        }
        Msg::Arrived { batch, missed } => {
            model.missed = model.missed.saturating_add(missed);
            // The rows of a saved session have no rate, and say nothing of the time it is.
            if model.is_listening() {
                batch.iter().for_each(|row| model.rate.arrived(row.at));
                model.now = batch.iter().map(|row| row.at).fold(model.now, Ord::max);
            }
            model.note_untaken(&batch);
            model.list.add(batch);
        }
        Msg::Changed { batch } => {
            if batch.iter().any(|row| Some(row.id) == model.detail.id) {
                model.detail.changed();
            }
            model.note_untaken(&batch);
            model.list.change(batch);
        }
        Msg::Filtered { version, ids } => model.list.filtered(version, ids, false),
        Msg::FilterMatched { version, ids } => model.list.filtered(version, ids, true),
        Msg::Loaded { id, result } => model.detail.loaded(id, result),
        Msg::Rendered { key, document } => {
            let height = layout(model).text_rows();
            model.detail.rendered(key, document, height);
        }
        Msg::Found { key, needle, hits } => {
            let height = layout(model).text_rows();
            model.detail.found(&key, &needle, hits, height);
        }
        Msg::ReplyInForce { all, text, paths } => model.set_reply(all, text, paths),
        Msg::Rules(rules) => {
            // Those of the file are told with the first reply in force.
            let is_first = model.rules.is_empty() && model.list.total() == 0 && model.overlays.is_empty();
            model.set_rules(rules, is_first);
        }
        Msg::Answered(by) => model.note_answered(by),
        Msg::Decided { .. } | Msg::RulePut { .. } | Msg::ProbeBegun { .. } | Msg::Probed { .. } => {}
        Msg::ProbeDone { .. } => model.detail.changed(),
        Msg::Held { holding, mut held } => {
            // Who has the least time left stands first, and is meant where none is chosen.
            held.sort_by_key(|held| (held.until, held.id));
            (model.holding, model.held) = (holding, held);
            model.make_room_for_held();
        }
        Msg::Forwarding(now) => model.forwarding = now,
        Msg::Configuration(broken) => model.configuration = broken,
        Msg::Recording(state) => recording(model, state),
        Msg::Secrets(known) => model.secrets = known,
        Msg::PublicUrl(url) => model.identity.public_url = url,
        Msg::Elsewhere(asked) => stack::elsewhere(model, *asked),
        Msg::Notice(notice) => model.notices.push(notice),
        Msg::Identity(identity) => {
            model.identity = identity;
            if model.list.total() == 0 {
                model.list.set_follow(model.is_listening());
            }
        }
        outcome => return take_outcome(model, outcome),
    }
    Vec::new()
}

/// The top line says that nothing is recorded; that it is again deserves a word.
fn recording(model: &mut Model, state: RecordingState) {
    if let (RecordingState::NotRecording { unrecorded, .. }, RecordingState::Recording) = (&model.recording, &state) {
        let text = match unrecorded {
            0 => "Recording again".to_owned(),
            1 => "Recording again; 1 request is in memory only".to_owned(),
            more => format!("Recording again; {} requests are in memory only", count(*more)),
        };
        model.notices.push(Notice { level: Level::Good, text });
    }
    model.recording = state;
}

/// Takes how something ended that the user had asked for, and says it.
fn take_outcome(model: &mut Model, outcome: Msg) -> Vec<Effect> {
    if let Msg::AttemptDone { id, .. } = &outcome
        && let Some(at) = model.sending.iter().position(|sent| sent == id)
    {
        model.sending.swap_remove(at);
    }
    let (level, text) = match outcome {
        Msg::SecretSet { provider, result } => {
            let (level, text) = secret_set(model, provider, result);
            model.notices.push(Notice { level, text });
            // How many each fitted may have changed.
            return vec![Effect::ListSecrets];
        }
        Msg::PublicUrlChecked { provider, valid, checked } => {
            let notice = public_url_checked(model, &provider, valid, checked);
            model.notices.push(notice);
            return vec![Effect::ListSecrets];
        }
        Msg::AttemptBegun { id, to } => {
            // What was sent is what one wants to see the answer of.
            if model.list.selected() == Some(id) {
                model.detail.tab = Tab::Attempts;
            }
            model.sending.push(id);
            let key = model.keymap.hint(Action::Back);
            let ends = if key.is_empty() { String::new() } else { format!("; {key} ends it") };
            (Level::Info, format!("Sending request {id} to {to}{ends}"))
        }
        Msg::AttemptDone { id, result: Ok(text) } => (Level::Good, format!("Request {id} sent: {text}")),
        Msg::AttemptDone { id, result: Err(text) } => {
            (Level::Bad, format!("Request {id} was not answered: {text}; {} changes the target", target_key(model)))
        }
        Msg::NotSent { id, reason } => {
            (Level::Bad, format!("Request {id} was not sent: {reason}; {} changes the target", target_key(model)))
        }
        Msg::Copied { what, result: Ok(CopiedTo::Method(method)) } => (Level::Good, format!("Copied {what}: {method}")),
        Msg::Copied { what, result: Ok(CopiedTo::Terminal) } => {
            (Level::Good, format!("Sent the {what} to the terminal (OSC 52), which does not say whether it took it"))
        }
        Msg::Copied { what, result: Ok(CopiedTo::File(path)) } => {
            (Level::Info, format!("No clipboard took the {what}; it is in {}", path.display()))
        }
        Msg::Copied { what, result: Err(text) } => (Level::Bad, format!("The {what} was not copied: {text}")),
        Msg::Edited { id, result: Ok(text) } => {
            let wanted = stack::edited(model, id, &text);
            return obey(model, wanted);
        }
        Msg::Edited { result: Err(text), .. } => (Level::Bad, text),
        Msg::Saved { result: Ok(saved) } => (Level::Good, saved_as(model, saved)),
        Msg::Saved { result: Err(text) } => (Level::Bad, format!("Not saved: {text}")),
        _ => return Vec::new(),
    };
    model.notices.push(Notice { level, text });
    Vec::new()
}

/// Takes the session's name from now on; the words for it.
fn saved_as(model: &mut Model, saved: SavedAs) -> String {
    let path = saved.path.display();
    match saved.session {
        Some(name) => {
            model.identity.session = name;
            format!("Saved as {path}")
        }
        None if model.is_listening() => {
            format!("Copied to {path}; what comes from now on is in {} alone", model.identity.session)
        }
        None => format!("Copied to {path}"),
    }
}

/// What changes the target of a resend, as the user would type it.
fn target_key(model: &Model) -> String {
    match model.keymap.hint(Action::Target) {
        key if key.is_empty() => ":target".to_owned(),
        key => key,
    }
}

fn public_url_checked(model: &Model, provider: &str, valid: u64, checked: u64) -> Notice {
    let with = match &model.identity.public_url {
        Some(url) => format!("with {}", visible_str(url)),
        None => "without a public URL".to_owned(),
    };
    let (level, text) = match (valid, checked) {
        (_, 0) => (Level::Info, format!("Checked again {with}; no secret is known here")),
        (0, 1) => (Level::Bad, format!("{provider}: invalid {with}{}", says_why(model))),
        (0, _) => (Level::Bad, format!("{provider}: none of {} requests is valid {with}", count(checked))),
        (1, 1) => (Level::Good, format!("{provider}: the signature is valid {with}")),
        _ => (Level::Good, format!("{provider}: {} of {} requests are valid {with}", count(valid), count(checked))),
    };
    Notice { level, text }
}

/// The way to the tab that says why a signature fails, where it is not open.
fn says_why(model: &Model) -> String {
    if model.detail.tab == Tab::Signature && layout(model).detail.is_some() {
        return String::new();
    }
    format!("; {} Signature says why", model.keymap.hint(Action::TabSignature))
}

fn secret_set(model: &Model, provider: String, result: Result<(u64, u64), String>) -> (Level, String) {
    let (valid, checked) = match result {
        Ok(counts) => counts,
        Err(text) => return (Level::Bad, format!("The secret for {provider} was not taken: {text}")),
    };
    match (valid, checked) {
        (_, 0) => (Level::Info, format!("The secret for {provider} is known; no request was checked yet")),
        (0, 1) => {
            let cause = match model.selected().filter(|row| !row.is_first_look).and_then(|row| row.verdict) {
                Some((Outcome::Invalid, Some(cause))) => format!(" ({})", cause.as_str()),
                _ => String::new(),
            };
            (Level::Bad, format!("{provider}: invalid with this secret{cause}{}", says_why(model)))
        }
        (0, _) => (Level::Bad, format!("{provider}: none of {} requests is valid with this secret", count(checked))),
        (1, 1) => (Level::Good, format!("{provider}: the signature is valid with this secret")),
        _ => (Level::Good, format!("{provider}: {} of {} requests are valid", count(valid), count(checked))),
    }
}
