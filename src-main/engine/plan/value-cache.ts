// Texts of records met before, found again by their bytes: with the text that they are, and what it led to. Logs repeat themselves, and
// comparing bytes is much cheaper than making, hashing and searching a text. The cache is of fixed size: a value takes the place
// of whichever was there, so that whoever sends values that never repeat makes it useless, not large.

const places = 8192;
const wordsEach = 256;

export interface ValueCache<Owner extends object, Result> {
  /**
   * The place of a value, put there now if it wasn't; -1 for one that isn't kept, being empty or long.
   * @param words the bytes that it stands in, four at a time.
   * @param key of which field it is.
   * @param from where it begins and ends, in bytes.
   */
  find(words: Int32Array, key: number, from: number, to: number): number;
  /** By place; a number that changes when another value is put there. */
  readonly versions: Int32Array;
  /** By place; all undefined until set for the value that is there. */
  readonly texts: (string | undefined)[];
  /** For whom `results` hold. */
  readonly owners: (Owner | undefined)[];
  readonly results: (Result | undefined)[];
}

export function createValueCache<Owner extends object, Result>(): ValueCache<Owner, Result> {
  const held = new Int32Array(places * wordsEach);
  const keys = new Int32Array(places).fill(-1);
  const sizes = new Int32Array(places);
  const versions = new Int32Array(places);
  const texts: (string | undefined)[] = new Array(places).fill(undefined);
  const owners: (Owner | undefined)[] = new Array(places).fill(undefined);
  const results: (Result | undefined)[] = new Array(places).fill(undefined);
  return {
    versions,
    texts,
    owners,
    results,
    find(words, key, from, to) {
      const first = from >> 2;
      const last = (to - 1) >> 2;
      if (to === from || last - first >= wordsEach) return -1;
      // How a value lies in the words belongs to its name: the same one is kept up to four times.
      const name = (key << 2) | (from & 3);
      const before = ~(-1 << ((from & 3) << 3));
      const after = (to & 3) === 0 ? 0 : -1 << ((to & 3) << 3);
      let hash = name;
      let x = (words[first] ?? 0) & ~before;
      for (let at = first; ; ) {
        if (at === last) x &= ~after;
        hash = Math.imul(hash ^ x, 0x01000193);
        hash ^= hash >>> 15;
        if (at === last) break;
        x = words[++at] ?? 0;
      }
      const place = (hash ^ (hash >>> 13)) & (places - 1);
      const size = to - from;
      const base = place * wordsEach - first;
      if (keys[place] === name && sizes[place] === size) {
        let at = first;
        let y = (words[at] ?? 0) & ~before;
        for (;;) {
          if (at === last) y &= ~after;
          if (held[base + at] !== y) break;
          if (at === last) return place;
          y = words[++at] ?? 0;
        }
      }
      versions[place] = (versions[place] ?? 0) + 1;
      keys[place] = name;
      sizes[place] = size;
      for (let at = first; at <= last; at++) held[base + at] = words[at] ?? 0;
      held[base + first] = (held[base + first] ?? 0) & ~before;
      held[base + last] = (held[base + last] ?? 0) & ~after;
      texts[place] = undefined;
      owners[place] = undefined;
      results[place] = undefined;
      return place;
    },
  };
}
