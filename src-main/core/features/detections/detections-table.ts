// SQL of what detections keep: what raised each alert, and what simulated rules would have raised.
import type { Severity } from '../../../../src-shared/contract/values.ts';
import type { Finding } from '../../../engine/finding.ts';
import type { ParameterValue } from '../../../engine/rules/gatehouse-section.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type Recipe = {
  /** The detector's own file first. */
  readonly files: readonly {
    readonly name: string;
    readonly digest: string;
    readonly parameters?: Readonly<Record<string, ParameterValue>>;
    readonly level?: Severity;
  }[];
  /** Values by setting path, as they were. */
  readonly settings: Readonly<Record<string, ParameterValue>>;
  /** The workspace's own mapping of log sources, by the digest of its text. */
  readonly mapping?: string;
};

export function hasRecipe(tx: ReadTx, detectorId: string, version: string): boolean {
  const row = tx.get(
    `SELECT 1 AS found FROM detector_recipe
      WHERE workspace = :workspace AND detector_id = :detectorId AND version = :version`,
    { detectorId, version },
  );
  return row !== undefined;
}

export function keepRecipe(
  tx: WriteTx,
  detectorId: string,
  version: string,
  recipe: Recipe,
  texts: ReadonlyMap<string, string>,
): void {
  tx.run(
    `INSERT OR IGNORE INTO detector_recipe (workspace, detector_id, version, recipe)
      VALUES (:workspace, :detectorId, :version, :recipe)`,
    { detectorId, version, recipe: JSON.stringify(recipe) },
  );
  for (const [digest, text] of texts) {
    tx.run('INSERT OR IGNORE INTO detector_text (workspace, digest, text) VALUES (:workspace, :digest, :text)', {
      digest,
      text,
    });
  }
}

export function findRecipe(
  tx: ReadTx,
  detectorId: string,
  version: string,
): { readonly recipe: Recipe; readonly texts: ReadonlyMap<string, string> } | undefined {
  const row = tx.get<{ recipe: string }>(
    `SELECT recipe FROM detector_recipe
      WHERE workspace = :workspace AND detector_id = :detectorId AND version = :version`,
    { detectorId, version },
  );
  if (row === undefined) return undefined;
  const recipe = JSON.parse(row.recipe) as Recipe;
  const texts = tx.all<{ digest: string; text: string }>(
    `SELECT t.digest, t.text FROM json_each(:digests) AS wanted
      CROSS JOIN detector_text AS t ON t.workspace = :workspace AND t.digest = wanted.value`,
    {
      digests: JSON.stringify([
        ...recipe.files.map(({ digest }) => digest),
        ...(recipe.mapping === undefined ? [] : [recipe.mapping]),
      ]),
    },
  );
  return { recipe, texts: new Map(texts.map(({ digest, text }) => [digest, text])) };
}

/** Would-be alerts kept of each rule; the oldest go first. */
const mostKept = 500;

/** One more would-be alert, or one more finding of one that is there, by the rules that alerts repeat by. */
export function keepSimulated(tx: WriteTx, rule: string, finding: Finding, now: number): void {
  const known = tx.get<{ key: number }>(
    `SELECT key FROM simulated_alert WHERE workspace = :workspace AND dedup_key = :dedupKey
        AND :firstAt <= last_seen_at + dedup_window_ms AND :lastAt >= first_seen_at - dedup_window_ms
      ORDER BY key DESC LIMIT 1`,
    { dedupKey: finding.dedupKey, firstAt: finding.firstAtMs, lastAt: finding.lastAtMs },
  );
  const told = { severity: finding.level, title: finding.title, sentence: finding.sentence, count: finding.newEvents };
  const times = { firstAt: finding.firstAtMs, lastAt: finding.lastAtMs };
  if (known !== undefined) {
    tx.run(
      `UPDATE simulated_alert SET severity = :severity, title = :title, sentence = :sentence, count = count + :count,
          first_seen_at = min(first_seen_at, :firstAt), last_seen_at = max(last_seen_at, :lastAt)
        WHERE workspace = :workspace AND key = :key`,
      { ...told, ...times, key: known.key },
    );
    return;
  }
  tx.run(
    `INSERT INTO simulated_alert (workspace, rule, detector_id, dedup_key, dedup_window_ms, severity, title, sentence,
        count, first_seen_at, last_seen_at, at)
      VALUES (:workspace, :rule, :detectorId, :dedupKey, :dedupWindowMs, :severity, :title, :sentence, :count, :firstAt,
        :lastAt, :now)`,
    {
      ...told,
      ...times,
      rule,
      now,
      detectorId: finding.ruleId,
      dedupKey: finding.dedupKey,
      dedupWindowMs: finding.dedupWindowMs,
    },
  );
  tx.run(
    `DELETE FROM simulated_alert WHERE workspace = :workspace AND rule = :rule AND key <=
      (SELECT key FROM simulated_alert WHERE workspace = :workspace AND rule = :rule
        ORDER BY key DESC LIMIT 1 OFFSET :most)`,
    { rule, most: mostKept },
  );
}

export type SimulatedRow = {
  readonly title: string;
  readonly sentence: string;
  readonly severity: Severity;
  readonly count: number;
  readonly at: number;
  readonly lastAt: number;
};

export function findSimulated(
  tx: ReadTx,
  rule: string,
  limit: number,
): { total: number; since: number | null; latest: SimulatedRow[] } {
  const row = tx.get<{ total: number; since: number | null }>(
    'SELECT count(*) AS total, min(at) AS since FROM simulated_alert WHERE workspace = :workspace AND rule = :rule',
    { rule },
  );
  const latest = tx.all<SimulatedRow>(
    `SELECT title, sentence, severity, count, first_seen_at AS at, last_seen_at AS lastAt FROM simulated_alert
      WHERE workspace = :workspace AND rule = :rule ORDER BY key DESC LIMIT :limit`,
    { rule, limit },
  );
  return { total: row?.total ?? 0, since: row?.since ?? null, latest };
}

export function countSimulated(tx: ReadTx, since: number): Map<string, number> {
  const rows = tx.all<{ detectorId: string; total: number }>(
    `SELECT detector_id AS detectorId, count(*) AS total FROM simulated_alert
      WHERE workspace = :workspace AND at >= :since GROUP BY detector_id`,
    { since },
  );
  return new Map(rows.map(({ detectorId, total }) => [detectorId, total]));
}
