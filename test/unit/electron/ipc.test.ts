// The guard: what is not from our page's main frame, or not for the window, never reaches the console.
import { expect, test } from 'vitest';
import { createDocumentDesk } from '../../../src-main/shells/electron/documents.ts';
import { registerIpc } from '../../../src-main/shells/electron/ipc.ts';
import { createPageCalls } from '../../../src-main/shells/electron/page-calls.ts';
import type { WindowSession } from '../../../src-main/shells/electron/window-session.ts';
import { contract, operationNames } from '../../../src-shared/contract/contract.ts';
import { createTestHost } from '../../support/host.ts';
import { createClipboard, createContents, createIpc, createRecorder, messageFrom, type Recorder } from './recorded.ts';

/** Writes down what got through. */
function recordedSession(recorder: Recorder, fail?: Error): WindowSession {
  return {
    async call(operation, input) {
      recorder.note('session.call', operation, input);
      if (fail !== undefined) throw fail;
      return { kind: 'output', output: { through: true } };
    },
    listen(deliver) {
      recorder.note('session.listen');
      deliver({ topic: 'alerts.changed', ref: 'a', revision: 1 });
    },
    stopListening: () => recorder.note('session.stopListening'),
    standing: () => ({ kind: 'signed-out' }),
    isSettingUp: () => false,
    lock: async () => false,
  };
}

function setting(fail?: Error) {
  const recorder = createRecorder();
  const ipc = createIpc(recorder);
  const host = createTestHost();
  const contents = createContents(recorder);
  const clipboard = createClipboard(recorder);
  registerIpc({
    ipc,
    isOurs: (sender) => sender === contents,
    session: recordedSession(recorder, fail),
    pageCalls: createPageCalls({
      clipboard,
      hideFromCapture(isHidden) {
        recorder.note('hideFromCapture', isHidden);
        return true;
      },
      documents: createDocumentDesk(),
      timers: host.timers,
      log: host.log,
    }),
    log: host.log,
  });
  recorder.calls.length = 0;
  return { recorder, ipc, host, contents, clipboard };
}

test('two channels are answered, and no other', () => {
  const recorder = createRecorder();
  registerIpc({
    ipc: createIpc(recorder),
    isOurs: () => true,
    session: recordedSession(recorder),
    pageCalls: { answer: () => undefined },
    log: createTestHost().log,
  });
  expect(recorder.calls).toEqual([
    ['ipc.handle', 'gatehouse:call'],
    ['ipc.on', 'gatehouse:listen'],
  ]);
});

test('a call from the page goes through', async () => {
  const { recorder, ipc, contents } = setting();
  expect(await ipc.call(messageFrom(contents), 'alerts.list', { limit: 5 })).toEqual({
    kind: 'output',
    output: { through: true },
  });
  expect(recorder.calls).toEqual([['session.call', 'alerts.list', { limit: 5 }]]);
});

test.each([
  ['a sub frame', { parent: {}, frameTreeNodeId: 9 }, 'not the main frame'],
  ['a frame that claims to have no parent', { frameTreeNodeId: 9 }, 'not the main frame'],
  ['another site', { origin: 'https://example.com', url: 'https://example.com/' }, 'foreign origin'],
  ['another host of the protocol', { origin: 'app://other', url: 'app://other/' }, 'foreign origin'],
  ['an origin that only begins like ours', { origin: 'app://gatehouse.example.com' }, 'foreign origin'],
  ['an opaque origin', { origin: 'null' }, 'foreign origin'],
  ['our origin with another address', { url: 'https://example.com/' }, 'foreign origin'],
  ['a file', { origin: 'file://', url: 'file:///anywhere/x.html' }, 'foreign origin'],
  ['a frame that is gone', null, 'no frame'],
])('refuses %s, and says so in the log', async (_, frame, reason) => {
  const { recorder, ipc, host, contents } = setting();
  expect(await ipc.call(messageFrom(contents, frame), 'auth.session', {})).toMatchObject({
    kind: 'problem',
    problem: { code: 'access/forbidden', status: 403 },
  });
  ipc.listen(messageFrom(contents, frame), true);
  expect(recorder.calls).toEqual([]);
  expect(host.logged.map(({ level, event, fields }) => [level, event, fields?.channel, fields?.reason])).toEqual([
    ['warn', 'an IPC message was refused', 'gatehouse:call', reason],
    ['warn', 'an IPC message was refused', 'gatehouse:listen', reason],
  ]);
});

test('refuses a window that is not the console’s', async () => {
  const { recorder, ipc, host } = setting();
  const stranger = createContents(recorder);
  expect(await ipc.call(messageFrom(stranger), 'auth.session', {})).toMatchObject({
    problem: { code: 'access/forbidden' },
  });
  ipc.listen(messageFrom(stranger), true);
  expect(recorder.calls).toEqual([]);
  expect(host.logged.map(({ fields }) => fields?.reason)).toEqual(['unknown window', 'unknown window']);
});

test.each(['nothing.at_all', '__proto__', 'constructor', 'toString', '', 'alerts.list ', 'x'.repeat(10_000)])(
  'refuses the unknown operation %.40j',
  async (name) => {
    const { recorder, ipc, contents } = setting();
    const answer = await ipc.call(messageFrom(contents), name, {});
    expect(answer).toMatchObject({ kind: 'problem', problem: { code: 'request/not-found' } });
    expect(JSON.stringify(answer).length).toBeLessThan(1_000);
    expect(recorder.calls).toEqual([]);
  },
);

test('refuses every operation that is not for the window, and lets every other through', async () => {
  const { recorder, ipc, contents } = setting();
  const through: string[] = [];
  for (const name of operationNames) {
    const answer = (await ipc.call(messageFrom(contents), name, {})) as { kind: string; problem?: { code: string } };
    if (answer.kind === 'output') through.push(name);
    else expect(answer.problem?.code).toBe('access/forbidden');
  }
  expect(through).toEqual(operationNames.filter((name) => contract[name].window));
  expect(through.length).toBeLessThan(operationNames.length);
  expect(recorder.of('session.call')).toHaveLength(through.length);
});

test.each([
  ['null', null],
  ['undefined', undefined],
  ['text', 'limit=5'],
  ['a number', 5],
  ['an array', [{}]],
  ['a map', new Map([['limit', 5]])],
  ['a date', new Date(0)],
  ['bytes', new Uint8Array(4)],
  ['an object of a class', new (class Input {})()],
])('refuses %s as the input', async (_, input) => {
  const { recorder, ipc, contents } = setting();
  expect(await ipc.call(messageFrom(contents), 'alerts.list', input)).toMatchObject({
    problem: { code: 'request/malformed' },
  });
  expect(recorder.calls).toEqual([]);
});

test('refuses calls of another shape', async () => {
  const { recorder, ipc, contents } = setting();
  const event = messageFrom(contents);
  for (const values of [
    [],
    ['alerts.list'],
    [{ name: 'alerts.list' }, {}],
    ['alerts.list', {}, {}],
    [['alerts.list'], {}],
  ]) {
    expect(await ipc.call(event, ...values)).toMatchObject({ problem: { code: 'request/malformed' } });
  }
  for (const values of [[], ['true'], [1], [true, true]]) ipc.listen(event, ...values);
  expect(recorder.calls).toEqual([]);
});

test('an error inside is answered without its words or its stack', async () => {
  const { ipc, host, contents } = setting(new Error('the secret is 12345'));
  const answer = JSON.stringify(await ipc.call(messageFrom(contents), 'alerts.list', {}));
  expect(answer).toContain('"code":"internal"');
  expect(answer).not.toMatch(/12345|\bat \S+:\d+|ipc\.ts/);
  expect(host.logged).toMatchObject([{ level: 'error', event: 'internal error' }]);
});

test('a copied secret passes the guard and never reaches the console', async () => {
  const { recorder, ipc, contents, clipboard } = setting();
  const copy = { text: 'vT7-quartz', clear_after_ms: 30_000 };
  expect(
    await ipc.call(messageFrom(contents, { parent: {}, frameTreeNodeId: 9 }), 'desktop.copy_secret', copy),
  ).toMatchObject({
    problem: { code: 'access/forbidden' },
  });
  expect(clipboard.text).toBe('');
  expect(await ipc.call(messageFrom(contents), 'desktop.copy_secret', copy)).toEqual({
    kind: 'output',
    output: { ok: true },
  });
  expect(clipboard.text).toBe('vT7-quartz');
  expect(recorder.of('session.call')).toEqual([]);
});

test('announcements go to the contents that asked, and not to one that is gone', () => {
  const { recorder, ipc, contents } = setting();
  ipc.listen(messageFrom(contents), true);
  expect(recorder.of('contents.send')).toEqual([
    ['gatehouse:announce', { topic: 'alerts.changed', ref: 'a', revision: 1 }],
  ]);
  contents.destroyed = true;
  ipc.listen(messageFrom(contents), true);
  ipc.listen(messageFrom(contents), false);
  expect(recorder.of('contents.send')).toHaveLength(1);
  expect(recorder.of('session.stopListening')).toHaveLength(1);
});
