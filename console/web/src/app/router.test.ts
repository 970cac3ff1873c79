import { expect, test } from 'vitest';
import { match, segment, to } from './router';

test('patterns', () => {
  expect(match('/', '/')).toEqual({});
  expect(match('/machines', '/machines')).toEqual({});
  expect(match('/machines/:arn', '/machines/arn:aws:x')).toEqual({ arn: 'arn:aws:x' });
  expect(match('/machines/:arn', '/machines')).toBeNull();
  expect(match('/executions/*arn', '/executions/a:execution:m/Map:1')).toEqual({ arn: 'a:execution:m/Map:1' });
  expect(match('/objects/:bucket/*key', '/objects/b/a/c/')).toEqual({ bucket: 'b', key: 'a/c/' });
  expect(match('/objects/:bucket/*key', '/objects/b/a//c')).toEqual({ bucket: 'b', key: 'a//c' });
  expect(match('/objects/:bucket/*key', '/objects/b/a%20b/c')).toEqual({ bucket: 'b', key: 'a b/c' });
});

test('names with markup survive the address', () => {
  const name = '<img src=x onerror=1>?#%/';
  expect(match('/functions/:name', to.fn(name))).toEqual({ name });
  expect(segment('a:b')).toBe('a:b');
  const arn = 'arn:aws:states:us-east-1:1:mapRun:m/L:uuid';
  expect(match('/mapruns/*arn', to.mapRun(arn))).toEqual({ arn });
});
