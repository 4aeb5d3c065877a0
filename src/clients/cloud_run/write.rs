//! The bodies of changes: only the field that changes, the name and the etag. A template keeps every field it had,
//! also those that this program does not know.

use serde_json::{Value, json};

use super::read::serving_place;
use crate::domain::{FlagChange, TrafficChange, TrafficTarget};

/// The body for `updateMask=traffic`.
pub(super) fn traffic(change: &TrafficChange) -> Value {
    let target = |target: &TrafficTarget| {
        let mut json = match &target.revision {
            Some(revision) => {
                json!({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": revision})
            }
            None => json!({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"}),
        };
        if target.percent > 0 {
            json["percent"] = target.percent.into();
        }
        if let Some(tag) = &target.tag {
            json["tag"] = tag.as_str().into();
        }
        json
    };
    let targets: Vec<Value> = change.after.iter().map(target).collect();
    json!({"name": change.resource, "etag": change.etag, "traffic": targets})
}

/// The body for `updateMask=template`, made from the service as just read; or why there is none.
pub(super) fn flag(change: &FlagChange, service: &Value) -> Result<Value, &'static str> {
    let mut template = service.get("template").cloned().ok_or("the service has no template")?;
    let serving = serving_place(&template).ok_or("the template has no container")?;
    let place = match &change.container {
        None => serving,
        Some(name) => named_place(&template, name).ok_or("the template has no container of that name")?,
    };
    if let Some(fields) = template.as_object_mut() {
        // Sent back, it answers ALREADY_EXISTS: the name belongs to the revision that is there.
        fields.remove("revision");
    }
    let containers = template.get_mut("containers").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
        // Output only; the API's to say.
        container.remove("buildInfo");
    }
    if let Some(image) = &change.image {
        let container = template.pointer_mut(&format!("/containers/{serving}"));
        container.ok_or("the template has no container")?["image"] = image.as_str().into();
    }
    let container = template.pointer_mut(&format!("/containers/{place}")).and_then(Value::as_object_mut);
    let env = container.ok_or("the container is not an object")?.entry("env").or_insert_with(|| json!([]));
    let env = env.as_array_mut().ok_or("the container's env is not a list")?;
    let named = |entry: &&mut Value| entry.get("name").and_then(Value::as_str) == Some(&change.variable);
    match env.iter_mut().find(named) {
        Some(entry) if entry.get("valueSource").is_some() => return Err("the variable comes from a secret"),
        Some(_) if change.removes => {
            env.retain(|entry| entry.get("name").and_then(Value::as_str) != Some(&change.variable));
        }
        Some(entry) => entry["value"] = change.after.as_str().into(),
        None if change.removes => return Err("the variable is gone already"),
        None => env.push(json!({"name": change.variable, "value": change.after})),
    }
    Ok(json!({"name": change.resource, "etag": change.etag, "template": template}))
}

fn named_place(template: &Value, name: &str) -> Option<usize> {
    let named = |it: &Value| it.get("name").and_then(Value::as_str) == Some(name);
    template.get("containers")?.as_array()?.iter().position(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clean, ServiceIx, Wall};

    fn change(variable: &str) -> FlagChange {
        FlagChange {
            service: ServiceIx(0),
            resource: "projects/p/locations/l/services/s".into(),
            flag: "resume".into(),
            variable: variable.into(),
            before: Some(Clean::new("false")),
            after: "true".into(),
            etag: "e".into(),
            generation: 1,
            frozen_at: Wall::default(),
            ..FlagChange::default()
        }
    }

    fn service() -> Value {
        json!({"name": "n", "uid": "u", "template": {
            "revision": "s-00001-abc", "fieldOfTomorrow": {"deep": [1, 2]},
            "containers": [
                {"image": "side", "buildInfo": {"x": 1}},
                {"image": "main", "ports": [{"containerPort": 80}], "alsoNew": true, "env": [
                    {"name": "KEY", "valueSource": {"secretKeyRef": {"secret": "k"}}},
                    {"name": "RESUME", "value": "false"}]}]}})
    }

    #[test]
    fn one_variable_changes_and_everything_else_stays() {
        let expected = json!({"name": "projects/p/locations/l/services/s", "etag": "e", "template": {
            "fieldOfTomorrow": {"deep": [1, 2]},
            "containers": [
                {"image": "side"},
                {"image": "main", "ports": [{"containerPort": 80}], "alsoNew": true, "env": [
                    {"name": "KEY", "valueSource": {"secretKeyRef": {"secret": "k"}}},
                    {"name": "RESUME", "value": "true"}]}]}});
        assert_eq!(flag(&change("RESUME"), &service()), Ok(expected.clone()));
        let added = flag(&change("NEW"), &service()).unwrap();
        assert_eq!(added["template"]["containers"][1]["env"][2], json!({"name": "NEW", "value": "true"}));
        assert_eq!(flag(&change("KEY"), &service()), Err("the variable comes from a secret"));
        assert_eq!(flag(&change("KEY"), &json!({})), Err("the service has no template"));
    }

    #[test]
    fn a_sidecar_by_name_a_variable_taken_out_and_the_image_that_serves() {
        let mut service = service();
        service["template"]["containers"][0]["name"] = "proxy".into();
        service["template"]["containers"][0]["env"] = json!([{"name": "RESUME", "value": "x"}]);
        let containers = |change: &FlagChange| {
            flag(change, &service).map(|mut body| body["template"]["containers"].take())
        };
        let named = FlagChange { container: Some("proxy".into()), ..change("RESUME") };
        let body = containers(&named).unwrap();
        assert_eq!(body[0]["env"], json!([{"name": "RESUME", "value": "true"}]));
        assert_eq!(body[1], service["template"]["containers"][1], "the other one stays");
        let gone = FlagChange { container: Some("gone".into()), ..change("RESUME") };
        assert_eq!(containers(&gone), Err("the template has no container of that name"));
        let removed = FlagChange { removes: true, after: String::new(), ..change("RESUME") };
        let body = containers(&removed).unwrap();
        assert_eq!(body[1]["env"].as_array().map(Vec::len), Some(1));
        let older = FlagChange { image: Some("main@sha256:1".into()), ..named };
        let body = containers(&older).unwrap();
        assert_eq!((&body[0]["image"], &body[1]["image"]), (&json!("side"), &json!("main@sha256:1")));
    }

    #[test]
    fn a_split_names_its_types_and_omits_what_is_zero() {
        let target = |revision: Option<&str>, percent, tag: Option<&str>| TrafficTarget {
            revision: revision.map(str::to_owned),
            percent,
            tag: tag.map(str::to_owned),
            uri: Some("https://never.sent".into()),
        };
        let change = TrafficChange {
            service: ServiceIx(0),
            resource: "r".into(),
            to: "a".into(),
            before: vec![],
            after: vec![
                target(Some("a"), 100, None),
                target(Some("b"), 0, Some("canary")),
                target(None, 0, Some("new")),
            ],
            generation: 1,
            etag: "\"x=/\"".into(),
            frozen_at: Wall::default(),
        };
        assert_eq!(
            traffic(&change),
            json!({"name": "r", "etag": "\"x=/\"", "traffic": [
            {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "a", "percent": 100},
            {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "b", "tag": "canary"},
            {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "tag": "new"}]})
        );
    }
}
