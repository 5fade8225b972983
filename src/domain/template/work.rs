//! What the filters and tests of one template may cost. The library's fuel counts instructions, and one instruction can be a filter
//! over a stranger's text: `{{ request.body | format(1) }}` with `%0999999999d` in the body. So each call is weighed by
//! the bytes that it goes over and makes, before it is made. Counted in bytes and not in time, the same request gets the same answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::json::value_of;
use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters, tests};

/// Bytes that all filters and tests of one answer may go over and make. At some nanoseconds a byte that is less than a second.
const WORK_BYTES_MAX: u64 = 64 << 20;

/// Bytes that an element of a list stands for.
const ELEMENT_BYTES: u64 = 32;

/// What one template has done so far.
#[derive(Debug)]
pub(super) struct Work {
    done_bytes: AtomicU64,
    /// Bytes of the request that a value can hold below it.
    below_bytes: u64,
    /// How deep the request's JSON is.
    depth: u64,
}

/// What a filter does with what it is given.
#[derive(Clone, Copy)]
enum Cost {
    /// Goes over it, one level deep.
    Once,
    /// Goes over all that is below it.
    Below,
    /// Compares its elements with each other.
    Sorting,
    /// Fills up to widths that its first text names.
    Widths,
    /// Puts as many blanks before each line as its second value says.
    Indent,
    /// As many parts as its second value says.
    Parts,
    /// Puts the third text in place of the second.
    Replace,
    /// Puts the second text between elements.
    Join,
    /// Writes JSON with so many blanks a level.
    Json,
}

impl Work {
    pub(super) fn new(below_bytes: usize, depth: usize) -> Self {
        Self { done_bytes: AtomicU64::new(0), below_bytes: below_bytes as u64, depth: depth as u64 }
    }

    /// Adds to what was done.
    fn charge(&self, bytes: u64) -> Result<(), Error> {
        let before = self.done_bytes.fetch_add(bytes.min(WORK_BYTES_MAX + 1), Ordering::Relaxed);
        if before.saturating_add(bytes) > WORK_BYTES_MAX {
            let words = format!("its filters go over more than {WORK_BYTES_MAX} bytes");
            return Err(Error::new(ErrorKind::InvalidOperation, words));
        }
        Ok(())
    }

    /// What a call goes over and makes, in bytes, at most.
    fn weigh(&self, cost: Cost, args: &[Value]) -> u64 {
        let plain: u64 = args.iter().map(|arg| size(arg).saturating_add(16)).fold(0, u64::saturating_add);
        let below = if args.iter().any(is_container) { self.below_bytes } else { 0 };
        let first = args.first().map_or(0, size);
        let numbers = || args.iter().filter_map(number_of).fold(0, u64::saturating_add);
        let text = |at: usize| args.get(at).and_then(Value::as_str).map_or(0, |text| text.len() as u64);
        let more = match cost {
            Cost::Once => 0,
            Cost::Below => below,
            Cost::Sorting => plain.saturating_mul(8).saturating_add(below),
            Cost::Widths => {
                let widths = args.first().and_then(Value::as_str).map_or(0, widths);
                widths.saturating_add(below.saturating_mul(args.len() as u64))
            }
            Cost::Indent => numbers().saturating_mul(1 + lines(args.first())),
            Cost::Parts => numbers().saturating_mul(ELEMENT_BYTES),
            Cost::Replace => (first / text(1).max(1) + 1).saturating_mul(text(2)),
            Cost::Join => first / ELEMENT_BYTES * text(1) + below,
            Cost::Json => {
                let blanks = numbers().saturating_mul(self.depth + 1).saturating_mul(below.max(first) / 2 + 1);
                below.saturating_add(blanks)
            }
        };
        plain.saturating_add(more)
    }
}

/// The bytes of a text, or what the elements of a list stand for.
fn size(value: &Value) -> u64 {
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

/// Puts filters and tests that are weighed in place of the library's; what is not among them is not there.
pub(super) fn limit(environment: &mut Environment<'_>, work: &Arc<Work>) {
    for (name, cost, filter) in all_filters() {
        let work = Arc::clone(work);
        environment.add_filter(name, move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            let args = args.into_values();
            work.charge(work.weigh(cost, &args))?;
            let made = filter.call(state, &args)?;
            work.charge(size(&made))?;
            Ok::<_, Error>(made)
        });
    }
    for (name, test) in dear_tests() {
        let work = Arc::clone(work);
        environment.add_test(name, move |state: &mut State<'_, '_>, args: Rest<Value>| {
            work.charge(work.weigh(Cost::Below, &args))?;
            Ok::<_, Error>(test.call(state, &args)?.is_true())
        });
    }
    // It prints all that is there, and nobody needs that in an answer.
    environment.remove_global("debug");
}

#[rustfmt::skip]
fn all_filters() -> Vec<(&'static str, Cost, Value)> {
    use Cost::{Below, Indent, Join, Json, Once, Parts, Replace, Sorting, Widths};
    vec![
        ("safe", Once, Value::from_function(filters::safe)),
        ("escape", Below, Value::from_function(filters::escape)),
        ("e", Below, Value::from_function(filters::escape)),
        ("lower", Once, Value::from_function(filters::lower)),
        ("upper", Once, Value::from_function(filters::upper)),
        ("title", Once, Value::from_function(filters::title)),
        ("capitalize", Once, Value::from_function(filters::capitalize)),
        ("replace", Replace, Value::from_function(filters::replace)),
        ("length", Once, Value::from_function(filters::length)),
        ("count", Once, Value::from_function(filters::length)),
        ("dictsort", Sorting, Value::from_function(filters::dictsort)),
        ("items", Once, Value::from_function(filters::items)),
        ("reverse", Once, Value::from_function(filters::reverse)),
        ("trim", Once, Value::from_function(filters::trim)),
        ("join", Join, Value::from_function(filters::join)),
        ("split", Once, Value::from_function(filters::split)),
        ("lines", Once, Value::from_function(filters::lines)),
        ("default", Once, Value::from_function(filters::default)),
        ("d", Once, Value::from_function(filters::default)),
        ("round", Once, Value::from_function(filters::round)),
        ("abs", Once, Value::from_function(filters::abs)),
        ("int", Once, Value::from_function(filters::int)),
        ("float", Once, Value::from_function(filters::float)),
        ("attr", Once, Value::from_function(filters::attr)),
        ("first", Once, Value::from_function(filters::first)),
        ("last", Once, Value::from_function(filters::last)),
        ("min", Below, Value::from_function(filters::min)),
        ("max", Below, Value::from_function(filters::max)),
        ("sort", Sorting, Value::from_function(filters::sort)),
        ("list", Once, Value::from_function(filters::list)),
        ("string", Below, Value::from_function(filters::string)),
        ("bool", Once, Value::from_function(filters::bool)),
        ("batch", Parts, Value::from_function(filters::batch)),
        ("slice", Parts, Value::from_function(filters::slice)),
        ("sum", Once, Value::from_function(filters::sum)),
        ("indent", Indent, Value::from_function(filters::indent)),
        ("select", Once, Value::from_function(filters::select)),
        ("reject", Once, Value::from_function(filters::reject)),
        ("selectattr", Once, Value::from_function(filters::selectattr)),
        ("rejectattr", Once, Value::from_function(filters::rejectattr)),
        ("map", Once, Value::from_function(filters::map)),
        ("groupby", Sorting, Value::from_function(filters::groupby)),
        ("unique", Sorting, Value::from_function(filters::unique)),
        ("chain", Once, Value::from_function(filters::chain)),
        ("zip", Once, Value::from_function(filters::zip)),
        ("pprint", Below, Value::from_function(filters::pprint)),
        ("format", Widths, Value::from_function(filters::format)),
        ("tojson", Json, Value::from_function(filters::tojson)),
        ("fromjson", Once, Value::from_function(from_json)),
        ("urlencode", Below, Value::from_function(filters::urlencode)),
    ]
}

/// JSON in a text: Slack's `payload` is a form field that holds one. What is none is not defined.
fn from_json(text: &str) -> Value {
    serde_json::from_str(text).map_or(Value::UNDEFINED, value_of)
}

/// Tests that look into what they are given, by all their names.
#[rustfmt::skip]
fn dear_tests() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("in", Value::from_function(tests::is_in)),
        ("startingwith", Value::from_function(tests::is_startingwith)),
        ("endingwith", Value::from_function(tests::is_endingwith)),
        ("lower", Value::from_function(tests::is_lower)),
        ("upper", Value::from_function(tests::is_upper)),
    ];
    for (names, test) in [
        (&["eq", "equalto", "=="][..], Value::from_function(tests::is_eq)),
        (&["ne", "!="][..], Value::from_function(tests::is_ne)),
        (&["lt", "lessthan", "<"][..], Value::from_function(tests::is_lt)),
        (&["le", "<="][..], Value::from_function(tests::is_le)),
        (&["gt", "greaterthan", ">"][..], Value::from_function(tests::is_gt)),
        (&["ge", ">="][..], Value::from_function(tests::is_ge)),
    ] {
        all.extend(names.iter().map(|name| (*name, test.clone())));
    }
    all
}
