// Forms that readers of different languages take differently: spellings of numbers, texts and instants, oddities of signed notes, and files
// that only look like bundles. Signed by the holder of the key, so that the form alone decides; all verifiers must say the same.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { noblePrimitives } from '../../../src-renderer/lib/evidence-primitives.ts';
import { encodeBase64, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { exitCode } from '../../../src-shared/evidence/verdict.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { cloned, type Members, type Part, Raw, resealed, resigned, takenApart } from '../../support/forger.ts';
import { havePython, inPython, remembering } from '../../support/python-verifier.ts';
import { SampleLog } from './sample-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-oddities-'));
afterAll(() => rmSync(folder, { recursive: true }));

const log = new SampleLog(7);
const { key, sign } = log.signer;
const genuine = log.bundle(2, 5);
const { bundle, manifest } = takenApart(genuine);

function replaced<T extends Members>(document: T, steps: readonly (string | number)[], value: Part): T {
  const changed = cloned(document);
  const parent = steps.slice(0, -1).reduce<Part>((part, step) => Reflect.get(Object(part), step) as Part, changed);
  Object.assign(Object(parent), { [steps.at(-1) ?? '']: value });
  return changed;
}

type Case = { readonly name: string; readonly bytes: Uint8Array };
const inEntry = (name: string, steps: readonly string[], value: Part): Case => ({
  name,
  bytes: resealed({ bundle: replaced(bundle, ['entries', 0, ...steps], value), manifest }, log),
});
const inManifest = (name: string, member: string, value: Part): Case => ({
  name,
  bytes: resigned({ bundle, manifest: { ...manifest, [member]: value } }, log),
});

/** Fails where the three don't agree. @returns the names of those that pass. */
function passing(cases: readonly Case[]): string[] {
  const node = remembering(nodePrimitives);
  const page = { ...noblePrimitives, verifyEd25519: node.primitives.verifyEd25519 };
  const options = { trustedKeys: [key.text] };
  const said = cases.map(({ bytes }) => verifyBundle(node.primitives, bytes, options));
  const files = cases.map(({ bytes }) => ({ bytes, key: key.text }));
  const python = havePython ? inPython(folder, files, node.judged.values()) : undefined;
  for (const [i, { name, bytes }] of cases.entries()) {
    const { verdict, findings } = said[i] ?? {};
    const inPage = verifyBundle(page, bytes, options);
    expect({ name, verdict: inPage.verdict, findings: inPage.findings }).toEqual({ name, verdict, findings });
    if (verdict === undefined || python === undefined) continue;
    expect({ name, code: python[i]?.code, word: python[i]?.first.split(':')[0] }).toEqual({
      name,
      code: exitCode(verdict, false),
      word: verdict,
    });
  }
  return cases.flatMap(({ name }, i) => (said[i]?.verdict === 'VERIFIED' ? [name] : []));
}

function line(
  text: string,
  { name = key.name, id = key.id, dash = '— ', blank = ' ', end = '\n', spelling = encodeBase64 } = {},
) {
  const bytes = Uint8Array.from([...Buffer.from(id, 'hex'), ...sign(encodeUtf8(text))]);
  return `${dash}${name}${blank}${spelling(bytes)}${end}`;
}

describe('said alike by all verifiers', () => {
  it('numbers', { timeout: 60_000 }, () => {
    const good = ['0', '-1', '0.1', '1e-7', '0.000001', '5e-324', '-9007199254740991', '4.35', '333333333.3333332'];
    const bad = [
      '-0',
      '1.0',
      '1E5',
      '1e5',
      '1e+5',
      '1e21',
      '1.50',
      '0.0000001',
      '9007199254740992',
      '1e400',
      '-Infinity',
    ];
    const cases = [...good, ...bad, 'NaN', '01', '.5', '5.', '+1', '0x10', '1_000', '１'].map((number) =>
      inEntry(number, ['open', 'actor', 'value'], new Raw(number)),
    );
    expect(passing(cases)).toEqual(good);
  });

  it('texts and keys of every kind, in their one order', { timeout: 60_000 }, () => {
    const texts = [
      '\0',
      '\u007f',
      '\u0085',
      '\u2028',
      '\ufeff',
      '\u{1F600}',
      '\ue000',
      '\uffff',
      'e\u0301',
      '"\\/\b\f\n\r\t',
    ];
    const cases = texts.flatMap((text) => [
      inEntry(`value ${JSON.stringify(text)}`, ['open', 'actor', 'value'], text),
      inEntry(`action ${JSON.stringify(text)}`, ['leaf', 'action'], text),
      inEntry(`key ${JSON.stringify(text)}`, ['open', 'actor', 'value'], {
        [text]: 1,
        '\u{1F600}\0': 2,
        '\ue000\0': 3,
      }),
    ]);
    const proto = inEntry('a key that readers lose', ['open', 'actor', 'value'], new Raw('{"__proto__":1}'));
    const names = cases.map(({ name }) => name);
    expect(passing([...cases, proto])).toEqual(names);
  });

  it('instants', { timeout: 60_000 }, () => {
    const good = ['2024-02-29T00:00:00.000Z', '0001-01-01T00:00:00.000Z', '2026-11-21T14:04:59.999Z'];
    const bad = [
      '2026-02-29T00:00:00.000Z',
      '1900-02-29T00:00:00.000Z',
      '0000-01-01T00:00:00.000Z',
      '2026-11-21T24:00:00.000Z',
    ];
    const spelled = [
      '2026-11-21T23:59:60.000Z',
      '2026-11-21t14:05:00.000z',
      '2026-11-21T14:05:00.000+00:00',
      '２026-11-21T14:05:00.000Z',
    ];
    expect(passing([...good, ...bad, ...spelled].map((time) => inEntry(time, ['leaf', 'time'], time)))).toEqual(good);
  });

  it('checkpoints and rotations that are notes, or nearly', { timeout: 60_000 }, () => {
    const root = encodeBase64(log.root());
    const text = (size = '7', more = '', origin = key.name) => `${origin}\n${size}\n${root}\n${more}`;
    const plain = text();
    const stranger = (name: string, length = 68) => `— ${name} ${encodeBase64(new Uint8Array(length))}\n`;
    const strangers = (count: number) => Array.from({ length: count }, (_, n) => stranger(`w${n}`)).join('');
    const url = (bytes: Uint8Array) => encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_');
    const good: { [name: string]: string } = {
      'as it is': `${plain}\n${line(plain)}`,
      'the same signature twice': `${plain}\n${line(plain)}${line(plain)}`,
      '99 strangers': `${plain}\n${line(plain)}${strangers(99)}`,
      'a stranger of one byte': `${plain}\n${line(plain)}${stranger('w', 5)}`,
      ...Object.fromEntries(
        ['\u180e', '\u200b', '\ufeff', '\u007f', '\u0080'].map((c) => [
          `a name with ${shown(c)}`,
          `${plain}\n${line(plain)}${stranger(`w${c}x`)}`,
        ]),
      ),
      ...Object.fromEntries(
        ['an extension\n', '— x y\n', '\u2028\n', '\u0085\n'].map((more) => [
          `an extension ${shown(more)}`,
          `${text('7', more)}\n${line(text('7', more))}`,
        ]),
      ),
    };
    const bad: { [name: string]: string } = {
      '100 strangers': `${plain}\n${line(plain)}${strangers(100)}`,
      'a wrong signature beside the right one': `${plain}\n${line(`${plain}x`)}${line(plain)}`,
      'a short line': `${plain}\n${line(plain)}${stranger('w', 4)}`,
      'a hyphen': `${plain}\n${line(plain, { dash: '- ' })}`,
      'no blank after the dash': `${plain}\n${line(plain, { dash: '—' })}`,
      'two blanks': `${plain}\n${line(plain, { blank: '  ' })}`,
      'another blank': `${plain}\n${line(plain, { blank: '\u00a0' })}`,
      'a blank at the end': `${plain}\n${line(plain, { end: ' \n' })}`,
      'no end': `${plain}\n${line(plain, { end: '' })}`,
      'ends of Windows': `${plain}\n${line(plain, { end: '\r\n' })}`,
      'the other alphabet': `${plain}\n${line(plain, { spelling: (bytes) => `${url(bytes).slice(0, -2)}-_` })}`,
      'no padding': `${plain}\n${line(plain, { spelling: (bytes) => encodeBase64(bytes).replace(/=+$/, '') })}`,
      'a byte more': `${plain}\n${line(plain, { spelling: (bytes) => encodeBase64(Uint8Array.of(...bytes, 0)) })}`,
      'another id': `${plain}\n${line(plain, { id: '01020304' })}`,
      'no signature': `${plain}\n`,
      'no blank line': plain + line(plain),
      'an empty extension': `${text('7', '\n')}\n${line(text('7', '\n'))}`,
      'a tab': `${text('7', 'a\tb\n')}\n${line(text('7', 'a\tb\n'))}`,
      ...Object.fromEntries(
        ['07', '+7', '7.0', '7 ', '٧', '8', '99999999999999999999'].map((size) => [
          `size ${size}`,
          `${text(size)}\n${line(text(size))}`,
        ]),
      ),
      ...Object.fromEntries(
        [`${key.name} `, `\ufeff${key.name}`, ''].map((origin) => [
          `origin ${shown(origin)}`,
          `${text('7', '', origin)}\n${line(text('7', '', origin))}`,
        ]),
      ),
      ...Object.fromEntries(
        ['\u0085', '\u00a0', '\u1680', '\u2003', '\u2028', '\u202f', '\u3000', '\u000b', '\u001f', '+'].map((c) => [
          `a name with ${shown(c)}`,
          `${plain}\n${line(plain)}${stranger(`w${c}x`)}`,
        ]),
      ),
    };
    const cases = Object.entries({ ...good, ...bad }).map(([name, note]) => inManifest(name, 'checkpoint', note));
    expect(passing(cases)).toEqual(Object.keys(good));
    const rotation = (...lines: string[]) => `${lines.join('\n')}\n`;
    const first = 'gatehouse/key-rotation/v1';
    const rotations: { [name: string]: string } = {
      'to itself': rotation(first, key.name, key.text),
      'of another log': rotation(first, 'other', key.text),
      'of another version': rotation('gatehouse/key-rotation/v2', key.name, key.text),
      'with a line more': rotation(first, key.name, key.text, 'x'),
      'to a key with a blank': rotation(first, key.name, `${key.text} `),
      'to a key in capitals': rotation(first, key.name, key.text.toUpperCase()),
    };
    const histories = Object.entries(rotations).map(([name, body]) =>
      inManifest(name, 'key_history', [`${body}\n${line(body)}`]),
    );
    expect(passing(histories)).toEqual(['to itself', 'of another log']);
  });

  it('files that look like bundles', { timeout: 60_000 }, () => {
    const text = Buffer.from(genuine).toString('utf8');
    const files: { [name: string]: string } = {
      'as it is': text,
      'a byte order mark': `\ufeff${text}`,
      'a zero byte': `${text}\0`,
      'given twice': text + text,
      'a brace more': `${text}}`,
      'in a list': `[${text}]`,
      'as a text': JSON.stringify(text),
      'nothing but an object': '{}',
      null: 'null',
      'an escaped letter': text.replace('"format"', '"\\u0066ormat"'),
      'an escaped slash': text.replace('gatehouse/', 'gatehouse\\/'),
      'a member twice': text.replace(/"version":1}$/, '"version":1,"version":1}'),
      ...Object.fromEntries(
        ['2', '0', '-1', '1.0', '1.5', '1e0', '"1"', 'true', '9007199254740992'].map((version) => [
          `version ${version}`,
          text.replace(/"version":1}$/, `"version":${version}}`),
        ]),
      ),
    };
    expect(passing(Object.entries(files).map(([name, file]) => ({ name, bytes: encodeUtf8(file) })))).toEqual([
      'as it is',
    ]);
  });
});

function shown(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}
