// What the page gets: three names, each bound to its channel, and nothing of Electron behind them.
import { expect, test, vi } from 'vitest';

const double = vi.hoisted(() => {
  const calls: unknown[][] = [];
  const listeners = new Map<string, (event: unknown, ...values: unknown[]) => void>();
  return {
    calls,
    listeners,
    exposed: new Map<string, Record<string, unknown>>(),
    ipcRenderer: {
      invoke: async (...values: unknown[]) => {
        calls.push(['invoke', ...values]);
        return 'answer';
      },
      send: (...values: unknown[]) => void calls.push(['send', ...values]),
      on: (channel: string, listener: (event: unknown, ...values: unknown[]) => void) => {
        calls.push(['on', channel]);
        listeners.set(channel, listener);
      },
      postMessage: () => undefined,
      sendSync: () => undefined,
    },
  };
});

vi.mock('electron', () => ({
  contextBridge: {
    exposeInMainWorld: (name: string, api: Record<string, unknown>) => void double.exposed.set(name, api),
  },
  ipcRenderer: double.ipcRenderer,
}));

await import('../../../src-main/shells/electron/preload.ts');
const bridge = double.exposed.get('gatehouse') as {
  platform: string;
  call(name: unknown, input: unknown): Promise<unknown>;
  subscribe(listener: (announcement: unknown) => void): () => void;
};

test('exposes one object with exactly three names', () => {
  expect([...double.exposed.keys()]).toEqual(['gatehouse']);
  expect(Object.keys(bridge).sort()).toEqual(['call', 'platform', 'subscribe']);
  expect(bridge.platform).toBe(process.platform);
});

test('a call goes to its own channel, whatever the page gives', async () => {
  double.calls.length = 0;
  expect(await bridge.call('gatehouse:listen', { a: 1 })).toBe('answer');
  expect(double.calls).toEqual([['invoke', 'gatehouse:call', 'gatehouse:listen', { a: 1 }]]);
});

test('listeners get the announcement and never the event, and listening starts and ends once', () => {
  double.calls.length = 0;
  const heard: unknown[][] = [];
  const first = (...values: unknown[]): void => void heard.push(['first', ...values]);
  const endFirst = bridge.subscribe(first);
  const endAgain = bridge.subscribe(first);
  const announce = double.listeners.get('gatehouse:announce');
  announce?.({ sender: double.ipcRenderer }, { topic: 'audit.grew', ref: null, revision: 3 }, 'more');
  expect(heard).toEqual(Array(2).fill(['first', { topic: 'audit.grew', ref: null, revision: 3 }]));
  endFirst();
  endFirst();
  announce?.({}, 1);
  expect(heard).toHaveLength(3);
  endAgain();
  announce?.({}, 2);
  expect(heard).toHaveLength(3);
  expect(double.calls).toEqual([
    ['send', 'gatehouse:listen', true],
    ['send', 'gatehouse:listen', false],
  ]);
});
