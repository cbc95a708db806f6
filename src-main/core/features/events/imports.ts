// Importing files: chunks in, records through intake, counts and bad lines out. Held in memory; what was taken in is durable,
// and importing the same file again adds only what is missing.
import type { ImportState, LogFormatChoice } from '../../../../src-shared/contract/events.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { formatNames } from '../../../../src-shared/log-formats.ts';
import { concatBytes } from '../../../base/bytes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import { isTimeZone } from '../../../base/time-zones.ts';
import { detectFormat } from '../../../engine/formats/detect.ts';
import type { CsvColumns, RecordReader, RecordResult } from '../../../engine/formats/format.ts';
import { createRecordReader } from '../../../engine/formats/record-reader.ts';
import { fileIdentity } from '../../../engine/record-id.ts';
import type { Host } from '../../ports.ts';
import type { EventItem } from './event-record.ts';
import { type Piece, UnpackError, type Unpacker } from './inflater.ts';
import type { Intake } from './intake.ts';
import { createUnpacker } from './unpack.ts';

const mostAtOnce = 16;
const forgottenAfterMs = 30 * 60_000;
const badLinesShown = 100;
/** How much of a file is looked at to tell its format, and the longest first line that identifies it. */
const sampleBytes = 65_536;

/** The import broke off; what it had taken in stays, and `state` counts it. `cause` is what to answer. */
export class ImportFailed extends Error {
  override readonly name = 'ImportFailed';
  readonly state: ImportState;

  constructor(state: ImportState, cause: unknown) {
    super('the import broke off', { cause });
    this.state = state;
  }
}

export type Imports = {
  start(
    workspace: string,
    input: {
      name: string;
      size_bytes?: number | undefined;
      format?: LogFormatChoice | undefined;
      zone?: string | undefined;
      columns?: CsvColumns | undefined;
    },
  ): ImportState;
  append(workspace: string, id: string, offset: number, data: Uint8Array): Promise<ImportState>;
  finish(workspace: string, id: string): Promise<ImportState>;
  /** The bad lines of a state as they stand in the file, as far as it is kept; undefined for those that no text has. */
  refusedTexts(state: ImportState): readonly (string | undefined)[];
  /** After what is being taken in; @throws ProblemError events/import-not-found when that was the end of it. */
  cancel(workspace: string, id: string): Promise<ImportState>;
};

type Running = {
  readonly workspace: string;
  readonly zone: string | undefined;
  readonly columns: CsvColumns | undefined;
  readonly choice: LogFormatChoice;
  state: ImportState;
  /** Settles with the work under way. */
  busy: Promise<unknown> | undefined;
  touchedAt: number;
  readonly unpacker: Unpacker;
  reader: RecordReader | undefined;
  /** The file of an archive that is being read. */
  inner: string | undefined;
  /** That file is no log. */
  passedOver: boolean;
  format: string;
  /** Bytes kept back until format and first line are clear. */
  held: Uint8Array[];
  heldLength: number;
};

/** @param consoleZone of log lines that name none, where the import doesn't say. */
export function createImports(host: Host, intake: Intake, consoleZone?: string): Imports {
  /** By the bad lines of a state, which every later state has too until there are more. */
  const texts = new WeakMap<ImportState['bad_lines'], (string | undefined)[]>();
  const running = new Map<string, Running>();

  function find(workspace: string, id: string): Running {
    const found = running.get(id);
    if (found === undefined || found.workspace !== workspace) {
      throw new ProblemError(
        'events/import-not-found',
        'no such import is running; start it again, nothing is taken in twice',
      );
    }
    return found;
  }

  /** Forgets imports that nobody goes on with. @throws ProblemError when there are too many all the same. */
  function makeRoom(now: number): void {
    for (const [id, item] of running) if (now - item.touchedAt > forgottenAfterMs) drop(id, item);
    if (running.size >= mostAtOnce) {
      throw new ProblemError('request/invalid', `${mostAtOnce} imports are running already; finish or cancel one`);
    }
  }

  function drop(id: string, item: Running): void {
    item.unpacker.destroy();
    running.delete(id);
  }

  async function exclusively<T>(item: Running, work: () => Promise<T>): Promise<T> {
    if (item.busy !== undefined)
      throw new ProblemError('events/import-offset', 'the chunk before is still being taken in; send one at a time');
    const under = work();
    item.busy = under.catch(() => undefined);
    try {
      return await under;
    } finally {
      item.busy = undefined;
      item.touchedAt = host.clock.now();
    }
  }

  async function take(item: Running, results: readonly RecordResult[]): Promise<void> {
    const items: EventItem[] = results.map((result) =>
      result.kind === 'event'
        ? { kind: 'event', event: result.event, format: item.format }
        : { kind: 'rejected', reason: result.reason },
    );
    const taken = await intake.take(item.workspace, items);
    const bad = [...item.state.bad_lines];
    const badTexts = [...(texts.get(item.state.bad_lines) ?? [])];
    texts.set(bad, badTexts);
    let accepted = 0;
    let duplicates = 0;
    let rejected = 0;
    for (const [index, outcome] of taken.results.entries()) {
      if (outcome.status === 'accepted') accepted += 1;
      else if (outcome.status === 'duplicate') duplicates += 1;
      else {
        rejected += 1;
        if (bad.length >= badLinesShown) continue;
        bad.push({ line: results[index]?.line ?? 0, reason: withFile(item, outcome.reason) });
        badTexts.push(results[index]?.text);
      }
    }
    item.state = {
      ...item.state,
      records: item.state.records + results.length,
      accepted: item.state.accepted + accepted,
      duplicates: item.state.duplicates + duplicates,
      rejected: item.state.rejected + rejected,
      alerts: item.state.alerts + taken.alerts,
      bad_lines: bad,
    };
  }

  /** Each piece is too small for intake to make a pause in it, but there may be a thousand. */
  async function feedAll(item: Running, pieces: AsyncIterable<Piece>): Promise<void> {
    for await (const piece of pieces) {
      if (piece.kind === 'bytes') await feed(item, piece.bytes);
      else {
        await endFile(item);
        item.inner = piece.name;
      }
      await host.timers.breathe();
    }
  }

  async function feed(item: Running, plain: Uint8Array): Promise<void> {
    if (item.passedOver) return;
    if (item.reader === undefined) {
      item.held.push(plain.slice());
      item.heldLength += plain.byteLength;
      if (item.heldLength < sampleBytes) return;
      await begin(item);
      return;
    }
    await take(item, item.reader.push(plain));
  }

  /** Format and identity are clear, or the file is over: makes the reader and gives it what was held back. */
  async function begin(item: Running): Promise<void> {
    const start = concatBytes(...item.held);
    item.held = [];
    item.heldLength = 0;
    const format = item.choice === 'auto' ? detectFormat(start.subarray(0, sampleBytes)) : item.choice;
    if (format === 'binary' || format === 'unknown') {
      const reason =
        format === 'binary'
          ? 'is not a text log: it holds binary data'
          : `has a format that Gatehouse does not know; say which it is with format (${formatNames.join(', ')})`;
      if (item.inner === undefined)
        throw new ProblemError('events/import-format', `${item.state.name} ${reason}; nothing was taken in`);
      // An archive may hold a picture beside the logs.
      item.passedOver = true;
      await take(item, [{ kind: 'rejected', line: 0, record: 0, offset: 0, reason }]);
      return;
    }
    item.format = format;
    item.state = { ...item.state, format: item.state.format ?? format };
    item.reader = createRecordReader(format, {
      fileIdentity: fileIdentity(firstLine(start)),
      referenceTimeMs: host.clock.now(),
      keepRefused: true,
      ...(item.zone === undefined ? {} : { zone: item.zone }),
      ...(item.columns === undefined ? {} : { columns: item.columns }),
    });
    await take(item, item.reader.push(start));
  }

  async function endFile(item: Running): Promise<void> {
    if (item.reader === undefined && item.heldLength > 0) await begin(item);
    if (item.reader !== undefined) await take(item, item.reader.end());
    item.reader = undefined;
    item.passedOver = false;
  }

  function broken(state: ImportState): ImportState {
    return { ...state, state: 'cancelled', finished_at: instant(host.clock.now()) };
  }

  return {
    start(workspace, input) {
      const now = host.clock.now();
      makeRoom(now);
      if (input.zone !== undefined) checkZone(input.zone);
      const id = uuidV7(now, host.random.bytes(10));
      const state: ImportState = {
        id,
        name: input.name,
        format: null,
        size_bytes: input.size_bytes ?? null,
        bytes: 0,
        records: 0,
        accepted: 0,
        duplicates: 0,
        rejected: 0,
        alerts: 0,
        bad_lines: [],
        state: 'running',
        started_at: instant(now),
        finished_at: null,
      };
      running.set(id, {
        workspace,
        zone: input.zone ?? consoleZone,
        columns: input.columns,
        choice: input.format ?? 'auto',
        state,
        busy: undefined,
        touchedAt: now,
        unpacker: createUnpacker(),
        reader: undefined,
        inner: undefined,
        passedOver: false,
        format: '',
        held: [],
        heldLength: 0,
      });
      return state;
    },

    async append(workspace, id, offset, data) {
      const item = find(workspace, id);
      return exclusively(item, async () => {
        // A chunk whose answer got lost is sent again: it is already in.
        if (offset + data.byteLength === item.state.bytes && data.byteLength > 0) return item.state;
        if (offset !== item.state.bytes) {
          throw new ProblemError(
            'events/import-offset',
            `expected the chunk at byte ${item.state.bytes}, not ${offset}`,
          );
        }
        try {
          await feedAll(item, item.unpacker.push(data));
        } catch (error) {
          drop(id, item);
          throw new ImportFailed(broken(item.state), unpackProblem(error, item.state.name));
        }
        item.state = { ...item.state, bytes: item.state.bytes + data.byteLength };
        return item.state;
      });
    },

    async finish(workspace, id) {
      const item = find(workspace, id);
      return exclusively(item, async () => {
        try {
          await feedAll(item, item.unpacker.end());
          await endFile(item);
        } catch (error) {
          throw new ImportFailed(broken(item.state), unpackProblem(error, item.state.name));
        } finally {
          drop(id, item);
        }
        return { ...item.state, state: 'finished', finished_at: instant(host.clock.now()) };
      });
    },

    refusedTexts: ({ bad_lines }) => texts.get(bad_lines) ?? [],

    async cancel(workspace, id) {
      await find(workspace, id).busy;
      // What was waited for may have been the end.
      const item = find(workspace, id);
      drop(id, item);
      return { ...item.state, state: 'cancelled', finished_at: instant(host.clock.now()) };
    },
  };
}

function withFile({ inner }: Running, reason: string): string {
  return inner === undefined ? reason : `${inner}: ${reason}`;
}

function firstLine(start: Uint8Array): Uint8Array {
  let from = 0;
  while (from < start.length && (start[from] === 10 || start[from] === 13)) from += 1;
  const end = start.indexOf(10, from);
  return start.subarray(from, end < 0 ? start.length : end);
}

/** @throws ProblemError request/invalid */
export function checkZone(zone: string): void {
  if (isTimeZone(zone)) return;
  throw new ProblemError(
    'request/invalid',
    `zone: ${zone} is not a time zone; expected a name such as Europe/Berlin or an offset such as +02:00`,
  );
}

function unpackProblem(error: unknown, name: string): unknown {
  return error instanceof UnpackError
    ? new ProblemError('events/import-format', `${name}: ${error.message}; what came before stays`, { cause: error })
    : error;
}
