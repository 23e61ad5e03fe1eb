import { useEffect, useMemo } from 'preact/hooks';
import type { OpenConversation } from '../engine/engine.ts';
import type { MessageView } from './message-view.ts';

export interface Reading {
  view: MessageView | null;
  /** Looks what is in view and tells the engine. */
  current: (() => void) | null;
}

/** What stands wholly on screen in a visible window counts as read. */
export function useReading(open: OpenConversation): Reading {
  const reading = useMemo<Reading>(() => ({ view: null, current: null }), [open]);
  useEffect(() => {
    let told = 0;
    const look = () => {
      if (document.visibilityState !== 'visible' || reading.view === null) return;
      const seq = reading.view.lastSeenSeq();
      if (seq === null || seq <= told) return;
      told = seq;
      open.markRead(seq);
    };
    reading.current = look;
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      reading.current = null;
      document.removeEventListener('visibilitychange', look);
    };
  }, [open]);
  return reading;
}
