// What went wrong on the way to a receiver, in words for people.
import { connectionWords } from '../../base/connection-words.ts';
import { MirrorFault } from '../../core/features/mirrors/index.ts';

export function connectionFault(cause: unknown, url: URL): MirrorFault {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const { words } = connectionWords(error, url, 'set mirrors.ca_file, or pin=', 'mirrors.client_cert_file');
  return new MirrorFault(words, { cause });
}
