//! Rules of the configuration: what they ask of a request, and why one does not fit.

use ipnet::IpNet;

use super::body_path::BodyPath;
use super::case::Case;
use super::networks::contains;
use super::pattern::{Captures, EventPattern, Nth, PathPattern, ValuePattern};
use super::work::{NAME_STEPS, RULE_STEPS};
use crate::domain::callback::Callback;
use crate::domain::printable::visible_within;
use crate::domain::reply::Reply;
use crate::domain::signature::Outcome;

/// One rule.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// What it is called: its name, or `rule 3`.
    pub name: String,
    /// When it replies.
    pub when: When,
    /// What goes back.
    pub reply: Reply,
    /// What is called behind the answer, in order.
    pub callbacks: Vec<Callback>,
    /// What the user named it; empty: nothing.
    pub given: String,
    /// The text that its reply was written as.
    pub reply_text: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it is passed over.
    pub is_off: bool,
    /// By which it is known while others come and go.
    pub number: u32,
}

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The configuration.
    #[default]
    File,
    /// The configuration; it was changed in the interface since.
    Edited,
    /// It was made in the interface.
    Here,
}

/// What a rule asks of a request: all of it. What is empty asks nothing.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// One of these methods.
    pub methods: Vec<String>,
    /// The path.
    pub path: Option<PathPattern>,
    /// Values of headers by name.
    pub headers: Vec<(String, ValuePattern)>,
    /// Values of the query by name, decoded.
    pub query: Vec<(String, ValuePattern)>,
    /// Values of a form by name, decoded.
    pub form: Vec<(String, ValuePattern)>,
    /// Values of the JSON body by path.
    pub json: Vec<(BodyPath, ValuePattern)>,
    /// One of these providers, by profile name.
    pub providers: Vec<ValuePattern>,
    /// One of these event types.
    pub events: Vec<EventPattern>,
    /// One of these verdicts. The signature is checked before the answer only where this asks for it.
    pub verdicts: Vec<Outcome>,
    /// The sender's address in one of these.
    pub from: Vec<IpNet>,
    /// Which time: counted by delivery id, else by path, among the requests that everything else here fits.
    pub nth: Option<Nth>,
}

/// Columns of a stranger's value in a reason.
const VALUE_COLUMNS_MAX: usize = 60;

fn shown(value: &[u8]) -> String {
    visible_within(value, VALUE_COLUMNS_MAX)
}

impl Rule {
    /// Under which its scripts and counts stand. Several may be called the same, and a number may come again.
    pub(super) fn scope(&self) -> String {
        format!("{} {}", self.number, self.name)
    }

    /// What the path captured, when the rule fits.
    ///
    /// # Errors
    /// The first thing that does not fit, in words.
    pub(super) fn fits(&self, case: &Case<'_>, count: &mut dyn FnMut(&[u8]) -> u32) -> Result<Captures, String> {
        if self.is_off {
            return Err("it is switched off".to_owned());
        }
        case.work.pay(RULE_STEPS)?;
        let captures = self.when.head_fits(case)?;
        self.when.content_fits(case)?;
        self.when.sender_fits(case)?;
        if let Some(nth) = self.when.nth {
            case.work.pay(4 * case.request.path().len())?;
            let time = count(&case.key(&format!("{}\nnth", self.scope()))).saturating_add(1);
            if !nth.holds(time) {
                return Err(format!("it is time {time}, and nth wants {nth}"));
            }
        }
        Ok(captures)
    }
}

impl When {
    /// Whether nothing of the path speaks against it.
    pub(super) fn is_for_path(&self, path: &[u8]) -> bool {
        self.path.as_ref().is_none_or(|pattern| pattern.captures(path).is_some())
    }

    fn head_fits(&self, case: &Case<'_>) -> Result<Captures, String> {
        let request = case.request;
        let method = &request.method[..];
        if !self.methods.is_empty() && !self.methods.iter().any(|one| one.as_bytes() == method) {
            return Err(case.why(|| format!("the method is {}, not {}", shown(method), self.methods.join(" or "))));
        }
        let captures = match &self.path {
            None => Captures::new(),
            Some(pattern) => {
                let segments = case.segments().unwrap_or_default();
                let names = if pattern.searches() { segments.len() } else { 1 };
                case.work.pay(names * NAME_STEPS + request.path().len())?;
                case.segments().and_then(|segments| pattern.captures_of(segments)).ok_or_else(|| {
                    case.why(|| format!("the path {} is not like {}", shown(request.path()), pattern.text()))
                })?
            }
        };
        for (name, pattern) in &self.headers {
            case.work.pay(request.headers.len() * NAME_STEPS)?;
            let values = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name.as_bytes()));
            check(case, || format!("the header {name}"), pattern, values.map(|header| &header.value[..]))?;
        }
        for (name, pattern) in &self.query {
            case.work.pay(case.query().len() * NAME_STEPS)?;
            check(case, || format!("the query's {name}"), pattern, named(case.query(), name))?;
        }
        Ok(captures)
    }

    fn content_fits(&self, case: &Case<'_>) -> Result<(), String> {
        for (name, pattern) in &self.form {
            case.work.pay(case.form().len() * NAME_STEPS)?;
            check(case, || format!("the form's {name}"), pattern, named(case.form(), name))?;
        }
        for (path, pattern) in &self.json {
            let bytes_max = path.body_bytes_max();
            if case.request.body.bytes.len() > bytes_max {
                return Err(format!("the body has more than {bytes_max} bytes: {path} is not looked for in it"));
            }
            let Some(json) = case.json() else { return Err("the body is no JSON".to_owned()) };
            path.check(json, pattern, &case.steps, shown)?;
        }
        Ok(())
    }

    fn sender_fits(&self, case: &Case<'_>) -> Result<(), String> {
        if !self.providers.is_empty() {
            let provider = case.recognised().provider.as_deref();
            if !self.providers.iter().any(|pattern| pattern.fits(provider.map(str::as_bytes))) {
                return Err(format!("the provider is {}", provider.unwrap_or("not known")));
            }
        }
        if !self.events.is_empty() {
            let event_type = case.recognised().event_type.as_deref();
            case.work.pay(self.events.len() * (64 * NAME_STEPS).min(event_type.map_or(0, str::len)))?;
            case.work.pay(self.events.len() * event_type.map_or(0, str::len))?;
            if !event_type.is_some_and(|event_type| self.events.iter().any(|pattern| pattern.fits(event_type))) {
                return Err(match event_type {
                    Some(event_type) => format!("the event is {}", shown(event_type.as_bytes())),
                    None => "its event type is not known".to_owned(),
                });
            }
        }
        if !self.from.is_empty() {
            let address = case.address();
            if !address.is_ok_and(|address| contains(&self.from, address)) {
                return Err(match address {
                    Ok(address) => format!("it comes from {address}"),
                    Err(why) => format!("nobody knows where it comes from: {why}"),
                });
            }
        }
        // Last: it may cost a check.
        if !self.verdicts.is_empty() && !self.verdicts.contains(&case.outcome()) {
            return Err(format!("the signature is {}", case.outcome().as_str()));
        }
        Ok(())
    }
}

fn named<'a>(fields: &'a [(Vec<u8>, Vec<u8>)], name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
    fields.iter().filter(move |(known, _)| known == name.as_bytes()).map(|(_, value)| value.as_slice())
}

fn check<'a>(
    case: &Case<'_>,
    what: impl Fn() -> String,
    pattern: &ValuePattern,
    values: impl Iterator<Item = &'a [u8]> + Clone,
) -> Result<(), String> {
    case.work.pay(values.clone().map(<[u8]>::len).sum())?;
    if pattern.fits(values.clone()) {
        return Ok(());
    }
    Err(case.why(|| match values.clone().next() {
        None => format!("{} is not there", what()),
        Some(value) => format!("{} is {}, not like {}", what(), shown(value), pattern.text()),
    }))
}
