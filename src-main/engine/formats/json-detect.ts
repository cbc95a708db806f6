// Is a text that starts with a bracket JSON, and are its records Windows events or CloudTrail's? Decided by the first whole records.

import { looksLikeCloudTrail } from './cloudtrail.ts';
import { createJsonSplitter } from './json-records.ts';
import { parseJsonObject } from './json-value.ts';
import { looksLikeWindows } from './windows.ts';

/** `undefined` when the start isn't JSON after all: some logs begin their lines with a bracketed time. */
export function chooseJson(text: string): 'json' | 'windows' | 'cloudtrail' | undefined {
  const splitter = createJsonSplitter();
  const records: string[] = [];
  const take = ({ bytes }: { bytes: Uint8Array | undefined }) => {
    if (records.length < 20 && bytes !== undefined) records.push(Buffer.from(bytes).toString('utf8').trim());
  };
  splitter.push(new TextEncoder().encode(text), take);
  splitter.end(take);
  const objects = records.map(parseJsonObject).filter((record) => typeof record !== 'string');
  // A record longer than the sample is cut: a quoted name after the brace is then enough.
  if (objects.length === 0)
    return /^[[{\s]*\{\s*"/.test(text) ? (/"EventID"/.test(text) ? 'windows' : 'json') : undefined;
  if (objects.filter(looksLikeWindows).length * 2 >= objects.length) return 'windows';
  return objects.every(looksLikeCloudTrail) ? 'cloudtrail' : 'json';
}
