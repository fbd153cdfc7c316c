import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/chaos/**/*.test.ts'],
    setupFiles: ['reflect-metadata'],
    testTimeout: 280_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
