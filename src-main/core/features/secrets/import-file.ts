// What the readers of import files give: named records with the line that each began on, and what was wrong with the lines that gave none.
// Files are full of secrets, and a broken line may be one: no message here repeats a part of a line.

export type ImportRecord = {
  /** undefined where a file has no lines that mean anything to people. */
  readonly line: number | undefined;
  readonly name: string;
  /** Fields of a secret as the contract names them, not yet checked. */
  readonly fields: Readonly<Record<string, unknown>>;
};

export type LineFault = { readonly line: number | undefined; readonly message: string };

export type ImportFile = { readonly records: readonly ImportRecord[]; readonly faults: readonly LineFault[] };

/** Faults beyond these are not looked for: the file is of another kind, or one early mistake made all that follow. */
export const mostFaults = 50;

/** A byte order mark is not part of the first name. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
