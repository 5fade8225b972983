//! The filters, tests, functions and operators of templates, each charged. The library's fuel counts instructions, and one instruction can be a filter or an operator
//! over a stranger's text: `{{ request.body | format(1) }}` with `%0999999999d` in the body. So each is weighed by
//! the bytes that it goes over and makes, before it is made. Counted in bytes and not in time, the same request gets the same answer.

use std::sync::Arc;

use minijinja::value::{Kwargs, Rest, Value, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters, functions, tests};

use super::arithmetic::{add, multiply};
use super::budget::Work;
use super::cost::{Cost, compared, looked_for, looked_over};
use super::json::value_of;
use super::rewrite;
use super::weight::{is_namespace, weigh, weighed};

/// Puts filters, tests and functions that are weighed in place of the library's; what is not among them is not there.
pub(super) fn limit(environment: &mut Environment<'_>, work: &Arc<Work>) {
    for (name, cost, filter) in all_filters() {
        let work = Arc::clone(work);
        environment.add_filter(name, move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            let args = args.into_values();
            work.charge(cost.weigh(&args)?)?;
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
                work.charge(Cost::Below.weigh(std::slice::from_ref(arg))?)?;
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
        ("in", Value::from_function(tests::is_in), looked_for),
        ("startingwith", Value::from_function(tests::is_startingwith), compared),
        ("endingwith", Value::from_function(tests::is_endingwith), compared),
        ("lower", Value::from_function(tests::is_lower), looked_for),
        ("upper", Value::from_function(tests::is_upper), looked_for),
    ];
    for (names, test) in [
        (&["eq", "equalto", "=="][..], Value::from_function(tests::is_eq)),
        (&["ne", "!="][..], Value::from_function(tests::is_ne)),
        (&["lt", "lessthan", "<"][..], Value::from_function(tests::is_lt)),
        (&["le", "<="][..], Value::from_function(tests::is_le)),
        (&["gt", "greaterthan", ">"][..], Value::from_function(tests::is_gt)),
        (&["ge", ">="][..], Value::from_function(tests::is_ge)),
    ] {
        all.extend(names.iter().map(|name| (*name, test.clone(), compared as CostOf)));
    }
    all
}
