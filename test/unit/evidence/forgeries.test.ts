// Forgeries by name, each with the verdict that it must get from the command line's verifier, the page's and the Python script: what was
// changed in a genuine file, and what somebody signed who says what can't be so.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { checkpointText } from '../../../src-shared/evidence/checkpoint.ts';
import { erasedName } from '../../../src-shared/evidence/erased-fields.ts';
import { formatNote } from '../../../src-shared/evidence/signed-note.ts';
import { exitCode } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import {
  type Forgery,
  isMembers,
  type Members,
  type Part,
  Raw,
  resealed,
  resigned,
  spelled,
  takenApart,
  written,
} from '../../support/forger.ts';
import { havePython, inPython, remembering } from '../../support/python-verifier.ts';
import { SampleLog, sampleBody, signer } from './sample-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-forgeries-'));
afterAll(() => rmSync(folder, { recursive: true }));

const log = new SampleLog(6, { body: (seq) => ({ ...sampleBody(seq), session_id: 's-1' }) });
const attachments = [
  { name: 'a.txt', media_type: 'text/plain', data: encodeUtf8('first') },
  { name: 'b.txt', media_type: 'text/plain', data: encodeUtf8('other') },
];
const hmac = { keyId: 'k', secret: encodeUtf8('s') };
const whole = log.bundle(2, 4, { attachments, consistency: [log.consistency(1)], hmac });
const complete = log.bundle(1, 6);
const filtered = log.bundle(1, 6, { filter: { workspace: 'prod' }, chosen: ({ workspace }) => workspace === 'prod' });

/** A member on the way must be there: a forgery that changes nothing would show nothing. */
function at(part: Part | undefined, ...steps: (string | number)[]): Members {
  let found = part;
  for (const step of steps)
    found = Array.isArray(found) ? found[Number(step)] : isMembers(found) ? found[step] : undefined;
  if (!isMembers(found)) throw new Error(`nothing at ${steps.join('.')}`);
  return found;
}

type Change = (forged: Forgery) => void;
/** A list of changes to one bundle, by name; those who hold the key sign again, or make everything anew that depends on the entries. */
function changed(bytes: Uint8Array, write: (forged: Forgery) => Uint8Array, changes: { [name: string]: Change }) {
  return Object.entries(changes).map(([name, change]) => {
    const forged = takenApart(bytes);
    change(forged);
    return { name, bytes: write(forged) };
  });
}

const sign = (forged: Forgery): Uint8Array => resigned(forged, log);
const seal = (forged: Forgery): Uint8Array => resealed(forged, log);
const unused = (text: Part | undefined): string =>
  String(text).replace(/.(=*)$/, (last: string, end: string) => String.fromCharCode(last.charCodeAt(0) + 1) + end);
const nested = new Raw(`${'['.repeat(70)}${']'.repeat(70)}`);
const note = (text: string): string => formatNote(text, signer.key, signer.sign);
const root = checkpointText(signer.key.name, 6, log.root()).split('\n')[2] ?? '';
const sized =
  (size: string, hash = root): Change =>
  ({ manifest }) => {
    manifest.checkpoint = note(`${signer.key.name}\n${size}\n${hash}\n`);
  };
const member =
  (name: string, value: Part): Change =>
  ({ manifest }) =>
    Object.assign(manifest, { [name]: value });
const inManifest =
  (steps: (string | number)[], more: Members): Change =>
  ({ manifest }) => {
    Object.assign(at(manifest, ...steps), more);
  };
const inEntry =
  (steps: (string | number)[], more: Members): Change =>
  ({ bundle }) => {
    Object.assign(at(bundle, 'entries', 0, ...steps), more);
  };
const named =
  (name: string): Change =>
  ({ bundle, manifest }) => {
    at(manifest, 'attachments', 0).name = name;
    at(bundle, 'attachments', 0).name = name;
  };
const asked = (filter: Part): Change => member('filter', filter);
const renumbered =
  (by: (number: number) => number): Change =>
  ({ bundle }) => {
    for (const entry of bundle.entries as Part[]) {
      const leaf = at(entry, 'leaf');
      leaf.workspace_seq = by(Number(leaf.workspace_seq));
    }
  };
const erasing = (data: string): Uint8Array =>
  log.bundle(2, 3, {
    attachments: [{ name: erasedName, media_type: 'application/json', data: encodeUtf8(data) }],
    disclose: (path) => path !== 'actor',
  });

type Forged = { readonly name: string; readonly bytes: Uint8Array };
const notGenuine: Forged[] = [
  ...changed(whole, written, {
    'version true': ({ bundle }) => {
      bundle.version = true;
    },
    'version -1': ({ bundle }) => {
      bundle.version = -1;
    },
    'version 1.5': ({ bundle }) => {
      bundle.version = 1.5;
    },
    'version 2.5': ({ bundle }) => {
      bundle.version = 2.5;
    },
    'version as a text': ({ bundle }) => {
      bundle.version = '1';
    },
    'a member more in dsse': ({ bundle }) => {
      at(bundle, 'dsse').x = 1;
    },
    'a member more in the signature': ({ bundle }) => {
      at(bundle, 'dsse', 'signatures', 0).x = 1;
    },
    'a member more in an attachment': ({ bundle }) => {
      at(bundle, 'attachments', 0).x = 1;
    },
    'unused bits in the signature': ({ bundle }) => {
      const first = at(bundle, 'dsse', 'signatures', 0);
      first.sig = unused(first.sig);
    },
    'unused bits in an attachment': ({ bundle }) => {
      const first = at(bundle, 'attachments', 0);
      first.data = unused(first.data);
    },
    'a number beyond all': ({ bundle }) => {
      at(bundle, 'entries', 0, 'leaf').seq = new Raw('1e400');
    },
  }),
  ...changed(filtered, written, {
    'an empty range proof under a filter': ({ bundle }) => {
      bundle.range_proof = [];
    },
    'anything as a range proof under a filter': ({ bundle }) => {
      bundle.range_proof = ['AA', '<script>'];
    },
    'an object as a range proof under a filter': ({ bundle }) => {
      bundle.range_proof = {};
    },
  }),
  ...changed(complete, written, {
    'an object as a range proof that needs no hashes': ({ bundle }) => {
      bundle.range_proof = {};
    },
    'a text as a range proof that needs no hashes': ({ bundle }) => {
      bundle.range_proof = '';
    },
  }),
  ...changed(whole, sign, {
    'a manifest that is not canonical': (forged) => {
      forged.payload = spelled(forged.manifest).replace(',', ', ');
    },
    'a manifest with a key twice': (forged) => {
      forged.payload = spelled(forged.manifest).replace('"reason":', '"reason":"x","reason":');
    },
    'a manifest with a newline behind it': (forged) => {
      forged.payload = `${spelled(forged.manifest)}\n`;
    },
    'a member more in the manifest': member('x', 1),
    'a member less in the manifest': ({ manifest }) => void delete manifest.console,
    'format_version true': member('format_version', true),
    'digest by md5': inManifest(['content_digest'], { method: 'md5' }),
    'hmac without members': member('hmac', {}),
    'hmac that is no hex': inManifest(['hmac'], { value: 'x' }),
    'counts that are no numbers': inManifest(['counts'], { entries: true }),
    'a text as filter': asked('x'),
    'a list as filter': asked([]),
    'false as filter': asked(false),
    'a checkpoint of size 06': sized('06'),
    'a checkpoint of size +6': sized('+6'),
    'a checkpoint of size 0_6': sized('0_6'),
    'a checkpoint of size " 6"': sized(' 6'),
    'a checkpoint of size in Arabic digits': sized('٦'),
    'a root with unused bits': sized('6', unused(root)),
    'a note with a hyphen': ({ manifest }) => {
      manifest.checkpoint = String(manifest.checkpoint).replace('— ', '- ');
    },
    'an attachment outside': named('../evil.txt'),
    'an attachment in a folder': named('a/b'),
    'an attachment without a name': named(''),
    'an attachment of the same name': named('b.txt'),
    'a key history that is none': member('key_history', ['junk']),
    'a rotation with a line more': member('key_history', [
      note(`gatehouse/key-rotation/v1\n${signer.key.name}\n${signer.key.text}\nmore\n`),
    ]),
    'entry tags left out': member('entry_tags', ''),
    'entry tags that are no base64url': ({ manifest }) => {
      manifest.entry_tags = String(manifest.entry_tags).replace(/./, '+');
    },
    'exported yesterday': member('exported_at', 'yesterday'),
    'exported on a day that there is not': member('exported_at', '2026-02-30T00:00:00.000Z'),
    'exported at another offset': member('exported_at', '2026-11-21T14:05:00.000+00:00'),
    'a range from 0': inManifest(['range'], { from: 0 }),
  }),
  ...changed(complete, seal, {
    'a member more in a leaf': inEntry(['leaf'], { x: 1 }),
    'a member more in an opened field': inEntry(['open', 'actor'], { x: 1 }),
    'a member more in an entry': inEntry([], { x: 1 }),
    'a proof inside a whole range': inEntry([], { proof: [] }),
    'a value nested 70 deep': inEntry(['open', 'actor'], { value: nested }),
    'a whole number beyond 2^53-1': inEntry(['open', 'actor'], { value: new Raw('9007199254740992') }),
    'a key __proto__': inEntry(['open', 'actor'], { value: new Raw('{"__proto__":1}') }),
    'seq true': inEntry(['leaf'], { seq: true }),
    'no time': inEntry(['leaf'], { time: 'never' }),
    'a time without milliseconds': inEntry(['leaf'], { time: '2026-11-21T14:00:01Z' }),
    'a time at 24 hours': inEntry(['leaf'], { time: '2026-11-21T24:00:01.000Z' }),
    'number 0 in the workspace': inEntry(['leaf'], { workspace_seq: 0 }),
    'numbers in the workspace doubled': renumbered((number) => 2 * number),
    'the same number in the workspace twice': inEntry(['leaf'], { workspace_seq: 2 }),
    'a commitment that is none of an entry': inEntry(['leaf', 'commitments'], { note: 'A'.repeat(43) }),
    'a commitment under a path with a zero byte': inEntry(['leaf', 'commitments'], { 'details.a\0b': 'A'.repeat(43) }),
  }),
  ...changed(filtered, seal, {
    'a filter that chose other types': asked({ event_type: 'login' }),
    'a filter that chose another actor': asked({ actor: 'bob' }),
    'a filter that chose another session': asked({ session_id: 's-2' }),
    'a filter that chose another resource': asked({ resource_type: 'alert' }),
    'a filter that chose another id': asked({ resource_id: 'x' }),
    'a filter that chose failures': asked({ success: false }),
    'a filter that chose later ones': asked({ since: '2026-11-22T00:00:00Z' }),
    'a filter that chose earlier ones': asked({ until: '2026-11-21T15:00:00.000+02:00' }),
    'a filter that chose higher numbers': asked({ from_seq: 3 }),
    'a filter that chose lower numbers': asked({ to_seq: 3 }),
    'a filter that chose another workspace': asked({ workspace: 'lab' }),
    'a filter that chose a framework of other types': asked({
      framework: 'soc2',
      control: 'CC6.1',
      catalogue_version: 1,
      event_types: ['login', 'logout'],
    }),
    'a filter that chose no types': asked({ event_types: [] }),
    'a filter for one type as types': asked({ event_types: 'api_call' }),
    'a filter for a number among types': asked({ event_types: ['api_call', 1] }),
    'a framework without its types': asked({ framework: 'soc2', catalogue_version: 1 }),
    'a framework without the version of its catalogue': asked({ framework: 'soc2', event_types: ['api_call'] }),
    'a control without its framework': asked({ control: 'CC6.1', catalogue_version: 1, event_types: ['api_call'] }),
    'a framework as a list': asked({ framework: ['soc2'], catalogue_version: 1, event_types: ['api_call'] }),
    'a version of the catalogue as a text': asked({
      framework: 'soc2',
      catalogue_version: '1',
      event_types: ['api_call'],
    }),
    'a filter since no time': asked({ since: 'soon' }),
    'a filter for a number as actor': asked({ actor: 1 }),
    'pruned that is no list': asked({ pruned: 1 }),
    'pruned that is there': asked({ pruned: [[2, 2]] }),
    'pruned out of order': asked({ pruned: [[6, 6], [3, 3]] }), // biome-ignore format: one line
    'pruned beyond the range': asked({ pruned: [[7, 9]] }),
    'pruned by half': asked({ pruned: [[3, 3]] }),
    'a workspace without its first entry': ({ bundle, manifest }) => {
      bundle.entries = (bundle.entries as Part[]).slice(1);
      at(manifest, 'range').from = 1;
    },
    'a workspace without one in the middle': ({ bundle }) => {
      bundle.entries = (bundle.entries as Part[]).toSpliced(1, 1);
    },
  }),
  {
    name: 'erased fields with a space',
    bytes: erasing('{"entries": [[2,["actor"]]],"format":"gatehouse-erased-fields/1"}'),
  },
  {
    name: 'erased fields with a newline',
    bytes: erasing('{"entries":[[2,["actor"]]],"format":"gatehouse-erased-fields/1"}\n'),
  },
  {
    name: 'an erased field twice',
    bytes: erasing('{"entries":[[2,["actor","actor"]]],"format":"gatehouse-erased-fields/1"}'),
  },
];
const cannotBeSaid: Forged[] = [
  ...changed(whole, written, {
    'version 0': ({ bundle }) => {
      bundle.version = 0;
    },
    'version 2': ({ bundle }) => {
      bundle.version = 2;
    },
  }),
  ...changed(whole, sign, {
    'format_version 2': member('format_version', 2),
    'format_version 0': member('format_version', 0),
  }),
];
const limited: Forged[] = [
  ...changed(whole, sign, { 'exported before its entries': member('exported_at', '2020-01-01T00:00:00.000Z') }),
  ...changed(filtered, seal, {
    'a filter in the words of others': asked({ x: 1 }),
    'a filter by types': asked({ event_types: ['login', 'api_call', 'credential_access'] }),
    'a filter by a framework nobody knows': asked({
      framework: 'own',
      control: '7b',
      catalogue_version: 3,
      event_types: ['credential_access', 'api_call'],
    }),
    'a filter for what is kept back or open': asked({
      actor: 'jonas.weber',
      since: '2026-11-21T14:00:01.234Z',
      to_seq: 6,
    }),
  }),
];
const genuine: Forged[] = [
  { name: 'as exported', bytes: whole },
  { name: 'one that needs no hashes', bytes: complete },
  { name: 'sealed again', bytes: seal(takenApart(complete)) },
  { name: 'erased fields', bytes: erasing('{"entries":[[2,["actor"]]],"format":"gatehouse-erased-fields/1"}') },
];

const rows = [
  ...notGenuine.map((row) => ({ ...row, word: 'NOT VERIFIED' })),
  ...cannotBeSaid.map((row) => ({ ...row, word: 'CANNOT CHECK' })),
  ...limited.map((row) => ({ ...row, word: 'VERIFIED WITH LIMITS' })),
  ...genuine.map((row) => ({ ...row, word: 'VERIFIED' })),
];
const expected = rows.map(({ name, word }) => `${name}: ${word}`);

it('gives every forgery its verdict, with the reason', () => {
  for (const primitives of [nodePrimitives, noblePrimitives]) {
    const verdicts = rows.map(({ bytes }) => verifyBundle(primitives, bytes, { trustedKeys: [signer.key.text] }));
    expect(verdicts.map(({ verdict }, i) => `${rows[i]?.name}: ${verdict}`)).toEqual(expected);
    const silent = verdicts.filter(({ verdict, findings }) => !verdict.startsWith('VERIFIED') && findings.length === 0);
    expect(silent).toEqual([]);
  }
});

it.runIf(havePython)(
  'gives every forgery the same verdict in Python',
  () => {
    const files = rows.map(({ bytes }) => ({ bytes, key: signer.key.text }));
    const { primitives, judged } = remembering(nodePrimitives);
    for (const { bytes } of rows) verifyBundle(primitives, bytes, { trustedKeys: [signer.key.text] });
    const said = inPython(folder, files, judged.values());
    expect(said.map(({ first }, i) => `${rows[i]?.name}: ${first.split(':')[0]}`)).toEqual(expected);
    expect(said.map(({ code }) => code)).toEqual(
      rows.map(({ bytes }) =>
        exitCode(verifyBundle(primitives, bytes, { trustedKeys: [signer.key.text] }).verdict, false),
      ),
    );
  },
  60_000,
);

it('says that a member is unknown, and not that canonical JSON is none', () => {
  const [leaf] = notGenuine.filter(({ name }) => name === 'a member more in a leaf');
  const verdict = verifyBundle(nodePrimitives, leaf?.bytes ?? new Uint8Array(0), { trustedKeys: [signer.key.text] });
  expect(verdict.findings[0]?.detail).toMatch(/^entry 1 of the file: the leaf has a member "x" that is not known/);
});

it('says when the clock was wrong', () => {
  const [early] = limited;
  const verdict = verifyBundle(nodePrimitives, early?.bytes ?? new Uint8Array(0), { trustedKeys: [signer.key.text] });
  expect(verdict.headline).toBe("VERIFIED WITH LIMITS: exported before its entries by the console's own clock");
});
