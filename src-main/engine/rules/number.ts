// Numbers in rules and events: what counts as one.

/** A decimal number, with fraction and exponent at most; anything else, also blank text and hexadecimal, is NaN. */
export function decimal(text: string): number {
  return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\s*$/.test(text) ? Number(text) : Number.NaN;
}
