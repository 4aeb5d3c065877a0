//! Redis, as far as a probe needs it: `AUTH`, `SELECT`, `PING` in RESP2 over plain TCP.
//! Protocol: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use url::Url;

use crate::clock;
use crate::domain::Clean;

use super::failure;

/// The longest reply line read.
const MAX_LINE: u64 = 4096;

/// Why there was no `PONG`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PingError {
    /// The server answered, and refused.
    Refused(Clean),
    /// No answer.
    Unreachable(Clean),
    /// The URL cannot be used: nobody was asked.
    Unusable(Clean),
}

/// `PING`; answers with the time from sending it to its reply. The caller sets the time-out.
pub async fn ping(url: &str) -> Result<Duration, PingError> {
    // An error of the URL must not repeat it: it may hold the password.
    let unusable = |why: &str| PingError::Unusable(Clean::new(why));
    let url = Url::parse(url).map_err(|_bad| unusable("the Redis URL cannot be read"))?;
    match url.scheme() {
        "redis" => {}
        "rediss" => return Err(unusable("rediss:// (TLS) is not supported; use redis:// or a tcp probe")),
        _ => return Err(unusable("a Redis URL begins with redis://")),
    }
    let host = url.host_str().ok_or_else(|| unusable("the Redis URL has no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = (host, url.port().unwrap_or(6379));
    let stream = TcpStream::connect(address).await.map_err(|error| io(&error))?;
    stream.set_nodelay(true).map_err(|error| io(&error))?;
    let mut stream = BufReader::new(stream);
    let user = decoded(url.username());
    if let Some(password) = url.password().map(decoded) {
        let words: &[&[u8]] =
            if user.is_empty() { &[b"AUTH", &password] } else { &[b"AUTH", &user, &password] };
        ask(&mut stream, words).await?;
    }
    let database = url.path().trim_start_matches('/');
    if !database.is_empty() {
        ask(&mut stream, &[b"SELECT", database.as_bytes()]).await?;
    }
    let began = clock::mono();
    let reply = ask(&mut stream, &[b"PING"]).await?;
    let took = clock::mono().since(began);
    if reply == "PONG" {
        Ok(took)
    } else {
        Err(PingError::Refused(Clean::new(&format!("expected PONG, got {reply}"))))
    }
}

/// Sends one command and reads its one-line reply.
async fn ask(stream: &mut BufReader<TcpStream>, words: &[&[u8]]) -> Result<String, PingError> {
    let mut request = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        request.extend_from_slice(word);
        request.extend_from_slice(b"\r\n");
    }
    stream.get_mut().write_all(&request).await.map_err(|error| io(&error))?;
    let mut line = Vec::new();
    stream.take(MAX_LINE).read_until(b'\n', &mut line).await.map_err(|error| io(&error))?;
    if line.is_empty() {
        return Err(PingError::Unreachable(Clean::new("closed by the other side")));
    }
    let text = String::from_utf8_lossy(&line).trim_end().to_owned();
    match text.split_at_checked(1) {
        Some(("+", reply)) => Ok(reply.to_owned()),
        Some(("-", refusal)) => Err(PingError::Refused(Clean::new(refusal))),
        _ => Err(PingError::Refused(Clean::new("the other side does not speak Redis"))),
    }
}

fn io(error: &std::io::Error) -> PingError {
    PingError::Unreachable(failure::of_io(error))
}

/// Percent-decoding of a URL's user and password.
fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) if *byte == b'%' => {
                out.push(value);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_percent_decoded() {
        assert_eq!(decoded("p%40ss%3a%zz%"), b"p@ss:%zz%");
    }

    #[tokio::test]
    async fn what_cannot_be_pinged_is_said_without_the_url() {
        for url in ["rediss://u:s3cret@h", "http://u:s3cret@h", "redis://:s3cret@", "::s3cret"] {
            let Err(PingError::Unusable(why)) = ping(url).await else { panic!("{url}") };
            assert!(!why.contains("s3cret"), "{why}");
        }
    }
}
