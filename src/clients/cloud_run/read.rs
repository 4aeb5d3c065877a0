//! From the API's JSON to plain words. Lenient where the API omits (zero, false and empty are left out, int64 are
//! strings), and bounded; a service without a name is no service. Names, tags and etags go back as they came, so they
//! are not scrubbed: what scrubbing would change is no name.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::domain::revision::{EnvValue, RevisionFacts, ServiceScaling, short_name};
use crate::domain::{Clean, Revision, Traffic, TrafficTarget, Wall};

/// The longest list taken from one answer; Cloud Run keeps at most 1,000 revisions.
const MAX_LIST: usize = 2000;

/// A service, without its revisions; `None` if this is not one.
pub(super) fn service(json: &Value) -> Option<Traffic> {
    let name = plain(text(json, "name")?)?.to_owned();
    let latest = |key| text(json, key).and_then(plain).map(|full| short_name(full).to_owned());
    let condition = json.get("terminalCondition");
    let state = condition.and_then(|condition| text(condition, "state"));
    Some(Traffic {
        name,
        desired: split(json.get("traffic"))?,
        effective: split(json.get("trafficStatuses"))?,
        latest_ready: latest("latestReadyRevision"),
        latest_created: latest("latestCreatedRevision"),
        reconciling: json.get("reconciling").and_then(Value::as_bool).unwrap_or(false),
        generation: integer(json, "generation"),
        observed_generation: integer(json, "observedGeneration"),
        terminal: state.and_then(succeeded),
        message: condition.and_then(|condition| text(condition, "message")).map(Clean::new),
        etag: plain(text(json, "etag").unwrap_or_default())?.to_owned(),
        uri: text(json, "uri").and_then(plain).unwrap_or_default().to_owned(),
        revisions: Vec::new(),
        template_env: json.get("template").map(env).unwrap_or_default(),
        template_containers: json.get("template").map(named_envs).unwrap_or_default(),
        template_image: json.get("template").map(image).unwrap_or_default(),
        template_sidecars: json.get("template").map(sidecars).unwrap_or_default(),
        template_main: Clean::new(
            json.get("template").and_then(serving).and_then(|it| text(it, "name")).unwrap_or_default(),
        ),
        last_modifier: Clean::new(text(json, "lastModifier").unwrap_or_default()),
        scaling: json.get("scaling").map(scaling).unwrap_or_default(),
    })
}

/// What is zero is left out, and is none; scaled by hand to none is meant so.
fn scaling(json: &Value) -> ServiceScaling {
    let manual = text(json, "scalingMode") == Some("MANUAL");
    ServiceScaling {
        min: count(json, "minInstanceCount"),
        max: count(json, "maxInstanceCount"),
        manual: manual.then(|| count(json, "manualInstanceCount").unwrap_or(0)),
    }
}

/// A number above zero.
fn count(of: &Value, key: &str) -> Option<u32> {
    u32::try_from(integer(of, key)).ok().filter(|number| *number > 0)
}

/// A revision; `None` if this is not one.
pub(super) fn revision(json: &Value) -> Option<Revision> {
    let name = short_name(plain(text(json, "name")?)?).to_owned();
    let conditions = json.get("conditions").and_then(Value::as_array).into_iter().flatten();
    let ready = conditions.into_iter().find(|condition| text(condition, "type") == Some("Ready"));
    let state = ready.and_then(|ready| text(ready, "state")).and_then(succeeded);
    let failed = ready.filter(|_| state == Some(false));
    let message = failed.or_else(|| retired(json)).and_then(|condition| text(condition, "message"));
    Some(Revision {
        name,
        ready: state,
        message: message.map(Clean::new),
        image: resolved(json),
        created: text(json, "createTime").and_then(time),
        creator: Clean::new(text(json, "creator").unwrap_or_default()),
        env: env(json),
        facts: facts(json),
    })
}

/// What says that no instance is kept for a revision any more.
fn retired(json: &Value) -> Option<&Value> {
    let mut conditions = json.get("conditions").and_then(Value::as_array).into_iter().flatten();
    conditions.find(|condition| text(condition, "revisionReason") == Some("RETIRED"))
}

fn facts(json: &Value) -> RevisionFacts {
    let part = |key: &str| json.get(key).unwrap_or(&Value::Null);
    let limits = serving(json).and_then(|container| container.pointer("/resources/limits"));
    let limit = |key| Clean::new(limits.and_then(|limits| text(limits, key)).unwrap_or_default());
    let seconds = text(json, "timeout").and_then(|text| text.strip_suffix('s')?.parse().ok());
    RevisionFacts {
        service_account: Clean::new(text(json, "serviceAccount").unwrap_or_default()),
        concurrency: count(json, "maxInstanceRequestConcurrency"),
        timeout: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        instances: (count(part("scaling"), "minInstanceCount"), count(part("scaling"), "maxInstanceCount")),
        cpu: limit("cpu"),
        memory: limit("memory"),
        sidecars: sidecars(json),
        sidecar_env: sidecar_env(json),
        secret_files: secret_files(json),
        retired: retired(json).is_some(),
    }
}

/// Where the container that takes the requests stands in `containers`: the one with a port (sidecars have none),
/// else the first.
pub(super) fn serving_place(of: &Value) -> Option<usize> {
    let containers = of.get("containers")?.as_array()?;
    let with_port = |container: &Value| {
        container.get("ports").and_then(Value::as_array).is_some_and(|ports| !ports.is_empty())
    };
    containers.iter().position(with_port).or(if containers.is_empty() { None } else { Some(0) })
}

fn serving(of: &Value) -> Option<&Value> {
    of.get("containers")?.get(serving_place(of)?)
}

fn image(of: &Value) -> Clean {
    Clean::new(serving(of).and_then(|container| text(container, "image")).unwrap_or_default())
}

/// The image of a revision by its content, where it was deployed by a tag: the platform resolved that when the revision was
/// created, and tells the digest beside it.
fn resolved(of: &Value) -> Clean {
    let image = image(of);
    if image.contains('@') {
        return image;
    }
    let name = serving(of).and_then(|container| text(container, "name")).unwrap_or_default();
    let all = of.get("containerStatuses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let its = |status: &&Value| text(status, "name").unwrap_or_default() == name || all.len() == 1;
    match all.iter().find(its).and_then(|status| text(status, "imageDigest")) {
        Some(digest) if digest.contains("@sha256:") => Clean::new(digest),
        Some(digest) if digest.starts_with("sha256:") => {
            Clean::new(&format!("{}@{digest}", without_tag(&image)))
        }
        _ => image,
    }
}

/// The port of a registry comes before its last slash, a tag after it.
fn without_tag(image: &str) -> &str {
    let path = image.rfind('/').map_or(0, |slash| slash + 1);
    let name = image.get(path..).unwrap_or_default();
    let tag = name.find(':').unwrap_or(name.len());
    image.get(..path + tag).unwrap_or(image)
}

/// The containers that do not take the requests.
fn others(of: &Value) -> impl Iterator<Item = &Value> {
    let place = serving_place(of);
    let containers = of.get("containers").and_then(Value::as_array).into_iter().flatten().take(MAX_LIST);
    containers.enumerate().filter(move |(at, _)| Some(*at) != place).map(|(_, container)| container)
}

fn sidecars(of: &Value) -> Vec<Clean> {
    others(of).map(|of| Clean::new(text(of, "image").unwrap_or_default())).collect()
}

fn sidecar_env(of: &Value) -> BTreeMap<String, EnvValue> {
    let named = others(of).zip(1..).map(|(container, n)| match text(container, "name") {
        Some(name) if !name.is_empty() => (Clean::new(name).to_string(), container),
        _ => (format!("sidecar {n}"), container),
    });
    let of = |(of, container): (String, &Value)| {
        env_of(container).into_iter().map(move |(name, value)| (format!("{of} {name}"), value))
    };
    named.flat_map(of).take(MAX_LIST).collect()
}

fn secret_files(of: &Value) -> BTreeMap<String, EnvValue> {
    let volumes = of.get("volumes").and_then(Value::as_array).into_iter().flatten().take(MAX_LIST);
    let file = |volume: &Value| {
        let secret = volume.get("secret")?;
        let items = secret.get("items").and_then(Value::as_array).into_iter().flatten();
        let versions: Vec<&str> = items.filter_map(|item| text(item, "version")).take(MAX_LIST).collect();
        let version = if versions.is_empty() { "latest".to_owned() } else { versions.join(", ") };
        let part = |text: &str| Clean::new(text).to_string();
        let value = EnvValue::Secret { secret: part(text(secret, "secret")?), version: part(&version) };
        Some((part(text(volume, "name")?), value))
    };
    volumes.filter_map(file).collect()
}

fn env(of: &Value) -> BTreeMap<String, EnvValue> {
    serving(of).map(env_of).unwrap_or_default()
}

fn named_envs(of: &Value) -> BTreeMap<String, BTreeMap<String, EnvValue>> {
    let containers = of.get("containers").and_then(Value::as_array).into_iter().flatten().take(MAX_LIST);
    containers.filter_map(|it| Some((plain(text(it, "name")?)?.to_owned(), env_of(it)))).collect()
}

fn env_of(container: &Value) -> BTreeMap<String, EnvValue> {
    let entries = container.get("env").and_then(Value::as_array);
    let entry = |entry: &Value| {
        let name = Clean::new(text(entry, "name")?).to_string();
        let source = entry.get("valueSource").map(|source| source.get("secretKeyRef"));
        let value = match source {
            None => EnvValue::Plain(Clean::marked(text(entry, "value").unwrap_or_default())),
            Some(key) => {
                let part = |part| Clean::new(key.and_then(|key| text(key, part)).unwrap_or_default());
                let part = |name| part(name).to_string();
                EnvValue::Secret { secret: part("secret"), version: part("version") }
            }
        };
        Some((name, value))
    };
    entries.into_iter().flatten().take(MAX_LIST).filter_map(entry).collect()
}

/// A list that the API replaces whole; `None` if an entry of it could not be sent back as it came.
fn split(targets: Option<&Value>) -> Option<Vec<TrafficTarget>> {
    let target = |target: &Value| {
        let latest = text(target, "type") == Some("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST");
        let named = |key| text(target, key).filter(|name| !name.is_empty()).map(|name| plain(name).ok_or(()));
        let revision = named("revision").filter(|_| !latest).transpose().ok()?;
        Some(TrafficTarget {
            revision: revision.map(|name| short_name(name).to_owned()),
            percent: u8::try_from(integer(target, "percent").clamp(0, 100)).unwrap_or(0),
            tag: named("tag").transpose().ok()?.map(str::to_owned),
            uri: named("uri").transpose().ok()?.map(str::to_owned),
        })
    };
    targets.and_then(Value::as_array).into_iter().flatten().take(MAX_LIST).map(target).collect()
}

/// `CONDITION_PENDING` and `CONDITION_RECONCILING` are neither.
fn succeeded(state: &str) -> Option<bool> {
    match state {
        "CONDITION_SUCCEEDED" => Some(true),
        "CONDITION_FAILED" => Some(false),
        _ => None,
    }
}

/// The text, if scrubbing would leave it as it is.
fn plain(text: &str) -> Option<&str> {
    (*Clean::new(text) == *text).then_some(text)
}

fn text<'a>(json: &'a Value, key: &str) -> Option<&'a str> {
    json.get(key)?.as_str()
}

fn integer(json: &Value, key: &str) -> i64 {
    match json.get(key) {
        Some(Value::String(digits)) => digits.parse().unwrap_or(0),
        Some(value) => value.as_i64().unwrap_or(0),
        None => 0,
    }
}

fn time(text: &str) -> Option<Wall> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_is_read_with_all_that_the_api_leaves_out() {
        let json = json!({
            "name": "projects/p/locations/l/services/cart", "etag": "\"djE3=/cHJv\"", "generation": "12",
            "observedGeneration": "12", "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"},
            "latestReadyRevision": "projects/p/locations/l/services/cart/revisions/cart-00042-bim",
            "traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100},
                        {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "cart-00041-kex", "tag": "old"}],
            "trafficStatuses": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "revision": "cart-00042-bim", "percent": 100}],
            "template": {"containers": [{"image": "side", "env": [{"name": "NOT", "value": "this"}]},
                {"image": "main", "ports": [{"containerPort": 8080}], "env": [
                    {"name": "A", "value": "1"}, {"name": "EMPTY"},
                    {"name": "KEY", "valueSource": {"secretKeyRef": {"secret": "k", "version": "latest"}}}]}]},
        });
        let traffic = service(&json).unwrap();
        let latest = TrafficTarget { revision: None, percent: 100, tag: None, uri: None };
        let old = TrafficTarget {
            revision: Some("cart-00041-kex".into()),
            percent: 0,
            tag: Some("old".into()),
            uri: None,
        };
        assert_eq!(traffic.desired, [latest.clone(), old]);
        assert_eq!(traffic.effective, [latest]);
        assert_eq!((traffic.generation, traffic.settled()), (12, true));
        assert_eq!(traffic.etag, "\"djE3=/cHJv\"");
        assert_eq!(traffic.latest_ready.as_deref(), Some("cart-00042-bim"));
        let plain = |text: &str| EnvValue::Plain(Clean::new(text));
        let secret = EnvValue::Secret { secret: "k".into(), version: "latest".into() };
        let expected = [("A", plain("1")), ("EMPTY", plain("")), ("KEY", secret)];
        assert_eq!(traffic.template_env, expected.map(|(name, value)| (name.to_owned(), value)).into());
        assert_eq!(traffic.template_image.as_str(), "main");
        assert_eq!(traffic.template_sidecars, [Clean::new("side")]);
        assert_eq!(service(&json!({"items": []})), None);
    }

    #[test]
    fn a_name_that_could_not_be_shown_as_it_is_is_none() {
        for bad in ["a\u{1b}]52;c;aGk=\u{7}", "a\u{202e}b", "a\nb", "a\u{0}"] {
            let target = |key: &str| json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", key: bad}]);
            assert_eq!(service(&json!({"name": bad})), None);
            assert_eq!(service(&json!({"name": "n", "etag": bad})), None);
            for key in ["revision", "tag", "uri"] {
                assert_eq!(service(&json!({"name": "n", "traffic": target(key)})), None, "{key}");
                assert_eq!(service(&json!({"name": "n", "trafficStatuses": target(key)})), None, "{key}");
            }
            assert_eq!(revision(&json!({"name": bad})), None);
            let read = service(&json!({"name": "n", "latestReadyRevision": bad, "uri": bad})).unwrap();
            assert_eq!((read.latest_ready, read.uri.as_str()), (None, ""));
        }
    }

    #[test]
    fn how_a_service_is_scaled_as_a_whole_is_read_beside_its_revisions() {
        let of = |scaling: Value| {
            let json = json!({"name": "projects/p/locations/l/services/s", "scaling": scaling});
            service(&json).unwrap().scaling
        };
        let none = ServiceScaling::default();
        assert_eq!(of(json!({})), none);
        assert_eq!(of(json!({"minInstanceCount": 2})), ServiceScaling { min: Some(2), ..none });
        let by_hand = json!({"scalingMode": "MANUAL", "manualInstanceCount": 3});
        assert_eq!(of(by_hand).manual, Some(3));
        assert_eq!(of(json!({"scalingMode": "MANUAL"})).manual, Some(0), "zero is left out");
        assert_eq!(of(json!({"scalingMode": "AUTOMATIC", "maxInstanceCount": 9})).max, Some(9));
    }

    #[test]
    fn a_revision_deployed_by_a_tag_is_known_by_the_digest_that_was_resolved() {
        let image = |container: Value, statuses: Value| {
            let json = json!({"name": "r", "containers": [container], "containerStatuses": statuses});
            revision(&json).unwrap().image.to_string()
        };
        let tagged = json!({"name": "main", "image": "host:5000/team/chat:2.1"});
        let told = |digest: &str| {
            json!([{"name": "side", "imageDigest": "x@sha256:0"},
            {"name": "main", "imageDigest": digest}])
        };
        assert_eq!(image(tagged.clone(), told("sha256:ab")), "host:5000/team/chat@sha256:ab");
        assert_eq!(image(tagged.clone(), told("mirror/chat@sha256:ab")), "mirror/chat@sha256:ab");
        assert_eq!(image(tagged, json!([])), "host:5000/team/chat:2.1");
        let unnamed = json!([{"imageDigest": "sha256:cd"}]);
        assert_eq!(image(json!({"image": "chat"}), unnamed), "chat@sha256:cd");
    }

    #[test]
    fn variables_of_sidecars_and_secrets_in_files_are_read() {
        let json = json!({"name": "r", "containers": [
            {"name": "proxy", "env": [{"name": "MODE", "value": "a"}]},
            {"name": "main", "ports": [{"containerPort": 8080}], "env": [{"name": "A", "value": "1"}]},
            {"env": [{"name": "B"}]}],
            "volumes": [{"name": "tls", "secret": {"secret": "certs", "items": [{"path": "p", "version": "3"}]}},
                {"name": "plain", "secret": {"secret": "k"}}, {"name": "tmp", "emptyDir": {}}]});
        let facts = revision(&json).unwrap().facts;
        let names: Vec<&String> = facts.sidecar_env.keys().collect();
        assert_eq!(names, ["proxy MODE", "sidecar 2 B"]);
        let secret =
            |secret: &str, version: &str| EnvValue::Secret { secret: secret.into(), version: version.into() };
        let files = [("plain", secret("k", "latest")), ("tls", secret("certs", "3"))];
        assert_eq!(facts.secret_files, files.map(|(name, of)| (name.to_owned(), of)).into());
    }

    #[test]
    fn an_idle_revision_is_ready_and_a_broken_one_says_why() {
        let revision_with = |conditions: Value| {
            let json = json!({"name": "projects/p/locations/l/services/s/revisions/s-1", "conditions": conditions,
                "createTime": "2026-11-20T10:00:00.123456Z", "containers": [{"image": "i"}]});
            revision(&json).unwrap()
        };
        let idle = revision_with(json!([
            {"type": "Active", "state": "CONDITION_FAILED", "revisionReason": "RETIRED", "message": "no traffic"},
            {"type": "Ready", "state": "CONDITION_SUCCEEDED", "message": "fine"}]));
        let message = Some(Clean::new("no traffic"));
        assert_eq!((idle.ready, idle.message, idle.facts.retired), (Some(true), message, true));
        assert_eq!(idle.created.map(|at| at.timestamp()), Some(1_795_168_800));
        let broken =
            revision_with(json!([{"type": "Ready", "state": "CONDITION_FAILED", "message": "no\nport"}]));
        assert_eq!((broken.ready, broken.message), (Some(false), Some(Clean::new("no port"))));
        assert_eq!(revision_with(json!([{"type": "Ready", "state": "CONDITION_PENDING"}])).ready, None);
    }
}
