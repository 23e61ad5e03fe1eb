import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useFreeFocus } from '../parts/free-focus.ts';

interface StepProps {
  readonly title: string;
  readonly text?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** One of several that a screen leads through. Its title takes the focus when the one before it is gone. */
export function Step({ title, text, children }: StepProps) {
  const id = useId();
  const heading = useFreeFocus<HTMLHeadingElement>();
  return (
    <section class="settings-block step" aria-labelledby={id}>
      <h2 id={id} class="step-title" ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {text !== undefined && <p class="soft">{text}</p>}
      {children}
    </section>
  );
}
