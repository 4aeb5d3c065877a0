//! What an answer over HTTP says in a command's output, and whom a command asks.

/// The HTTP status in `output`: the last status line (`HTTP/1.1 503 …`, also as `curl -v` and `wget` show it), or a
/// last line that ends with a status, as `curl -w '%{http_code}'` writes, and has no other number that may be it.
pub fn http_status(output: &str) -> Option<u16> {
    // An interim answer is not the answer; `-w '%{http_code}'` may stand right behind a body without a line end.
    status_line(output).or_else(|| written_out(output.trim_end()))
}

/// The status of the last status line.
pub(super) fn status_line(output: &str) -> Option<u16> {
    let line = |line: &str| {
        let line = line.trim_start_matches(['<', ' ', '\t']);
        let rest = line.strip_prefix("HTTP/").and_then(|rest| rest.split_once(' ')).map(|(_, rest)| rest);
        let rest = rest.or_else(|| line.split_once("awaiting response... ").map(|(_, rest)| rest));
        rest.and_then(|rest| status(rest.split_whitespace().next()?))
    };
    output.lines().filter_map(line).next_back()
}

/// The status at the end of `output`: `500 200` of `-w '%{http_code} %{size_download}'` tells none.
fn written_out(output: &str) -> Option<u16> {
    const STATUS: [&str; 3] = ["status", "code", "http"];
    let mut lines = output.rsplit('\n');
    let last = lines.next()?;
    let word = last.rsplit([' ', '}', '>', '=', ':']).next()?;
    let found = status(word)?;
    let before = last.strip_suffix(word)?;
    if before.is_empty() {
        let alone = lines.next().is_none_or(|line| line.trim().parse::<f64>().is_err());
        return alone.then_some(found);
    }
    if before.ends_with(['}', '>']) {
        return Some(found);
    }
    let label = before.trim_end().strip_suffix([':', '=']).map(str::to_lowercase);
    let said =
        label.is_none_or(|label| STATUS.iter().any(|word| label.trim_end_matches('"').ends_with(word)));
    let number = |word: &str| word.parse::<f64>().is_ok();
    let only = !before.split([' ', '\t', '=', ':', ',', ';', '|', '/']).any(number);
    (said && only).then_some(found)
}

/// Three digits that can be a status.
pub(super) fn status(word: &str) -> Option<u16> {
    if word.len() != 3 {
        return None;
    }
    word.parse().ok().filter(|status| (100..600).contains(status))
}

/// The address on this machine that `command` asks (`localhost`, `127.0.0.1`, `[::1]`, `0.0.0.0`), if it does: in a
/// room for staging or production, such a gate looks at the wrong place.
pub fn local_address(command: &str) -> Option<&'static str> {
    const NAMES: [&str; 7] =
        ["localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0", "host.docker.internal", "127.0.1.1"];
    let inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '.';
    NAMES.into_iter().find(|name| {
        command.match_indices(name).any(|(at, _)| {
            let before = command.get(..at).and_then(|before| before.chars().next_back());
            let after = command.get(at + name.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(inside) && !after.is_some_and(inside)
        })
    })
}
