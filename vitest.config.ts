import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,features,contract,architecture}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    // What hangs is to fail; what is slow because the machine has other work is not.
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
