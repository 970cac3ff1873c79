import { defineConfig } from 'vitest/config';
import react from '@vitejs/plugin-react';

// The build is embedded in the binary (console/dist): no source maps, no inlined
// assets (the content security policy allows 'self' only), names by content.
export default defineConfig({
  plugins: [react()],
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
