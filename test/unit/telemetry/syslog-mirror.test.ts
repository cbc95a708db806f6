// Syslog over TLS and TCP to a real receiver: what is confirmed has arrived, whatever the receiver does.
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { syslogFrame, syslogMessage } from '../../../src-main/adapters/telemetry/syslog-frame.ts';
import { createSyslogMirror } from '../../../src-main/adapters/telemetry/syslog-mirror.ts';
import type { TlsTrust } from '../../../src-main/adapters/telemetry/tls-trust.ts';
import { parseSyslogTarget } from '../../../src-main/core/mirror-targets.ts';
import { createSyslogReceiver, type SyslogReceiver } from '../../support/syslog-receiver.ts';
import { createSelfSigned, createServerPair, fingerprintOf } from '../../support/tls-pairs.ts';
import { never, record, records } from './records.ts';

const sender = { hostName: 'desk 7', version: '1.2.3' };
const pair = await createServerPair();

function mirrorTo(
  address: string,
  trust: Partial<TlsTrust> = {},
  patience = { connectMs: 5_000, quietMs: 100, endMs: 500 },
) {
  const mirror = createSyslogMirror({
    name: address,
    target: parseSyslogTarget(address),
    trust: { ca: pair.ca, client: undefined, ...trust },
    version: '1.2.3',
    patience,
  });
  onTestFinished(() => mirror.close());
  return mirror;
}

async function receiver(...parameters: Parameters<typeof createSyslogReceiver>): Promise<SyslogReceiver> {
  const made = await createSyslogReceiver(...parameters);
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

function seqs({ messages }: SyslogReceiver): number[] {
  return messages.map((message) => JSON.parse(message.slice(message.indexOf('{'))).seq);
}

test('a message is as RFC 5424 has it, and its frame counts octets', () => {
  const message = syslogMessage(record(7), sender);
  expect(message).toBe(
    '<109>1 2026-11-21T14:03:02.037Z desk_7 gatehouse-audit - login [origin software="Gatehouse" swVersion="1.2.3"][meta sequenceId="7"] {"seq":7,"text":"é"}',
  );
  expect(syslogFrame(record(7), sender)).toBe(`${Buffer.byteLength(message)} ${message}`);
  expect(syslogMessage(record(1, { stream: 'alerts', level: 'critical' }), sender)).toMatch(
    /^<114>1 .* gatehouse-alerts - /,
  );
  expect(syslogMessage(record(2_147_483_648), sender)).toContain('[meta sequenceId="1"]');
});

test('whatever stands in a record, its header stays one and its frame ends where it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(), (kind, line, seq) => {
      const frame = Buffer.from(syslogFrame(record(seq + 1, { kind, line }), { hostName: kind, version: kind }));
      const blank = frame.indexOf(0x20);
      expect(Number(frame.subarray(0, blank).toString())).toBe(frame.length - blank - 1);
      expect(frame.subarray(blank + 1).toString('utf8')).toMatch(
        /^<\d+>1 \S+ [\x21-\x7e]{1,255} gatehouse-audit - [\x21-\x7e]{1,32} \[origin software="Gatehouse" swVersion="([^"\\\]]|\\["\\\]])*"\]\[meta sequenceId="\d+"\] /,
      );
    }),
  );
});

test.each(['tls', 'tcp'])(
  '%s: what is confirmed has arrived, in order, over one connection until then',
  async (scheme) => {
    const siem = await receiver(scheme === 'tls' ? pair : undefined);
    const mirror = mirrorTo(`${scheme}://localhost:${siem.port}`);
    for (let n = 0; n < 5; n++) expect(await mirror.send(records(n * 100 + 1, n * 100 + 100), never)).toBe(0);
    await mirror.confirm?.(never);
    expect(seqs(siem)).toEqual(records(1, 500).map(({ seq }) => seq));
    expect(siem.connections).toBe(1);
    await mirror.send(records(501, 501), never);
    await mirror.confirm?.(never);
    expect(seqs(siem).at(-1)).toBe(501);
  },
);

test('a receiver that ends an idle connection costs nothing', async () => {
  const siem = await receiver(pair);
  const mirror = mirrorTo(`tls://localhost:${siem.port}`);
  await mirror.send(records(1, 1), never);
  await mirror.confirm?.(never);
  await siem.goAway();
  await siem.comeBack();
  await mirror.send(records(2, 2), never);
  await mirror.confirm?.(never);
  expect(seqs(siem)).toEqual([1, 2]);
});

test('without the receipt it is said, so that all of it is sent again', async () => {
  const siem = await receiver(pair);
  const mirror = mirrorTo(`tls://localhost:${siem.port}`);
  await mirror.send(records(1, 10), never);
  await siem.goAway();
  await expect(mirror.confirm?.(never)).rejects.toThrow(/broke the connection off|dropped the connection/);
  mirror.close();
  await expect(mirror.send(records(1, 10), never)).rejects.toThrow(`nothing listens at localhost:${siem.port}`);
  mirror.close();
  await siem.comeBack();
  await mirror.send(records(1, 10), never);
  await mirror.confirm?.(never);
  expect(new Set(seqs(siem))).toEqual(new Set(records(1, 10).map(({ seq }) => seq)));
});

test('one that breaks off when it is sent to', async () => {
  const siem = await receiver();
  siem.behave('rude');
  const mirror = mirrorTo(`tcp://localhost:${siem.port}`);
  const all = async () => {
    await mirror.send(records(1, 10), never);
    await mirror.confirm?.(never);
  };
  await expect(all()).rejects.toThrow(/dropped|broke/);
});

test('one that never ends its side, and one that always breaks off at the end, are asked whether they still listen', async () => {
  const siem = await receiver();
  siem.behave('endless');
  const mirror = mirrorTo(`tcp://localhost:${siem.port}`);
  await mirror.send(records(1, 10), never);
  await mirror.confirm?.(never);
  expect(siem.connections).toBe(2);
  siem.behave('rude-end');
  await mirror.send(records(11, 20), never);
  await expect(mirror.confirm?.(never)).rejects.toThrow('broke the connection off instead of ending it');
  mirror.close();
  await mirror.send(records(11, 20), never);
  await mirror.confirm?.(never);
  expect(new Set(seqs(siem)).size).toBe(20);
});

test('one that answers what nobody asked for is not listened to', async () => {
  const siem = await receiver(pair);
  siem.behave('chatty');
  const mirror = mirrorTo(`tls://localhost:${siem.port}`);
  await mirror.send(records(1, 100), never);
  await mirror.confirm?.(never);
  expect(siem.messages).toHaveLength(100);
});

test('one that does not read holds us up, and nothing piles up in memory', async () => {
  const siem = await receiver();
  siem.behave('deaf');
  const mirror = mirrorTo(`tcp://127.0.0.1:${siem.port}`);
  const big = Array.from({ length: 16 }, (_, n) => record(n + 1, { line: 'x'.repeat(1 << 20) }));
  const limit = AbortSignal.timeout(300);
  await expect(mirror.send(big, limit)).rejects.toThrow('no answer');
});

test('the wrong certificate gets not a byte', async () => {
  const siem = await receiver(pair);
  const address = `tls://localhost:${siem.port}`;
  const other = await createServerPair();
  await expect(mirrorTo(address, { ca: other.ca }).send(records(1, 1), never)).rejects.toThrow(
    /is not from a CA that is trusted here; set mirrors.ca_file, or pin=/,
  );
  await expect(mirrorTo(address, { ca: undefined }).send(records(1, 1), never)).rejects.toThrow(/not from a CA/);
  const stranger = createSelfSigned('other.example');
  const named = await receiver(stranger);
  await expect(
    mirrorTo(`tls://localhost:${named.port}`, { ca: stranger.ca }).send(records(1, 1), never),
  ).rejects.toThrow(/is for another name/);
  await expect(mirrorTo(`${address} pin=sha256:${'ab'.repeat(32)}`).send(records(1, 1), never)).rejects.toThrow(
    'shows another certificate than the pinned one',
  );
  const plain = await receiver();
  await expect(
    mirrorTo(`tls://localhost:${plain.port}`, {}, { connectMs: 300, quietMs: 0, endMs: 300 }).send(
      records(1, 1),
      never,
    ),
  ).rejects.toThrow(/does not answer|does not speak TLS|dropped the connection/);
  expect([...siem.messages, ...named.messages, ...plain.messages]).toEqual([]);
});

test('a pinned certificate needs no CA; a client certificate is shown where it is asked for', async () => {
  const stranger = createSelfSigned('other.example');
  const client = createSelfSigned('gatehouse');
  const siem = await receiver({ ...stranger, clientCa: client.cert });
  const address = `tls://localhost:${siem.port} pin=sha256:${fingerprintOf(stranger.cert)}`;
  const mirror = mirrorTo(address, { ca: undefined, client });
  await mirror.send(records(1, 3), never);
  await mirror.confirm?.(never);
  expect(siem.messages).toHaveLength(3);
  const without = mirrorTo(address, { ca: undefined });
  const all = async () => {
    await without.send(records(1, 3), never);
    await without.confirm?.(never);
  };
  await expect(all()).rejects.toThrow(/refused our certificate|dropped|broke/);
  expect(siem.messages).toHaveLength(3);
});
