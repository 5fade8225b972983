//! What comes of a message. Cannot fail, reads no clock: time comes in [`Msg::Tick`].

mod act;
mod forward;
mod mouse;
mod news;
mod stack;

use zeroize::Zeroize as _;

use super::effect::Effect;
use super::layout::layout;
use super::model::{Focus, Model};
use super::msg::Msg;

/// Takes a message into the model; the wishes that come of it, in order.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let was = layout(model);
    let before = (model.list.selected(), was.list_rows());
    // Rows that arrive may wait for the next tick before their exchange is asked for; a hand on the keys may not.
    let is_eager = matches!(msg, Msg::Key(_) | Msg::Mouse(_) | Msg::Resize { .. } | Msg::Tick(_));
    let reveals = matches!(msg, Msg::Key(_) | Msg::Resize { .. } | Msg::Filtered { .. });
    let moves = matches!(msg, Msg::Key(_) | Msg::Mouse(_));
    let resizes = matches!(msg, Msg::Resize { .. });
    let told = stack::tell(model, &msg);
    let mut effects = act::obey(model, told);
    effects.extend(match msg {
        Msg::Key(key) => {
            let wanted = stack::key(model, key);
            act::obey(model, wanted)
        }
        Msg::Mouse(event) => mouse::mouse(model, event),
        Msg::Paste(mut text) => {
            let wanted = stack::paste(model, &text);
            // It may have been a secret.
            text.zeroize();
            act::obey(model, wanted)
        }
        Msg::Resize { width, height } => {
            model.size = (width, height);
            Vec::new()
        }
        news => news::take(model, news),
    });
    model.list.set_held(!model.overlays.is_empty());
    // What is read, or what an overlay is about, is not taken away by the next try of its delivery.
    model.list.set_read(!model.overlays.is_empty() || model.focus == Focus::Detail);
    if model.list.selected().is_none() {
        (model.focus, model.zoom) = (Focus::List, false);
    }
    let layout = layout(model);
    let rows = layout.list_rows();
    if resizes {
        model.list.resized(was.list_rows(), rows);
    }
    if reveals || before != (model.list.selected(), rows) {
        model.list.show_selected(rows);
    } else {
        model.list.clamp_top(rows);
    }
    if was.list.map(|list| list.area.width) != layout.list.map(|list| list.area.width) {
        model.list.measure_anew();
    }
    if rows > 0 {
        model.list.measure(rows, moves);
    }
    effects.extend(model.detail.settle(model.list.selected(), layout.text_columns(), is_eager));
    effects
}

#[cfg(test)]
mod tests;
