//! Clients of databases: whether they only read.

use super::classify::Class;
use super::table::positional;
use crate::domain::plan::Proof;

pub(super) fn reads(name: &str) -> Class {
    Class::gate(Proof::Output, format!("`{name}` only reads: its output is evidence"))
}

/// Clients of SQL: what `-c`, `-e` or the input says.
pub(super) fn sql_client(name: &str, arguments: &[String], input: Option<&str>) -> Class {
    let mut statements: Vec<&str> = Vec::new();
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next() {
        let takes = match name {
            "psql" => ["-c", "--command"].as_slice(),
            "clickhouse-client" => &["-q", "--query"],
            "sqlcmd" => &["-Q", "-q"],
            _ => &["-e", "--execute", "-c"],
        };
        let short = takes.iter().filter(|option| !option.starts_with("--")).find_map(|option| {
            let letter = option.strip_prefix('-')?;
            // `-Atc 'select …'`
            (word.starts_with('-') && !word.starts_with("--") && word.ends_with(letter)).then_some(())
        });
        let long = takes.iter().find_map(|option| word.strip_prefix(option)?.strip_prefix('='));
        if let Some(value) = long {
            statements.push(value);
        } else if short.is_some() || takes.contains(&word.as_str()) {
            statements.extend(words.next().map(String::as_str));
        } else if name == "psql"
            && ["-o", "-L", "--output", "--log-file"].iter().any(|option| word.starts_with(option))
        {
            return Class::change("`psql` writes a file");
        } else if matches!(word.as_str(), "-f" | "--file") || word.starts_with("--file=") {
            return Class::change(format!(
                "`{name}` runs a file that is not read here: taken for a mutation"
            ));
        } else if word == "-l" || word == "--list" {
            return reads(name);
        }
    }
    statements.extend(input);
    if name == "sqlite3" && statements.is_empty() {
        statements.extend(arguments.iter().filter(|word| !word.starts_with('-')).skip(1).map(String::as_str));
    }
    if statements.is_empty() {
        return Class::change(format!("`{name}` opens a session, or runs what it is given"));
    }
    match statements.iter().find_map(|statement| writing(statement)) {
        Some(word) => Class::change(format!("`{name}` with {word}")),
        None => reads(name),
    }
}

const SQL_READS: [&str; 13] = [
    "SELECT", "SHOW", "EXPLAIN", "WITH", "DESCRIBE", "DESC", "TABLE", "VALUES", "PRAGMA", "STATUS", "BEGIN",
    "COMMIT", "ROLLBACK",
];
const SQL_WRITES: [&str; 34] = [
    "INSERT",
    "UPDATE",
    "DELETE",
    "DROP",
    "ALTER",
    "CREATE",
    "TRUNCATE",
    "GRANT",
    "REVOKE",
    "VACUUM",
    "REINDEX",
    "COPY",
    "MERGE",
    "REPLACE",
    "CALL",
    "DO",
    "LOCK",
    "REFRESH",
    "CLUSTER",
    "INTO",
    "KILL",
    "FLUSH",
    "RENAME",
    "OPTIMIZE",
    "EXECUTE",
    "EXEC",
    "SETVAL",
    "NEXTVAL",
    "PG_TERMINATE_BACKEND",
    "PG_CANCEL_BACKEND",
    "PG_RELOAD_CONF",
    "PG_SWITCH_WAL",
    "PG_PROMOTE",
    "LOAD",
];

/// The word of `sql` that makes it write; unknown beginnings do too.
fn writing(sql: &str) -> Option<String> {
    let bare = without_literals(sql);
    for statement in bare.split(';') {
        let statement = statement.trim();
        let Some(first) =
            statement.split(|c: char| c.is_whitespace() || c == '(').find(|word| !word.is_empty())
        else {
            continue;
        };
        if let Some(meta) = first.strip_prefix('\\') {
            let reads = ["d", "l", "z", "conninfo", "x", "timing", "pset", "sf", "sv", "echo", "q", "?", "h"];
            if !reads.iter().any(|read| meta == *read || (*read == "d" && meta.starts_with('d'))) {
                return Some(first.to_owned());
            }
            continue;
        }
        if first.starts_with('.') {
            let reads =
                [".tables", ".schema", ".databases", ".indexes", ".mode", ".headers", ".quit", ".dump"];
            if !reads.contains(&first) {
                return Some(first.to_owned());
            }
            continue;
        }
        let upper = first.to_uppercase();
        if !SQL_READS.contains(&upper.as_str()) {
            return Some(upper);
        }
        let words = statement.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_uppercase);
        let found = words.into_iter().find(|word| {
            SQL_WRITES.contains(&word.as_str()) || word.starts_with("LO_") || word.starts_with("DBLINK")
        });
        if found.is_some() {
            return found;
        }
        if upper == "PRAGMA" && statement.contains('=') {
            return Some(upper);
        }
    }
    None
}

/// SQL without strings, quoted names and comments.
fn without_literals(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' | '`' => {
                while chars.next_if(|next| *next != c).is_some() {}
                chars.next();
                out.push(' ');
            }
            '-' if chars.peek() == Some(&'-') => while chars.next_if(|next| *next != '\n').is_some() {},
            _ => out.push(c),
        }
    }
    out
}

const REDIS_READS: [&str; 46] = [
    "GET",
    "MGET",
    "INFO",
    "PING",
    "KEYS",
    "SCAN",
    "TTL",
    "PTTL",
    "LLEN",
    "LRANGE",
    "LINDEX",
    "HGET",
    "HGETALL",
    "HKEYS",
    "HLEN",
    "HMGET",
    "EXISTS",
    "DBSIZE",
    "TYPE",
    "SMEMBERS",
    "SCARD",
    "SISMEMBER",
    "ZRANGE",
    "ZCARD",
    "ZSCORE",
    "STRLEN",
    "XINFO",
    "XLEN",
    "XRANGE",
    "TIME",
    "LASTSAVE",
    "ROLE",
    "HSCAN",
    "SSCAN",
    "ZSCAN",
    "GETRANGE",
    "ECHO",
    "ZCOUNT",
    "XPENDING",
    "LATENCY",
    "COMMAND",
    "LOLWUT",
    "RANDOMKEY",
    "ZRANK",
    "HEXISTS",
    "BITCOUNT",
];

/// `redis-cli`: its commands that only read.
pub(super) fn redis(name: &str, arguments: &[String], input: Option<&str>) -> Class {
    let value =
        ["-h", "-p", "-a", "-n", "-u", "--user", "--pass", "--cacert", "--cert", "--key", "-s", "-r", "-i"];
    let words: Vec<String> = positional(arguments, &value).iter().map(|word| word.to_uppercase()).collect();
    let pair = |a: &str, b: &[&str]| {
        words.first().is_some_and(|w| w == a) && words.get(1).is_some_and(|w| b.contains(&w.as_str()))
    };
    let only_reads = words.first().is_some_and(|word| REDIS_READS.contains(&word.as_str()))
        || pair("CONFIG", &["GET"])
        || pair("CLIENT", &["LIST", "INFO", "ID"])
        || pair("CLUSTER", &["INFO", "NODES", "SLOTS"])
        || pair("SLOWLOG", &["GET", "LEN"])
        || pair("MEMORY", &["USAGE", "STATS", "DOCTOR"])
        || pair("ACL", &["LIST", "WHOAMI"])
        || pair("SENTINEL", &["MASTERS", "REPLICAS", "GET-MASTER-ADDR-BY-NAME", "SLAVES", "MASTER"]);
    let watches = words
        .first()
        .is_some_and(|word| word == "MONITOR" || word == "SUBSCRIBE" || word == "PSUBSCRIBE")
        || arguments.iter().any(|word| matches!(word.as_str(), "--stat" | "--latency" | "--latency-history"));
    let scans = arguments.iter().any(|word| matches!(word.as_str(), "--scan" | "--bigkeys" | "--memkeys"));
    match words.first() {
        _ if watches => Class::long(format!("`{name}` watches until stopped")),
        _ if input.is_some() => Class::change(format!("`{name}` runs what it is given")),
        _ if only_reads || scans => reads(name),
        Some(word) => Class::change(format!("`{name} {word}` changes something")),
        None => Class::change(format!("`{name}` opens a session, or runs what it is given")),
    }
}

const MONGO_READS: [&str; 14] = [
    "find",
    "findOne",
    "count",
    "countDocuments",
    "stats",
    "status",
    "ping",
    "serverStatus",
    "hello",
    "isMaster",
    "getIndexes",
    "version",
    "printjson",
    "print",
];

/// `mongosh --eval`: calls that only read.
pub(super) fn mongo(name: &str, arguments: &[String]) -> Class {
    let code = arguments.iter().position(|word| word == "--eval").and_then(|at| arguments.get(at + 1));
    let Some(code) = code else {
        return Class::change(format!("`{name}` opens a session, or runs what it is given"));
    };
    let mut calls = code.match_indices('(').filter_map(|(at, _)| {
        let before = code.get(..at)?;
        before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().filter(|name| !name.is_empty())
    });
    if calls.all(|call| MONGO_READS.contains(&call)) {
        reads(name)
    } else {
        Class::change(format!("`{name}` runs code that may change something"))
    }
}
