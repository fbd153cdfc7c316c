import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/chaos/**/*.test.ts'],
    setupFiles: ['reflect-metadata'],
    testTimeout: 400_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
