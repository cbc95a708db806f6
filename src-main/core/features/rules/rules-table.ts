// SQL of rules, their texts, their versions, and what people chose for them.
import type { ChosenState, RuleSuppression } from '../../../../src-shared/contract/rules.ts';
import type { Severity } from '../../../../src-shared/contract/values.ts';
import type { ParameterValue } from '../../../engine/rules/gatehouse-section.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

/** What a list says of a rule that is not compiled. */
export type Outline = {
  readonly detectors: readonly {
    readonly id: string;
    readonly title: string;
    readonly severity: Severity;
    readonly techniques: readonly string[];
  }[];
};

export type RuleRow = {
  readonly pack: string;
  readonly generation: number;
  readonly id: string;
  readonly path: string;
  readonly digest: string;
  readonly number: number;
  readonly outline: Outline | null;
};

export type Choice = {
  readonly state: ChosenState | null;
  readonly severity: Severity | null;
  readonly parameters: Readonly<Record<string, ParameterValue>> | null;
  readonly suppression: RuleSuppression | null;
  readonly switchedOff: string | null;
  readonly revision: number;
};
export const noChoice: Choice = {
  state: null,
  severity: null,
  parameters: null,
  suppression: null,
  switchedOff: null,
  revision: 0,
};

type Stored<T, K extends keyof T> = Omit<T, K> & Record<K, string | null>;

/** The rules of the packs as they are now, by pack and path, beyond `after`. */
export function findRules(tx: ReadTx, after: { pack: string; id: string }, limit: number): RuleRow[] {
  return tx
    .all<Stored<RuleRow, 'outline'>>(
      `SELECT r.pack, r.generation, r.id, r.path, r.digest, r.number, r.outline
        FROM rule AS r LEFT JOIN rule_pack AS p ON p.workspace = r.workspace AND p.id = r.pack
        WHERE r.workspace = :workspace AND r.generation = coalesce(p.generation, 0) AND (r.pack, r.id) > (:pack, :id)
        ORDER BY r.pack, r.id LIMIT :limit`,
      { ...after, limit },
    )
    .map(readRule);
}

export function findRulesOf(tx: ReadTx, pack: string, generation: number): RuleRow[] {
  return tx
    .all<Stored<RuleRow, 'outline'>>(
      `SELECT pack, generation, id, path, digest, number, outline FROM rule
        WHERE workspace = :workspace AND pack = :pack AND generation = :generation ORDER BY path`,
      { pack, generation },
    )
    .map(readRule);
}

export function findRule(tx: ReadTx, id: string): RuleRow | undefined {
  const row = tx.get<Stored<RuleRow, 'outline'>>(
    `SELECT r.pack, r.generation, r.id, r.path, r.digest, r.number, r.outline
      FROM rule AS r LEFT JOIN rule_pack AS p ON p.workspace = r.workspace AND p.id = r.pack
      WHERE r.workspace = :workspace AND r.id = :id AND r.generation = coalesce(p.generation, 0)`,
    { id },
  );
  return row === undefined ? undefined : readRule(row);
}

function readRule(row: Stored<RuleRow, 'outline'>): RuleRow {
  return { ...row, outline: row.outline === null ? null : (JSON.parse(row.outline) as Outline) };
}

export function saveRule(tx: WriteTx, rule: RuleRow): void {
  tx.run(
    `INSERT INTO rule (workspace, pack, generation, id, path, digest, number, outline)
      VALUES (:workspace, :pack, :generation, :id, :path, :digest, :number, :outline)
      ON CONFLICT (workspace, pack, generation, id) DO UPDATE SET path = excluded.path, digest = excluded.digest,
        number = excluded.number, outline = excluded.outline`,
    { ...rule, outline: rule.outline === null ? null : JSON.stringify(rule.outline) },
  );
}

export function deleteRule(tx: WriteTx, id: string): void {
  for (const table of ['rule_choice', 'rule_version']) {
    tx.run(`DELETE FROM ${table} WHERE workspace = :workspace AND rule = :id`, { id });
  }
  tx.run('DELETE FROM rule_exception WHERE workspace = :workspace AND rule = :id', { id });
  tx.run('DELETE FROM rule WHERE workspace = :workspace AND id = :id', { id });
}

/** Rules of other generations than the one that counts. @returns how many were there, at most `limit`. */
export function deleteOtherGenerations(tx: WriteTx, pack: string, generation: number, limit: number): number {
  return tx.run(
    `DELETE FROM rule WHERE workspace = :workspace AND (pack, generation, id) IN (
      SELECT pack, generation, id FROM rule
        WHERE workspace = :workspace AND pack = :pack AND generation <> :generation LIMIT :limit)`,
    { pack, generation, limit },
  );
}

export function highestGeneration(tx: ReadTx, pack: string): number {
  const row = tx.get<{ highest: number | null }>(
    'SELECT max(generation) AS highest FROM rule WHERE workspace = :workspace AND pack = :pack',
    { pack },
  );
  return row?.highest ?? 0;
}

export function keepText(tx: WriteTx, digest: string, text: string): void {
  tx.run('INSERT OR IGNORE INTO rule_text (workspace, digest, text) VALUES (:workspace, :digest, :text)', {
    digest,
    text,
  });
}

export function findTexts(tx: ReadTx, digests: readonly string[]): Map<string, string> {
  const rows = tx.all<{ digest: string; text: string }>(
    `SELECT t.digest, t.text FROM json_each(:digests) AS wanted
      CROSS JOIN rule_text AS t ON t.workspace = :workspace AND t.digest = wanted.value`,
    { digests: JSON.stringify(digests) },
  );
  return new Map(rows.map(({ digest, text }) => [digest, text]));
}

export type VersionRow = {
  readonly number: number;
  readonly digest: string;
  readonly at: number;
  readonly actor: string;
  readonly note: string | null;
};

export function keepVersion(tx: WriteTx, rule: string, version: VersionRow): void {
  tx.run(
    `INSERT OR REPLACE INTO rule_version (workspace, rule, number, digest, at, actor, note)
      VALUES (:workspace, :rule, :number, :digest, :at, :actor, :note)`,
    { ...version, rule },
  );
}

/** Newest first. */
export function findVersions(tx: ReadTx, rule: string, limit: number): VersionRow[] {
  return tx.all<VersionRow>(
    `SELECT number, digest, at, actor, note FROM rule_version WHERE workspace = :workspace AND rule = :rule
      ORDER BY number DESC LIMIT :limit`,
    { rule, limit },
  );
}

export function findVersion(tx: ReadTx, rule: string, number: number): VersionRow | undefined {
  return tx.get<VersionRow>(
    `SELECT number, digest, at, actor, note FROM rule_version
      WHERE workspace = :workspace AND rule = :rule AND number = :number`,
    { rule, number },
  );
}

type ChoiceRow = Stored<Choice, 'parameters' | 'suppression'> & { readonly rule: string };
const choiceColumns = 'rule, state, severity, parameters, suppression, switched_off AS switchedOff, revision';

export function findChoices(tx: ReadTx): Map<string, Choice> {
  const rows = tx.all<ChoiceRow>(`SELECT ${choiceColumns} FROM rule_choice WHERE workspace = :workspace`);
  return new Map(rows.map((row) => [row.rule, readChoice(row)]));
}

export function findChoice(tx: ReadTx, rule: string): Choice {
  const row = tx.get<ChoiceRow>(
    `SELECT ${choiceColumns} FROM rule_choice WHERE workspace = :workspace AND rule = :rule`,
    { rule },
  );
  return row === undefined ? noChoice : readChoice(row);
}

function readChoice({ rule: _, parameters, suppression, ...row }: ChoiceRow): Choice {
  return {
    ...row,
    parameters: parameters === null ? null : (JSON.parse(parameters) as Choice['parameters']),
    suppression: suppression === null ? null : (JSON.parse(suppression) as Choice['suppression']),
  };
}

export function saveChoice(tx: WriteTx, rule: string, choice: Choice): void {
  tx.run(
    `INSERT INTO rule_choice (workspace, rule, state, severity, parameters, suppression, switched_off, revision)
      VALUES (:workspace, :rule, :state, :severity, :parameters, :suppression, :switchedOff, :revision)
      ON CONFLICT (workspace, rule) DO UPDATE SET state = excluded.state, severity = excluded.severity,
        parameters = excluded.parameters, suppression = excluded.suppression, switched_off = excluded.switched_off,
        revision = excluded.revision`,
    { ...choice, rule, parameters: jsonOf(choice.parameters), suppression: jsonOf(choice.suppression) },
  );
}

function jsonOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
