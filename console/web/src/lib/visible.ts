/** How long a hidden tab keeps its connections, in milliseconds. */
export const hiddenGrace = 5000;

/**
 * whileSeen calls start when the tab is seen, at once or later, and stop when it was
 * hidden for a while; then start again. Browsers allow six connections to one host:
 * tabs in the background must not keep any, or the seventh tab waits forever. The
 * returned function ends it, with stop where start was called.
 */
export function whileSeen(start: () => void, stop: () => void): () => void {
  let on = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const off = (): void => {
    if (!on) return;
    on = false;
    stop();
  };
  const look = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') timer = setTimeout(off, hiddenGrace);
    else if (!on) {
      on = true;
      start();
    }
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearTimeout(timer);
    off();
  };
}
