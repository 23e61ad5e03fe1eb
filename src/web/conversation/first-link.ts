import { cutText } from './text-pieces.ts';

/** The host of the link in a text that the server would look up, and the link; null where there is none. */
export function firstLinkIn(text: string): { readonly url: string; readonly host: string } | null {
  if (!text.includes('://')) return null;
  for (const piece of cutText(text)) {
    if (piece.kind !== 'link' || !/^https?:\/\//iu.test(piece.text)) continue;
    const { host, hostname } = new URL(piece.href);
    if (host !== location.host) return { url: piece.text, host: hostname.replace(/^www\./u, '') };
  }
  return null;
}
