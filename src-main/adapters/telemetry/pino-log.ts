// The program's own log: JSON lines in logs/server.log, readable by its owner alone. Holds no payloads, tokens or secrets by its callers' care.
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import pino from 'pino';
import type { Log } from '../../core/ports.ts';

const rotateAtBytes = 16 * 1_048_576;

/** @param echo called for warnings and errors, for the terminal of a headless node. */
export function createFileLog(path: string, echo: (line: string) => void): Log & { flush(): void } {
  rotate(path);
  closeSync(openSync(path, 'a', 0o600));
  const destination = pino.destination({ dest: path, sync: true });
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    info: (event, fields) => logger.info({ event, ...fields }),
    warn(event, fields) {
      logger.warn({ event, ...fields });
      echo(`warning: ${event}${brief(fields)}`);
    },
    error(event, fields) {
      logger.error({ event, ...fields });
      echo(`error: ${event}${brief(fields)}`);
    },
    flush: () => destination.flushSync(),
  };
}

function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > rotateAtBytes) renameSync(path, `${path}.1`);
}

function brief(fields: Parameters<Log['info']>[1]): string {
  const shown = Object.entries(fields ?? {}).filter(([name, value]) => name !== 'stack' && value !== undefined);
  const text = shown.map(([name, value]) => `${name}: ${String(value)}`).join(', ');
  // An error may quote what a caller sent: on a terminal that must not be a command. The file escapes for itself.
  return shown.length === 0 ? '' : ` (${text.replace(/\p{Cc}|\p{Cf}/gu, '�')})`;
}
