import { createPrivateKey, sign as signEd25519 } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import { checkpointText, parseCheckpoint } from '../../../src-shared/evidence/checkpoint.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { leafHash, rootAt } from '../../../src-shared/evidence/merkle.ts';
import {
  createVerifierKey,
  formatNote,
  openNote,
  parseNote,
  parseVerifierKey,
  signatureLine,
} from '../../../src-shared/evidence/signed-note.ts';
import { havePublicVectors, vectorBytes, vectorJson } from './public-vectors.ts';
import { SampleLog, signer, testSigner } from './sample-log.ts';

const p = nodePrimitives;
const NOTE = formatNote('hello\n', signer.key, signer.sign);

describe('signed note', () => {
  it('opens what it has formatted and says who signed', () => {
    expect(openNote(p, NOTE, [signer.key])).toEqual({
      text: 'hello\n',
      verifiedBy: [signer.key],
      unknown: [],
      wrong: [],
    });
  });

  it('keeps signatures of unknown keys apart, and counts a key once', () => {
    const witness = testSigner('witness.example', 9);
    const cosigned = NOTE + signatureLine(witness.key, witness.sign(encodeUtf8('hello\n')));
    const opened = openNote(p, cosigned + signatureLine(signer.key, signer.sign(encodeUtf8('hello\n'))), [signer.key]);
    expect(opened.verifiedBy).toEqual([signer.key]);
    expect(opened.unknown.map(({ name }) => name)).toEqual(['witness.example']);
    expect(openNote(p, cosigned, [witness.key, signer.key]).verifiedBy).toHaveLength(2);
  });

  it('reports a known key whose signature is wrong, even beside a good one', () => {
    const other = signatureLine(signer.key, signer.sign(encodeUtf8('other\n')));
    expect(openNote(p, NOTE + other, [signer.key])).toMatchObject({ verifiedBy: [signer.key], wrong: [{}] });
    expect(openNote(p, NOTE.replace('hello', 'hallo'), [signer.key])).toMatchObject({ verifiedBy: [], wrong: [{}] });
  });

  it('takes the last blank line as the end of the text', () => {
    const note = formatNote('a\n\nb\n', signer.key, signer.sign);
    expect(openNote(p, note, [signer.key]).text).toBe('a\n\nb\n');
  });

  it.each([
    ['without signatures', 'hello\n\n'],
    ['without blank line', 'hello\n'],
    ['without newline at the end', NOTE.slice(0, -1)],
    ['with an unexpected line', `${NOTE}more\n`],
    ['with a carriage return', NOTE.replace('hello', 'hel\rlo')],
    ['with a tab', NOTE.replace('hello', 'hel\tlo')],
    ['with a zero', NOTE.replace('hello', 'hel\0lo')],
    ['with a lone surrogate', NOTE.replace('hello', '\ud800')],
    ['with a hyphen for a dash', NOTE.replace('—', '-')],
    ['with a plus in the name', NOTE.replace('gatehouse/', 'gatehouse+')],
    ['with a no-break space in the name', NOTE.replace('gatehouse/', 'gate\u00a0house')],
    ['with two spaces', NOTE.replace(' gatehouse/', '  gatehouse/')],
    ['with base64 of four bytes', NOTE.replace(/ [^ ]+\n$/, ' AAAAAA==\n')],
    ['with 101 signatures', NOTE + (NOTE.split('\n')[2] ?? '').concat('\n').repeat(100)],
  ])('refuses a note %s', (_, note) => {
    expect(() => parseNote(note)).toThrow(FormatError);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseNote(Uint8Array.of(0xff, ...encodeUtf8(NOTE)))).toThrow(FormatError);
  });

  it('signs only texts that end with a newline', () => {
    expect(() => formatNote('hello', signer.key, signer.sign)).toThrow(FormatError);
  });
});

describe('verifier key', () => {
  it('has one spelling', () => {
    const { text } = signer.key;
    expect(parseVerifierKey(p, text)).toEqual(signer.key);
    const wrong = [
      text.toUpperCase(),
      text.replace(/\+[0-9a-f]{8}\+/, '+00000000+'),
      `${text}=`,
      text.slice(0, -4),
      text.replace(ORIGIN_PART, 'other'),
      ` ${text}`,
      '',
      '++',
    ];
    for (const other of wrong) expect(() => parseVerifierKey(p, other)).toThrow(FormatError);
  });

  it('refuses names that would break a note and keys of other lengths', () => {
    const key = signer.key.publicKey;
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u2003b']) {
      expect(() => createVerifierKey(p, name, key)).toThrow(FormatError);
    }
    expect(() => createVerifierKey(p, 'a', key.subarray(1))).toThrow(FormatError);
  });
});

const ORIGIN_PART = 'gatehouse';

describe('checkpoint', () => {
  const log = new SampleLog(5);

  it('says origin, size and root, one line each', () => {
    const text = checkpointText('gatehouse/x', 5, log.root());
    expect(text).toMatch(/^gatehouse\/x\n5\n[A-Za-z0-9+/]{43}=\n$/);
    expect(parseCheckpoint(text)).toEqual({ origin: 'gatehouse/x', size: 5, root: log.root(), extensions: [] });
    expect(parseCheckpoint(`${text}extension\n`).extensions).toEqual(['extension']);
  });

  it.each([
    '\n5\nAAAA\n',
    'o\n05\nAAAA\n',
    'o\n-1\nAAAA\n',
    'o\n5.0\nAAAA\n',
    'o\n5\nAAAA\n',
    'o\n5\n',
    'o\n5',
    '',
    'o\n9007199254740993\nAAAA\n',
  ])('refuses %j', (text) => {
    const root = Buffer.from(log.root()).toString('base64');
    expect(() => parseCheckpoint(text)).toThrow(FormatError);
    if (!text.startsWith('o\n5\n')) expect(() => parseCheckpoint(text.replace('AAAA', root))).toThrow(FormatError);
  });

  it('refuses empty extension lines and roots in a second spelling', () => {
    const text = checkpointText('o', 5, log.root());
    expect(() => parseCheckpoint(`${text}\nextension\n`)).toThrow(FormatError);
    expect(() => parseCheckpoint(text.replace('=', ''))).toThrow(FormatError);
  });
});

type NoteVectors = {
  verifierKeys: { [name: string]: string };
  signerKeys_TEST_ONLY: { [name: string]: string };
  badVkeys: string[];
  sign: { signer: string; text: string; want: string }[];
  open: {
    id: string;
    note?: string;
    noteFile?: string;
    known: string[];
    verified?: string[];
    unverified?: string[];
    error?: string;
  }[];
};

if (havePublicVectors('signed-note')) {
  describe('signed note vectors', () => {
    const vectors = vectorJson<NoteVectors>('signed-note/notes.json');
    const key = (name: string) => parseVerifierKey(p, vectors.verifierKeys[name] ?? '');

    it.each(vectors.open)('$id', (vector) => {
      const note = vector.note ?? vectorBytes(`signed-note/${vector.noteFile}`).toString();
      const open = () => openNote(p, note, vector.known.map(key));
      if (vector.error === 'malformed note') return expect(open).toThrow(FormatError);
      const opened = open();
      if (vector.error?.startsWith('invalid signature')) return expect(opened.wrong).toHaveLength(1);
      expect(opened.wrong).toEqual([]);
      expect(opened.verifiedBy.map(({ name }) => name)).toEqual(vector.error ? [] : vector.verified);
      if (vector.unverified) expect(opened.unknown.map(({ name }) => name)).toEqual(vector.unverified);
    });

    it('signs byte for byte as Go does', () => {
      for (const { signer: name, text, want } of vectors.sign) {
        const seed = Buffer.from(
          vectors.signerKeys_TEST_ONLY[name]?.split('+').slice(4).join('+') ?? '',
          'base64',
        ).subarray(1);
        const head = Buffer.from('302e020100300506032b657004220420', 'hex');
        const privateKey = createPrivateKey({ key: Buffer.concat([head, seed]), format: 'der', type: 'pkcs8' });
        expect(formatNote(text, key(name), (message) => signEd25519(null, message, privateKey))).toBe(want);
      }
    });

    it('refuses the bad keys', () => {
      for (const vkey of vectors.badVkeys) expect(() => parseVerifierKey(p, vkey)).toThrow(FormatError);
    });
  });
}

describe.runIf(havePublicVectors('transparency/tessera-testlog'))('checkpoints of a Tessera log', () => {
  it('open with its key, and their roots follow from its leaves', () => {
    const vkey = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';
    const folder = 'transparency/tessera-testlog/testdata/log';
    for (let size = 1; size <= 15; size++) {
      const opened = openNote(p, vectorBytes(`${folder}/checkpoint.${size}`), [parseVerifierKey(p, vkey)]);
      expect(opened.verifiedBy).toHaveLength(1);
      const checkpoint = parseCheckpoint(opened.text);
      expect(checkpoint.size).toBe(size);
      const leaves = entriesOf(vectorBytes(`${folder}/tile/entries/000.p/${size}`)).map((entry) => leafHash(p, entry));
      const nodes = completeNodes(leaves);
      expect(rootAt(p, size, (level, index) => nodes[level]?.[index] ?? new Uint8Array(0))).toEqual(checkpoint.root);
    }
  });
});

// An entry bundle of tlog-tiles: two bytes of length before each entry.
function entriesOf(tile: Buffer): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < tile.length; ) {
    const length = tile.readUInt16BE(at);
    entries.push(new Uint8Array(tile.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return entries;
}

function completeNodes(leaves: Uint8Array[]): Uint8Array[][] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; ) {
    const parents: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      parents.push(p.sha256(Buffer.concat([Buffer.of(1), level[i]!, level[i + 1]!])));
    }
    levels.push(parents);
    level = parents;
  }
  return levels;
}
