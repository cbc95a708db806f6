import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Announcement } from '../../../src-main/core/dispatch/arrival.ts';
import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import { ask, bearer, type Desk, dial, head, openDesk } from './support.ts';

const path = '/api/v1/stream';
const announcement = (id: number): Announcement => ({
  id,
  topic: 'alerts.changed',
  workspace: 'default',
  ref: 'a1',
  revision: id,
});

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk({ heartbeatMs: 60 });
});
afterEach(() => desk.server.close());

type Listening = {
  socket: TLSSocket;
  text: () => string;
  until: (part: string) => Promise<void>;
  closed: Promise<void>;
};

async function listen(...headers: string[]): Promise<Listening> {
  const socket = await dial(desk);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(head(desk, 'GET', path, 'Authorization: Bearer t', ...headers));
  const until = async (part: string) => {
    while (!text.includes(part)) {
      if (socket.destroyed) throw new Error(`closed before ${part}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { socket, text: () => text, until, closed };
}

describe('the stream', () => {
  it('opens with its headers, a retry time and heartbeats', async () => {
    const { socket, text, until } = await listen();
    await until('retry: 3000');
    await until(': still here');
    expect(text()).toContain('HTTP/1.1 200 OK');
    expect(text()).toContain('content-type: text/event-stream; charset=utf-8');
    expect(text()).toContain('cache-control: no-store, no-transform');
    expect(text()).toContain("content-security-policy: default-src 'none'");
    expect(desk.openings[0]).toMatchObject({
      credential: { kind: 'token', token: 't', from: 'bearer' },
      origin: { ip: '127.0.0.1' },
      lastEventId: undefined,
    });
    socket.destroy();
  });

  it('writes announcements with id, topic and data, and closes in the core when the reader goes', async () => {
    const { socket, text, until } = await listen();
    await until('retry');
    expect(desk.openings[0]?.deliver(announcement(41))).toBe(true);
    await until('id: 41');
    expect(text()).toContain(
      'id: 41\nevent: alerts.changed\ndata: {"topic":"alerts.changed","workspace":"default","ref":"a1","revision":41}\n\n',
    );
    socket.destroy();
    while (desk.closed.count === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(desk.openings[0]?.deliver(announcement(42))).toBe(false);
    expect(desk.closed.count).toBe(1);
  });

  it('replays what the core delivers while it opens, after the head', async () => {
    desk.opening = (request) => {
      request.deliver(announcement(7));
      request.deliver(announcement(8));
      return { kind: 'open', close: () => undefined };
    };
    const { socket, text, until } = await listen('Last-Event-ID: 6');
    await until('id: 8');
    expect(desk.openings[0]?.lastEventId).toBe(6);
    expect(text().indexOf('HTTP/1.1 200')).toBe(0);
    expect(text().indexOf('id: 7')).toBeLessThan(text().indexOf('id: 8'));
    socket.destroy();
  });

  it.each(['-1', '1e3', 'abc', '9'.repeat(30)])('refuses Last-Event-ID %s', async (given) => {
    const reply = await ask(desk, '/api/v1/stream', { headers: { ...bearer, 'last-event-id': given } });
    expect([reply.status, reply.json.code]).toEqual([400, 'request/malformed']);
    expect(desk.openings).toEqual([]);
  });

  it('refuses a query, which would look like a filter', async () => {
    const reply = await ask(desk, '/api/v1/stream?topics=alerts', { headers: bearer });
    expect([reply.status, reply.json.code]).toEqual([422, 'request/invalid']);
    expect(desk.openings).toEqual([]);
  });

  it('says why it ends', async () => {
    const { text, until, closed, socket } = await listen();
    await until('retry');
    desk.openings[0]?.ended('the session is over');
    await until('the session is over');
    expect(text()).toContain('event: ended\ndata: {"reason":"the session is over"}\n\n');
    socket.end();
    await closed;
  });

  it('ends with the reason when the core ends it while opening', async () => {
    desk.opening = (request) => {
      request.ended('too early');
      return { kind: 'open', close: () => desk.closed.count++ };
    };
    const { until, socket } = await listen();
    await until('too early');
    socket.destroy();
    while (desk.closed.count === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('tells the core of a reader that does not read, before megabytes wait for it', async () => {
    const { socket, until, closed } = await listen();
    await until('retry');
    socket.pause();
    const wide = { ...announcement(1), ref: 'x'.repeat(10_000) };
    let delivered = 0;
    while (desk.openings[0]?.deliver(wide)) {
      delivered++;
      // Lets the kernel take what it takes.
      if (delivered % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      if (delivered > 5000) throw new Error('never cut off');
    }
    desk.openings[0]?.ended('too slow');
    socket.resume();
    await closed;
    expect(desk.closed.count).toBe(1);
  });

  it('is refused by the core with its problem', async () => {
    const problem = problemBody(
      new ProblemError('limits/streams', 'there are 100 streams; try again later', { retry_after_seconds: 5 }),
    );
    desk.opening = () => ({ kind: 'problem', problem });
    const reply = await ask(desk, path, { headers: bearer });
    expect([reply.status, reply.json.code, reply.headers['retry-after']]).toEqual([503, 'limits/streams', '5']);
  });

  it('is refused to other sites and ports of this host', async () => {
    const headers = { cookie: '__Host-gatehouse=t', 'sec-fetch-site': 'same-site' };
    expect((await ask(desk, path, { headers })).json.code).toBe('request/cross-site');
    expect(desk.openings).toEqual([]);
  });

  it('ends in good order when the server closes', async () => {
    const closing = await openDesk();
    const socket = await dial(closing);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(head(closing, 'GET', path));
    while (!text.includes('retry')) await new Promise((resolve) => setTimeout(resolve, 5));
    await closing.server.close();
    await closed;
    expect(text).toContain('the console is stopping');
    expect(closing.closed.count).toBe(1);
  });
});
