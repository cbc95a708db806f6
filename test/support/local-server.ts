// A real HTTP server on a free port of this computer, with the faults that a network and a tired server add.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Taken = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

export type LocalFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'drop' }
  | { readonly kind: 'break-off' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'huge' };

export type LocalServer = AsyncDisposable & {
  readonly address: string;
  readonly taken: Taken[];
  /** For the next `times` requests. */
  fault(fault: LocalFault, times?: number): void;
  /** None of them any more. */
  mend(): void;
};

export async function createLocalServer(
  answer: (taken: Taken, response: ServerResponse) => void | Promise<void>,
): Promise<LocalServer> {
  const taken: Taken[] = [];
  const faults: LocalFault[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(parts),
    };
    taken.push(one);
    const fault = faults.shift();
    if (fault === undefined) await answer(one, response);
    else fail(fault, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    fault(fault, times = 1) {
      for (let n = 0; n < times; n++) faults.push(fault);
    },
    mend() {
      faults.length = 0;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function fail(fault: LocalFault, response: ServerResponse): void {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    case 'drop':
      response.destroy();
      return;
    case 'break-off':
      response.writeHead(200, { 'content-length': '1000' }).write('half of');
      setTimeout(() => response.destroy(), 20);
      return;
    case 'silence':
      return;
    case 'huge':
      response.writeHead(200).end(Buffer.alloc(4_000_000, 0x61));
  }
}
