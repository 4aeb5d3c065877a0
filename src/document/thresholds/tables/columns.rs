//! What the headings of a table's columns announce, in seven languages.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Target,
    Warning,
    Critical,
    Baseline,
    /// A limit of which the heading does not say whether it is good: "Threshold".
    Limit,
    /// How long a limit is crossed.
    Lasts,
    /// How bad it is when the limit of the row is crossed.
    Severity,
    /// What is noted beside the limit.
    Note,
    Description,
    Other,
}

/// Words of headings, in lower case, and what they announce; the first that fits counts.
pub(super) const HEADINGS: &[(&str, Column)] = &[
    ("metric", Column::Name),
    ("indicator", Column::Name),
    ("signal", Column::Name),
    ("metrik", Column::Name),
    ("messgröße", Column::Name),
    ("métrique", Column::Name),
    ("indicateur", Column::Name),
    ("métrica", Column::Name),
    ("metrica", Column::Name),
    ("indicador", Column::Name),
    ("指标", Column::Name),
    ("指標", Column::Name),
    ("メトリクス", Column::Name),
    ("critère", Column::Name),
    ("kriterium", Column::Name),
    ("criterio", Column::Name),
    ("critério", Column::Name),
    ("duration", Column::Lasts),
    ("sustained", Column::Lasts),
    ("dauer", Column::Lasts),
    ("durée", Column::Lasts),
    ("duración", Column::Lasts),
    ("duração", Column::Lasts),
    ("观察时间", Column::Lasts),
    ("觀察時間", Column::Lasts),
    ("持续时间", Column::Lasts),
    ("持續時間", Column::Lasts),
    ("继续时间", Column::Lasts),
    ("継続時間", Column::Lasts),
    ("観測時間", Column::Lasts),
    ("normal", Column::Target),
    ("nominal", Column::Target),
    ("healthy", Column::Target),
    ("good", Column::Target),
    ("正常", Column::Target),
    ("date", Column::Other),
    ("frequency", Column::Other),
    ("häufigkeit", Column::Other),
    ("fréquence", Column::Other),
    ("frecuencia", Column::Other),
    ("owner", Column::Other),
    ("status", Column::Other),
    ("channel", Column::Other),
    ("environment", Column::Other),
    ("response", Column::Other),
    ("warning", Column::Warning),
    ("warn", Column::Warning),
    ("yellow", Column::Warning),
    ("amber", Column::Warning),
    ("avertissement", Column::Warning),
    ("advertencia", Column::Warning),
    ("aviso", Column::Warning),
    ("警告", Column::Warning),
    ("warnschwelle", Column::Warning),
    ("warngrenze", Column::Warning),
    ("alarmschwelle", Column::Critical),
    ("alarmgrenze", Column::Critical),
    ("alarmwert", Column::Critical),
    ("eingriffsgrenze", Column::Critical),
    ("alert", Column::Critical),
    ("alerte", Column::Critical),
    ("alerta", Column::Critical),
    ("alarm", Column::Critical),
    ("警报", Column::Critical),
    ("critical", Column::Critical),
    ("rollback", Column::Critical),
    ("roll back", Column::Critical),
    ("abort", Column::Critical),
    ("page if", Column::Critical),
    ("red", Column::Critical),
    ("kritisch", Column::Critical),
    ("critique", Column::Critical),
    ("crítico", Column::Critical),
    ("严重", Column::Critical),
    ("告警", Column::Critical),
    ("触发", Column::Critical),
    ("觸發", Column::Critical),
    ("trigger", Column::Critical),
    ("auslöser", Column::Critical),
    ("déclencheur", Column::Critical),
    ("アラート", Column::Critical),
    ("重大", Column::Critical),
    ("target", Column::Target),
    ("slo", Column::Target),
    ("objective", Column::Target),
    ("goal", Column::Target),
    ("acceptable", Column::Target),
    ("ziel", Column::Target),
    ("zielwert", Column::Target),
    ("sollwert", Column::Target),
    ("soll", Column::Target),
    ("objectif", Column::Target),
    ("cible", Column::Target),
    ("objetivo", Column::Target),
    ("meta", Column::Target),
    ("目标", Column::Target),
    ("目標", Column::Target),
    ("before", Column::Baseline),
    ("baseline", Column::Baseline),
    ("vorher", Column::Baseline),
    ("avant", Column::Baseline),
    ("antes", Column::Baseline),
    ("之前", Column::Baseline),
    ("description", Column::Description),
    ("meaning", Column::Description),
];

/// Whole headings of what stands beside limits.
const BESIDE: [(&str, Column); 32] = [
    ("severity", Column::Severity),
    ("severity level", Column::Severity),
    ("severidad", Column::Severity),
    ("severidade", Column::Severity),
    ("schweregrad", Column::Severity),
    ("gravité", Column::Severity),
    ("gravedad", Column::Severity),
    ("gravidade", Column::Severity),
    ("严重程度", Column::Severity),
    ("重大度", Column::Severity),
    ("note", Column::Note),
    ("notes", Column::Note),
    ("comment", Column::Note),
    ("comments", Column::Note),
    ("remarks", Column::Note),
    ("scope", Column::Note),
    ("bemerkung", Column::Note),
    ("bemerkungen", Column::Note),
    ("hinweis", Column::Note),
    ("remarque", Column::Note),
    ("remarques", Column::Note),
    ("nota", Column::Note),
    ("notas", Column::Note),
    ("observaciones", Column::Note),
    ("observações", Column::Note),
    ("备注", Column::Note),
    ("说明", Column::Note),
    ("備考", Column::Note),
    ("environment", Column::Note),
    ("window", Column::Lasts),
    ("time window", Column::Lasts),
    ("evaluation window", Column::Lasts),
];

/// Headings that name a limit without saying of which kind: the section does.
pub(super) const LIMITS: [&str; 12] = [
    "threshold",
    "limit",
    "schwelle",
    "grenzwert",
    "seuil",
    "umbral",
    "limite",
    "阈值",
    "閾值",
    "閾値",
    "criteria",
    "criterion",
];

/// What a column under `heading` holds.
pub(super) fn column(heading: &str) -> Column {
    let heading = heading.to_lowercase();
    if let Some((_, column)) = BESIDE.iter().find(|(whole, _)| *whole == heading.trim()) {
        return *column;
    }
    let words: Vec<&str> = heading.split(|c: char| !c.is_alphanumeric()).collect();
    // Short Latin words are whole words, so that "red" is not in "required".
    let is = |said: &str, word: &str| said == word || said.strip_suffix('s') == Some(word);
    let has = |word: &str| {
        let short = word.is_ascii() && word.len() <= 5;
        if short { words.iter().any(|said| is(said, word)) } else { heading.contains(word) }
    };
    if let Some((_, column)) = HEADINGS.iter().find(|(word, _)| has(word)) {
        return *column;
    }
    if LIMITS.iter().any(|word| heading.contains(word)) { Column::Limit } else { Column::Other }
}
