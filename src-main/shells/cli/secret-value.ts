// Where the command line takes a secret's value from: the hidden prompt, standard input, a file. Never from an argument: those are seen by
// every program on the computer and stay in the shell's history.
import { readFileSync } from 'node:fs';
import type { SecretType } from '../../../src-shared/contract/secrets.ts';
import { reasonOf } from '../../base/file-words.ts';
import { createPrompt } from '../prompt.ts';
import { CommandFailure } from './failure.ts';

export type ValueFlags = {
  readonly fromStdin?: boolean;
  readonly fromFile?: string;
  readonly generate?: boolean;
  readonly length?: number;
  readonly alphabet?: 'letters_digits' | 'letters_digits_symbols' | 'hex' | 'base64url';
  readonly field?: readonly string[];
  /** Only there to be refused. */
  readonly value?: string | boolean;
};

/** As `secrets.create` and `secrets.rotate` take it. */
export type GivenValue =
  | { value: string }
  | { fields: Record<string, string> }
  | { generate: { length?: number; alphabet?: NonNullable<ValueFlags['alphabet']> } };

export async function takeValue(name: string, type: SecretType, flags: ValueFlags): Promise<GivenValue> {
  const { fromStdin = false, fromFile, generate = false, length, alphabet, field = [] } = flags;
  const ways = [fromStdin, fromFile !== undefined, generate, field.length > 0].filter((given) => given).length;
  if (ways > 1) throw usage('take the value from one place: --from-stdin, --from-file, --generate or --field');
  if (!generate && (length !== undefined || alphabet !== undefined))
    throw usage('--length and --alphabet are for --generate');
  if ((type === 'key_value') !== field.length > 0) {
    throw type === 'key_value'
      ? usage('a key_value secret has fields', 'name each with --field; their values are asked for')
      : usage('only a key_value secret has fields', 'add --type key_value');
  }
  if (generate) {
    return {
      generate: { ...(length === undefined ? {} : { length }), ...(alphabet === undefined ? {} : { alphabet }) },
    };
  }
  if (field.length > 0) return { fields: await askFields(field) };
  if (fromFile !== undefined) return { value: trimmed(readText(fromFile), type) };
  if (fromStdin) return { value: trimmed(decode(readFileSync(0), 'standard input'), type) };
  if (process.stdin.isTTY !== true) throw usage('there is no terminal to ask at', 'use --from-stdin or --from-file');
  return { value: await askTwice(`Value of ${name}: `) };
}

/** @throws CommandFailure for a value among the arguments, without repeating it. */
export function refuseValues(rest: readonly string[], flags: { readonly value?: string | boolean }): void {
  if (rest.length === 0 && flags.value === undefined) return;
  throw usage(
    'values are not taken from the command line: other programs can see it, and the shell remembers it',
    'if that was a real value, change it; use the prompt, --from-stdin or --from-file',
  );
}

/** The text of a file, `-` for standard input. @throws CommandFailure */
export function readText(path: string): string {
  try {
    return decode(readFileSync(path === '-' ? 0 : path), path);
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    throw new CommandFailure(`cannot read ${path}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

export function usage(message: string, hint?: string): CommandFailure {
  return new CommandFailure(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) });
}

function decode(bytes: Uint8Array, from: string): string {
  try {
    // A byte order mark is part of the value: what is kept is what was given.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CommandFailure(`${from} is not UTF-8 text`, { cause, hint: 'keep bytes as base64' });
  }
}

/** `echo` ends its line; in keys, certificates and notes the last line's end belongs to the text. */
function trimmed(text: string, type: SecretType): string {
  return type === 'password' || type === 'api_key' ? text.replace(/\r?\n$/, '') : text;
}

async function askTwice(question: string): Promise<string> {
  await using prompt = createPrompt();
  const value = await prompt.askSecret(question);
  if (value !== (await prompt.askSecret('The same again: '))) throw new CommandFailure('the two are not the same');
  return value;
}

async function askFields(names: readonly string[]): Promise<Record<string, string>> {
  await using prompt = createPrompt();
  const fields = new Map<string, string>();
  for (const name of names) {
    if (fields.has(name)) throw usage(`the field ${name} is named twice`);
    fields.set(name, await prompt.askSecret(`Value of field ${name}: `));
  }
  return Object.fromEntries(fields);
}
