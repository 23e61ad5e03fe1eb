import { words } from '../i18n/language.ts';

const shapes = ['theirs w60', 'theirs w40', 'mine w70', 'theirs w80', 'mine w50', 'mine w30'];

export function MessagesSkeleton() {
  return (
    <div class="messages-skeleton late" role="status" aria-label={words().common.loading}>
      {shapes.map((shape) => (
        <span class={shape} key={shape} />
      ))}
    </div>
  );
}
