//! A question that `y` answers and enter denies.
//!
//! ```text
//! ╭─ ▲ Quit while an operation runs ─────────────────────────────────────────╮
//! │ Rolling back chat-backend to 00417-hux 100 %: RECONCILING                 │
//! │  Stay    y quit                         the lit button is what enter does │
//! ╰───────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::Clean;
use crate::model::Model;
use crate::model::modal::{Ask, Question};
use crate::model::mouse::Spot;
use crate::model::stages::{Next, StageAct};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::{Frame, Rows, Stage, badge, open, span, veil};

use super::progress;

const COLUMNS: u16 = 90;

/// A question in words.
struct Words {
    title: String,
    lines: Vec<String>,
    stay: &'static str,
    act: &'static str,
}

/// Draws the question.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, ask: &Ask) {
    veil(stage, buf, ctx);
    let words = words(model, ask.question);
    let mut left = Line::from(vec![span(ctx, "▲ ", Role::Warn), span(ctx, words.title, Role::Title)]);
    if let Some(badge) = badge(ctx, &model.room.environment) {
        left.push_span(" ");
        left.push_span(badge);
    }
    let cells = usize::from(COLUMNS.min(stage.screen.width).saturating_sub(4));
    // What is asked about is shown whole: a long command goes on below.
    let parts = |line: &'_ String| -> Vec<String> {
        let parts = wrapped(line, cells, 8);
        if parts.is_empty() { vec![String::new()] } else { parts.into_iter().map(str::to_owned).collect() }
    };
    let lines: Vec<String> = words.lines.iter().flat_map(parts).collect();
    let count = lines.len() as u16;
    let frame = Frame { left, right: Line::default(), border: Role::Warn, size: (COLUMNS, count + 5) };
    let inside = open(stage, buf, ctx, &frame);
    let tall = inside.height > count + 2;
    let mut rows = Rows::new(buf, inside, 0);
    if tall {
        rows.skip();
    }
    for line in &lines {
        rows.say(line, ctx.style(Role::Text));
    }
    if tall {
        rows.skip();
    }
    let mut line = rows.row();
    ctx.spot(Rect { width: words.stay.len() as u16 + 2, ..line.rest() }, Spot::Cancel);
    line.put(&format!(" {} ", words.stay), ctx.theme.fill(Role::Accent)).skip(3);
    line.put("y", ctx.style(Role::Key)).put(&format!(" {}", words.act), ctx.style(Role::Text));
    line.put_right("the lit button is what enter does", ctx.style(Role::Muted));
}

fn words(model: &Model, question: Question) -> Words {
    match question {
        Question::Quit => {
            let running = model.ops.iter().filter(|op| op.mine && op.is_acting());
            let mut lines: Vec<String> = running
                .map(|op| {
                    let state = op.state().map_or("being written", <&str>::from).to_uppercase();
                    format!("{}: {state}", progress::title(model, op))
                })
                .collect();
            if !lines.is_empty() {
                lines
                    .push("What was sent goes on at Cloud Run, and nobody here watches it meanwhile.".into());
                lines.push("Opened again, the room finds it in the journal and watches on.".into());
            }
            for own in model.gates.runs.own() {
                lines.push(format!("Gate {} runs: leaving stops it, children too.", own.task.name));
            }
            Words { title: "Quit while an operation runs".into(), lines, stay: "Stay", act: "quit" }
        }
        Question::StopGate => stop_gate(model),
        Question::OnTerminal => on_terminal(model),
        Question::ReplaceReport => Words {
            title: "Write over the file that is there".into(),
            lines: vec![
                model.existing_report().to_string(),
                "What stands in it now is lost. Another name: :report FILE".to_owned(),
            ],
            stay: "Keep the file",
            act: "write over it",
        },
        Question::Stage(act, _) => stage(model, act),
        Question::Unlock(ix) => {
            let name = model.room.service(ix).map_or("", |service| service.name.as_str());
            let lines = vec![
                format!("Deploys and flips forward of {name} were locked by a rollback."),
                "Released, they go through again. It is recorded with your name.".to_owned(),
            ];
            let title = format!("Release the lock of {name}");
            Words { title, lines, stay: "Keep the lock", act: "release" }
        }
    }
}

fn stage(model: &Model, act: StageAct) -> Words {
    let mut lines = model.about_stage(act);
    lines.push("It is recorded with your name and the time.".to_owned());
    if act == StageAct::Resume {
        return Words { title: "Release the hold".into(), lines, stay: "Keep the hold", act: "release" };
    }
    let title = match model.verdicts.now.act.as_str() {
        "" => "Go on to the next stage".to_owned(),
        _ if model.stages.next() == Some(Next::Finish) => "Pass the last stage".to_owned(),
        act => format!("Go on to {act}"),
    };
    Words { title, lines, stay: "Stay", act: "go on" }
}

fn on_terminal(model: &Model) -> Words {
    let asked = model.gates.runs.lend.as_ref().and_then(|(id, _)| model.gates.get(id));
    let name = asked.map_or("", |gate| &*gate.name);
    let command = asked.map(crate::model::gates::Gate::whole).unwrap_or_default();
    let mut lines: Vec<String> =
        command.lines().take(8).map(|line| format!("$ {}", Clean::new(line))).collect();
    lines.extend([
        String::new(),
        "It gets your terminal until it ends: for a password, a login, a prompt of its own.".to_owned(),
        "Its output is not captured, so exit 0 alone proves nothing. Ctrl-C ends it.".to_owned(),
    ]);
    Words { title: format!("Run {name} on this terminal"), lines, stay: "Cancel", act: "lend the terminal" }
}

fn stop_gate(model: &Model) -> Words {
    let asked = model.gates.runs.asked.as_ref();
    let own = asked.and_then(|run| model.gates.runs.own_run(run)).map(|own| own.task.name.to_string());
    let orphan = model.gates.runs.elsewhere().find(|foreign| Some(&foreign.begun.run) == asked);
    let lines = match orphan {
        Some(orphan) => vec![
            format!(
                "Process {} runs on since {} began it; its console is gone.",
                orphan.begun.pid, orphan.by
            ),
            "TERM goes to all that is left of it, KILL five seconds later.".to_owned(),
        ],
        None => vec![
            "TERM goes to it and to all its children, KILL five seconds later.".to_owned(),
            "A stopped gate proves nothing; that it was stopped is recorded.".to_owned(),
        ],
    };
    let name = own.or_else(|| orphan.map(|orphan| orphan.begun.name.to_string())).unwrap_or_default();
    Words { title: format!("Stop gate {name}"), lines, stay: "Let it run", act: "stop it" }
}
