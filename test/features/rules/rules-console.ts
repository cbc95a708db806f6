// A console for the rules' tests: rules as text, events that match them, and waiting until changed rules run.
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createTestConsole, type TestConsole, type TestConsoleOptions } from '../../support/console.ts';

export type RulesConsole = AsyncDisposable & {
  readonly console: TestConsole;
  readonly admin: Credential;
  /** Sends events of `ip`, one a second, the last one now. @returns their ids */
  send(count: number, fields: Record<string, unknown>): Promise<string[]>;
  alertsOf(detector: string): Promise<{ id: string; number: number; title: string; severity: string }[]>;
  /** Settled when what was changed runs. */
  settled(): Promise<void>;
  entries(type: string): Promise<Record<string, unknown>[]>;
};

let counter = 0;

export async function createRulesConsole(options: TestConsoleOptions = {}): Promise<RulesConsole> {
  const console = await createTestConsole(options);
  const { session } = await console.signIn();
  const admin = session;
  return {
    console,
    admin,
    async send(count, fields) {
      const events = Array.from({ length: count }, (_, index) => ({
        id: `00000000-0000-4000-8000-${String(++counter).padStart(12, '0')}`,
        time: new Date(console.host.clock.now() - 1_000 * (count - index)).toISOString(),
        source: 'shop',
        event_type: 'order',
        ...fields,
      }));
      const { accepted } = await console.call('events.ingest', { events }, admin);
      if (accepted !== count) throw new Error(`${accepted} of ${count} events were taken`);
      return events.map(({ id }) => id);
    },
    async alertsOf(detector) {
      const { items } = await console.call(
        'alerts.list',
        { status: ['open', 'acknowledged', 'closed'], detector, limit: 500 },
        admin,
      );
      return items.map(({ id, number, title, severity }) => ({ id, number, title, severity }));
    },
    async settled() {
      for (let tries = 0; tries < 2_000; tries++) {
        const { compiling } = await console.call('detections.list', {}, admin);
        if (!compiling) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error('the rules are still being compiled');
    },
    async entries(type) {
      const { items } = await console.call('audit.entries', { event_type: type, limit: 100 }, admin);
      return items.map((item) => item as unknown as Record<string, unknown>);
    },
    [Symbol.asyncDispose]: () => console[Symbol.asyncDispose](),
  };
}

export const bigOrderId = '3c9f2a10-6f0e-4a8e-9c0e-0d1a52a5b001';

/** A rule on single events. */
export function bigOrder(extra = ''): string {
  return `title: Big order
id: ${bigOrderId}
description: Somebody ordered a lot.
level: medium
tags: [attack.t1657]
logsource: {product: gatehouse}
detection:
  big: {event_type: order, details.amount|gte: 100}
  condition: big
gatehouse:
  title: "Big order by {actor}"
  cases:
    - name: a hundred
      matches: true
      events: [{event: {event_type: order, details: {amount: 100}}}]
    - name: one less
      matches: false
      events: [{event: {event_type: order, details: {amount: 99}}}]
${extra}`;
}

export const manyOrdersId = '3c9f2a10-6f0e-4a8e-9c0e-0d1a52a5b002';

/** A rule with a window, a limit and a parameter. */
export const manyOrders = `title: Many orders from one address
id: ${manyOrdersId}
level: high
correlation:
  type: event_count
  rules: [any_order]
  group-by: [ip_address]
  timespan: 10m
  condition: {gt: "\${limit}"}
gatehouse:
  parameters:
    limit: {setting: shop.limit, label: Orders, default: 3, minimum: 1, maximum: 1000}
  title: "{count} orders from {ip_address}"
  sentence: "{count} orders from {ip_address} in {span}. The limit is {threshold} in {window}."
  entities: [{kind: ip, field: ip_address}]
---
title: Any order
name: any_order
logsource: {product: gatehouse}
detection: {order: {event_type: order}, condition: order}
`;
