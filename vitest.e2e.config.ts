import { defineConfig } from 'vitest/config';

// The stories run one after the other: each owns a console process, a port and a browser.
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
