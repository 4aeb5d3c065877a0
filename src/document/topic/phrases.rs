//! The phrases: whole words, separated by commas. `=` before one: it must be the whole line, apart from a number; `^`: it must
//! begin the line; `$`: it must end it. Accents and hyphens do not matter.

use super::Topic;

/// What asks for a rollback, in whatever language; and what stands between that and the word itself.
pub(super) const TRIGGERS: [&str; 20] = [
    "trigger",
    "triggers",
    "criteria",
    "criterion",
    "conditions",
    "thresholds",
    "auslöser",
    "kriterien",
    "bedingungen",
    "critères",
    "déclencheurs",
    "seuils",
    "criterios",
    "condiciones",
    "disparadores",
    "umbrales",
    "critérios",
    "condições",
    "gatilhos",
    "limiares",
];
pub(super) const LEADS: [&str; 18] = [
    "de",
    "du",
    "del",
    "do",
    "para",
    "para el",
    "para o",
    "pour",
    "pour le",
    "pour un",
    "für",
    "für den",
    "für einen",
    "zum",
    "of",
    "for",
    "for a",
    "for the",
];

/// Each topic with its phrases: English, German, French, Spanish, Portuguese, Chinese, Japanese.
pub(super) const ALL: &[(Topic, &str)] = &[
    (
        Topic::Plain,
        "error scenarios, failure scenarios, rollback tests, rollback test, rollback testing, rollback readiness, \
         rollback verification, rollback validation, rollback preparation, approval tests, approval workflow, \
         acceptance tests, acceptance testing, acceptance test, final checks, fehlerszenarien, rollback tests, \
         scénarios d'erreur, tests de rollback, escenarios de error, pruebas de rollback, cenários de erro, \
         testes de rollback, 错误场景, 回滚测试, 回滚验证, エラーシナリオ, ロールバックテスト",
    ),
    (
        Topic::Expected,
        "expected output, expected result, expected results, expected response, expected timeline, expected duration, expected time, expected behavior, expected behaviour, =expected, =output, \
         erwartete ausgabe, erwartetes ergebnis, résultat attendu, résultats attendus, sortie attendue, \
         salida esperada, resultado esperado, resultados esperados, saída esperada, 预期结果, 预期输出, 期望输出, \
         期待結果, 期待される出力, 期待される結果",
    ),
    (
        Topic::Trigger,
        "no go triggers, no go trigger, no go conditions, abort triggers, abort trigger, stop conditions, stop triggers, stop rules, =stop if, =halt if, \
         halt conditions, halt triggers, halt rules, triggers rollbacks when, triggers rollback when, triggers a rollback when, rollback is triggered when, \
         rollback is triggered if, unmet success criteria, unmet criteria, unmet acceptance criteria, success criteria not met, unerfüllte erfolgskriterien, nicht erfüllte erfolgskriterien, \
         critères de succès non atteints, criterios de éxito no cumplidos, critérios de sucesso não atendidos, 未达成功标准, 成功基準未達, failure criteria, failure criterion, fail criteria, failure conditions, criteria for failure, rejection criteria, fehlerkriterien, \
         critères d'échec, criterios de fallo, critérios de falha, 失败标准, 失败条件, 失敗条件, 失敗基準, when to back out, no go if, no go when, no go wenn, no go bei, no go si, no go se, no go kriterien, =no go, do not proceed if, do not proceed when, don't proceed if, \
         =red flags, kill switch criteria, kill switch conditions, conditions d'arrêt, condiciones de aborto, critérios de parada, rückrollkriterien, kriterien für einen rückfall, kriterien für den rückfall, déclencheurs du retour arrière, \
         déclencheurs de retour arrière, critères du retour arrière, conditions du retour arrière, 回滚的情况, 回退的情况, \
         ロールバックのトリガー, 切り戻しのトリガー, \
         rollback falls, zurückrollen falls, abbruch falls, abbrechen falls, rückbau falls, zurück falls, rollback si, retour arrière si, annuler si, \
         abandonner si, abortar si, cancelar si, rollback se, voltar se, abortar se, cancelar se, 以下情况回滚, 出现以下情况, 回滚情况, \
         ロールバックする場合, 切り戻す場合, 以下の場合はロールバック, 以下の場合は切り戻し, rückbaukriterien, rückbau kriterien, rückbau wenn, rückbau bei, wann brechen wir ab, wann abbrechen, wann wird abgebrochen, \
         wann rollen wir zurück, wann wird zurückgerollt, abbruch wenn, abbruch bei, abbrechen wenn, quand abandonner, quand annuler, \
         quand arrêter, cuándo abortar, cuándo cancelar, cuándo dar marcha atrás, quando abortar, quando cancelar, quando voltar atrás, \
         =立即回滚, =强制回滚, =评估后回滚, =建议回滚, 何时回滚, 何时回退, 何时中止, 中止条件, 切り戻しの条件, 切り戻しの基準, 撤退基準, 撤退条件, \
         rollback criteria, rollback criterion, criteria for rollback, rollback triggers, rollback trigger, \
         triggers for rollback, rollback conditions, rollback condition, conditions for rollback, rollback if, \
         rollback when, when to rollback, rollback thresholds, rollback threshold, rollback decision, \
         rollback immediately if, rollback decision criteria, abort criteria, abort conditions, abort condition, abort criterion, rollback criterion, abort if, \
         kill criteria, pull the cord if, pull the plug if, back out if, bail out if, undo if, undo when, go back if, go back when, flip back if, switch back if, \
         switch back when, turn back if, turn back when, back out when, bail out when, revert when, abort when, \
         back out criteria, back out triggers, back out trigger, back out conditions, back out thresholds, criteria for back out, backout criteria, \
         backout triggers, backout conditions, backout if, backout when, revert criteria, revert triggers, revert conditions, reversal criteria, \
         fallback criteria, fall back if, fall back when, abandon if, abandon criteria, \
         stop criteria, halt criteria, no go criteria, revert if, when to revert, when to abort, \
         rollback kriterien, rollback auslöser, rollback bedingungen, rollback wenn, abbruchkriterien, \
         abbruchbedingungen, rückfallkriterien, kriterien für rollback, kriterien für den rollback, \
         kriterien für einen rollback, wann zurückrollen, zurückrollen wenn, auslöser für den rollback, \
         auslöser für rollback, critères de rollback, critères de retour arrière, critères d'abandon, \
         critères d'arrêt, conditions de rollback, conditions de retour arrière, déclencheurs de rollback, \
         déclencheurs du rollback, quand revenir en arrière, quand faire un rollback, criterios de rollback, \
         criterios para rollback, criterios de reversión, criterios para revertir, criterios de aborto, \
         condiciones de rollback, condiciones de reversión, condiciones para revertir, disparadores de rollback, \
         cuándo revertir, cuándo hacer rollback, cuándo volver atrás, cuándo se vuelve atrás, volver atrás si, vuelta atrás si, \
         dar marcha atrás si, revertir si, reverter se, reverter caso, revenir en arrière si, critérios de rollback, critérios para rollback, \
         critérios de reversão, condições de rollback, condições para rollback, condições de reversão, \
         gatilhos de rollback, gatilhos para rollback, quando reverter, quando fazer rollback, 回滚条件, 回滚标准, \
         回滚触发, 回滚判断, 回退条件, 回退标准, 中止条件, 终止条件, 回滾條件, 回滾標準, 回滾觸發, 回退條件, \
         ロールバック条件, ロールバック基準, ロールバックの条件, ロールバックの基準, ロールバック判断, \
         ロールバックトリガー, 切り戻し条件, 切り戻し基準, 切り戻し判断, 切戻し条件, 切戻し基準, 切戻条件, 切戻基準, \
         中止基準",
    ),
    (
        Topic::Failing,
        "hold if, hold when, pause if, pause when, block if, blocked if, blocked when, block conditions, stop when, delay if, postpone if, \
         wait if, fail if, fails if, fail when, fails when, failed if, failure if, failing if, not ok if, reject if, rejected if, not acceptable, \
         unacceptable, nicht bestanden, nicht akzeptabel, inakzeptabel, durchgefallen wenn, échec si, échoue si, non acceptable, \
         inacceptable, falla si, fallo si, no aceptable, no es aceptable, inaceptable, falha se, não aceitável, inaceitável, \
         失败如果, 不可接受, 不合格, 许容できない, 許容できない, 失敗とみなす",
    ),
    (
        Topic::Bare,
        "=triggers, =trigger, =criteria, =conditions, =trigger conditions, =kriterien, =auslöser, =bedingungen, \
         =critères, =déclencheurs, =criterios, =condiciones, =disparadores, =critérios, =condições, =gatilhos, =条件, \
         =触发条件, =基準, =トリガー, =when, =decision criteria, =decision points, =decision, =thresholds, =signals, =indicators, =wann, =entscheidung, \
         =entscheidungskriterien, =quand, =critères de décision, =cuándo, =criterios de activación, =quando, =判断标准, =判断基準, \
         =什么情况下回滚, =発動条件, =実施基準",
    ),
    (
        Topic::Rollback,
        "=rückbau, rückbauschritte, rückbau schritte, rückbau ablauf, =zurückrollen, =retour arrière, =retour en arrière, =marcha atrás, \
         pasos de marcha atrás, =reversión, =reversão, passos de reversão, passos da reversão, =回滚, =回退, =ロールバック, =切り戻し, \
         rollback runbook, rollback playbook, rollback guide, rollback steps, rollback procedure, rollback procedures, rollback process, rollback instructions, \
         rollback execution, rollback checklist, how to rollback, emergency rollback, =rollback, =rollbacks, \
         backout steps, back out steps, =backout, =back out, $back out, =backing out, =fallback, back out procedure, backout procedure, rollback schritte, rollback verfahren, \
         rollback ablauf, rollback durchführen, étapes de rollback, procédure de rollback, étapes du rollback, \
         procédure de retour arrière, étapes de retour arrière, pasos de rollback, pasos de reversión, \
         procedimiento de rollback, procedimiento de reversión, passos de rollback, procedimento de rollback, \
         passos para rollback, procedimento de reversão, 回滚步骤, 回滚流程, 回滚操作, 回退步骤, 回退流程, 回滾步驟, \
         回滾流程, ロールバック手順, 切り戻し手順, 切戻し手順, 切戻手順, how to pull the cord, how to pull the plug, how to back out, how to go back, how to turn back, \
         turn back like this, roll back like this, go back like this, comment revenir, \
         cómo volver atrás, cómo se vuelve atrás, cómo revertir, =vuelta atrás, pasos de vuelta atrás, comment revenir en arrière, \
         wie zurückrollen, como reverter",
    ),
    (
        Topic::RollbackPlan,
        "=rückfall, =rückfallebene, =rücknahme, =abbruch, notfallplan, =abort, fallback plan, revert plan, =contingency, =repli, plan de repli, \
         plan de marcha atrás, plan de contingencia, plano de contingência, 应急预案, =切戻し, rollback plan, rollback strategy, backout plan, back out plan, contingency plan, rückfallplan, \
         rollback strategie, plan de rollback, plan de retour arrière, plan de reversión, plano de rollback, \
         plano de reversão, 回滚方案, 回滚计划, 回退方案, 回退计划, 回滾計畫, 回滾方案, ロールバック計画, 切り戻し計画, \
         ロールバックプラン, 回滚预案, 回退预案",
    ),
    (
        Topic::SignOff,
        "approval matrix, go live approval, cab approval, =validation métier, =会签, =审核, =決裁, =visas, =visa, =accords, validations requises, validations finales, validations métier, =autorizações, =autorização, =批准, \
         =署名, =署名欄, \
         who approves, who signs off, who signs, wer gibt frei, wer genehmigt, wer unterschreibt, qui approuve, qui valide, \
         quién aprueba, quién firma, quem aprova, quem assina, 谁批准, sign off, sign offs, signoff, signoffs, approvals, =approval, final approval, required approval, \
         approvers, approved by, deployment approval, release approval, approval signatures, =authorization, =authorisation, \
         deployment authorization, release authorization, authorization to, authorized by, approved and signed, \
         go no go decision, go no go call, go no go meeting, go no go poll, go no go vote, =visto bueno, visto bueno de, vistos buenos, =freigabe, =freigaben, freigaben, freigabe durch, genehmigung, genehmigungen, \
         unterschriften, =abnahme, genehmigt durch, freigegeben durch, approbations, =approbation, =signatures, =autorisations, \
         approuvé par, validé par, aprobaciones, =aprobación, =firmas, =autorizaciones, aprobación final, \
         aprobado por, autorizado por, aprovações, =aprovação, =assinaturas, aprovação final, aprovado por, 签字, 审批, 签核, 签署, 批准人, 審批, 簽核, 承認, サインオフ",
    ),
    (
        Topic::Criterion,
        "promote when, promote if, advance when, advance if, proceed when, continue when, continue if, move on when, move on if, \
         ^go if, ^go when, ^go only if, ^go wenn, ^go nur wenn, ^go si, ^go se, =guardrails, =guard rails, =go, go kriterien, proceed only if, =proceed if, go no go checklist, done when, finished when, complete when, successful if, successful when, success if, success when, healthy when, =good when, \
         success criteria, success criterion, acceptance criteria, exit criteria, completion criteria, \
         promotion criteria, go criteria, pass criteria, success metrics, success conditions, success indicators, \
         definition of done, what good looks like, what success looks like, how we know it worked, =acceptance, success factors, kpis, erfolgskriterien, abnahmekriterien, \
         akzeptanzkriterien, erfolgsmetriken, critères de succès, critères de réussite, critères d'acceptation, \
         indicateurs de succès, criterios de éxito, criterios de aceptación, métricas de éxito, \
         indicadores de éxito, critérios de sucesso, critérios de aceitação, critérios de aceite, \
         métricas de sucesso, 成功标准, 验收标准, 成功指标, 验收条件, 通过标准, 成功標準, 驗收標準, 成功基準, 成功条件, \
         判定基準, 受け入れ基準, 受入基準, 受け入れ条件, 完了条件, 完了基準, 合格基準, 成功指標",
    ),
    (
        Topic::Outcome,
        "successful if, successful when, success if, success when, healthy when, success criteria, success criterion, \
         success metrics, success conditions, success indicators, success factors, what good looks like, \
         what success looks like, how we know it worked, kpis, erfolgskriterien, erfolgsmetriken, critères de succès, \
         critères de réussite, indicateurs de succès, criterios de éxito, métricas de éxito, indicadores de éxito, \
         critérios de sucesso, métricas de sucesso, 成功标准, 成功指标, 成功標準, 成功基準, 成功条件, 成功指標",
    ),
    (
        Topic::Before,
        "=vorbedingungen, vor der einspielung, vor dem einspielen, vor der inbetriebnahme, vor der produktivsetzung, vor der umstellung, vor der umschaltung, \
         vor der migration, avant la bascule, avant la migration, avant la mise en service, antes de la puesta en producción, \
         antes de la migración, antes del lanzamiento, antes da migração, antes do lançamento, antes da entrada em produção, \
         迁移前, 切换前, 升级前, 導入前, 切り替え前, \
         pre implementation, before implementation, pre change, before the change, pre deployment, predeployment, pre deploy, pre release, pre launch, pre flight, preflight, pre migration, \
         pre rollout, before deployment, before deploying, before the deployment, before release, before you deploy, \
         prerequisites, pre requisites, preparation, prior to, vor dem deployment, vor der bereitstellung, \
         vor dem release, vor dem rollout, vorbereitung, voraussetzungen, avant le déploiement, avant déploiement, \
         pré déploiement, avant la mise en production, prérequis, préparation, antes del despliegue, \
         pre despliegue, predespliegue, antes de desplegar, requisitos previos, prerrequisitos, preparación, \
         antes do deploy, pré deploy, pré implantação, antes da implantação, pré requisitos, preparação, 部署前, \
         上线前, 发布前, 准备工作, 前置条件, 部署準備, 上線前, デプロイ前, リリース前, 事前準備, 事前確認, 前提条件, 移行前",
    ),
    (
        Topic::Later,
        "=after, =nachher, tareas posteriores, tarefas posteriores, =aftercare, =once live, =postdeploy, after deploy, post mise en production, depois do deploy, depois da implantação, depois da publicação, depois da migração, 事後作業, 事後対応, \
         nach der einspielung, nach dem einspielen, nach der inbetriebnahme, nach der produktivsetzung, nach der umschaltung, nach der auslieferung, \
         nach dem ausrollen, nach der einführung, nach der migration, après la mise en service, après la migration, après la livraison, \
         après le basculement, después de la puesta en producción, tras la puesta en producción, después de la migración, tras la migración, \
         después del lanzamiento, tras el lanzamiento, após a migração, após o lançamento, após a entrada em produção, após a publicação, \
         após a virada, 迁移后, 升级后, 導入後, 稼働後, 本番反映後, \
         post implementation, after implementation, post change, after the change, post deployment, postdeployment, post deploy, post release, post launch, post migration, post rollout, \
         post go live, after deployment, after the deployment, after deploying, after release, after the release, \
         =afterwards, after launch, after the launch, after the rollout, after the migration, after going live, after go live, after rollout, after migration, after the cutover, after cutover, post cutover, nach der umstellung, après la bascule, 切换后, 切り替え後, 切替後, 切換後, morning after, next morning, =next day, day after, $翌日以降, $翌営業日, 翌日確認, =después, el día después, al día siguiente, =danach, am nächsten tag, \
         le lendemain, no dia seguinte, cleanup, clean up, follow up, follow ups, \
         followup, hypercare, nach dem deployment, nach der bereitstellung, nach dem release, nach dem rollout, \
         nach der veröffentlichung, nach dem go live, nachbereitung, nacharbeiten, aufräumen, aufräumarbeiten, \
         après le déploiement, après déploiement, post déploiement, après la mise en production, \
         après mise en production, nettoyage, suivi, después del despliegue, tras el despliegue, post despliegue, \
         posdespliegue, postdespliegue, después de desplegar, posterior al despliegue, limpieza, seguimiento, \
         após o deploy, após deploy, pós deploy, pós implantação, após a implantação, após implantação, pós release, \
         limpeza, acompanhamento, 部署后, 上线后, 发布后, 清理, 部署後, 上線後, 發布後, デプロイ後, リリース後, \
         クリーンアップ, 後片付け, 移行後, 公開後",
    ),
    (
        Topic::Aftermath,
        "after the incident, after an incident, post incident, after the outage, nach dem vorfall, nach der störung, \
         après l'incident, después del incidente, tras el incidente, após o incidente, 事后, 故障后, 障害後, 復旧後",
    ),
    (
        Topic::Claim,
        "=ergebnis, =résultat, =estado, resultados de las pruebas, =结果汇总, =完了, \
         $results, $done, results summary, test results, validation results, deployment results, $status, completed, \
         achievements, =done, =complete, $complete, $completed, $implemented, actions taken, improvements made, already done, done already, executive summary, testergebnisse, ergebnisse, erledigt, \
         abgeschlossen, $implementiert, $umgesetzt, $behoben, ergriffene maßnahmen, =résultats, résultats des tests, terminé, terminés, =resultados, resultados de pruebas, \
         completado, completados, completadas, resultados dos testes, concluído, concluídos, 测试结果, 执行结果, 已完成, \
         =结果, 結果, 完了済み, 実施済み",
    ),
    (
        Topic::Checklist,
        "checklist, checklists, check list, =checks, health checks, sanity checks, verification, verifications, \
         verify, validation, validate, confirm, todo, to do, tasks, readiness, smoke tests, smoke test, \
         =requirements, things to check, before you begin, go live, monitor these, checkliste, prüfliste, \
         prüfungen, prüfen, überprüfung, aufgaben, liste de contrôle, liste de vérification, vérifications, \
         vérification, vérifier, tâches, lista de verificación, lista de comprobación, lista de control, \
         verificaciones, verificación, verificar, comprobaciones, tareas, lista de verificação, verificações, \
         verificação, tarefas, checagens, 检查清单, 检查项, 清单, 检查列表, 验证, 任务, 檢查清單, 檢查項目, \
         チェックリスト, 確認事項, 確認項目, チェック項目, 動作確認, 検証, 作業項目",
    ),
    (
        Topic::Steps,
        "steps, implementation plan, =process, procedure, procedures, deployment process, release process, deployment steps, $runbook, $playbook, \
         instructions, how to, schritte, ablauf, vorgehen, =prozess, =processus, =proceso, =processo, durchführung, anleitung, étapes, procédure, déroulement, \
         pasos, procedimiento, instrucciones, passos, etapas, procedimento, instruções, 步骤, 流程, 操作, 步驟, 手順, \
         作業手順, 流れ",
    ),
    (
        Topic::Open,
        "next steps, next step, action items, open items, open points, open tasks, open actions, remaining work, \
         remaining tasks, outstanding items, outstanding work, still to do, still open, nächste schritte, \
         offene punkte, offene aufgaben, noch zu tun, prochaines étapes, points ouverts, actions à mener, reste à faire, \
         próximos pasos, puntos abiertos, acciones pendientes, próximos passos, próximas etapas, pontos em aberto, \
         ações pendentes, 下一步, 后续工作, 待办事项, 遗留问题, 次のステップ, 今後の対応, 残作業, 残課題",
    ),
    (
        Topic::Events,
        "event, events, ereignisse, ereignis, événements, événement, eventos, evento, 事件, イベント",
    ),
    (
        Topic::Phases,
        "startup phases, startup phase, startup sequence, startup order, start up phases, start up sequence, \
         boot phases, boot sequence, boot order, initialization phases, initialization sequence, \
         initialisation phases, startphasen, startreihenfolge, phases de démarrage, séquence de démarrage, \
         fases de arranque, fases de inicio, secuencia de arranque, fases de inicialização, \
         sequência de inicialização, 启动阶段, 启动顺序, 啟動階段, 起動フェーズ, 起動シーケンス, 起動順序",
    ),
    (
        Topic::Contacts,
        "contacts, =contact, emergency contact, contact information, contact info, phone numbers, phone list, call list, who to call, telefonnummern, telefonliste, teléfonos, telefones, numéros utiles, kontakte, kontakt, \
         ansprechpartner, notfallkontakte, contactos, contactos de emergencia, contatos, 联系人, 紧急联系, 联系方式, \
         聯絡人, 連絡先",
    ),
    (
        Topic::Roles,
        "war room roles, incident roles, incident response roles, response roles, roles and responsibilities, \
         =roles, who is who, who does what, quién es quién, quién hace qué, wer ist wer, wer macht was, qui fait quoi, quem é quem, team roles, key roles, rollen und verantwortlichkeiten, =rollen, rôles et responsabilités, =rôles, \
         roles y responsabilidades, papéis e responsabilidades, =papéis, 角色分工, 角色与职责, =角色, 役割分担, =役割",
    ),
    (
        Topic::Activation,
        "activation triggers, activation criteria, war room activation, when to activate, when to open the war room, escalation triggers, \
         escalation criteria, when to escalate, eskalationskriterien, critères d'escalade, \
         criterios de escalamiento, criterios de escalación, critérios de escalonamento, 升级条件, エスカレーション基準",
    ),
    (
        Topic::Procedure,
        "war room procedures, war room procedure, incident procedure, incident response steps, \
         incident response procedure, war room steps, war room ablauf",
    ),
    (
        Topic::Inert,
        "version history, revision history, decisions taken, decisions made, decisions that were taken, =decisions, change log, changelog, =history, references, reference, \
         related documentation, related documents, related docs, documentation, =related, =links, resources, \
         =overview, =introduction, background, table of contents, =contents, glossary, appendix, =purpose, =scope, \
         files modified, modified files, files changed, changed files, see also, further reading, index, quick index, quick links, índice rápido, recursos, ressources, recursos adicionales, known issues, \
         architecture, tech stack, =features, best practices, faq, perguntas frequentes, preguntas frecuentes, foire aux questions, questions fréquentes, häufige fragen, troubleshooting, =about, about this, =note, =notes, $notes, \
         =metadata, document information, =document info, root cause, root causes, root cause analysis, lessons learned, \
         what went well, what went wrong, what happened, why it happened, contributing factors, issues identified, \
         acknowledgments, acknowledgements, how to use this, =how to use, =usage, $使い方, チェック方法, 使用方法, 使用说明, verwendung dieser, mode d'emploi, cómo usar esta, como usar esta, what this does, how it works, how this works, =why, =symptoms, =benefits, \
         =limitations, =terminology, =when to use, ursachenanalyse, fehlerbehebung, =hinweis, =hinweise, =metadaten, \
         lessons learned, cause racine, dépannage, =remarques, leçons apprises, causa raíz, solución de problemas, \
         =notas, lecciones aprendidas, causa raiz, solução de problemas, lições aprendidas, 根本原因, 原因分析, 根因分析, \
         故障排查, 故障排除, 常见问题, 最佳实践, 经验教训, 注意事项, 相关文档, トラブルシューティング, よくある質問, \
         ベストプラクティス, メタデータ, 関連ドキュメント, 関連資料, 関連文書, $について, =注意, 教訓, änderungshistorie, \
         referenzen, dokumentation, =übersicht, =einleitung, inhaltsverzeichnis, références, historique, \
         =introduction, sommaire, table des matières, referencias, historial, =introducción, =índice, referências, \
         histórico, =introdução, sumário, 参考, 版本历史, 变更记录, 目录, 概述, 背景, 参考資料, 変更履歴, 目次, 概要",
    ),
    (
        Topic::Report,
        "report, post mortem, postmortem, retrospective, release notes, incident summary, deployment summary, \
         migration summary, implementation summary, $summary, bericht, rapport, informe, relatório, 报告, \
         報告書, レポート, 報告",
    ),
    (
        Topic::Required,
        "required, mandatory, =blocking, $blocking, blocking checks, blocking items, blocking tests, must, have to be met, has to be met, need to be met, needs to be met, have to pass, has to pass, need to pass, needs to pass, has to hold, have to hold, \
         all met, all of the following are, all of the following hold, all of these are, following are true, must all, all required, non negotiable, non negotiables, muss, müssen, unabdingbar, unverzichtbar, verpflichtend, doit, doivent, impératif, \
         impératifs, impérative, impératives, impérativement, indispensable, indispensables, debe, deben, deberá, deberán, imprescindible, \
         imprescindibles, deve, devem, deverá, deverão, imprescindível, imprescindíveis, indispensável, indispensáveis, 全部满足, 均满足, 均需满足, \
         均须, 须全部, 强制, 全部滿足, 均需滿足, 強制, すべて満たす, 全て満たす, すべてを満たす, 全てを満たす, 満たすこと, なければならない, \
         なければなりません, 不可欠, obligatorisch, pflicht, erforderlich, zwingend, obligatoire, \
         obligatoires, requis, requise, requises, obligatorio, obligatorios, obligatoria, obligatorias, requerido, \
         requeridos, requerida, requeridas, obrigatório, obrigatórios, obrigatória, obrigatórias, 必须, 必需, 必填, \
         必須",
    ),
    (
        Topic::Drill,
        "$drill, $drills, drill scenarios, drill schedule, game day, game days, =rehearsal, =rehearsals, testing schedule, test schedule, \
         practice schedule, tabletop exercise, tabletop exercises, $exercise, $exercises, notfallübung, notfallübungen, \
         =übungen, =übung, exercice de rollback, exercices, simulacro, simulacros, simulado, simulados, 演练, 訓練, 演習",
    ),
    (
        Topic::Around,
        "^metrics to track, ^metrics to monitor, ^metrics to collect, ^metrics to record, ^metrics to watch, ^metrics to capture, \
         ^rollback metrics, ^key metrics, =metrics, =principles, ^key principles, ^guiding principles, ^rollback principles, =considerations, \
         ^rollback considerations, ^key considerations, ^important considerations, =reminders, ^key reminders, =prevention, \
         ^prevention measures, ^preventive measures, ^kennzahlen, =grundsätze, ^vorbeugung, ^métriques à suivre, ^indicateurs à suivre, \
         =principes, ^prévention, ^métricas a seguir, ^métricas a registrar, =principios, ^prevención, \
         ^métricas a acompanhar, =princípios, ^prevenção, 跟踪指标, 记录指标, 预防措施, 記録する指標, 追跡する指標, 再発防止",
    ),
    (
        Topic::Optional,
        "optional, optionally, non blocking, nonblocking, nice to have, if applicable, if needed, if necessary, \
         pending, not required, falls zutreffend, falls nötig, nicht blockierend, ausstehend, optionnel, \
         optionnelle, optionnels, facultatif, facultative, facultatifs, si applicable, si nécessaire, non bloquant, \
         en attente, opcional, opcionales, si aplica, si corresponde, no bloqueante, pendiente, opcionais, \
         se aplicável, não bloqueante, pendente, 可选, 选做, 如适用, 如有需要, 待定, 可選, 任意, オプション, 必要に応じて, \
         該当する場合, 保留",
    ),
];
