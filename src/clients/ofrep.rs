//! The `OpenFeature` remote evaluation protocol: reads what any backend evaluates a flag to.
//!
//! Protocol: <https://github.com/open-feature/protocol/blob/main/service/openapi.yaml>. It has no way to change a flag.

use reqwest::Method;
use serde_json::{Value, json};

use super::flags::{Fault, Server};
use crate::domain::Clean;
use crate::domain::flag::{FlagRead, Setting};
use crate::domain::room::{EVALUATED, OfrepSpec};

/// One flag of one backend.
#[derive(Debug)]
pub struct Ofrep {
    server: Server,
    key: String,
    context: Value,
    on: String,
    off: String,
}

impl Ofrep {
    /// Nothing is asked yet.
    pub fn new(spec: &OfrepSpec, on: &str, off: &str) -> Self {
        let mut context = json!({ "targetingKey": "warroom" });
        for (name, value) in &spec.context {
            context[name] = value.as_str().into();
        }
        Self {
            server: Server::new(&spec.server, false),
            key: spec.key.clone(),
            context: json!({ "context": context }),
            on: on.to_owned(),
            off: off.to_owned(),
        }
    }

    pub(super) async fn read(&self) -> Result<FlagRead, Fault> {
        let path = ["ofrep", "v1", "evaluate", "flags", &self.key];
        let reply = self.server.ask(Method::POST, &path, Some(&self.context), None).await?;
        let answer = reply.json()?;
        read(&answer, &self.on, &self.off)
            .ok_or_else(|| Fault::Open(Clean::new("the answer is no evaluation of a flag")))
    }
}

fn read(answer: &Value, on: &str, off: &str) -> Option<FlagRead> {
    let object = answer.as_object()?;
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let value = object.get("value");
    let (reason, variant) = (text("reason"), text("variant"));
    // A backend leaves the value out where the code's own default is to be taken.
    if value.is_none() && reason.is_none() {
        return None;
    }
    let said = match value {
        None => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let enabled = said.as_deref() == Some(on) || variant == Some(on);
    let known = enabled || said.as_deref() == Some(off) || variant == Some(off);
    let mut notes = Vec::new();
    if let Some(variant) = variant.filter(|variant| Some(*variant) != said.as_deref()) {
        notes.push(Clean::new(&format!("variant {variant}")));
    }
    notes.extend(reason.map(|reason| Clean::new(&format!("reason {}", reason.to_lowercase()))));
    let shown = said.as_deref().unwrap_or("the code's default");
    Some(FlagRead {
        setting: Setting { enabled, percent: None, stickiness: None },
        value: (!known).then(|| Clean::new(shown)),
        place: Clean::new(EVALUATED),
        notes,
        whole: true,
        share_fixed: Some(Clean::new("the evaluation protocol tells no share")),
        fixed: Some(Clean::new("the evaluation protocol only reads")),
        version: answer.to_string(),
        ..FlagRead::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_is_on_off_or_its_value() {
        let told = |answer: Value| {
            let read = read(&answer, "true", "false")?;
            Some((read.setting.enabled, read.value.map(|value| value.to_string()), read.notes.len()))
        };
        let evaluated = json!({"key": "f", "value": true, "variant": "on", "reason": "STATIC"});
        assert_eq!(told(evaluated), Some((true, None, 2)));
        assert_eq!(told(json!({"key": "f", "value": false})), Some((false, None, 0)));
        assert_eq!(told(json!({"key": "f", "value": "blue"})), Some((false, Some("blue".into()), 0)));
        assert_eq!(told(json!({"value": {"a": 1}})), Some((false, Some("{\"a\":1}".into()), 0)));
        let default = json!({"key": "f", "reason": "DISABLED"});
        assert_eq!(told(default), Some((false, Some("the code's default".into()), 1)));
        assert_eq!(told(json!({"status": "fine"})), None);
        assert_eq!(told(json!([1])), None);
    }
}
