//! What each action does.

use bytes::Bytes;

use crate::domain::detail::Tab;
use crate::domain::exchange::{ExchangeId, SignatureChoice};
use crate::domain::export::curl;
use crate::domain::filter::Filter;
use crate::domain::printable::visible_str;
use crate::domain::quantity::counted;
use crate::domain::signature::Outcome;
use crate::tui::action::Action;
use crate::tui::effect::{CopyWhat, Effect, HandDecision, SendWish};
use crate::tui::layout::{Size, layout};
use crate::tui::model::{Focus, Model};
use crate::tui::msg::{Level, Notice};
use crate::tui::overlays::{Confirm, Step};
use crate::tui::panes::empty::curl_line;

use super::{forward, stack};

/// How much the list grows or shrinks at once, in thousandths of the room.
const SPLIT_STEP_PERMILLE: u16 = 50;
/// The list never has less or more than this, in thousandths of the room.
const SPLIT_PERMILLE: std::ops::RangeInclusive<u16> = 100..=900;

/// Does it; the wishes that come of it.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Down => move_by(model, 1),
        Action::Up => move_by(model, -1),
        Action::Top => move_by(model, isize::MIN),
        Action::Bottom => move_by(model, isize::MAX),
        Action::HalfPageDown => move_by(model, (page(model) / 2).max(1)),
        Action::HalfPageUp => move_by(model, -(page(model) / 2).max(1)),
        Action::PageDown => move_by(model, page(model)),
        Action::PageUp => move_by(model, -page(model)),
        Action::NextRequest => move_selection(model, 1),
        Action::PreviousRequest => move_selection(model, -1),
        Action::Open => open_line(model),
        Action::Back => return back(model),
        Action::NextPane if model.focus == Focus::Detail => model.focus = Focus::List,
        Action::NextPane => open_detail(model),
        Action::Zoom => zoom(model),
        Action::ListLarger => resize_list(model, true),
        Action::ListSmaller => resize_list(model, false),
        Action::NextTab => turn_tab(model, 1),
        Action::PreviousTab => turn_tab(model, Tab::ALL.len() - 1),
        Action::TabOverview => show_tab(model, Tab::Overview),
        Action::TabBody => show_tab(model, Tab::Body),
        Action::TabHeaders => show_tab(model, Tab::Headers),
        Action::TabSignature => show_tab(model, Tab::Signature),
        Action::TabAnswer => show_tab(model, Tab::Answer),
        Action::TabAttempts => show_tab(model, Tab::Attempts),
        Action::TabRaw => show_tab(model, Tab::Raw),
        Action::BodyView => body_view(model),
        Action::SearchNext => next_hit(model, true),
        Action::SearchPrevious => next_hit(model, false),
        Action::Follow if model.list.is_paused() => {
            model.list.set_paused(false);
            model.list.set_follow(true);
        }
        Action::Follow => model.list.set_follow(!model.list.follow),
        Action::Pause => model.list.set_paused(!model.list.is_paused()),
        Action::Ledger => model.list.set_ledger(!model.list.is_ledger()),
        Action::Expand => expand(model),
        Action::OnlyMarked => model.list.set_only_marked(!model.list.is_only_marked()),
        _ => return wish(model, action),
    }
    Vec::new()
}

/// Actions that need the world or an overlay.
fn wish(model: &mut Model, action: Action) -> Vec<Effect> {
    let selected = model.list.selected();
    let copy = |what| selected.map(|id| Effect::Copy { id, what }).into_iter().collect();
    match action {
        Action::Mark => mark(model),
        Action::Compare => compare(model),
        Action::FilterClear => stack::set_filter(model, String::new(), None),
        Action::CopyCurl => copy(CopyWhat::Shape(&curl::SHAPE)),
        Action::CopyBody => copy(CopyWhat::Body),
        Action::CopyUrl => copy(CopyWhat::Url),
        Action::Copy if model.list.total() == 0 && model.is_listening() => {
            let text = Bytes::from(curl_line(&model.identity.url));
            vec![Effect::CopyText { what: "curl command".to_owned(), text }]
        }
        Action::EditInEditor => selected.map(|id| Effect::OpenEditor { id, text: None }).into_iter().collect(),
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        Action::Interrupt => quit(model),
        Action::Quit if is_at_top(model) => quit(model),
        Action::Hold | Action::ResetScripts | Action::ForwardMissed | Action::ForwardListed
            if !model.is_listening() =>
        {
            say(model, "Nothing is answered here: this is a saved session");
            Vec::new()
        }
        Action::Hold => hold(model),
        Action::ResetScripts => vec![Effect::ResetScripts],
        Action::ForwardMissed => forward_missed(model),
        Action::ForwardListed => forward_listed(model),
        Action::Kill | Action::HoldLonger | Action::ReleaseAll if model.held.is_empty() => {
            say(model, "No request is held");
            Vec::new()
        }
        Action::Kill => kill(model),
        Action::HoldLonger => {
            model.held_for_action().map(|held| Effect::HoldLonger { id: held.id }).into_iter().collect()
        }
        Action::ReleaseAll => release_all(model),
        Action::Decide => decide(model),
        Action::Quit => back(model),
        Action::Visit if selected.is_some() => visit(model),
        Action::Search
        | Action::Resend
        | Action::Edit
        | Action::Secret
        | Action::Computed
        | Action::PublicUrl
        | Action::Visit
        | Action::Probe
            if selected.is_none() =>
        {
            say(model, "No request is selected");
            Vec::new()
        }
        Action::Reply | Action::Rules if !model.is_listening() => {
            say(model, "Nothing is answered here: this is a saved session");
            Vec::new()
        }
        _ => {
            // What is done to one request is not done to the next one that arrives.
            if matches!(
                action,
                Action::Resend
                    | Action::Edit
                    | Action::Secret
                    | Action::Copy
                    | Action::Search
                    | Action::Computed
                    | Action::PublicUrl
                    | Action::Probe
            ) {
                model.list.follow = false;
            }
            if action == Action::Probe {
                model.find_neighbours();
            }
            if action == Action::Filter {
                model.find_seen();
            }
            // The answer stands there.
            if action == Action::Computed {
                show_tab(model, Tab::Signature);
            }
            let mut effects = open(model, action);
            if action == Action::Secret {
                // How many requests each fitted is told when it is asked for.
                effects.push(Effect::ListSecrets);
            }
            effects
        }
    }
}

/// Asks whether the URL that the handshake names is to be fetched.
fn visit(model: &mut Model) -> Vec<Effect> {
    let (Some(id), Some(visit)) = (model.detail.id, model.detail.visit.clone()) else {
        say(model, "This request names no URL that is to be visited");
        return Vec::new();
    };
    model.list.follow = false;
    let verdict = match model.selected().and_then(|row| row.verdict) {
        Some((Outcome::Valid, _)) => "Its signature holds.",
        Some((Outcome::Invalid | Outcome::Unsigned, _)) => "Its signature does not hold: anybody may have sent it.",
        _ => "Its signature was not checked: anybody may have sent it.",
    };
    let (url, host) = (visible_str(&visit.url), visible_str(&visit.authority));
    let words = format!("{} is confirmed by fetching this from {host}: {url} {verdict}", visible_str(&visit.title));
    let wish = SendWish {
        id,
        draft: Some(visit.draft().to_text()),
        signature: Some(SignatureChoice::Kept),
        ..SendWish::default()
    };
    stack::ask(model, Confirm::new("Fetch the URL?", words, Step::done([Effect::Send(wish)])));
    Vec::new()
}

/// Holds what the list's filter shows, or holds no more; those that wait go on waiting.
fn hold(model: &mut Model) -> Vec<Effect> {
    let on = !model.holding;
    let filter = model.list.filter().map(|filter| filter.text.clone()).filter(|text| !text.is_empty());
    let which = filter.as_deref().map_or_else(|| "All requests".to_owned(), |text| format!("Requests that fit {text}"));
    let text = match on {
        true => held_for(model, &which),
        false => "Requests are answered by themselves again".to_owned(),
    };
    say(model, &text);
    vec![Effect::Hold { on, filter: filter.and_then(|text| Filter::parse(&text).ok()) }]
}

/// For how long those are held that come from now on, and the keys for them.
fn held_for(model: &Model, which: &str) -> String {
    let key = |action, does: &str| match model.keymap.hint(action) {
        key if key.is_empty() => String::new(),
        key => format!("; {key} {does}"),
    };
    let (answers, longer) = (key(Action::Decide, "answers"), key(Action::HoldLonger, "holds longer"));
    format!("{which} are held for as long as their provider waits (10 s where that is not known){answers}{longer}")
}

/// Resets the connection of the selected request when it is held; asks first where another one is meant.
fn kill(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.held_for_action().map(|held| held.id) else { return Vec::new() };
    let effect = Effect::Decide { id, decision: HandDecision::Kill };
    if model.is_held_selected() {
        return vec![effect];
    }
    let what = model.list.row(id).map(|row| format!(" ({} {})", row.method, row.target)).unwrap_or_default();
    let words = format!("The selected request is not held. The one that runs out first is: request {id}{what}.");
    stack::ask(model, Confirm::new("Reset its connection?", words, Step::done([effect])));
    Vec::new()
}

/// Does what an overlay wants.
pub fn obey(model: &mut Model, wanted: stack::Wanted) -> Vec<Effect> {
    let mut effects = wanted.effects;
    for action in wanted.actions {
        effects.extend(act(model, action));
    }
    effects
}

/// Opens the overlay of an action.
fn open(model: &mut Model, action: Action) -> Vec<Effect> {
    let wanted = stack::open(model, action).unwrap_or_default();
    obey(model, wanted)
}

/// Opens the answer of the selected request when it is held; else the one that runs out first is selected, so that it is seen which one
/// it is.
fn decide(model: &mut Model) -> Vec<Effect> {
    if let Some(id) = model.held_for_action().map(|held| held.id).filter(|_| !model.is_held_selected()) {
        model.list.follow = false;
        model.list.select(id);
    }
    open(model, Action::Decide)
}

/// Lets all go with what the rules say.
fn release_all(model: &mut Model) -> Vec<Effect> {
    let count = model.held.len();
    let (what, go) = if count == 1 { ("request", "goes") } else { ("requests", "go") };
    say(model, &format!("{count} held {what} {go} with what the rules say"));
    vec![Effect::ReleaseAll]
}

/// Requests that go on in order at once, at most.
const FORWARDED_MAX: usize = 10_000;

/// Asks whether what the app has not taken is to go on now.
fn forward_missed(model: &mut Model) -> Vec<Effect> {
    let ids: Vec<_> = model.untaken.iter().copied().take(FORWARDED_MAX).collect();
    let nothing = "Your app has taken everything that was forwarded";
    ask_to_forward(model, ids, "were not taken by your app", nothing)
}

/// The same of what the list shows.
fn forward_listed(model: &mut Model) -> Vec<Effect> {
    let count = model.list.len().min(FORWARDED_MAX);
    let mut ids: Vec<_> = (0..count).filter_map(|index| model.list.id_at(index)).collect();
    ids.sort_unstable();
    ask_to_forward(model, ids, "stand in the list", "There is no request in the list")
}

fn ask_to_forward(model: &mut Model, ids: Vec<ExchangeId>, which: &str, nothing: &str) -> Vec<Effect> {
    if !model.forwarding.is_on() {
        say(model, "Nothing is forwarded: start with --forward URL");
    } else if ids.is_empty() {
        say(model, nothing);
    } else {
        let words = format!("{} {which}. {}", counted(ids.len(), "request"), forward::question(model, &ids));
        stack::ask(model, Confirm::new("Forward?", words, Step::done([Effect::Forward { ids }])));
    }
    Vec::new()
}

/// Leaves; asks first while requests are held.
fn quit(model: &mut Model) -> Vec<Effect> {
    let words = match model.held.len() {
        0 => return vec![Effect::Quit],
        1 => "A request is held. Leaving lets it go with what the rules say.".to_owned(),
        count => format!("{count} requests are held. Leaving lets them go with what the rules say."),
    };
    stack::ask(model, Confirm::quit(words));
    Vec::new()
}

fn say(model: &mut Model, text: &str) {
    model.notices.push(Notice { level: Level::Info, text: text.to_owned() });
}

/// Opens or closes the delivery of the selected line.
fn expand(model: &mut Model) {
    model.list.follow = false;
    if !model.list.is_ledger() {
        let key = model.keymap.hint(Action::Ledger);
        say(model, &format!("Tries open where requests stand by delivery: {key} shows them so"));
    } else if !model.list.turn_delivery() {
        say(model, "This delivery came once");
    }
}

fn page(model: &Model) -> isize {
    let layout = layout(model);
    let rows = match model.focus {
        Focus::List => layout.list_rows(),
        Focus::Detail => layout.text_rows(),
    };
    isize::try_from(rows).unwrap_or(isize::MAX).max(1)
}

/// Moves in the pane that has the keys.
fn move_by(model: &mut Model, rows: isize) {
    match model.focus {
        Focus::List => move_selection(model, rows),
        Focus::Detail => scroll_text(model, rows),
    }
}

fn move_selection(model: &mut Model, rows: isize) {
    model.list.follow = false;
    model.list.move_by(rows);
}

/// Scrolls the document.
pub fn scroll_text(model: &mut Model, lines: isize) {
    let height = layout(model).text_rows();
    let line = model.detail.scroll().saturating_add_signed(lines);
    model.detail.scroll_to(line, height);
}

/// Gives the detail the keys. Reading one request, one does not want it taken away by the next.
pub fn open_detail(model: &mut Model) {
    if model.list.selected().is_some() {
        (model.focus, model.list.follow) = (Focus::Detail, false);
    }
}

/// Opens what the line stands for: a try that came with another body where that stands.
fn open_line(model: &mut Model) {
    let index = model.list.selected_index();
    let drawn = index.and_then(|index| model.list.drawn(index));
    let has_changed = drawn.is_some_and(|drawn| drawn.below.is_some() && drawn.row.same_body == Some(false));
    let was_read = model.focus == Focus::Detail;
    open_detail(model);
    if has_changed && !was_read {
        let height = layout(model).text_rows();
        model.detail.show_changes(height);
    }
}

fn is_at_top(model: &Model) -> bool {
    model.focus == Focus::List && !model.zoom
}

/// One step back: full screen, search, detail, only marked, filter.
fn back(model: &mut Model) -> Vec<Effect> {
    if !model.notices.is_empty() {
        model.notices.clear();
    }
    if let Some(id) = model.sends_selected() {
        return vec![Effect::StopSending { id }];
    }
    if model.zoom {
        model.zoom = false;
    } else if model.detail.search.is_some() {
        model.detail.search = None;
    } else if model.focus == Focus::Detail {
        model.focus = Focus::List;
    } else if model.list.is_only_marked() {
        model.list.set_only_marked(false);
    } else {
        return stack::set_filter(model, String::new(), None);
    }
    Vec::new()
}

fn zoom(model: &mut Model) {
    if layout(model).size == Size::Narrow {
        say(model, "On a screen this small every pane is full screen");
    } else if model.list.selected().is_some() {
        model.zoom = !model.zoom;
    }
}

fn resize_list(model: &mut Model, larger: bool) {
    let is_wide = layout(model).size == Size::Wide;
    let split = &mut model.split;
    let share = if is_wide { &mut split.columns_permille } else { &mut split.rows_permille };
    let next = if larger { *share + SPLIT_STEP_PERMILLE } else { share.saturating_sub(SPLIT_STEP_PERMILLE) };
    *share = next.clamp(*SPLIT_PERMILLE.start(), *SPLIT_PERMILLE.end());
}

fn turn_tab(model: &mut Model, steps: usize) {
    let next = (model.detail.tab as usize + steps) % Tab::ALL.len();
    if let Some(tab) = Tab::ALL.get(next) {
        show_tab(model, *tab);
    }
}

/// Opens a tab. Where only one pane fits, its pane comes with it.
pub fn show_tab(model: &mut Model, tab: Tab) {
    model.detail.tab = tab;
    let layout = layout(model);
    if layout.detail.is_none() && layout.size != Size::TooSmall {
        open_detail(model);
    }
}

/// From another tab to the body, then round its views.
fn body_view(model: &mut Model) {
    if model.detail.tab == Tab::Body {
        model.detail.view = model.detail.view.next();
        scroll_text(model, isize::MIN);
    }
    show_tab(model, Tab::Body);
}

fn next_hit(model: &mut Model, forward: bool) {
    let height = layout(model).text_rows();
    if model.detail.search.is_none() {
        if model.search_last.is_empty() || model.list.selected().is_none() {
            return;
        }
        model.detail.start_search(model.search_last.clone());
        if layout(model).detail.is_none() {
            open_detail(model);
        }
    } else if model.detail.next_hit(forward, height) {
        say(model, if forward { "From the end round to the start" } else { "From the start round to the end" });
    }
}

/// Shows in the overview what is different from another request, whatever is selected from now on; or no more.
fn compare(model: &mut Model) -> Vec<Effect> {
    if model.detail.compared.take().is_some() {
        say(model, "Requests are compared no more");
        return Vec::new();
    }
    let Some((id, how)) = model.to_compare_with() else {
        let key = model.keymap.hint(Action::Mark);
        say(
            model,
            &format!("Nothing to compare it with: no other of its kind came before, and none is marked ({key})"),
        );
        return Vec::new();
    };
    (model.detail.compared, model.list.follow) = (Some(id), false);
    show_tab(model, Tab::Overview);
    scroll_text(model, isize::MIN);
    let key = model.keymap.hint(Action::Compare);
    let ends = if key.is_empty() { String::new() } else { format!("; {key} ends it") };
    say(model, &format!("Compared with request {id}, {how}{ends}"));
    Vec::new()
}

fn mark(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.list.selected() else { return Vec::new() };
    let marked = model.list.toggle_mark(id);
    marked.map(|marked| Effect::SetMark { id, marked }).into_iter().collect()
}
