import type { HistoryEvent } from '../../api/types';
import { plain } from '../../lib/ansi';
import { plural } from '../../lib/format';
import { details, type Model } from '../../run/model';

/** summary tells in a few words what an event says. */
export function summary(e: HistoryEvent, model: Model): string {
  const d = details(e);
  if (!d) return '';
  const s = (k: string): string => (typeof d[k] === 'string' ? (d[k] as string) : '');
  if (d.error || d.cause) return plain([s('error'), s('cause')].filter(Boolean).join(': ').replaceAll('\n', ' ').slice(0, 400));
  if (d.resource) return [s('resourceType'), s('resource')].filter(Boolean).join(' ');
  if (d.index !== undefined) return `item ${String(d.index)}`;
  if (d.length !== undefined) {
    // That of a distributed map is 0 whatever its items are.
    return model.steps[model.stepOf[e.id] ?? -1]?.mapRun ? '' : plural(Number(d.length), 'item');
  }
  return (s('output') || s('input')).slice(0, 200);
}
