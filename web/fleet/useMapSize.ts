import { useEffect, useRef, useState } from 'react';

/** How wide the map may be: as wide as what it stands in, also when that changes. */
export function useMapSize(): { readonly width: number; readonly box: React.RefObject<HTMLDivElement | null> } {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const resize = new ResizeObserver(() => setWidth(element.clientWidth));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);
  return { width, box };
}
