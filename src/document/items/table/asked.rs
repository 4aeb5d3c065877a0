//! Tables without a box that ask for something all the same: steps with whose they are or how they stand, criteria with what
//! is to be met.

use crate::document::blocks::Text;
use crate::document::bound::{Cell, cell};
use crate::document::items::fields;
use crate::document::outline::Above;
use crate::document::thresholds::is_limit_column;
use crate::document::topic::{Topic, Topics, normal};
use crate::domain::Meaning;

/// Columns of what is to be done, as [`normal`] has it.
const DOING: &str = "step|steps|task|tasks|action|actions|action item|activity|activities|item|items|check|checks|checkpoint|to do|todo|work|\
    what|deliverable|schritt|schritte|aufgabe|aufgaben|massnahme|massnahmen|prufung|prufpunkt|prufpunkte|punkt|tatigkeit|etape|etapes|\
    tache|taches|verification|verifications|controle|controles|paso|pasos|tarea|tareas|accion|acciones|comprobacion|\
    verificacion|passo|passos|tarefa|tarefas|acao|acoes|verificacao|步骤|任务|检查项|检查内容|事项|工作|步驟|任務|手順|作業|\
    作業内容|確認項目|確認内容|項目|项目|タスク|ステップ";

/// Columns of how it stands.
const STATE: &str = "status|state|done|complete|completed|ok|result|pass|passed|pass fail|met|met y n|actual|erledigt|ergebnis|erfullt|\
    statut|fait|resultat|etat|estado|hecho|resultado|cumplido|feito|concluido|状态|完成|结果|狀態|状態|結果|完了|済";

/// Columns of what is to be met, by how they begin.
const CRITERIA: [&str; 10] =
    ["criteri", "kriteri", "critere", "requirement", "anforderung", "标准", "標準", "基準", "条件", "準則"];

/// Columns that say that a row is about something else: what may happen, and what is done then.
const OTHERS: [&str; 18] = [
    "severity",
    "risk",
    "mitigation",
    "probability",
    "impact",
    "likelihood",
    "trigger",
    "symptom",
    "alert",
    "condition",
    "risiko",
    "schweregrad",
    "risque",
    "riesgo",
    "risco",
    "decision",
    "cause",
    "incident",
];

/// What stands in a cell that says yes, or that it is done.
const YES: &str = "yes|y|true|required|mandatory|must|ja|pflicht|oui|si|sim|是|必須|必须|はい";
const NO: &str = "no|n|false|optional|nein|non|nao|否|任意|可选|いいえ";
const DONE: &str = "done|complete|completed|passed|pass|ok|green|met|erledigt|fertig|erfullt|fait|termine|hecho|completado|\
    feito|concluido|完成|已完成|通过|完了|済";

/// Below these lines a table tells, or is read as something else.
const TOLD: [Topic; 14] = [
    Topic::Inert,
    Topic::Claim,
    Topic::Report,
    Topic::Expected,
    Topic::Contacts,
    Topic::Roles,
    Topic::Activation,
    Topic::Procedure,
    Topic::TakenBack,
    Topic::Rollback,
    Topic::RollbackPlan,
    Topic::Aftermath,
    Topic::Events,
    Topic::Phases,
];

/// Below these it is asked.
const ASKS: [Topic; 5] = [Topic::Criterion, Topic::Checklist, Topic::Before, Topic::Later, Topic::Open];

/// What the columns of a table ask for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// What its rows mean.
    pub(super) meaning: Meaning,
    /// The column of what is asked.
    text: Option<usize>,
    /// The column of what it is to be, where that is no name itself.
    target: Option<usize>,
    state: Option<usize>,
    required: Option<usize>,
    limits: Vec<usize>,
}

fn is_one_of(text: &str, words: &str) -> bool {
    !text.is_empty() && words.split('|').any(|word| word == text)
}

/// What a table with these columns asks for, whose rows mean `meaning` by the lines `above` it; `None`: nothing.
pub(super) fn of(header: &[Text], above: &[Above], meaning: &Meaning) -> Option<Asked> {
    // The nearest that says either.
    let mut lines = above.iter().filter(|line| !line.is_title).map(|line| line.topics);
    let decides = lines.find(|topics| topics.any(&TOLD) || topics.any(&ASKS));
    if decides.is_some_and(|topics| topics.any(&TOLD)) {
        return None;
    }
    let names: Vec<String> = header.iter().map(|cell| normal(&cell.plain)).collect();
    let place = |fits: &dyn Fn(&str) -> bool| names.iter().position(|name| fits(name));
    let state = place(&|name| is_one_of(name, STATE));
    let owned = header.iter().any(|cell| fields::is_owner(&cell.plain));
    let required = header.iter().position(|cell| Topics::of(&cell.plain).has(Topic::Required));
    let criterion = place(&|name| CRITERIA.iter().any(|begin| name.starts_with(begin)));
    let doing = place(&|name| is_one_of(name, DOING));
    let limits: Vec<usize> = (0..header.len())
        .filter(|at| {
            Some(*at) != criterion && header.get(*at).is_some_and(|cell| is_limit_column(&cell.plain))
        })
        .collect();
    let asked = |meaning: Meaning, text: Option<usize>| {
        let target = limits.first().copied().filter(|at| text != Some(*at));
        Some(Asked { meaning, text, target, state, required, limits: limits.clone() })
    };
    let other = names.iter().any(|name| OTHERS.iter().any(|word| name.contains(word)));
    match meaning {
        Meaning::Criterion => asked(Meaning::Criterion, criterion),
        Meaning::Work | Meaning::Later { .. } if other => None,
        Meaning::Work if criterion.is_some() && (state.is_some() || required.is_some()) => {
            asked(Meaning::Criterion, criterion)
        }
        Meaning::Work | Meaning::Later { .. }
            if doing.is_some() && limits.is_empty() && (state.is_some() || owned) =>
        {
            asked(meaning.clone(), doing)
        }
        _ => None,
    }
}

impl Asked {
    /// What a row with these cells asks for, in words; `None`: it states a limit that is watched, or says nothing.
    pub(super) fn text(&self, cells: &[Text]) -> Option<(usize, String)> {
        let of = |at: usize| cells.get(at).map(|cell| cell.plain.trim()).filter(|text| says(text));
        let watched = |at: &usize| {
            let read = cells.get(*at).map(|text| cell(&text.plain));
            matches!(read, Some(Cell::Limit(_) | Cell::Bare(_)))
        };
        if self.meaning == Meaning::Criterion && self.limits.iter().any(watched) {
            return None;
        }
        let first = || (0..cells.len()).find(|at| of(*at).is_some_and(|text| !super::is_mark(text)));
        let at = self.text.filter(|at| of(*at).is_some()).or_else(first)?;
        let text = of(at)?;
        let target = self.target.filter(|target| *target != at).and_then(of);
        Some((at, target.map_or_else(|| text.to_owned(), |target| format!("{text} — {target}"))))
    }

    /// Whether a row says of itself that it is done.
    pub(super) fn is_done(&self, cells: &[Text]) -> bool {
        let state = self.state.and_then(|at| cells.get(at));
        state.is_some_and(|cell| is_one_of(&normal(&cell.plain), DONE))
    }

    /// Whether a row is required, if it says so.
    pub(super) fn is_required(&self, cells: &[Text]) -> Option<bool> {
        let said = normal(&cells.get(self.required?)?.plain);
        is_one_of(&said, YES).then_some(true).or_else(|| is_one_of(&said, NO).then_some(false))
    }
}

/// Whether a cell has words.
fn says(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use crate::domain::{Document, Item};

    fn document(text: &str) -> Document {
        crate::document::read("d.md", text.as_bytes()).document.expect("a text")
    }

    fn items(text: &str) -> Vec<Item> {
        document(text).sections.into_iter().flat_map(|section| section.items).collect()
    }

    fn told(text: &str) -> Vec<String> {
        let tell = |it: &Item| {
            let state = if it.claimed { " done" } else { "" };
            let need = if it.required { " required" } else { "" };
            format!("{} {}{state}{need} {}", it.line, it.meaning.word(), it.text)
        };
        items(text).iter().map(tell).collect()
    }

    #[test]
    fn rows_of_steps_with_whose_they_are_or_how_they_stand_are_items() {
        let text = "# Night\n\n## Night shift\n\n| # | Schritt | Owner | Status |\n|---|---|---|---|\n| 1 | Kasse schließen | Mia | offen |\n\
                    | 2 | Waage eichen | Jo | erledigt |\n\n## Who\n\n| Role | Owner |\n|---|---|\n| Kasse | Mia |\n\n\
                    ## What may happen\n\n| Risk | Action | Owner |\n|---|---|---|\n| Rain | Tent | Mia |\n\n\
                    ## Version history\n\n| Step | Owner |\n|---|---|\n| Written | Mia |\n";
        assert_eq!(told(text), ["7 work Kasse schließen", "8 work done Waage eichen"]);
        assert!(items(text).iter().all(|it| it.inferred));
        assert_eq!(items(text)[0].owner.as_deref(), Some("Mia"));
    }

    #[test]
    fn rows_of_criteria_in_words_are_criteria_and_those_with_a_limit_are_limits() {
        let text = "# Night\n\n## Success criteria\n\n| Metric | Target | Source |\n|---|---|---|\n| Error rate | < 1 % | logs |\n\
                    | Mood of the clerks | Calm | survey |\n\n## Gate check\n\n| Area | Criterion | Status |\n|---|---|---|\n\
                    | Till | Every till prints | _open_ |\n\n## Critères d'acceptation\n\n| # | Critère | Obligatoire |\n|---|---|---|\n\
                    | 1 | Les caisses ouvrent | Oui |\n| 2 | La musique joue | Non |\n";
        assert_eq!(
            told(text),
            [
                "8 criterion Mood of the clerks — Calm",
                "14 criterion Every till prints",
                "20 criterion required Les caisses ouvrent",
                "21 criterion La musique joue",
            ]
        );
        let titled =
            "# Rollback runbook\n\n## Success criteria\n\n| Metric | Target |\n|---|---|\n| Mood | Calm |\n";
        assert_eq!(told(titled), ["7 criterion Mood — Calm"]);
        let limits: Vec<u32> = document(text).plan.thresholds.iter().map(|it| it.line).collect();
        assert_eq!(limits, [7]);
    }
}
