// Documents through the window: a real console's bundle, piece by piece over the calls that the page has, and what becomes of one that
// nobody wants any more.
import { afterEach, expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { StreamedDocument } from '../../../src-main/core/dispatch/arrival.ts';
import { createDocumentDesk } from '../../../src-main/shells/electron/documents.ts';
import { createPageCalls } from '../../../src-main/shells/electron/page-calls.ts';
import { type BridgeAnswer, createWindowSession } from '../../../src-main/shells/electron/window-session.ts';
import { type Bridge, createIpcTransport } from '../../../src-renderer/api/ipc-transport.ts';
import type { OperationName } from '../../../src-shared/contract/contract.ts';
import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';
import { createClipboard, createRecorder } from './recorded.ts';

let console: TestConsole;
afterEach(() => console?.[Symbol.asyncDispose]());

/** The page's side and the main process's, with nothing between them but what the channel carries. */
async function window() {
  console = await createTestConsole();
  const { timers, log } = console.host;
  const documents = createDocumentDesk();
  const session = createWindowSession({
    console: console.core,
    documents,
    timers,
    log,
    newTraceId: () => 'f'.repeat(32),
    userAgent: 'test',
    changed: () => undefined,
    announced: () => undefined,
  });
  const clipboard = createClipboard(createRecorder());
  const pageCalls = createPageCalls({ clipboard, hideFromCapture: () => true, documents, timers, log });
  const asked: string[] = [];
  const bridge: Bridge = {
    platform: 'linux',
    async call(name, input) {
      asked.push(name);
      let answer: BridgeAnswer;
      try {
        const output = await pageCalls.answer(name, input);
        answer = output === undefined ? await session.call(name as OperationName, input) : { kind: 'output', output };
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        answer = { kind: 'problem', problem: problemBody(error) };
      }
      return structuredClone(answer);
    },
    subscribe: () => () => undefined,
  };
  const transport = createIpcTransport(bridge);
  const first = await transport.call('auth.login', { username: 'mira', password: adminPassword }, {});
  if (!('mfa_enrollment_required' in first)) throw new Error('expected to be asked for enrolment');
  const { secret } = await transport.call('auth.mfa_enable', { token: first.token }, {});
  await transport.call('auth.mfa_verify', { token: first.token, code: console.code(secret) }, {});
  await transport.call('auth.session', {}, {});
  return { transport, session, asked };
}

test('a bundle comes in pieces, says how far it is, and verifies; as text it is the same kind of bundle', async () => {
  const { transport } = await window();
  const { verifier_key } = await transport.call('audit.public_key', {}, {});
  const progress: number[] = [];
  const file = await transport.download('audit.export', {}, { onProgress: (done, size) => progress.push(done / size) });
  expect(progress.at(-1)).toBe(1);
  const verdict = (bytes: Uint8Array) => verifyBundle(nodePrimitives, bytes, { trustedKeys: [verifier_key] }).verdict;
  expect(verdict(new Uint8Array(await file.arrayBuffer()))).toBe('VERIFIED');
  expect(verdict(new TextEncoder().encode(await transport.call('audit.export', {}, {})))).toBe('VERIFIED');
});

test('whoever is locked out gets no more of it, and who gives up stops it', async () => {
  const { transport, session, asked } = await window();
  const stop = new AbortController();
  const given = transport.download('audit.export', {}, { signal: stop.signal, onProgress: () => stop.abort() });
  await expect(given).rejects.toThrow(/abort/i);
  expect(asked.at(-1)).toBe('desktop.document_drop');
  const answer = await session.call('audit.export', {});
  expect(answer.kind).toBe('document');
  await session.lock();
  await expect(transport.download('audit.export', {}, { onProgress: () => undefined })).rejects.toMatchObject({
    problem: { code: 'access/locked' },
  });
});

function endless(sizeMiB: number) {
  const seen = { made: 0, stopped: false };
  async function* parts(): AsyncGenerator<Uint8Array> {
    try {
      for (; seen.made < sizeMiB * 16; seen.made++) yield new Uint8Array(64 * 1024);
    } finally {
      seen.stopped = true;
    }
  }
  return { seen, document: new StreamedDocument(sizeMiB * 1024 * 1024, parts()) };
}

test('its size is no question of memory: pieces are made when they are asked for', async () => {
  const desk = createDocumentDesk();
  const { seen, document } = endless(300);
  const { id, size } = desk.hold(document);
  let got = 0;
  for (;;) {
    const piece = await desk.next(id);
    if (piece === undefined) break;
    expect(piece.length).toBeLessThanOrEqual(1024 * 1024 + 64 * 1024);
    got += piece.length;
    expect(seen.made * 64 * 1024 - got).toBeLessThanOrEqual(1024 * 1024);
  }
  expect(got).toBe(size);
  await expect(desk.next(id)).rejects.toThrow('begin it again');
});

test('dropped ones are stopped; a fifth stops the first; unknown ones are refused', async () => {
  const desk = createDocumentDesk();
  const five = Array.from({ length: 5 }, () => endless(2));
  const ids: number[] = [];
  for (const { document } of five) {
    ids.push(desk.hold(document).id);
    await desk.next(ids.at(-1) ?? 0);
  }
  expect(five.map(({ seen }) => seen.stopped)).toEqual([true, false, false, false, false]);
  desk.drop(ids[2] ?? 0);
  await expect(desk.next(ids[2] ?? 0)).rejects.toThrow(ProblemError);
  desk.dropAll();
  await Promise.resolve();
  expect(five.every(({ seen }) => seen.stopped)).toBe(true);
  await expect(desk.next(99)).rejects.toThrow(ProblemError);
});

test('what fails on the way says so once, and is forgotten', async () => {
  const desk = createDocumentDesk();
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(2 * 1024 * 1024);
    throw new ProblemError('bundles/state', 'entries of the range were pruned meanwhile; export it again');
  }
  const { id } = desk.hold(new StreamedDocument(3, parts()));
  expect((await desk.next(id))?.length).toBe(2 * 1024 * 1024);
  await expect(desk.next(id)).rejects.toThrow('export it again');
  await expect(desk.next(id)).rejects.toThrow('begin it again');
});
