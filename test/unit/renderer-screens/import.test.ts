// Importing files: every byte goes out once, in order, in chunks; failures and cancelling leave nothing running at the service.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { call } from '../../../src-renderer/api/client.ts';
import { NetworkFailure, ProblemFailure } from '../../../src-renderer/api/failures.ts';
import {
  chunkBytes,
  chunksOf,
  type ImportSource,
  importFile,
} from '../../../src-renderer/features/events/import-file.ts';
import { createImportStore } from '../../../src-renderer/features/events/import-store.ts';
import type { ProblemCode } from '../../../src-shared/contract/problems.ts';

const id = '00000000-0000-7000-8000-000000000001';
const atOnce = async () => {};

function fileOf(bytes: Uint8Array<ArrayBuffer>, name = 'auth.log'): ImportSource {
  return { name, size: bytes.length, slice: (from, to) => new Blob([bytes.slice(from, to)]) };
}

function createService(options: { readonly failAt?: number; readonly onChunk?: (offset: number) => void } = {}) {
  const received: number[] = [];
  const names: string[] = [];
  const started: Record<string, unknown>[] = [];
  const state = (extra: object = {}) => ({ id, bytes: received.length, records: 0, state: 'running', ...extra });
  const answer = async (name: string, input: Record<string, unknown>) => {
    names.push(name);
    switch (name) {
      case 'imports.start':
        started.push(input);
        return state();
      case 'imports.append': {
        const { offset, data } = input as { offset: number; data: Uint8Array };
        expect(offset).toBe(received.length);
        expect(data.length).toBeLessThanOrEqual(chunkBytes);
        options.onChunk?.(offset);
        if (offset === options.failAt) {
          const detail = 'this file is not a log that Gatehouse can read';
          throw new ProblemFailure({
            type: '',
            title: '',
            status: 422,
            code: 'events/import-format',
            detail,
            error: detail,
          });
        }
        for (const byte of data) received.push(byte);
        return state();
      }
      case 'imports.finish':
        return state({ state: 'finished' });
      default:
        return { ok: true };
    }
  };
  return { received, names, started, call: answer as unknown as typeof call };
}

describe('chunks', () => {
  it('cover any file without gap or overlap', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), fc.integer({ min: 1, max: 700 }), (size, length) => {
        const chunks = chunksOf(size, length);
        let at = 0;
        for (const { from, to } of chunks) {
          expect(from).toBe(at);
          expect(to - from).toBeGreaterThan(0);
          expect(to - from).toBeLessThanOrEqual(length);
          at = to;
        }
        expect(at).toBe(size);
      }),
    );
  });
});

describe('one file', () => {
  it('arrives byte for byte and is finished', async () => {
    const bytes = Uint8Array.from({ length: chunkBytes * 2 + 77 }, (_, at) => (at * 31) % 251);
    const service = createService();
    const progress: number[] = [];
    const hooks = {
      call: service.call,
      onProgress: (state: { bytes: number }) => progress.push(state.bytes),
      signal: new AbortController().signal,
      pause: atOnce,
    };
    const result = await importFile(fileOf(bytes), { format: 'auth', zone: 'Europe/Berlin' }, hooks);
    expect(result.state).toBe('finished');
    expect(Uint8Array.from(service.received)).toEqual(bytes);
    expect(progress).toEqual([0, chunkBytes, 2 * chunkBytes, bytes.length]);
    expect(service.started).toEqual([
      { name: 'auth.log', size_bytes: bytes.length, format: 'auth', zone: 'Europe/Berlin' },
    ]);
  });

  it('is cancelled at the service when the person stops it', async () => {
    const stop = new AbortController();
    const service = createService({ onChunk: (offset) => offset === chunkBytes && stop.abort() });
    const bytes = new Uint8Array(chunkBytes * 3);
    const result = await importFile(
      fileOf(bytes),
      {},
      { call: service.call, onProgress: () => {}, signal: stop.signal, pause: atOnce },
    );
    expect(result.state).toBe('cancelled');
    expect(service.names).toEqual(['imports.start', 'imports.append', 'imports.append', 'imports.cancel']);
  });

  it('that is cut while it is read is refused, not sent with a hole', async () => {
    const service = createService();
    const cut: ImportSource = { name: 'live.log', size: 100, slice: () => new Blob([new Uint8Array(60)]) };
    const hooks = { call: service.call, onProgress: () => {}, signal: new AbortController().signal, pause: atOnce };
    await expect(importFile(cut, {}, hooks)).rejects.toThrow(/changed while it was read/);
    expect(service.names).toEqual(['imports.start', 'imports.cancel']);
  });
});

describe('a console that does not answer', () => {
  const bytes = Uint8Array.from({ length: chunkBytes * 3 + 5 }, (_, at) => (at * 7) % 253);
  const refusal = (code: ProblemCode, status: number) =>
    new ProblemFailure({ type: '', title: '', status, code, detail: code, error: code });

  /** @param meddle runs before or after a call, by its place among all calls; what it throws is what comes back */
  function createMeddled(meddle: (place: number, name: string, isAfter: boolean) => void) {
    const service = createService();
    let place = 0;
    const interruptions: boolean[] = [];
    const pauses: number[] = [];
    const restarts: string[] = [];
    const answer = async (name: string, input: unknown) => {
      place += 1;
      const at = place;
      meddle(at, name, false);
      const given = await (service.call as unknown as (name: string, input: unknown) => Promise<unknown>)(name, input);
      meddle(at, name, true);
      return given;
    };
    const hooks = {
      call: answer as unknown as typeof call,
      onProgress: () => {},
      onInterrupted: (is: boolean) => interruptions.push(is),
      onRestart: () => {
        restarts.push('restart');
        service.received.length = 0;
      },
      pause: async (ms: number) => void pauses.push(ms),
      signal: new AbortController().signal,
    };
    return { service, hooks, interruptions, pauses, restarts };
  }

  it('is waited for ever more slowly, and sent on where it was', async () => {
    const { service, hooks, interruptions, pauses } = createMeddled((place, _, isAfter) => {
      if (isAfter) return;
      if (place === 3 || place === 4) throw new NetworkFailure('no answer');
      if (place === 5) throw refusal('console/stopping', 503);
    });
    expect((await importFile(fileOf(bytes), {}, hooks)).state).toBe('finished');
    expect(Uint8Array.from(service.received)).toEqual(bytes);
    expect(pauses).toEqual([1_000, 2_000, 4_000]);
    expect(interruptions).toEqual([true, true, true, false]);
    expect(service.names.filter((name) => name === 'imports.start')).toHaveLength(1);
  });

  it('was started anew: the file is read from its beginning', async () => {
    const { service, hooks, restarts } = createMeddled((place, name, isAfter) => {
      if (!isAfter && place === 3) throw new NetworkFailure('no answer');
      if (!isAfter && place === 4 && name === 'imports.append') throw refusal('events/import-not-found', 404);
    });
    expect((await importFile(fileOf(bytes), {}, hooks)).state).toBe('finished');
    expect(Uint8Array.from(service.received)).toEqual(bytes);
    expect(restarts).toEqual(['restart']);
  });

  it('is not waited for where it refuses, nor is an import begun again that somebody else ended', async () => {
    const { hooks, pauses, restarts } = createMeddled((place, _, isAfter) => {
      if (!isAfter && place === 3) throw refusal('events/import-not-found', 404);
    });
    await expect(importFile(fileOf(bytes), {}, hooks)).rejects.toThrow('events/import-not-found');
    expect([pauses, restarts]).toEqual([[], []]);
  });

  it('is given up after ten minutes, or at once when the person stops it', async () => {
    const never = () => {
      throw new NetworkFailure('no answer');
    };
    const { hooks, pauses } = createMeddled(never);
    await expect(importFile(fileOf(bytes), {}, hooks)).rejects.toThrow('no answer');
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(600_000);
    const stop = new AbortController();
    const second = createMeddled((place, _, isAfter) => {
      if (!isAfter && place > 2) never();
    });
    const pause = async () => stop.abort();
    const given = await importFile(fileOf(bytes), {}, { ...second.hooks, pause, signal: stop.signal });
    expect(given.state).toBe('cancelled');
  });
});

describe('several files', () => {
  it('go one after the other; one that fails stops none of the others and can be read differently', async () => {
    const service = createService({ failAt: 0 });
    let now = 0;
    const store = createImportStore({ pause: atOnce, call: service.call, now: () => (now += 5) });
    store.add([fileOf(new Uint8Array(10), 'a.bin'), fileOf(new Uint8Array(0), 'empty.log')]);
    await expect.poll(() => store.getState().jobs.map((job) => job.phase)).toEqual(['failed', 'finished']);
    expect(store.getState().jobs[0]?.failure).toBe('This file is not a log that Gatehouse can read.');
    store.again(1, { format: 'auth' });
    await expect.poll(() => store.getState().jobs[0]?.phase).toBe('failed');
    expect(service.started.at(-1)).toMatchObject({ name: 'a.bin', format: 'auth' });
    store.clearDone();
    expect(store.getState().jobs).toEqual([]);
  });

  it('that wait can be taken out', async () => {
    const service = createService();
    const store = createImportStore({ pause: atOnce, call: service.call, now: () => 0 });
    store.add([fileOf(new Uint8Array(10)), fileOf(new Uint8Array(10), 'later.log')]);
    store.cancel(2);
    await expect.poll(() => store.getState().jobs.map((job) => job.phase)).toEqual(['finished', 'cancelled']);
    expect(service.started).toHaveLength(1);
  });
});
