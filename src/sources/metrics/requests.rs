//! Whether an endpoint counts its requests by status.

use crate::domain::Clean;
use crate::promql::History;

/// What the label with the status is called, in different clients.
const LABELS: [&str; 5] = ["status", "code", "status_code", "http_status", "http_response_status_code"];

/// The label of `counter` that has the status of a request; `None`: nothing is counted so.
pub(super) fn status_label(history: &History, counter: &str) -> Option<Clean> {
    let mut found = history
        .named(counter)
        .filter_map(|series| LABELS.into_iter().find(|label| series.label(label).is_some_and(is_status)));
    found.next().map(Clean::new)
}

/// `503`, and `5xx` of clients that group them.
fn is_status(text: &str) -> bool {
    let mut chars = text.chars();
    let class = chars.next().is_some_and(|first| ('1'..='5').contains(&first));
    class && text.len() == 3 && chars.all(|c| c.is_ascii_digit() || c == 'x')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_is_known_by_its_name_and_by_what_it_says() {
        let label = |text: &str| {
            let mut history = History::new(60_000, 100, None);
            history.scraped(text.as_bytes(), 0);
            status_label(&history, "http_requests_total").map(|label| label.to_string())
        };
        assert_eq!(label("http_requests_total{code=\"200\",path=\"/\"} 1\n").as_deref(), Some("code"));
        assert_eq!(label("http_requests_total{handler=\"/\",status=\"2xx\"} 1\n").as_deref(), Some("status"));
        for none in
            ["http_requests_total 1\n", "http_requests_total{status=\"ok\"} 1\n", "other{code=\"200\"} 1\n"]
        {
            assert_eq!(label(none), None, "{none}");
        }
    }
}
