// What readers of rules are told: one rule with all there is to it, packs, exceptions.

import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { RulePack } from '../../../../src-shared/contract/rule-packs.ts';
import type { RuleException, RuleFull } from '../../../../src-shared/contract/rules.ts';
import { instant } from '../../../base/instants.ts';
import type { RuleSource } from '../../../engine/rules/compile.ts';
import { declaredParameters, examineText } from '../../../engine/rules/examine.ts';
import type { RuleInfo } from '../../../engine/rules/rule-set.ts';
import type { ReadTx } from '../../store/store.ts';
import { type CatalogRule, silences } from './catalog.ts';
import { getRule } from './change.ts';
import { hasEnded } from './exceptions.ts';
import { type ExceptionRow, findExceptions } from './exceptions-table.ts';
import { builtInPack, findPacks, ownPack, type PackRow } from './packs-table.ts';
import type { RulesParts } from './rules-parts.ts';
import { findVersions } from './rules-table.ts';

const versionsShown = 50;

export function showRule(parts: RulesParts, tx: ReadTx, id: string, now: number): RuleFull {
  const { catalog, settings, running } = parts;
  const rule = getRule({ tx, catalog }, id);
  const text = catalog.texts(tx, [rule]).get(id);
  if (text === undefined) throw new Error(`the text of rule ${id} is gone`);
  const source = sourceOf(rule, text);
  const view = running.look(tx, rule);
  // Of a rule that doesn't run, or not yet as it is now, its text tells.
  const examined =
    view === undefined
      ? examineText(source, running.neighboursOf(tx, source), settings, {
          silences,
          mapping: parts.findMapping(tx).mapping,
        })
      : undefined;
  const error = examined?.problems.find(({ kind }) => kind === 'error');
  const refused = view?.refused ?? (rule.state === 'off' ? undefined : error?.message);
  const detectors = view?.detectors ?? examined?.detectors ?? [];
  return {
    id,
    pack: rule.pack,
    path: rule.path,
    title: detectors[0]?.title ?? rule.outline?.detectors[0]?.title ?? rule.path,
    editable: rule.pack === ownPack,
    state: rule.state === 'switched_off' || refused === undefined ? rule.state : 'refused',
    reason: rule.choice.switchedOff ?? refused ?? null,
    own_severity: detectors[0]?.ownLevel ?? rule.outline?.detectors[0]?.severity ?? null,
    severity_override: rule.choice.severity,
    parameters: declaredParameters(source, settings),
    suppression: rule.choice.suppression,
    source: text,
    number: rule.number,
    revision: rule.choice.revision,
    notes: [
      ...(view?.notes ?? examined?.problems.filter(({ kind }) => kind === 'note').map(({ message }) => message) ?? []),
    ],
    detectors: detectors.map(wireDetector),
    versions: findVersions(tx, id, versionsShown).map(({ number, digest, at, actor, note }) => ({
      number,
      sha256: digest,
      at: instant(at),
      by: actor,
      note,
    })),
    exceptions: findExceptions(tx)
      .filter((one) => one.rule === null || one.rule === id)
      .map((row) => wireException(row, now)),
    simulated: running.simulated(tx, id),
  };
}

export function sourceOf(rule: CatalogRule, text: string): RuleSource {
  const { parameters, severity } = rule.choice;
  return {
    name: rule.name,
    text,
    ...(parameters === null ? {} : { parameters }),
    ...(severity === null ? {} : { level: severity }),
  };
}

function wireDetector(info: RuleInfo): RuleFull['detectors'][number] {
  return {
    id: info.id,
    title: info.title,
    description: info.description,
    severity: info.level,
    version: info.version,
    techniques: [...info.techniques],
    false_positives: [...info.falsePositives],
    references: [...info.references],
    runbook: [...info.runbook],
    cases: info.cases.length,
  };
}

export function wireException(row: ExceptionRow, now: number): RuleException {
  return {
    id: row.id,
    rule: row.rule,
    conditions: row.conditions.map(({ field, value }) => ({ field, value })),
    reason: row.reason,
    owner: row.owner,
    created_at: instant(row.createdAt),
    expires_at: row.expiresAt === null ? null : instant(row.expiresAt),
    expired: hasEnded(row, now),
    hits: row.hits,
    alerts: row.alerts,
    last_hit_at: row.lastHitAt === null ? null : instant(row.lastHitAt),
  };
}

export function listPacks({ running }: RulesParts, tx: ReadTx): RulePack[] {
  const counts = running.countByPack(tx);
  return findPacks(tx).map((row) => wirePack(row, counts.get(row.id)));
}

export function wirePack(row: PackRow, count: { rules: number; refused: number } | undefined): RulePack {
  return {
    id: row.id,
    name: row.name,
    kind: row.id === builtInPack ? 'built_in' : row.id === ownPack ? 'own' : 'imported',
    version: row.version,
    state: row.state,
    rules: count?.rules ?? 0,
    refused: count?.refused ?? 0,
    sha256: row.digest,
    signer: row.signer,
    signature: row.signature,
    imported_at: row.importedAt === null ? null : instant(row.importedAt),
    imported_by: row.importedBy,
  };
}

export function getPack(tx: ReadTx, id: string): PackRow {
  const row = findPacks(tx).find((one) => one.id === id);
  if (row === undefined) throw new ProblemError('rules/pack-not-found', `there is no rule pack ${id}`);
  return row;
}
