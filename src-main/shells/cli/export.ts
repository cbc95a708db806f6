// `gatehouse audit export`: a signed bundle from a running console, with files attached, however large it becomes.
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import type { BundleExtra, BundleState, Redaction, SealedBundle } from '../../../src-shared/contract/bundles.ts';
import { writeParts } from '../../adapters/files/part-file.ts';
import { reasonOf } from '../../base/file-words.ts';
import { type Client, createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { spokenDigest } from './spoken.ts';
import { findTarget, type TargetFlags } from './target.ts';

const chunkBytes = 1024 * 1024;
const askedEveryMs = 200;

export type ExportFlags = TargetFlags & {
  readonly out: string;
  readonly from?: number;
  readonly to?: number;
  readonly since?: string;
  readonly until?: string;
  readonly eventType?: string;
  readonly actor?: string;
  readonly session?: string;
  readonly about?: string;
  readonly incident?: string;
  readonly framework?: string;
  readonly control?: string;
  readonly reason?: string;
  readonly redact?: Redaction;
  readonly attach: readonly string[];
  readonly pdf?: boolean;
  readonly withKey?: boolean;
  readonly withVerifier?: boolean;
  readonly force?: boolean;
};

export async function exportBundle(flags: ExportFlags): Promise<void> {
  requirePlace(flags.out, flags.force === true);
  if (flags.from !== undefined && flags.to !== undefined && flags.from > flags.to)
    throw misuse(`--from ${flags.from} comes after --to ${flags.to}`);
  const files = flags.attach.map((path) => ({ name: basename(path).toWellFormed(), data: readAttachment(path) }));
  const twice = files.find(({ name }, index) => files.findIndex((other) => other.name === name) < index);
  if (twice !== undefined)
    throw misuse(`${twice.name} is attached twice; files stand in a bundle under their names alone: rename one`);
  using client = createClient(findTarget(flags, process.env));
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const { id } = await client.call('bundles.start', { ...selectionOf(flags), include: includedBy(flags) });
    try {
      for (const { name, data } of files) await attach(client, id, name, data);
      await client.call('bundles.seal', { id });
      const sealed = await sealing(client, id, stop.signal);
      await save(client, id, flags.out, stop.signal);
      summarise(sealed);
    } finally {
      // What was fetched is done with; what failed or was stopped is given up.
      await client.call('bundles.discard', { id }).catch(() => undefined);
    }
  } catch (error) {
    if (stop.signal.aborted) throw new CommandFailure('stopped; nothing was written', { exitCode: 130 });
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** Before anything is asked of the console: a bundle that is sealed leaves its entry, whether or not it can be written down here. */
function requirePlace(path: string, overwrite: boolean): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) throw misuse(`${path} is a folder; name a file`);
  if (there !== undefined && !overwrite) throw misuse(`${path} exists already`, 'choose another name, or say --force');
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw new CommandFailure(`cannot write to ${dirname(path)}: ${reasonOf(cause)}`, { cause, exitCode: 2 });
  }
}

function misuse(message: string, hint?: string): CommandFailure {
  return new CommandFailure(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) });
}

function selectionOf(flags: ExportFlags) {
  const [type, id, ...rest] = flags.about?.split('/') ?? [];
  if (flags.about !== undefined && (type === '' || rest.length > 0)) {
    throw misuse(`--about ${flags.about}: expected a type, or a type and an id such as alert/0199a…`);
  }
  if (flags.about !== undefined && flags.incident !== undefined) {
    throw new CommandFailure('--incident says already what the entries are about; leave out --about', { exitCode: 2 });
  }
  if (flags.control !== undefined && flags.framework === undefined) {
    throw new CommandFailure(`--control ${flags.control}: of which framework?`, {
      hint: 'say for example --framework soc2; gatehouse audit frameworks lists them',
      exitCode: 2,
    });
  }
  return {
    ...(flags.from === undefined ? {} : { from_seq: flags.from }),
    ...(flags.to === undefined ? {} : { to_seq: flags.to }),
    ...(flags.since === undefined ? {} : { since: flags.since }),
    ...(flags.until === undefined ? {} : { until: flags.until }),
    ...(flags.eventType === undefined ? {} : { event_type: flags.eventType }),
    ...(flags.actor === undefined ? {} : { actor: flags.actor }),
    ...(flags.session === undefined ? {} : { session_id: flags.session }),
    ...(type === undefined ? {} : { resource_type: type }),
    ...(id === undefined ? {} : { resource_id: id }),
    ...(flags.incident === undefined ? {} : { incident: flags.incident }),
    ...(flags.framework === undefined ? {} : { framework: flags.framework }),
    ...(flags.control === undefined ? {} : { control: flags.control }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.redact === undefined ? {} : { redact: flags.redact }),
  };
}

function includedBy({ pdf, withKey, withVerifier }: ExportFlags): BundleExtra[] {
  return [
    ...(pdf === true ? (['pdf'] as const) : []),
    ...(withKey === true ? (['public_key'] as const) : []),
    ...(withVerifier === true ? (['verifier'] as const) : []),
  ];
}

function readAttachment(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(readFileSync(path));
  } catch (cause) {
    const why = reasonOf(cause);
    throw new CommandFailure(`cannot read ${path}: ${why}`, { cause, exitCode: 2 });
  }
}

async function attach(client: Client, id: string, name: string, data: Uint8Array<ArrayBuffer>): Promise<void> {
  let offset = 0;
  do {
    await client.call('bundles.attach', { id, name, offset, data: data.subarray(offset, offset + chunkBytes) });
    offset += chunkBytes;
  } while (offset < data.length);
}

async function sealing(client: Client, id: string, signal: AbortSignal): Promise<SealedBundle> {
  using bar = progressBar();
  for (;;) {
    const state = await client.call('bundles.state', { id });
    bar.show(state);
    if (state.bundle !== null) return state.bundle;
    if (state.state === 'failed') throw new CommandFailure(state.error ?? 'the bundle could not be sealed');
    await wait(askedEveryMs, undefined, { signal });
  }
}

async function save(client: Client, id: string, path: string, signal: AbortSignal): Promise<void> {
  const { size, parts } = await client.download('bundles.fetch', { id }, signal);
  using bar = progressBar();
  await writeParts(
    path,
    counted(parts, (done) => bar.show({ phase: 'writing', done, total: size })),
  );
}

async function* counted(parts: AsyncIterable<Uint8Array>, tell: (done: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const part of parts) {
    yield part;
    done += part.length;
    tell(done);
  }
}

type Shown = Pick<BundleState, 'done' | 'total'> & { readonly phase: BundleState['phase'] | 'writing' };

function progressBar(): Disposable & { show(shown: Shown): void } {
  if (process.stderr.isTTY !== true) return { show: () => undefined, [Symbol.dispose]: () => undefined };
  const bar = new SingleBar(
    { format: '{phase}  {bar} {percentage} %  {eta_formatted} left', stream: process.stderr },
    Presets.shades_classic,
  );
  let phase: Shown['phase'] = null;
  return {
    show(shown) {
      if (shown.phase === null) return;
      if (shown.phase !== phase) bar.start(Math.max(shown.total, 1), 0, { phase: shown.phase.padEnd(9) });
      phase = shown.phase;
      bar.update(shown.done);
    },
    [Symbol.dispose]: () => bar.stop(),
  };
}

/** For whoever sits there: what is read out to the one who gets the file. */
function summarise({ entries, from_seq, to_seq, root_hash }: SealedBundle): void {
  if (process.stderr.isTTY !== true) return;
  process.stderr.write(`${entries} entries, #${from_seq} to #${to_seq}\nroot  ${spokenDigest(root_hash)}\n`);
}
