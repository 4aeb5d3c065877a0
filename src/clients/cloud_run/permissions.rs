//! Which permissions the credentials have on the service, as the API itself tells (`testIamPermissions`).

use http::Method;
use serde_json::{Value, json};

use super::{ApiError, Client, ErrorKind, bad_body};
use crate::clients::google::Told;
use crate::domain::Clean;

impl Client {
    /// Those of `asked` that the credentials have.
    ///
    /// # Errors
    /// It cannot be asked.
    pub async fn permissions(&self, asked: &[&str]) -> Result<Vec<String>, ApiError> {
        let what = "test the permissions";
        let path = format!("{}:testIamPermissions", self.name());
        let json = self
            .exchange(
                what,
                Method::POST,
                &self.address(what, &path, &[])?,
                Some(&json!({ "permissions": asked })),
                None,
            )
            .await?;
        if !json.is_object() {
            return Err(bad_body(what, "the answer is no list of permissions"));
        }
        // None at all is an empty answer.
        let held = json.get("permissions").and_then(Value::as_array).into_iter().flatten();
        Ok(held.filter_map(|it| Some(Clean::new(it.as_str()?).to_string())).take(asked.len()).collect())
    }

    /// Who we are to the API and where that comes from.
    ///
    /// # Errors
    /// There is no token.
    pub async fn who(&self) -> Result<Told, ApiError> {
        self.auth.headers().await?;
        Ok(self.auth.told().await)
    }

    /// What a person should do after an error of this kind: where it is the credentials', by what they are.
    pub async fn remedy(&self, kind: ErrorKind) -> String {
        match kind {
            ErrorKind::Unauthenticated | ErrorKind::Credentials => self.auth.remedy(kind).await,
            other => other.next().into(),
        }
    }
}
