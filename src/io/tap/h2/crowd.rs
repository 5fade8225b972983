//! What the open requests of all HTTP/2 connections hold together, and which connection goes when that is too much.
//!
//! Each connection may have 128 requests open, and each of them costs hyper and us some KiB, whatever its sender paid for it: a
//! thousand connections could ask for a gigabyte. What is over is taken from the connection that holds much and comes on
//! least, so a sender whose requests are answered is in nobody's way, and nobody in its.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use crate::domain::time::Timestamp;

/// What an open request takes beside its header fields: hyper's stream, its handler, and its places in the tables here.
pub const STREAM_BYTES: usize = 8 * 1024;
/// Of all HTTP/2 connections of the process.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// A connection that holds no more goes only when there is no other.
const SMALL_BYTES: usize = 64 * 1024;

/// While those that were told to go are still there, a connection without open requests is given so much at a time: some ten
/// requests, where a read may hold a hundred.
const LITTLE_BYTES: usize = 256;

/// What all hold, those included that were told to go.
static THERE_BYTES: AtomicUsize = AtomicUsize::new(0);
static CROWD: Mutex<Crowd> = Mutex::new(Crowd { members: BTreeMap::new(), next: 0, held_bytes: 0 });

#[derive(Debug)]
struct Crowd {
    members: BTreeMap<u64, Member>,
    next: u64,
    /// Of those that were not told to go.
    held_bytes: usize,
}

#[derive(Debug, Default)]
struct Member {
    held_bytes: usize,
    /// When one of its requests was last answered, or the first of them began.
    since: Timestamp,
    is_told: bool,
    driver: Option<Waker>,
}

/// One connection's place among all.
#[derive(Debug)]
pub struct Place(u64);

fn crowd() -> MutexGuard<'static, Crowd> {
    CROWD.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Place {
    fn default() -> Self {
        let mut crowd = crowd();
        crowd.next += 1;
        let number = crowd.next;
        crowd.members.insert(number, Member::default());
        Self(number)
    }
}

impl Place {
    /// A request of so many header bytes began.
    pub fn add(&self, bytes: usize, now: Timestamp) {
        let bytes = bytes + STREAM_BYTES;
        let mut crowd = crowd();
        let Some(member) = crowd.members.get_mut(&self.0).filter(|member| !member.is_told) else { return };
        if member.held_bytes == 0 {
            member.since = now;
        }
        member.held_bytes += bytes;
        crowd.held_bytes += bytes;
        THERE_BYTES.fetch_add(bytes, Ordering::Relaxed);
        crowd.relieve(now, BYTES_MAX);
    }

    /// A request of so many header bytes is over.
    pub fn sub(&self, bytes: usize) {
        let bytes = bytes + STREAM_BYTES;
        let mut crowd = crowd();
        // What one that was told to go holds goes with it.
        let Some(member) = crowd.members.get_mut(&self.0).filter(|member| !member.is_told) else { return };
        member.held_bytes -= bytes;
        crowd.held_bytes -= bytes;
        THERE_BYTES.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// How many bytes the connection may bring now. None while others have yet to go for what it holds already.
    pub fn wanted_bytes(&self) -> usize {
        if THERE_BYTES.load(Ordering::Relaxed) <= BYTES_MAX {
            return usize::MAX;
        }
        match crowd().members.get(&self.0) {
            Some(member) if member.held_bytes > 0 => 0,
            _ => LITTLE_BYTES,
        }
    }

    /// A request was answered.
    pub fn came_on(&self, now: Timestamp) {
        if let Some(member) = crowd().members.get_mut(&self.0) {
            member.since = now;
        }
    }

    /// Whether the connection is to go; also remembers whom to wake when it is.
    pub fn is_told(&self, driver: &Waker) -> bool {
        let mut crowd = crowd();
        let Some(member) = crowd.members.get_mut(&self.0) else { return false };
        if member.driver.as_ref().is_none_or(|known| !known.will_wake(driver)) {
            member.driver = Some(driver.clone());
        }
        member.is_told
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut crowd = crowd();
        let Some(member) = crowd.members.remove(&self.0) else { return };
        THERE_BYTES.fetch_sub(member.held_bytes, Ordering::Relaxed);
        if !member.is_told {
            crowd.held_bytes -= member.held_bytes;
        }
    }
}

impl Crowd {
    /// Tells as many to go as hold what is over `bytes_max`.
    fn relieve(&mut self, now: Timestamp, bytes_max: usize) {
        while self.held_bytes > bytes_max {
            let weight = |member: &Member| {
                let waited_us = u128::from(now.micros_since(member.since)) + 1000;
                (member.held_bytes > SMALL_BYTES, waited_us * member.held_bytes as u128)
            };
            let staying = self.members.values_mut().filter(|member| !member.is_told && member.held_bytes > 0);
            let Some(member) = staying.max_by_key(|member| weight(member)) else { return };
            member.is_told = true;
            self.held_bytes -= member.held_bytes;
            if let Some(driver) = &member.driver {
                driver.wake_by_ref();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each of these holds, in KiB, and since when, in milliseconds; the limit; who goes.
    fn goes(members: &[(usize, i64)], kib_max: usize) -> Vec<usize> {
        let at = |ms: i64| Timestamp::default().plus_micros(ms * 1000);
        let member = |(kib, ms): &(usize, i64)| Member { held_bytes: kib * 1024, since: at(*ms), ..Member::default() };
        let held_bytes = members.iter().map(|(kib, _)| kib * 1024).sum();
        let members = members.iter().map(member).enumerate().map(|(number, member)| (number as u64, member)).collect();
        let mut crowd = Crowd { members, next: 0, held_bytes };
        crowd.relieve(at(10_000), kib_max * 1024);
        let told = crowd.members.iter().filter(|(_, member)| member.is_told);
        told.map(|(number, _)| usize::try_from(*number).unwrap()).collect()
    }

    #[test]
    fn who_holds_much_and_comes_on_least_goes_first() {
        assert_eq!(goes(&[(500, 9_000), (400, 9_000)], 900), [0; 0]);
        assert_eq!(goes(&[(500, 9_000), (400, 9_000)], 899), [0], "the larger one");
        assert_eq!(goes(&[(500, 9_999), (100, 5_000)], 599), [1], "the one that stands still");
        assert_eq!(goes(&[(8, 0), (100, 9_999)], 107), [1], "a small one in peace");
        assert_eq!(goes(&[(8, 0), (16, 0)], 12), [1], "unless there is no other");
        assert_eq!(goes(&[(300, 0), (200, 0), (100, 0)], 150), [0, 1]);
    }
}
