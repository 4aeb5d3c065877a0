//! Commands that change something: confirmed, journaled, and then run like a gate, under the same operation.

use crate::domain::run::{Ending, Evidence, RunId, Task};
use crate::domain::{Clean, Now, OpId, OpKind, OpState, PanelId, RunChange};

use super::Model;
use super::confirm::{Confirm, Note};
use super::effect::{Authority, Effect, Permit};
use super::gate_acts::{Obstacle, Way};
use super::gates::Gate;
use super::gates::runs::Order;
use super::gates_told::is_guarded;
use super::modal::{Ask, Modal, Question};

impl Model {
    /// Opens the dialog for a command that changes something.
    pub(super) fn ask_run(&mut self, id: &str, on_terminal: bool) {
        let Some(gate) = self.gates.get(id).cloned() else {
            return self.say("it is not in the documents any more");
        };
        let change = self.freeze_run(&gate, on_terminal);
        if let Some(why) = self.run_refusal(&change) {
            return self.say(&format!("not now: {why}"));
        }
        let token = self.token();
        let reason = format!("run {}", gate.name);
        let mut confirm =
            Confirm::new(OpKind::Run(change), word(&gate.command.text), &reason, token, self.now);
        confirm.notes = vec![Note {
            unknown: true,
            subject: Clean::new("what it changes"),
            detail: Clean::new("not known to this room"),
            consequence: Clean::new("no undo from here"),
        }];
        if on_terminal {
            confirm.notes.push(Note {
                unknown: false,
                subject: Clean::new("this terminal"),
                detail: Clean::new("is lent to it until it ends"),
                consequence: Clean::new("its output is not captured"),
            });
        }
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    /// The command as it is now: what is shown is what is run.
    pub fn freeze_run(&self, gate: &Gate, on_terminal: bool) -> RunChange {
        RunChange {
            gate: gate.id.clone(),
            name: gate.name.clone(),
            command: Clean::new(&gate.whole().replace('\n', " ; ")),
            hash: gate.hash.clone(),
            dir: Clean::new(&gate.dir.to_string_lossy()),
            on_terminal,
            frozen_at: self.now.wall,
        }
    }

    /// The word to type for it: the program's name.
    pub fn word_of(gate: &Gate) -> String {
        word(&gate.command.text)
    }

    /// Asks before the gate under the cursor gets the terminal to itself.
    pub(super) fn ask_on_terminal(&mut self) {
        let chosen = self.gate_chosen().filter(|_| self.ui.focus.full() == Some(PanelId::Gates));
        let Some(gate) = chosen.cloned() else { return self.say("choose the gate in the gates view") };
        match self.permit(&gate) {
            Err(Obstacle::Untrusted(document)) => self.ask_trust(&document),
            Err(Obstacle::Mutation) => self.ask_run(&gate.id, true),
            Err(obstacle) => self.say(&obstacle.words()),
            Ok(_) => {
                if let Some(busy) = self.busy() {
                    return self.say(&format!("not now: {busy}"));
                }
                self.gates.runs.lend = Some((gate.id, gate.hash));
                self.show(Modal::Ask(Ask::new(Question::OnTerminal, self.now.mono)));
            }
        }
    }

    /// A person said yes to what was shown, and only to that.
    pub(super) fn lend_terminal(&mut self, effects: &mut Vec<Effect>) {
        let Some((id, hash)) = self.gates.runs.lend.take() else { return };
        if self.gates.get(&id).is_none_or(|gate| gate.hash != hash) {
            return self.say("the document changed: look at the command again");
        }
        if let Some(busy) = self.busy() {
            return self.say(&format!("not now: {busy}"));
        }
        if let Err(obstacle) = self.order_gate_as(&id, Way::OnTerminal, effects) {
            self.say(&obstacle.words());
        }
    }

    /// What runs and lets nothing else run beside it.
    fn busy(&self) -> Option<String> {
        let busy = self.gates.runs.own().iter().find(|own| own.task.timeout.is_some());
        busy.map(|own| format!("gate {} runs: one at a time", own.task.name))
    }

    /// Why a command must not be run now, whatever its dialog said when it opened.
    pub fn run_refusal(&self, change: &RunChange) -> Option<Clean> {
        let Some(gate) = self.gates.get(&change.gate).filter(|gate| gate.hash == change.hash) else {
            return Some(Clean::new("the document changed: look at the command again"));
        };
        match self.permit(gate) {
            Ok(_) | Err(Obstacle::Mutation) => {}
            Err(obstacle) => return Some(Clean::new(&obstacle.words())),
        }
        self.busy().map(|busy| Clean::new(&busy))
    }

    /// It is journaled or consented to: runs it.
    pub(super) fn run_confirmed(
        &mut self,
        op: &OpId,
        change: &RunChange,
        authority: Authority,
        effects: &mut Vec<Effect>,
    ) {
        let gate = self.gates.get(&change.gate).filter(|gate| gate.hash == change.hash).cloned();
        let task = gate.map(|gate| gate.task(RunId(op.0.clone()), is_guarded(&self.room)));
        let task = task.map(|task| task.map(|task| Task { on_terminal: change.on_terminal, ..task }));
        let Some(Ok(task)) = task else {
            let words = Clean::new("the document changed before it began: nothing was run");
            return self.reached(op, OpState::Failed, words, effects);
        };
        let permit = Permit::of_confirmation(authority);
        self.close_lost(&change.gate, effects);
        self.gates.runs.order(Order { task, permit, op: Some(op.clone()) });
        self.begin_next(effects);
    }

    /// The command ended: with status 0 it did what it does, else it failed; either may have changed something.
    pub(super) fn run_over(&mut self, op: &OpId, evidence: &Evidence, at: Now, effects: &mut Vec<Effect>) {
        let (state, words) = match evidence.ending {
            Ending::Exited(0) => (OpState::Effective, "exit 0".to_owned()),
            Ending::NotStarted => (OpState::Failed, format!("it never began: {}", evidence.why)),
            _ => (OpState::Failed, format!("{}: what it did until then is done", evidence.why)),
        };
        self.operated(op, state, Clean::new(&words), at, effects);
    }

    /// Nothing is left of a command whose console is gone.
    pub(super) fn run_lost(&mut self, run: &RunId, effects: &mut Vec<Effect>) {
        let op = OpId(run.0.clone());
        let words = "its console is gone and it runs no more: it may have done its work";
        if self.ops.get(&op).is_some_and(|op| !op.is_over()) {
            self.reached(&op, OpState::Unknown, Clean::new(words), effects);
        }
    }

    /// Looks at a command again: what runs on goes on, and what is gone frees the way for the next.
    pub(super) fn recheck_run(&mut self, id: &OpId, effects: &mut Vec<Effect>) {
        let run = RunId(id.0.clone());
        let elsewhere = self.gates.runs.elsewhere().any(|foreign| foreign.begun.run == run);
        if elsewhere || self.gates.runs.own_run(&run).is_some() {
            return self.say("it runs on: the gates view shows it, x stops it");
        }
        let words = "nothing of it runs any more; what it did is to be looked at";
        self.reached(id, OpState::Failed, Clean::new(words), effects);
        self.say(words);
    }

    /// Shows a gate with its output.
    pub(super) fn show_gate(&mut self, id: &str) {
        self.ui.modal = None;
        self.ui.focus.open(PanelId::Gates);
        let at = self.gates.list().iter().position(|gate| gate.id == id);
        if let (Some(row), Some(cursor)) = (at, self.ui.focus.cursor_mut(PanelId::Gates)) {
            cursor.row = row;
        }
        self.gates.runs.back = 0;
    }
}

/// The word to type: what the command does, where its program does many things (`migrate` of `python manage.py migrate`), else
/// the name of the program, behind assignments, wrappers and what prepares the shell; of an interpreter's script, that.
fn word(text: &str) -> String {
    const INTERPRETERS: [&str; 9] = ["python", "python3", "bash", "sh", "zsh", "node", "ruby", "perl", "php"];
    const WRAPS: [&str; 15] = [
        "env", "sudo", "nohup", "exec", "command", "time", "poetry", "pipenv", "uv", "bundle", "run", "npx",
        "bunx", "then", "do",
    ];
    let is_set = |word: &&str| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    let words = |part: &'_ str| -> Vec<String> {
        let words = part.split_whitespace().skip_while(|word| is_set(word) || WRAPS.contains(word));
        words.map(str::to_owned).collect()
    };
    let prepares = |part: &Vec<String>| {
        let first = part.first().map_or("", String::as_str);
        matches!(first, "" | "cd" | "pushd" | "export" | "source" | "." | "set" | "echo")
            || first.starts_with('#')
    };
    let parts = || text.split(['\n', ';']).flat_map(|line| line.split("&&")).map(words);
    let part = parts().find(|part| !prepares(part)).or_else(|| parts().next()).unwrap_or_default();
    let name = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    let first = part.first().map(name).unwrap_or_default();
    let behind = part.get(1..).unwrap_or_default();
    let script = match behind {
        _ if !INTERPRETERS.contains(&first.as_str()) => None,
        [module, named, rest @ ..] if module == "-m" => Some((named.clone(), rest)),
        [script, rest @ ..] if !script.starts_with('-') => Some((name(script), rest)),
        _ => None,
    };
    let (program, behind) = script.unwrap_or((first, behind));
    let name = does(&program, behind).unwrap_or(&program);
    let plain: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c)).take(20).collect();
    // An option is no name: nobody would know what it runs.
    if plain.is_empty() || plain.starts_with('-') { "run".to_owned() } else { plain }
}

/// Programs that do many things.
const MANY: [&str; 38] = [
    "manage.py",
    "artisan",
    "rails",
    "rake",
    "mix",
    "alembic",
    "flask",
    "django-admin",
    "prisma",
    "knex",
    "flyway",
    "liquibase",
    "goose",
    "dbmate",
    "sequelize",
    "typeorm",
    "git",
    "gh",
    "kubectl",
    "oc",
    "helm",
    "docker",
    "docker-compose",
    "podman",
    "terraform",
    "tofu",
    "pulumi",
    "gcloud",
    "aws",
    "az",
    "npm",
    "yarn",
    "pnpm",
    "make",
    "just",
    "task",
    "systemctl",
    "pip",
];

/// What they do.
const DOES: [&str; 40] = [
    "apply",
    "clean",
    "commit",
    "cordon",
    "create",
    "delete",
    "deploy",
    "destroy",
    "down",
    "downgrade",
    "drain",
    "drop",
    "import",
    "install",
    "merge",
    "migrate",
    "migration",
    "patch",
    "promote",
    "prune",
    "publish",
    "pull",
    "push",
    "remove",
    "replace",
    "reset",
    "restart",
    "restore",
    "rollback",
    "scale",
    "seed",
    "set",
    "start",
    "stop",
    "tag",
    "undo",
    "up",
    "update",
    "upgrade",
    "uninstall",
];

/// What a program that does many things does with these words behind it.
fn does<'a>(program: &str, behind: &'a [String]) -> Option<&'a str> {
    if !MANY.contains(&program) {
        return None;
    }
    let plain =
        |word: &&String| word.starts_with(|c: char| c.is_ascii_alphabetic()) && !word.contains(['=', '/']);
    let mut words = behind.iter().filter(plain).map(String::as_str);
    // `db:migrate`, `aws ecs update-service`; but no branch `update-readme`.
    let acts = |word: &&str| {
        let verb = word.split('-').next().filter(|_| program == "aws").unwrap_or_default();
        DOES.contains(&verb) || word.split(':').any(|piece| DOES.contains(&piece))
    };
    let act = words.clone().find(acts);
    act.or_else(|| words.find(|word| !matches!(*word, "run" | "exec" | "compose")))
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn the_word_names_what_runs_and_no_assignment_or_wrapper() {
        for (text, wanted) in [
            ("alembic upgrade head", "upgrade"),
            ("python manage.py migrate --noinput", "migrate"),
            ("cd api && poetry run python manage.py migrate", "migrate"),
            ("python -m alembic -c prod.ini upgrade head", "upgrade"),
            ("php artisan migrate --force", "migrate"),
            ("bin/rails db:migrate", "db:migrate"),
            ("npm run migrate:prod", "migrate:prod"),
            ("kubectl -n shop rollout restart deploy/api", "restart"),
            ("gcloud run deploy api --image x", "deploy"),
            ("git push origin v7", "push"),
            ("git checkout update-readme", "checkout"),
            ("aws ecs update-service --service api", "update-service"),
            ("make", "make"),
            ("psql -c 'DROP TABLE old'", "psql"),
            ("FOO=1 bash -c 'rm x'", "bash"),
            ("env X=1 python3 drop.py", "drop.py"),
            ("sudo ./bin/migrate --all", "migrate"),
            ("python3 tools/drop.py users", "drop.py"),
            ("X=1", "run"),
        ] {
            assert_eq!(word(text), wanted, "{text}");
        }
    }
}
