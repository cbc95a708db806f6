// A mirror by syslog over TLS (RFC 5425), or over TCP in the clear (RFC 6587) where that was chosen. Syslog has no receipts: what was
// written may be lost with the connection. So the connection is ended in good order every few seconds in which something was sent, and
// the receiver's own end, after all that it read, is the receipt; without it everything since the last one is sent again.
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectSecure } from 'node:tls';
import { type Mirror, MirrorFault, type MirrorRecord } from '../../core/features/mirrors/index.ts';
import { type MirrorTarget, staysHere } from '../../core/mirror-targets.ts';
import { syslogFrame } from './syslog-frame.ts';
import { requirePinned, type TlsTrust, tlsOptions } from './tls-trust.ts';
import { connectionFault } from './wire-words.ts';

export type SyslogMirrorParts = {
  readonly name: string;
  readonly target: MirrorTarget;
  readonly trust: TlsTrust;
  readonly version: string;
  readonly patience?: { readonly connectMs: number; readonly quietMs: number; readonly endMs: number };
};

type Connection = {
  readonly socket: Socket;
  /** Settles when the receiver ended or broke it; the error where it was not in good order. */
  readonly over: Promise<Error | undefined>;
  readonly isOver: boolean;
};

const usualPatience = { connectMs: 10_000, quietMs: 250, endMs: 5_000 };
const defaultTlsPort = 6514;

export function createSyslogMirror(parts: SyslogMirrorParts): Mirror {
  const { name, target, version, patience = usualPatience } = parts;
  const { url } = target;
  const isSecure = url.protocol === 'tls:';
  const sender = { hostName: hostname(), version };
  let current: Connection | undefined;
  let isOwed = false;
  let rudeEnds = 0;

  async function usable(signal: AbortSignal): Promise<Connection> {
    if (current?.isOver === true) {
      // Receivers end connections that are idle; only what was written since the last receipt is in doubt.
      if (isOwed) throw new MirrorFault(`${url.host} dropped the connection`);
      current = undefined;
    }
    current ??= await open(parts, patience.connectMs, signal);
    return current;
  }

  async function send(records: readonly MirrorRecord[], signal: AbortSignal): Promise<number> {
    const connection = await usable(signal);
    const bytes = Buffer.from(records.map((record) => syslogFrame(record, sender)).join(''));
    isOwed = true;
    // Handed to the system, or broken: a receiver that reads slowly holds us up here, and costs no memory.
    const written = new Promise<void>((resolve, reject) => {
      connection.socket.write(bytes, (error) => (error ? reject(connectionFault(error, url)) : resolve()));
    });
    const broken = connection.over.then((error) => {
      throw error === undefined ? new MirrorFault(`${url.host} dropped the connection`) : connectionFault(error, url);
    });
    await Promise.race([written, broken, aborted(signal)]);
    return 0;
  }

  async function confirm(signal: AbortSignal): Promise<void> {
    if (!isOwed) return;
    const ending = current;
    if (ending === undefined) throw new MirrorFault(`${url.host} dropped the connection`);
    // What reaches a receiver that is gone is answered by a reset, a moment later: it has to come before our end, or it is never seen.
    await Promise.race([sleep(patience.quietMs, undefined, { ref: false }), ending.over, aborted(signal)]);
    const outcome = await end(ending, patience.endMs, signal);
    current = undefined;
    if (outcome === 'ended') rudeEnds = 0;
    else if (outcome === 'broken' && rudeEnds++ === 0) {
      throw new MirrorFault(`${url.host} broke the connection off instead of ending it`);
    } else {
      // A receiver that never ends in good order, or one that is gone. The one takes a new connection, the other doesn't.
      current = await open(parts, patience.connectMs, signal);
    }
    isOwed = false;
  }

  return {
    name,
    kind: 'syslog',
    format: target.format,
    streams: target.streams,
    encrypted: isSecure || staysHere(url),
    send,
    confirm,
    close() {
      current?.socket.destroy();
      current = undefined;
      isOwed = false;
    },
  };
}

async function open(
  { target: { url, pin }, trust }: SyslogMirrorParts,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Connection> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? defaultTlsPort : Number(url.port);
  const secure =
    url.protocol === 'tls:'
      ? connectSecure({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tlsOptions(trust, pin) })
      : undefined;
  const socket = secure ?? connectPlain({ host, port });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const connected = new Promise<void>((resolve, reject) => {
    socket.once(secure === undefined ? 'connect' : 'secureConnect', resolve);
    socket.once('error', (error) => reject(connectionFault(error, url)));
    socket.once('close', () => reject(new MirrorFault(`${url.host} dropped the connection`)));
  });
  try {
    await Promise.race([connected, aborted(limit, `${url.host} does not answer`)]);
    if (secure !== undefined) requirePinned(secure, pin, url.host);
  } catch (error) {
    socket.destroy();
    // Nobody waits for it any more.
    socket.on('error', () => undefined);
    throw error;
  }
  socket.setNoDelay(true);
  return watch(socket);
}

function watch(socket: Socket): Connection {
  let isOver = false;
  let failure: Error | undefined;
  const over = new Promise<Error | undefined>((resolve) => {
    const finish = (): void => {
      isOver = true;
      resolve(failure);
    };
    socket.on('error', (error) => {
      failure = error;
    });
    socket.once('end', finish);
    socket.once('close', finish);
  });
  // A receiver has nothing to say; whatever it says is thrown away.
  socket.resume();
  return {
    socket,
    over,
    get isOver() {
      return isOver;
    },
  };
}

async function end({ socket, over, isOver }: Connection, timeoutMs: number, signal: AbortSignal) {
  // It ended before we did: that may have been before it read all.
  if (isOver) {
    socket.destroy();
    return 'broken';
  }
  socket.end();
  const late = sleep(timeoutMs, 'silent' as const, { ref: false });
  const outcome = await Promise.race([over, late, aborted(signal)]);
  socket.destroy();
  if (outcome === 'silent') return 'silent';
  return outcome === undefined ? 'ended' : 'broken';
}

function aborted(signal: AbortSignal, words = 'no answer'): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new MirrorFault(words));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
