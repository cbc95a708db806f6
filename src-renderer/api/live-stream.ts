// Keeps the stream of announcements open over HTTPS: resumes by Last-Event-ID, notices silence, waits longer after each failure.
// fetch instead of EventSource, because that one hides the status and forgets the last id when it is made anew.

import { ProblemFailure } from './failures.ts';
import { readRefusal } from './https-request.ts';
import { createEventParser, type ServerSentEvent } from './server-sent-events.ts';
import { type Announcement, isTopic, type StreamListener, topicNames } from './transport.ts';

const path = '/api/v1/stream';
/** The server sends something every 15 s; after three missed beats the line is dead although nobody said so. */
const silenceMs = 50_000;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

export interface StreamDependencies {
  readonly fetch: typeof fetch;
  readonly now: () => number;
  /** 0 up to 1, so that many windows do not come back in the same moment. */
  readonly random: () => number;
}

/** Opens the stream and keeps it open until the answer is called. */
export function openLiveStream(dependencies: StreamDependencies, listener: StreamListener): () => void {
  const closing = new AbortController();
  let lastId: string | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function connect(): Promise<void> {
    const attempt = new AbortController();
    const giveUp = () => attempt.abort();
    closing.signal.addEventListener('abort', giveUp);
    let silence = setTimeout(giveUp, silenceMs);
    let retryAfterMs: number | undefined;
    try {
      listener.change({ kind: 'connecting' });
      const response = await dependencies.fetch(path, {
        headers: { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: attempt.signal,
      });
      retryAfterMs = retryAfter(response);
      if (!response.ok) await readRefusal(response);
      if (response.body === null) throw new Error('the stream has no body');
      listener.change({ kind: 'live' });
      // What happened while the line was down may be older than what the server still remembers.
      if (failures > 0) for (const topic of topicNames) listener.announce({ topic, ref: null, revision: 0 });
      failures = 0;
      const parser = createEventParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        clearTimeout(silence);
        if (done) break;
        silence = setTimeout(giveUp, silenceMs);
        for (const event of parser.push(value)) deliver(event);
      }
    } catch (error) {
      // Whatever ended it, it is tried again below; the state shown says so. Whoever hears that the session is over closes the stream.
      if (error instanceof ProblemFailure) listener.refuse(error);
    } finally {
      clearTimeout(silence);
      closing.signal.removeEventListener('abort', giveUp);
    }
    if (closing.signal.aborted) return;
    const waitMs = retryAfterMs ?? waitAfter(failures, dependencies.random());
    failures += 1;
    listener.change({ kind: 'lost', retryAt: dependencies.now() + waitMs });
    timer = setTimeout(() => void connect(), waitMs);
  }

  function deliver(event: ServerSentEvent): void {
    if (event.id !== undefined) lastId = event.id;
    const announcement = readAnnouncement(event);
    if (announcement !== undefined) listener.announce(announcement);
  }

  void connect();
  return () => {
    closing.abort();
    clearTimeout(timer);
    listener.change({ kind: 'off' });
  };
}

/** Doubles from 1 s to 60 s, each shortened by up to a quarter. */
export function waitAfter(failures: number, random: number): number {
  return Math.round(Math.min(longestWaitMs, firstWaitMs * 2 ** failures) * (1 - random / 4));
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && !response.ok ? Math.min(Math.max(seconds, 1) * 1000, longestWaitMs) : undefined;
}

/** undefined for a topic this page does not know: a newer server may announce more. */
export function readAnnouncement(event: Pick<ServerSentEvent, 'event' | 'data'>): Announcement | undefined {
  let value: unknown;
  try {
    value = JSON.parse(event.data);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { topic = event.event, ref = null, revision = 0 } = value as Record<string, unknown>;
  if (!isTopic(topic) || (ref !== null && typeof ref !== 'string') || typeof revision !== 'number') return undefined;
  return { topic, ref, revision };
}
