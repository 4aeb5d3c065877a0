//! Headings that set aside what stands below them: `Example thresholds`, `Rollback triggers (old)`, `Superseded limits`. All
//! of it is listed, and nothing of it is live.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::needles::Needles;
use super::topic::normal;

/// What holds no more: alone, before a colon or dash or behind one, of one of [`OF`], and in brackets whatever follows.
const OVER: &str = "deprecated|obsolete|superseded|outdated|retired|archived|withdrawn|no longer used|no longer valid|\
    no longer in use|not in use|do not use|veraltet|veraltete|veralteter|uberholt|uberholte|abgelost|ersetzt|nicht mehr gultig|\
    obsoletes|perime|perimes|remplace|remplaces|obsoleto|obsoletos|obsoleta|obsoletas|en desuso|reemplazado|sustituido|\
    descontinuado|substituido|depreciado|em desuso";

/// What is old, in brackets only alone: `(old version)` may still be served.
const OLD: &str = "old|former|alt|alte|altes|ehemalige|ancien|anciens|ancienne|anciennes|antiguo|antiguos|antigua|\
    antiguas|antigo|antigos|antiga|antigas";

/// What only shows how it might be, whatever follows.
const SHOWN: &str = "example|examples|for illustration|illustrative|beispiel|beispiele|exemple|exemples|\
    ejemplo|ejemplos|exemplo|exemplos";

/// The same of what can be worked on, too: alone, of one of [`OF`], or `for` something.
const FORMS: &str = "sample|samples|template|templates|muster|vorlage|vorlagen|modele|modeles|plantilla|plantillas|modelo|modelos";

/// What leads to what a form is for.
const FOR: [&str; 7] = ["for ", "fur ", "pour ", "para ", "de ", "des ", "do "];

/// What is done with a form or an example: such a heading is work.
const WORK: [&str; 39] = [
    "roll",
    "enable",
    "launch",
    "restart",
    "change",
    "prepare",
    "write",
    "send",
    "render",
    "deploy",
    "upload",
    "load",
    "import",
    "validate",
    "migrate",
    "build",
    "link",
    "attach",
    "convert",
    "archive",
    "install",
    "apply",
    "configure",
    "update",
    "review",
    "fill",
    "use",
    "copy",
    "create",
    "check",
    "verify",
    "run",
    "publish",
    "remove",
    "delete",
    "add",
    "test",
    "switch",
    "turn",
];

/// Of what documents such as these consist: `Old limits` are none, and `Old servers` may be switched off.
const OF: [&str; 63] = [
    "definition",
    "definitions",
    "slo",
    "rules",
    "table",
    "trigger",
    "triggers",
    "limit",
    "limits",
    "threshold",
    "thresholds",
    "criteria",
    "criterion",
    "conditions",
    "checklist",
    "checklists",
    "steps",
    "procedure",
    "procedures",
    "process",
    "runbook",
    "playbook",
    "plan",
    "commands",
    "instructions",
    "targets",
    "metrics",
    "alerts",
    "values",
    "slos",
    "rollback",
    "auslöser",
    "grenzwerte",
    "schwellen",
    "schwellwerte",
    "kriterien",
    "checkliste",
    "schritte",
    "ablauf",
    "werte",
    "seuils",
    "limites",
    "critères",
    "déclencheurs",
    "étapes",
    "procédure",
    "liste",
    "umbrales",
    "límites",
    "criterios",
    "disparadores",
    "pasos",
    "procedimiento",
    "lista",
    "limiares",
    "critérios",
    "gatilhos",
    "passos",
    "procedimento",
    "grenzwert",
    "valores",
    "valeurs",
    "befehle",
];

/// The same in scripts without spaces: at the beginning, at the end or in brackets.
const IDEOGRAPHIC: [&str; 22] = [
    "示例",
    "样例",
    "样本",
    "例子",
    "范例",
    "模板",
    "範例",
    "例",
    "サンプル",
    "テンプレート",
    "ひな形",
    "雛形",
    "記入例",
    "見本",
    "已废弃",
    "已弃用",
    "废弃",
    "过时",
    "作废",
    "旧版",
    "廃止",
    "非推奨",
];

/// Whether `heading` says that what stands below it is none of what is done or watched.
pub(super) fn says(heading: &str) -> bool {
    // Most headings have none of the words.
    if !MAY_SAY.are_in(heading) {
        return false;
    }
    // "example.com" is a host.
    let heading: Vec<&str> =
        heading.split(' ').filter(|word| !word.to_lowercase().contains("example.")).collect();
    let heading = heading.join(" ");
    let inside = |c| matches!(c, '(' | ')' | '（' | '）' | '[' | ']' | '【' | '】');
    let parts: Vec<&str> = heading.split(inside).collect();
    let outside = parts.iter().step_by(2).copied().collect::<Vec<_>>().join(" ");
    let of_part = names_part(&normal(&outside));
    let in_brackets = |part: &&str| is_over(part, of_part);
    parts.iter().skip(1).step_by(2).any(in_brackets) || begins(&outside) || ends(&outside)
}

/// Whether words in brackets say it: `(old)`, `(deprecated since v2)`, and of a part of a document also `(example values)`;
/// but not `(ersetzt das alte)`, which is what is new.
fn is_over(part: &str, of_part: bool) -> bool {
    const LEADS: [&str; 12] =
        ["since", "by", "in", "as", "seit", "durch", "depuis", "par", "desde", "por", "from", "do"];
    let folded = normal(part);
    let over = behind(&folded, OVER)
        .is_some_and(|rest| rest.is_empty() || LEADS.contains(&rest.split(' ').next().unwrap_or_default()));
    let shown = [SHOWN, FORMS].iter().any(|words| is_one_of(&folded, words));
    let ideographs = IDEOGRAPHIC.iter().any(|word| part.starts_with(word) && is_apart(part, word));
    over || is_one_of(&folded, OLD) || shown || ideographs || (of_part && behind(&folded, SHOWN).is_some())
}

/// What of the words must be there, whatever else.
static MAY_SAY: LazyLock<Needles> = LazyLock::new(|| {
    let latin = [OVER, OLD, SHOWN, FORMS].into_iter().flat_map(|list| list.split('|'));
    let all: Vec<&str> = latin
        .chain(IDEOGRAPHIC)
        .chain(["gültig", "überholt", "abgelöst", "périm", "remplac", "modèle", "obsolète"])
        .collect();
    Needles::of(&all)
});

fn is_one_of(text: &str, words: &str) -> bool {
    words.split('|').any(|word| word == text)
}

/// What follows one of `words` at the beginning of `text`.
fn behind<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let rest = |word: &str| text.strip_prefix(word).filter(|rest| rest.is_empty() || rest.starts_with(' '));
    words.split('|').find_map(rest).map(str::trim_start)
}

/// Whether `text`, as [`normal`] has it, speaks of a part of such a document.
fn names_part(text: &str) -> bool {
    text.split(' ').any(|word| PARTS.contains(word))
}

static PARTS: LazyLock<FxHashSet<String>> = LazyLock::new(|| OF.iter().map(|word| normal(word)).collect());

/// Whether it is of messages: their templates are what they are.
fn is_of_messages(text: &str) -> bool {
    const MESSAGES: [&str; 19] = [
        "alert template",
        "message",
        "communication",
        "kommunikation",
        "notification",
        "announcement",
        "email",
        "e mail",
        "slack",
        "status page",
        "incident",
        "post mortem",
        "postmortem",
        "nachricht",
        "mensaje",
        "mensagem",
        "comunica",
        "通知",
        "连絡",
    ];
    MESSAGES.iter().any(|word| text.contains(word)) && FORMS.split('|').any(|word| text.contains(word))
}

/// Whether `text` begins by saying it.
fn begins(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| !c.is_alphabetic());
    let marked = text.split([':', '：', '–', '—', '·']).next().unwrap_or_default();
    let marked = normal(marked.split(" - ").next().unwrap_or_default());
    let folded = normal(text);
    if is_of_messages(&folded) {
        return false;
    }
    let over = behind(&folded, OVER).or_else(|| behind(&folded, OLD)).is_some_and(names_part);
    let form = behind(&folded, FORMS).is_some_and(|rest| {
        rest.is_empty() || FOR.iter().any(|lead| rest.starts_with(lead)) || names_part(rest)
    });
    // "Beispielgrenzwerte"
    let shown = behind(&folded, SHOWN).is_some() || folded.starts_with("beispiel");
    let alone = [OVER, OLD, FORMS].iter().any(|words| is_one_of(&marked, words));
    let ideographs = || IDEOGRAPHIC.iter().any(|word| text.starts_with(word) && is_apart(text, word));
    over || form || shown || alone || ideographs()
}

/// Whether a single ideograph at the beginning stands for itself: 「例：…」, but not 「例外」; and what is left of an old part.
fn is_apart(text: &str, word: &str) -> bool {
    let rest = text.strip_prefix(word).unwrap_or_default();
    word.chars().count() > 1 || rest.is_empty() || rest.starts_with(['：', ':', ' ', '　', '1', '１'])
}

/// Whether `text` ends with it: `Rollback triggers – deprecated`, `Checklist template`, 「しきい値の例」.
fn ends(text: &str) -> bool {
    let folded = normal(text.trim_start_matches(|c: char| !c.is_alphabetic()));
    let works = folded.split(' ').any(|word| WORK.contains(&word));
    let rest = |words: &str| {
        let before = |word: &str| folded.strip_suffix(word).and_then(|rest| rest.strip_suffix(' '));
        words.split('|').find_map(before)
    };
    // "Smoke tests, for example:"
    let leads = |rest: &str| ["for", "as an", "zum", "par", "por"].iter().any(|lead| rest.ends_with(lead));
    let last = rest(SHOWN).is_some_and(|rest| !leads(rest)) || rest(FORMS).is_some_and(names_part);
    let marked = text.rsplit([':', '：', '–', '—']).next().filter(|part| part.len() < text.len());
    let marked = marked.or_else(|| text.rsplit_once(" - ").map(|(_, behind)| behind));
    let over = marked.map(normal).is_some_and(|part| is_one_of(&part, OVER) || is_one_of(&part, OLD));
    let ideographs = || {
        let text = text.trim_end();
        IDEOGRAPHIC
            .iter()
            .any(|word| text.ends_with(word) && (word.chars().count() > 1 || text.ends_with("の例")))
    };
    let shown = !works && !is_of_messages(&folded) && last;
    shown || over || ideographs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_sets_aside_what_holds_no_more_or_only_shows_how_it_might_be() {
        for text in [
            "Deprecated",
            "Deprecated thresholds",
            "4. Superseded rollback triggers",
            "Rollback triggers (old)",
            "Rollback triggers (deprecated since v2)",
            "Rollback triggers – obsolete",
            "Old limits",
            "Old: limits of last year",
            "Example",
            "Example thresholds",
            "📋 Example: a canary",
            "Checklist template",
            "SLO definition template",
            "Template for a release",
            "Sample alert table",
            "Thresholds (example)",
            "Thresholds (example values)",
            "Seuils (remplacés par ceux de la page 2)",
            "Beispiel",
            "Beispielgrenzwerte",
            "Alte Grenzwerte",
            "Rollback-Auslöser (veraltet)",
            "Exemple de seuils",
            "Anciens seuils",
            "Seuils (obsolètes)",
            "Ejemplo de criterios",
            "Umbrales antiguos (obsoletos)",
            "Exemplo de limites",
            "Limites (em desuso)",
            "示例阈值",
            "回滚条件（已废弃）",
            "しきい値の例",
            "サンプル手順",
            "切り戻し基準（廃止）",
        ] {
            assert!(says(text), "{text}");
        }
    }

    #[test]
    fn what_is_work_or_a_message_is_not_set_aside() {
        for text in [
            "Rollback triggers",
            "Old servers",
            "Switch off the old version",
            "Remove deprecated flags",
            "Deprecated endpoints are gone",
            "Alert templates",
            "Communication templates",
            "Template for the status page message",
            "Sample size",
            "Sampling",
            "Update the email templates in the CMS",
            "Template rendering works",
            "Previous version",
            "Previous release is still running",
            "Alternative",
            "Altersfreigabe",
            "Exempt users",
            "Review the code examples",
            "1. Update the runbook template",
            "Deploy the sample",
            "Roll out the invoice template",
            "Step 3: Update the invoice template",
            "Invoice template",
            "Smoke tests, for example:",
            "Roll back if you see, for example:",
            "Neues Gateway (ersetzt das alte)",
            "Déployer B (remplace A)",
            "Verify each region (example: us-east1)",
            "Example.com DNS",
            "Success criteria (example.com)",
            "清理废弃资源后的检查",
            "例外の扱い",
            "Archive the logs",
        ] {
            assert!(!says(text), "{text}");
        }
    }
}
