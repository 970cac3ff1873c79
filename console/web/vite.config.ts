import { defineConfig } from 'vitest/config';
import react from '@vitejs/plugin-react';
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

// All assets together, compressed, must stay below this: the build fails beyond it.
const budget = 900_000;

const weigh = {
  name: 'weigh',
  apply: 'build' as const,
  closeBundle(): void {
    const dir = new URL('../dist/assets/', import.meta.url);
    const total = readdirSync(dir).reduce((n, f) => n + gzipSync(readFileSync(new URL(f, dir)), { level: 9 }).length, 0);
    if (total > budget) throw new Error(`the assets weigh ${total} bytes compressed; the budget is ${budget}`);
    console.log(`assets: ${total} of ${budget} bytes compressed`);
  },
};

// The build is embedded in the binary (console/dist): no source maps, no inlined
// assets (the content security policy allows 'self' only), names by content.
export default defineConfig({
  plugins: [react(), weigh],
  base: '/',
  server: { port: 4568, proxy: { '/api': { target: 'http://127.0.0.1:4567' } } },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: 'es2022',
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
