// What a bundle's filter chose, in two words: the control that it is evidence for where it was made for one.

/** @param filter of the manifest or of the entry about an export; null for a whole range */
export function filterWords(filter: unknown): string {
  if (filter === null) return 'whole';
  if (typeof filter !== 'object') return 'filtered';
  const { framework, control } = filter as { readonly framework?: unknown; readonly control?: unknown };
  if (typeof framework !== 'string') return 'filtered';
  return typeof control === 'string' ? `for ${framework} ${control}` : `for ${framework}`;
}
