// The program's own log: JSON lines in logs/server.log, readable by its owner alone. Holds no payloads, tokens or secrets by its callers'
// care. A disk that is full, or a file that can't be used, is said on the terminal and stops nothing.
import { closeSync, openSync, writeSync } from 'node:fs';
import pino from 'pino';
import type { Log } from '../../core/ports.ts';
import { isInPlace, type LogLimits, logFileFlags, logFileWords, rotateLogFile, settleLogFile } from './log-file.ts';

const usualLimits: LogLimits = { maxBytes: 16 * 1_048_576, count: 1 };

/** @param echo called for warnings and errors, for the terminal of a headless node. */
export function createFileLog(
  path: string,
  echo: (line: string) => void,
  limits: LogLimits = usualLimits,
): Log & { close(): void } {
  const file = createLineFile(path, limits, (words) => echo(`warning: ${words}; what happens is not written down`));
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, file);
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
    close: file.close,
  };
}

/** Written at once, for the last words before a crash are those that matter. */
function createLineFile(path: string, { maxBytes, count }: LogLimits, failed: (words: string) => void) {
  let open: { readonly fd: number; size: number } | undefined;
  let lost = 0;

  function close(): void {
    if (open !== undefined) closeSync(open.fd);
    open = undefined;
  }

  function usable(bytes: number): { readonly fd: number; size: number } {
    if (open !== undefined && !isInPlace(open.fd, path, open.size)) close();
    if (open !== undefined && open.size > 0 && open.size + bytes > maxBytes) {
      close();
      rotateLogFile(path, count);
    }
    if (open === undefined) {
      const fd = openSync(path, logFileFlags, 0o600);
      try {
        open = { fd, size: settleLogFile(fd, path) };
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    }
    return open;
  }

  function append(line: Uint8Array): void {
    const file = usable(line.length);
    for (let at = 0; at < line.length; ) at += writeSync(file.fd, line, at);
    file.size += line.length;
  }

  return {
    write(line: string): void {
      try {
        const before =
          lost === 0
            ? ''
            : `${JSON.stringify({ level: 40, time: new Date().toISOString(), event: 'log lines were lost', count: lost })}\n`;
        append(Buffer.from(before + line));
        lost = 0;
      } catch (error) {
        close();
        if (lost === 0) failed(logFileWords(path, error));
        lost += 1;
      }
    },
    close,
  };
}

function brief(fields: Parameters<Log['info']>[1]): string {
  const shown = Object.entries(fields ?? {}).filter(([name, value]) => name !== 'stack' && value !== undefined);
  const text = shown.map(([name, value]) => `${name}: ${String(value)}`).join(', ');
  // An error may quote what a caller sent: on a terminal that must not be a command. The file escapes for itself.
  return shown.length === 0 ? '' : ` (${text.replace(/\p{Cc}|\p{Cf}/gu, '�')})`;
}
