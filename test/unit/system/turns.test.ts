// Turns of the event loop: whoever breathes gets one of their own, and work is as long as a turn may be.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemTimers } from '../../../src-main/adapters/system/host-parts.ts';
import { createPace, createSliceSize } from '../../../src-main/core/pace.ts';

it('wakes those who breathe one in a turn, in the order they came', async () => {
  const log: string[] = [];
  let turn = 0;
  let done = false;
  const count = (async () => {
    while (!done) {
      await nextTurn();
      turn += 1;
    }
  })();
  async function work(name: string): Promise<void> {
    for (let slice = 0; slice < 3; slice++) {
      await systemTimers.breathe();
      log.push(`${name} ${turn}`);
    }
  }
  await Promise.all([work('a'), work('b'), work('c')]);
  done = true;
  await count;
  expect(log.map((line) => line[0])).toEqual([...'abcabcabc']);
  const turns = log.map((line) => Number(line.slice(2)));
  expect(new Set(turns).size).toBe(turns.length);
});

it('lets others run when a turn is over, by the work done and not by the steps', async () => {
  let worked = 0;
  let breaths = 0;
  const pace = createPace({
    stopwatch: { elapsed: () => 0, worked: () => worked },
    timers: {
      ...systemTimers,
      async breathe() {
        breaths += 1;
      },
    },
  });
  for (let step = 0; step < 100; step++) {
    await pace.step();
    worked += 1;
  }
  expect(breaths).toBeGreaterThanOrEqual(10);
  expect(breaths).toBeLessThanOrEqual(13);
});

it('learns how many fit a turn, and stays within its bounds', () => {
  const size = createSliceSize(16, 250);
  for (let round = 0; round < 20; round++) size.took(size.now(), size.now() * 0.1);
  expect(size.now()).toBeGreaterThanOrEqual(75);
  expect(size.now()).toBeLessThanOrEqual(85);
  for (let round = 0; round < 20; round++) size.took(size.now(), size.now() * 50);
  expect(size.now()).toBe(16);
  for (let round = 0; round < 20; round++) size.took(size.now(), 0);
  expect(size.now()).toBe(250);
  size.took(0, 100);
  expect(size.now()).toBe(250);
});
