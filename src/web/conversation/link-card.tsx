import './link-card.css';
import type { LinkPreview } from '../../protocol/models.ts';

/** What a link leads to. The whole card is the link. */
export function LinkCard({ preview, reachable }: { preview: LinkPreview; reachable: boolean }) {
  const { url, site, title, description } = preview;
  return (
    <a class="link-card" href={url} target="_blank" rel="noopener noreferrer nofollow" tabIndex={reachable ? 0 : -1}>
      <bdi class="link-card-site cut">{site}</bdi>
      <span class="link-card-title" dir="auto">
        {title}
      </span>
      {description !== '' && (
        <span class="link-card-text" dir="auto">
          {description}
        </span>
      )}
    </a>
  );
}
