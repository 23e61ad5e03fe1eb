import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

/** Takes the place of content that is not there, and says what to do. */
export function Notice({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="notice">
      <Icon name={icon} size={48} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      <Icon name="warning" size={20} />
      <span>{children}</span>
    </p>
  );
}
