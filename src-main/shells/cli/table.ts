// Plain columns for the terminal.

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => printable(row[column] ?? '').length)),
  );
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) =>
      printable(cell).padEnd(column === row.length - 1 ? 0 : (widths[column] ?? 0)),
    );
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}

/** Texts come from logs and from other people: nothing in them may steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|\p{Cf}/gu, '�');
}
