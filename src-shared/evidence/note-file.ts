// Signed notes kept in one file, one after another: text, a blank line, signature lines. Pure; checks no signature.

const SIGNATURE = '— ';

/**
 * The whole notes of `text` in their order, and where the last of them ends: what stands behind is a note that was cut off.
 * Where the beginning was cut away, the first one is only a part, and no signature will fit it.
 */
export function splitNotes(text: string): { notes: string[]; end: number } {
  const notes: string[] = [];
  let start = 0;
  for (;;) {
    const blank = text.indexOf(`\n\n${SIGNATURE}`, start);
    if (blank === -1) return { notes, end: start };
    let end = blank + 2;
    while (text.startsWith(SIGNATURE, end)) {
      const lineEnd = text.indexOf('\n', end);
      if (lineEnd === -1) return { notes, end: start };
      end = lineEnd + 1;
    }
    notes.push(text.slice(start, end));
    start = end;
  }
}
