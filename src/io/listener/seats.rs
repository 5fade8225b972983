//! The open connections: how many there may be, and who goes when there are more.
//!
//! A limit at which new senders wait is one that whoever opens enough connections and says nothing can use to lock
//! everybody else out. So at the limit the connection that has been of no use for longest is closed, and only when all of them are at
//! work is a new sender turned away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use crate::domain::time::Timestamp;
use crate::io::clock;
use crate::io::tap::{Pace, Wire};

use super::lane::{Pulse, Rest};

/// What a sender has to say comes with its connection, or at once after it: from when on we looked.
const SILENT_FOR: Duration = Duration::from_millis(100);
/// After an answer the next request may be on its way.
const IDLE_FOR: Duration = Duration::from_millis(250);
/// A head comes in one piece, unless it is large or somebody dribbles. Twice as long waits who comes behind as many that dribble as have a
/// place: that, and all else, must stay within two seconds.
const HEAD_FOR: Duration = Duration::from_millis(750);
/// As long may our side take to look at a new connection.
const UNSEEN_FOR: Duration = Duration::from_secs(1);
/// A body must bring 16 KiB in this time, when its place is wanted.
const BODY_FOR: Duration = Duration::from_secs(1);
/// And some of an answer must be taken.
const UNREAD_FOR: Duration = Duration::from_secs(1);
/// These are for so many connections. With fewer, each is looked at sooner: who comes waits for all that came before.
const MANY: u32 = 1024;
/// But not sooner than this.
const AT_LEAST: Duration = Duration::from_millis(25);
/// Connections that were told to go and are still there: no more are told until some of these have gone.
const LEAVING_MAX: usize = 16;
/// So long must every connection have been at work before a new sender is told so: one that has just begun may come to nothing, and the
/// fast lane takes 100 ms to tell.
const AT_WORK_FOR: Duration = Duration::from_millis(150);
/// When to look again at those.
const LEAVING_FOR: Duration = Duration::from_millis(2);

/// Where a connection stands.
#[derive(Debug)]
enum Place {
    /// Nobody listens to it yet.
    New,
    /// Nothing that says in which protocol it speaks came yet.
    Silent,
    /// On the fast lane.
    Lane(Weak<Pulse>),
    /// With the HTTP library.
    Speaks(Weak<Wire>),
    /// It was told to go.
    Leaving,
}

/// One open connection among the others.
#[derive(Debug)]
pub struct Seat {
    opened: Timestamp,
    place: Mutex<Place>,
    /// For one that is silent: it waits for what tells its protocol.
    told: Notify,
}

/// Whether another connection can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// There is a place.
    Free,
    /// There will be one after this time, or when a connection goes by itself.
    In(Duration),
    /// Every connection is at work.
    None,
}

#[derive(Debug, Default)]
struct Inner {
    /// By the number in which they were accepted: the oldest first.
    seats: BTreeMap<u64, Arc<Seat>>,
    next: u64,
    /// Since when every connection is at work.
    full_since: Option<Instant>,
}

impl Inner {
    /// Full is what has been full for a while.
    fn settled(&mut self, room: Room) -> Room {
        if room != Room::None {
            self.full_since = None;
            return room;
        }
        let since = *self.full_since.get_or_insert_with(Instant::now);
        if since.elapsed() < AT_WORK_FOR { Room::In(LEAVING_FOR) } else { Room::None }
    }
}

/// All seats.
#[derive(Debug)]
pub struct Seats {
    max: usize,
    inner: Mutex<Inner>,
    freed: Notify,
}

/// A connection's seat, free again when this is dropped.
#[derive(Debug)]
pub struct Taken {
    all: Arc<Seats>,
    number: u64,
    /// The seat itself.
    pub seat: Arc<Seat>,
}

impl Seats {
    /// For so many connections.
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max: max.max(1), inner: Mutex::default(), freed: Notify::new() })
    }

    /// How many there may be.
    pub fn max(&self) -> usize {
        self.max
    }

    /// Takes a seat, whether or not there is room.
    pub fn take(self: &Arc<Self>) -> Taken {
        let seat = Arc::new(Seat { opened: clock::now(), place: Mutex::new(Place::New), told: Notify::new() });
        let mut inner = self.inner();
        inner.next += 1;
        let number = inner.next;
        inner.seats.insert(number, seat.clone());
        drop(inner);
        Taken { all: self.clone(), number, seat }
    }

    /// Whether there is room for one more now; at the limit the connection of the least use is told to go.
    pub fn room(&self) -> Room {
        let mut inner = self.inner();
        let over = inner.seats.len().checked_sub(self.max);
        // One that was told to go and stays, since it had begun to work, is made up for by another one.
        let missing = over.map_or(0..0, |over| Self::leaving(&inner)..over + 1);
        let later = missing.map(|_| Self::make_room(&inner)).find(|room| *room != Room::Free);
        inner.settled(later.unwrap_or(Room::Free))
    }

    /// Waits until there is room for one more, for so long at most. `false`: every connection is at work, or stays.
    pub async fn room_within(&self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        loop {
            // Before the look, so that none that goes meanwhile is missed.
            let freed = self.freed();
            match self.room() {
                Room::Free => return true,
                Room::In(wait) if Instant::now() < until => {
                    let _ = timeout(wait.min(at_most), freed).await;
                }
                Room::In(_) | Room::None => return false,
            }
        }
    }

    /// Until a connection has gone, from now on.
    pub fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }

    /// Tells one connection to go, limit or not: there are no descriptors left.
    pub fn make_one_leave(&self) -> Room {
        let mut inner = self.inner();
        let room = Self::make_room(&inner);
        inner.settled(room)
    }

    fn leaving(inner: &Inner) -> usize {
        inner.seats.values().filter(|seat| matches!(*seat.place(), Place::Leaving)).count()
    }

    fn make_room(inner: &Inner) -> Room {
        let leaving = Self::leaving(inner);
        if leaving >= LEAVING_MAX {
            return Room::In(LEAVING_FOR);
        }
        let now = clock::now();
        let count = inner.seats.len();
        let ripe = inner.seats.values().filter_map(|seat| seat.ripe_at(now, count).map(|ripe| (ripe, seat)));
        let mut ripe: Vec<_> = ripe.collect();
        ripe.sort_by_key(|(at, _)| *at);
        let mut room = if leaving > 0 { Room::In(LEAVING_FOR) } else { Room::None };
        for (at, seat) in ripe {
            if at > now {
                return Room::In(Duration::from_micros(at.micros_since(now)));
            }
            // Told too late, because it has just begun to work or goes already, the next one is told.
            if seat.leave() {
                return Room::Free;
            }
            room = Room::In(LEAVING_FOR);
        }
        room
    }

    /// Has every connection look round: the listener is stopping.
    pub fn wake_all(&self) {
        for seat in self.inner().seats.values() {
            seat.wake();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.all.inner().seats.remove(&self.number);
        self.all.freed.notify_waiters();
    }
}

impl Seat {
    /// Until a connection of which the protocol is not known is told to go.
    pub async fn told_to_leave(&self) {
        while !matches!(*self.place(), Place::Leaving) {
            self.told.notified().await;
        }
    }

    /// It is on the fast lane now, where one that was told to go meanwhile is looked at before it goes.
    pub fn enters(&self, pulse: &Arc<Pulse>) {
        let mut place = self.place();
        match *place {
            Place::Leaving => drop(pulse.leave()),
            _ => *place = Place::Lane(Arc::downgrade(pulse)),
        }
    }

    /// It was told to go on the fast lane, and what it had to say was there already: it is at work.
    pub fn stays(&self, pulse: &Arc<Pulse>) {
        *self.place() = Place::Lane(Arc::downgrade(pulse));
    }

    /// It is no longer there, and what it goes on with is not known yet. `false`: it was told to go meanwhile.
    pub fn is_between(&self) -> bool {
        let mut place = self.place();
        let stays = !matches!(*place, Place::Leaving);
        if stays {
            *place = Place::Silent;
        }
        stays
    }

    /// It is with the HTTP library now. One that was told to go meanwhile goes all the same, with what came shown.
    pub fn speaks(&self, wire: &Arc<Wire>) {
        let mut place = self.place();
        match *place {
            Place::Leaving => drop(wire.leave()),
            _ => *place = Place::Speaks(Arc::downgrade(wire)),
        }
    }

    /// From when on it may be told to go, being one of so many. `None`: it is at work, or goes already.
    fn ripe_at(&self, now: Timestamp, count: usize) -> Option<Timestamp> {
        // What began after now began before the clock was set back.
        let exactly = |since: Timestamp, time: Duration| match since > now {
            true => Some(now),
            false => Some(since.plus_micros(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))),
        };
        let after = |since: Timestamp, time: Duration| exactly(since, patience(time, count));
        match &*self.place() {
            // Our side takes its time, however many there are.
            Place::New => exactly(self.opened, UNSEEN_FOR),
            Place::Silent => after(self.opened, SILENT_FOR),
            Place::Leaving => None,
            Place::Lane(pulse) => match pulse.upgrade()?.get() {
                Rest::Unseen => exactly(self.opened, UNSEEN_FOR),
                Rest::Silent(since) => after(since, SILENT_FOR),
                Rest::Idle(since) => after(since, IDLE_FOR),
                Rest::None => None,
            },
            Place::Speaks(wire) => match wire.upgrade()?.pace() {
                Pace::Busy => None,
                Pace::Body(since) => after(since, BODY_FOR),
                Pace::Writing(since) => after(since, UNREAD_FOR),
                Pace::Head(since) => after(since, HEAD_FOR),
                Pace::Idle(since) => after(since, IDLE_FOR),
            },
        }
    }

    /// Tells it to go. `false`: it has begun to work.
    fn leave(&self) -> bool {
        let mut place = self.place();
        let goes = match &*place {
            Place::New | Place::Silent => {
                self.told.notify_one();
                true
            }
            Place::Lane(pulse) => pulse.upgrade().is_none_or(|pulse| pulse.leave()),
            Place::Speaks(wire) => wire.upgrade().is_none_or(|wire| wire.leave()),
            Place::Leaving => false,
        };
        if goes {
            *place = Place::Leaving;
        }
        goes
    }

    /// Has it look round.
    fn wake(&self) {
        match &*self.place() {
            Place::Lane(pulse) => drop(pulse.upgrade().map(|pulse| pulse.wake())),
            Place::Speaks(wire) => drop(wire.upgrade().map(|wire| wire.wake())),
            Place::New | Place::Silent | Place::Leaving => {}
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of this time that there is with so many connections.
fn patience(time: Duration, count: usize) -> Duration {
    let part = u32::try_from(count).unwrap_or(MANY).min(MANY);
    (time * part / MANY).max(time.min(AT_LEAST))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;

    use futures_util::FutureExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use crate::domain::exchange::Answer;
    use crate::io::tap::{HeadLimits, Refusal, Witness};

    use super::*;

    struct Nobody;

    impl Witness for Nobody {
        fn refused(&self, _: Vec<(Refusal, Option<u16>)>) {}
        fn answered(&self, _: Answer) {}
    }

    /// Its thread may be the one that looks for a place: to wait for it there would be to wait for ever.
    #[tokio::test]
    async fn one_that_goes_already_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let peer = stream.peer_addr().unwrap();
        let long_ago = Timestamp::from_secs(1);
        let limits = HeadLimits { bytes: 1000, count: 10 };
        let wire = Wire::new(stream, (peer, long_ago), (Vec::new(), long_ago, false), false, limits, Arc::new(Nobody));
        let seats = Seats::new(1);
        let taken = seats.take();
        taken.seat.speaks(&wire);
        wire.close();
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || said.send(seats.room()));
        assert_eq!(heard.recv_timeout(Duration::from_secs(10)), Ok(Room::In(LEAVING_FOR)));
    }

    /// It need not wait until somebody could be told to go.
    #[tokio::test]
    async fn a_place_that_gets_free_is_taken_at_once() {
        let seats = Seats::new(1);
        let taken = seats.take();
        let mut waits = pin!(seats.room_within(Duration::from_secs(3600)));
        assert_eq!((&mut waits).now_or_never(), None);
        drop(taken);
        assert_eq!(waits.now_or_never(), Some(true));
    }

    /// Its thread may have other things to do: what it said in time waits in the system.
    #[test]
    fn a_sender_to_whom_nobody_listens_yet_is_not_silent() {
        let seats = Seats::new(1);
        let taken = seats.take();
        let waits = || match seats.room() {
            Room::In(wait) => wait,
            other => panic!("{other:?}"),
        };
        assert!(waits() > SILENT_FOR);
        let pulse = Arc::new(Pulse::default());
        taken.seat.enters(&pulse);
        assert!(waits() > SILENT_FOR);
        pulse.found_nothing();
        assert!(waits() <= SILENT_FOR);
    }
}
