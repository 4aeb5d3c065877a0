//! The Cloud Run Admin API v2 over HTTP: services, revisions and operations of the demo's project; and its logs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

mod entries;

use super::patch::Request;
use super::{ApiError, body, service_name};
use crate::clock;
use crate::demo::hub::Hub;
use crate::demo::world::World;
use crate::demo::{PROJECT, REGION, SERVICE, Scenario, hostile};

/// Whoever shows the demo's token, to the API.
const CALLER: &str = "operator@demo-chat.example";
/// The most that a page holds, whatever was asked: clients have to follow the pages.
const PAGE: usize = 5;
/// The longest that `:wait` waits.
const WAIT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Api {
    hub: Arc<Hub>,
    token: Arc<str>,
}

type Parameters = Query<HashMap<String, String>>;
type Answer = Result<Response, ApiError>;

/// The API, for bearers of `token`.
pub(in crate::demo) fn routes(hub: &Arc<Hub>, token: &str) -> Router {
    let location = "/v2/projects/{project}/locations/{location}";
    Router::new()
        .route(&format!("{location}/services"), get(list_services))
        .route(
            &format!("{location}/services/{{service}}"),
            get(get_service).patch(patch_service).post(test_permissions),
        )
        .route(&format!("{location}/services/{{service}}/revisions"), get(list_revisions))
        .route(&format!("{location}/services/{{service}}/revisions/{{revision}}"), get(get_revision))
        .route(&format!("{location}/operations"), get(list_operations))
        .route(&format!("{location}/operations/{{operation}}"), get(get_operation))
        .route(&format!("{location}/operations/{{operation}}"), post(wait_operation))
        .route("/v2/entries:list", post(entries::list))
        .fallback(unknown)
        .with_state(Api { hub: Arc::clone(hub), token: token.into() })
}

/// An unknown path is answered in HTML, as by Google's front end.
async fn unknown(uri: Uri) -> Response {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> <ins>That’s an \
         error.</ins>\n<p>The requested URL <code>{}</code> was not found on this server.\n",
        uri.path().replace('&', "&amp;").replace('<', "&lt;")
    );
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

impl Api {
    /// Checks the caller, then asks the world, then encodes the answer as the caller wants it.
    async fn answer<T>(&self, headers: &HeaderMap, query: &Parameters, question: T) -> Answer
    where
        T: FnOnce(&mut World) -> Result<Value, ApiError> + Send + 'static,
    {
        self.admit(headers)?;
        known_parameters(query)?;
        let asked = self.hub.ask(move |world| {
            let evil = if world.scenario == Scenario::Garbage { hostile::api(&mut world.dice) } else { None };
            evil.map_or_else(|| question(world).map(Ok), |evil| Ok(Err(evil)))
        });
        match asked.await.ok_or_else(ApiError::unavailable)?? {
            Ok(value) => Ok(axum::Json(encode(value, query)).into_response()),
            Err((status, body)) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
                Ok((status, [(header::CONTENT_TYPE, "text/html")], body).into_response())
            }
        }
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match shown.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(token) if *token == *self.token => Ok(()),
            Some(_) => Err(ApiError::unauthenticated("ACCESS_TOKEN_EXPIRED")),
            None => Err(ApiError::unauthenticated("CREDENTIALS_MISSING")),
        }
    }
}

/// With `$alt=json;enum-encoding=int` enumerations are numbers.
fn encode(value: Value, query: &Parameters) -> Value {
    let numbers = query.get("$alt").is_some_and(|alt| alt.split(';').any(|part| part == "enum-encoding=int"));
    if numbers { body::numbered(value) } else { value }
}

/// Unknown parameters are errors, as in Google's APIs.
fn known_parameters(query: &Parameters) -> Result<(), ApiError> {
    const KNOWN: [&str; 20] = [
        "$alt",
        "alt",
        "$.xgafv",
        "access_token",
        "allowMissing",
        "allow_missing",
        "callback",
        "fields",
        "filter",
        "forceNewRevision",
        "force_new_revision",
        "key",
        "pageSize",
        "page_size",
        "pageToken",
        "page_token",
        "prettyPrint",
        "quotaUser",
        "showDeleted",
        "returnPartialSuccess",
    ];
    const PATCH: [&str; 4] = ["updateMask", "update_mask", "validateOnly", "validate_only"];
    match query.keys().find(|key| !KNOWN.contains(&key.as_str()) && !PATCH.contains(&key.as_str())) {
        Some(name) => {
            Err(ApiError::invalid(name, "Invalid query parameter received. Cannot bind query parameter."))
        }
        None => Ok(()),
    }
}

/// A parameter by its name in camel or snake case.
fn parameter<'a>(query: &'a Parameters, camel: &str, snake: &str) -> &'a str {
    query.get(camel).or_else(|| query.get(snake)).map_or("", String::as_str)
}

fn located(project: &str, location: &str, permission: &str) -> Result<(), ApiError> {
    if project != PROJECT {
        return Err(ApiError::denied(permission, &format!("projects/{project}")));
    }
    if location == REGION {
        Ok(())
    } else {
        Err(ApiError::not_found(&format!("projects/{project}/locations/{location}")))
    }
}

fn known_service(service: &str) -> Result<(), ApiError> {
    let name = service_name();
    if service == SERVICE { Ok(()) } else { Err(ApiError::not_found(&name.replace(SERVICE, service))) }
}

/// One page of `all`. The token is opaque to clients, and wrong ones are refused.
fn page(all: Vec<Value>, field: &str, query: &Parameters) -> Result<Value, ApiError> {
    let size = match parameter(query, "pageSize", "page_size") {
        "" => PAGE,
        text => match text.parse::<i64>() {
            Ok(size) if size >= 0 => usize::try_from(size).unwrap_or(PAGE),
            Ok(_) | Err(_) => return Err(ApiError::invalid("page_size", "a number from 0 is expected")),
        },
    };
    let size = if size == 0 { PAGE } else { size.min(PAGE) };
    let from = match parameter(query, "pageToken", "page_token") {
        "" => 0,
        token => token
            .strip_prefix("Cg0-")
            .and_then(|hex| usize::from_str_radix(hex, 16).ok())
            .filter(|from| *from < all.len())
            .ok_or_else(|| ApiError::invalid("page_token", "this token was not given out"))?,
    };
    let more = from + size < all.len();
    let items: Vec<Value> = all.into_iter().skip(from).take(size).collect();
    let mut body = json!({ field: items });
    if let (true, Some(map)) = (more, body.as_object_mut()) {
        map.insert("nextPageToken".into(), format!("Cg0-{:06x}", from + size).into());
    }
    Ok(body)
}

async fn list_services(
    State(api): State<Api>,
    Path((project, location)): Path<(String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Answer {
    let paging = query.clone();
    let answer = api.answer(&headers, &query, move |world| {
        located(&project, &location, "run.services.list")?;
        page(vec![world.cloud.service()], "services", &paging)
    });
    answer.await
}

async fn get_service(
    State(api): State<Api>,
    Path((project, location, service)): Path<(String, String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Answer {
    let answer = api.answer(&headers, &query, move |world| {
        located(&project, &location, "run.services.get")?;
        known_service(&service)?;
        Ok(world.cloud.service())
    });
    answer.await
}

async fn patch_service(
    State(api): State<Api>,
    Path((project, location, service)): Path<(String, String, String)>,
    query: Parameters,
    headers: HeaderMap,
    sent: Bytes,
) -> Answer {
    let flag = |camel, snake| parameter(&query, camel, snake) == "true";
    let mask = parameter(&query, "updateMask", "update_mask").to_owned();
    let validate_only = flag("validateOnly", "validate_only");
    let force = flag("forceNewRevision", "force_new_revision");
    let answer = api.answer(&headers, &query, move |world| {
        located(&project, &location, "run.services.update")?;
        known_service(&service)?;
        let body = serde_json::from_slice(&sent).map_err(|error| {
            ApiError::invalid("service", format!("Invalid JSON payload received. {error}"))
        })?;
        let request = Request { mask, validate_only, force, body };
        let (t, wall) = (world.t(), world.wall());
        world.cloud.patch(&request, t, wall, CALLER)
    });
    answer.await
}

async fn list_revisions(
    State(api): State<Api>,
    Path((project, location, service)): Path<(String, String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Answer {
    let paging = query.clone();
    let answer = api.answer(&headers, &query, move |world| {
        located(&project, &location, "run.revisions.list")?;
        // "-" lists the revisions of all services.
        if service != "-" {
            known_service(&service)?;
        }
        let all = world.cloud.revisions().iter().map(|revision| world.cloud.revision(revision)).collect();
        page(all, "revisions", &paging)
    });
    answer.await
}

async fn get_revision(
    State(api): State<Api>,
    Path((project, location, service, revision)): Path<(String, String, String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Answer {
    let answer = api.answer(&headers, &query, move |world| {
        located(&project, &location, "run.revisions.get")?;
        known_service(&service)?;
        let known = world.cloud.revisions().iter().find(|known| known.name == revision);
        let full = || format!("{}/revisions/{revision}", service_name());
        known.map(|known| world.cloud.revision(known)).ok_or_else(|| ApiError::not_found(&full()))
    });
    answer.await
}

async fn list_operations(
    State(api): State<Api>,
    Path((project, location)): Path<(String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Answer {
    let paging = query.clone();
    let answer = api.answer(&headers, &query, move |world| {
        located(&project, &location, "run.operations.list")?;
        page(world.cloud.operations(), "operations", &paging)
    });
    answer.await
}

async fn get_operation(
    State(api): State<Api>,
    Path((project, location, operation)): Path<(String, String, String)>,
    query: Parameters,
    headers: HeaderMap,
) -> Answer {
    let answer = api.answer(&headers, &query, move |world| {
        located(&project, &location, "run.operations.get")?;
        find_operation(world, &operation)
    });
    answer.await
}

fn find_operation(world: &World, id: &str) -> Result<Value, ApiError> {
    let full = format!("projects/{PROJECT}/locations/{REGION}/operations/{id}");
    world.cloud.operation(id).ok_or_else(|| ApiError::not_found(&full))
}

/// `POST …/operations/ID:wait`: answers when it is done, or when the time is up and it is not.
/// `:testIamPermissions`: whoever has the token may do all of it.
async fn test_permissions(
    State(api): State<Api>,
    Path((project, location, service)): Path<(String, String, String)>,
    query: Parameters,
    headers: HeaderMap,
    sent: Bytes,
) -> Answer {
    let Some(service) = service.strip_suffix(":testIamPermissions").map(str::to_owned) else {
        return Ok(unknown(Uri::from_static("/v2/services")).await);
    };
    let asked: Value =
        serde_json::from_slice(&sent).map_err(|error| ApiError::invalid("body", error.to_string()))?;
    let answer = api.answer(&headers, &query, move |_| {
        located(&project, &location, "run.services.getIamPolicy")?;
        known_service(&service)?;
        Ok(json!({ "permissions": asked.get("permissions").cloned().unwrap_or_else(|| json!([])) }))
    });
    answer.await
}

async fn wait_operation(
    State(api): State<Api>,
    Path((project, location, operation)): Path<(String, String, String)>,
    query: Parameters,
    headers: HeaderMap,
    sent: Bytes,
) -> Answer {
    api.admit(&headers)?;
    located(&project, &location, "run.operations.get")?;
    let Some(id) = operation.strip_suffix(":wait").map(str::to_owned) else {
        return Ok(unknown(Uri::from_static("/v2/operations")).await);
    };
    let request: Value = if sent.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&sent).map_err(|error| ApiError::invalid("body", error.to_string()))?
    };
    let wanted = match request.get("timeout").and_then(Value::as_str) {
        None => WAIT,
        Some(text) => text
            .strip_suffix('s')
            .and_then(|seconds| seconds.parse().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| ApiError::invalid("timeout", "a duration such as \"3.5s\" is expected"))?,
    };
    let began = clock::mono();
    loop {
        let id = id.clone();
        let found = api
            .hub
            .ask(move |world| find_operation(world, &id))
            .await
            .ok_or_else(ApiError::unavailable)??;
        if found.get("done").is_some() || clock::mono().since(began) >= wanted.min(WAIT) {
            return Ok(axum::Json(encode(found, &query)).into_response());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
