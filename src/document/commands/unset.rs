//! Variables in braces that nothing sets: `${REGION}` in a runbook is a value to be filled in.

/// Variables that a shell has by itself, or everybody's environment.
const COMMON: [&str; 24] = [
    "HOME",
    "PATH",
    "PWD",
    "OLDPWD",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "HOSTNAME",
    "EDITOR",
    "IFS",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "UID",
    "EUID",
    "PPID",
    "BASH_SOURCE",
    "FUNCNAME",
    "PIPESTATUS",
    "REPLY",
];

/// The first `${NAME}` of `command` that its whole fence, `code`, sets nowhere before it is used.
pub(super) fn first<'c>(command: &'c str, code: &str) -> Option<&'c str> {
    let mut quoted = false;
    let mut before = None;
    for (at, c) in command.char_indices() {
        // In single quotes nothing is filled in; an apostrophe within double ones is rare enough.
        quoted ^= c == '\'' && before != Some('\\');
        if c == '$' && !quoted && before != Some('\\') {
            let name =
                command.get(at + 1..).and_then(|rest| rest.strip_prefix('{')?.split_once('}')).map(|it| it.0);
            if let Some(name) =
                name.filter(|name| is_name(name) && !COMMON.contains(name) && !sets(code, name))
            {
                return Some(name);
            }
        }
        before = Some(c);
    }
    None
}

fn is_name(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether `code` gives `name` a value: `NAME=…`, `read NAME`, `for NAME in`.
fn sets(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code.get(..at).unwrap_or_default();
        let after = code.get(at + name.len()..).unwrap_or_default();
        let apart = before.chars().next_back().is_none_or(|c| c.is_whitespace() || ";(&|".contains(c));
        let last = before.split_whitespace().next_back().unwrap_or_default();
        let line = before.rsplit(['\n', ';', '|', '&']).next().unwrap_or_default().trim_start();
        let comment =
            before.rsplit('\n').next().is_some_and(|line| line.starts_with('#') || line.contains(" #"));
        let whole = !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        apart
            && !comment
            && (after.starts_with(['=', '+']) || (whole && (last == "for" || line.starts_with("read "))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_in_braces_is_a_placeholder_where_its_fence_sets_nothing() {
        for (text, name) in [
            ("gcloud run list --region ${REGION}", Some("REGION")),
            ("echo \"${HOST}:${PORT}\"", Some("HOST")),
            ("REGION=eu; gcloud run list --region ${REGION}", None),
            ("export REGION=eu\ngcloud run list --region ${REGION}", None),
            ("# set REGION=eu first\ncurl x/${REGION}", Some("REGION")),
            ("for POD in a b; do echo ${POD}; done", None),
            ("read -r NAME\necho ${NAME}", None),
            ("ls ${HOME}/x", None),
            ("echo ${REGION:-eu}", None),
            ("echo '${REGION}'", None),
            ("echo ${name} $REGION", None),
        ] {
            assert_eq!(first(text, text), name, "{text}");
        }
    }
}
