//! Unleash's Admin API: a feature in one environment, on or off, and its gradual rollout.
//!
//! Protocol: <https://docs.getunleash.io/reference/api/unleash>. The token stands bare in `Authorization`. The API takes
//! a rollout of 150 without a word and answers many calls with an empty body, so shares are checked here and each write
//! is read back. It has no etag: the feature is read right before it is changed, and a change that comes in between the
//! two is only seen when it is read back.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::flags::{Fault, Permit, Server, fingerprint, same_version};
use crate::domain::flag::{FlagRead, LiveChange, Setting};
use crate::domain::room::UnleashSpec;
use crate::domain::{Clean, Wall};

/// How long a reading waits for who changed it last: that is told beside it.
const WHO: Duration = Duration::from_secs(2);

/// The strategy that has a share.
const GRADUAL: &str = "flexibleRollout";

/// One feature in one environment.
#[derive(Debug)]
pub struct Unleash {
    server: Server,
    spec: UnleashSpec,
}

/// A feature as read, with what a write needs.
#[derive(Debug)]
struct Seen {
    read: FlagRead,
    /// The one gradual strategy; `None`: there is no strategy at all, or not exactly that one.
    strategy: Option<String>,
}

impl Unleash {
    /// Nothing is asked yet.
    pub fn new(spec: &UnleashSpec) -> Self {
        Self { server: Server::new(&spec.server, true), spec: spec.clone() }
    }

    pub(super) async fn read(&self) -> Result<FlagRead, Fault> {
        // Who changed it is told where the token may read events, and in time; without, only the panel is poorer.
        let (seen, who) = tokio::join!(self.seen(), timeout(WHO, self.last_event()));
        let mut read = seen?.read;
        if let Ok(Some((by, at))) = who {
            (read.changed_by, read.changed_at) = (by, at);
        }
        Ok(read)
    }

    async fn seen(&self) -> Result<Seen, Fault> {
        let spec = &self.spec;
        let path = ["api", "admin", "projects", &spec.project, "features", &spec.feature];
        let feature = self.server.ask(Method::GET, &path, None, None).await?.json()?;
        read(&feature, &spec.environment)
    }

    async fn last_event(&self) -> Option<(Clean, Option<Wall>)> {
        let path = ["api", "admin", "events", &self.spec.feature];
        let events = self.server.ask(Method::GET, &path, None, None).await.ok()?.json().ok()?;
        let event = events.get("events")?.as_array()?.iter().find(|event| {
            let environment = event.get("environment").and_then(Value::as_str);
            environment.is_some_and(|environment| environment == self.spec.environment)
        })?;
        let by = Clean::new(event.get("createdBy")?.as_str()?);
        let at = event.get("createdAt").and_then(Value::as_str);
        let at = at.and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok()).map(|at| at.to_utc());
        Some((by, at))
    }

    /// Shares move while nobody gets them, as far as there is an order: turned off first, turned on last.
    pub(super) async fn write(&self, change: &LiveChange, permit: &Permit) -> Result<(), Fault> {
        let percent = change.after.percent;
        if percent.is_some_and(|percent| percent > 100) {
            return Err(Fault::refused("a share is 0 to 100 %"));
        }
        let seen = self.seen().await.map_err(|fault| Fault::Refused(fault.why().clone()))?;
        same_version(&seen.read.version, change)?;
        let (now, after) = (&seen.read.setting, &change.after);
        let mut written = 0;
        if !after.enabled && now.enabled {
            self.step(&mut written, self.turn(false, permit).await)?;
        }
        let moves = percent.is_some() && percent != now.percent;
        let sticks = after.stickiness.is_some() && after.stickiness != now.stickiness;
        // A strategy more would let in who is not meant: each of them counts by itself.
        if let Some(why) = seen.read.share_fixed.filter(|_| moves || sticks) {
            return Err(Fault::Refused(why));
        }
        if moves || sticks {
            let step = self.share(seen.strategy.as_deref(), after, permit).await;
            self.step(&mut written, step)?;
        }
        if after.enabled && !now.enabled {
            self.step(&mut written, self.turn(true, permit).await)?;
        }
        Ok(())
    }

    /// After the first step something was changed, whatever the next answer says.
    #[expect(clippy::unused_self, reason = "reads as a step of this write")]
    fn step(&self, written: &mut u32, outcome: Result<(), Fault>) -> Result<(), Fault> {
        match outcome {
            Ok(()) => {
                *written += 1;
                Ok(())
            }
            Err(Fault::Refused(why)) if *written > 0 => {
                Err(Fault::Open(Clean::new(&format!("only a part was changed: {why}"))))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn turn(&self, on: bool, permit: &Permit) -> Result<(), Fault> {
        let spec = &self.spec;
        let to = if on { "on" } else { "off" };
        let path = [
            "api",
            "admin",
            "projects",
            &spec.project,
            "features",
            &spec.feature,
            "environments",
            &spec.environment,
            to,
        ];
        self.server.ask(Method::POST, &path, None, Some(permit)).await?.ok().map(drop)
    }

    async fn share(&self, strategy: Option<&str>, after: &Setting, permit: &Permit) -> Result<(), Fault> {
        let spec = &self.spec;
        let mut path = vec![
            "api",
            "admin",
            "projects",
            &spec.project,
            "features",
            &spec.feature,
            "environments",
            &spec.environment,
            "strategies",
        ];
        let rollout = after.percent.map(|percent| percent.to_string());
        let Some(strategy) = strategy else {
            let parameters = json!({
                "rollout": rollout.unwrap_or_else(|| "100".to_owned()),
                "stickiness": after.stickiness.as_deref().unwrap_or("default"),
                "groupId": spec.feature,
            });
            let body = json!({ "name": GRADUAL, "parameters": parameters, "constraints": [] });
            return self.server.ask(Method::POST, &path, Some(&body), Some(permit)).await?.ok().map(drop);
        };
        path.push(strategy);
        let replace = |key: &str, value: &str| json!({ "op": "replace", "path": format!("/parameters/{key}"), "value": value });
        let patch: Vec<Value> = rollout
            .iter()
            .map(|rollout| replace("rollout", rollout))
            .chain(after.stickiness.iter().map(|sticks| replace("stickiness", sticks)))
            .collect();
        self.server.ask(Method::PATCH, &path, Some(&Value::Array(patch)), Some(permit)).await?.ok().map(drop)
    }
}

fn read(feature: &Value, environment: &str) -> Result<Seen, Fault> {
    let none = || Vec::new();
    let environments = feature.get("environments").and_then(Value::as_array);
    let environments = environments.ok_or_else(|| Fault::refused("the answer is no feature of Unleash"))?;
    let named = |it: &&Value| it.get("name").and_then(Value::as_str) == Some(environment);
    let Some(found) = environments.iter().find(named) else {
        let names: Vec<&str> = environments.iter().filter_map(|it| it.get("name")?.as_str()).collect();
        let why = format!("it has no environment {environment}; there are: {}", names.join(", "));
        return Err(Fault::refused(&why));
    };
    let enabled = found.get("enabled").and_then(Value::as_bool);
    let enabled = enabled.ok_or_else(|| Fault::refused("the environment does not say whether it is on"))?;
    let strategies = found.get("strategies").and_then(Value::as_array).cloned().unwrap_or_else(none);
    let is_off = |it: &&Value| it.get("disabled").and_then(Value::as_bool) == Some(true);
    let active: Vec<&Value> = strategies.iter().filter(|it| !is_off(it)).collect();
    let flag = |key: &str| feature.get(key).and_then(Value::as_bool) == Some(true);
    let gradual = match active.as_slice() {
        [only] if only.get("name").and_then(Value::as_str) == Some(GRADUAL) => Some(*only),
        _ => None,
    };
    let parameter = |key: &str| match gradual?.get("parameters")?.get(key)? {
        Value::String(text) => Some(text.clone()),
        // What another client wrote as a number counts as well.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let percent = parameter("rollout").and_then(|text| text.parse::<u8>().ok());
    let percent = percent.filter(|percent| *percent <= 100);
    let fixed = share_fixed(&active, gradual);
    let mut notes = notes(gradual, parameter("rollout").as_deref(), percent, flag("stale"));
    notes.extend(fixed.clone());
    Ok(Seen {
        read: FlagRead {
            setting: Setting { enabled, percent, stickiness: parameter("stickiness").map(Clean::from) },
            place: Clean::new(environment),
            notes,
            share: match percent {
                _ if !enabled => Some(0),
                // Without any strategy everybody gets it.
                None => strategies.is_empty().then_some(100),
                percent => percent,
            },
            share_fixed: fixed,
            fixed: flag("archived").then(|| Clean::new("it is archived in Unleash")),
            version: version(enabled, &strategies),
            ..FlagRead::default()
        },
        strategy: gradual.and_then(|it| it.get("id")?.as_str()).map(str::to_owned),
    })
}

/// Why there is no one share to set.
fn share_fixed(active: &[&Value], gradual: Option<&Value>) -> Option<Clean> {
    match (active, gradual) {
        ([], _) | (_, Some(_)) => None,
        ([only], None) => {
            let name = only.get("name").and_then(Value::as_str).unwrap_or("?");
            Some(Clean::new(&format!("its strategy {name} has no share: set it in Unleash")))
        }
        (several, None) => Some(Clean::new(&format!(
            "{} strategies: which share is meant? set it in Unleash",
            several.len()
        ))),
    }
}

fn notes(gradual: Option<&Value>, rollout: Option<&str>, percent: Option<u8>, stale: bool) -> Vec<Clean> {
    let mut notes = Vec::new();
    if stale {
        notes.push(Clean::new("marked stale in Unleash"));
    }
    if let (Some(rollout), None) = (rollout, percent) {
        notes.push(Clean::new(&format!("its share reads {rollout}, which is no percentage")));
    }
    let count = |key: &str| gradual.and_then(|it| it.get(key)?.as_array()).map_or(0, Vec::len);
    for (key, word) in [("constraints", "constraint"), ("segments", "segment")] {
        if count(key) > 0 {
            let words = crate::domain::format::counted(count(key), word);
            notes.push(Clean::new(&format!("only within {words}")));
        }
    }
    notes
}

/// What tells this state of the environment from another: all of its strategies, whether they count or not.
fn version(enabled: bool, strategies: &[Value]) -> String {
    fingerprint(&json!([enabled, strategies]).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(strategies: &Value) -> Value {
        json!({"name": "f", "environments": [
            {"name": "development", "enabled": true, "strategies": []},
            {"name": "production", "enabled": false, "strategies": strategies}]})
    }

    fn gradual(rollout: &str) -> Value {
        json!({"id": "a", "name": GRADUAL, "constraints": [], "segments": [7],
            "parameters": {"rollout": rollout, "stickiness": "userId", "groupId": "f"}})
    }

    #[test]
    fn one_gradual_strategy_is_the_share() {
        let seen = read(&feature(&json!([gradual("25")])), "production").expect("a feature");
        let setting = Setting { enabled: false, percent: Some(25), stickiness: Some(Clean::new("userId")) };
        assert_eq!((seen.read.setting, seen.strategy.as_deref()), (setting, Some("a")));
        assert_eq!(seen.read.notes, [Clean::new("only within 1 segment")]);
        assert_eq!(seen.read.share_fixed, None);
        // What somebody wrote past all checks is no share.
        let seen = read(&feature(&json!([gradual("150")])), "production").expect("a feature");
        assert_eq!((seen.read.setting.percent, seen.read.notes.len()), (None, 2));
        let number = json!({"id": "a", "name": GRADUAL, "parameters": {"rollout": 5}});
        let seen = read(&feature(&json!([number])), "production").expect("a feature");
        assert_eq!((seen.read.setting.percent, seen.read.notes), (Some(5), vec![]));
    }

    #[test]
    fn a_share_that_is_not_told_is_not_known() {
        let share = |strategies: Value| {
            let mut feature = feature(&strategies);
            feature["environments"][1]["enabled"] = true.into();
            let read = read(&feature, "production").expect("a feature").read;
            (read.share, read.notes.iter().any(|note| Some(note) == read.share_fixed.as_ref()))
        };
        assert_eq!(share(json!([])), (Some(100), false), "without strategies everybody gets it");
        assert_eq!(share(json!([gradual("25")])), (Some(25), false));
        assert_eq!(share(json!([gradual("150")])), (None, false));
        assert_eq!(share(json!([gradual("1"), gradual("2")])), (None, true), "and why is among the notes");
        assert_eq!(share(json!([{"id": "x", "name": "userWithId"}])), (None, true));
        let off = read(&feature(&json!([gradual("25")])), "production").expect("a feature");
        assert_eq!(off.read.share, Some(0));
    }

    #[test]
    fn several_strategies_have_no_one_share_and_those_turned_off_do_not_count() {
        let mut off = gradual("9");
        off["disabled"] = true.into();
        let share = |strategies: Value| {
            let seen = read(&feature(&strategies), "production").expect("a feature");
            (seen.read.setting.percent, seen.read.share_fixed.is_some())
        };
        assert_eq!(share(json!([gradual("10"), gradual("20")])), (None, true));
        assert_eq!(share(json!([gradual("10"), off])), (Some(10), false));
        assert_eq!(share(json!([{"id": "x", "name": "userWithId"}])), (None, true));
        assert_eq!(share(json!([])), (None, false));
    }

    #[test]
    fn what_is_not_there_is_said() {
        let error = read(&feature(&json!([])), "staging").map(|_| ()).expect_err("no such environment");
        assert_eq!(error.why().as_str(), "it has no environment staging; there are: development, production");
        assert!(read(&json!({"version": 1}), "production").is_err());
        let version = |json: &Value| read(json, "production").expect("a feature").read.version;
        assert_ne!(version(&feature(&json!([]))), version(&feature(&json!([gradual("1")]))));
    }
}
