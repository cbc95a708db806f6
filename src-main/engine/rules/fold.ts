// What "case does not matter" means: the lower-case form of every character by itself, so that a text is found in another however
// it is cut. Case and the kinds of dashes are folded the same way in rules and in events.

/**
 * Lower case, with the two small sigmas as one (JavaScript picks between them by what follows) and the long s as s (as regular
 * expressions have it that ignore case).
 */
export function foldCase(text: string): string {
  const lower = text.toLowerCase();
  // Neither can be in a text of Latin-1 characters, and of such a text this is known at once.
  return lower.includes('ς') || lower.includes('ſ') ? lower.replaceAll('ς', 'σ').replaceAll('ſ', 's') : lower;
}

/** `-`, `/`, en dash, em dash and horizontal bar as `-`: what `windash` makes equal. */
export function foldDashes(text: string): string {
  return text.replace(/[/–—―]/g, '-');
}
