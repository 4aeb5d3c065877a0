//! Cloud Logging's `entries:list` over the demo's logs.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{Answer, Api, Parameters};
use crate::demo::PROJECT;
use crate::demo::cloud::ApiError;
use crate::demo::logs::filter;
use crate::demo::world::World;

/// The most that a page holds, whatever was asked: clients have to follow the pages.
const PAGE: usize = 300;
/// What a page holds if nothing was asked.
const USUAL: usize = 50;

pub(super) async fn list(
    State(api): State<Api>,
    query: Parameters,
    headers: HeaderMap,
    sent: Bytes,
) -> Answer {
    let answer = api.answer(&headers, &query, move |world| {
        let body: Value = serde_json::from_slice(&sent)
            .map_err(|error| ApiError::invalid("body", format!("Invalid JSON payload received. {error}")))?;
        Ok(page(world, &Asked::of(&body)?))
    });
    answer.await
}

struct Asked {
    filter: filter::Filter,
    newest_first: bool,
    size: usize,
    from: usize,
    /// Ties a page's token to what was asked for.
    mark: u64,
}

impl Asked {
    fn of(body: &Value) -> Result<Self, ApiError> {
        const KNOWN: [&str; 6] =
            ["resourceNames", "projectIds", "filter", "orderBy", "pageSize", "pageToken"];
        let map = body.as_object().ok_or_else(|| ApiError::invalid("body", "it is no object"))?;
        if let Some(name) = map.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            let why = format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
            return Err(ApiError::invalid(name, why));
        }
        let text = |name: &str| match map.get(name) {
            None => Ok(""),
            Some(value) => value.as_str().ok_or_else(|| ApiError::invalid(name, "a text is expected")),
        };
        resources(map.get("resourceNames"))?;
        let newest_first = match text("orderBy")? {
            "" | "timestamp asc" => false,
            "timestamp desc" => true,
            _ => return Err(ApiError::invalid("order_by", "it is \"timestamp asc\" or \"timestamp desc\"")),
        };
        let size = match map.get("pageSize") {
            None => USUAL,
            Some(size) => match size.as_i64() {
                Some(0) => USUAL,
                Some(size @ 1..) => usize::try_from(size).unwrap_or(PAGE).min(PAGE),
                Some(_) | None => return Err(ApiError::invalid("page_size", "a number from 0 is expected")),
            },
        };
        let written = text("filter")?;
        let filter = filter::parse(written).map_err(|why| ApiError::invalid("filter", why))?;
        let asked = format!("{written}{newest_first}");
        let mark = asked.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let from = match text("pageToken")? {
            "" => 0,
            token => from(token, mark).ok_or_else(|| {
                ApiError::invalid("page_token", "this token was not given out for this request")
            })?,
        };
        Ok(Self { filter, newest_first, size, from, mark })
    }
}

fn from(token: &str, mark: u64) -> Option<usize> {
    let (known, from) = token.strip_prefix("EAA4-")?.split_once('-')?;
    (known == format!("{mark:x}")).then(|| usize::from_str_radix(from, 16).ok())?
}

fn resources(names: Option<&Value>) -> Result<(), ApiError> {
    let names = names.and_then(Value::as_array).filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| ApiError::invalid("resource_names", "at least one is expected"))?;
    let own = format!("projects/{PROJECT}");
    match names.iter().find(|name| name.as_str() != Some(&own)) {
        None => Ok(()),
        Some(name) => {
            let name = name.as_str().unwrap_or_default();
            Err(ApiError::denied("logging.logEntries.list", name))
        }
    }
}

/// One page. A token is a place among what fitted then: counted from the oldest, or, newest first, from the end.
fn page(world: &World, asked: &Asked) -> Value {
    let fits = |entry: &&Value| asked.filter.fits(entry);
    let entries: Vec<&Value> = world.logs.iter().filter(fits).collect();
    // Newer ones that come between two pages must not move the older ones.
    let (entries, left): (Vec<Value>, usize) = if asked.newest_first {
        let end = if asked.from == 0 { entries.len() } else { asked.from.min(entries.len()) };
        let begin = end.saturating_sub(asked.size);
        (entries[begin..end].iter().rev().map(|entry| (*entry).clone()).collect(), begin)
    } else {
        let begin = asked.from.min(entries.len());
        let end = (begin + asked.size).min(entries.len());
        let next = if end < entries.len() { end } else { 0 };
        (entries[begin..end].iter().map(|entry| (*entry).clone()).collect(), next)
    };
    let mut body = json!({});
    if let Some(map) = body.as_object_mut() {
        if !entries.is_empty() {
            map.insert("entries".into(), entries.into());
        }
        if left > 0 {
            map.insert("nextPageToken".into(), format!("EAA4-{:x}-{left:x}", asked.mark).into());
        }
    }
    body
}
