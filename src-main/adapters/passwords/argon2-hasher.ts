// Password hashing: Argon2id in libuv's pool, as PHC strings. Owns the parameters; who may try how often is the access feature's.
import { randomBytes } from 'node:crypto';
import { argon2d, argon2i, argon2id, hash } from 'argon2';
import { normalisePassword } from '../../../src-shared/password-rules.ts';
import { equalBytes } from '../../base/bytes.ts';
import type { PasswordHasher } from '../../core/ports.ts';

/** Spec 01; the first choice of OWASP's password storage guide for 19 MiB. Memory in KiB. */
const today = { memoryCost: 19_456, timeCost: 2, parallelism: 1, hashLength: 32 } as const;
const saltLength = 16;

/** A stored form that asks for more than this is damage or an attack on the machine's memory, not a password. */
const most = { memoryCost: 1_048_576, timeCost: 64, parallelism: 16 } as const;
const longest = 400;

type Stored = {
  readonly variant: Variant;
  readonly version: number;
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly digest: Buffer;
};

type Variant = 'argon2id' | 'argon2i' | 'argon2d';
const variants = { argon2id, argon2i, argon2d } as const;

/** Passwords are taken in NFC, so that callers can't forget it. */
export function createArgon2Hasher(): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(saltLength);
      const stored = { variant: 'argon2id', version: 0x13, salt, ...today } as const;
      return writeStored({ ...stored, digest: await digestOf(password, stored, today.hashLength) });
    },
    async verify(text, password) {
      const stored = parseStored(text);
      const right = equalBytes(await digestOf(password, stored, stored.digest.length), stored.digest);
      return { right, rehash: right && isWeaker(stored) };
    },
  };
}

function digestOf(password: string, { variant, ...stored }: Omit<Stored, 'digest'>, length: number): Promise<Buffer> {
  const { version, memoryCost, timeCost, parallelism, salt } = stored;
  const type = variants[variant];
  const options = { type, version, memoryCost, timeCost, parallelism, salt, hashLength: length };
  return hash(normalisePassword(password), { ...options, raw: true });
}

// The library's own strings put the parameters in the order m, p, t, which the reference implementation doesn't read; it writes m, t, p.
function writeStored(stored: Stored): string {
  const parameters = `m=${stored.memoryCost},t=${stored.timeCost},p=${stored.parallelism}`;
  return `$${stored.variant}$v=${stored.version}$${parameters}$${unpadded(stored.salt)}$${unpadded(stored.digest)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

const form =
  /^\$(argon2id|argon2i|argon2d)\$(?:v=(\d{1,3})\$)?((?:[mtp]=\d{1,10},?){3})\$([A-Za-z0-9+/]{8,})\$([A-Za-z0-9+/]{8,})$/;

/**
 * Reads the PHC string of an Argon2 hash (github.com/P-H-C/phc-string-format), its parameters in any order.
 * @throws Error when it is none or asks for more than this machine should give; the string itself is not repeated.
 */
function parseStored(text: string): Stored {
  const [, variant, version = '16', list = '', salt = '', digest = ''] = text.slice(0, longest + 1).match(form) ?? [];
  const parameters = new Map(list.split(',').map((one) => [one.slice(0, 1), Number(one.slice(2))]));
  const [memoryCost, timeCost, parallelism] = [parameters.get('m'), parameters.get('t'), parameters.get('p')];
  const usable =
    text.length <= longest &&
    isWithin(memoryCost, most.memoryCost) &&
    isWithin(timeCost, most.timeCost) &&
    isWithin(parallelism, most.parallelism);
  if (!usable) throw new Error('expected a stored password hash in the PHC form of Argon2, within limits');
  return {
    variant: variant as Variant,
    version: Number(version),
    memoryCost,
    timeCost,
    parallelism,
    salt: Buffer.from(salt, 'base64'),
    digest: Buffer.from(digest, 'base64'),
  };
}

function isWithin(value: number | undefined, limit: number): value is number {
  return value !== undefined && value >= 1 && value <= limit;
}

function isWeaker(stored: Stored): boolean {
  return (
    stored.variant !== 'argon2id' ||
    stored.version < 0x13 ||
    stored.memoryCost < today.memoryCost ||
    stored.timeCost < today.timeCost ||
    stored.parallelism < today.parallelism ||
    stored.salt.length < saltLength ||
    stored.digest.length < today.hashLength
  );
}
