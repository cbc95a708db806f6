// Gives a connection its page key as bytes that are zeroed at once: a pragma's text would stay in memory until it is collected.
import type Sqlite from 'better-sqlite3';

const digits = Buffer.from('0123456789abcdef', 'ascii');
const prefix = 'raw:';

/** @param pageKey 32 bytes; stays the caller's. */
export function applyKey(sqlite: Sqlite.Database, pageKey: Uint8Array): void {
  sqlite.pragma("cipher = 'aegis'");
  withRawKey(pageKey, (raw) => void sqlite.key(raw));
}

/** Calls `use` with the form that the cipher takes for a key that needs no derivation: `raw:` and 64 hex digits. */
export function withRawKey(pageKey: Uint8Array, use: (raw: Buffer) => void): void {
  const raw = Buffer.alloc(prefix.length + pageKey.byteLength * 2);
  try {
    raw.write(prefix, 'ascii');
    for (const [index, byte] of pageKey.entries()) {
      raw[prefix.length + index * 2] = digits[byte >> 4] ?? 0;
      raw[prefix.length + index * 2 + 1] = digits[byte & 15] ?? 0;
    }
    use(raw);
  } finally {
    raw.fill(0);
  }
}
