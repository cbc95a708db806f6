import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import {
  appendNodes,
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  type ReadNode,
  rangeProof,
  rootAt,
} from '../../../src-shared/evidence/merkle.ts';
import {
  rootBeforeRange,
  rootFromRange,
  verifyConsistency,
  verifyInclusion,
} from '../../../src-shared/evidence/merkle-verify.ts';
import { havePublicVectors, vectorFiles, vectorJson } from './public-vectors.ts';

const p = nodePrimitives;

/** MTH of RFC 6962 section 2.1, word for word. */
function definedRoot(leaves: Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return emptyRoot(p);
  if (leaves.length === 1) return first;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(p, definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k)));
}

function tree(size: number): { leaves: Uint8Array[]; read: ReadNode; reads: () => number; written: () => number } {
  const nodes = new Map<string, Uint8Array>();
  let reads = 0;
  const read: ReadNode = (level, index) => {
    reads++;
    const node = nodes.get(`${level}/${index}`);
    if (node === undefined) throw new Error(`node ${level}/${index} is not complete`);
    return node;
  };
  const leaves = Array.from({ length: size }, (_, i) => leafHash(p, encodeUtf8(`entry ${i}`)));
  leaves.forEach((leaf, i) => {
    for (const { level, index, hash } of appendNodes(p, i, leaf, read)) nodes.set(`${level}/${index}`, hash);
  });
  return { leaves, read, reads: () => reads, written: () => nodes.size };
}

const big = tree(300);

describe('Merkle tree', () => {
  it('has the published hashes for nothing and for the empty leaf', () => {
    expect(encodeHex(emptyRoot(p))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(encodeHex(leafHash(p, new Uint8Array(0)))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it('has the root that RFC 6962 defines at every size, now and looking back', () => {
    for (let size = 0; size <= 300; size++) {
      expect(rootAt(p, size, big.read)).toEqual(definedRoot(big.leaves.slice(0, size)));
    }
  });

  it('appends with two nodes and one read an entry on average', () => {
    const { reads, written } = tree(4096);
    expect(written()).toBe(2 * 4096 - 1);
    expect(reads()).toBe(4095);
  });

  it('proves inclusion of every leaf at every size up to 40', () => {
    for (let size = 1; size <= 40; size++) {
      const root = rootAt(p, size, big.read);
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(p, index, size, big.read);
        expect(verifyInclusion(p, big.leaves[index]!, index, size, proof, root)).toBe(true);
      }
    }
  });

  it('proves consistency of every two sizes up to 40', () => {
    for (let size = 1; size <= 40; size++) {
      for (let old = 1; old <= size; old++) {
        const proof = consistencyProof(p, old, size, big.read);
        const [oldRoot, root] = [rootAt(p, old, big.read), rootAt(p, size, big.read)];
        expect(verifyConsistency(p, old, size, oldRoot, root, proof)).toBe(true);
      }
    }
  });

  it('proves every range up to size 24, and holds the roots of all sizes within', () => {
    for (let size = 1; size <= 24; size++) {
      for (let from = 0; from < size; from++) {
        for (let to = from + 1; to <= size; to++) {
          const proof = rangeProof(p, from, to, size, big.read);
          const leaves = concatBytes(...big.leaves.slice(from, to));
          expect(rootFromRange(p, leaves, from, to, size, proof)).toEqual(rootAt(p, size, big.read));
          if (from > 0) expect(rootBeforeRange(p, from, proof)).toEqual(rootAt(p, from, big.read));
        }
      }
    }
  });

  it('gives the root of ranges with whole subtrees of hundreds of leaves in them, and of no other leaves', () => {
    const large = tree(1100);
    for (const [from, to, size] of [
      [0, 256, 256],
      [0, 257, 257],
      [0, 1100, 1100],
      [255, 1024, 1024],
      [1, 513, 1100],
      [256, 512, 1100],
      [300, 900, 1099],
    ] as const) {
      const proof = rangeProof(p, from, to, size, large.read);
      const leaves = concatBytes(...large.leaves.slice(from, to));
      const root = rootAt(p, size, large.read);
      expect(rootFromRange(p, leaves, from, to, size, proof)).toEqual(root);
      expect(definedRoot(large.leaves.slice(0, size))).toEqual(root);
      for (const at of [0, leaves.length / 2, leaves.length - 1]) {
        expect(rootFromRange(p, flip(leaves, at * 8), from, to, size, proof)).not.toEqual(root);
      }
    }
  });

  it('refuses any change to leaf, place, size, root or proof', () => {
    const places = fc.integer({ min: 2, max: 300 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
    fc.assert(
      fc.property(places, fc.nat(), fc.nat(255), ([size, index], at, bit) => {
        const root = rootAt(p, size, big.read);
        const proof = inclusionProof(p, index, size, big.read);
        const leaf = big.leaves[index]!;
        const flipped = proof.map((hash, i) => (i === at % proof.length ? flip(hash, bit) : hash));
        expect(verifyInclusion(p, leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(p, leaf, index, size, flipped, root)).toBe(false);
        expect(verifyInclusion(p, flip(leaf, bit), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(p, leaf, index, size, proof, flip(root, bit))).toBe(false);
        expect(verifyInclusion(p, leaf, (index + 1) % size, size, proof, root)).toBe(false);
        expect(verifyInclusion(p, leaf, index, size, proof.slice(1), root)).toBe(false);
        expect(verifyInclusion(p, leaf, index, size, [...proof, leaf], root)).toBe(false);
        const range = rangeProof(p, index, size, size, big.read);
        const leaves = concatBytes(...big.leaves.slice(index, size));
        expect(rootFromRange(p, leaves, index, size, size, range)).toEqual(root);
        expect(rootFromRange(p, flip(leaves, bit), index, size, size, range)).not.toEqual(root);
        expect(rootFromRange(p, leaves, index, size, size, [...range, leaf])).toBeUndefined();
        if (range.length > 0) expect(rootFromRange(p, leaves, index, size, size, range.slice(1))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('answers false for sizes and indexes that cannot be, and throws when asked to prove them', () => {
    const root = rootAt(p, 3, big.read);
    for (const [index, size] of [
      [-1, 3],
      [3, 3],
      [0.5, 3],
      [0, 0],
      [0, 2 ** 53],
      [Number.NaN, 3],
    ] as const) {
      expect(verifyInclusion(p, big.leaves[0]!, index, size, [], root)).toBe(false);
      if (size <= 3) expect(() => inclusionProof(p, index, size, big.read)).toThrow(RangeError);
    }
    expect(verifyConsistency(p, 0, 3, emptyRoot(p), root, [])).toBe(false);
    expect(() => consistencyProof(p, 0, 3, big.read)).toThrow(RangeError);
    expect(() => rangeProof(p, 2, 2, 3, big.read)).toThrow(RangeError);
    expect(rootFromRange(p, new Uint8Array(0), 1, 1, 3, [])).toBeUndefined();
  });

  it('works beyond 2^32 entries', () => {
    const size = 2 ** 40 + 3;
    // Only the two leaves around the place in question need a true parent.
    const hash = (level: number, index: number): Uint8Array =>
      level === 1 && index === 2 ** 39
        ? nodeHash(p, hash(0, 2 ** 40), hash(0, 2 ** 40 + 1))
        : p.sha256(encodeUtf8(`${level}/${index}`));
    const proof = inclusionProof(p, 2 ** 40 + 1, size, hash);
    expect(verifyInclusion(p, hash(0, 2 ** 40 + 1), 2 ** 40 + 1, size, proof, rootAt(p, size, hash))).toBe(true);
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = (bit >> 3) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe.runIf(havePublicVectors('transparency/rfc6962-merkle'))('RFC 6962 vectors', () => {
  const bytes = (text: string | null): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64'));
  const inclusion = 'transparency/rfc6962-merkle/testdata/inclusion/';
  const consistency = 'transparency/rfc6962-merkle/testdata/consistency/';

  it('gives the stated verdict on all 98 inclusion proofs', () => {
    const files = vectorFiles(inclusion, '.json');
    for (const file of files) {
      const v = vectorJson<{
        leafIdx: number;
        treeSize: number;
        root: string;
        leafHash: string;
        proof: string[] | null;
        wantErr: boolean;
      }>(inclusion + file);
      const proof = (v.proof ?? []).map(bytes);
      const verdict = verifyInclusion(p, bytes(v.leafHash), v.leafIdx, v.treeSize, proof, bytes(v.root));
      expect([file, verdict]).toEqual([file, !v.wantErr]);
    }
    expect(files).toHaveLength(98);
  });

  it('gives the stated verdict on all 98 consistency proofs', () => {
    const files = vectorFiles(consistency, '.json');
    for (const file of files) {
      const v = vectorJson<{
        size1: number;
        size2: number;
        root1: string;
        root2: string;
        proof: string[] | null;
        wantErr: boolean;
      }>(consistency + file);
      const proof = (v.proof ?? []).map(bytes);
      const verdict = verifyConsistency(p, v.size1, v.size2, bytes(v.root1), bytes(v.root2), proof);
      expect([file, verdict]).toEqual([file, !v.wantErr]);
    }
    expect(files).toHaveLength(98);
  });
});
