// What a button of this screen does, as a command line. A value is never written into one: it is read from a file or a pipe.

import { curlLine } from '../../app/curl-line.ts';

export interface CommandLines {
  readonly cli: string;
  readonly curl: string;
}

/** A name needs no quoting: its characters are letters, digits and `_ . - /`. Anything else is not put into a command. */
function plain(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : 'NAME';
}

const json = '-H "Content-Type: application/json"';
const fromFile = (file: string) => `--data-binary @${file}`;

export function readLines(base: string, name: string): CommandLines {
  return {
    cli: `gatehouse secrets get ${plain(name)}`,
    curl: curlLine({ url: `${base}/api/v1/secrets/${plain(name)}` }),
  };
}

export function createLines(base: string, name: string): CommandLines {
  return {
    cli: `gatehouse secrets set ${plain(name)} --from-file value.txt`,
    curl: curlLine({ url: `${base}/api/v1/secrets`, rest: [json, fromFile('secret.json')] }),
  };
}

export function rotateLines(base: string, name: string, id: string): CommandLines {
  return {
    cli: `gatehouse secrets rotate ${plain(name)} --from-file value.txt --overlap 24h`,
    curl: curlLine({ url: `${base}/api/v1/admin/secrets/${id}/rotate`, rest: [json, fromFile('new-value.json')] }),
  };
}

export function grantLines(base: string, name: string, id: string): CommandLines {
  return {
    cli: `gatehouse secrets grants ${plain(name)}`,
    curl: curlLine({
      url: `${base}/api/v1/admin/secrets/${id}/grants`,
      rest: ['-X PUT', json, fromFile('grants.json')],
    }),
  };
}

export function deleteLines(base: string, name: string, id: string): CommandLines {
  return {
    cli: `gatehouse secrets delete ${plain(name)}`,
    curl: curlLine({ url: `${base}/api/v1/admin/secrets/${id}`, rest: ['-X DELETE'] }),
  };
}

export function importLines(base: string, format: string): CommandLines {
  return {
    cli: `gatehouse secrets import --format ${format.replace('_', '-')} --dry-run FILE`,
    curl: curlLine({ url: `${base}/api/v1/admin/secrets/import`, rest: [json, fromFile('import.json')] }),
  };
}
