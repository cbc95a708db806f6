// The browser's way to the console: same-origin HTTPS with a cookie that scripts cannot read, and the CSRF token of the session.

import type { CallInput, OperationName, Output } from '../../src-shared/contract/contract.ts';
import { isAborted, NetworkFailure, ProblemFailure } from './failures.ts';
import { buildRequest, readAnswer, readDocument } from './https-request.ts';
import { openLiveStream, type StreamDependencies } from './live-stream.ts';
import type { CallOptions, Transport } from './transport.ts';

export function createHttpsTransport(dependencies: StreamDependencies): Transport {
  // Only in memory: a page that is loaded again asks for it again.
  let csrf: string | undefined;

  function tokenFor(name: OperationName): string | undefined {
    return name.startsWith('setup.') ? 'setup' : csrf;
  }

  async function call<N extends OperationName>(name: N, input: CallInput<N>, options: CallOptions): Promise<Output<N>> {
    const { method, target, headers, body } = buildRequest(name, input as Readonly<Record<string, unknown>>);
    const token = method === 'GET' ? undefined : tokenFor(name);
    let response: Response;
    try {
      response = await dependencies.fetch(target, {
        method,
        headers: token === undefined ? headers : { ...headers, 'x-csrf-token': token },
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        ...(body === undefined ? {} : { body }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (cause) {
      if (isAborted(cause)) throw cause;
      throw new NetworkFailure('The Gatehouse service does not answer. Check that it is running, then try again.', {
        cause,
      });
    }
    const output = await readAnswer(name, response);
    if (name === 'auth.session') csrf = (output as Output<'auth.session'>).csrf_token ?? undefined;
    return output as Output<N>;
  }

  return {
    kind: 'https',
    call,
    async download(name, input, { signal, onProgress }) {
      const { method, target, headers } = buildRequest(name, input);
      const options = { method, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error' } as const;
      try {
        const response = await dependencies.fetch(target, { ...options, ...(signal === undefined ? {} : { signal }) });
        return await readDocument(response, onProgress);
      } catch (cause) {
        if (isAborted(cause) || cause instanceof ProblemFailure || cause instanceof NetworkFailure) throw cause;
        throw new NetworkFailure('The file broke off on its way. Check that Gatehouse is running, then try again.', {
          cause,
        });
      }
    },
    openStream: (listener) => openLiveStream(dependencies, listener),
  };
}
