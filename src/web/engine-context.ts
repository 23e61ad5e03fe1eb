import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Engine } from './engine/engine.ts';

export const EngineContext = createContext<Engine | null>(null);

export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (engine === null) throw new Error('screens live inside EngineContext');
  return engine;
}
