import './skeleton.css';
import { words } from '../i18n/language.ts';

/** Stands where content will be; appears only when waiting is long enough to be noticed. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  return (
    <div class="skeleton late" role="status" aria-label={words().common.loading}>
      {Array.from({ length: rows }, (_, index) => (
        <div class="skeleton-row" key={index}>
          <span class="skeleton-dot" />
          <span class="skeleton-lines">
            <span />
            <span />
          </span>
        </div>
      ))}
    </div>
  );
}
