import type { ComponentChildren } from 'preact';
import { words } from '../i18n/language.ts';
import { goBack } from '../routing/navigation.ts';
import { useFreeFocus } from './free-focus.ts';
import { Icon } from './icon.tsx';

/** The top of a screen: the way back, its title, its actions. The title takes the focus when the screen is arrived at. */
export function Bar({ title, above, children }: { title: string; above: string | null; children?: ComponentChildren }) {
  const heading = useFreeFocus<HTMLHeadingElement>();
  return (
    <header class="bar">
      {above !== null && <BackButton above={above} />}
      <h1 class="bar-title cut" ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </header>
  );
}

export function BackButton({ above }: { above: string }) {
  return (
    <button type="button" class="icon-button" aria-label={words().common.back} onClick={() => goBack(above)}>
      <Icon name="back" />
    </button>
  );
}
