//! The console: the room on the terminal.

use std::convert::Infallible;
use std::io;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;

use super::session::{self, Session};
use super::{Failure, Global};
use crate::config::{Loaded, Screen as Look};
use crate::domain::{Action, Chord, PanelId};
#[cfg(unix)]
use crate::effects::gates;
use crate::keymap::Keymap;
use crate::lanes::Lanes;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::mouse::Spot;
use crate::runtime::{Changed, Exit, Face};
use crate::sources;
use crate::sources::terminal::Errand;
use crate::terminal::{self, Screen};
use crate::theme::{Depth, Theme};
use crate::view::{self, Ctx, Drawn, Glyphs, Motion};

/// Opens the room of the config and shows it until it is left.
pub(super) async fn run(global: &Global) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    show(&loaded, global.no_color).await
}

/// Shows a room until it is left; answers with the exit status.
pub(super) async fn show(loaded: &Loaded, no_color: bool) -> Result<u8, Failure> {
    let look = &loaded.settings.screen;
    let screen = Screen::enter(look.mouse).map_err(|error| {
        let next = "run it in a terminal, or use `warroom watch` for lines without a screen";
        Failure::failed("the console needs a terminal", &error.to_string(), next)
    })?;
    let (errands, asked) = mpsc::channel(1);
    let mut console = Console {
        screen,
        theme: theme(look, no_color),
        keymap: loaded.settings.keymap.clone(),
        glyphs: if look.ascii { Glyphs::Ascii } else { Glyphs::Unicode },
        bell: look.bell,
        notify: look.notify,
        motion: if look.reduced_motion { Motion::Reduced } else { Motion::Full },
        drawn: Drawn::default(),
        errands,
        lanes: None,
    };
    let mut session = Session::open(loaded, Screen::size(), |model| {
        // The loop meets the same error and ends.
        let _gone = console.show(model, Changed::All);
    });
    session.model.ui.loud = look.bell || look.notify;
    if let Some(note) = &loaded.note {
        let now = session.model.now.mono;
        session.model.ui.say(note, now);
    }
    let lanes = session.lanes.clone();
    console.lanes = Some(lanes.clone());
    let kept = session::kept(loaded);
    if look.hints {
        session.spawn(sources::hints::run(kept.hints, lanes.clone()));
    }
    session.spawn(sources::folds::run(kept.folds, lanes.clone()));
    session.spawn(sources::dashboards::run(kept.dashboards, lanes.clone()));
    session.spawn(sources::terminal::stops(lanes.clone()));
    // Beside the loop, on its own thread: a key wakes nobody else on its way to the screen. Asked only when the terminal
    // has something: to ask it contends with the thread that waits for keys, and gives the processor away meanwhile.
    let keys = sources::terminal::run(lanes, asked);
    let mut keys = FuturesUnordered::from_iter([keys.then(|()| std::future::pending::<Infallible>())]);
    let exit = tokio::select! {
        exit = session.run(&mut console) => exit,
        Some(never) = keys.next() => match never {},
    };
    // The terminal first: what follows may take a moment.
    drop(console);
    session.close().await;
    exit.map(Exit::status)
}

fn theme(look: &Look, no_color: bool) -> Theme {
    let variable = |name| std::env::var(name).ok();
    let off = no_color.then(|| "1".to_owned()).or_else(|| variable("NO_COLOR"));
    let depth = Depth::detect(off.as_deref(), variable("COLORTERM").as_deref(), variable("TERM").as_deref());
    match &look.theme {
        Some(file) => Theme::resolve(file, depth),
        None => Theme::named(&look.theme_name, depth),
    }
}

struct Console {
    screen: Screen,
    theme: Theme,
    keymap: Keymap,
    glyphs: Glyphs,
    motion: Motion,
    /// Ring when the verdict changes.
    bell: bool,
    /// Ask the terminal for a desktop notification then.
    notify: bool,
    /// Of the last whole frame.
    drawn: Drawn,
    /// Programs that get the terminal for a while.
    errands: mpsc::Sender<Errand>,
    /// To tell of them; known once the room is open.
    lanes: Option<Lanes>,
}

impl Face for Console {
    fn show(&mut self, model: &Model, changed: Changed) -> io::Result<usize> {
        if terminal::is_lent() {
            return Ok(0);
        }
        let ctx = Ctx {
            glyphs: self.glyphs,
            motion: self.motion,
            ..Ctx::new(&self.theme, &self.keymap, model.now)
        };
        let drawn = &mut self.drawn;
        let part = |buf: &mut Buffer| match changed {
            Changed::Line => view::redraw_line(model, &ctx, buf),
            Changed::Events => view::redraw(model, &ctx, PanelId::Events, drawn, buf),
            Changed::All => false,
        };
        if let Some(bytes) = self.screen.patch(part)? {
            return Ok(bytes);
        }
        self.screen
            .draw(model.size, |area: Rect, buf: &mut Buffer| *drawn = view::draw(model, &ctx, area, buf))
    }

    fn action(&self, model: &Model, chord: Chord) -> Option<Action> {
        self.keymap.action(view::modal::context(model)?, chord)
    }

    fn spot(&self, model: &Model, column: u16, row: u16) -> Option<Spot> {
        view::spot(model, &Ctx::new(&self.theme, &self.keymap, model.now), column, row)
    }

    fn size(&self) -> Option<(u16, u16)> {
        Some(Screen::size())
    }

    fn perform(&mut self, effect: &Effect) -> io::Result<()> {
        match effect {
            Effect::Copy { text } => self.screen.send(&terminal::clipboard(text)),
            Effect::Loud { on } => {
                (self.bell, self.notify) = (*on, *on);
                Ok(())
            }
            Effect::Bell { words } => {
                if self.bell {
                    self.screen.send(b"\x07")?;
                }
                if self.notify {
                    self.screen.send(&terminal::notification(words))?;
                }
                Ok(())
            }
            Effect::Edit { path, line, view } => {
                let variable = |name: &str| std::env::var(name).ok();
                let errand = match terminal::editor::command(variable, (path, *line), *view) {
                    Ok(command) => {
                        self.screen.lend();
                        Errand::Lent(Box::pin(sources::terminal::lent_to(command)))
                    }
                    Err(why) => Errand::Refused(why),
                };
                // One at a time: while a program has the terminal no key asks for another.
                let _full = self.errands.try_send(errand);
                Ok(())
            }
            #[cfg(unix)]
            Effect::LendTerminal { task, permit } => {
                let Some(lanes) = self.lanes.clone() else { return Ok(()) };
                self.screen.lend();
                let work = gates::on_terminal((**task).clone(), permit.clone(), lanes);
                let _full = self.errands.try_send(Errand::Lent(Box::pin(work)));
                Ok(())
            }
            Effect::TakeBack => self.screen.take_back(),
            Effect::Redraw => {
                self.screen.forget();
                Ok(())
            }
            Effect::Suspend => {
                terminal::suspend()?;
                self.screen.resume()
            }
            _ => Ok(()),
        }
    }

    fn finished(&self, _: &Model) -> Option<Exit> {
        None
    }
}
