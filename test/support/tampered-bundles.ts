// What can be done to a bundle by somebody without its key, as files: for holding several verifiers against each other.
import { decodeUtf8Strict, encodeUtf8 } from '../../src-shared/evidence/bytes.ts';
import { canonicalize, type JsonObject } from '../../src-shared/evidence/canonical-json.ts';

export type TamperedBundle = { readonly name: string; readonly bytes: Uint8Array };

type Entry = JsonObject & { leaf: JsonObject; open: { [path: string]: JsonObject } };
type Bundle = JsonObject & { attachments: JsonObject[]; dsse: JsonObject; entries: Entry[]; range_proof: string[] };

/**
 * @param genuine a whole range with at least two entries, an attachment and a range proof.
 * @param foreign a genuine bundle of another log, from which parts are taken.
 * @param flips how many single bytes are changed, spread over the file.
 */
export function tamperedBundles(genuine: Uint8Array, foreign: Uint8Array, flips: number): TamperedBundle[] {
  const other = parse(foreign);
  const changes: Record<string, (bundle: Bundle) => void> = {
    'first entry removed': ({ entries }) => void entries.shift(),
    'last entry removed': ({ entries }) => void entries.pop(),
    'all entries removed': ({ entries }) => void entries.splice(0),
    'an entry twice': ({ entries }) => void entries.push(entries[0] as Entry),
    'entries swapped': ({ entries }) => void entries.reverse(),
    'an entry of another log': ({ entries }) => void entries.splice(0, 1, other.entries[0] as Entry),
    'a member added deep inside': ({ entries }) => {
      const opening = entries[0]?.open['details.request'];
      if (opening !== undefined) (opening.value as JsonObject).added = 1;
    },
    'a value changed deep inside': ({ entries }) => {
      const opening = entries[0]?.open['details.request'];
      if (opening !== undefined) ((opening.value as JsonObject).headers as JsonObject).host = 'elsewhere.local';
    },
    'an actor replaced': ({ entries }) => {
      const opening = entries[0]?.open.actor;
      if (opening !== undefined) (opening.value as JsonObject).name = 'mallory';
    },
    'a failure told as a success': ({ entries }) => {
      const leaf = entries[0]?.leaf;
      if (leaf !== undefined) leaf.success = leaf.success !== true;
    },
    'a time moved': ({ entries }) => {
      const leaf = entries[0]?.leaf;
      if (leaf !== undefined) leaf.time = '2020-01-01T00:00:00.000Z';
    },
    'a field kept back afterwards': ({ entries }) => {
      delete entries[0]?.open.actor;
    },
    'a commitment removed': ({ entries }) => {
      const commitments = entries[0]?.leaf.commitments as JsonObject | undefined;
      delete commitments?.actor;
    },
    'proof of another log': (bundle) => {
      bundle.range_proof = other.range_proof;
    },
    'proof cut': ({ range_proof }) => void range_proof.pop(),
    'manifest of another log': (bundle) => {
      bundle.dsse = other.dsse;
    },
    'signature of another log': (bundle) => {
      (bundle.dsse.signatures as JsonObject[])[0] = (other.dsse.signatures as JsonObject[])[0] as JsonObject;
    },
    'signer replaced': (bundle) => {
      bundle.signer = other.signer as string;
    },
    'attachment altered': ({ attachments }) => {
      const [first] = attachments;
      if (first !== undefined) first.data = Buffer.from('something else').toString('base64');
    },
    'attachment removed': ({ attachments }) => void attachments.pop(),
    'attachment added': ({ attachments }) => void attachments.push({ data: 'aGk=', name: 'added.txt' }),
  };
  const changed = Object.entries(changes).map(([name, change]) => {
    const bundle = parse(genuine);
    change(bundle);
    return { name, bytes: encodeUtf8(canonicalize(bundle)) };
  });
  const flipped = Array.from({ length: flips }, (_, index) => {
    const at = Math.floor(((index + 0.5) * genuine.length) / flips);
    const bytes = Uint8Array.from(genuine);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (index % 7));
    return { name: `byte ${at} changed`, bytes };
  });
  const text = decodeUtf8Strict(genuine);
  return [
    ...changed,
    ...flipped,
    { name: 'another bundle as a whole', bytes: foreign },
    { name: 'cut off', bytes: genuine.subarray(0, Math.floor(genuine.length / 2)) },
    { name: 'continued', bytes: encodeUtf8(`${text}\n`) },
    { name: 'a space between members', bytes: encodeUtf8(text.replace(',"entries"', ', "entries"')) },
    { name: 'a byte order mark', bytes: encodeUtf8(`\ufeff${text}`) },
    {
      name: 'a key that stands twice',
      bytes: encodeUtf8(text.replace('"format":', '"format":"gatehouse-bundle","format":')),
    },
    { name: 'empty', bytes: new Uint8Array(0) },
  ];
}

/** Something is wrong with the order of entries or with what was signed: the finding that must be among them, and the entry it names. */
export type TamperedEntries = TamperedBundle & { readonly code: string; readonly seq: number | undefined };

/**
 * Every entry taken out, given twice and exchanged with its neighbour; cuts in the middle and at the end; and what was signed exchanged
 * with that of a sibling. @param genuine a whole range. @param sibling another range of the same log.
 */
export function tamperedEntries(genuine: Uint8Array, sibling: Uint8Array): TamperedEntries[] {
  const seqs = parse(genuine).entries.map(({ leaf }) => Number(leaf.seq));
  const other = parse(sibling);
  const made: TamperedEntries[] = [];
  function add(name: string, code: string, wrong: number | undefined, change: (bundle: Bundle) => void): void {
    const bundle = parse(genuine);
    change(bundle);
    made.push({ name, code, seq: wrong, bytes: encodeUtf8(canonicalize(bundle)) });
  }
  function cut(from: number, count: number): void {
    const gone = seqs.slice(from, from + count);
    add(
      `entries ${gone.join(', ')} cut out`,
      'entries-missing',
      gone[0],
      ({ entries }) => void entries.splice(from, count),
    );
  }
  for (const [index, seq] of seqs.entries()) {
    cut(index, 1);
    add(`entry ${seq} twice`, 'entry-duplicated', seq, ({ entries }) => {
      entries.splice(index, 0, entries[index] as Entry);
    });
    if (index === 0) continue;
    add(`entries ${seq - 1} and ${seq} exchanged`, 'entry-out-of-order', seq - 1, ({ entries }) => {
      entries.splice(index - 1, 2, entries[index] as Entry, entries[index - 1] as Entry);
    });
  }
  const middle = Math.floor(seqs.length / 2);
  cut(middle, 2);
  cut(1, seqs.length - 2);
  cut(seqs.length - 3, 3);
  add('the manifest of a sibling', 'entry-out-of-range', seqs[0], (bundle) => {
    bundle.dsse = other.dsse;
  });
  add('the signature of a sibling', 'manifest-signature', undefined, (bundle) => {
    bundle.dsse.signatures = other.dsse.signatures as JsonObject[];
  });
  add('the range proof of a sibling', 'range-proof', undefined, (bundle) => {
    bundle.range_proof = other.range_proof;
  });
  return made;
}

function parse(bytes: Uint8Array): Bundle {
  return JSON.parse(decodeUtf8Strict(bytes)) as Bundle;
}
