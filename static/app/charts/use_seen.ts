/** Whether an element has come into view: what nobody scrolls to need not be drawn. */

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Drawn a little before it is seen. */
const AHEAD = "200px";

/** False until `element` is, or nearly is, on the screen; then true for good. */
export function useSeen(element: RefObject<Element>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      setSeen(true);
    }, { rootMargin: AHEAD });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return isSeen;
}
