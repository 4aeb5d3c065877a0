//! `warroom flag list` and `warroom flag set`: the console's flags for scripts.
//!
//! The same freeze, the same journal, the same runner. Without `--yes` it asks for the flag's name on the terminal in
//! production, for a yes elsewhere, and without a terminal it refuses.

use serde_json::json;

use super::moving::{self, Manner, READ, say};
use super::session::{self, Session};
use super::waiting::{On, wait};
use super::{Failure, Global};
use crate::domain::flag::Wanted;
use crate::domain::{Clean, FlagChange, OpKind, format};
use crate::model::Model;
use crate::model::flags::Extra;
use crate::report::snapshot;

/// What to do with flags.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Act {
    /// List the flags: what each is set to, for how many, who changed it last
    List {
        /// One JSON object, schema warroom.flags/1
        #[arg(long)]
        json: bool,
    },
    /// Set a flag: asks, journals, acts, and reads it back
    Set(Options),
}

/// What to set.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// The flag, as the config names it
    flag: String,
    /// on, off, a percentage from 0 to 100, or previous: what it was before its last change
    value: Wanted,
    /// What keeps a share the same people (Unleash: default, userId, sessionId, random or a field of your own)
    #[arg(long, value_name = "FIELD")]
    stickiness: Option<String>,
    /// The new revision gets the image that serves, instead of the template's (Cloud Run)
    #[arg(long)]
    serving_image: bool,
    #[command(flatten)]
    manner: Manner,
}

/// Runs the command; answers with the exit status.
pub(super) async fn run(global: &Global, act: &Act) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let options = match act {
        Act::List { json } => {
            let mut session = Session::briefly(&loaded, (80, 24));
            let listed = list(&mut session, *json).await;
            session.close().await;
            return listed;
        }
        Act::Set(options) => options,
    };
    if !loaded.room.flags.iter().any(|flag| flag.name == options.flag) {
        let names: Vec<_> = loaded.room.flags.iter().map(|flag| flag.name.as_str()).collect();
        let what = format!("there is no flag {}", options.flag);
        if names.is_empty() {
            return Err(Failure::usage(&what, "the config has no flag", "add a [[flag]] to it"));
        }
        let why = format!("the config has: {}", names.join(", "));
        return Err(Failure::usage(&what, &why, "name one of them"));
    }
    moving::permitted(&loaded, &options.manner, "nothing was changed")?;
    let mut session = Session::briefly(&loaded, (80, 24));
    let done = set(&mut session, options).await;
    session.close().await;
    done
}

async fn list(session: &mut Session, as_json: bool) -> Result<u8, Failure> {
    let all = (0..session.model.room.flags.len()).collect();
    if let Some(signal) = wait(session, On::Flags(all), READ).await? {
        return Ok(signal);
    }
    let rows = snapshot::flags(&session.model);
    if as_json {
        let page = json!({ "schema": "warroom.flags/1", "flags": rows });
        return say(&page.to_string()).map(|()| 0);
    }
    let model = &session.model;
    if model.room.flags.is_empty() {
        say("the config has no flag: [[flag]] adds one")?;
    }
    for flag in model.all_flags() {
        let place = model.flag_place(&flag);
        let share = flag.share().map_or_else(|| format::UNKNOWN.to_owned(), |share| format!("{share} %"));
        let (name, words, kept) = (&flag.spec.name, flag.words(), flag.spec.provider().word());
        let mut line = format!("{name:<28} {words:<22} {share:>5} {kept} {place}");
        if let Some(change) = flag.change {
            let word = if change.outside { "changed outside" } else { "set" };
            let by = if change.by.is_empty() { "not known" } else { &change.by };
            line += &format!(
                ", {word} by {by} {}, was {}",
                format::moment(change.at, model.now.wall),
                change.from
            );
        }
        if let Some(days) = flag.overdue {
            line += &format!(
                ", debt: {} over its time",
                format::counted(usize::try_from(days).unwrap_or(usize::MAX), "day")
            );
        }
        say(&line)?;
    }
    // What is not known is no success.
    Ok(u8::from(model.all_flags().any(|flag| flag.value == crate::model::flags::FlagValue::Unknown)))
}

async fn set(session: &mut Session, options: &Options) -> Result<u8, Failure> {
    let index = session.model.flag_named(&options.flag).unwrap_or_default();
    if let Some(signal) = wait(session, On::Flags(vec![index]), READ).await? {
        return Ok(signal);
    }
    let extra = Extra { stickiness: options.stickiness.clone(), serving_image: options.serving_image };
    let act = session.model.flag_change(&options.flag, options.value, &extra);
    let act = act.map_err(|why| unread(&session.model, index, &why))?;
    say(&describe(&session.model, &act))?;
    let OpKind::Flag(change) = &act else { return Ok(1) };
    let word = if session.model.guards_flag(change) { change.flag.clone() } else { "yes".to_owned() };
    let acts = [act];
    if let Some(status) = moving::asked(session, &acts, &options.manner, (&word, "do that")).await? {
        return Ok(status);
    }
    let [act] = acts;
    // The question may have stood for long.
    let now = session.model.flag_change(&options.flag, options.value, &extra);
    let now = now.map_err(|why| unread(&session.model, index, &why))?;
    if !same_change(&now, &act) {
        let why =
            format!("while the question stood it became another change:\n{}", describe(&session.model, &now));
        return Err(Failure::failed("nothing was changed", &why, "run it again"));
    }
    moving::carry_out(session, act, &options.manner).await
}

/// Whether both ask for the same, frozen from the same.
fn same_change(one: &OpKind, other: &OpKind) -> bool {
    let (OpKind::Flag(one), OpKind::Flag(other)) = (one, other) else { return false };
    FlagChange { frozen_at: other.frozen_at, ..one.clone() } == *other
}

/// Why there is no change: the link's own words where the flag could not be read at all.
fn unread(model: &Model, index: usize, why: &Clean) -> Failure {
    let link = model.flag_source(index).and_then(|source| model.links.get(&source));
    let down = link.and_then(|link| link.down.as_ref()).map(|down| down.error.to_string());
    let why = down.map_or_else(|| why.to_string(), |error| format!("{why}\n{error}"));
    Failure::failed("nothing was changed", &why, "look at `warroom flag list` and `warroom doctor`")
}

fn describe(model: &Model, act: &OpKind) -> String {
    let OpKind::Flag(change) = act else { return String::new() };
    let before = change.before.as_deref().unwrap_or("not set");
    let after = if change.removes { "not set" } else { change.after.as_str() };
    let environment = &model.room.environment.name;
    let mut words = format!("{} ({environment}): {before} → {after}", change.flag);
    if let Some(live) = &change.live {
        words += &format!(", at once, in {} ({})", live.place, live.provider.word());
        // The first one says that much.
        for line in model.live_consequences(change).iter().skip(1) {
            words += &format!("\n▲ {line}");
        }
        return words;
    }
    let traffic = model.traffic(change.service);
    let lines = traffic.map(|traffic| crate::model::flags::consequences(traffic, change));
    for line in lines.into_iter().flatten() {
        // The dialog's key; here it is an option.
        words += &format!("\n▲ {}", line.replace("; t takes", "; --serving-image chooses between it and"));
    }
    words
}
