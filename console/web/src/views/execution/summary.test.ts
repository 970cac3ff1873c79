import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../api/types';
import { build } from '../../run/model';
import { summary } from './summary';

const map = (length: number, more: HistoryEvent[]): HistoryEvent[] => [
  { id: 1, previousEventId: 0, type: 'ExecutionStarted', timestamp: 1 },
  { id: 2, previousEventId: 0, type: 'MapStateEntered', timestamp: 1, stateEnteredEventDetails: { name: 'M' } },
  { id: 3, previousEventId: 2, type: 'MapStateStarted', timestamp: 1, mapStateStartedEventDetails: { length } },
  ...more,
];

test('a Map tells its items where the event has their number', () => {
  const run: HistoryEvent = { id: 4, previousEventId: 3, type: 'MapRunStarted', timestamp: 1, mapRunStartedEventDetails: { mapRunArn: 'arn:run' } };
  for (const [events, want] of [[map(0, []), '0 items'], [map(1, []), '1 item'], [map(0, [run]), '']] as const) {
    expect(summary(events[2]!, build(events as HistoryEvent[]))).toBe(want);
  }
});
