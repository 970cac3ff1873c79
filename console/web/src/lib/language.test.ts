import { expect, test } from 'vitest';
import { languageOf } from './language';

test('languages by names of files', () => {
  expect(['f.py', 'a.b/index.mjs', 'data.json', 'q/refresh.sql', 'bootstrap', 'bin/bootstrap', 'go.mod', 'Makefile', 'constructor'].map(languageOf)).toEqual(['python', 'javascript', 'json', 'sql', 'shell', 'shell', 'code', 'code', 'code']);
});
