//! Which words decide, and which only look as if they did.

use super::*;

fn about(text: &str, topic: Topic) -> bool {
    Topics::of(text).has(topic)
}

/// Lines in seven languages and what they are about.
const SAID: [(Topic, &[&str]); 7] = [
    (Topic::Claim, &["Ergebnis", "Résultat", "Resultados de las pruebas", "Estado", "结果汇总", "完了"]),
    (
        Topic::Trigger,
        &[
            "### Triggers for Rollback",
            "**IMMEDIATELY ROLL BACK IF:**",
            "Rollback-Kriterien",
            "Critères de retour arrière",
            "Criterios de reversión",
            "Condições para rollback",
            "3. 回滚条件",
            "■ 切り戻し基準",
            "Rückrollkriterien",
            "Kriterien für einen Rückfall",
            "Déclencheurs du retour arrière",
            "立即回滚的情况",
            "ロールバックのトリガー",
        ],
    ),
    (
        Topic::SignOff,
        &[
            "10. Sign-Off ✅",
            "Required Approvals",
            "Freigaben",
            "Approbations",
            "Aprobaciones",
            "Aprovações",
            "上线审批",
            "承認",
            "Visas",
            "Autorizações",
            "批准",
            "署名",
        ],
    ),
    (
        Topic::Criterion,
        &[
            "Success Criteria (Core)",
            "Abnahmekriterien",
            "Critères d’acceptation",
            "Criterios de exito",
            "Critérios de aceite",
            "验收标准",
            "受け入れ基準",
        ],
    ),
    (
        Topic::Later,
        &[
            "POST-MIGRATION CLEANUP",
            "Nach dem Deployment",
            "Après le déploiement",
            "Después del despliegue",
            "Após o deploy",
            "部署后验证",
            "リリース後の確認",
            "Depois do deploy",
            "事後作業",
        ],
    ),
    (
        Topic::Rollback,
        &[
            "Rollback",
            "4. Rollback",
            "Rollback Procedure",
            "Rollback-Schritte",
            "Étapes de rollback",
            "Pasos de reversión",
            "Passos de rollback",
            "回滚步骤",
            "切り戻し手順",
        ],
    ),
    (
        Topic::Checklist,
        &[
            "Go-Live Checklist",
            "Prüfliste",
            "Liste de contrôle",
            "Lista de verificación",
            "检查清单",
            "確認項目",
        ],
    ),
];

#[test]
fn a_topic_is_told_in_seven_languages() {
    for (topic, texts) in SAID {
        for text in texts {
            assert!(about(text, topic), "{text}: {topic:?}");
        }
    }
}

#[test]
fn words_that_only_look_alike_are_not_taken() {
    let not: [(Topic, &[&str]); 6] = [
        (
            Topic::Trigger,
            &["Error scenarios", "Rollback tests", "Database triggers", "Rollback plan", "事件"],
        ),
        (Topic::SignOff, &["Approval workflow", "Sign in", "Assigned offers", "Auto-approval service"]),
        (Topic::Criterion, &["Acceptance tests", "Success story", "Criteria for hiring"]),
        (Topic::Later, &["Pre-deployment", "Poster", "Postgres deployment", "Post office"]),
        (Topic::Claim, &["Status page", "Resultset paging"]),
        (Topic::Rollback, &["Rollback tests", "Verify rollback"]),
    ];
    for (topic, texts) in not {
        for text in texts {
            assert!(!about(text, topic), "{text}: {topic:?}");
        }
    }
    assert!(about("Test results", Topic::Claim) && about("System status", Topic::Claim));
    assert!(about("Rollback tests", Topic::Plain) && about("Error Scenarios ✅", Topic::Plain));
}

#[test]
fn what_is_required_and_what_is_not() {
    for text in ["Required Tests", "MANDATORY", "Pflicht", "Obligatoire", "必须", "必須項目"] {
        assert!(about(text, Topic::Required), "{text}");
    }
    for text in
        ["Remaining Work (Non-Blocking)", "Optional", "CI (pending)", "Pen test (if applicable)", "可选"]
    {
        assert!(about(text, Topic::Optional), "{text}");
    }
}

#[test]
fn words_are_normal_in_every_script_and_with_accents_of_their_own() {
    for (text, expected) in [
        ("Roll-back: GEPRÜFT?", "rollback gepruft"),
        ("Vérifié — oui", "verifie oui"),
        // The same, as a Mac's editor may store it: letters and accents apart.
        ("Ve\u{301}rifie\u{301} — u\u{308}ber", "verifie uber"),
        ("İptal", "iptal"),
        ("部署前 检查（完成）", "部署前 检查 完成"),
        ("ロールバック・カナリー", "ロールバック カナリー"),
        ("１％ ｍｓ", "１ ｍｓ"),
        ("", ""),
    ] {
        assert_eq!(normal(text), expected, "{text}");
    }
}
