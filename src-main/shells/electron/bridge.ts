// What the page of the desktop window sees as `window.gatehouse`: three names, each bound to one channel. The page can't choose a
// channel, gets no event object and no part of Electron. Who may call what is decided behind it, in ipc.ts.

import { channels } from './channels.ts';

export type RendererIpc = {
  invoke(channel: string, ...values: unknown[]): Promise<unknown>;
  send(channel: string, ...values: unknown[]): void;
  on(channel: string, listener: (event: unknown, ...values: unknown[]) => void): unknown;
};

export type WindowBridge = {
  readonly platform: string;
  call(name: unknown, input: unknown): Promise<unknown>;
  subscribe(listener: (announcement: unknown) => void): () => void;
};

export function createBridge(ipc: RendererIpc, platform: string): WindowBridge {
  const listeners = new Set<{ readonly tell: (announcement: unknown) => void }>();
  // SECURITY: the event carries the sender, a handle on Electron; only the announcement goes on.
  ipc.on(channels.announce, (_event, announcement) => {
    for (const { tell } of [...listeners]) tell(announcement);
  });
  return {
    platform,
    call: (name, input) => ipc.invoke(channels.call, name, input),
    subscribe(listener) {
      const entry = { tell: (announcement: unknown) => listener(announcement) };
      listeners.add(entry);
      if (listeners.size === 1) ipc.send(channels.listen, true);
      return () => {
        if (listeners.delete(entry) && listeners.size === 0) ipc.send(channels.listen, false);
      };
    },
  };
}
