// The WHERE of a search with optional fields: conditions with their parameters, of which absent ones are left out.
import type { SqlValue } from '../ports.ts';

export type Conditions = {
  /** Adds `condition`, which names `:name`; nothing for an absent value. The condition is our text, the value the caller's. */
  where(condition: string, name: string, value: SqlValue | undefined): void;
  /** All conditions joined by AND; `workspace = :workspace` stands first. */
  sql(): string;
  readonly parameters: Readonly<Record<string, SqlValue>>;
};

export function createConditions(): Conditions {
  const conditions = ['workspace = :workspace'];
  const parameters: Record<string, SqlValue> = {};
  return {
    where(condition, name, value) {
      if (value === undefined) return;
      conditions.push(condition);
      parameters[name] = value;
    },
    sql: () => conditions.join(' AND '),
    parameters,
  };
}
