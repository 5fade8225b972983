//! Which app is to get how many of the requests that go on in order.

use crate::domain::exchange::ExchangeId;
use crate::domain::printable::visible_str;
use crate::domain::quantity::counted;
use crate::tui::model::Model;

/// Apps that a question names; of more it says how many there are.
const NAMED_MAX: usize = 4;

/// The requests of one app.
struct ToApp<'a> {
    origin: &'a str,
    count: usize,
}

/// What is asked before these go on: where each goes, by app, and which app does not answer.
pub(super) fn question(model: &Model, ids: &[ExchangeId]) -> String {
    let them = if ids.len() == 1 { "it" } else { "them" };
    let (apps, homeless) = by_app(model, ids);
    let of_app = |app: &ToApp<'_>| {
        let origin = visible_str(app.origin);
        let is_down = model.forwarding.down.iter().any(|(down, _)| *down == *origin);
        format!("{origin}{}", if is_down { " (which does not answer now)" } else { "" })
    };
    let homeless = match homeless {
        0 => String::new(),
        count => format!(" {} no app.", if count == 1 { "1 has".to_owned() } else { format!("{count} have") }),
    };
    match apps.as_slice() {
        [] => format!("No path of theirs has an app now. Forward {them} all the same?"),
        [app] => {
            let to = of_app(app);
            format!("Forward {them} to {to} now, oldest first, each when the one before was answered?{homeless}")
        }
        apps => {
            let named = apps.iter().take(NAMED_MAX).map(|app| format!("{} to {}", app.count, of_app(app)));
            let more = apps.len().checked_sub(NAMED_MAX).filter(|more| *more > 0);
            let parts: Vec<String> =
                named.chain(more.map(|more| format!("the others to {}", counted(more, "more app")))).collect();
            format!(
                "{}.{homeless} Forward {them} now, to each app oldest first, each when the one before was answered?",
                parts.join(", ")
            )
        }
    }
}

/// How many of them go to which app, and how many have none.
fn by_app<'a>(model: &'a Model, ids: &[ExchangeId]) -> (Vec<ToApp<'a>>, usize) {
    let mut apps: Vec<ToApp<'a>> = Vec::new();
    let mut homeless = 0;
    for id in ids {
        let target = model.list.row(*id).map_or("", |row| &row.target);
        let path = target.split('?').next().unwrap_or_default();
        let Some(route) = model.forwarding.routes.of(path.as_bytes()) else {
            homeless += 1;
            continue;
        };
        match apps.iter_mut().find(|app| app.origin == route.first.origin) {
            Some(app) => app.count += 1,
            None => apps.push(ToApp { origin: &route.first.origin, count: 1 }),
        }
    }
    (apps, homeless)
}

#[cfg(test)]
mod tests;
