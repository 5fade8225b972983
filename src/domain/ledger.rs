//! The delivery ledger: exchanges of one delivery stand as one line, the first try's, which opens to show the others.
//!
//! It grows with each row that comes, and is as quick with a million: a row costs one look-up, a line that is drawn a
//! search among the lines and a step for each that is open.

use std::collections::{BTreeSet, HashMap};

use super::exchange::ExchangeId;

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A delivery: all its tries that are shown, this one included.
    Delivery {
        /// How many.
        tries: usize,
        /// Whether the others stand below it.
        is_open: bool,
        /// The newest of them.
        newest: ExchangeId,
    },
    /// One more try, below its open delivery.
    Try {
        /// The try before it.
        before: ExchangeId,
    },
}

/// Lines in the order in which their deliveries came first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    heads: Vec<Head>,
    /// By the key of a delivery: its tries behind the head, in order.
    others: HashMap<ExchangeId, Vec<ExchangeId>>,
    /// By the key of a delivery whose first try is not shown: its head.
    stand_ins: HashMap<ExchangeId, ExchangeId>,
    /// Heads of those that are open.
    open: BTreeSet<ExchangeId>,
}

/// The first try that is shown of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    id: ExchangeId,
    /// The first try of the delivery, shown or not: by it the others find their way.
    key: ExchangeId,
}

impl Ledger {
    /// Of exchanges with the first of their delivery, in order of id; those stay open that were so in `before`.
    pub fn of(exchanges: impl Iterator<Item = (ExchangeId, ExchangeId)>, before: Option<Self>) -> Self {
        let mut ledger = Self { open: before.map(|before| before.open).unwrap_or_default(), ..Self::default() };
        for (id, key) in exchanges {
            ledger.add(id, key);
        }
        let heads = &ledger.heads;
        ledger.open.retain(|id| heads.binary_search_by_key(id, |head| head.id).is_ok());
        ledger
    }

    /// Adds one with the first of its delivery. Its id is above all before.
    pub fn add(&mut self, id: ExchangeId, key: ExchangeId) {
        if let Some(others) = self.others.get_mut(&key) {
            others.push(id);
        } else if key != id && self.head_at(key).is_some() {
            self.others.insert(key, vec![id]);
        } else {
            self.heads.push(Head { id, key });
            if key != id {
                // The first is not shown: the next one of its delivery finds this one here.
                self.others.insert(key, Vec::new());
                self.stand_ins.insert(key, id);
            }
        }
    }

    fn head_at(&self, id: ExchangeId) -> Option<usize> {
        self.heads.binary_search_by_key(&id, |head| head.id).ok()
    }

    fn others_of(&self, head: Head) -> &[ExchangeId] {
        self.others.get(&head.key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The open deliveries: place among the heads, and the tries below.
    fn opened(&self) -> impl Iterator<Item = (usize, &[ExchangeId])> {
        let heads = self.open.iter().filter_map(|id| self.head_at(*id));
        heads.filter_map(|at| Some((at, self.others_of(*self.heads.get(at)?))))
    }

    /// How many deliveries.
    pub fn deliveries_len(&self) -> usize {
        self.heads.len()
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.heads.len() + self.opened().map(|(_, others)| others.len()).sum::<usize>()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The exchange of a line, from 0, and what the line stands for.
    pub fn line(&self, index: usize) -> Option<(ExchangeId, Line)> {
        let mut shift = 0;
        for (at, others) in self.opened() {
            let Some(below) = index.checked_sub(at + shift).filter(|below| *below > 0) else { break };
            if let Some(id) = others.get(below - 1) {
                let head = self.heads.get(at)?.id;
                let before = below.checked_sub(2).and_then(|before| others.get(before)).copied().unwrap_or(head);
                return Some((*id, Line::Try { before }));
            }
            shift += others.len();
        }
        let head = *self.heads.get(index.checked_sub(shift)?)?;
        let others = self.others_of(head);
        let is_open = self.open.contains(&head.id);
        let newest = others.last().copied().unwrap_or(head.id);
        Some((head.id, Line::Delivery { tries: others.len() + 1, is_open, newest }))
    }

    /// The line of an exchange whose delivery has this key: its own, else that of its closed delivery, else the one that
    /// stands where it would.
    pub fn place_of(&self, id: ExchangeId, key: ExchangeId) -> usize {
        let others = self.others.get(&key).map(Vec::as_slice).unwrap_or_default();
        let among = others.binary_search(&id).ok();
        let head = match among {
            None => self.heads.partition_point(|head| head.id < id),
            Some(_) => {
                let head = self.stand_ins.get(&key).copied().unwrap_or(key);
                self.heads.partition_point(|known| known.id < head)
            }
        };
        let shift: usize = self.opened().take_while(|(at, _)| *at < head).map(|(_, others)| others.len()).sum();
        let is_open = self.heads.get(head).is_some_and(|head| self.open.contains(&head.id));
        head + shift + among.filter(|_| is_open).map_or(0, |at| at + 1)
    }

    /// Opens or closes the delivery of a line; nothing for one with a single try. Whether something changed.
    pub fn turn(&mut self, index: usize) -> bool {
        let head = match self.line(index) {
            Some((id, Line::Delivery { tries: 2.., .. })) => id,
            Some((id, Line::Try { .. })) => {
                let found = self.opened().find(|(_, others)| others.contains(&id));
                match found.and_then(|(at, _)| self.heads.get(at)) {
                    Some(head) => head.id,
                    None => return false,
                }
            }
            _ => return false,
        };
        if !self.open.remove(&head) {
            self.open.insert(head);
        }
        true
    }
}

#[cfg(test)]
mod tests;
