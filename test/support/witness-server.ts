// A witness after C2SP tlog-witness v1.0.0: knows some logs by origin and key, remembers the newest checkpoint of each, and cosigns
// what continues it. Written from the specification, apart from the client.
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { nodePrimitives } from '../../src-main/base/evidence-primitives.ts';
import { parseCheckpoint } from '../../src-shared/evidence/checkpoint.ts';
import { cosignatureBytes, cosignedMessage, createWitnessKey } from '../../src-shared/evidence/cosignature.ts';
import { verifyConsistency } from '../../src-shared/evidence/merkle-verify.ts';
import { openNote, parseVerifierKey, signatureLine, type VerifierKey } from '../../src-shared/evidence/signed-note.ts';
import { createLocalServer, type LocalServer } from './local-server.ts';

export type WitnessServer = LocalServer & {
  readonly key: VerifierKey;
  /** `ADDRESS VKEY`, as the setting has it. */
  readonly setting: string;
  readonly seen: Map<string, { size: number; root: Uint8Array }>;
  /** Trusts a log. */
  know(verifierKey: string): void;
  /** `signWrongly`: by another key than the one it is known by. */
  readonly state: { signWrongly: boolean };
};

export function witnessSigner(
  name: string,
  seedByte: number,
): { key: VerifierKey; line(text: string, seconds: number): string } {
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seedByte)]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const key = createWitnessKey(nodePrimitives, name, new Uint8Array(spki.subarray(-32)));
  return {
    key,
    line: (text, seconds) =>
      signatureLine(key, cosignatureBytes(seconds, sign(null, cosignedMessage(text, seconds), privateKey))),
  };
}

export async function createWitnessServer(
  now: () => number = () => Date.now(),
  name = 'witness.example/w1',
): Promise<WitnessServer> {
  const logs = new Map<string, VerifierKey>();
  const seen = new Map<string, { size: number; root: Uint8Array }>();
  const { key, line } = witnessSigner(name, 41);
  const impostor = witnessSigner('impostor', 42);
  const state = { signWrongly: false };

  const server = await createLocalServer(({ method, path, body }, response) => {
    const refuse = (status: number, text = '', type = 'text/plain'): void =>
      void response.writeHead(status, { 'content-type': type }).end(text);
    if (method !== 'POST' || path !== '/add-checkpoint') return refuse(404);
    const match = /^old (0|[1-9]\d*)\n((?:[A-Za-z0-9+/=]+\n){0,63})\n([\s\S]+)$/.exec(body.toString('utf8'));
    if (match === null) return refuse(400, 'malformed request');
    const oldSize = Number(match[1]);
    const proof = (match[2] ?? '')
      .split('\n')
      .slice(0, -1)
      .map((text) => new Uint8Array(Buffer.from(text, 'base64')));
    const note = match[3] ?? '';
    const origin = note.slice(0, note.indexOf('\n'));
    const log = logs.get(origin);
    if (log === undefined) return refuse(404);
    const opened = openNote(nodePrimitives, note, [log]);
    if (opened.verifiedBy.length === 0) return refuse(403);
    const { size, root } = parseCheckpoint(opened.text);
    if (oldSize > size) return refuse(400);
    const held = seen.get(origin) ?? { size: 0, root: new Uint8Array(0) };
    if (oldSize !== held.size) return refuse(409, `${held.size}\n`, 'text/x.tlog.size');
    if (held.size === size && !Buffer.from(held.root).equals(root)) return refuse(409);
    const consistent =
      held.size === 0
        ? proof.length === 0
        : held.size === size || verifyConsistency(nodePrimitives, held.size, size, held.root, root, proof);
    if (!consistent) return refuse(422);
    seen.set(origin, { size, root });
    const cosigned = line(opened.text, Math.floor(now() / 1000));
    const wrong = impostor.line(opened.text, 1).split(' ')[2] ?? '';
    refuse(
      200,
      state.signWrongly ? `— ${key.name} ${swapId(wrong, cosigned)}` : `${impostor.line(opened.text, 1)}${cosigned}`,
    );
  });
  return Object.assign(server, {
    key,
    setting: `${server.address} ${key.text}`,
    seen,
    know(verifierKey: string) {
      const log = parseVerifierKey(nodePrimitives, verifierKey);
      logs.set(log.name, log);
    },
    state,
  });
}

/** Somebody else's signature under the key id of the line. */
function swapId(signature: string, cosigned: string): string {
  const own = Buffer.from(cosigned.trim().split(' ')[2] ?? '', 'base64');
  return `${Buffer.concat([own.subarray(0, 4), Buffer.from(signature, 'base64').subarray(4)]).toString('base64')}\n`;
}
