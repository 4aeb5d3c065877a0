//! Failures of a connection in the few words that fit a line on the screen.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::domain::Clean;

use super::tls::causes;

/// A `reqwest` failure in words; never with the URL, which may carry a token.
pub fn of_http(error: &reqwest::Error, limit: Duration) -> Clean {
    if error.is_timeout() {
        return late(limit);
    }
    known(error).unwrap_or_else(|| {
        let words = causes(error);
        Clean::new(words.rsplit(": ").next().unwrap_or(&words))
    })
}

/// What failed below a library's error, where that is one of the usual things: TLS, the operating system, the name.
pub fn known(error: &(dyn Error + 'static)) -> Option<Clean> {
    let mut at = Some(error);
    while let Some(cause) = at {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls_refused(tls));
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            if let Some(tls) = hidden_tls(io) {
                return Some(tls_refused(tls));
            }
            if io.raw_os_error().is_some() {
                return Some(of_io(io));
            }
        }
        at = cause.source();
    }
    let words = causes(error);
    let unnamed = words.contains("dns error") || words.contains("lookup address");
    unnamed.then(|| Clean::new("name not found"))
}

/// An operating-system failure in words.
pub fn of_io(error: &io::Error) -> Clean {
    use io::ErrorKind as Kind;
    let known = [
        (Kind::ConnectionRefused, "connection refused"),
        (Kind::ConnectionReset, "connection reset"),
        (Kind::ConnectionAborted, "connection aborted"),
        (Kind::HostUnreachable, "no route to host"),
        (Kind::NetworkUnreachable, "network unreachable"),
        (Kind::TimedOut, "no answer (connection timed out)"),
        (Kind::UnexpectedEof, "closed in the middle of an answer"),
        (Kind::BrokenPipe, "closed by the other side"),
    ];
    let word = known.iter().find(|(kind, _)| *kind == error.kind());
    word.map_or_else(|| Clean::new(&error.to_string()), |(_, word)| Clean::new(word))
}

/// Nothing came in time.
pub fn late(limit: Duration) -> Clean {
    Clean::new(&format!("no answer in {limit:?}"))
}

/// rustls hides its errors inside of `io::Error`s, which do not name what they hold as their source.
fn hidden_tls(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref::<rustls::Error>().or_else(|| hidden_tls(inner.downcast_ref::<io::Error>()?))
}

fn tls_refused(error: &rustls::Error) -> Clean {
    match error {
        rustls::Error::InvalidMessage(_) => Clean::new("TLS refused: what answers there speaks no TLS"),
        _ => Clean::new(&format!("TLS refused: {error}")),
    }
}
