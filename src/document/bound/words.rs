//! The words around numbers, in the languages that are read, and what they mean there.

use std::sync::LazyLock;

use super::lex::Kind;
use crate::document::needles::Needles;
use crate::domain::plan::Comparator::{About, Above, AtLeast, AtMost, Below, Equal};

/// Phrases by meaning, in lower case, separated by bars.
const PHRASES: &[(Kind, &str)] = &[
    (
        Kind::Compare(Below),
        "less than|fewer than|lower than|smaller than|shorter than|faster than|weniger als|kleiner als|\
         niedriger als|geringer als|unterschreitet|unterschreiten|unterschritten|moins de|inférieur à|inférieur au|inférieure à|inférieurs à|inférieures à|\
         menos de|menor de|menores de|menor que|menor a|menor al|inferior a|inferior al|inferior ao|inferiores a|inferiores al|跌破|低于|小于|少于|不到|不足|低於|小於|少於",
    ),
    (
        Kind::Compare(AtMost),
        "at most|no more than|not more than|nicht länger als|nicht mehr als|no longer than|no greater than|no higher than|up to|maximum of|\
         maximum|max.|max|less than or equal to|not to exceed|capped at|höchstens|kleiner gleich|kleiner oder gleich|maximal|bis zu|au plus|\
         au maximum|maximum de|jusqu'à|como máximo|máximo|máximo de|no máximo|no más de|não mais de|até|hasta|\
         不超过|最多|至多|不超過|最大|小于等于|小于或等于|小於等於|不高于|不高於|不大于|不大於|不多于|不得超过|\
         不能超过|不应超过|不可超过|不会超过|未超过|不得高于|不能高于|不应高于|不得大于|不能大于|不应大于|不得多于",
    ),
    (
        Kind::Compare(Above),
        "more than|greater than|higher than|larger than|longer than|bigger than|exceeds|exceed|exceeding|\
         exceeded|surpasses|mehr als|mayor de|mayores de|größer als|höher als|länger als|übersteigt|überschreitet|überschreiten|überschritten|plus de|\
         supérieur à|supérieur au|supérieure à|supérieurs à|supérieures à|dépasse|dépassent|más de|más del|mayor que|mayor a|mayor al|\
         superior a|superior al|superior ao|superiores a|superiores al|supera|superan|superar|supere|superen|pasa de|pasan de|pase de|pasen de|mais de|maior que|ultrapassa|ultrapassam|ultrapassar|ultrapassarem|passa de|passam de|passar de|passarem de|超过|大于|高于|多于|超出|超過|大於|高於|多於",
    ),
    (Kind::Aged(AtMost), "no older than|not older than|nicht älter als"),
    (Kind::Aged(Above), "older than|älter als"),
    (
        Kind::Past(Above),
        "above|over|beyond|past|über|au-dessus de|por encima de|por encima del|acima de|acima do|acima da",
    ),
    (
        Kind::Past(Below),
        "below|under|beneath|unter|unterhalb von|en dessous de|por debajo de|por debajo del|abaixo de|abaixo do|\
         abaixo da",
    ),
    (
        Kind::Compare(AtLeast),
        "at least|no less than|no fewer than|not less than|not below|minimum of|minimum|min.|\
         greater than or equal to|more than or equal to|mindestens|au moins|minimum de|al menos|por lo menos|\
         como mínimo|mínimo|mínimo de|pelo menos|no mínimo|no menos de|至少|不低于|不少于|不低於|不少於|最低|最小|大于等于|大于或等于|大於等於|不小于|不得低于|不能低于|不应低于|\
         不可低于|不会低于|不得少于|不能少于|不应少于|不得小于|不能小于",
    ),
    (Kind::Compare(Equal), "exactly|equal to|equals|equal|genau|exactement|exactamente|exatamente|等于"),
    (
        Kind::Compare(About),
        "about|around|approximately|approx.|approx|roughly|circa|ca.|etwa|ungefähr|environ|aproximadamente|\
         cerca de|约|大约|約|およそ",
    ),
    (
        Kind::Behind(AtLeast),
        "or more|or higher|or above|or greater|or longer|oder mehr|ou plus|ou mais|o más|以上|或更多|或更高",
    ),
    (
        Kind::Behind(AtMost),
        "or less|or fewer|or lower|or below|or faster|or under|oder weniger|ou moins|ou menos|o menos|以下|以内|以內|或更少",
    ),
    (Kind::Behind(Below), "未満|を下回|を割|より低い|より少ない|より小さい|より短い"),
    (Kind::Behind(Above), "を超え|を上回|超え|より大きい|より高い|より多い|より長い"),
    (
        // Denied, each form whole.
        Kind::Behind(AtMost),
        "を超えない|を超えてはならない|を超えてはいけない|を超えていない|を超えません|を上回らない|を上回ってはならない",
    ),
    (
        Kind::Behind(AtLeast),
        "を下回らない|を下回ってはならない|を下回ってはいけない|を下回っていない|を割らない",
    ),
    (
        Kind::Not,
        "no|none|neither|never|mustn't|shouldn't|mustn’t|shouldn’t|kein|keine|keinen|nie|aucun|aucune|jamais|ningún|ninguna|ningun|nunca|\
         nenhum|nenhuma|没有|无",
    ),
    (
        Kind::Fails,
        "not|cannot|can't|don't|doesn't|won't|isn't|aren't|wasn't|weren't|hasn't|haven't|hadn't|didn't|\
         can’t|don’t|doesn’t|won’t|isn’t|aren’t|wasn’t|weren’t|hasn’t|haven’t|hadn’t|didn’t|nicht|pas|não",
    ),
    (Kind::Without, "without|ohne|sans|sin|sem"),
    (Kind::Between, "between|zwischen|entre|介于"),
    (Kind::Zero, "zero|zéro|cero|零个|零|ゼロ"),
    (
        Kind::Condition,
        "if|when|whenever|until|once|unless|wenn|falls|sobald|bei|si|lorsque|quand|cuando|quando|se|caso|如果|若|当|場合",
    ),
    (
        Kind::For,
        "for|during|throughout|sustained|sustained for|lasting|continuously for|for the|für|während|pendant|durant|pour|para|覆盖|\
         durante|por|持续|连续|持續|seit|since|depuis|desde hace|há",
    ),
    (Kind::Lasting, "lang|long|連続|続く|続い|続け|継続|経過"),
    (Kind::Inside, "内|内に|之内|內|に|の間に"),
    (
        Kind::Within,
        "within|innerhalb von|innerhalb|binnen|dans les|en moins de|dentro de|dentro del|dentro do|dentro da|em até",
    ),
    (
        Kind::Window,
        "in|in a|in any|in the last|in the past|over the last|over the past|over any|over a|per|every|each|across|\
         in den letzten|dans|sur|en|em|nos últimos|en los últimos|过去",
    ),
    (Kind::Rate("/min"), "in one minute|in a minute|en un minuto|em um minuto|en une minute|in einer minute"),
    (Kind::Rate("/h"), "in one hour|in an hour|en una hora|em uma hora|en une heure|in einer stunde"),
    (Kind::Rate("/day"), "in one day|in a day|en un día|em um dia|en un jour|an einem tag"),
    (Kind::After, "after|following|nach|après|después de|tras|após|depois de"),
    (
        Kind::Baseline,
        "baseline|baselines|base line|normal|usual|nominal|previous|pre-deploy|pre-deployment|pre-release|\
         pre-migration|before|historical|control|stable|current|today|yesterday|last week|last month|last release|last deploy|last version|the day before|the week before|gestern|vorwoche|vortag|letzter woche|letzte woche|hier|la veille|la semaine dernière|ayer|la semana pasada|ontem|semana passada|昨天|昨日|上周|先週|前日|ausgangswert|basiswert|\
         normalwert|référence|référentiel|ligne de base|línea base|linea base|linha de base|referencia|referência|\
         基线|基準|基準値|基準值|ベースライン",
    ),
    (Kind::Mean, "average|avg"),
    (
        Kind::More,
        "increase|increases|increasing|slower|growth|grow|grows|rise|rises|rising|overhead|jump|jumps|\
         slowdown|anstieg|langsamer|augmentation|aumento|incremento|升高|上升|増加",
    ),
    (Kind::Graded(true), "or better|oder besser|ou mieux|o mejor|ou melhor"),
    (Kind::Graded(false), "or worse|oder schlechter|ou pire|o peor|ou pior"),
    (
        // What got worse rose or fell, depending on what it is.
        Kind::Worse,
        "degradation|degradations|degrade|degrades|regression|regressions|regress|regresses|worse|worsening|\
         verschlechterung|dégradation|degradación|degradação|下滑|劣化",
    ),
    (
        Kind::Less,
        "decrease|decreases|decreasing|drop|drops|decline|declines|reduction|fewer|fall|\
         falls|falls by|rückgang|abfall|fällt|sinkt|baisse|diminue|diminution|caída|cae|caen|baja|bajan|disminución|disminuye|queda|cai|caem|redução|下降|減少|低下",
    ),
    (
        Kind::Good,
        "uptime|availability|success|successful|pass rate|hit rate|hit ratio|coverage|delivery rate|completion rate|\
         completeness|verfügbarkeit|erfolgsrate|erfolgsquote|disponibilité|taux de réussite|disponibilidad|\
         tasa de éxito|disponibilidade|taxa de sucesso|可用性|成功率|稼働率",
    ),
    (
        Kind::Bad,
        "error rate|error rates|errors|error ratio|failure rate|failures|latency|5xx rate|loss rate|drop rate|\
         fehlerrate|fehlerquote|latenz|taux d'erreur|taux d'erreurs|tasa de error|tasa de errores|latencia|\
         taxa de erro|taxa de erros|latência|错误率|延迟|エラー率",
    ),
    (
        // A number behind one of these says which, not how much.
        Kind::Which,
        "port|ports|line|lines|step|steps|phase|phases|stage|week|weeks|month|issue|issues|pr|section|\
         to|page|level|tier|priority|severity|sprint|code|codes|status|http|exit|returns|return|day|days|\
         zeile|schritt|ligne|étape|línea|paso|linha|passo|第",
    ),
    (
        // A number behind one of these is a version.
        Kind::Product,
        "version|versions|release|node|nodejs|node.js|npm|python|java|jdk|go|golang|ruby|php|rust|postgres|\
         postgresql|mysql|mariadb|redis|docker|kubernetes|k8s|kubectl|helm|terraform|ubuntu|debian|ios|android|tls|\
         ssl|xcode|swift|dotnet|.net|django|rails|react|angular|typescript|macos|windows|chrome|firefox|safari|schema",
    ),
    (
        Kind::Of,
        "of|by|the|a|an|our|is|are|be|must be|stay|stays|remain|remains|at|um|von|du|den|der|ist|est|es|é|bleibt",
    ),
    (Kind::Break, "and|or|but|und|oder|aber|et|ou|mais|y|e|且|或|并且|或者|かつ|または|および"),
];

/// What a text has in which a number in words can be a limit: comparators in words, and units.
static SPELLED: LazyLock<Needles> = LazyLock::new(|| {
    Needles::of(&[
        " than ",
        " least ",
        " most ",
        "tbd",
        "tba",
        "cero ",
        " als ",
        "plus de ",
        "mais de ",
        "au moins ",
        "al menos ",
        "pelo menos ",
        "mindestens ",
        "exceed",
        "below ",
        "above ",
        "under ",
        " over ",
        "menos de ",
        "más de ",
        "minut",
        "second",
        "segund",
        "sekund",
        "hour",
        "hora",
        "heure",
        "stunde",
        " percent",
        "prozent",
        " day",
        " tage",
        " jours",
        " dias",
        " week",
        "woche",
        "semain",
        "seman",
        "millis",
    ])
});

/// Whether a number in words may be a limit of `text`.
pub(super) fn may_spell(text: &str) -> bool {
    SPELLED.are_in(text)
}

/// All phrases.
static ALL: LazyLock<Phrases<Kind>> = LazyLock::new(|| Phrases::of(PHRASES));

/// The longest phrase that `text` (lower case) begins with, and its length.
pub(super) fn at_start(text: &str) -> Option<(Kind, usize)> {
    ALL.at_start(text)
}

/// Phrases with what they mean, by their first byte, longest first.
pub(super) struct Phrases<T>(Vec<Vec<(&'static str, T)>>);

impl<T: Copy> Phrases<T> {
    /// Of lists in lower case, separated by bars.
    pub(super) fn of(lists: &[(T, &'static str)]) -> Self {
        let mut all: Vec<Vec<(&str, T)>> = vec![Vec::new(); 256];
        let phrases = lists.iter().flat_map(|(kind, words)| words.split('|').map(move |word| (word, *kind)));
        for (phrase, kind) in phrases {
            if let Some(bucket) = phrase.bytes().next().and_then(|first| all.get_mut(usize::from(first))) {
                bucket.push((phrase, kind));
            }
        }
        for bucket in &mut all {
            bucket.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        Self(all)
    }

    /// The longest that `text` (lower case) begins with, as whole words, and its length.
    pub(super) fn at_start(&self, text: &str) -> Option<(T, usize)> {
        let first = text.bytes().next()?;
        let bucket = self.0.get(usize::from(first))?;
        let whole = |phrase: &str| {
            // Languages written without spaces have no ends of words.
            let open = phrase
                .chars()
                .next_back()
                .is_none_or(|last| !last.is_alphanumeric() || super::lex::is_cjk(last));
            let next = text.get(phrase.len()..).and_then(|rest| rest.chars().next());
            open || next.is_none_or(|next| {
                !(next.is_alphanumeric() || next == '_' || next == '-') || super::lex::is_cjk(next)
            })
        };
        bucket
            .iter()
            .find(|(phrase, _)| {
                // Most differ in the second byte.
                let second = phrase.as_bytes().get(1);
                second.is_none_or(|second| text.as_bytes().get(1) == Some(second))
                    && text.starts_with(phrase)
                    && whole(phrase)
            })
            .map(|(phrase, kind)| (*kind, phrase.len()))
    }
}
