// The files of a tar archive as it streams by: names and sizes from its headers of 512 bytes, long names of GNU and POSIX archives.

const block = 512;
const longestName = 65_536;

export function isTar(start: Uint8Array): boolean {
  return start.length >= 262 && Buffer.from(start.subarray(257, 262)).toString('latin1') === 'ustar';
}

/** @throws Error for a header that is none. */
export function createUntar(give: (name: string, part: Uint8Array) => void): (bytes: Uint8Array) => void {
  let held: Buffer = Buffer.alloc(0);
  let left = 0;
  let padding = 0;
  let name = '';
  let kind = '';
  let longName: string | undefined;
  let meta: Buffer[] = [];

  function header(bytes: Buffer): void {
    const text = (from: number, length: number): string =>
      bytes
        .toString('utf8', from, from + length)
        .split('\0')[0]
        ?.trim() ?? '';
    const size = text(124, 12);
    if (!/^[0-7]{0,11}$/.test(size)) throw new Error('the tar archive is damaged');
    left = Number.parseInt(size || '0', 8);
    padding = (block - (left % block)) % block;
    kind = text(156, 1);
    const prefix = text(345, 155);
    const short = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
    if (isMeta(kind)) return;
    name = (longName ?? short).replace(/^\.\//, '');
    longName = undefined;
  }
  function data(part: Buffer): void {
    if (kind === '0' || kind === '') give(name, part);
    else if (isMeta(kind) && meta.reduce((sum, one) => sum + one.length, 0) < longestName) meta.push(Buffer.from(part));
  }
  function close(): void {
    if (isMeta(kind)) {
      const text = Buffer.concat(meta).toString('utf8');
      if (kind === 'L') longName = text.split('\0')[0];
      if (kind === 'x') longName = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
    }
    meta = [];
    kind = 'none';
  }
  return (bytes) => {
    held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes]);
    while (held.length > 0) {
      if (left > 0) {
        const part = held.subarray(0, left);
        data(part);
        left -= part.length;
        held = held.subarray(part.length);
        if (left > 0) return;
        close();
      }
      const skipped = Math.min(padding, held.length);
      padding -= skipped;
      held = held.subarray(skipped);
      if (padding > 0 || held.length < block) return;
      // Two empty blocks end the archive; whatever follows them is nothing.
      if (held[0] !== 0) header(held.subarray(0, block));
      held = held.subarray(block);
    }
  };
}

function isMeta(kind: string): boolean {
  return kind === 'L' || kind === 'x' || kind === 'g' || kind === 'K';
}
