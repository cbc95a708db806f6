// `gatehouse rules check` of the file that `rules export` writes.
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import { digestOfFiles, signPack } from '../../../src-main/core/features/rules/pack-signature.ts';
import { checkRules } from '../../../src-main/shells/cli/rule-check.ts';
import { createVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { writeSignedPack } from '../../../src-shared/rule-pack-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pack-'));
afterAll(() => rmSync(folder, { recursive: true }));
const text = readFileSync(new URL('../../../resources/rules/audit-log-cleared.yml', import.meta.url), 'utf8');
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const key = createVerifierKey(nodePrimitives, 'gatehouse.test/shop', raw);

function packOf(signedText: string, sentText: string): string {
  const files = [{ path: 'a.yml', digest: sha256Hex(signedText) }];
  const content = { pack: 'shop', name: 'Shop', version: '1', exported_at: '2026-11-21T08:00:00Z', files: 1 };
  const signed = signPack({ ...content, sha256: digestOfFiles(files) }, key, (message) =>
    sign(null, message, privateKey),
  );
  const path = join(folder, `${sha256Hex(sentText).slice(0, 8)}.ghpack`);
  writeFileSync(path, writeSignedPack({ ...content, signed, files: [{ path: 'a.yml', text: sentText }] }));
  return path;
}

it('checks the rules of a pack whose signature holds, and says whose it is', () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(checkRules([packOf(text, text)], {})).toBe(0);
  expect(said.mock.calls.join('')).toMatch(
    /the signature holds, of the key gatehouse\.test\/shop\+.*\n.*1 files, 1 detectors, 0 refused/,
  );
  said.mockRestore();
});

it('refuses a pack whose files were changed after it was signed, and one that is none', () => {
  expect(() => checkRules([packOf(text, `${text}\n`)], {})).toThrow('its files are not those that were signed');
  const broken = join(folder, 'x.ghpack');
  writeFileSync(broken, '{"format":');
  expect(() => checkRules([broken], {})).toThrow('is no rule pack that a console wrote: it is not JSON');
});
