// Reading what a path of `gatehouse rules …` names, with words for what goes wrong.
import type { PackContent } from '../../../src-shared/rule-pack-file.ts';
import { reasonOf } from '../../base/file-words.ts';
import { RuleArchiveError } from '../../core/features/rules/rule-archive.ts';
import { CommandFailure } from './failure.ts';

export function readPath(path: string, read: (path: string) => PackContent): PackContent {
  let content: PackContent;
  try {
    content = read(path);
  } catch (cause) {
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
