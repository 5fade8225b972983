//! Overlays and keys: the top overlay first, then the bindings.

use crate::domain::filter::Filter;
use crate::domain::printable;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::key::{Key, KeyCode};
use crate::tui::layout::layout;
use crate::tui::model::{FILTER_HISTORY_MAX, Focus, Model};
use crate::tui::msg::{Elsewhere, Level, Msg, Notice};
use crate::tui::overlays::{Confirm, ElsewherePrompt, Overlay, Step};

/// Overlays on top of each other; beyond it the lowest goes, so that no key repeat grows the stack.
const OVERLAYS_MAX: usize = 8;

/// Which overlay a step came from: its place in the stack; `None` when it was not on it.
type Origin = Option<usize>;

/// What an overlay wants: effects, and actions that are not an overlay's business.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Effects, in order.
    pub effects: Vec<Effect>,
    /// Actions to be done behind them, in order.
    pub actions: Vec<Action>,
}

impl Wanted {
    fn act(action: Action) -> Self {
        Self { effects: Vec::new(), actions: vec![action] }
    }
}

impl From<Vec<Effect>> for Wanted {
    fn from(effects: Vec<Effect>) -> Self {
        Self { effects, actions: Vec::new() }
    }
}

/// A key was pressed.
pub fn key(model: &mut Model, key: Key) -> Wanted {
    let action = model.keymap.action(key);
    model.notices.key(model.now);
    let Some(top) = model.overlays.len().checked_sub(1) else {
        return action.map(Wanted::act).unwrap_or_default();
    };
    let key = match action.filter(|_| key.ctrl) {
        Some(action @ (Action::Redraw | Action::Suspend)) => return Wanted::act(action),
        Some(Action::Interrupt) => Key { code: KeyCode::Esc, ctrl: false, alt: false, shift: false },
        _ => key,
    };
    with_overlay(model, top, |overlay, context| overlay.update(key, context))
}

/// Text was pasted. Without an overlay there is no place for it: it must not run as keys.
pub fn paste(model: &mut Model, text: &str) -> Wanted {
    let Some(top) = model.overlays.len().checked_sub(1) else { return Wanted::default() };
    with_overlay(model, top, |overlay, context| overlay.paste(text, context))
}

/// The mouse did something over an overlay.
pub fn mouse(model: &mut Model, event: crate::tui::key::Mouse) -> Wanted {
    let Some(top) = model.overlays.len().checked_sub(1) else { return Wanted::default() };
    with_overlay(model, top, |overlay, context| overlay.mouse(event, context))
}

/// Every overlay hears what happens, because it may wait for it.
pub fn tell(model: &mut Model, msg: &Msg) -> Wanted {
    if matches!(msg, Msg::Key(_) | Msg::Mouse(_) | Msg::Paste(_)) {
        return Wanted::default();
    }
    let mut all = Wanted::default();
    for at in (0..model.overlays.len()).rev() {
        let one = with_overlay(model, at, |overlay, context| overlay.tell(msg, context));
        all.effects.extend(one.effects);
        all.actions.extend(one.actions);
    }
    all
}

/// Opens what an action needs; `None` when it needs no overlay.
pub fn open(model: &mut Model, action: Action) -> Option<Wanted> {
    let step = Overlay::open(action, &model.overlay_context())?;
    Some(take(model, step, None))
}

/// A text came back from $EDITOR and no overlay waits for it.
pub fn edited(model: &mut Model, id: crate::domain::exchange::ExchangeId, text: &str) -> Wanted {
    if model.overlays.iter().any(|overlay| overlay.awaits_edited()) {
        return Wanted::default();
    }
    let step = Overlay::edited(id, text, &model.overlay_context());
    take(model, step, None)
}

/// Asks yes or no.
pub fn ask(model: &mut Model, question: Confirm) {
    push(model, Overlay::of(question));
}

/// Asks whether a resend may leave this machine. Not into the middle of typing: a letter must not become a yes.
pub fn elsewhere(model: &mut Model, asked: Elsewhere) {
    if model.overlays.is_empty() {
        push(model, Overlay::of(ElsewherePrompt::new(asked)));
        return;
    }
    let text = format!("Not sent: {} is not this machine. Send it again to be asked about it", asked.host);
    model.notices.push(Notice { level: Level::Bad, text });
}

fn with_overlay(
    model: &mut Model,
    at: usize,
    ask: impl FnOnce(&mut Overlay, &crate::tui::overlays::OverlayContext<'_>) -> Step,
) -> Wanted {
    let mut overlays = std::mem::take(&mut model.overlays);
    let step = overlays.get_mut(at).map(|overlay| ask(overlay, &model.overlay_context()));
    model.overlays = overlays;
    step.map(|step| take(model, step, Some(at))).unwrap_or_default()
}

/// Does what an overlay wants.
fn take(model: &mut Model, step: Step, from: Origin) -> Wanted {
    match step {
        Step::Stay => Wanted::default(),
        Step::Close => {
            close(model, from);
            Wanted::default()
        }
        Step::Act(action) => {
            close(model, from);
            Wanted::act(action)
        }
        Step::Do { effects, close: is_done } => {
            if is_done {
                close(model, from);
            }
            for effect in &effects {
                match effect {
                    Effect::Send(wish) if !wish.target.is_empty() => model.target = Some(wish.target.clone()),
                    Effect::Computed { id, value } => model.detail.computed = value.as_ref().map(|_| *id),
                    _ => {}
                }
            }
            effects.into()
        }
        Step::Open(overlay) => {
            push(model, overlay);
            Wanted::default()
        }
        Step::Filter { text, filter } => {
            close(model, from);
            set_filter(model, text, filter).into()
        }
        Step::Search(needle) => {
            close(model, from);
            if !needle.is_empty() {
                model.search_last.clone_from(&needle);
                model.list.follow = false;
                // The keys stay where they are, unless what is found could not be seen.
                if layout(model).detail.is_none() {
                    model.focus = Focus::Detail;
                }
            }
            model.detail.start_search(needle);
            Wanted::default()
        }
        Step::Theme(name) => {
            close(model, from);
            if let Some(theme) = model.themes.iter().find(|theme| theme.name == name) {
                model.theme = theme.clone();
            }
            Wanted::default()
        }
        Step::Target(url) => {
            close(model, from);
            let key = match model.keymap.hint(Action::Resend) {
                key if key.is_empty() => ":resend".to_owned(),
                key => key,
            };
            let text = format!("Nothing is sent yet: from now on {key} sends to {}", printable::visible_str(&url));
            model.notices.push(Notice { level: Level::Info, text });
            model.target = Some(url);
            Wanted::default()
        }
        Step::Refuse(text) => {
            close(model, from);
            model.notices.push(Notice { level: Level::Bad, text });
            Wanted::default()
        }
    }
}

fn close(model: &mut Model, from: Origin) {
    if let Some(at) = from.filter(|at| *at < model.overlays.len()) {
        model.overlays.remove(at);
    }
}

fn push(model: &mut Model, overlay: Overlay) {
    if model.overlays.len() >= OVERLAYS_MAX {
        model.overlays.remove(0);
    }
    model.notices.clear();
    model.overlays.push(overlay);
}

/// Puts a filter in force and remembers its text.
pub fn set_filter(model: &mut Model, text: String, filter: Option<Filter>) -> Vec<Effect> {
    if filter.is_none() && model.list.filter().is_none() {
        return Vec::new();
    }
    if filter.is_some() {
        model.filter_history.retain(|known| *known != text);
        model.filter_history.insert(0, text.clone());
        model.filter_history.truncate(FILTER_HISTORY_MAX);
    }
    let version = model.list.set_filter(filter.clone().map(|filter| (text, filter)));
    vec![Effect::Filter { version, filter }]
}
