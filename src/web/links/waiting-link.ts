/**
 * The link into a group that somebody opened before they signed in: they come back to it whichever way in they take. Kept
 * for as long as the tab is open; forgotten where the browser keeps nothing.
 */
const name = 'messenger.group-link';

export function keepLink(secret: string): void {
  try {
    sessionStorage.setItem(name, secret);
  } catch {
    // Then they open the link again.
  }
}

/** Answers it once. */
export function takeLink(): string | null {
  try {
    const secret = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return secret;
  } catch {
    return null;
  }
}
