//! Clients of HTTP: whether they only ask.

use super::classify::Class;
use crate::domain::plan::Proof;

fn asks() -> Class {
    Class::gate(Proof::Output, "it asks over HTTP: only the answer is evidence, exit 0 says nothing")
}

fn sends(what: &str) -> Class {
    Class::change(format!("it sends over HTTP ({what})"))
}

fn is_nowhere(file: &str) -> bool {
    matches!(file, "/dev/null" | "-" | "/dev/stdout" | "/dev/stderr" | "NUL" | "nul")
}

/// `curl`: it changes something if it sends data or a method that is not for reading, or writes a file.
pub(super) fn curl(arguments: &[String]) -> Class {
    // Short options that take a value, which may stand right behind them.
    const VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
    const LONG_VALUE: [&str; 20] = [
        "--header",
        "--user",
        "--max-time",
        "--connect-timeout",
        "--write-out",
        "--user-agent",
        "--retry",
        "--cacert",
        "--cert",
        "--key",
        "--resolve",
        "--cookie",
        "--proxy",
        "--retry-delay",
        "--url",
        "--interface",
        "--range",
        "--referer",
        "--max-redirs",
        "--retry-max-time",
    ];
    let mut found = Curl::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            match name {
                "request" | "output" | "upload-file" | "cookie-jar" | "dump-header" | "config" | "trace" => {
                    let value = value.map(str::to_owned).or_else(|| words.next().cloned());
                    found.option(name, &value.unwrap_or_default());
                }
                "data" | "data-raw" | "data-binary" | "data-urlencode" | "data-ascii" | "json" | "form"
                | "form-string" | "mail-from" | "quote" => {
                    words.next();
                    found.option("data", "");
                }
                "get" | "remote-name" | "remote-name-all" => found.option(name, ""),
                _ if value.is_none() && LONG_VALUE.contains(&word.as_str()) => {
                    words.next();
                }
                _ => {}
            }
            continue;
        }
        let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) else { continue };
        for (at, letter) in short.char_indices() {
            if !VALUE.contains(letter) {
                found.short(letter, "");
                continue;
            }
            let behind = short.get(at + letter.len_utf8()..).unwrap_or_default();
            let value = if behind.is_empty() { words.next().map_or("", String::as_str) } else { behind };
            found.short(letter, value);
            break;
        }
    }
    found.class()
}

/// What `curl` was told.
#[derive(Default)]
struct Curl {
    method: Option<String>,
    data: bool,
    get: bool,
    writes: Option<String>,
}

impl Curl {
    fn short(&mut self, letter: char, value: &str) {
        match letter {
            'X' => self.option("request", value),
            'd' | 'F' | 'Q' => self.option("data", ""),
            'T' => self.option("upload-file", value),
            'o' => self.option("output", value),
            'D' => self.option("dump-header", value),
            'c' => self.option("cookie-jar", value),
            'K' => self.option("config", value),
            'G' => self.option("get", ""),
            'O' | 'J' => self.option("remote-name", ""),
            _ => {}
        }
    }

    fn option(&mut self, name: &str, value: &str) {
        match name {
            "request" => self.method = Some(value.to_uppercase()),
            "data" => self.data = true,
            "upload-file" => self.method = Some("PUT".to_owned()),
            "get" => self.get = true,
            "remote-name" => self.writes = Some("a file".to_owned()),
            "config" => self.method = Some("what a file says".to_owned()),
            _ if !is_nowhere(value) => self.writes = Some(value.to_owned()),
            _ => {}
        }
    }

    fn class(self) -> Class {
        match self.method.as_deref() {
            Some(method) if !matches!(method, "GET" | "HEAD" | "OPTIONS") => return sends(method),
            _ => {}
        }
        if self.data && !self.get {
            return sends("data");
        }
        match self.writes {
            Some(file) => Class::change(format!("it writes {file}")),
            None => asks(),
        }
    }
}

/// `wget`: as `curl`, but it writes a file unless told otherwise.
pub(super) fn wget(arguments: &[String]) -> Class {
    let sends_data = arguments.iter().find(|word| word.starts_with("--post") || word.starts_with("--body"));
    if sends_data.is_some() {
        return sends("data");
    }
    let method = arguments.iter().find_map(|word| word.strip_prefix("--method="));
    if let Some(method) = method.filter(|method| !matches!(method.to_uppercase().as_str(), "GET" | "HEAD")) {
        return sends(method);
    }
    let spider = arguments.iter().any(|word| word == "--spider");
    let nowhere = arguments.iter().enumerate().any(|(at, word)| {
        let next = arguments.get(at + 1).map_or("", String::as_str);
        match word.strip_prefix("--output-document=") {
            Some(file) => is_nowhere(file),
            None if word.starts_with("--") => word == "--output-document" && is_nowhere(next),
            None => {
                let short = word.strip_prefix('-').unwrap_or_default();
                let behind = short.split_once('O').map(|(_, behind)| behind);
                behind.is_some_and(
                    |behind| if behind.is_empty() { is_nowhere(next) } else { is_nowhere(behind) },
                )
            }
        }
    });
    if spider || nowhere { asks() } else { Class::change("it downloads to a file") }
}

/// `HTTPie`: a method, then the address; data makes it a POST.
pub(super) fn httpie(arguments: &[String]) -> Class {
    let mut words = arguments.iter().filter(|word| !word.starts_with('-'));
    let first = words.next().map_or("", String::as_str);
    let is_method = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_method && !matches!(first, "GET" | "HEAD" | "OPTIONS") {
        return sends(first);
    }
    let data = |word: &String| {
        (word.contains('=') && !word.contains("==") && !word.contains("://")) || word.contains(":=")
    };
    if words.any(data) && !is_method { sends("data") } else { asks() }
}
