import { type ComponentType, createElement, type VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Skeleton } from './skeleton.tsx';

/** A screen whose code is loaded when it is first shown; `meanwhile` stands in its place. `preload` hurries it. */
export function lazy<P extends object>(
  load: () => Promise<ComponentType<P>>,
  meanwhile: () => VNode = () => <Skeleton />,
): ((props: P) => VNode) & { preload: () => void } {
  let loading: Promise<ComponentType<P>> | null = null;
  let loaded: ComponentType<P> | null = null;
  const get = () => {
    loading ??= load().then((component) => {
      loaded = component;
      return component;
    });
    return loading;
  };
  function Lazy(props: P): VNode {
    const [, redraw] = useState(false);
    useEffect(() => {
      // Where it fails, `vite:preloadError` reloads the page into the version that has it.
      if (loaded === null)
        get().then(
          () => redraw(true),
          () => undefined,
        );
    }, []);
    return loaded === null ? meanwhile() : (createElement(loaded, props) as VNode);
  }
  return Object.assign(Lazy, {
    preload: () => {
      get().catch(() => {
        loading = null;
      });
    },
  });
}
