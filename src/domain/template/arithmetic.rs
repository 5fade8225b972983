//! `+` and `*` of templates, charged before they make anything.

use minijinja::value::{Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::budget::Work;
use super::cost::size;
use super::weight::{ELEMENT_BYTES, List};

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// `+`, as the library has it.
pub(super) fn add(left: &Value, right: &Value, work: &Work) -> Result<Value, Error> {
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
pub(super) fn multiply(left: &Value, right: &Value, work: &Work) -> Result<Value, Error> {
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
