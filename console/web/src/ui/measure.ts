import { useLayoutEffect, useState, type RefObject } from 'react';

/** useWidth follows an element's width in pixels; 0 before it is shown. */
export function useWidth(ref: RefObject<HTMLElement | null>): number {
  return useSize(ref).width;
}

/** useSize follows an element's size in pixels. */
export function useSize(ref: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, set] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const el = ref.current;
    if (!el) return;
    const read = (): void => {
      const width = Math.round(el.clientWidth);
      const height = Math.round(el.clientHeight);
      set((now) => (now.width === width && now.height === height ? now : { width, height }));
    };
    read();
    const o = new ResizeObserver(read);
    o.observe(el);
    return () => o.disconnect();
  }, [ref]);
  return size;
}
