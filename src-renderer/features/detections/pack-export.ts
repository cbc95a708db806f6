// A pack as the file that travels: its files page by page, with the console's signature over them.
import type { RulePack } from '../../../src-shared/contract/rule-packs.ts';
import { type PackFile, writeSignedPack } from '../../../src-shared/rule-pack-file.ts';
import type { call } from '../../api/client.ts';

/** @throws ProblemFailure, NetworkFailure as the calls do */
export async function exportPack(
  { id, name, version }: Pick<RulePack, 'id' | 'name' | 'version'>,
  ask: typeof call,
): Promise<{ readonly text: string; readonly files: number }> {
  // The files after their signature: what changes in between is found out by whoever checks it, and never passes as signed.
  const { signed } = await ask('packs.export', { id });
  const files: PackFile[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: PackFile[]; next_cursor: string | null } = await ask('packs.files', {
      id,
      ...(cursor === null ? {} : { cursor }),
    });
    files.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return { text: writeSignedPack({ pack: id, name, version, signed, files }), files: files.length };
}
