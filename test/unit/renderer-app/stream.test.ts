// The live stream: however the bytes are cut the events are the same; it resumes, it waits longer, it tells a session that is over.

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProblemFailure } from '../../../src-renderer/api/failures.ts';
import { openLiveStream, readAnnouncement, waitAfter } from '../../../src-renderer/api/live-stream.ts';
import { createEventParser } from '../../../src-renderer/api/server-sent-events.ts';
import { type Announcement, type StreamState, topicNames } from '../../../src-renderer/api/transport.ts';
import { topics } from '../../../src-shared/contract/console.ts';

const text =
  'retry: 3000\n\nid: 7\nevent: alerts.changed\ndata: {"topic":"alerts.changed","workspace":"w","ref":"a","revision":2}\n\n' +
  ': still here\n\nid: 8\r\nevent: audit.grew\r\ndata: {"topic":"audit.grew",\r\ndata: "ref":null,"revision":9}\r\n\r\n';

test('the topics of the client are those of the contract', () => {
  expect([...topicNames].toSorted()).toEqual(Object.keys(topics).toSorted());
});

describe('parsing', () => {
  test('gives the same events wherever the bytes are cut', () => {
    const whole = createEventParser().push(text);
    expect(whole.map(({ event, id }) => [event, id])).toEqual([
      ['alerts.changed', '7'],
      ['audit.grew', '8'],
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const ends = [...cuts.toSorted((left, right) => left - right), text.length];
        const parser = createEventParser();
        let from = 0;
        const events = ends.flatMap((end) => {
          const piece = text.slice(from, end);
          from = end;
          return parser.push(piece);
        });
        expect(events).toEqual(whole);
      }),
    );
  });

  test('refuses a line without end', () => {
    const parser = createEventParser();
    expect(() => parser.push('x'.repeat(70_000))).toThrow('longer than 64 KiB');
  });

  test.each([
    'not json',
    '[]',
    'null',
    '{"topic":"secrets.leaked","ref":null,"revision":1}',
    '{"topic":"audit.grew","ref":5}',
  ])('makes no announcement of %s', (data) => {
    expect(readAnnouncement({ event: 'x', data })).toBeUndefined();
  });
});

test('waits longer after each failure, a minute at most, never less than three quarters', () => {
  expect([0, 1, 2, 5, 6, 40].map((failures) => waitAfter(failures, 0))).toEqual([
    1000, 2000, 4000, 32_000, 60_000, 60_000,
  ]);
  fc.assert(
    fc.property(fc.nat(50), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const wait = waitAfter(failures, random);
      expect(wait).toBeGreaterThanOrEqual(Math.floor(waitAfter(failures, 0) * 0.75));
      expect(wait).toBeLessThanOrEqual(60_000);
    }),
  );
});

describe('connection', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function open(answers: ((init: RequestInit) => Response)[]) {
    const requests: RequestInit[] = [];
    const announced: Announcement[] = [];
    const states: StreamState['kind'][] = [];
    const refused: ProblemFailure[] = [];
    const close = openLiveStream(
      {
        fetch: async (_, init) => {
          requests.push(init ?? {});
          const answer = answers.shift();
          if (answer === undefined) throw new TypeError('nobody answers');
          return answer(init ?? {});
        },
        now: () => 1000,
        random: () => 0,
      },
      {
        announce: (announcement) => announced.push(announcement),
        change: (state) => states.push(state.kind),
        refuse: (failure) => refused.push(failure),
      },
    );
    return { requests, announced, states, refused, close };
  }

  const once = () => new Response(text, { headers: { 'content-type': 'text/event-stream' } });

  test('resumes after the last event it saw, and says that anything may have changed meanwhile', async () => {
    const stream = open([once, once]);
    await vi.advanceTimersByTimeAsync(100);
    expect(stream.states).toEqual(['connecting', 'live', 'lost']);
    expect(stream.announced).toEqual([
      { topic: 'alerts.changed', ref: 'a', revision: 2 },
      { topic: 'audit.grew', ref: null, revision: 9 },
    ]);
    stream.announced.length = 0;
    await vi.advanceTimersByTimeAsync(1100);
    expect(stream.requests[0]!.headers).not.toHaveProperty('last-event-id');
    expect(stream.requests[1]!.headers).toHaveProperty('last-event-id', '8');
    expect(stream.announced.slice(0, topicNames.length)).toEqual(
      topicNames.map((topic) => ({ topic, ref: null, revision: 0 })),
    );
    stream.close();
  });

  test('keeps trying while nobody answers, and stops when closed', async () => {
    const stream = open([]);
    await vi.advanceTimersByTimeAsync(1000 + 2000 + 10);
    expect(stream.requests).toHaveLength(3);
    stream.close();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(stream.requests).toHaveLength(3);
    expect(stream.states.at(-1)).toBe('off');
  });

  test('a silent line is given up after 50 s', async () => {
    const silent = (init: RequestInit) =>
      new Response(
        new ReadableStream({
          start: (controller) => init.signal?.addEventListener('abort', () => controller.error(new Error('aborted'))),
        }),
      );
    const stream = open([silent]);
    await vi.advanceTimersByTimeAsync(49_000);
    expect(stream.states.at(-1)).toBe('live');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(stream.states.at(-1)).toBe('lost');
    stream.close();
  });

  test('tells that the session is over, and waits as long as a full server asks', async () => {
    const body = { code: 'access/unauthenticated', detail: 'sign in', status: 401, title: '', type: '', error: '' };
    const full = { ...body, code: 'limits/streams', status: 503 };
    const stream = open([
      () => Response.json(body, { status: 401 }),
      () => Response.json(full, { status: 503, headers: { 'retry-after': '30' } }),
    ]);
    await vi.advanceTimersByTimeAsync(10);
    expect(stream.refused.map((failure) => failure.problem.code)).toEqual(['access/unauthenticated']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(stream.requests).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(stream.requests).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(stream.requests).toHaveLength(3);
    stream.close();
  });
});
