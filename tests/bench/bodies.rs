//! Requests as providers send them, always the same ones: GitHub's heads and JSON bodies of an exact length.
//!
//! The share of bytes that JSON inside JSON must escape decides what a record costs. GitHub's own push event
//! (`tests/fixtures/github-push.json`) has 7 quotes in 100 bytes; these have 6 to 9.

/// Different requests of one size.
pub const VARIANTS: usize = 32;
/// Digits of the delivery id that differ from request to request.
pub const ID_DIGITS: usize = 16;

/// A request ready to be written.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Head and body.
    pub bytes: Vec<u8>,
    /// Where the [`ID_DIGITS`] are: deliveries of a real sender have ids of their own.
    pub id_at: usize,
}

impl Prepared {
    /// Writes the number into the delivery id.
    pub fn number(&mut self, mut number: u64) {
        if let Some(place) = self.bytes.get_mut(self.id_at..self.id_at + ID_DIGITS) {
            for digit in place.iter_mut().rev() {
                *digit = b"0123456789abcdef"[(number & 15) as usize];
                number >>= 4;
            }
        }
    }
}

/// [`VARIANTS`] requests with bodies of that many bytes.
pub fn requests(body_bytes: usize, address: &str) -> Vec<Prepared> {
    (0..VARIANTS as u64).map(|variant| request(variant, &body(variant, body_bytes), address)).collect()
}

fn request(variant: u64, body: &[u8], address: &str) -> Prepared {
    let mut random = Random::new(variant ^ 0x5151);
    let head = format!(
        "POST /hooks/github HTTP/1.1\r\nHost: {address}\r\nUser-Agent: GitHub-Hookshot/{:07x}\r\nAccept: */*\r\n\
         Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Hook-ID: {}\r\n\
         X-Hub-Signature-256: sha256={:016x}{:016x}{:016x}{:016x}\r\nContent-Length: {}\r\nX-GitHub-Delivery: ",
        random.below(1 << 28),
        400_000_000 + random.below(1 << 20),
        random.next(),
        random.next(),
        random.next(),
        random.next(),
        body.len(),
    );
    let id_at = head.len();
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(b"0000000000000000-9d3c-11ee-8c90\r\n\r\n");
    bytes.extend_from_slice(body);
    Prepared { bytes, id_at }
}

/// A push event of exactly that many bytes.
pub fn body(variant: u64, bytes: usize) -> Vec<u8> {
    let mut random = Random::new(variant);
    let mut text = format!(
        "{{\"ref\":\"refs/heads/feature-{}\",\"before\":\"{:016x}{:016x}\",\"after\":\"{:016x}{:016x}\",\"created\":false,\
         \"deleted\":false,\"forced\":{},\"pusher\":{{\"name\":\"{}\",\"email\":\"{}@example.com\"}},\"commits\":[",
        random.below(1000),
        random.next(),
        random.next(),
        random.next(),
        random.next(),
        random.below(2) == 0,
        random.name(),
        random.name(),
    );
    let close = "],\"note\":\"";
    let mut first = true;
    loop {
        let commit = commit(&mut random);
        if text.len() + commit.len() + 1 + close.len() + 2 > bytes {
            break;
        }
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        text.push_str(&commit);
    }
    text.push_str(close);
    while text.len() + 2 < bytes {
        text.push((b'a' + random.below(26) as u8) as char);
    }
    text.push_str("\"}");
    text.into_bytes()
}

fn commit(random: &mut Random) -> String {
    let id = format!("{:016x}{:016x}", random.next(), random.next());
    let author = random.name();
    format!(
        "{{\"id\":\"{id}\",\"distinct\":true,\"message\":\"Fix {} in {}\\n\\nIt was \\\"{}\\\" before.\",\
         \"timestamp\":\"2026-11-{:02}T{:02}:{:02}:08Z\",\"url\":\"https://github.com/{}/{}/commit/{id}\",\
         \"author\":{{\"name\":\"{author}\",\"username\":\"{author}\"}},\"size\":{},\"added\":[],\
         \"modified\":[\"src/{}.rs\",\"docs/{}.md\"]}}",
        random.word(),
        random.word(),
        random.word(),
        random.below(28) + 1,
        random.below(24),
        random.below(60),
        random.word(),
        random.word(),
        random.below(100_000),
        random.word(),
        random.word(),
    )
}

/// Numbers that look random and are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len() as u64) as usize]
    }

    fn name(&mut self) -> &'static str {
        self.pick(&["Codertocat", "ana", "Grüße", "böb", "mallory", "李雷", "trent-the-7th", "peggy"])
    }

    fn word(&mut self) -> &'static str {
        self.pick(&[
            "parser",
            "retries",
            "invoice",
            "the-index",
            "listener",
            "hook",
            "ledger",
            "queue",
            "café",
            "signature",
        ])
    }
}
