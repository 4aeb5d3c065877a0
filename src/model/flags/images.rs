//! Which images a flip of a variable ships: the template's, or the one that serves. Images are told apart by their content;
//! one that is known by its tag only is never called the same.

use crate::domain::revision::{
    BY_NAME_ONLY, Revision, digest, is_by_name, is_digest, short_image, short_name, suffix,
};
use crate::domain::{Clean, FlagChange, Traffic};

/// The template's image and the one that serves, if the choice is open: one serves all, and is not known to be the other.
pub fn images(traffic: &Traffic) -> Option<(&Clean, &Clean)> {
    let serving = sole(traffic)?;
    (digest(serving) != digest(&traffic.template_image)).then_some((&traffic.template_image, serving))
}

/// The image that the new revision is to get because the one that serves is asked for; none: the template has it.
///
/// # Errors
/// There is no such one, in words.
pub(super) fn serving(traffic: &Traffic) -> Result<Option<String>, String> {
    let Some(serving) = sole(traffic) else {
        return Err(format!(
            "no one image serves: {}",
            served(traffic).unwrap_or_else(|| "none is told".into())
        ));
    };
    if let Some((_, serving)) = images(traffic) {
        return Ok(Some(serving.to_string()));
    }
    if is_by_name(serving) {
        let name = short_image(serving);
        return Err(format!("the template has {name} as well, which is known {BY_NAME_ONLY}"));
    }
    Ok(None)
}

/// What a person should know of the images, one line each; nothing where the template certainly has what serves.
pub(super) fn told(traffic: &Traffic, change: &FlagChange) -> Vec<Clean> {
    let mut lines = Vec::new();
    let template = &traffic.template_image;
    let certain =
        sole(traffic).is_some_and(|serving| is_digest(serving) && digest(serving) == digest(template));
    if !certain {
        let choice = images(traffic).is_some();
        let (image, whose, other) = match &change.image {
            Some(image) => (image.as_str(), "the image that serves", "the template's"),
            None => (template.as_str(), "the template's image", "the one that serves"),
        };
        let takes = if choice { format!("; t takes {other}") } else { String::new() };
        lines.push(Clean::new(&format!("ships {whose}, {}{takes}", named(image))));
        lines.extend(served(traffic).map(|served| Clean::new(&format!("serves now: {served}"))));
    }
    lines.extend(sidecars(traffic));
    lines
}

fn sidecars(traffic: &Traffic) -> Option<Clean> {
    let template = &traffic.template_sidecars;
    let same = |image: &Clean, other: &Clean| is_digest(image) && digest(image) == digest(other);
    let has = |revision: &Revision| {
        let sidecars = &revision.facts.sidecars;
        sidecars.len() == template.len() && sidecars.iter().zip(template).all(|(one, other)| same(one, other))
    };
    if shares(traffic).iter().all(|(revision, _)| has(revision)) {
        return None;
    }
    let names: Vec<String> = template.iter().map(|image| named(image)).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Some(Clean::new(&format!("ships the template's sidecars, whatever serves: {names}")))
}

/// `chat@9f1ce27a`, and what to know of a tag.
fn named(image: &str) -> String {
    match short_image(image) {
        name if name.is_empty() => "which is not told".to_owned(),
        name if is_by_name(image) => format!("{name} ({BY_NAME_ONLY})"),
        name => name,
    }
}

/// `90 % 00417-hux chat:1, 10 % 00418-ral chat:2`.
fn served(traffic: &Traffic) -> Option<String> {
    let service = short_name(&traffic.name);
    let share = |(revision, percent): &(&Revision, u8)| {
        format!("{percent} % {} {}", suffix(service, &revision.name), short_image(&revision.image))
    };
    let shares: Vec<String> = shares(traffic).iter().map(share).collect();
    (!shares.is_empty()).then(|| shares.join(", "))
}

fn shares(traffic: &Traffic) -> Vec<(&Revision, u8)> {
    let share = |revision: &Revision| traffic.effective_percent(&revision.name);
    traffic
        .revisions
        .iter()
        .map(|revision| (revision, share(revision)))
        .filter(|(_, percent)| *percent > 0)
        .collect()
}

/// The image of all that serves: of several revisions only if they name its content.
fn sole(traffic: &Traffic) -> Option<&Clean> {
    let shares = shares(traffic);
    let (first, _) = shares.first()?;
    let whole = shares.iter().map(|(_, percent)| u32::from(*percent)).sum::<u32>() == 100;
    let same = |(revision, _): &(&Revision, u8)| digest(&revision.image) == digest(&first.image);
    let one = shares.len() == 1 || (is_digest(&first.image) && shares.iter().all(same));
    (whole && one && !first.image.is_empty()).then_some(&first.image)
}
