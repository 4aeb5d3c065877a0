//! Where secrets come from: an environment variable, the first line of a file, or what a command prints.
//!
//! A secret is read each time it is needed, so a rotated token is picked up, and is held in a [`SecretString`] that
//! neither prints nor logs. Errors name the place, never the content.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::domain::Clean;
use crate::domain::room::{SecretRef, Value};

/// How long a command may take to print its first line.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest secret taken, in bytes; more is an error, never a silent cut.
const MAX_BYTES: u64 = 16 * 1024;

/// Why there is no secret in a place that was read well.
const EMPTY: &str = "the first line is empty";

/// Why there is no secret: what, why, next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set, or not text.
    #[error("no secret in variable {name}: it is {why}; set it before starting, or name another place")]
    Variable { name: Clean, why: &'static str },
    /// The file cannot be used.
    #[error("no secret in file {path}: {why}; check the path, its permissions and its first line")]
    File { path: Clean, why: Clean },
    /// The command gave nothing.
    #[error("no secret from command `{program}`: {why}; run it by hand and see")]
    Command { program: Clean, why: Clean },
}

/// Reads the secret that `secret` points at.
pub async fn read(secret: &SecretRef) -> Result<SecretString, SecretError> {
    match secret {
        SecretRef::Env(name) => from_env(name),
        SecretRef::File(path) => from_file(path).await,
        SecretRef::Command(words) => from_command(words, COMMAND_TIMEOUT).await,
    }
}

/// The text of a config value, read if it is a secret.
pub async fn value(value: &Value) -> Result<SecretString, SecretError> {
    match value {
        Value::Plain(text) => Ok(SecretString::from(text.as_str())),
        Value::Secret(secret) => read(secret).await,
    }
}

fn from_env(name: &str) -> Result<SecretString, SecretError> {
    let refused = |why| SecretError::Variable { name: Clean::new(name), why };
    let text = std::env::var_os(name).ok_or_else(|| refused("not set"))?;
    let text = OsString::into_string(text).map_err(|_not_text| refused("not UTF-8"))?;
    let text = text.trim();
    match text {
        "" => Err(refused("empty")),
        _ if text.contains(char::is_control) => Err(refused("with a control character in it")),
        _ => Ok(SecretString::from(text)),
    }
}

async fn from_file(path: &Path) -> Result<SecretString, SecretError> {
    let refused = |why: String| SecretError::File {
        path: Clean::new(&path.display().to_string()),
        why: Clean::new(&why),
    };
    // A named pipe without a writer would block the open for ever.
    let opened = timeout(COMMAND_TIMEOUT, tokio::fs::File::open(path)).await;
    let file = opened.map_err(|_late| refused("opening it took too long".into()))?;
    let file = file.map_err(|error| refused(error.to_string()))?;
    let read = async { first_line(&mut BufReader::new(file)).await };
    let line = timeout(COMMAND_TIMEOUT, read).await;
    let line = line.map_err(|_late| refused("reading it took too long".into()))?.map_err(refused)?;
    line.ok_or_else(|| refused(EMPTY.into()))
}

async fn from_command(words: &[String], limit: Duration) -> Result<SecretString, SecretError> {
    let refused = |why: String| SecretError::Command {
        program: Clean::new(words.first().map_or("", String::as_str)),
        why: Clean::new(&why),
    };
    let Some((program, arguments)) = words.split_first() else {
        return Err(refused("no program is named".into()));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // Dropping the child on a time-out ends it; its own group keeps Ctrl-C of the console away from it.
    command.kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|error| refused(error.to_string()))?;
    let Some(stdout) = child.stdout.take() else {
        return Err(refused("its output cannot be read".into()));
    };
    let run = async {
        // What is wrong with the line comes first: a command that is no longer read ends by a broken pipe.
        let mut stdout = BufReader::new(stdout);
        let line = first_line(&mut stdout).await?;
        // The rest is read away so that it can end; what it leaves behind may hold its output open for as long as it likes.
        let mut away = tokio::io::sink();
        let status = tokio::select! {
            status = child.wait() => status,
            Err(error) = tokio::io::copy(&mut stdout, &mut away) => Err(error),
        };
        let status = status.map_err(|error| error.to_string())?;
        if status.success() {
            line.ok_or_else(|| EMPTY.to_owned())
        } else {
            Err(format!("it ended with {status}"))
        }
    };
    let outcome = timeout(limit, run).await;
    outcome.map_err(|_late| refused(format!("no answer in {} s", limit.as_secs_f32())))?.map_err(refused)
}

/// The first line, without its line break and surrounding blanks, or `None` if nothing is left of it.
async fn first_line(from: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<SecretString>, String> {
    let mut line = String::new();
    let read = from.take(MAX_BYTES + 1).read_line(&mut line).await;
    let read = read.map_err(|error| {
        let garbled = error.kind() == std::io::ErrorKind::InvalidData;
        if garbled { "the first line is not UTF-8".to_owned() } else { error.to_string() }
    })?;
    if read as u64 > MAX_BYTES {
        return Err(format!("the first line is longer than {MAX_BYTES} bytes"));
    }
    let line = line.trim();
    if line.contains(char::is_control) {
        return Err("the first line has a control character in it".to_owned());
    }
    Ok((!line.is_empty()).then(|| SecretString::from(line)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn shown(result: Result<SecretString, SecretError>) -> Result<String, String> {
        result.map(|secret| secret.expose_secret().to_owned()).map_err(|error| error.to_string())
    }

    fn command(words: &[&str]) -> SecretRef {
        SecretRef::Command(words.iter().map(|&word| word.to_owned()).collect())
    }

    #[tokio::test]
    async fn each_place_gives_its_first_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "s3cret-value \nsecond line\n").unwrap();
        assert_eq!(shown(read(&SecretRef::File(path)).await), Ok("s3cret-value".into()));
        assert_eq!(shown(read(&command(&["printf", "tok\\nmore\\n"])).await), Ok("tok".into()));
        let path = std::env::var("PATH").unwrap();
        assert_eq!(shown(read(&SecretRef::Env("PATH".into())).await), Ok(path));
        assert_eq!(shown(value(&Value::Plain("as written".into())).await), Ok("as written".into()));
    }

    #[tokio::test]
    async fn errors_name_the_place_and_never_the_content() {
        let dir = tempfile::tempdir().unwrap();
        let empty = dir.path().join("empty");
        std::fs::write(&empty, "\nhidden on line two\n").unwrap();
        let error = shown(read(&SecretRef::File(empty)).await).unwrap_err();
        assert!(error.contains("first line is empty") && !error.contains("hidden"), "{error}");

        let error = shown(read(&SecretRef::Env("WARROOM_NO_SUCH_VARIABLE".into())).await).unwrap_err();
        assert!(error.contains("WARROOM_NO_SUCH_VARIABLE: it is not set"), "{error}");

        let error = shown(read(&command(&["sh", "-c", "echo leaked; exit 3"])).await).unwrap_err();
        assert!(error.contains("exit status: 3") && !error.contains("leaked"), "{error}");
        assert!(shown(read(&command(&["/no/such/program"])).await).is_err());
        assert!(shown(read(&command(&[])).await).is_err());

        // The writer is stopped before its end, and never comes to say so.
        let long = command(&["head", "-c", "400000000", "/dev/zero"]);
        let error = shown(read(&long).await).unwrap_err();
        assert!(error.contains("longer than"), "{error}");
    }

    #[tokio::test]
    async fn what_a_command_leaves_behind_is_not_waited_for() {
        let words = ["sh", "-c", "echo s3cret; sleep 60 &"].map(str::to_owned);
        assert_eq!(shown(from_command(&words, Duration::from_secs(30)).await), Ok("s3cret".into()));
    }

    #[tokio::test]
    async fn a_secret_that_no_header_may_have_is_refused_where_it_comes_from() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ctl.tok");
        std::fs::write(&path, "abc\u{7}def\n").unwrap();
        let error = shown(read(&SecretRef::File(path)).await).unwrap_err();
        assert!(error.contains("ctl.tok: the first line has a control character"), "{error}");
    }

    #[tokio::test]
    async fn a_command_that_never_answers_is_given_up() {
        let words = ["sleep".to_owned(), "60".to_owned()];
        let error = shown(from_command(&words, Duration::from_millis(50)).await).unwrap_err();
        assert!(error.contains("no answer in 0.05 s"), "{error}");
    }
}
