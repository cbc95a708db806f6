// Reading what a path of `gatehouse rules …` names, with words for what goes wrong.
import { readFileSync, statSync } from 'node:fs';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { type PackContent, parseSignedPack, type SignedPack } from '../../../src-shared/rule-pack-file.ts';
import { reasonOf } from '../../base/file-words.ts';
import { sha256Hex } from '../../base/hashes.ts';
import { digestOfFiles, openPack } from '../../core/features/rules/pack-signature.ts';
import { RuleArchiveError } from '../../core/features/rules/rule-archive.ts';
import { CommandFailure } from './failure.ts';

export function readPath(path: string, read: (path: string) => PackContent): PackContent {
  let content: PackContent;
  try {
    content = read(path);
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    if (cause instanceof RuleArchiveError) throw new CommandFailure(cause.message, { cause, exitCode: 2 });
    throw new CommandFailure(`cannot read ${path}: ${reasonOf(cause)}`, {
      cause,
      exitCode: 2,
    });
  }
  if (content.files.length + content.unreadable.length === 0)
    throw new CommandFailure(`${path} holds no rule file`, { hint: 'rule files end in .yml', exitCode: 2 });
  return content;
}

const largestPack = 128 * 1_048_576;

/** @throws CommandFailure when it is no pack that a console wrote. */
export function readSignedPack(path: string): SignedPack {
  try {
    if (statSync(path).size > largestPack) throw new RangeError('it is too large');
    return parseSignedPack(readFileSync(path, 'utf8'));
  } catch (cause) {
    const why = reasonOf(cause);
    throw new CommandFailure(`${path} is no rule pack that a console wrote: ${why}`, { cause, exitCode: 2 });
  }
}

/**
 * The files of a signed pack, whose signature holds and covers them. Whose key it is, is for whoever imports it to judge.
 * @throws CommandFailure
 */
export function readVerifiedPack(path: string): PackContent & { readonly signer: string } {
  const { signed, files } = readSignedPack(path);
  try {
    const { statement, signer } = openPack(signed, undefined, undefined);
    const digest = digestOfFiles(files.map(({ path: name, text }) => ({ path: name, digest: sha256Hex(text) })));
    if (digest !== statement.sha256) throw new FormatError('its files are not those that were signed', 0);
    return { files, unreadable: [], signer };
  } catch (cause) {
    if (!(cause instanceof FormatError) && !(cause instanceof TypeError)) throw cause;
    throw new CommandFailure(`${path}: ${cause.message}`, { cause, exitCode: 1 });
  }
}
