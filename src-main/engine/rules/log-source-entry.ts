// What an entry of a log-source mapping says.

export type LogSourceCondition =
  | { readonly field: string; readonly values: readonly string[] }
  | { readonly field: string; readonly exists: true };

export interface LogSourceAlternative {
  readonly conditions: readonly LogSourceCondition[];
  /** A rule's field → the fields of the event that carry it; with several, a predicate holds when it holds for one of them. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
}

export interface LogSourceEntry {
  readonly product?: string | undefined;
  readonly category?: string | undefined;
  readonly service?: string | undefined;
  readonly alternatives: readonly LogSourceAlternative[];
}
