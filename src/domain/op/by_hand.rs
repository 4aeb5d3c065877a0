//! An act as the line of `gcloud` that does the same: for whoever has to act without this program.

use super::{FlagChange, OpKind, TrafficChange};
use crate::domain::TrafficTarget;

impl OpKind {
    /// The exact command, quoted for a shell; `None` for what `gcloud` cannot do.
    pub fn by_hand(&self) -> Option<String> {
        let (verb, flags) = match self {
            Self::Rollback(change) | Self::Traffic(change) => ("update-traffic", traffic(change)),
            // Another provider's: `gcloud` knows nothing of it.
            Self::Flag(change) if change.live.is_some() => return None,
            Self::Flag(change) => ("update", flag(change)),
            Self::Run(_) => return None,
        };
        line(verb, self.resource(), flags)
    }

    /// The command that tells how its service stands now; `None` for what `gcloud` knows nothing of.
    pub fn look_by_hand(&self) -> Option<String> {
        match self {
            Self::Rollback(_) | Self::Traffic(_) => line("describe", self.resource(), Vec::new()),
            Self::Flag(change) if change.live.is_none() => line("describe", self.resource(), Vec::new()),
            Self::Flag(_) | Self::Run(_) => None,
        }
    }
}

fn line(verb: &str, resource: &str, flags: Vec<String>) -> Option<String> {
    let [_, project, _, region, _, service] = parts(resource)?;
    let mut words = vec![service.to_owned(), format!("--project={project}"), format!("--region={region}")];
    words.extend(flags);
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    Some(format!("gcloud run services {verb} {}", words.join(" ")))
}

fn parts(resource: &str) -> Option<[&str; 6]> {
    resource.split('/').collect::<Vec<_>>().try_into().ok()
}

/// `gcloud` keeps the tags that it is not told of.
fn traffic(change: &TrafficChange) -> Vec<String> {
    let mut flags = vec![shares(change)];
    let tags = |split: &[TrafficTarget]| -> Vec<String> {
        let tag = |target: &TrafficTarget| Some((target.tag.clone()?, target.revision.clone()));
        let named = split.iter().filter_map(tag);
        named.map(|(tag, revision)| format!("{tag}={}", revision.as_deref().unwrap_or("LATEST"))).collect()
    };
    let (before, after) = (tags(&change.before), tags(&change.after));
    let new: Vec<&str> = after.iter().filter(|tag| !before.contains(tag)).map(String::as_str).collect();
    if !new.is_empty() {
        flags.push(format!("--update-tags={}", new.join(",")));
    }
    let name = |tag: &str| tag.split('=').next().unwrap_or_default().to_owned();
    let kept: Vec<String> = after.iter().map(|tag| name(tag)).collect();
    let gone: Vec<String> = before.iter().map(|tag| name(tag)).filter(|tag| !kept.contains(tag)).collect();
    if !gone.is_empty() {
        flags.push(format!("--remove-tags={}", gone.join(",")));
    }
    flags
}

fn shares(change: &TrafficChange) -> String {
    let shares = change.after.iter().filter(|target| target.percent > 0);
    let share = |target: &TrafficTarget| match &target.revision {
        Some(revision) => format!("{revision}={}", target.percent),
        None => format!("LATEST={}", target.percent),
    };
    match shares.map(share).collect::<Vec<_>>() {
        only if only == ["LATEST=100"] => "--to-latest".to_owned(),
        all => format!("--to-revisions={}", all.join(",")),
    }
}

fn flag(change: &FlagChange) -> Vec<String> {
    let named = |name: &String| format!("--container={name}");
    let container = change.container.as_ref().map(named);
    // Where one container is named, `gcloud` takes what is of another after that one's name only.
    let first = change.main.as_ref().filter(|_| container.is_some() && change.image.is_some()).map(named);
    let image = change.image.as_ref().map(|image| format!("--image={image}"));
    let variable = if change.removes {
        format!("--remove-env-vars={}", change.variable)
    } else {
        variable(&change.variable, &change.after)
    };
    first.into_iter().chain(image).chain(container).chain([variable]).collect()
}

/// A comma would end the value: then another character separates, as `gcloud topic escaping` has it.
fn variable(name: &str, value: &str) -> String {
    let by = ['|', '@', '#', ';'].into_iter().find(|by| !value.contains(*by)).filter(|_| value.contains(','));
    match by {
        Some(by) => format!("--update-env-vars=^{by}^{name}={value}"),
        None => format!("--update-env-vars={name}={value}"),
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,%+@".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FlagChange, ServiceIx, Wall};

    const RESOURCE: &str = "projects/demo/locations/here/services/cart";

    fn target(revision: Option<&str>, percent: u8, tag: Option<&str>) -> TrafficTarget {
        TrafficTarget {
            revision: revision.map(str::to_owned),
            percent,
            tag: tag.map(str::to_owned),
            uri: None,
        }
    }

    fn line(before: &[TrafficTarget], after: &[TrafficTarget]) -> String {
        let change = TrafficChange {
            service: ServiceIx(0),
            resource: RESOURCE.into(),
            to: "cart-1".into(),
            before: before.to_vec(),
            after: after.to_vec(),
            generation: 1,
            etag: "e".into(),
            frozen_at: Wall::default(),
        };
        OpKind::Rollback(change).by_hand().unwrap()
    }

    #[test]
    fn a_split_is_a_line_of_gcloud() {
        let start = "gcloud run services update-traffic cart --project=demo --region=here";
        let canary = target(Some("cart-2"), 0, Some("canary"));
        let kept = [target(Some("cart-1"), 100, None), canary.clone()];
        assert_eq!(line(std::slice::from_ref(&canary), &kept), format!("{start} --to-revisions=cart-1=100"));
        assert_eq!(line(&[], &[target(None, 100, None)]), format!("{start} --to-latest"));
        let both = [target(Some("cart-1"), 90, None), target(None, 10, None)];
        assert_eq!(line(&[], &both), format!("{start} --to-revisions=cart-1=90,LATEST=10"));
        let moved = [target(Some("cart-1"), 100, Some("blue"))];
        let tags = "--update-tags=blue=cart-1 --remove-tags=canary";
        assert_eq!(line(&[canary], &moved), format!("{start} --to-revisions=cart-1=100 {tags}"));
    }

    #[test]
    fn a_variable_is_quoted_for_gcloud_and_for_the_shell() {
        let line = |after: &str| {
            let change = FlagChange {
                service: ServiceIx(0),
                resource: RESOURCE.into(),
                flag: "resume".into(),
                variable: "RESUME".into(),
                before: None,
                after: after.into(),
                etag: "e".into(),
                generation: 1,
                frozen_at: Wall::default(),
                ..FlagChange::default()
            };
            OpKind::Flag(change).by_hand().unwrap()
        };
        let start = "gcloud run services update cart --project=demo --region=here";
        assert_eq!(line("true"), format!("{start} --update-env-vars=RESUME=true"));
        assert_eq!(line("a b's"), format!("{start} '--update-env-vars=RESUME=a b'\\''s'"));
        assert_eq!(line("a,b"), format!("{start} '--update-env-vars=^|^RESUME=a,b'"));
        let removed = FlagChange {
            resource: RESOURCE.into(),
            variable: "RESUME".into(),
            container: Some("proxy".into()),
            image: Some("main@sha256:1".into()),
            removes: true,
            ..FlagChange::default()
        };
        let words = "--image=main@sha256:1 --container=proxy --remove-env-vars=RESUME";
        assert_eq!(OpKind::Flag(removed.clone()).by_hand(), Some(format!("{start} {words}")));
        let both = FlagChange { main: Some("app".into()), ..removed.clone() };
        let words = format!("--container=app {words}");
        assert_eq!(OpKind::Flag(both.clone()).by_hand(), Some(format!("{start} {words}")));
        let alone = FlagChange { image: None, ..both };
        let words = "--container=proxy --remove-env-vars=RESUME";
        assert_eq!(OpKind::Flag(alone).by_hand(), Some(format!("{start} {words}")));
        let live = FlagChange {
            resource: "flagd:/a/b/c/d/flags.json#f".into(),
            live: Some(Box::default()),
            ..removed
        };
        let live = OpKind::Flag(live);
        assert_eq!((live.by_hand(), live.look_by_hand()), (None, None), "gcloud knows nothing of it");
        let look =
            OpKind::Flag(FlagChange { resource: RESOURCE.into(), ..FlagChange::default() }).look_by_hand();
        assert_eq!(look.as_deref(), Some("gcloud run services describe cart --project=demo --region=here"));
        assert_eq!(
            line("a,b|c"),
            format!("{start} --update-env-vars=^@^RESUME=a,b|c")
                .replace(" --update-env-vars=^@^RESUME=a,b|c", " '--update-env-vars=^@^RESUME=a,b|c'")
        );
    }
}
