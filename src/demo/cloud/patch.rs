//! What a PATCH of the service may ask for, and what it comes to.

use serde_json::{Map, Value};

use super::{ApiError, Cloud, Ready, Split, body, service_name, without_revision};
use crate::demo::SERVICE;

/// Fields of a service that its owner may set.
const MUTABLE: [&str; 19] = [
    "annotations",
    "binaryAuthorization",
    "buildConfig",
    "client",
    "clientVersion",
    "customAudiences",
    "defaultUriDisabled",
    "description",
    "iapEnabled",
    "ingress",
    "invokerIamDisabled",
    "labels",
    "launchStage",
    "multiRegionSettings",
    "scaling",
    "template",
    "threatDetectionEnabled",
    "traffic",
    "sshEnabled",
];
/// Fields that only the platform sets: accepted in a body, and ignored.
const OUTPUT: [&str; 21] = [
    "name",
    "uid",
    "generation",
    "createTime",
    "updateTime",
    "deleteTime",
    "expireTime",
    "creator",
    "lastModifier",
    "observedGeneration",
    "terminalCondition",
    "conditions",
    "latestReadyRevision",
    "latestCreatedRevision",
    "trafficStatuses",
    "uri",
    "urls",
    "satisfiesPzs",
    "reconciling",
    "etag",
    "kind",
];
/// Fields of a template.
const TEMPLATE: [&str; 20] = [
    "annotations",
    "containers",
    "encryptionKey",
    "encryptionKeyRevocationAction",
    "encryptionKeyShutdownDuration",
    "executionEnvironment",
    "gpuZonalRedundancyDisabled",
    "healthCheckDisabled",
    "labels",
    "maxInstanceRequestConcurrency",
    "nodeSelector",
    "revision",
    "scaling",
    "serviceAccount",
    "serviceMesh",
    "sessionAffinity",
    "timeout",
    "volumes",
    "vpcAccess",
    "client",
];

/// A PATCH as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Comma-separated paths; empty or `*` replaces everything.
    pub mask: String,
    /// Check, but change nothing.
    pub validate_only: bool,
    /// Make a revision even if the template is the same.
    pub force: bool,
    /// The body.
    pub body: Value,
}

/// A change that may be carried out.
#[derive(Debug, Clone)]
pub struct Change {
    /// The mutable fields afterwards, without `traffic`.
    pub(super) fields: Map<String, Value>,
    /// The wanted split afterwards.
    pub(super) traffic: Vec<Split>,
    /// Name of the revision that it makes.
    pub(super) revision: Option<String>,
    /// It is accepted, but its operation ends in this error.
    pub(super) fails: Option<(i32, String)>,
}

/// What `request` comes to.
pub(super) fn check(cloud: &Cloud, request: &Request) -> Result<Change, ApiError> {
    let Some(wanted) = request.body.as_object() else {
        return Err(ApiError::invalid("service", "a JSON object is expected"));
    };
    known_fields(wanted)?;
    if wanted.get("etag").and_then(Value::as_str).is_some_and(|etag| !etag.is_empty() && etag != cloud.etag())
    {
        return Err(ApiError::stale_etag(&service_name()));
    }
    let mut fields = cloud.fields.clone();
    let mut traffic = cloud.desired.clone();
    for path in paths(&request.mask, wanted)? {
        match path.split_once('.') {
            None if path == "traffic" => traffic = splits(wanted.get("traffic"))?,
            None => put(&mut fields, &path, wanted.get(&path)),
            Some(("template", inner)) => {
                let value = wanted.get("template").and_then(|template| template.get(inner));
                if let Some(template) = fields.get_mut("template").and_then(Value::as_object_mut) {
                    put(template, inner, value);
                }
            }
            Some((outer, inner)) => {
                let value = wanted.get(outer).and_then(|value| value.get(inner));
                if let Some(map) = fields.get_mut(outer).and_then(Value::as_object_mut) {
                    put(map, inner, value);
                }
            }
        }
    }
    let revision = new_revision(cloud, &mut fields, request.force)?;
    room_for_tags(cloud, &traffic)?;
    let fails = unservable(cloud, &traffic, revision.as_deref());
    Ok(Change { fields, traffic, revision, fails })
}

fn put(map: &mut Map<String, Value>, key: &str, value: Option<&Value>) {
    match value {
        Some(value) => map.insert(key.to_owned(), value.clone()),
        None => map.remove(key),
    };
}

/// Unknown names are refused as by Google's JSON parser; `spec`, `revisionName` and other words of v1 are such.
fn known_fields(wanted: &Map<String, Value>) -> Result<(), ApiError> {
    let unknown = |name: &str, at: &str| {
        let what =
            format!("Invalid JSON payload received. Unknown name \"{name}\" at '{at}': Cannot find field.");
        Err(ApiError::invalid(at, what))
    };
    if let Some(name) =
        wanted.keys().find(|k| !MUTABLE.contains(&k.as_str()) && !OUTPUT.contains(&k.as_str()))
    {
        return unknown(name, "service");
    }
    if let Some(template) = wanted.get("template").and_then(Value::as_object)
        && let Some(name) = template.keys().find(|key| !TEMPLATE.contains(&key.as_str()))
    {
        return unknown(name, "service.template");
    }
    Ok(())
}

/// The paths of a mask in camel case; refuses what cannot be set.
fn paths(mask: &str, wanted: &Map<String, Value>) -> Result<Vec<String>, ApiError> {
    if mask.trim().is_empty() || mask.trim() == "*" {
        return Ok(MUTABLE
            .iter()
            .filter(|name| **name != "traffic" || wanted.contains_key("traffic"))
            .map(|n| (*n).to_owned())
            .collect());
    }
    let mut paths = Vec::new();
    for path in mask.split(',').map(|path| camel(path.trim())) {
        let known = match path.split_once('.') {
            None => MUTABLE.contains(&path.as_str()),
            Some(("template", inner)) => TEMPLATE.contains(&inner),
            Some(("scaling", inner)) => !inner.contains('.'),
            Some(("labels" | "annotations", _)) => true,
            Some(_) => false,
        };
        if !known {
            return Err(ApiError::invalid(
                "update_mask",
                format!("'{path}' is not a field that can be updated"),
            ));
        }
        paths.push(path);
    }
    Ok(paths)
}

/// `template.service_account` → `template.serviceAccount`.
fn camel(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut upper = false;
    for c in path.chars() {
        match c {
            '_' => upper = true,
            _ if upper => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            _ => out.push(c),
        }
    }
    out
}

/// The split that `traffic` asks for; an empty list is all to the latest.
fn splits(traffic: Option<&Value>) -> Result<Vec<Split>, ApiError> {
    let list = match traffic {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(_) => return Err(ApiError::invalid("service.traffic", "a list is expected")),
    };
    if list.is_empty() {
        return Ok(vec![Split { revision: None, percent: 100, tag: None }]);
    }
    let splits =
        list.iter().enumerate().map(|(at, entry)| split(at, entry)).collect::<Result<Vec<_>, _>>()?;
    let sum: u32 = splits.iter().map(|split| u32::from(split.percent)).sum();
    if sum != 100 {
        return Err(ApiError::invalid("service.traffic", format!("the percents must sum to 100, not {sum}")));
    }
    let mut tags: Vec<&String> = splits.iter().filter_map(|split| split.tag.as_ref()).collect();
    tags.sort();
    if let Some(pair) = tags.windows(2).find(|pair| pair.first() == pair.last()) {
        let tag = pair.first().map_or("", |tag| tag.as_str());
        return Err(ApiError::invalid("service.traffic", format!("the tag '{tag}' is used more than once")));
    }
    Ok(splits)
}

fn split(at: usize, entry: &Value) -> Result<Split, ApiError> {
    let field = |name: &str| format!("service.traffic[{at}]{name}");
    let Some(map) = entry.as_object() else {
        return Err(ApiError::invalid(&field(""), "an object is expected"));
    };
    let known = ["type", "revision", "percent", "tag", "uri"];
    if let Some(name) = map.keys().find(|key| !known.contains(&key.as_str())) {
        let what = format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
        return Err(ApiError::invalid(&field(""), what));
    }
    let revision =
        map.get("revision").and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned);
    let kind = map.get("type").and_then(body::allocation_type);
    let revision = match (kind, revision) {
        (Some("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"), None) => None,
        (Some("TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"), Some(name)) if !name.contains('/') => Some(name),
        (Some("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"), Some(_)) => {
            return Err(ApiError::invalid(&field(".revision"), "a LATEST entry must not name a revision"));
        }
        (Some(_), _) => {
            return Err(ApiError::invalid(&field(".revision"), "the short name of a revision is expected"));
        }
        (None, _) => {
            return Err(ApiError::invalid(&field(".type"), "a traffic target allocation type is expected"));
        }
    };
    let percent = match map.get("percent") {
        None | Some(Value::Null) => 0,
        Some(value) => value
            .as_u64()
            .and_then(|percent| u8::try_from(percent).ok())
            .filter(|percent| *percent <= 100)
            .ok_or_else(|| ApiError::invalid(&field(".percent"), "a number from 0 to 100 is expected"))?,
    };
    let tag = map.get("tag").and_then(Value::as_str).filter(|tag| !tag.is_empty()).map(str::to_owned);
    let good = |tag: &String| {
        tag.len() <= 46
            && tag.starts_with(|c: char| c.is_ascii_lowercase())
            && tag.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if tag.as_ref().is_some_and(|tag| !good(tag)) {
        return Err(ApiError::invalid(&field(".tag"), "lower-case letters, digits and '-' are expected"));
    }
    Ok(Split { revision, percent, tag })
}

/// The demo has as many tag URLs as it has spare ports.
fn room_for_tags(cloud: &Cloud, traffic: &[Split]) -> Result<(), ApiError> {
    let mut tags: Vec<&String> =
        traffic.iter().chain(&cloud.effective).filter_map(|s| s.tag.as_ref()).collect();
    tags.sort();
    tags.dedup();
    if tags.len() > cloud.tag_urls.len() {
        return Err(ApiError::exhausted("Quota exceeded for traffic tags of this service."));
    }
    Ok(())
}

/// The name of the revision that the template in `fields` makes, if it differs from the last one.
fn new_revision(
    cloud: &Cloud,
    fields: &mut Map<String, Value>,
    force: bool,
) -> Result<Option<String>, ApiError> {
    let Some(template) = fields.get_mut("template") else {
        return Err(ApiError::invalid("service.template", "a template is required"));
    };
    let containers = template.get("containers").and_then(Value::as_array);
    let image = |container: &Value| {
        container.get("image").and_then(Value::as_str).is_some_and(|image| !image.is_empty())
    };
    if !containers.is_some_and(|list| !list.is_empty() && list.iter().all(image)) {
        let what = "at least one container, each with an image, is required";
        return Err(ApiError::invalid("service.template.containers", what));
    }
    let named =
        template.get("revision").and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned);
    let bare = without_revision(template.clone());
    if let Some(name) = named {
        return match cloud.revisions.iter().find(|revision| revision.name == name) {
            Some(same) if same.template == bare => Ok(None),
            Some(_) => Err(ApiError::revision_exists(&name)),
            None if name.starts_with(&format!("{SERVICE}-")) => Ok(Some(name)),
            None => Err(ApiError::invalid("service.template.revision", "must begin with the service's name")),
        };
    }
    if !force && cloud.revisions.first().is_some_and(|newest| newest.template == bare) {
        return Ok(None);
    }
    let number = 409 + cloud.revisions.len();
    let mut rng = fastrand::Rng::with_seed(cloud.edits);
    let mut letter = |set: &[u8]| char::from(set.get(rng.usize(..set.len())).copied().unwrap_or(b'x'));
    let (first, second, third) = (letter(b"bdfgklmnprstvz"), letter(b"aeiou"), letter(b"bdfgklmnprstvz"));
    Ok(Some(format!("{SERVICE}-{number:05}-{first}{second}{third}")))
}

/// Why the split cannot be carried out. The API accepts such a change and lets its operation fail.
fn unservable(cloud: &Cloud, traffic: &[Split], coming: Option<&str>) -> Option<(i32, String)> {
    for name in
        traffic.iter().filter_map(|split| split.revision.as_deref()).filter(|name| Some(*name) != coming)
    {
        match cloud.revisions.iter().find(|revision| revision.name == name).map(|revision| &revision.ready) {
            None => {
                let what = format!(
                    "Revision '{name}' does not exist or is deleted. Update all traffic targets to existing revisions."
                );
                return Some((13, what));
            }
            Some(Ready::Failed(why))
                if traffic.iter().any(|s| s.revision.as_deref() == Some(name) && s.percent > 0) =>
            {
                return Some((9, format!("Revision '{name}' is not ready and cannot serve traffic. {why}")));
            }
            Some(Ready::Pending | Ready::Yes | Ready::Failed(_)) => {}
        }
    }
    None
}
