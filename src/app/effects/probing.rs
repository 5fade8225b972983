//! One delivery sent several times, each through the same gate as a resend and kept as an attempt; what came back is told as it
//! comes.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::Effects;
use super::sending::{Ended, Sending, in_background};
use crate::app::index::{IndexCommand, IndexHandle};
use crate::app::loop_input::Input;
use crate::domain::exchange::{AttemptKind, ExchangeId};
use crate::domain::probe::{Order, Probed, Recorded, TIMES_MAX, plan};
use crate::tui::effect::{ProbeWish, SendWish};
use crate::tui::msg::Msg;

impl Effects {
    /// Sends it as wished; ends where the user has to be asked, or ends it.
    pub(super) fn probe(&self, wish: ProbeWish) {
        let id = wish.id;
        let Some(sending) = self.sending(id, AttemptKind::Probe) else {
            return self.tell(Msg::ProbeDone { id, refused: Some("nothing was sent".to_owned()) });
        };
        let index = self.index.handle();
        tokio::spawn(async move {
            let refused = run(&Arc::new(sending.clone()), &index, wish).await;
            let _ = sending.out.send(Input::Msg(Msg::ProbeDone { id, refused })).await;
        });
    }
}

/// Why it was not begun or not gone on with, when that is so.
async fn run(sending: &Arc<Sending>, index: &IndexHandle, wish: ProbeWish) -> Option<String> {
    let ProbeWish { id, target, times, order, neighbours } = wish;
    // One that cannot be read is said by the sending.
    let recorded = in_background(sending.store.clone(), move |store| store.exchange(id)).await;
    let recorded = recorded.ok().and_then(|exchange| Recorded::of(&exchange));
    let _ = sending.out.send(Input::Msg(Msg::ProbeBegun { id, recorded })).await;
    // Another order each time.
    let seed = clock_seed();
    let sent = plan(order, times, id, &neighbours, seed);
    let at_once = if order == Order::AtOnce { TIMES_MAX as usize } else { 1 };
    let one = |exchange: ExchangeId| {
        let wish = SendWish { id: exchange, target: target.clone(), ..SendWish::default() };
        let sending = Arc::clone(sending);
        async move {
            if *sending.stop.borrow() {
                return (exchange, None);
            }
            (exchange, Some(sending.run(wish).await))
        }
    };
    let mut answers = stream::iter(sent).map(one).buffer_unordered(at_once);
    while let Some((exchange, ended)) = answers.next().await {
        match ended {
            Some(Ended::Sent(_, attempt)) => {
                index.tell(IndexCommand::Attempted(exchange));
                let row = Probed::of(&attempt);
                let _ = sending.out.send(Input::Msg(Msg::Probed { id, row })).await;
            }
            Some(Ended::NotSent(why)) => return Some(why),
            // One answer for the session, then the probe again: nothing is sent several times by one yes to one.
            Some(Ended::Asked(question)) => {
                let _ = sending.out.send(Input::Msg(Msg::Elsewhere(question))).await;
                return Some("send one there for all this session first, then probe again".to_owned());
            }
            None => return Some("ended; what came until then is kept".to_owned()),
        }
    }
    None
}

fn clock_seed() -> u64 {
    crate::app::clock::now().micros().unsigned_abs()
}
