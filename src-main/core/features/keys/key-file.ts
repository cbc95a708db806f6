// The key file beside the store: every key wrapped, with its version; nothing in it is secret without the master key.
import { z } from 'zod';
import { inWords } from '../../../../src-shared/contract/issue-words.ts';

const wrapped = z.base64();

const purpose = z.enum(['page', 'sealing', 'backup', 'signing']);

const keyEntry = z.strictObject({
  purpose,
  /** One byte of it stands before each sealed value. */
  version: z.int().min(1).max(255),
  created_at: z.int(),
  /** AES-256-GCM under HKDF(master key, purpose); the context names instance, purpose and version. */
  wrapped,
});

const keyFile = z.strictObject({
  format: z.literal('gatehouse-keys'),
  version: z.literal(1),
  instance_id: z.string().regex(/^[0-9a-f-]{36}$/),
  /** Grows by one at each write: the newer of two generations is known by it. */
  generation: z.int().min(1),
  protection: z.enum(['keychain', 'passphrase', 'environment', 'key_file', 'vault']),
  /** Absent in files from before the master key could be rotated: version 1, as old as the oldest key. */
  master: z.strictObject({ version: z.int().min(1), created_at: z.int() }).optional(),
  /** The keychain's name for the master key; absent where it is the instance alone. */
  keychain_account: z.string().max(100).optional(),
  passphrase: z
    .strictObject({
      salt: z.base64(),
      // SECURITY: the file is read before anything vouches for it; it must not ask for all of the machine's memory or for days.
      memory_kib: z.int().min(8).max(1_048_576),
      time: z.int().min(1).max(64),
      parallelism: z.int().min(1).max(16),
      master: wrapped,
    })
    .nullable(),
  recovery: z
    .strictObject({
      /** The master key under a key derived from the recovery key. */
      master: wrapped,
      issued_at: z.int().optional(),
      /** That derived key under the master key: another master key can be wrapped for the same recovery key. */
      wrapping: wrapped.optional(),
    })
    .nullable(),
  /**
   * Stands here from a change until the generation before it, and keychain entries that nothing names any more, are gone too.
   * A start that finds it finishes that.
   */
  unsettled: z.strictObject({ accounts: z.array(z.string().max(100)).max(10) }).optional(),
  keys: z
    .array(keyEntry)
    .refine((keys) => purpose.options.every((name) => keys.some((key) => key.purpose === name)), {
      error: 'expected a key of each purpose',
    })
    .refine((keys) => new Set(keys.map((key) => `${key.purpose}/${key.version}`)).size === keys.length, {
      error: 'the same version of a key stands there twice',
    }),
});

export type KeyFile = z.output<typeof keyFile>;
export type KeyEntry = z.output<typeof keyEntry>;
export type KeyPurpose = KeyEntry['purpose'];

/** The key file can't be read: not ours, or damaged. */
export class BadKeyFile extends Error {
  override readonly name = 'BadKeyFile';
}

/** @throws BadKeyFile saying which part doesn't fit. */
export function parseKeyFile(text: string): KeyFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadKeyFile('the key file is not JSON; put back its previous generation (keys.json.1)', { cause });
  }
  const outcome = keyFile.safeParse(value, { error: inWords });
  if (outcome.success) return outcome.data;
  const issue = outcome.error.issues[0];
  throw new BadKeyFile(
    `the key file does not fit its format at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}

export function formatKeyFile(file: KeyFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
