// The console itself: liveness, readiness, what the status bar shows, the API's own document and the live stream.
import { z } from 'zod';
import { anySession, none, open, operation } from './grammar.ts';
import { instant, nothing } from './values.ts';

/** Topics announce identity and revision, never content; who may not read the thing is not told of it. */
export const topics = {
  'alerts.changed': 'alerts.read',
  'detections.changed': 'detections.read',
  'events.taken': 'events.read',
  'imports.changed': 'events.read',
  'audit.grew': 'console.read',
  'sessions.changed': 'console.read',
  'secrets.changed': 'secrets.read',
  'encryption.changed': 'encryption.read',
  'backups.changed': 'backups.read',
  'settings.changed': 'settings.read',
} as const;
export type Topic = keyof typeof topics;

export const consoleOperations = {
  'console.health': operation({
    summary: 'Is the process alive',
    method: 'GET',
    path: '/health',
    access: open,
    input: nothing,
    output: z.strictObject({ status: z.literal('ok') }),
    audit: none('liveness'),
    effect: 'task',
    rate: 'general',
    window: false,
  }),
  'console.ready': operation({
    summary: 'Is the store open and its tail checked',
    method: 'GET',
    path: '/ready',
    access: open,
    input: nothing,
    output: z.strictObject({ status: z.literal('ready') }),
    audit: none('readiness'),
    effect: 'task',
    rate: 'general',
    window: false,
  }),
  'console.status': operation({
    summary: "What the console's frame shows: version, address, streams, detectors, last event",
    method: 'GET',
    path: '/api/v1/status',
    access: anySession,
    input: nothing,
    output: z.strictObject({
      version: z.string(),
      console_name: z.string(),
      instance_id: z.string(),
      workspace: z.string(),
      api_address: z.string(),
      streams: z.int(),
      streams_max: z.int(),
      started_at: instant,
      now: instant,
      detectors_on: z.int(),
      detectors_total: z.int(),
      events_total: z.int(),
      last_event_at: instant.nullable(),
      key_protection: z.string(),
    }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'console.openapi': operation({
    summary: 'The OpenAPI 3.1 document of this API',
    method: 'GET',
    path: '/api/v1/openapi.json',
    access: open,
    input: nothing,
    output: z.record(z.string(), z.unknown()),
    audit: none('public document'),
    effect: 'task',
    rate: 'general',
    window: false,
  }),
};

/** Server-sent events: `GET /api/v1/stream`. Declared here so that the documents name it; it has no single answer. */
export const stream = {
  path: '/api/v1/stream',
  summary: 'Live announcements as server-sent events, resumable by Last-Event-ID',
  heartbeatMs: 15_000,
  maxConnections: 100,
} as const;
export const streamAccess = anySession;
