/** A Language is what an editor colours; code is any other with line numbers, text is prose. */
export type Language = 'json' | 'sql' | 'jsonata' | 'python' | 'javascript' | 'shell' | 'code' | 'text';

const byEnding = new Map<string, Language>(Object.entries<Language>({ json: 'json', sql: 'sql', py: 'python', js: 'javascript', mjs: 'javascript', cjs: 'javascript', ts: 'javascript', sh: 'shell', bootstrap: 'shell' }));

/** languageOf is the language of a file of code, by its name. */
export function languageOf(name: string): Language {
  return byEnding.get(name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1)) ?? 'code';
}
