//! Credentials and permissions on Cloud Run: who speaks, from where, until when, and what that may do. Nothing is changed.

use super::{Check, State};
use crate::clients::cloud_run::{Client, ErrorKind};
use crate::clients::google::Told;
use crate::clients::logging;
use crate::clock;
use crate::domain::room::{CloudRunSpec, Mode};
use crate::domain::{Room, SourceId, format};

/// To see a service, and to change it.
const READ: &str = "run.services.get";
const CHANGE: &str = "run.services.update";

/// Two checks for each service on Cloud Run, and one of its logs.
pub(super) async fn checks(room: &Room) -> Vec<Check> {
    let mut checks = Vec::new();
    for service in &room.services {
        let Some(spec) = &service.cloud_run else { continue };
        let client = Client::new(spec);
        let told = match client.who().await {
            Ok(told) => told,
            Err(error) => {
                let next = client.remedy(error.kind).await;
                let name = format!("{} credentials", service.name);
                checks.push(Check::new(&name, State::Bad, &seen(&error.to_string(), &next), &next));
                continue;
            }
        };
        checks.push(identity(&service.name, &told));
        checks.push(permissions(room, &service.name, spec, &client, &told).await);
        checks.extend(logs(room, &service.name, spec, &told).await);
    }
    checks
}

/// The words of an error without its next step, which is told beside.
pub(super) fn seen(error: &str, next: &str) -> String {
    error.replace(&format!("; {next}"), "")
}

/// What to do about an error that a source of Cloud Run told, if it is one of the credentials.
pub(super) async fn remedy(room: &Room, source: &SourceId, error: &str) -> Option<String> {
    let SourceId::CloudRun { service } = source else { return None };
    let spec = room.service(*service)?.cloud_run.as_ref()?;
    let kinds = [ErrorKind::Unauthenticated, ErrorKind::Credentials];
    let kind = kinds.into_iter().find(|kind| error.ends_with(kind.next()))?;
    Some(Client::new(spec).remedy(kind).await)
}

fn identity(service: &str, told: &Told) -> Check {
    let ends = match told.expires {
        Some(at) => format!("its token ends {}, and is made anew before", format::clock(at)),
        None => "nobody tells when its token ends; it is made anew in time".to_owned(),
    };
    Check::new(&format!("{service} credentials"), State::Good, &format!("{}; {ends}", told.about), "")
}

async fn permissions(room: &Room, service: &str, spec: &CloudRunSpec, client: &Client, told: &Told) -> Check {
    let name = format!("{service} permissions");
    let held = match client.permissions(&[READ, CHANGE]).await {
        Ok(held) => held,
        Err(error) => {
            let (state, next) = match error.kind {
                ErrorKind::Permission => (State::Bad, ask_for(spec, told, "run.developer")),
                ErrorKind::Unauthenticated | ErrorKind::Credentials => {
                    (State::Bad, client.remedy(error.kind).await)
                }
                _ => (
                    State::Doubtful,
                    "they show when something is done; `--dry-run` of a command asks too".into(),
                ),
            };
            return Check::new(&name, state, &format!("cannot be tested: {error}"), &next);
        }
    };
    let has = |wanted: &str| held.iter().any(|it| it == wanted);
    let only_watches = room.operator.mode == Mode::ReadOnly;
    match (has(READ), has(CHANGE)) {
        (false, changes) => {
            let role = if only_watches { "run.viewer" } else { "run.developer" };
            let seen = if changes || only_watches {
                format!("{READ} is missing")
            } else {
                format!("{READ} and {CHANGE} are missing")
            };
            Check::new(&name, State::Bad, &seen, &ask_for(spec, told, role))
        }
        (true, false) if only_watches => Check::new(&name, State::Good, &format!("{READ}; read-only"), ""),
        (true, false) => {
            let seen = format!("{READ}, but {CHANGE} is missing: nothing can be rolled back or flipped");
            Check::new(&name, State::Bad, &seen, &ask_for(spec, told, "run.developer"))
        }
        (true, true) => {
            let seen = format!("{READ}, {CHANGE}");
            let flags = room.flags.iter().any(|flag| flag.resource().is_none());
            // The API tests it only on the account itself, which this program does not know.
            let next = "flags also need iam.serviceAccounts.actAs: roles/iam.serviceAccountUser on the account \
                        that the service runs as";
            Check::new(&name, State::Good, &seen, if flags { next } else { "" })
        }
    }
}

/// Whether the logs of the service can be read; nothing where the config does not tell where they are.
async fn logs(room: &Room, service: &str, spec: &CloudRunSpec, told: &Told) -> Option<Check> {
    let client = logging::Client::new(spec, &room.logs)?;
    let name = format!("{service} logs");
    let Err(error) = client.is_readable(clock::wall() - room.logs.back).await else {
        return Some(Check::new(&name, State::Good, logging::PERMISSION, ""));
    };
    let next = match error.kind {
        ErrorKind::Permission => format!(
            "ask for {role}: gcloud projects add-iam-policy-binding {} --member={} --role={role}",
            spec.project,
            member(told),
            role = logging::ROLE
        ),
        _ => error.kind.next().to_owned(),
    };
    // Nothing but the logs themselves rests on them.
    Some(Check::new(&name, State::Doubtful, &error.to_string(), &next))
}

fn member(told: &Told) -> &str {
    if told.member.is_empty() { "MEMBER" } else { &told.member }
}

/// The line that gives what is missing, for somebody who may.
fn ask_for(spec: &CloudRunSpec, told: &Told, role: &str) -> String {
    let member = member(told);
    format!(
        "ask for roles/{role}: gcloud run services add-iam-policy-binding {} --project={} --region={} \
         --member={member} --role=roles/{role}",
        spec.service, spec.project, spec.region
    )
}
