import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,features,contract,architecture}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    testTimeout: 20_000,
  },
});
