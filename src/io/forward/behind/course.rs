//! Requests that go on in order: each app's by themselves, so that one that is down or hangs holds up nobody else's.

use std::collections::VecDeque;

use super::job::Job;
use crate::domain::forward::{Course, is_taken};
use crate::domain::printable::visible_str;
use crate::domain::quantity::counted;

/// So many in a row that are not answered in time end what goes on in order to an app.
const LATE_IN_A_ROW_MAX: usize = 3;

/// What came of one that went on in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// The app's answer had this status.
    Answer(u16),
    /// The app took the connection and did not answer in time: it may do so for the next one.
    Late,
    /// It is not there.
    Nothing,
}

/// All requests of one course, by the app that they go to.
#[derive(Debug)]
pub(super) struct InOrder(Vec<ToApp>);

/// Those of one app.
#[derive(Debug)]
struct ToApp {
    origin: String,
    left: VecDeque<Job>,
    of: usize,
    taken: usize,
    not_taken: usize,
    /// Not answered in time by an app that is there.
    late: usize,
    /// How many of the last ones were.
    late_in_a_row: usize,
    /// Whether one is under way.
    is_running: bool,
    /// Why the others do not go: visible text.
    stopped: Option<String>,
}

impl InOrder {
    /// In this order, each app's.
    pub(super) fn new(jobs: Vec<Job>) -> Self {
        let mut apps: Vec<ToApp> = Vec::new();
        for job in jobs {
            let at = apps.iter().position(|app| app.origin == job.to.origin).unwrap_or_else(|| {
                apps.push(ToApp::new(job.to.origin.clone()));
                apps.len() - 1
            });
            if let Some(app) = apps.get_mut(at) {
                app.of += 1;
                app.left.push_back(job);
            }
        }
        Self(apps)
    }

    /// What goes now: the first of each app that none is under way to.
    pub(super) fn next(&mut self) -> Vec<Job> {
        let idle = self.0.iter_mut().filter(|app| !app.is_running && app.stopped.is_none());
        let next = idle.filter_map(|app| {
            let job = app.left.pop_front()?;
            app.is_running = true;
            Some(job)
        });
        next.collect()
    }

    /// What came of the one that went to that app.
    pub(super) fn came(&mut self, origin: &str, came: Came) {
        if let Some(app) = self.0.iter_mut().find(|app| app.origin == origin) {
            app.is_running = false;
            app.came(came);
        }
    }

    /// How far it is: what is not gone on with counts no more.
    pub(super) fn course(&self) -> Course {
        let of = |app: &ToApp| if app.stopped.is_some() { app.done() } else { app.of };
        Course { done: self.0.iter().map(ToApp::done).sum(), of: self.0.iter().map(of).sum() }
    }

    /// Whether none is under way, and none will be.
    pub(super) fn is_over(&self) -> bool {
        self.0.iter().all(|app| !app.is_running && (app.left.is_empty() || app.stopped.is_some()))
    }

    /// What came of it, app by app; those that do not answer last, where they are read last.
    pub(super) fn words(&self) -> String {
        if let ([app], None) = (self.0.as_slice(), self.0.iter().find_map(|app| app.stopped.as_ref())) {
            return format!("{} forwarded in order{}", counted(app.done(), "request"), app.failures());
        }
        let (stopped, through): (Vec<_>, Vec<_>) = self.0.iter().partition(|app| app.stopped.is_some());
        through.into_iter().chain(stopped).map(ToApp::words).collect::<Vec<_>>().join("; ")
    }
}

impl ToApp {
    fn new(origin: String) -> Self {
        Self {
            origin,
            left: VecDeque::new(),
            of: 0,
            taken: 0,
            not_taken: 0,
            late: 0,
            late_in_a_row: 0,
            is_running: false,
            stopped: None,
        }
    }

    fn done(&self) -> usize {
        self.taken + self.not_taken + self.late
    }

    fn came(&mut self, came: Came) {
        let late_before = std::mem::take(&mut self.late_in_a_row);
        match came {
            Came::Answer(status) if is_taken(status) => self.taken += 1,
            Came::Answer(_) => self.not_taken += 1,
            // One slow request must not keep those behind it from going on; an app that hangs would cost its time for each.
            Came::Late => {
                self.late += 1;
                self.late_in_a_row = late_before + 1;
                if self.late_in_a_row == LATE_IN_A_ROW_MAX {
                    self.stopped = Some(format!("answered none of the last {LATE_IN_A_ROW_MAX} in time"));
                }
            }
            Came::Nothing => self.stopped = Some("does not answer".to_owned()),
        }
    }

    /// `, 2 of them answered with a failure`
    fn failures(&self) -> String {
        let not_taken = match self.not_taken {
            0 => String::new(),
            count => format!(", {count} of them answered with a failure"),
        };
        let late = match self.late {
            0 => String::new(),
            count => format!(", {count} not answered in time"),
        };
        format!("{not_taken}{late}")
    }

    fn words(&self) -> String {
        let origin = visible_str(&self.origin);
        match &self.stopped {
            None => format!("{} of {} forwarded to {origin}{}", self.done(), self.of, self.failures()),
            Some(why) => {
                let answered = self.taken + self.not_taken;
                format!("{origin} {why}: {answered} of {} forwarded, the others still wait for you", self.of)
            }
        }
    }
}

#[cfg(test)]
mod tests;
