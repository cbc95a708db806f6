// What the audit log's list and its export do, as command lines.

import type { BundleExtra, Redaction } from '../../../src-shared/contract/bundles.ts';
import { call } from '../../api/client.ts';
import { apiUrl, curlLine } from '../../app/curl-line.ts';
import type { AuditFilters } from './audit-query.ts';

/** Where the API answers; the default address where it is not told. */
export async function apiBase(): Promise<string> {
  const address = await call('console.status', {}).then(
    (status) => status.api_address,
    () => undefined,
  );
  return apiUrl(address);
}

const flags = {
  from_seq: '--from',
  to_seq: '--to',
  since: '--since',
  until: '--until',
  event_type: '--event-type',
  actor: '--actor',
  session_id: '--session',
  framework: '--framework',
  control: '--control',
} as const satisfies Partial<Record<keyof AuditFilters, string>>;
const extraFlags: Readonly<Record<BundleExtra, string>> = {
  pdf: '--pdf',
  public_key: '--with-key',
  verifier: '--with-verifier',
};

export interface ExportAsked {
  readonly filters: AuditFilters;
  readonly reason: string;
  readonly redact: Redaction;
  readonly include: readonly BundleExtra[];
  readonly fileNames: readonly string[];
}

export function listCurl(base: string, filters: AuditFilters): string {
  return curlLine({ url: quoted(addressOf(`${base}/api/v1/audit/entries`, filters)) });
}

/** Undefined where the command line has no flag for a condition: the result. */
export function exportCli({ filters, reason, redact, include, fileNames }: ExportAsked): string | undefined {
  if (filters.success !== undefined) return undefined;
  const about = [filters.resource_type, filters.resource_id].filter((part) => part !== undefined).join('/');
  return [
    'gatehouse audit export --out evidence.ghbundle',
    ...Object.entries(flags).flatMap(([name, flag]) => {
      const value = filters[name as keyof typeof flags];
      return value === undefined ? [] : [`${flag} ${quoted(String(value))}`];
    }),
    ...(about === '' ? [] : [`--about ${quoted(about)}`]),
    ...(redact === 'nothing' ? [] : [`--redact ${redact}`]),
    ...include.map((extra) => extraFlags[extra]),
    ...fileNames.map((name) => `--attach ${quoted(name)}`),
    ...(reason === '' ? [] : [`--reason ${quoted(reason)}`]),
  ].join(' ');
}

/** In one request: without attached files and what the console puts into a bundle. */
export function exportCurl(
  base: string,
  { filters, reason, redact }: Omit<ExportAsked, 'include' | 'fileNames'>,
): string {
  const asked = {
    ...filters,
    ...(redact === 'nothing' ? {} : { redact }),
    ...(reason === '' ? {} : { reason }),
  };
  return curlLine({ url: quoted(addressOf(`${base}/api/v1/audit/export`, asked)), rest: ['-o evidence.ghbundle'] });
}

function addressOf(url: string, values: object): string {
  const query = new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return query.size === 0 ? url : `${url}?${query}`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
