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

// What the browser needs for each view, for the server to name in the page
// (console/firstpage.go): the routes are read from where they stand.
const table = {
  name: 'routes',
  enforce: 'post' as const, // once chunks of styles alone are gone
  apply: 'build' as const,
  generateBundle(this: { emitFile(f: { type: 'asset'; fileName: string; source: string }): void }, _: unknown, bundle: Record<string, Output>): void {
    const text = readFileSync(new URL('src/app/pages.ts', import.meta.url), 'utf8');
    const chunks = Object.values(bundle).filter((c) => c.type === 'chunk');
    const byFile = new Map(chunks.map((c) => [c.fileName, c]));
    const collect = (c: Output, into: Set<Output>): Set<Output> => {
      if (!into.has(c)) {
        into.add(c);
        for (const f of c.imports ?? []) if (byFile.has(f)) collect(byFile.get(f)!, into);
      }
      return into;
    };
    const entry = collect(chunks.find((c) => c.isEntry)!, new Set());
    const routes = [...text.matchAll(/pattern: '([^']+)'.*import\('\.\.\/([^']+)'\)/g)].map(([, pattern, module]) => {
      const chunk = chunks.find((c) => c.facadeModuleId?.includes(`/src/${module}.`));
      if (!chunk) throw new Error(`there is no chunk of ${module}`);
      const needs = [...collect(chunk, new Set())].filter((c) => !entry.has(c));
      return { pattern, scripts: needs.map((c) => `/${c.fileName}`), styles: [...new Set(needs.flatMap((c) => [...(c.viteMetadata?.importedCss ?? [])]))].map((f) => `/${f}`) };
    });
    if (routes.length < 10) throw new Error('src/app/pages.ts is not as vite.config.ts reads it');
    this.emitFile({ type: 'asset', fileName: 'routes.json', source: `${JSON.stringify(routes, null, 1)}\n` });
  },
};

interface Output {
  type: string;
  fileName: string;
  isEntry?: boolean;
  facadeModuleId?: string | null;
  imports?: string[];
  viteMetadata?: { importedCss: Set<string> };
}

// The build is embedded in the binary (console/dist): no source maps, no inlined
// assets (the content security policy allows 'self' only), names by content.
export default defineConfig({
  plugins: [react(), table, weigh],
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
