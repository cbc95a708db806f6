// The version of a rule: a hash over what it says and the parameter values it runs with, so that an alert names exactly what fired.
import { sha256Hex } from '../../base/hashes.ts';

/** SHA-256 (hex) of `value` as JSON with sorted keys. Only plain data. */
export function versionOf(value: unknown): string {
  return sha256Hex(sorted(value));
}

function sorted(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${sorted(inner)}`).join(',')}}`;
}
