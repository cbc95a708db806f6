// A small audit log in memory, with a fixed key and fixed seeds, from which the tests export bundles: the same bytes every time.

import { createPrivateKey, createPublicKey, sign as signEd25519 } from 'node:crypto';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { type BundleInput, buildBundle } from '../../../src-shared/evidence/bundle.ts';
import { encodeUtf8 } from '../../../src-shared/evidence/bytes.ts';
import type { JsonObject } from '../../../src-shared/evidence/canonical-json.ts';
import { checkpointText } from '../../../src-shared/evidence/checkpoint.ts';
import { type EntryBody, formatEntry, sealEntry } from '../../../src-shared/evidence/entry.ts';
import {
  appendNodes,
  consistencyProof,
  inclusionProof,
  rangeProof,
  rootAt,
} from '../../../src-shared/evidence/merkle.ts';
import { createVerifierKey, formatNote, type VerifierKey } from '../../../src-shared/evidence/signed-note.ts';

export type Signer = { key: VerifierKey; sign: (message: Uint8Array) => Uint8Array };

/** An Ed25519 signer from one repeated byte. For tests only, as the seed shows. */
export function testSigner(name: string, seedByte: number): Signer {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const privateKey = createPrivateKey({
    key: Buffer.concat([head, Buffer.alloc(32, seedByte)]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    key: createVerifierKey(nodePrimitives, name, new Uint8Array(spki.subarray(-32))),
    sign: (message) => new Uint8Array(signEd25519(null, message, privateKey)),
  };
}

export const ORIGIN = 'gatehouse/0198a3f2';
export const signer: Signer = testSigner(ORIGIN, 7);

export function sampleBody(seq: number): EntryBody {
  return {
    seq,
    workspace: seq % 3 === 0 ? 'lab' : 'prod',
    workspace_seq: seq % 3 === 0 ? seq / 3 : seq - Math.floor(seq / 3),
    id: `0198a3f2-0000-7000-8000-${String(seq).padStart(12, '0')}`,
    time: new Date(Date.UTC(2026, 10, 21, 14, 0, 0, 0) + seq * 1234).toISOString(),
    event_type: seq % 2 === 0 ? 'api_call' : 'credential_access',
    action: seq % 2 === 0 ? 'POST /api/v1/events' : 'secret.read',
    success: seq % 5 !== 0,
    phi: false,
    actor: { kind: 'user', id: `u-${seq % 7}`, name: 'jonas.weber' },
    resource: { type: 'secret', id: `db/orders/${seq}` },
    ip_address: `203.0.113.${seq % 250}`,
    user_agent: 'curl/8.5.0 „Prüfung“',
    details: { request: { headers: { host: 'console.local' }, size: seq * 10 }, status: 200 },
  };
}

export class SampleLog {
  readonly signer: Signer;
  readonly bodies: EntryBody[] = [];
  readonly leaves: string[] = [];
  private readonly nodes = new Map<string, Uint8Array>();

  constructor(size: number, options: { signer?: Signer; body?: (seq: number) => EntryBody } = {}) {
    this.signer = options.signer ?? signer;
    for (let seq = 1; seq <= size; seq++) this.append((options.body ?? sampleBody)(seq));
  }

  get size(): number {
    return this.leaves.length;
  }

  append(body: EntryBody): void {
    const sealed = sealEntry(nodePrimitives, body, this.seed(body.seq));
    for (const { level, index, hash } of appendNodes(nodePrimitives, this.size, sealed.leafHash, this.read)) {
      this.nodes.set(`${level}/${index}`, hash);
    }
    this.bodies.push(body);
    this.leaves.push(sealed.leaf);
  }

  seed(seq: number): Uint8Array {
    return nodePrimitives.sha256(encodeUtf8(`test seed ${seq}`));
  }

  readonly read = (level: number, index: number): Uint8Array => {
    const node = this.nodes.get(`${level}/${index}`);
    if (node === undefined) throw new Error(`no node ${level}/${index}`);
    return node;
  };

  root(size = this.size): Uint8Array {
    return rootAt(nodePrimitives, size, this.read);
  }

  checkpoint(size = this.size): string {
    const { key, sign } = this.signer;
    return formatNote(checkpointText(key.name, size, this.root(size)), key, sign);
  }

  /** The input of a bundle over [from, to], whole, or only the entries that `chosen` accepts. */
  input(
    from: number,
    to: number,
    options: {
      size?: number;
      filter?: JsonObject;
      chosen?: (body: EntryBody) => boolean;
      disclose?: (path: string) => boolean;
    } & Partial<BundleInput> = {},
  ): BundleInput {
    const { size = this.size, filter, chosen = () => true, disclose, ...rest } = options;
    const seqs = this.bodies
      .slice(from - 1, to)
      .filter(chosen)
      .map(({ seq }) => seq);
    const entries = seqs.map((seq) => {
      const proof = filter && inclusionProof(nodePrimitives, seq - 1, size, this.read);
      const body = this.bodies[seq - 1]!;
      return formatEntry(nodePrimitives, this.leaves[seq - 1]!, body, this.seed(seq), disclose, proof);
    });
    return {
      console: 'Nordkai Console',
      signer: this.signer.key,
      checkpoint: this.checkpoint(size),
      range: { from, to },
      filter: filter ?? null,
      entries: () => entries,
      rangeProof: filter ? null : rangeProof(nodePrimitives, from - 1, to, size, this.read),
      exportedAt: '2026-11-21T14:05:00.000Z',
      exportedBy: { id: 'u-1', kind: 'user', name: 'jonas.weber' },
      reason: 'INC-0147',
      ...rest,
    };
  }

  bundle(...args: Parameters<SampleLog['input']>): Uint8Array {
    return buildBundle(nodePrimitives, this.input(...args), this.signer.sign);
  }

  consistency(oldSize: number, newSize = this.size): { size: number; root: Uint8Array; hashes: Uint8Array[] } {
    const hashes = consistencyProof(nodePrimitives, oldSize, newSize, this.read);
    return { size: oldSize, root: this.root(oldSize), hashes };
  }
}

/** The bundle that is committed as test/fixtures/evidence/sample.ghbundle, byte for byte. */
export function sampleFixture(): { bytes: Uint8Array; log: SampleLog } {
  const log = new SampleLog(5);
  const bytes = log.bundle(3, 4, {
    attachments: [{ name: 'note.txt', media_type: 'text/plain', data: encodeUtf8('Seen by two people.\n') }],
    consistency: [log.consistency(1)],
    disclose: (path) => path !== 'user_agent',
    hmac: { keyId: 'env-1', secret: encodeUtf8('sample secret') },
  });
  return { bytes, log };
}

/** What is committed as sample-control.ghbundle, and as sample-control-contradicted.ghbundle: signed just so, but not of these types. */
export function controlFixtures(): { genuine: Uint8Array; contradicted: Uint8Array } {
  const log = new SampleLog(5);
  const made = (eventTypes: string[]): Uint8Array =>
    log.bundle(1, 5, {
      filter: {
        catalogue_version: 1,
        control: 'A.5.17',
        event_types: eventTypes,
        framework: 'iso27001',
        workspace: 'prod',
      },
      chosen: ({ workspace, event_type: type }) => workspace === 'prod' && type === 'credential_access',
    });
  return {
    genuine: made(['credential_access', 'key_create']),
    contradicted: made(['key_create', 'key_revoke']),
  };
}
