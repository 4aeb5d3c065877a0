//! Which program opens a file at a line: the operator's `$VISUAL` or `$EDITOR`, and where nothing may be changed their
//! `$PAGER`. Never through a shell: the value is split into words, and one that needs a shell is refused.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The command that opens `path` at `line`; only to look at it, if `view`. `variable` reads the environment.
///
/// # Errors
/// No program is set, or its value needs a shell: in words, with the next step.
pub fn command(
    variable: impl Fn(&str) -> Option<String>,
    (path, line): (&Path, u32),
    view: bool,
) -> Result<Command, String> {
    let names: &[&'static str] = if view { &["PAGER"] } else { &["VISUAL", "EDITOR"] };
    let set = |name: &&'static str| {
        let name: &'static str = name;
        Some((name, variable(name).filter(|value| !value.trim().is_empty())?))
    };
    let Some((name, value)) = names.iter().find_map(set) else {
        return Err(if view {
            "read-only: set PAGER to look at the file; an editor could change it".to_owned()
        } else {
            "no editor is set: export VISUAL or EDITOR, for instance EDITOR=vim".to_owned()
        });
    };
    let words = words(&value).ok_or_else(|| {
        format!("{name} needs a shell, and none is used: name a program, with plain arguments at most")
    })?;
    let [program, arguments @ ..] = words.as_slice() else {
        return Err(format!("{name} names no program"));
    };
    let mut command = Command::new(program);
    command.args(arguments).args(place(program, path, line));
    if view {
        // No way from less to an editor or a shell.
        command.env("LESSSECURE", "1");
    }
    Ok(command)
}

/// How the program is told file and line. One that is not known gets the file alone.
fn place(program: &str, path: &Path, line: u32) -> Vec<OsString> {
    // Absolute, so that no name looks like an option.
    let path = std::path::absolute(path).unwrap_or_else(|_unknown| path.to_owned());
    let name = Path::new(program).file_stem().map(|name| name.to_string_lossy().to_lowercase());
    let at_line = || {
        let mut joined = path.clone().into_os_string();
        joined.push(format!(":{line}"));
        joined
    };
    match name.as_deref().unwrap_or_default() {
        "vi" | "vim" | "nvim" | "view" | "nvi" | "gvim" | "nano" | "pico" | "emacs" | "emacsclient"
        | "hx" | "helix" | "kak" | "micro" | "joe" | "mg" | "ne" | "less" | "more" | "most" => {
            vec![format!("+{line}").into(), path.into()]
        }
        "code" | "code-insiders" | "codium" | "vscodium" | "cursor" => vec!["-g".into(), at_line()],
        "subl" | "zed" => vec![at_line()],
        _ => vec![path.into()],
    }
}

/// The words of `value`, with quotes and backslashes as a shell takes them; `None` if it would need a shell.
fn words(value: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().push(chars.next()?),
            (_, '$' | '`') => return None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '{' | '#') => return None,
            (None, '~') if word.is_none() => return None,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(set: &[(&str, &str)], view: bool) -> Result<Vec<String>, String> {
        let variable = |name: &str| {
            let known = set.iter().find(|(known, _)| *known == name);
            known.map(|(_, value)| (*value).to_owned())
        };
        let command = command(variable, (Path::new("/r/DEPLOY.md"), 88), view)?;
        let program = std::iter::once(command.get_program());
        Ok(program.chain(command.get_args()).map(|word| word.to_string_lossy().into_owned()).collect())
    }

    #[test]
    fn each_editor_is_told_the_line_its_own_way() {
        let of = |value: &str| told(&[("EDITOR", value)], false).unwrap_or_default().join(" ");
        assert_eq!(of("vim"), "vim +88 /r/DEPLOY.md");
        assert_eq!(of("/usr/bin/nano -w"), "/usr/bin/nano -w +88 /r/DEPLOY.md");
        assert_eq!(of("emacsclient -t"), "emacsclient -t +88 /r/DEPLOY.md");
        assert_eq!(of("hx"), "hx +88 /r/DEPLOY.md");
        assert_eq!(of("code --wait"), "code --wait -g /r/DEPLOY.md:88");
        assert_eq!(of("ed"), "ed /r/DEPLOY.md");
        assert_eq!(of("'my editor' \"a b\" c\\ d"), "my editor a b c d /r/DEPLOY.md");
    }

    #[test]
    fn visual_goes_first_and_a_viewer_is_asked_for_where_nothing_may_change() {
        let set = [("VISUAL", "nvim"), ("EDITOR", "ed"), ("PAGER", "less -R")];
        assert_eq!(told(&set, false).unwrap_or_default().first().map(String::as_str), Some("nvim"));
        assert_eq!(told(&set, true).unwrap_or_default().join(" "), "less -R +88 /r/DEPLOY.md");
        assert_eq!(told(&[("VISUAL", " "), ("EDITOR", "vi")], false).unwrap_or_default().len(), 3);
        assert!(told(&[], false).is_err_and(|why| why.contains("EDITOR")));
        assert!(told(&[("EDITOR", "vi")], true).is_err_and(|why| why.contains("PAGER")));
    }

    #[test]
    fn what_needs_a_shell_is_refused() {
        for value in
            ["vim; rm x", "$HOME/bin/ed", "`vi`", "vi > x", "a | b", "vi 'x", "~/bin/vi", "vi *.md", "vi \\"]
        {
            let refused = told(&[("EDITOR", value)], false);
            assert!(refused.as_ref().is_err_and(|why| why.contains("shell")), "{value}: {refused:?}");
        }
        assert!(
            told(&[("EDITOR", "''")], false).is_ok_and(|words| words.first().is_some_and(String::is_empty))
        );
    }
}
