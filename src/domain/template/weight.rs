//! Values of templates that know what they weigh: lists and objects carry how much is below them, so that an operator or a filter over
//! one can be charged before it runs, without going over it for that.
//!
//! Whatever a template makes becomes one of these at once. What the library would leave to be computed later (`reversed`, `a + b`, slices,
//! repetitions) is computed, so that none is computed anew each time, and none hangs on a chain of others that ends the stack.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Kwargs, Object, ObjectExt as _, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::budget::Work;

/// Lists and objects in each other. The JSON of a request is 128 deep at most, and stands in `request`. The library goes down one call of
/// its own for each level when it prints, compares or drops.
const DEPTH_MAX: u64 = 160;

/// Tuples, namespaces and the like that are gone into to weigh a value. They do not know what they weigh, and `(a, a)` of tuples doubles with
/// each level.
const VISITS_MAX: u64 = 10_000;

/// Bytes of a value in a list.
pub(super) const ELEMENT_BYTES: u64 = 24;

/// Bytes that comparing one value with another stands for.
const NODE_BYTES: u64 = 8;

/// How much there is to a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Values in it, itself included.
    pub(super) nodes: u64,
    /// Bytes of it as a text, about.
    pub(super) bytes: u64,
    /// Lists and objects in each other.
    pub(super) depth: u64,
}

impl Weight {
    fn of_text(bytes: usize) -> Self {
        Self { nodes: 1, bytes: bytes as u64, depth: 0 }
    }

    /// What it costs to print it, or to go over all of it.
    pub(super) fn all(self) -> u64 {
        self.nodes.saturating_mul(NODE_BYTES).saturating_add(self.bytes)
    }

    /// What it costs to compare it with something else. Texts are compared many bytes at a time.
    pub(super) fn compared(self) -> u64 {
        self.nodes.saturating_mul(NODE_BYTES).saturating_add(self.bytes / 8)
    }

    fn with(self, part: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(part.nodes),
            // A comma and quotes.
            bytes: self.bytes.saturating_add(part.bytes).saturating_add(4),
            depth: self.depth.max(part.depth.saturating_add(1)),
        }
    }

    fn within_depth(self) -> Result<Self, Error> {
        if self.depth <= DEPTH_MAX {
            return Ok(self);
        }
        let words = format!("lists and objects stand more than {DEPTH_MAX} deep in each other");
        Err(Error::new(ErrorKind::InvalidOperation, words))
    }
}

/// A list.
#[derive(Debug)]
pub(super) struct List {
    items: Vec<Value>,
    weight: Weight,
}

impl List {
    /// A list of these.
    ///
    /// # Errors
    /// They are too deep in each other.
    pub(super) fn value(items: Vec<Value>) -> Result<Value, Error> {
        let mut weight = Weight { nodes: 1, bytes: 2, depth: 1 };
        for item in &items {
            weight = weight.with(part(item)?);
        }
        Ok(Value::from_object(Self { items, weight: weight.within_depth()? }))
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.items.get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }
}

/// An object, by its names.
#[derive(Debug)]
pub(super) struct Fields {
    fields: BTreeMap<Value, Value>,
    weight: Weight,
}

impl Fields {
    /// An object of these.
    ///
    /// # Errors
    /// They are too deep in each other.
    pub(super) fn value(fields: BTreeMap<Value, Value>) -> Result<Value, Error> {
        let mut weight = Weight { nodes: 1, bytes: 2, depth: 1 };
        for (name, value) in &fields {
            weight = weight.with(part(name)?).with(part(value)?);
        }
        Ok(Value::from_object(Self { fields, weight: weight.within_depth()? }))
    }
}

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.fields.get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_rev_key_value_enumerator(|this| {
            Box::new(this.fields.iter().map(|(name, value)| (name.clone(), value.clone())))
        })
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.fields.len())
    }
}

/// What can change later has no weight that stays true.
fn part(value: &Value) -> Result<Weight, Error> {
    if is_namespace(value) {
        let words = "a namespace cannot stand in a list, an object or another namespace";
        return Err(Error::new(ErrorKind::InvalidOperation, words));
    }
    weigh(value)
}

/// Made by `namespace()`, the only thing of a template that changes.
pub(super) fn is_namespace(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.type_name().ends_with("::Namespace"))
}

/// How much there is to a value.
///
/// # Errors
/// It is too deep.
pub(super) fn weigh(value: &Value) -> Result<Weight, Error> {
    weigh_at(value, 0, &mut VISITS_MAX.clone())
}

fn weigh_at(value: &Value, depth: u64, visits: &mut u64) -> Result<Weight, Error> {
    if let Some(bytes) = value.as_bytes() {
        return Ok(Weight::of_text(bytes.len()));
    }
    let Some(object) = value.as_object() else {
        // A whole number has 39 digits at most, and 1e300 is written with all of its zeros.
        let is_short = !value.is_number() || value.is_integer() || value.as_f64_short();
        return Ok(Weight::of_text(if is_short { 24 } else { 340 }));
    };
    if let Some(list) = object.downcast_ref::<List>() {
        return Ok(list.weight);
    }
    if let Some(fields) = object.downcast_ref::<Fields>() {
        return Ok(fields.weight);
    }
    *visits = visits.checked_sub(1).ok_or_else(|| {
        let words =
            format!("tuples and namespaces that hold more than {VISITS_MAX} others are not gone over: use lists");
        Error::new(ErrorKind::InvalidOperation, words)
    })?;
    // The few others are small, or hold few that are large: tuples, namespaces, arguments with names.
    Weight { depth, ..Weight::default() }.within_depth()?;
    let mut weight = Weight { nodes: 1, bytes: 16, depth: 1 };
    match object.repr() {
        ObjectRepr::Plain => {}
        ObjectRepr::Map => {
            for (name, value) in object.try_iter_pairs().into_iter().flatten() {
                weight = weight.with(weigh_at(&name, depth + 1, visits)?).with(weigh_at(&value, depth + 1, visits)?);
            }
        }
        ObjectRepr::Seq | ObjectRepr::Iterable => {
            for item in object.try_iter().into_iter().flatten() {
                weight = weight.with(weigh_at(&item, depth + 1, visits)?);
            }
        }
        _ => {}
    }
    weight.within_depth()
}

trait Short {
    fn as_f64_short(&self) -> bool;
}

impl Short for Value {
    /// Whether a number is written with few digits.
    fn as_f64_short(&self) -> bool {
        f64::try_from(self.clone()).is_ok_and(|number| number == 0.0 || (1e-9..1e18).contains(&number.abs()))
    }
}

/// The value as one that knows what it weighs; what is made anew for that is charged.
///
/// # Errors
/// It is too deep, or too much.
pub(super) fn weighed(value: Value, work: &Work) -> Result<Value, Error> {
    let Some(object) = value.as_object() else { return Ok(value) };
    let kind = object.type_name();
    let is_plain_list = value.kind() == ValueKind::Iterable || kind.contains("::Vec<") || kind.ends_with("::MergeSeq");
    if is_plain_list && !kind.ends_with("::Tuple") {
        let mut items = Vec::new();
        for item in object.try_iter().into_iter().flatten() {
            work.charge(ELEMENT_BYTES)?;
            items.push(weighed(item, work)?);
        }
        return List::value(items);
    }
    let is_plain_map = kind.contains("::BTreeMap<") || kind.ends_with("::MergeDict");
    if value.kind() == ValueKind::Map && is_plain_map && Kwargs::try_from(value.clone()).is_err() {
        return fields_of(object, work);
    }
    // Tuples and the like stay what they are; too deep is too deep for them too.
    if object.downcast_ref::<List>().is_none() && object.downcast_ref::<Fields>().is_none() {
        work.charge(weigh(&value)?.compared())?;
    }
    Ok(value)
}

fn fields_of(object: &DynObject, work: &Work) -> Result<Value, Error> {
    let mut fields = BTreeMap::new();
    for (name, value) in object.try_iter_pairs().into_iter().flatten() {
        work.charge(4 * ELEMENT_BYTES)?;
        fields.insert(name, weighed(value, work)?);
    }
    Fields::value(fields)
}
