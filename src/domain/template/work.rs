//! What one template may cost. The library's fuel counts instructions, and one instruction can be a filter or an operator
//! over a stranger's text: `{{ request.body | format(1) }}` with `%0999999999d` in the body. So each is weighed by
//! the bytes that it goes over and makes, before it is made. Counted in bytes and not in time, the same request gets the same answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::json::value_of;
use super::rewrite;
use super::weight::{ELEMENT_BYTES, List, Weight, is_namespace, weigh, weighed};
use minijinja::value::{Kwargs, Rest, Tuple, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters, functions, tests};

/// Bytes that all filters and operators of one answer may go over and make. At some nanoseconds a byte that is less than half a second, and as
/// it counts what is made, no answer holds more.
const WORK_BYTES_MAX: u64 = 64 << 20;

/// Instructions that all templates of one answer may cost together. They take less than a tenth of a second.
pub(super) const FUEL: u64 = 400_000;

/// What one template has done so far.
#[derive(Debug, Default)]
pub(super) struct Work {
    done_bytes: AtomicU64,
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

impl Work {
    /// Adds to what was done.
    ///
    /// # Errors
    /// It is too much.
    pub(super) fn charge(&self, bytes: u64) -> Result<(), Error> {
        let before = self.done_bytes.fetch_add(bytes.min(WORK_BYTES_MAX + 1), Ordering::Relaxed);
        if before.saturating_add(bytes) > WORK_BYTES_MAX {
            let words = format!(
                "its filters and operators go over more than {WORK_BYTES_MAX} bytes: loop over less, or look names up in an object in place of a list"
            );
            return Err(Error::new(ErrorKind::InvalidOperation, words));
        }
        Ok(())
    }

    /// What a call goes over and makes, in bytes, at most.
    fn weigh(&self, cost: Cost, args: &[Value]) -> Result<u64, Error> {
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
        let more = match cost {
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

    /// What comparing two values costs: they are equal only as far as the smaller of them goes.
    fn compared(args: &[Value]) -> Result<u64, Error> {
        let mut least = u64::MAX;
        for arg in args {
            least = least.min(weigh(arg)?.compared());
        }
        Ok(least)
    }

    /// What looking for a value in another costs.
    fn looked_for(args: &[Value]) -> Result<u64, Error> {
        args.iter().try_fold(0_u64, |sum, arg| Ok(sum.saturating_add(looked_over(arg)?)))
    }
}

/// What going over a value costs: a text is gone over byte by byte. Of an object, names are looked up.
fn looked_over(value: &Value) -> Result<u64, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Bytes => Ok(size(value)),
        ValueKind::Map => Ok(16),
        _ => Ok(weigh(value)?.compared()),
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

/// Puts filters, tests and functions that are weighed in place of the library's; what is not among them is not there.
pub(super) fn limit(environment: &mut Environment<'_>, work: &Arc<Work>) {
    for (name, cost, filter) in all_filters() {
        let work = Arc::clone(work);
        environment.add_filter(name, move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            let args = args.into_values();
            work.charge(work.weigh(cost, &args)?)?;
            let made = filter.call(state, &args)?;
            work.charge(made.as_bytes().map_or(0, |text| text.len() as u64))?;
            weighed(made, &work)
        });
    }
    for (name, test, cost) in dear_tests() {
        let work = Arc::clone(work);
        environment.add_test(name, move |state: &mut State<'_, '_>, args: Rest<Value>| {
            work.charge(cost(&args)?)?;
            Ok::<_, Error>(test.call(state, &args)?.is_true())
        });
    }
    for (name, function) in [
        ("range", Value::from_function(functions::range)),
        ("dict", Value::from_function(functions::dict)),
        ("namespace", Value::from_function(functions::namespace)),
    ] {
        let work = Arc::clone(work);
        environment.add_function(name, move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            let args = args.into_values();
            for arg in &args {
                keep(arg, &work)?;
                work.charge(work.weigh(Cost::Below, std::slice::from_ref(arg))?)?;
            }
            weighed(function.call(state, &args)?, &work)
        });
    }
    operators(environment, work);
    // It prints all that is there, and nobody needs that in an answer.
    environment.remove_global("debug");
}

/// What [`rewrite`] puts in place of operators and around values.
fn operators(environment: &mut Environment<'_>, work: &Arc<Work>) {
    let shared = || Arc::clone(work);
    let work = shared();
    environment.add_filter(rewrite::PRINTED, move |value: Value| {
        work.charge(weigh(&value)?.all())?;
        Ok::<_, Error>(value)
    });
    let work = shared();
    environment.add_filter(rewrite::LOOKED, move |value: Value| {
        work.charge(looked_over(&value)?)?;
        Ok::<_, Error>(value)
    });
    let work = shared();
    environment.add_filter(rewrite::INDEXED, move |value: Value| {
        work.charge(value.as_bytes().map_or(0, |text| text.len() as u64))?;
        Ok::<_, Error>(value)
    });
    let work = shared();
    environment.add_filter(rewrite::MADE, move |value: Value| weighed(value, &work));
    let work = shared();
    environment.add_filter(rewrite::KEPT, move |value: Value| keep(&value, &work).map(|()| value));
    let work = shared();
    environment.add_filter(rewrite::CONCAT, move |left: Value, right: Value| {
        work.charge(weigh(&left)?.all().saturating_add(weigh(&right)?.all()))?;
        Ok::<_, Error>(Value::from(format!("{left}{right}")))
    });
    let work = shared();
    environment.add_filter(rewrite::ADD, move |left: Value, right: Value| add(&left, &right, &work));
    let work = shared();
    environment.add_filter(rewrite::MULTIPLY, move |left: Value, right: Value| multiply(&left, &right, &work));
}

/// A namespace that held itself would have no end. What it is to hold is weighed, and so bounded, before it is gone into.
fn keep(value: &Value, work: &Work) -> Result<(), Error> {
    work.charge(weigh(value)?.compared())?;
    if has_namespace(value) {
        let words = "a namespace cannot hold a namespace: give each a name of its own";
        return Err(Error::new(ErrorKind::InvalidOperation, words));
    }
    Ok(())
}

/// Lists and objects refuse them where they are made.
fn has_namespace(value: &Value) -> bool {
    let named = || Kwargs::try_from(value.clone()).ok();
    if value.is_tuple() {
        return value.try_iter().is_ok_and(|mut items| items.any(|item| has_namespace(&item)));
    }
    let is_named =
        |all: Kwargs| all.args().any(|name| all.peek::<Value>(name).is_ok_and(|value| has_namespace(&value)));
    is_namespace(value) || named().is_some_and(is_named)
}

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// `+`, as the library has it.
fn add(left: &Value, right: &Value, work: &Work) -> Result<Value, Error> {
    if let (Some(first), Some(second)) = (left.as_str(), right.as_str()) {
        work.charge((first.len() + second.len()) as u64)?;
        return Ok(Value::from([first, second].concat()));
    }
    if is_list(left) && is_list(right) && left.is_tuple() == right.is_tuple() {
        work.charge(size(left).saturating_add(size(right)))?;
        return list_like(left, left.try_iter()?.chain(right.try_iter()?));
    }
    calculate("+", left, right, i128::checked_add, |left, right| left + right)
}

/// `*`, as the library has it.
fn multiply(left: &Value, right: &Value, work: &Work) -> Result<Value, Error> {
    let repeated = |value: &Value, times: &Value| {
        let wrong = "only a whole number says how often something is repeated";
        let times = times.as_usize().ok_or_else(|| Error::new(ErrorKind::InvalidOperation, wrong))?;
        work.charge((size(value).saturating_add(ELEMENT_BYTES)).saturating_mul(times as u64))?;
        match value.as_str() {
            Some(text) => Ok(Value::from(text.repeat(times))),
            None => {
                let items: Vec<Value> = value.try_iter()?.collect();
                list_like(value, items.iter().cycle().take(items.len().saturating_mul(times)).cloned())
            }
        }
    };
    let can_be = |value: &Value| value.as_str().is_some() || is_list(value);
    match (can_be(left), can_be(right)) {
        (true, _) => repeated(left, right),
        (false, true) => repeated(right, left),
        (false, false) => calculate("*", left, right, i128::checked_mul, |left, right| left * right),
    }
}

/// A list, or a tuple where this is one.
fn list_like(like: &Value, items: impl Iterator<Item = Value>) -> Result<Value, Error> {
    match like.is_tuple() {
        true => Ok(Value::from(Tuple::from(items.collect::<Vec<_>>()))),
        false => List::value(items.collect()),
    }
}

/// With whole numbers as long as both are.
fn calculate(
    sign: &str,
    left: &Value,
    right: &Value,
    whole: fn(i128, i128) -> Option<i128>,
    float: fn(f64, f64) -> f64,
) -> Result<Value, Error> {
    let is_float = |value: &Value| value.is_number() && !value.is_integer();
    let failed = |words: String| Error::new(ErrorKind::InvalidOperation, words);
    let impossible =
        || failed(format!("tried to use {sign} operator on unsupported types {} and {}", left.kind(), right.kind()));
    if is_float(left) || is_float(right) {
        let real = |value: &Value| match is_float(value) {
            true => f64::try_from(value.clone()).ok(),
            // `true` is one.
            false => i128::try_from(value.clone()).ok().map(|whole| whole as f64),
        };
        let numbers = real(left).zip(real(right));
        return numbers.map(|(left, right)| Value::from(float(left, right))).ok_or_else(impossible);
    }
    let numbers = i128::try_from(left.clone()).ok().zip(i128::try_from(right.clone()).ok());
    let (first, second) = numbers.ok_or_else(impossible)?;
    let made = whole(first, second).ok_or_else(|| failed(format!("unable to calculate {left} {sign} {right}")))?;
    Ok(i64::try_from(made).map_or_else(|_| Value::from(made), Value::from))
}

#[rustfmt::skip]
fn all_filters() -> Vec<(&'static str, Cost, Value)> {
    use Cost::{Below, Characters, Indent, Join, Json, Once, Parse, Parts, Replace, Sorting, Split, Sum, Widths};
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
        ("split", Split, Value::from_function(filters::split)),
        ("lines", Split, Value::from_function(filters::lines)),
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
        ("list", Characters, Value::from_function(filters::list)),
        ("string", Below, Value::from_function(filters::string)),
        ("bool", Once, Value::from_function(filters::bool)),
        ("batch", Parts, Value::from_function(filters::batch)),
        ("slice", Parts, Value::from_function(filters::slice)),
        ("sum", Sum, Value::from_function(filters::sum)),
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
        ("fromjson", Parse, Value::from_function(from_json)),
        ("urlencode", Below, Value::from_function(filters::urlencode)),
    ]
}

/// JSON in a text: Slack's `payload` is a form field that holds one. What is none is not defined.
fn from_json(text: &str) -> Value {
    serde_json::from_str(text).map_or(Value::UNDEFINED, value_of)
}

/// What a call of a test costs, in bytes.
type CostOf = fn(&[Value]) -> Result<u64, Error>;

/// Tests that look into what they are given, by all their names, and what they cost.
#[rustfmt::skip]
fn dear_tests() -> Vec<(&'static str, Value, CostOf)> {
    let mut all: Vec<(&'static str, Value, CostOf)> = vec![
        ("in", Value::from_function(tests::is_in), Work::looked_for),
        ("startingwith", Value::from_function(tests::is_startingwith), Work::compared),
        ("endingwith", Value::from_function(tests::is_endingwith), Work::compared),
        ("lower", Value::from_function(tests::is_lower), Work::looked_for),
        ("upper", Value::from_function(tests::is_upper), Work::looked_for),
    ];
    for (names, test) in [
        (&["eq", "equalto", "=="][..], Value::from_function(tests::is_eq)),
        (&["ne", "!="][..], Value::from_function(tests::is_ne)),
        (&["lt", "lessthan", "<"][..], Value::from_function(tests::is_lt)),
        (&["le", "<="][..], Value::from_function(tests::is_le)),
        (&["gt", "greaterthan", ">"][..], Value::from_function(tests::is_gt)),
        (&["ge", ">="][..], Value::from_function(tests::is_ge)),
    ] {
        all.extend(names.iter().map(|name| (*name, test.clone(), Work::compared as CostOf)));
    }
    all
}
