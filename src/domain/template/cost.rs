//! What a call of a filter, a test or an operator costs, in bytes that it goes over and makes: told before it runs.

use minijinja::Error;
use minijinja::value::{Kwargs, Value, ValueKind};

use super::weight::{ELEMENT_BYTES, Weight, weigh};

/// What a filter does with what it is given.
#[derive(Clone, Copy)]
pub(super) enum Cost {
    /// Goes over it, one level deep.
    Once,
    /// Goes over all that is below it.
    Below,
    /// Compares its elements with each other.
    Sorting,
    /// Fills up to widths that its first text names, and writes what it is given wherever that says.
    Widths,
    /// Puts as many blanks before each line as its second value says.
    Indent,
    /// As many parts as its second value says.
    Parts,
    /// A value for each character.
    Characters,
    /// A value for each part between the second text, or between blanks.
    Split,
    /// Puts the third text in place of the second.
    Replace,
    /// Puts the second text between elements.
    Join,
    /// Writes JSON with so many blanks a level.
    Json,
    /// Adds its elements up, and copies the sum so far now and then where it is a list.
    Sum,
    /// Reads JSON.
    Parse,
}

impl Cost {
    /// What a call goes over and makes, in bytes, at most.
    pub(super) fn weigh(self, args: &[Value]) -> Result<u64, Error> {
        let plain: u64 = args.iter().map(|arg| size(arg).saturating_add(16)).fold(0, u64::saturating_add);
        let mut all = Weight::default();
        for arg in args.iter().filter(|arg| is_container(arg)) {
            let one = weigh(arg)?;
            all.nodes = all.nodes.saturating_add(one.nodes);
            all.bytes = all.bytes.saturating_add(one.bytes);
            all.depth = all.depth.max(one.depth);
        }
        let below = all.all();
        let first = args.first().map_or(0, size);
        let numbers = || args.iter().filter_map(number_of).fold(0, u64::saturating_add);
        let text = |at: usize| args.get(at).and_then(Value::as_str).unwrap_or_default();
        let bytes = |at: usize| text(at).len() as u64;
        let more = match self {
            Cost::Once => 0,
            Cost::Below => below,
            // Each compared with about as many others as the number has digits in base two.
            Cost::Sorting => below.saturating_mul(u64::from((first / ELEMENT_BYTES + 2).ilog2())),
            Cost::Widths => {
                let written = plain.saturating_add(below).saturating_mul(text(0).matches('%').count() as u64);
                widths(text(0)).saturating_add(written)
            }
            Cost::Indent => numbers().saturating_mul(1 + lines(args.first())),
            Cost::Parts => numbers().saturating_mul(ELEMENT_BYTES),
            Cost::Characters => bytes(0).saturating_mul(ELEMENT_BYTES),
            Cost::Split => {
                let parts = match text(1) {
                    "" => text(0).split_whitespace().count(),
                    separator => text(0).matches(separator).count(),
                };
                (parts as u64 + lines(args.first())).saturating_mul(ELEMENT_BYTES)
            }
            Cost::Replace => (first / bytes(1).max(1) + 1).saturating_mul(bytes(2)),
            Cost::Join => (first / ELEMENT_BYTES).saturating_mul(bytes(1)).saturating_add(below),
            Cost::Json => {
                let blanks = numbers().saturating_mul(all.depth + 1).saturating_mul(all.nodes + 1);
                below.saturating_add(blanks)
            }
            Cost::Sum if args.len() == 1 => below,
            Cost::Sum => below.saturating_mul(first / ELEMENT_BYTES / 32 + 1),
            // `[0,0,0]`: every second byte can be a value.
            Cost::Parse => bytes(0).saturating_mul(ELEMENT_BYTES / 2),
        };
        Ok(plain.saturating_add(more))
    }
}

/// What comparing two values costs: they are equal only as far as the smaller of them goes.
pub(super) fn compared(args: &[Value]) -> Result<u64, Error> {
    let mut least = u64::MAX;
    for arg in args {
        least = least.min(weigh(arg)?.compared());
    }
    Ok(least)
}

/// What looking for a value in another costs.
pub(super) fn looked_for(args: &[Value]) -> Result<u64, Error> {
    args.iter().try_fold(0_u64, |sum, arg| Ok(sum.saturating_add(looked_over(arg)?)))
}

/// What going over a value costs: a text is gone over byte by byte. Of an object, names are looked up.
pub(super) fn looked_over(value: &Value) -> Result<u64, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Bytes => Ok(size(value)),
        ValueKind::Map => Ok(16),
        _ => Ok(weigh(value)?.compared()),
    }
}

/// The bytes of a text, or what the elements of a list stand for.
pub(super) fn size(value: &Value) -> u64 {
    if let Some(bytes) = value.as_bytes() {
        return bytes.len() as u64;
    }
    if is_container(value) { (value.len().unwrap_or(0) as u64).saturating_mul(ELEMENT_BYTES) } else { 0 }
}

fn is_container(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable)
}

fn lines(value: Option<&Value>) -> u64 {
    let text = value.and_then(Value::as_bytes).unwrap_or_default();
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// A number, or the numbers among arguments with names. `true` of an indentation is 4 blanks at most.
fn number_of(value: &Value) -> Option<u64> {
    if let Ok(kwargs) = Kwargs::try_from(value.clone()) {
        let named = kwargs.args().filter_map(|name| kwargs.peek::<Value>(name).ok());
        return Some(named.filter_map(|value| number_of(&value)).fold(0, u64::saturating_add));
    }
    if value.kind() == ValueKind::Bool {
        return Some(4);
    }
    if value.is_number() { Some(value.as_i64().map_or(u64::MAX, |number| number.max(0).unsigned_abs())) } else { None }
}

/// All widths and precisions of a printf-style text.
fn widths(format: &str) -> u64 {
    let mut sum = 0_u64;
    let mut rest = format;
    while let Some((_, behind)) = rest.split_once('%') {
        rest = behind;
        if let Some(named) = rest.strip_prefix('(') {
            rest = named.split_once(')').map_or("", |(_, behind)| behind);
        }
        let end = rest.find(|char: char| !char.is_ascii_digit() && !"#0- +.".contains(char)).unwrap_or(rest.len());
        let spec = rest.get(..end).unwrap_or_default();
        for digits in spec.split(|char: char| !char.is_ascii_digit()).filter(|digits| !digits.is_empty()) {
            sum = sum.saturating_add(digits.parse::<u64>().unwrap_or(u64::MAX));
        }
        // `%%` is one percent sign.
        rest = rest.get(end..).unwrap_or_default();
        rest = if end == 0 { rest.strip_prefix('%').unwrap_or(rest) } else { rest };
    }
    sum
}
