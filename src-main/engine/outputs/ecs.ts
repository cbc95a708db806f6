// Elastic Common Schema 8: what it has a field for stands there, the rest under `gatehouse`, a name that ECS leaves to us.
import { plainAddress } from '../../base/addresses.ts';
import { toHex } from '../../base/bytes.ts';
import { instant } from '../../base/instants.ts';
import type { OutputEvent, OutputSource } from './output-event.ts';

export const ecsVersion = '8.11.0';

/** `event.category` and `event.type`, of the values that ECS allows. */
const kinds: Readonly<Record<string, readonly [category: string, type: string]>> = {
  login: ['authentication', 'start'],
  logout: ['authentication', 'end'],
  credential_access: ['iam', 'access'],
  api_call: ['web', 'access'],
  tool_execution: ['process', 'start'],
  shell_command: ['process', 'start'],
  process_start: ['process', 'start'],
  role_change: ['iam', 'change'],
  user_create: ['iam', 'creation'],
  user_delete: ['iam', 'deletion'],
  data_access: ['database', 'access'],
  data_export: ['database', 'access'],
  query: ['database', 'access'],
  config_change: ['configuration', 'change'],
};

export function ecsDocument(output: OutputEvent, { version }: OutputSource): Record<string, unknown> {
  const { event, format, receivedAtMs, sha256 } = output;
  const kind = Object.hasOwn(kinds, event.event_type) ? kinds[event.event_type] : undefined;
  const address = event.ip_address === undefined ? undefined : plainAddress(event.ip_address);
  return {
    '@timestamp': instant(event.timeMs),
    ecs: { version: ecsVersion },
    event: {
      id: event.id,
      kind: 'event',
      ...(kind === undefined ? {} : { category: [kind[0]], type: [kind[1]] }),
      action: event.action ?? event.event_type,
      outcome: event.success === undefined ? 'unknown' : event.success ? 'success' : 'failure',
      created: instant(receivedAtMs),
      module: 'gatehouse',
      dataset: `gatehouse.${format}`,
      hash: toHex(sha256),
    },
    observer: { vendor: 'Gatehouse', product: 'Gatehouse', version },
    host: { name: event.source },
    ...(event.actor === undefined ? {} : { user: { name: event.actor } }),
    ...(event.ip_address === undefined
      ? {}
      : { source: { address: event.ip_address, ...(address === undefined ? {} : { ip: address }) } }),
    ...(event.user_agent === undefined ? {} : { user_agent: { original: event.user_agent } }),
    ...(event.bytes === undefined ? {} : { network: { bytes: event.bytes } }),
    ...(event.trace_id === undefined ? {} : { trace: { id: event.trace_id } }),
    ...(event.actor === undefined && address === undefined
      ? {}
      : {
          related: {
            ...(event.actor === undefined ? {} : { user: [event.actor] }),
            ...(address === undefined ? {} : { ip: [address] }),
          },
        }),
    gatehouse: {
      event_type: event.event_type,
      ...(event.resource_type === undefined ? {} : { resource_type: event.resource_type }),
      ...(event.resource_id === undefined ? {} : { resource_id: event.resource_id }),
      ...(event.session_id === undefined ? {} : { session_id: event.session_id }),
      ...(event.signed_by === undefined ? {} : { signed_by: event.signed_by }),
      details: event.details,
    },
  };
}
