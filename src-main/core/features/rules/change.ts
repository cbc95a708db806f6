// Changes of single rules and of exceptions: take a transaction and values, leave versions, and say what the audit entry holds.
import type { Input } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { RuleSource } from '../../../engine/rules/compile.ts';
import { declaredParameters, examineText } from '../../../engine/rules/examine.ts';
import type { ParameterValue } from '../../../engine/rules/gatehouse-section.ts';
import type { LogSourceMapping } from '../../../engine/rules/log-source.ts';
import type { Call } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Randomness } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { type Catalog, type CatalogRule, ruleIdOf, silences, sourceName } from './catalog.ts';
import { compileConditions } from './exceptions.ts';
import {
  deleteException,
  type ExceptionRow,
  findExceptions,
  insertException,
  moveEnd,
  setOwner,
} from './exceptions-table.ts';
import { outlineOf } from './outline.ts';
import { ownPack } from './packs-table.ts';
import { deleteRule, findChoice, findRulesOf, keepText, keepVersion, saveChoice, saveRule } from './rules-table.ts';
import { checkSuppression } from './suppression.ts';

export type Change = {
  readonly tx: WriteTx;
  readonly call: Call;
  readonly catalog: Catalog;
  readonly settings: Readonly<Record<string, ParameterValue>>;
  readonly random: Randomness;
  readonly mapping: LogSourceMapping;
  /** What else is compiled with a text. */
  neighboursOf(source: RuleSource): RuleSource[];
};

const mostOwnRules = 2_000;
const mostExceptions = 1_000;
const usualExceptionMs = 30 * 86_400_000;
const longestExceptionMs = 366 * 86_400_000;

export function getRule({ tx, catalog }: { readonly tx: ReadTx; readonly catalog: Catalog }, id: string): CatalogRule {
  const rule = catalog.find(tx, id);
  if (rule === undefined) throw new ProblemError('rules/not-found', `there is no rule ${id} in this workspace`);
  return rule;
}

/** @returns the new rule's id. */
export function createRule(change: Change, input: Input<'rules.create'>): string {
  const { tx, call } = change;
  const own = findRulesOf(tx, ownPack, 0);
  if (own.length >= mostOwnRules)
    throw new ProblemError('rules/invalid', `there are ${mostOwnRules} rules already; import more of them as a pack`);
  const path = pathFor(input.source, new Set(own.map((rule) => rule.path)));
  const id = ruleIdOf(ownPack, path);
  writeText(change, { id, path, number: 1, source: input.source, note: input.note ?? null });
  if (input.state !== undefined) saveChoice(tx, id, { ...findChoice(tx, id), state: input.state, revision: 1 });
  call.entry.resource = { type: 'rule', id };
  call.entry.details = { path, sha256: sha256Hex(input.source), state: input.state ?? 'on' };
  return id;
}

/** A name for the file: from the title, for people. */
function pathFor(source: string, taken: ReadonlySet<string>): string {
  const title = /^title:[ \t]*['"]?([^\n]{1,120})/m.exec(source)?.[1] ?? 'rule';
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80);
  const base = slug === '' ? 'rule' : slug;
  let path = `${base}.yml`;
  for (let n = 2; taken.has(path); n++) path = `${base}-${n}.yml`;
  return path;
}

function writeText(
  { tx, call, settings, neighboursOf, mapping }: Change,
  rule: { id: string; path: string; number: number; source: string; note: string | null },
): void {
  const source: RuleSource = { name: sourceName(ownPack, rule.path), text: rule.source };
  const { problems } = examineText(source, neighboursOf(source), settings, { silences, mapping });
  const errors = problems.filter(({ kind }) => kind === 'error');
  if (errors.length > 0) {
    const said = errors.map(({ line, message }) => (line === null ? message : `line ${line}: ${message}`));
    throw new ProblemError('rules/invalid', said.join('; '));
  }
  const digest = sha256Hex(rule.source);
  keepText(tx, digest, rule.source);
  const { id, path, number, note } = rule;
  saveRule(tx, { pack: ownPack, generation: 0, id, path, digest, number, outline: outlineOf(source) });
  keepVersion(tx, id, { number, digest, at: call.now, actor: actorOf(call.principal).name, note });
}

export function updateRule(change: Change, input: Input<'rules.update'>): void {
  const { tx, call } = change;
  const rule = getRule(change, input.id);
  const { choice } = rule;
  if (input.revision !== undefined && input.revision !== choice.revision)
    throw new ProblemError('rules/changed', 'somebody changed this rule since it was read; look at it again');
  const details: Record<string, unknown> = { path: rule.path, pack: rule.pack };
  if (input.source !== undefined) {
    if (rule.pack !== ownPack)
      throw new ProblemError('rules/fixed', `this rule belongs to the pack ${rule.pack}; copy it to change its text`);
    const sha256 = sha256Hex(input.source);
    if (sha256 !== rule.digest) {
      const number = rule.number + 1;
      writeText(change, { ...rule, number, source: input.source, note: input.note ?? null });
      Object.assign(details, { version: number, sha256_before: rule.digest, sha256 });
    }
  }
  const next = {
    state: input.state === undefined ? choice.state : input.state,
    severity: input.severity === undefined ? choice.severity : input.severity,
    parameters: input.parameters === undefined ? choice.parameters : input.parameters,
    suppression: input.suppression === undefined ? choice.suppression : input.suppression,
    // Whoever says what state it shall have has seen why it was switched off; so has whoever wrote it anew.
    switchedOff: input.state === undefined && input.source === undefined ? choice.switchedOff : null,
    revision: choice.revision + 1,
  };
  saveChoice(tx, rule.id, next);
  for (const name of ['state', 'severity'] as const) {
    if (next[name] !== choice[name]) details[name] = { from: choice[name], to: next[name] };
  }
  for (const name of ['parameters', 'suppression'] as const) {
    if (JSON.stringify(next[name]) !== JSON.stringify(choice[name]))
      details[name] = { from: choice[name], to: next[name] };
  }
  if (input.note !== undefined) details.note = input.note;
  const setsChoices = input.parameters !== undefined || input.severity !== undefined || input.suppression !== undefined;
  if (setsChoices) checkRuns(change, rule.id);
  call.entry.resource = { type: 'rule', id: rule.id };
  call.entry.details = details;
  const stateOnly = input.source === undefined && !setsChoices;
  if (stateOnly && next.state !== choice.state)
    call.entry.type = next.state === 'off' || next.state === 'simulated' ? 'rule_disable' : 'rule_enable';
}

/** Values that the rule does not take are refused here, not found out when it is compiled. */
function checkRuns({ tx, catalog, settings, neighboursOf, mapping }: Change, id: string): void {
  const rule = catalog.find(tx, id);
  const text = rule === undefined ? undefined : catalog.texts(tx, [rule]).get(id);
  if (rule === undefined || text === undefined) return;
  const { parameters, severity, suppression } = rule.choice;
  const source: RuleSource = {
    name: rule.name,
    text,
    ...(parameters === null ? {} : { parameters }),
    ...(severity === null ? {} : { level: severity }),
  };
  const { problems, compiled, detectors } = examineText(source, neighboursOf(source), settings, { silences, mapping });
  const error = problems.find(({ kind }) => kind === 'error');
  if (error !== undefined) throw new ProblemError('rules/invalid', error.message);
  const known = new Set(declaredParameters(source, settings).map(({ name }) => name));
  const strange = Object.keys(parameters ?? {}).find((name) => !known.has(name));
  if (strange !== undefined)
    throw new ProblemError('rules/invalid', `parameters.${strange}: the rule has no parameter of that name`);
  if (suppression !== null) checkSuppression(suppression, compiled.ruleSet, new Set(detectors.map((one) => one.id)));
}

/** Of the console itself: until somebody chooses a state for it. */
export function switchOff(tx: WriteTx, id: string, reason: string): void {
  const choice = findChoice(tx, id);
  saveChoice(tx, id, { ...choice, switchedOff: reason, revision: choice.revision + 1 });
}

export function removeRule(change: Change, id: string): void {
  const { tx, call } = change;
  const rule = getRule(change, id);
  if (rule.pack !== ownPack)
    throw new ProblemError(
      'rules/fixed',
      `this rule belongs to the pack ${rule.pack}; switch it off, or delete the pack`,
    );
  deleteRule(tx, id);
  call.entry.resource = { type: 'rule', id };
  call.entry.details = { path: rule.path, sha256: rule.digest };
}

export function createException(change: Change, input: Input<'exceptions.create'>): ExceptionRow {
  const { tx, call, random } = change;
  if (input.rule !== null) getRule(change, input.rule);
  const expiresAt = input.expires_at === undefined ? call.now + usualExceptionMs : parseEnd(input.expires_at, call);
  if (findExceptions(tx).length >= mostExceptions)
    throw new ProblemError(
      'rules/exception',
      `there are ${mostExceptions} exceptions already; delete those that ended`,
    );
  try {
    compileConditions(input.conditions);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProblemError('rules/exception', `conditions: ${error.message}`, { cause: error });
  }
  const row = {
    id: uuidV7(call.now, random.bytes(10)),
    rule: input.rule,
    conditions: input.conditions,
    reason: input.reason,
    owner: actorOf(call.principal).name,
    createdAt: call.now,
    expiresAt,
  };
  insertException(tx, row);
  call.entry.resource = { type: 'rule_exception', id: row.id };
  call.entry.details = { rule: row.rule, conditions: row.conditions, reason: row.reason, expires_at: end(expiresAt) };
  return { ...row, hits: 0, alerts: 0, lastHitAt: null };
}

/** @returns null for never. */
function parseEnd(text: string | null, { principal, now }: Call): number | null {
  if (text === null) {
    if ('permissions' in principal && principal.permissions.has('exceptions.permanent')) return null;
    throw new ProblemError(
      'access/forbidden',
      'an exception that never ends needs the permission exceptions.permanent; give it an end within a year',
    );
  }
  const expiresAt = Date.parse(text);
  if (expiresAt <= now) throw new ProblemError('rules/exception', 'expires_at: lies in the past');
  if (expiresAt > now + longestExceptionMs)
    throw new ProblemError('rules/exception', 'expires_at: an exception ends within a year; extend it then');
  return expiresAt;
}

export function extendException({ tx, call }: Change, input: Input<'exceptions.extend'>): ExceptionRow {
  const row = getException(tx, input.id);
  const next = { ...row, expiresAt: parseEnd(input.expires_at, call), reason: input.reason ?? row.reason };
  moveEnd(tx, row.id, next.expiresAt, next.reason);
  call.entry.resource = { type: 'rule_exception', id: row.id };
  call.entry.details = {
    rule: row.rule,
    conditions: row.conditions,
    reason: next.reason,
    expires_at: { from: end(row.expiresAt), to: end(next.expiresAt) },
    hits: row.hits,
  };
  return next;
}

export function transferException({ tx, call }: Change, { id, owner }: Input<'exceptions.transfer'>): ExceptionRow {
  const row = getException(tx, id);
  setOwner(tx, id, owner);
  call.entry.resource = { type: 'rule_exception', id };
  call.entry.details = {
    rule: row.rule,
    conditions: row.conditions,
    reason: row.reason,
    owner: { from: row.owner, to: owner },
  };
  return { ...row, owner };
}

function getException(tx: ReadTx, id: string): ExceptionRow {
  const row = findExceptions(tx).find((one) => one.id === id);
  if (row === undefined) throw new ProblemError('rules/not-found', `there is no exception ${id} in this workspace`);
  return row;
}

function end(expiresAt: number | null): string {
  return expiresAt === null ? 'never' : instant(expiresAt);
}

export function endException({ tx, call }: Change, id: string): void {
  const row = getException(tx, id);
  deleteException(tx, id);
  call.entry.resource = { type: 'rule_exception', id };
  call.entry.details = { rule: row.rule, conditions: row.conditions, reason: row.reason, hits: row.hits };
}
