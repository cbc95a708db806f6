// The guard between the page and the console: only the page's own main frame, in our window, from our protocol, may ask; only for
// operations of the contract that say `window: true` and the few calls of page-calls.ts; and it gets outputs and problems, never an error
// or a stack.

import { contract, declarationOf, type OperationName } from '../../../src-shared/contract/contract.ts';
import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import type { Log } from '../../core/ports.ts';
import { appOrigin, isOwnUrl } from './app-protocol.ts';
import { channels } from './channels.ts';
import type { PageCalls } from './page-calls.ts';
import type { BridgeAnswer, WindowSession } from './window-session.ts';

export type Sender = {
  readonly mainFrame: { readonly frameTreeNodeId: number };
  isDestroyed(): boolean;
  send(channel: string, ...values: unknown[]): void;
};

export type SenderFrame = {
  readonly origin: string;
  readonly url: string;
  readonly parent: unknown;
  readonly frameTreeNodeId: number;
};

export type IpcEvent = { readonly sender: Sender; readonly senderFrame: SenderFrame | null };

export type MainIpc = {
  handle(channel: string, listener: (event: IpcEvent, ...values: unknown[]) => Promise<BridgeAnswer>): void;
  on(channel: string, listener: (event: IpcEvent, ...values: unknown[]) => void): unknown;
};

export type IpcParts = {
  readonly ipc: MainIpc;
  /** Is this the contents of the console's window? */
  readonly isOurs: (sender: Sender) => boolean;
  readonly session: WindowSession;
  readonly pageCalls: Pick<PageCalls, 'answer'>;
  readonly log: Log;
};

export function registerIpc({ ipc, isOurs, session, pageCalls, log }: IpcParts): void {
  ipc.handle(channels.call, async (event, ...values) => {
    try {
      requireOwnPage(event, channels.call);
      const { name, input } = readCall(values);
      const answered = await pageCalls.answer(name, input);
      if (answered !== undefined) return { kind: 'output', output: answered };
      const operation = operationFor(name);
      return await session.call(operation, input);
    } catch (error) {
      return answerProblem(error);
    }
  });

  ipc.on(channels.listen, (event, ...values) => {
    try {
      requireOwnPage(event, channels.listen);
      const { sender } = event;
      if (values.length !== 1 || typeof values[0] !== 'boolean') throw malformed('expected true or false');
      if (!values[0]) return session.stopListening();
      session.listen((announcement) => {
        if (!sender.isDestroyed()) sender.send(channels.announce, announcement);
      });
    } catch (error) {
      // There is nobody to answer: refusals were logged, anything else is a bug.
      if (!(error instanceof ProblemError)) answerProblem(error);
    }
  });

  function requireOwnPage(event: IpcEvent, channel: string): void {
    const reason = whyForeign(event, isOurs);
    if (reason === undefined) return;
    log.warn('an IPC message was refused', {
      channel,
      reason,
      origin: event.senderFrame?.origin.slice(0, 200) ?? null,
    });
    throw new ProblemError('access/forbidden', 'this page may not talk to the console');
  }

  function answerProblem(error: unknown): BridgeAnswer {
    if (error instanceof ProblemError) return { kind: 'problem', problem: problemBody(error) };
    log.error('internal error', {
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    return { kind: 'problem', problem: problemBody(new ProblemError('internal', 'something went wrong; see the log')) };
  }
}

/** Why a message is not from our page; undefined when it is. SECURITY: each check alone would stop another attack. */
function whyForeign(event: IpcEvent, isOurs: (sender: Sender) => boolean): string | undefined {
  const { sender, senderFrame: frame } = event;
  if (!isOurs(sender)) return 'unknown window';
  // The frame has navigated away or is gone; who it was can't be said any more.
  if (frame === null) return 'no frame';
  if (frame.parent !== null || frame.frameTreeNodeId !== sender.mainFrame.frameTreeNodeId) return 'not the main frame';
  if (frame.origin !== appOrigin || !isOwnUrl(frame.url)) return 'foreign origin';
  return undefined;
}

/** The shape of a call; whether the input fits is the matter of whoever answers it. */
function readCall(values: readonly unknown[]): { name: string; input: unknown } {
  const [name, input] = values;
  if (values.length !== 2 || typeof name !== 'string')
    throw malformed('expected the name of an operation and its input');
  if (!isPlainObject(input)) throw malformed('expected the input as a plain object');
  return { name, input };
}

function operationFor(name: string): OperationName {
  if (!Object.hasOwn(contract, name)) {
    throw new ProblemError('request/not-found', `there is no operation ${name.slice(0, 64)}`);
  }
  const operation = name as OperationName;
  if (!declarationOf(operation).window) {
    throw new ProblemError('access/forbidden', `${operation} is not for the window`);
  }
  return operation;
}

/** Structured clone also carries maps, dates and arrays; no operation takes one as its input. */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function malformed(detail: string): ProblemError {
  return new ProblemError('request/malformed', detail);
}
