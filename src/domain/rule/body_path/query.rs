//! What a JSON path selects in a value (RFC 9535 section 2), counted: every value that is looked at is a step, and who has none
//! left stops.

use std::cell::Cell;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::text_pattern::TextPattern;

/// Selectors behind each other: what follows `$` or `@`.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(pub(super) Vec<Segment>);

/// One step down, or any number of them.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// `..`
    pub(super) is_descendant: bool,
    pub(super) selectors: Vec<Selector>,
}

#[derive(Clone, Debug)]
pub(super) enum Selector {
    Name(String),
    Wildcard,
    /// From the end where it is negative.
    Index(i64),
    Slice {
        start: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
    Filter(Logic),
}

/// What a filter asks of a value.
#[derive(Clone, Debug)]
pub(super) enum Logic {
    Any(Vec<Logic>),
    All(Vec<Logic>),
    Not(Box<Logic>),
    Exists(Query),
    Compare(Operand, Comparison, Operand),
    Like(Operand, TextPattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Value),
    /// A query that selects one value at most.
    One(Query),
    /// Characters of a text, or elements of a list or an object.
    Length(Box<Operand>),
    /// How many values a query selects.
    Count(Query),
    /// The value that a query selects, when it is one.
    ValueOf(Query),
}

/// Nothing is left to look with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

/// How many steps may still be taken for a request.
#[derive(Debug)]
pub struct Steps(Cell<u64>);

impl Steps {
    /// So many.
    pub const fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    pub(super) fn take(&self, steps: usize) -> Result<(), Exhausted> {
        let left = self.0.get().checked_sub(steps as u64);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Exhausted)
    }
}

/// A value of the body, or one that was computed.
enum Found<'a> {
    There(&'a Value),
    Made(Value),
}

impl Found<'_> {
    fn value(&self) -> &Value {
        match self {
            Self::There(value) => value,
            Self::Made(value) => value,
        }
    }
}

impl Query {
    /// What it selects below `top`, in order.
    pub(super) fn select<'a>(&self, top: &'a Value, steps: &Steps) -> Result<Vec<&'a Value>, Exhausted> {
        let mut nodes = vec![top];
        for segment in &self.0 {
            let mut next = Vec::new();
            for node in nodes {
                segment.select(node, steps, &mut next)?;
            }
            nodes = next;
        }
        Ok(nodes)
    }

    /// Whether it selects one value at most, however the body looks (RFC 9535 section 2.3.5.1, singular-query).
    pub(super) fn is_singular(&self) -> bool {
        self.0.iter().all(|segment| {
            !segment.is_descendant && matches!(&segment.selectors[..], [Selector::Name(_) | Selector::Index(_)])
        })
    }
}

impl Segment {
    fn select<'a>(&self, node: &'a Value, steps: &Steps, next: &mut Vec<&'a Value>) -> Result<(), Exhausted> {
        for selector in &self.selectors {
            selector.select(node, steps, next)?;
        }
        if self.is_descendant {
            // As deep as the parser of the body goes, which has a bound.
            match node {
                Value::Array(items) => items.iter().try_for_each(|item| self.select(item, steps, next))?,
                Value::Object(fields) => fields.values().try_for_each(|field| self.select(field, steps, next))?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Selector {
    fn select<'a>(&self, node: &'a Value, steps: &Steps, next: &mut Vec<&'a Value>) -> Result<(), Exhausted> {
        steps.take(1)?;
        match (self, node) {
            (Self::Name(name), Value::Object(fields)) => next.extend(fields.get(name)),
            (Self::Index(index), Value::Array(items)) => {
                next.extend(within(*index, items.len()).and_then(|at| items.get(at)));
            }
            (Self::Wildcard, Value::Array(items)) => {
                steps.take(items.len())?;
                next.extend(items);
            }
            (Self::Wildcard, Value::Object(fields)) => {
                steps.take(fields.len())?;
                next.extend(fields.values());
            }
            (Self::Slice { start, end, step }, Value::Array(items)) => {
                steps.take(items.len())?;
                next.extend(slice(*start, *end, *step, items.len()).filter_map(|at| items.get(at)));
            }
            (Self::Filter(logic), Value::Array(items)) => pick(logic, items.iter(), steps, next)?,
            (Self::Filter(logic), Value::Object(fields)) => pick(logic, fields.values(), steps, next)?,
            _ => {}
        }
        Ok(())
    }
}

fn pick<'a>(
    logic: &Logic,
    values: impl Iterator<Item = &'a Value>,
    steps: &Steps,
    next: &mut Vec<&'a Value>,
) -> Result<(), Exhausted> {
    for value in values {
        if logic.holds(value, steps)? {
            next.push(value);
        }
    }
    Ok(())
}

/// From the front, for an index that may count from the end.
fn within(index: i64, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

/// RFC 9535 section 2.3.4.2.2.
fn slice(start: Option<i64>, end: Option<i64>, step: i64, length: usize) -> impl Iterator<Item = usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_front = |index: i64| if index < 0 { length.saturating_add(index) } else { index };
    let (first, last) = match step {
        // From `first` up to before `last`, or down to behind it.
        1.. => (from_front(start.unwrap_or(0)).clamp(0, length), from_front(end.unwrap_or(length)).clamp(0, length)),
        _ => (
            from_front(start.unwrap_or(length - 1)).clamp(-1, length - 1),
            end.map_or(-1, |end| from_front(end).clamp(-1, length - 1)),
        ),
    };
    let mut at = first;
    std::iter::from_fn(move || {
        let is_inside = (step > 0 && at < last) || (step < 0 && at > last);
        let here = usize::try_from(at).ok().filter(|_| is_inside);
        at = at.saturating_add(step);
        here
    })
}

impl Logic {
    fn holds(&self, value: &Value, steps: &Steps) -> Result<bool, Exhausted> {
        steps.take(1)?;
        match self {
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(value, steps)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(value, steps)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Not(part) => Ok(!part.holds(value, steps)?),
            Self::Exists(query) => Ok(!query.select(value, steps)?.is_empty()),
            Self::Compare(left, comparison, right) => {
                let (left, right) = (left.find(value, steps)?, right.find(value, steps)?);
                comparison.holds(left.as_ref().map(Found::value), right.as_ref().map(Found::value), steps)
            }
            Self::Like(text, pattern) => match text.find(value, steps)?.as_ref().map(Found::value) {
                Some(Value::String(text)) => {
                    steps.take(pattern.steps_over(text))?;
                    Ok(pattern.fits(text))
                }
                _ => Ok(false),
            },
        }
    }
}

impl Operand {
    fn find<'a>(&'a self, value: &'a Value, steps: &Steps) -> Result<Option<Found<'a>>, Exhausted> {
        steps.take(1)?;
        let made = |count: usize| Some(Found::Made(Value::from(count)));
        Ok(match self {
            Self::Literal(literal) => Some(Found::There(literal)),
            Self::One(query) => query.select(value, steps)?.pop().map(Found::There),
            Self::Length(of) => match of.find(value, steps)?.as_ref().map(Found::value) {
                Some(Value::String(text)) => {
                    steps.take(text.len() / BYTES_A_STEP)?;
                    made(text.chars().count())
                }
                Some(Value::Array(items)) => made(items.len()),
                Some(Value::Object(fields)) => made(fields.len()),
                _ => None,
            },
            Self::Count(query) => made(query.select(value, steps)?.len()),
            Self::ValueOf(query) => match query.select(value, steps)?[..] {
                [one] => Some(Found::There(one)),
                _ => None,
            },
        })
    }
}

/// Bytes of texts that are compared or counted in about the time of a step.
const BYTES_A_STEP: usize = 64;

impl Comparison {
    /// RFC 9535 section 2.3.5.2.2. What is not there is equal to what is not there, and to nothing else.
    fn holds(self, left: Option<&Value>, right: Option<&Value>, steps: &Steps) -> Result<bool, Exhausted> {
        let is_equal = || match (left, right) {
            (Some(left), Some(right)) => equal(left, right, steps),
            (None, None) => Ok(true),
            _ => Ok(false),
        };
        let order = || match (left, right) {
            (Some(Value::Number(left)), Some(Value::Number(right))) => Ok(order_of(left, right)),
            (Some(Value::String(left)), Some(Value::String(right))) => {
                steps.take(left.len().min(right.len()) / BYTES_A_STEP)?;
                // By code points, which is the order of the bytes.
                Ok(Some(left.cmp(right)))
            }
            _ => Ok(None),
        };
        match self {
            Self::Equal => is_equal(),
            Self::NotEqual => Ok(!is_equal()?),
            Self::Less => Ok(order()? == Some(Ordering::Less)),
            Self::Greater => Ok(order()? == Some(Ordering::Greater)),
            Self::LessOrEqual => Ok(order()? == Some(Ordering::Less) || is_equal()?),
            Self::GreaterOrEqual => Ok(order()? == Some(Ordering::Greater) || is_equal()?),
        }
    }
}

fn equal(left: &Value, right: &Value, steps: &Steps) -> Result<bool, Exhausted> {
    steps.take(1)?;
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(order_of(left, right) == Some(Ordering::Equal)),
        (Value::String(left), Value::String(right)) => {
            steps.take(left.len().min(right.len()) / BYTES_A_STEP)?;
            Ok(left == right)
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (left, right) in left.iter().zip(right) {
                if !equal(left, right, steps)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Object(left), Value::Object(right)) if left.len() == right.len() => {
            for (name, left) in left {
                let Some(right) = right.get(name) else { return Ok(false) };
                if !equal(left, right, steps)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
        (Value::Null, Value::Null) => Ok(true),
        _ => Ok(false),
    }
}

/// Whole numbers are compared exactly: ids above 2^53 are no floating-point numbers.
fn order_of(left: &Number, right: &Number) -> Option<Ordering> {
    let whole = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
