import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { 'nestjs-webhooks': new URL('./lib/index.ts', import.meta.url).pathname } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/chaos/**'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './scripts/closing-line-reporter.mjs'],
    setupFiles: ['reflect-metadata'],
    // Suites wait for databases and receivers more than they compute.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
