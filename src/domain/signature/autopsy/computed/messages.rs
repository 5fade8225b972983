//! Bytes that may have gone into a pasted digest.

use crate::domain::printable::visible;
use crate::domain::signature::autopsy::Corpse;
use crate::domain::signature::autopsy::bodies::BodyVariant;
use crate::domain::signature::autopsy::urls::UrlVariant;
use crate::domain::signature::material::Material;
use crate::domain::signature::scheme::Scheme;
use crate::domain::signature::template::{Source, Template};

use super::fields::Joined;
use super::times::Time;

/// Bytes that may have been signed.
pub(super) struct Message<'m> {
    pub(super) words: String,
    /// What to do instead; `None`: they are the ones that are signed.
    pub(super) remedy: Option<String>,
    pub(super) template: &'m Template,
    pub(super) material: Material<'m>,
}

fn with_rule(corpse: &Corpse<'_>, remedy: String) -> String {
    match rule_text(corpse.scheme).as_str() {
        "" | "{body}" => remedy,
        rule => format!("{remedy}, and sign {rule}"),
    }
}

fn rule_text(scheme: &Scheme) -> String {
    scheme.message.as_ref().map(|message| message.text.replace('\n', "\\n")).unwrap_or_default()
}

/// The rule's own bytes, other joins of what is there, and other writings of the time.
pub(super) fn raw<'m>(corpse: &'m Corpse<'_>, material: &Material<'m>, joins: &'m [Template]) -> Vec<Message<'m>> {
    let rule = rule_text(corpse.scheme);
    let title = &corpse.input.profile.title;
    let mut all: Vec<Message<'m>> = Vec::new();
    if let Some(template) = &corpse.scheme.message {
        let words =
            if rule == "{body}" { "the body".to_owned() } else { format!("the bytes that {title} signs ({rule})") };
        all.push(Message { words, remedy: None, template, material: *material });
    }
    for template in joins.iter().filter(|template| template.text != rule) {
        let text = template.text.replace('\n', "\\n");
        let words = if text == "{body}" { "the body alone".to_owned() } else { text };
        let remedy = (!rule.is_empty() && !corpse.scheme.algorithm.is_public()).then(|| format!("sign {rule}"));
        all.push(Message { words, remedy, template, material: *material });
    }
    all
}

/// What to do instead of signing another form of the body.
fn body_remedy(what: &str) -> String {
    match what {
        "the body with a line end (LF) at its end" => {
            "leave the line end away that is not in the body: `printf %s` or `echo -n` in a shell, not `echo`"
                .to_owned()
        }
        _ => "take the raw bytes of the body, before any parser".to_owned(),
    }
}

/// The other forms of the body: in the place of the body in the rule, and alone.
pub(super) fn of_bodies<'m>(
    corpse: &Corpse<'_>,
    material: &Material<'m>,
    bodies: &'m [BodyVariant],
    rule: Option<&'m Template>,
    alone: &'m Template,
) -> Vec<Message<'m>> {
    let mut forms = Vec::new();
    for body in bodies {
        let material = Material { body: &body.bytes, ..*material };
        let remedy = Some(body_remedy(&body.what));
        if let Some(template) = rule.filter(|template| template.text != alone.text) {
            let words = format!("the signed pieces with {}", body.what);
            forms.push(Message { words, remedy: remedy.clone(), template, material });
        }
        forms.push(Message {
            words: body.what.to_string(),
            remedy: remedy.map(|one| with_rule(corpse, one)),
            template: alone,
            material,
        });
    }
    forms
}

/// The rule's pieces with another URL.
pub(super) fn of_urls<'m>(corpse: &'m Corpse<'_>, material: &Material<'m>, urls: &'m [UrlVariant]) -> Vec<Message<'m>> {
    let of_rule = |template: &'m Template| {
        urls.iter().map(move |url| Message {
            words: format!("the signed pieces with the URL {}", visible(&url.url)),
            remedy: Some(format!("take the URL {}", visible(&corpse.url.url))),
            template,
            material: Material { url: Some(&url.url), ..*material },
        })
    };
    corpse.scheme.message.iter().flat_map(of_rule).collect()
}

/// The rule's pieces with another time.
pub(super) fn of_times<'m>(rule: Option<&'m Template>, material: &Material<'m>, times: &'m [Time]) -> Vec<Message<'m>> {
    let of_rule = |template: &'m Template| {
        times.iter().map(move |time| Message {
            words: time.words.clone(),
            remedy: Some(time.remedy.clone()),
            template,
            material: Material { timestamp: Some(time.written.as_bytes()), ..*material },
        })
    };
    rule.into_iter().flat_map(of_rule).collect()
}

/// The fields of the form joined otherwise, at the URL of the check and at others.
pub(super) fn of_fields<'m>(
    corpse: &'m Corpse<'_>,
    material: &Material<'m>,
    joined: &'m [Joined],
    urls: &'m [UrlVariant],
) -> Vec<Message<'m>> {
    let title = &corpse.input.profile.title;
    let remedy =
        format!("join the fields as {title} does: all of them, name and value, sorted by name, with nothing between");
    let mut all = Vec::new();
    for url in std::iter::once(None).chain(urls.iter().take(FIELD_URLS_MAX).map(Some)) {
        for one in joined {
            let shown = url.map(|url| visible(&url.url));
            let words = match &shown {
                Some(url) => format!("{}, and the URL {url}", one.words),
                None => one.words.clone(),
            };
            let right = visible(&corpse.url.url);
            let remedy = if shown.is_some() { format!("{remedy}; take the URL {right}") } else { remedy.clone() };
            let material = url.map_or(*material, |url| Material { url: Some(&url.url), ..*material });
            all.push(Message { words, remedy: Some(remedy), template: &one.template, material });
        }
    }
    all
}

/// URLs that other joins of a form's fields are tried with.
const FIELD_URLS_MAX: usize = 120;

/// Joins of the URL with other things than the fields, at other URLs.
pub(super) fn of_joins_and_urls<'m>(
    corpse: &'m Corpse<'_>,
    material: &Material<'m>,
    joins: &'m [Template],
    urls: &'m [UrlVariant],
) -> Vec<Message<'m>> {
    let rule = rule_text(corpse.scheme);
    let of_url = joins.iter().filter(|template| template.uses(&Source::Url) && template.text != rule);
    let all = of_url.flat_map(|template| {
        urls.iter().take(FIELD_URLS_MAX).map(|url| Message {
            words: format!("{} with the URL {}", template.text, visible(&url.url)),
            remedy: Some(format!("sign {rule}; take the URL {}", visible(&corpse.url.url))),
            template,
            material: Material { url: Some(&url.url), ..*material },
        })
    });
    all.collect()
}
