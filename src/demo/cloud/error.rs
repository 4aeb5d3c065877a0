//! Errors as Google's HTTP APIs write them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    code: u16,
    status: &'static str,
    message: String,
    details: Vec<Value>,
}

impl ApiError {
    fn new(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), details: Vec::new() }
    }

    /// 400: `field` is wrong in the way that `description` tells.
    pub fn invalid(field: &str, description: impl Into<String>) -> Self {
        let description = description.into();
        let mut error =
            Self::new(400, "INVALID_ARGUMENT", format!("Invalid value at '{field}': {description}"));
        error.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{ "field": field, "description": description }],
        }));
        error
    }

    /// 401, with the reason that clients act upon.
    pub fn unauthenticated(reason: &'static str) -> Self {
        let mut error = Self::new(
            401,
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other \
             valid authentication credential.",
        );
        error.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": { "service": "run.googleapis.com" },
        }));
        error
    }

    /// 403: `permission` is missing on `resource` (or it does not exist: the API does not tell which).
    pub fn denied(permission: &str, resource: &str) -> Self {
        let message =
            format!("Permission '{permission}' denied on resource '{resource}' (or it may not exist).");
        Self::new(403, "PERMISSION_DENIED", message)
    }

    /// 404.
    pub fn not_found(resource: &str) -> Self {
        Self::new(404, "NOT_FOUND", format!("Resource '{resource}' was not found"))
    }

    /// 409: somebody else changed the service since it was read.
    pub fn stale_etag(resource: &str) -> Self {
        let message =
            format!("The request's etag does not match the current version of '{resource}'. Read it again.");
        Self::new(409, "ABORTED", message)
    }

    /// 409: a template that carries the name of a revision that looks different.
    pub fn revision_exists(name: &str) -> Self {
        let message = format!("Revision named '{name}' with different configuration already exists.");
        Self::new(409, "ALREADY_EXISTS", message)
    }

    /// 429.
    pub fn exhausted(message: &str) -> Self {
        let mut error = Self::new(429, "RESOURCE_EXHAUSTED", message);
        let info = json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s" });
        error.details.push(info);
        error
    }

    /// 503: the simulation is gone.
    pub fn unavailable() -> Self {
        Self::new(503, "UNAVAILABLE", "The service is currently unavailable.")
    }

    /// The JSON that is sent.
    pub fn body(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message, "status": self.status });
        if let (false, Some(map)) = (self.details.is_empty(), error.as_object_mut()) {
            map.insert("details".into(), self.details.clone().into());
        }
        json!({ "error": error })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(self.body())).into_response()
    }
}
