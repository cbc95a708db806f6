// The word that is being typed in a field of words, and putting another in its place. Pure.

/** The word that ends at the cursor, without the parentheses that are open before it. */
export function wordBefore(text: string, cursor: number): string {
  return (/\S*$/.exec(text.slice(0, cursor))?.[0] ?? '').replace(/^-?\(+/, '');
}

export function replaceWord(text: string, cursor: number, insert: string): { text: string; cursor: number } {
  const start = cursor - wordBefore(text, cursor).length;
  // A finished value gets its space; a name waits for its value.
  const written = /[:.]$/.test(insert) ? insert : `${insert} `;
  const rest = text.slice(cursor).replace(/^[^\s)]*\s?/, '');
  return { text: text.slice(0, start) + written + rest, cursor: start + written.length };
}
