//! The next step that fits an error.

use crate::domain::SourceId;

/// What to do about a database that refuses, from its words.
pub(super) fn store_step(seen: &str) -> Option<&'static str> {
    let lower = seen.strip_prefix("it refuses: ")?.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["password", "noauth", "wrongpass", "authentication", "no pg_hba.conf entry", "role "]) {
        Some("check user and password in the secret that holds its address, and what the database lets in")
    } else if says(&["does not exist", "db index"]) {
        Some("check the database's name in the secret that holds its address")
    } else {
        None
    }
}

/// What to do about an error, from its words: sources tell them in a few fixed ones.
pub(super) fn next_step(source: &SourceId, error: &str) -> &'static str {
    let lower = error.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let cloud = matches!(source, SourceId::CloudRun { .. });
    if says(&["no secret", "credential", "token command"]) {
        "make the secret readable where the config says it is"
    } else if cloud && says(&["403", "permission"]) {
        "grant the account roles/run.viewer to watch, roles/run.developer to roll back"
    } else if says(&["401", "403", "unauthorized", "forbidden", "unauthenticated"]) {
        "check the token and where it is sent; it may have expired"
    } else if says(&["resolve", "dns", "lookup", "look-up", "host name", "no such host", "name not found"]) {
        "check the host's name"
    } else if says(&["404", "not found"]) {
        "check the path, or project, region and service"
    } else if says(&["certificate", "tls"]) {
        "check the certificate, or whether the port speaks TLS at all"
    } else if says(&["refused"]) {
        "start the service, or check host and port"
    } else if says(&["no answer", "timed out", "time-out", "timeout", "too long", "late"]) {
        "check network and firewall between here and there"
    } else {
        "check the address in the config, and the service's own log"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ServiceIx;

    #[test]
    fn the_next_step_fits_the_error() {
        let step = |error| next_step(&SourceId::Health { service: ServiceIx(0), probe: 0 }, error);
        assert_eq!(step("name not found"), "check the host's name");
        assert_eq!(step("connection refused"), "start the service, or check host and port");
        let tls = "check the certificate, or whether the port speaks TLS at all";
        assert_eq!(step("TLS refused: what answers there speaks no TLS"), tls);
    }
}
